"""The errors that came last, of all processes, for who runs the service: at most so many, for a week.

Each process leaves here, with its sign of life, what it has logged since the last one (tasks/logs.py): what happened,
and the class and place of what broke. Nothing that somebody wrote stands in it, and no secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from models.bites import Bite, by_age
from models.control.processes import Kind
from models.database import EnumField, InstantField, Table, as_tuples, transaction

KEPT, MOST = timedelta(days=7), 300
RATE_OVER = timedelta(minutes=5)


class LoggedError(Table):
    """`event`: what happened, `reason`: the error's class, message and place; it came `count` times until `at`."""

    id = pw.BigAutoField()
    at = InstantField(index=True)
    kind = EnumField(Kind)
    host = pw.TextField()
    event = pw.TextField()
    reason = pw.TextField(default="")
    count = pw.IntegerField(default=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """An error as its process has seen it, `count` times since it said so last."""

    event: str
    reason: str
    count: int


def keep(kind: Kind, host: str, seen: Sequence[Seen], now: datetime) -> None:
    """Write down what a process has seen, and let go of the oldest."""
    if not seen:
        return
    with transaction():
        rows = [(now, kind, host, e.event[:160], e.reason[:300], e.count) for e in seen[:MOST]]
        fields = [LoggedError.at, LoggedError.kind, LoggedError.host, LoggedError.event, LoggedError.reason]
        LoggedError.insert_many(rows, fields=[*fields, LoggedError.count]).execute()
        newest = LoggedError.select(LoggedError.id).order_by(LoggedError.id.desc()).offset(MOST).limit(1).scalar()
        if newest is not None:
            LoggedError.delete().where(LoggedError.id <= newest).execute()


def last(most: int, offset: int = 0) -> list[LoggedError]:
    """The newest first."""
    return list(LoggedError.select().order_by(LoggedError.id.desc()).limit(most).offset(offset))


def how_many() -> int:
    """How many rows there are."""
    return int(LoggedError.select().count())


def lately(now: datetime) -> int:
    """How many came in the last five minutes."""
    recent = LoggedError.select(pw.fn.SUM(LoggedError.count)).where(LoggedError.at > now - RATE_OVER)
    return int(recent.scalar() or 0)


def most_frequent(now: datetime) -> str:
    """What came most often in the last five minutes; "" where nothing did."""
    often = pw.fn.SUM(LoggedError.count)
    rows = LoggedError.select(LoggedError.event).where(LoggedError.at > now - RATE_OVER).group_by(LoggedError.event)
    found = as_tuples(rows.order_by(often.desc(), LoggedError.event).limit(1))
    return str(found[0][0]) if found else ""


def forget() -> int:
    """Somebody has read them; how many."""
    return int(LoggedError.delete().execute())


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete those of a week ago."""
    return by_age(LoggedError, LoggedError.at, now - KEPT, most)
