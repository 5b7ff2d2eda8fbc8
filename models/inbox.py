"""What people sent to the bot: a row for each update of Telegram's, kept before Telegram is told that it came.

waiting → claimed → done        done → waiting (it was set aside, models/aside.py)
claimed → waiting (later)        claimed → claimed by another, where the claim lapsed

A person's updates are done in their order, one at a time: claimed is the first of theirs that is not done, and a unique
index lets no second one of theirs be claimed, whatever process asks. A claim lapses by itself, so what a dead process
had is taken over and done again. What a turn stores by `once` is not done again: its result is kept with the update in
the same transaction, which holds only while the claim does.

Done rows stay for as long as Telegram may send an update again, without what was written in them.
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import peewee as pw
from pydantic import TypeAdapter

from models import aside
from models.aside import Item, Place
from models.bites import Bite, by_age
from models.database import EPOCH, InstantField, Table, is_sqlite, transaction
from models.statements import as_rows, statement

CLAIM = timedelta(seconds=15)
KEPT = timedelta(days=2)  # Telegram repeats an update for a day
V = TypeVar("V")


class Inbox(Table):
    """`claimed_until`: nobody else takes it before then; of one that waits, it is put off until then."""

    update_id = pw.BigIntegerField(primary_key=True)
    person_id = pw.BigIntegerField()
    payload = pw.TextField()
    received_at = InstantField()
    claim = pw.TextField(default="")
    claimed_until = InstantField(default=EPOCH)
    tries = pw.IntegerField(default=0)
    kept = pw.TextField(default="")
    done_at = InstantField(null=True, index=True)


@statement
def _keep(update_id: int, person_id: int, payload: str, received_at: datetime) -> pw.Query:
    new = Inbox.insert(update_id=update_id, person_id=person_id, payload=payload, received_at=received_at)
    return new.on_conflict_ignore().returning(Inbox.update_id)


@statement
def _next(now: datetime) -> pw.Query:
    held = pw.fn.MAX(pw.Case(None, [(Inbox.claim != "", Inbox.update_id)], None))
    rows = Inbox.select(Inbox.person_id, pw.fn.COALESCE(held, pw.fn.MIN(Inbox.update_id)))
    waiting = rows.where(Inbox.done_at.is_null()).group_by(Inbox.person_id)
    return waiting.having(pw.fn.MAX(Inbox.claimed_until) <= now)


@statement
def _take(update_id: int, token: str, until: datetime, now: datetime) -> pw.Query:
    free = (Inbox.update_id == update_id) & Inbox.done_at.is_null() & (Inbox.claimed_until <= now)
    return Inbox.update(claim=token, claimed_until=until, tries=Inbox.tries + 1).where(free).returning(Inbox)


@statement
def _kept(update_id: int, claim: str, tries: int) -> pw.Query:
    return Inbox.select(Inbox.kept).where(_is(update_id, claim, tries))


@statement
def _keep_what(update_id: int, claim: str, tries: int, kept: str) -> pw.Query:
    return Inbox.update(kept=kept).where(_is(update_id, claim, tries))


@statement
def _end(update_id: int, claim: str, tries: int, now: datetime) -> pw.Query:
    return Inbox.update(done_at=now, payload="", kept="", claim="").where(_is(update_id, claim, tries))


class TakenOver(Exception):
    """The claim lapsed while the turn went on, and another does it now: nothing of this turn counts any more."""


@dataclass(frozen=True, slots=True)
class Update:
    """As it came: whose order it belongs to, and Telegram's JSON."""

    update_id: int
    person_id: int
    payload: str


@dataclass(frozen=True, slots=True)
class Taken:
    """An update that is ours to do. `tries` is from 1; `kept` what the tries before this one did once."""

    update_id: int
    person_id: int
    payload: str
    received_at: datetime
    claim: str
    tries: int
    kept: Mapping[str, Any] = field(default_factory=dict)
    _asked: Counter[str] = field(default_factory=Counter)

    def once(self, name: str, kind: type[V], work: Callable[[], V]) -> V:
        """Do it in a transaction, once; where the turn is done again, its result is what it was. Raises TakenOver.

        The nth call with a name in a turn is the nth of every try. The result must be something that JSON can hold.
        Inside another transaction it stands and falls with that one.
        """
        key, adapter = f"{name} {self._asked[name]}", TypeAdapter(kind)
        self._asked[name] += 1
        if key in self.kept:
            return adapter.validate_python(self.kept[key])
        with transaction():
            result = work()
            row = _kept.first(self.update_id, self.claim, self.tries)
            kept = json.loads((row[0] if row is not None else "") or "{}")
            kept[key] = adapter.dump_python(result, mode="json")
            if _keep_what.changed(self.update_id, self.claim, self.tries, json.dumps(kept)) != 1:
                raise TakenOver
        return result

    def did(self, name: str) -> bool:
        """Whether the next `once` of this name was done by a try before this one."""
        return f"{name} {self._asked[name]}" in self.kept


def store(updates: Sequence[Update], now: datetime) -> int:
    """Keep what came; how many of them are new. Telegram may be told that they came once this has returned.

    One that can't be kept is set aside. Raises TROUBLE.
    """
    return sum(aside.together(updates, lambda some: _insert(some, now), _to_be_stored))


