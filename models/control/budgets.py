"""What follows from budgets: what is told, what stops and goes on, who is heard, and the turn of the month.

    (no limit) ⇄ goes on → stopped, one kind after the other → goes on: raised, another order, or the month has turned

What has stopped stays so until then, or until much of its money is free again: nobody is told of a flicker. Each step
is one conditional update of the budget's row, and whoever changed it tells. A channel whose hearing has stopped
`hears` no more: its subscriptions go, and nothing is read for it; what is said meanwhile is not read back, as that
would cost what was saved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import budgets as reckoning
from engine.budgets import Month, Pays
from engine.x import prices
from engine.x.events import id_at
from engine.x.prices import Billed
from models import aside
from models.accounts import admins, channels, choices, limits
from models.accounts.channels import FROM_WHERE_HEARD, Channel
from models.accounts.limits import Limited
from models.costs import budgets, ledger
from models.costs.budgets import NOBODY, SERVICE, Budget, Key
from models.costs.ledger import Charge
from models.database import EPOCH, as_tuples, transaction
from models.notifications import notices
from models.notifications.kinds_of_budgets import BudgetGoesOn, BudgetUsed
from models.publishing import billed
from models.watching import wanted

DAY = timedelta(days=1)
MARGIN = 50  # a fiftieth of a day: about what is still brought while subscriptions go
HEARD = (
    Billed.MENTION,
    Billed.REPLY,
    Billed.DM,
    Billed.WATCHED,
    Billed.LOOKED_AT,
    Billed.PERSON,
    Billed.LIST,
    Billed.OWNED,
)
REPOSTED = (Billed.REPOST, Billed.ANSWER, Billed.MESSAGE)


# --- what people choose --------------------------------------------------------------------------------------------


def set_most(key: Key, most: int | None, now: datetime) -> None:
    """Micro-dollars a month from now on, or no limit. What fits goes on at once; what does not is told by the clock."""
    with transaction():
        Budget.insert(channel_id=key[0], person_id=key[1]).on_conflict_ignore().execute()
        row = budgets.taken(key)
        assert row is not None  # made just now, and taken
        values: dict[str, Any] = {"most": most, "waits": False}
        if not row.begins <= now < row.ends:
            values |= _begins(month_of(key, now))
        _change(key, values, now)


def set_order(key: Key, order: Sequence[Pays], now: datetime) -> None:
    """What stops first comes first."""
    with transaction():
        Budget.insert(channel_id=key[0], person_id=key[1]).on_conflict_ignore().execute()
        budgets.taken(key)
        _change(key, {"stop_order": ",".join(order)}, now)


def wait(key: Key) -> bool:
    """Whoever may raise it waits for the next month; False where nothing has stopped, or they wait already."""
    there = budgets.is_of(key) & (Budget.stopped != "") & ~Budget.waits
    return bool(Budget.update(waits=True).where(there).execute())


@dataclass(frozen=True, slots=True)
class BudgetBefore:
    """What a channel might spend, and what stopped first, for `models/undoing.py`."""

    most: int | None
    stop_order: str


def before(channel_id: int) -> BudgetBefore:
    """As it is now."""
    row = budgets.of((channel_id, NOBODY))
    return BudgetBefore(row.most if row else None, row.stop_order if row else "")


def restore(channel_id: int, was: BudgetBefore, now: datetime) -> None:
    """As it was; what is spent is spent."""
    set_most((channel_id, NOBODY), was.most, now)
    set_order((channel_id, NOBODY), reckoning.order_of(was.stop_order)[:-1], now)


def none_yet(key: Key, now: datetime) -> Budget:
    """A budget that nobody has set, to be shown."""
    month = month_of(key, now)
    return Budget(channel_id=key[0], person_id=key[1], begins=month.begins, ends=month.ends)


def month_of(key: Key, now: datetime) -> Month:
    """The month of its zone in which an instant lies: a channel's own, else UTC."""
    return reckoning.month_of(now, choices.zone_of(key[0]) if key[0] else ZoneInfo("UTC"))


def rezone(channel_id: int, now: datetime) -> None:
    """The channel's zone is another: so are its midnights. Call it in the transaction of the choice."""
    row = budgets.taken((channel_id, NOBODY))
    if row is not None and row.begins <= now < row.ends:
        _change(row.key, _begins(month_of(row.key, now)), now)


