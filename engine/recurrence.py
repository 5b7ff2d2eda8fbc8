"""From wall time to instants: the next times of a schedule, also over clock changes and after a silence.

A time that does not exist on a day goes out at the next one that does; one that exists twice goes out once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from dateutil.rrule import rruleset, rrulestr

from engine.timetable import clock_change

MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A recurrence in wall time. `rules` are RRULEs; weeks and days are counted from `start` (naive)."""

    rules: tuple[str, ...]
    start: datetime
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """What a schedule's times come to at a moment: how many are too late, what goes out, and what is next (wall)."""

    skipped: int
    goes_out: tuple[datetime, ...]
    next_wall: datetime | None


def instant_of(wall: datetime, zone: tzinfo) -> datetime:
    """The instant (aware UTC) of a naive wall time: the first of two, or the next that exists."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    change = clock_change(wall.date(), zone) or clock_change(wall.date() - timedelta(days=1), zone)
    return change or instant


def after(plan: Plan, wall: datetime) -> Iterator[datetime]:
    """The plan's wall times strictly after this one, in their order."""
    every = rruleset()
    for rule in plan.rules:
        every.rrule(rrulestr(f"RRULE:{rule};BYSECOND=0", dtstart=datetime.combine(plan.start.date(), time())))
    for found in every.xafter(wall):
        if plan.last is not None and found > plan.last:
            return
        yield found


def walk(
    plan: Plan | None, next_wall: datetime, zone: tzinfo, now: datetime, *, ahead: timedelta, grace: timedelta,
    left: int | None = None,
) -> Walk:  # fmt: skip
    """Go from the next time on to what lies further ahead than `ahead`.

    After a silence the last time that is not later than `grace` still goes out, at once; the others are skipped.
    `left` limits how many times there are in all, skipped ones too. `plan` is None for a single time.
    """
    skipped = 0
    late: datetime | None = None
    due: list[datetime] = []
    wall: datetime | None = next_wall
    times = after(plan, next_wall) if plan is not None else iter(())
    for _ in range(MOST_COUNTED):
        if wall is None or (left is not None and skipped + len(due) + (late is not None) >= left):
            wall = None
            break
        instant = instant_of(wall, zone)
        if instant > now + ahead:
            break
        if instant < now - grace:
            skipped += 1
        elif instant < now:
            skipped += late is not None
            late = instant
        else:
            due.append(instant)
        wall = next(times, None)
    return Walk(skipped, tuple([late] if late is not None else []) + tuple(due), wall)
