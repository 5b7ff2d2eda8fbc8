"""Budgets: what a channel, a person and the service may spend in a month, reserved before X is asked.

What is spent is the ledger's; what is in the air, and may be billed, is a reservation. Whoever is about to pay takes
the rows of all budgets that it is under, looks at both in one statement, and leaves a reservation in the same
transaction: of two who race for the last cent, the second sees what the first has reserved. With the answer the
reservation goes, in the transaction of the charge; where nobody knows the answer it stays until that is settled. That
of a reading whose process died lapses.

A budget whose month is over counts from there on; the clock turns it, and tells (models/control/budgets.py).
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import peewee as pw

from engine import budgets
from engine.budgets import Pays
from models.costs.ledger import SLOT
from models.database import EPOCH, InstantField, Table, as_tuples, db, to_stored, transaction
from models.statements import as_row, statement

NOBODY = 0  # in a key: it is of none
AGAIN = timedelta(seconds=2)  # what is in the air may come back by then
KEPT = timedelta(minutes=10)  # after its end
LATE = 2  # quarters of an hour, in which what was begun in one is surely written down
Key = tuple[int, int]  # channel, person
SERVICE: Key = (NOBODY, NOBODY)


class Budget(Table):
    """Of a channel, of a person (`channel_id` 0), or of the service (both 0). `most`: micro-dollars a month.

    `base`: what the ledger says of the quarters of an hour from `begins` to before `base_to`: only the later ones are
    summed up. `told`: the last step (percent) that was told this month; `stopped`: what has stopped, and was told.
    `keeps`: what is kept for each kind (engine/budgets), as JSON. `waits`: its person chose to wait for the next
    month.
    """

    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField()
    most = pw.BigIntegerField(null=True)
    begins = InstantField(default=EPOCH)
    ends = InstantField(default=EPOCH)
    base = pw.BigIntegerField(default=0)
    base_to = InstantField(default=EPOCH)
    told = pw.IntegerField(default=0)
    stopped = pw.TextField(default="")
    stop_order = pw.TextField(default="")
    keeps = pw.TextField(default="{}")
    waits = pw.BooleanField(default=False)

    class Meta:
        primary_key = pw.CompositeKey("channel_id", "person_id")

    @property
    def key(self) -> Key:
        return self.channel_id, self.person_id

    @property
    def order(self) -> tuple[Pays, ...]:
        """What stops first comes first."""
        return budgets.order_of(self.stop_order)

    @property
    def kept(self) -> dict[Pays, int]:
        """Micro-dollars kept for each kind."""
        return {Pays(name): int(cost) for name, cost in json.loads(self.keeps or "{}").items() if name in set(Pays)}

    @property
    def gone(self) -> frozenset[Pays]:
        """What has stopped, as it was told."""
        return frozenset(Pays(name) for name in self.stopped.split(",") if name in set(Pays))


class Reservation(Table):
    """What may be billed any moment. `person_id`: the channel's owner. `until`: it lapses then; None: it is settled."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField(index=True)
    person_id = pw.BigIntegerField(default=NOBODY)
    cost = pw.BigIntegerField()
    until = InstantField(null=True)


@dataclass(frozen=True, slots=True)
class Used:
    """Micro-dollars of a month: spent, by the ledger, and in the air."""

    spent: int
    in_the_air: int = 0