# --- the clock -----------------------------------------------------------------------------------------------------


def look(now: datetime) -> int:
    """For a clock: turn the months that are over, and tell what has changed of those for which something was billed."""
    rows = budgets.limited()
    if not rows and not Channel.select().where(~Channel.hears).exists():
        return 0
    over = [row.key for row in rows if not row.begins <= now < row.ends]
    aside.piecewise(over, lambda keys: _each(keys, turn, now))
    billed = {int(c) for (c,) in as_tuples(Charge.select(Charge.channel).distinct())}
    if billed:
        owners = {int(p) for (p,) in as_tuples(Channel.select(Channel.owner_id).where(Channel.id.in_(list(billed))))}
        touched = [r.key for r in rows if r.channel_id in billed or r.person_id in owners or r.key == SERVICE]
        aside.piecewise(touched, lambda keys: _each(keys, check, now))
    return hear(now)


def limit_people(now: datetime) -> None:
    """What people may spend (models/accounts/limits.py) is a budget of each who owns a channel."""
    budgets.forget_lapsed(now)
    owners = Channel.select(Channel.owner_id).where(Channel.connected).distinct()
    known = {row.person_id: row.most for row in Budget.select().where(Budget.person_id != NOBODY)}
    for (person_id,) in as_tuples(owners):
        most = limits.of(person_id)[Limited.MONEY].most
        if most != known.get(person_id):
            set_most((NOBODY, int(person_id)), most, now)


def check(key: Key, now: datetime) -> None:
    """Tell the next step of a budget, and what has stopped with it, by one update."""
    with transaction():
        row = budgets.taken(key)
        if row is None or row.most is None or not row.begins <= now < row.ends:
            return
        budgets.fold(row, now)
        spent = budgets.used(row, now).spent
        how = (row.order, row.kept, prices_of(row, now))
        now_gone = reckoning.stopped(row.most - spent, *how)
        gone = now_gone | reckoning.still_stopped(row.gone, row.most - spent, row.most, *how)
        step = reckoning.step_of(spent, row.most, now_gone)
        if step <= row.told and gone == row.gone:
            return
        newly = tuple(pays.value for pays in row.order if pays in gone - row.gone)
        again = tuple(pays.value for pays in row.order if pays in row.gone - gone)
        if not _update(row, told=max(step, row.told), stopped=_written(row.order, gone)):
            return
        if again:
            _tell(key, BudgetGoesOn(key[1], spent, row.most, row.ends, now, again), now, everybody=True)
            billed.wake(key, now)
        if newly or step > row.told:
            told = BudgetUsed(key[1], spent, row.most, row.ends, now, step if step > row.told else 0, newly)
            _tell(key, told, now, everybody=bool(newly))


def turn(key: Key, now: datetime) -> None:
    """A month is over: what had stopped goes on, and whoever was told that is told so."""
    with transaction():
        row = budgets.taken(key)
        if row is None or row.begins <= now < row.ends:
            return
        month = month_of(key, now)
        if _update(row, told=0, stopped="", waits=False, **_begins(month)) and row.gone and row.most is not None:
            _tell(key, BudgetGoesOn(key[1], 0, row.most, month.ends, now), now, everybody=True)
            billed.wake(key, now)


def hear(now: datetime) -> int:
    """Channels whose hearing has stopped hear no more, and others again, from now on; how many changed."""
    gone = Budget.most.is_null(False) & Budget.stopped.contains(Pays.HEARING.value)
    these = Channel.id.in_(Budget.select(Budget.channel_id).where(gone & (Budget.channel_id != NOBODY)))
    theirs = Channel.owner_id.in_(Budget.select(Budget.person_id).where(gone & (Budget.person_id != NOBODY)))
    if Budget.select().where(gone & budgets.is_of(SERVICE)).exists():
        silent: Any = Channel.id.is_null(False)
    else:
        silent = these | theirs
    with transaction():
        stops = Channel.update(hears=False).where(Channel.hears & silent).execute()
        from_now: dict[str, Any] = dict.fromkeys(FROM_WHERE_HEARD, id_at(now))
        again = Channel.update(hears=True, **from_now).where(~Channel.hears & ~silent)
        ids = [row.id for row in again.returning(Channel.id).execute()]
        if ids:
            wanted.from_now_on(ids, now)
    return int(stops) + len(ids)


