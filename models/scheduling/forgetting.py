"""Schedules that are over go a month later, and with them the last use of their files."""

from datetime import datetime, timedelta

from engine import posts
from models.bites import Bite, taken
from models.database import as_tuples
from models.scheduling.schedules import Schedule, ScheduleStatus

KEPT = timedelta(days=30)
OVER = (ScheduleStatus.DONE, ScheduleStatus.DELETED)


def ended(now: datetime, _after: int, most: int) -> Bite:
    """See which are done or deleted since the last look, and which of those came back."""
    again = Schedule.ended_at.is_null(False) & Schedule.status.not_in(OVER)
    if back := [i for (i,) in as_tuples(Schedule.select(Schedule.id).where(again).limit(most))]:
        taken(Schedule.update(ended_at=None).where(Schedule.id.in_(back) & again))
    over = Schedule.status.literally(*OVER) & Schedule.ended_at.is_null()
    ids = [i for (i,) in as_tuples(Schedule.select(Schedule.id).where(over).limit(most))]
    noted = taken(Schedule.update(ended_at=now).where(Schedule.id.in_(ids) & over)) if ids else 0
    return Bite(0, 0 if noted and len(ids) == most else None)


def some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what was done or deleted a month ago."""
    before = now - KEPT
    old = Schedule.select(Schedule.id).where(Schedule.ended_at < before).order_by(Schedule.ended_at).limit(most)
    ids = [i for (i,) in as_tuples(old)]
    over = Schedule.id.in_(ids) & Schedule.status.in_(OVER) & (Schedule.ended_at < before)
    gone = taken(Schedule.delete().where(over)) if ids else 0
    return Bite(gone, 0 if gone and len(ids) == most else None)


def media_used() -> set[int]:
    """Ids of the files that schedules show, those that are over too: they may be put back."""
    some = Schedule.select(Schedule.texts).where(
        Schedule.texts.contains('"photo"') | Schedule.texts.contains('"gif"') | Schedule.texts.contains('"video"')
    )
    return {a.media_id for row in some.iterator() for t in row.threads for a in posts.attached(t)}