@dataclass(frozen=True, slots=True)
class NoMoney:
    """The budget `key` has nothing for it: look again at this moment. `is_sure`: nothing in the air comes back for it.

    `room` is what may be spent of it, micro-dollars.
    """

    key: Key
    until: datetime
    is_sure: bool
    room: int = 0


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation, by its id, of so many micro-dollars."""

    id: int
    cost: int


@dataclass(frozen=True, slots=True)
class Together:
    """Reservations of several channels for so many things that they share."""

    ids: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Room:
    """What a budget, whose row is taken, has for something: in all, and without what is in the air."""

    key: Key
    left: int
    room: int
    ends: datetime

    def short_of(self, cost: int, now: datetime) -> NoMoney:
        """It has less than that."""
        is_sure = self.left < cost
        return NoMoney(self.key, max(self.ends, now + AGAIN) if is_sure else now + AGAIN, is_sure, max(0, self.room))


@statement
def _over(channel_id: int, person_id: int) -> pw.Query:
    of_channel = (Budget.channel_id == channel_id) & (Budget.person_id == NOBODY)
    of_person = (Budget.channel_id == NOBODY) & (Budget.person_id == person_id)
    of_service = (Budget.channel_id == NOBODY) & (Budget.person_id == NOBODY)
    rows = Budget.select(Budget.channel_id, Budget.person_id).where(of_channel | of_person | of_service)
    return rows.where(Budget.most.is_null(False))


@statement
def _take(channel_id: int, person_id: int) -> pw.Query:
    mine = (Budget.channel_id == channel_id) & (Budget.person_id == person_id)
    return Budget.update(told=Budget.told).where(mine).returning(Budget)


@statement
def _reserve(channel_id: int, person_id: int, cost: int, until: datetime | None) -> pw.Query:
    made = Reservation.insert(channel_id=channel_id, person_id=person_id, cost=cost, until=until)
    return made.returning(Reservation.id)


@statement
def _release(reservation_id: int) -> pw.Query:
    return Reservation.delete().where(Reservation.id == reservation_id)


def take(
    channel_id: int,
    owner_id: int,
    pays: Pays,
    cost: int,
    now: datetime,
    *,
    until: datetime | None = None,
    least: int = 0,
) -> Reserved | NoMoney | None:
    """Reserve so much (micro-dollars) of every budget that the channel is under, or of none; None where there is none.

    With `least` it may be less, down to that: as much as there is. `until`: it lapses then by itself. Call it in the
    transaction that marks what it is for, with no row taken that others take after a budget's.
    """
    keys = sorted({(int(c), int(p)) for c, p in _over.rows(channel_id, owner_id)})
    if not keys:
        return None
    with transaction():
        for key in keys:  # in one order, or two who pay wait for each other
            here = _room(key, pays, now)
            if isinstance(here, NoMoney):
                return here
            if here is not None and here.room < cost:
                if not least or here.room < least:
                    return here.short_of(least or cost, now)
                cost = here.room
        ((reservation_id,),) = _reserve.rows(channel_id, owner_id, cost, until)
    return Reserved(int(reservation_id), cost)


def take_together(
    shares: Mapping[int, int],
    owners: Mapping[int, int],
    pays: Pays,
    most: int,
    now: datetime,
    *,
    least: int,
    until: datetime,
) -> Together | list[NoMoney]:
    """Reserve for several channels what they share: of so many things `most`, and `least` at the fewest, each pays its
    share (micro-dollars for one; by channel id, as its owner). Or for none of them: then each budget that has too
    little is there.
    """
    over: dict[Key, int] = defaultdict(int)
    have_limits = Budget.select(Budget.channel_id, Budget.person_id).where(Budget.most.is_null(False))
    limits = {(int(c), int(p)) for c, p in as_tuples(have_limits)}
    under = {channel_id: keys_over(channel_id, owners[channel_id]) & limits for channel_id in shares}
    for channel_id, keys in under.items():
        for key in keys:
            over[key] += shares[channel_id]
    poor: list[NoMoney] = []
    with transaction():
        for key in sorted(over):
            here = _room(key, pays, now)
            if isinstance(here, NoMoney):
                poor.append(here)
            elif here is not None and here.room < over[key] * most:
                if here.room < over[key] * least:
                    poor.append(here.short_of(over[key] * least, now))
                else:
                    most = here.room // over[key]
        if poor:
            return poor
        ids = [
            int(reservation_id)
            for channel_id, share in shares.items()
            if under[channel_id]
            for (reservation_id,) in _reserve.rows(channel_id, owners[channel_id], share * most, until)
        ]
    return Together(tuple(ids), most)


def release(reservation_id: int | None) -> None:
    """It is billed, in the transaction that charges it, or X was not asked for it after all."""
    if reservation_id:
        _release.changed(reservation_id)


def keys_over(channel_id: int, owner_id: int) -> set[Key]:
    """Those of the budgets that a channel is under."""
    return {(channel_id, NOBODY), (NOBODY, owner_id), SERVICE}


def taken(key: Key) -> Budget | None:
    """A budget's row, taken until the transaction ends; None where there is none."""
    return as_row(Budget, _take.first(*key))


def of(key: Key) -> Budget | None:
    """A budget as it stands."""
    found: Budget | None = Budget.get_or_none(is_of(key))
    return found


def limited() -> list[Budget]:
    """All budgets that have a limit."""
    return list(Budget.select().where(Budget.most.is_null(False)).order_by(Budget.channel_id, Budget.person_id))


def used(row: Budget, now: datetime) -> Used:
    """What of it is spent in the month that goes on, and what is in the air, in one look."""
    goes_on = row.begins <= now < row.ends  # else the clock has not turned it yet
    base = row.base if goes_on else 0
    since = max(row.begins, row.base_to) if goes_on else row.ends
    spent, air = _as_int(_look(row.key, since, None, now))
    return Used(base + spent, air)