def keep(key: Key, keeps: Mapping[Pays, int]) -> None:
    """So much is kept for each kind from now on (micro-dollars); what a day costs is kept a little of, plans whole."""
    row = budgets.of(key)
    if row is None or row.most is None:
        return
    most = row.most // reckoning.SHARE_KEPT
    kept = {p.value: min(c, row.most if p is Pays.PLANNED else most) for p, c in keeps.items() if c > 0}
    Budget.update(keeps=json.dumps(kept)).where(budgets.is_of(key) & (Budget.keeps != json.dumps(kept))).execute()


def day_of(key: Key, now: datetime) -> dict[Pays, int]:
    """What reposting and hearing have cost in the last day."""
    sums: dict[Pays, int] = {Pays.REPOSTS: 0, Pays.HEARING: 0}
    for channel_id in [None] if key == SERVICE else channels_under(key):
        for kind, spent in ledger.by_kind(now - DAY, now, channel_id).items():
            sums[Pays.HEARING] += spent.cost if kind in HEARD else 0
            sums[Pays.REPOSTS] += spent.cost if kind in REPOSTED else 0
    return sums


def channels_under(key: Key) -> list[int]:
    """The channels that a budget is over."""
    if key[0]:
        return [key[0]]
    on = Channel.connected & Channel.is_on
    rows = Channel.select(Channel.id).where(on & (Channel.owner_id == key[1]) if key[1] else on)
    return [int(i) for (i,) in as_tuples(rows)]


def prices_of(row: Budget, now: datetime) -> dict[Pays, int]:
    """What one of each kind costs at least; of what is heard, what comes while it stops."""
    return {
        Pays.LINKS: prices.of(Billed.LINK, now),
        Pays.REPOSTS: prices.of(Billed.REPOST, now),
        Pays.HEARING: 2 * prices.of(Billed.DM, now) + row.kept.get(Pays.HEARING, 0) // MARGIN,
        Pays.PLANNED: prices.of(Billed.POST, now),
    }


# --- within --------------------------------------------------------------------------------------------------------


def _change(key: Key, values: Mapping[str, Any], now: datetime) -> None:
    """Store what was chosen, for who has taken the row: what fits by it goes on, and nothing is told of it."""
    Budget.update(**values).where(budgets.is_of(key)).execute()
    row = budgets.of(key)
    assert row is not None
    gone, told = frozenset[Pays](), 0
    if row.most is not None:
        spent = budgets.used(row, now).spent
        still = reckoning.stopped(row.most - spent, row.order, row.kept, prices_of(row, now))
        gone, told = row.gone & still, reckoning.step_of(spent, row.most, still - {Pays.PLANNED})
    _update(row, told=told, stopped=_written(row.order, gone))
    billed.wake(key, now)


def _update(row: Budget, **values: Any) -> bool:
    """One step of a budget, from how it was read."""
    as_it_was = (Budget.told == row.told) & (Budget.stopped == row.stopped) & (Budget.begins == row.begins)
    return bool(Budget.update(**values).where(budgets.is_of(row.key) & as_it_was).execute())


def _each(keys: Sequence[Key], do: Any, now: datetime) -> int:
    for key in keys:
        do(key, now)
    return len(keys)


def _begins(month: Month) -> dict[str, Any]:
    return {"begins": month.begins, "ends": month.ends, "base": 0, "base_to": EPOCH}


def _written(order: Sequence[Pays], gone: frozenset[Pays]) -> str:
    return ",".join(pays for pays in order if pays in gone)


def _tell(key: Key, told: BudgetUsed | BudgetGoesOn, now: datetime, *, everybody: bool) -> None:
    """Whose budget it is; of what stops, or goes on, also who else is touched by it, or can raise it."""
    channel_id, person_id = key
    if channel_id:
        owner = channels.owner_of(channel_id)
        if owner:
            notices.tell(owner, told, now, channel_id=channel_id)
        return
    people = {*admins.ids()} if key == SERVICE or everybody else set()
    people |= {person_id} if person_id else set()
    if key == SERVICE and everybody:
        on = Channel.connected & Channel.is_on
        people |= {int(p) for (p,) in as_tuples(Channel.select(Channel.owner_id).where(on).distinct())}
    for each in sorted(people):
        notices.tell(each, told, now)
