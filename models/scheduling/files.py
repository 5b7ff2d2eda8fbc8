"""Schedules in and out of files: what an import would do, the import with its way back, and what an export holds."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from engine import posts
from engine.files.schedules import Line
from engine.recurrence import instant_of
from engine.when import When
from models.accounts import choices
from models.accounts.channels import locked
from models.bulk import execute_many
from models.database import as_tuples, to_stored
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import schedules
from models.scheduling.schedules import Schedule, ScheduleStatus

V = TypeVar("V")
_AT_ONCE = 300


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does: how many are new, there already, and would go where the file replaces them."""

    new: int
    known: int
    gone: int


def lines(channel_id: int, wall: datetime | None = None) -> list[Line]:
    """The channel's schedules, as a file has them; those whose last time has gone by are left out.

    With the channel's wall time (naive) also those that are paused over it: their file would be refused.
    """
    there = [_line(s) for s in schedules.of_channel(channel_id) if s.next_wall]
    return [line for line in there if wall is None or not _over(line.when, wall)]


def compare(channel_id: int, wanted: Sequence[Line]) -> Change:
    """What an import of these would do."""
    there = {_key(line) for line in lines(channel_id)}
    asked = {_key(line) for line in wanted}
    return Change(len(asked - there), len(asked & there), len(there - asked))


def bring_in(
    channel_id: int, person_id: int, wanted: Sequence[Line], language: str, now: datetime, *, replacing: bool
) -> tuple[int, Change]:
    """Make what is not there yet, and with `replacing` delete what the file has not; the import's id, for `undo`."""
    import_id = to_stored(now)
    with schedules.within_limit(channel_id):
        locked(channel_id)  # two imports follow each other
        change = compare(channel_id, wanted)
        asked = {_key(line) for line in wanted}
        there, others = set(), []
        for item in schedules.of_channel(channel_id):
            key = _key(_line(item)) if item.next_wall else None
            if key is not None and key in asked:
                there.add(key)
            elif replacing:
                others.append(item)
        gone = _delete(channel_id, others)
        for some in _batches(gone):
            Schedule.update(replaced_by=import_id).where(Schedule.id.in_(some)).execute()
        zone, rows = choices.zone_of(channel_id), []
        for line in wanted:
            if _key(line) in there:
                continue
            there.add(_key(line))
            row = schedules.new_row(channel_id, person_id, line.turns, line.when, language, now, zone)
            rows.append(row | {
                "starts": line.starts.isoformat(), "grace_s": line.grace_min * 60, "used": line.said,
                "status": ScheduleStatus.PAUSED if line.state == "paused" else ScheduleStatus.ON,
                "in_queue": line.state == "queue", "import_id": import_id,
            })  # fmt: skip
        for batch in _batches(rows):
            Schedule.insert_many(batch).execute()
    return import_id, change if replacing else Change(change.new, change.known, 0)


def undo(channel_id: int, import_id: int, now: datetime) -> bool:
    """Take an import back: what it made goes, what it deleted comes back. False where there is nothing of it left."""
    mine = Schedule.channel_id == channel_id
    with schedules.within_limit(channel_id):
        made = list(Schedule.select().where(mine & (Schedule.import_id == import_id)))
        deleted = list(Schedule.select().where(mine & (Schedule.replaced_by == import_id)))
        gone = _delete(channel_id, made)
        _put_back(channel_id, deleted, now)
        Schedule.update(import_id=None).where(mine & (Schedule.import_id == import_id)).execute()
        Schedule.update(replaced_by=None).where(mine & (Schedule.replaced_by == import_id)).execute()
    return bool(gone or deleted)


@dataclass(frozen=True, slots=True)
class Brought:
    """Schedules that came in a file."""

    import_id: int


def take_out(channel_id: int, was: Brought, now: datetime) -> None:
    """The schedules as they were before a file."""
    undo(channel_id, was.import_id, now)


def _delete(channel_id: int, items: Sequence[Schedule]) -> list[int]:
    """Delete schedules, as `schedules.delete` does with each; the ids of those that stood."""
    gone: list[int] = []
    for some in _batches(items):
        mine = (Schedule.channel_id == channel_id) & Schedule.id.in_([s.id for s in some])
        there = mine & (Schedule.status != ScheduleStatus.DELETED)
        taken = Schedule.update(status=Schedule.status).where(there).returning(Schedule.id).execute()
        ids = {row.id for row in taken}  # nobody plans them until the transaction ends
        for planned in _planned(ids):
            schedules.unplan(planned)
        Schedule.update(was=Schedule.status, status=ScheduleStatus.DELETED).where(there).execute()
        gone += ids
    return gone


def _put_back(channel_id: int, items: Sequence[Schedule], now: datetime) -> None:
    """Put deleted schedules back, as `schedules.put_back` does with each."""
    locked(channel_id)  # its zone stands still
    zone, coming, over = choices.zone_of(channel_id), [], []
    for item in items:
        wall = next(iter(schedules.coming(item, now, 1, zone)), None)
        if wall is None:
            over.append((item.id, channel_id))
        else:
            coming.append((wall.isoformat(), to_stored(instant_of(wall, zone)), item.id, channel_id))
    execute_many(
        "UPDATE schedule SET status = CASE WHEN was = 'paused' THEN 'paused' ELSE 'on' END, next_wall = ?, next_at = ?"
        " WHERE id = ? AND channel_id = ? AND status = 'deleted'",
        coming,
    )
    execute_many(
        "UPDATE schedule SET status = CASE WHEN was = 'paused' THEN 'paused' ELSE 'done' END"
        " WHERE id = ? AND channel_id = ? AND status = 'deleted'",
        over,
    )


def _planned(schedule_ids: Collection[int]) -> list[int]:
    """Those of these schedules of which something is planned and not said yet."""
    waits = Tweet.schedule_id.in_(list(schedule_ids)) & Tweet.status.in_([TweetStatus.QUEUED, TweetStatus.WAITING])
    return [schedule_id for (schedule_id,) in as_tuples(Tweet.select(Tweet.schedule_id).where(waits).distinct())]


def _batches(rows: Sequence[V]) -> Iterator[Sequence[V]]:
    """A statement for some at a time: a database takes a few thousand values."""
    return (rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE))


def _line(item: Schedule) -> Line:
    plan = item.plan
    when = When(
        datetime.fromisoformat(item.next_wall), plan.rules if plan else (), plan.last if plan else None, item.left
    )
    state = "paused" if item.status == ScheduleStatus.PAUSED else "queue" if item.in_queue else "on"
    starts = datetime.fromisoformat(item.starts)
    return Line(tuple(item.threads), when, starts, max(1, item.grace_s // 60), state, item.used)


def _over(when: When, wall: datetime) -> bool:
    last = when.last if when.rules else when.first
    return last is not None and last <= wall


def _key(line: Line) -> tuple[tuple[str, ...] | datetime, str]:
    return line.when.rules or line.when.first, posts.write(line.turns)