def fold(row: Budget, now: datetime) -> None:
    """Sum up what is past by now, for good; for who has taken the row."""
    upto = EPOCH + ((now - EPOCH) // SLOT - LATE) * SLOT
    since = max(row.begins, row.base_to)
    if upto <= since or not row.begins <= now < row.ends:
        return
    spent, _ = _as_int(_look(row.key, since, upto, now))
    Budget.update(base=Budget.base + spent, base_to=upto).where(
        is_of(row.key) & (Budget.base_to == row.base_to)
    ).execute()


def keep_with(owner_id: int, channel_id: int) -> None:
    """A channel leaves its owner: what it has spent stays with them. In the transaction in which it leaves."""
    _carry(owner_id, channel_id, 1)


def begin(person_id: int, most: int | None, now: datetime) -> None:
    """Somebody gets a channel: what they may spend a month holds from its first call on. In that transaction."""
    month = budgets.month_of(now, ZoneInfo("UTC"))
    anew: dict[str, Any] = {"begins": month.begins, "ends": month.ends, "base": 0, "base_to": EPOCH}
    Budget.insert(channel_id=NOBODY, person_id=person_id, most=most, **anew).on_conflict_ignore().execute()
    mine = is_of((NOBODY, person_id))
    over = Budget.most.is_null() & ((Budget.begins > now) | (Budget.ends <= now))  # nobody turns what has no limit
    Budget.update(**anew).where(mine & over).execute()
    other = Budget.most.is_null(False) if most is None else Budget.most.is_null() | (Budget.most != most)
    Budget.update(most=most).where(mine & other).execute()


def hand_over(channel_id: int, from_id: int, to_id: int, most: int | None, now: datetime) -> None:
    """A channel gets another owner: what it has spent this month stays with the former. In that transaction, before.

    `most`: what the new one may spend a month.
    """
    begin(to_id, most, now)
    for person_id, sign in sorted(((from_id, 1), (to_id, -1))):  # in one order, as who pays takes them
        _carry(person_id, channel_id, sign)


def forget_lapsed(now: datetime) -> int:
    """Reservations of readings whose process died."""
    return int(Reservation.delete().where(Reservation.until < now - KEPT).execute())


def is_of(key: Key) -> pw.Expression:
    """The row of this key."""
    return (Budget.channel_id == key[0]) & (Budget.person_id == key[1])


def _room(key: Key, pays: Pays, now: datetime) -> _Room | NoMoney | None:
    """Take a budget's row, and see what it has for this; None where there is no limit any more."""
    row = taken(key)
    if row is None or row.most is None:
        return None
    fold(row, now)
    found = used(row, now)
    if pays in row.gone:
        return NoMoney(key, max(row.ends, now + AGAIN), is_sure=True)
    left = row.most - found.spent - budgets.kept_from(pays, row.order, row.kept)
    return _Room(key, left, left - found.in_the_air, row.ends)


def _carry(person_id: int, channel_id: int, sign: int) -> None:
    """Count what a channel has spent since a person's sum with them, or no longer."""
    row = taken((NOBODY, person_id))
    if row is None:
        return
    spent, _ = _as_int(_look((channel_id, NOBODY), max(row.begins, row.base_to), None, EPOCH))
    Budget.update(base=Budget.base + sign * spent).where(is_of(row.key)).execute()


def _look(key: Key, since: datetime, until: datetime | None, now: datetime) -> Any:
    """Micro-dollars of the ledger from `since` to before `until`, and those in the air, by one statement."""
    whose, values = _whose(key, "channel")
    reserved, of_these = _whose(key, "channel_id") if key[0] else _of_person(key[1])
    slots, given = f"slot >= {db.param}", [(since - EPOCH) // SLOT]
    if until is not None:
        slots, given = f"{slots} AND slot < {db.param}", [*given, (until - EPOCH) // SLOT]
    of_ledger = " + ".join(
        f"(SELECT COALESCE(SUM(cost), 0) FROM {table} WHERE {slots}{whose})"  # noqa: S608
        for table in ("charge", "charge_sum")
    )
    lives = f"(until IS NULL OR until > {db.param}){reserved}"
    sql = f"SELECT {of_ledger}, (SELECT COALESCE(SUM(cost), 0) FROM reservation WHERE {lives})"  # noqa: S608
    return db.execute_sql(sql, [*given, *values, *given, *values, to_stored(now), *of_these]).fetchone()


def _whose(key: Key, column: str) -> tuple[str, list[Any]]:
    channel_id, person_id = key
    if channel_id:
        return f" AND {column} = {db.param}", [channel_id]
    if person_id:
        theirs = f"SELECT id FROM channel AS owned WHERE owned.owner_id = {db.param}"  # noqa: S608
        return f" AND {column} IN ({theirs})", [person_id]
    return "", []


def _of_person(person_id: int) -> tuple[str, list[Any]]:
    return (f" AND person_id = {db.param}", [person_id]) if person_id else ("", [])


def _as_int(row: Sequence[Any]) -> tuple[int, int]:
    spent, air = row
    return int(spent), int(air)