def store_again(held: str, now: datetime) -> None:
    """Keep what was set aside, as it came."""
    store([Update(*json.loads(held))], now)


def _insert(updates: Sequence[Update], now: datetime) -> int:
    if len(updates) == 1:  # as a webhook brings them
        (one,) = updates
        return len(_keep.rows(one.update_id, one.person_id, one.payload, now))
    rows = [
        {"update_id": u.update_id, "person_id": u.person_id, "payload": u.payload, "received_at": now} for u in updates
    ]
    return len(list(Inbox.insert_many(rows).on_conflict_ignore().returning(Inbox.update_id).execute()))


def _to_be_stored(update: Update) -> Item:
    return Item(Place.UPDATE, update.update_id, held=json.dumps(astuple(update)))


def claim(token: str, most: int, now: datetime, served: Mapping[int, float], but: Collection[int] = ()) -> list[Taken]:
    """Take what may be done now, one of each person, at most so many; `but`: of none of these people.

    Who was `served` longest ago comes first (any measure that grows), so nobody waits for all that another has sent.
    """
    taken: list[Taken] = []
    waiting = [(person_id, update_id) for person_id, update_id in _first_of_each(now) if person_id not in but]
    for _, update_id in sorted(waiting, key=lambda w: (served.get(w[0], 0.0), w[1])):
        if len(taken) >= most:
            break
        try:
            rows = as_rows(Inbox, _take.rows(update_id, token, now + CLAIM, now))
        except pw.IntegrityError:  # another of the same person's was claimed this moment
            continue
        taken += [
            Taken(r.update_id, r.person_id, r.payload, r.received_at, r.claim, r.tries, json.loads(r.kept or "{}"))
            for r in rows
        ]
    return taken


def renew(token: str, update_ids: Collection[int], now: datetime) -> None:
    """Hold on to these, which are being done. One in which its turn is writing this moment is left to the next time."""
    mine = (Inbox.claim == token) & Inbox.update_id.in_(list(update_ids))
    if not is_sqlite():  # to wait for one while holding others could lock turns out that wait for each other
        mine = Inbox.update_id.in_(Inbox.select(Inbox.update_id).where(mine).for_update(skip_locked=True))
    if update_ids:
        Inbox.update(claimed_until=now + CLAIM).where(mine).execute()


def done(taken: Taken, now: datetime) -> bool:
    """It is done, and what was written in it is forgotten; False where another has it by now."""
    return _end.changed(taken.update_id, taken.claim, taken.tries, now) == 1


def rewrite(taken: Taken, payload: str) -> bool:
    """What was written in it is to be kept no longer: this stands in its place; False where another has it by now."""
    return bool(Inbox.update(payload=payload).where(_mine(taken)).execute() == 1)


def set_aside(taken: Taken, now: datetime) -> bool:
    """It can't be done: over with that, but its text is kept for another try; False where another has it."""
    over = Inbox.update(done_at=now, claim="").where(_mine(taken))
    return bool(over.execute() == 1)


def again(update_id: int) -> bool:
    """What was set aside is done from its beginning, but for what `once` has kept of it; False where it is gone."""
    kept = (Inbox.update_id == update_id) & Inbox.done_at.is_null(False) & (Inbox.payload != "")
    return bool(Inbox.update(done_at=None, tries=0, claimed_until=EPOCH).where(kept).execute() == 1)


def forget_payload(update_id: int) -> None:
    """What was set aside is not done any more: what was written in it is forgotten."""
    over = (Inbox.update_id == update_id) & Inbox.done_at.is_null(False)
    Inbox.update(payload="", kept="").where(over).execute()


def later(taken: Taken, at: datetime, *, counted: bool = False) -> bool:
    """Again from its beginning at this moment, and nothing of that person's before it; False where another has it.

    What was put off is no try that failed, unless it is `counted`.
    """
    tries = Inbox.tries if counted else Inbox.tries - 1
    return bool(Inbox.update(claim="", claimed_until=at, tries=tries).where(_mine(taken)).execute() == 1)


def let_go(token: str) -> int:
    """Whoever has this token ends: others may go on at once; how many there were."""
    return int(
        Inbox.update(claim="", claimed_until=EPOCH).where((Inbox.claim == token) & pw.SQL("claim <> ''")).execute()
    )


def waiting() -> int:
    """How many are not done."""
    return int(Inbox.select().where(Inbox.done_at.is_null()).count())


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what was done so long ago that Telegram does not send it again."""
    return by_age(Inbox, Inbox.done_at, now - KEPT, most)


def _first_of_each(now: datetime) -> list[tuple[int, int]]:
    """The person and the update that is next for each person who waits and is neither being answered nor put off."""
    return [(int(person_id), int(update_id)) for person_id, update_id in _next.rows(now)]


def _mine(taken: Taken) -> pw.Expression:
    """The row, while it is ours."""
    return _is(taken.update_id, taken.claim, taken.tries)


def _is(update_id: int, claim: str, tries: int) -> pw.Expression:
    """The row with this claim: a process that takes its own update up again has another try."""
    return (Inbox.update_id == update_id) & (Inbox.claim == claim) & (Inbox.tries == tries)
