"""What schedules were before a change, for `models/undoing.py`: edited, made, or gone."""

from dataclasses import dataclass
from datetime import datetime

from engine import posts
from engine.when import When
from models.scheduling import schedules
from models.scheduling.schedules import Schedule


@dataclass(frozen=True, slots=True)
class ScheduleBefore:
    """What a schedule said and when, before it was edited; `used` is how often it had been said."""

    schedule_id: int
    texts: str
    first: datetime
    rules: tuple[str, ...]
    last: datetime | None
    times: int | None
    grace_s: int
    used: int


@dataclass(frozen=True, slots=True)
class Made:
    """A schedule that was not there."""

    schedule_id: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A schedule that was deleted, or taken out of the queue."""

    schedule_id: int


def of(item: Schedule) -> ScheduleBefore:
    """A schedule as it is now, for `models/undoing.py`."""
    when = schedules.when_of(item)
    return ScheduleBefore(item.id, item.texts, when.first, when.rules, when.last, when.times, item.grace_s, item.used)


def restore(channel_id: int, was: ScheduleBefore, now: datetime) -> None:
    """It says again what it said, when it said it; what was said or has gone by meanwhile is not said once more."""
    item = schedules.schedule(channel_id, was.schedule_id)
    if item is not None:
        left = None if was.times is None else max(1, was.times - (item.used - was.used))
        schedules.change(item, posts.from_json(was.texts), When(was.first, was.rules, was.last, left))
        schedules.set_grace(item, was.grace_s // 60)
        schedules.pass_over(item.id, now)


def unmake(channel_id: int, was: Made, now: datetime) -> None:
    """It goes again."""
    item = schedules.schedule(channel_id, was.schedule_id)
    if item is not None:
        schedules.delete(item)


def bring_back(channel_id: int, was: Gone, now: datetime) -> None:
    """It comes back as what it was."""
    item = schedules.schedule(channel_id, was.schedule_id)
    if item is not None:
        schedules.put_back(item, now)
