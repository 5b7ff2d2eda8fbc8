"""From wall time to instants: the next times of a schedule, also over clock changes and after a silence.

A time that does not exist on a day goes out at the next one that does; one that exists twice goes out once. A rule that
does not come in ten years, nor in twelve of its periods, is taken for one that never comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from heapq import merge

from dateutil.rrule import rrulestr

from engine.clock_changes import clock_change
from engine.left_out import bare, kept

MOST_COUNTED = 10_000
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TEN_YEARS = {"YEARLY": 10, "MONTHLY": 120, "WEEKLY": 522, "DAILY": 3653}
_LEAST_PERIODS = 12  # in steps of three years the 29th of February comes every fourth time


@dataclass(frozen=True, slots=True)
class Plan:
    """A recurrence in wall time. `rules`: see engine/left_out.py; weeks and days are counted from `start` (naive)."""

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
    before: datetime | None = None
    for found in merge(*(_kept_times(rule, plan.start.date(), wall.date()) for rule in plan.rules)):
        if found <= wall or found == before:
            continue
        if plan.last is not None and found > plan.last:
            return
        before = found
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


class _NeverComes(Exception):
    """A rule was looked for long enough."""


class _Step(int):
    """The interval of a rule. dateutil adds it once for each period; a rule that names the 30th of February would have
    it look for seconds, up to the year 9999, without a word in between. This one loses its patience.
    """

    left: int

    def __radd__(self, other: int) -> int:
        self._spend()
        return other + int(self)

    def __mul__(self, other: int) -> int:
        self._spend()
        return int(self) * other

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _NeverComes


def _kept_times(rule: str, start: date, day: date) -> Iterator[datetime]:
    """The times of a rule without the days that it leaves out."""
    return kept(rule, _times(bare(rule), start, day))


def _times(rule: str, start: date, day: date) -> Iterator[datetime]:
    """A rule's wall times from shortly before a day on, in step with its start."""
    parts = dict(part.split("=", 1) for part in f"{rule};BYSECOND=0".split(";"))
    frequency, every = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    parts |= _implied(parts, start)
    begins = datetime.combine(_in_step(frequency, every, parts.get("WKST", "MO"), start, day), time())
    written = ";".join(f"{name}={value}" for name, value in parts.items())
    step, patience = _Step(every), max(_LEAST_PERIODS, _TEN_YEARS[frequency] // every + 1)
    step.left = patience
    try:
        for found in rrulestr(f"RRULE:{written}", dtstart=begins).replace(interval=step):
            step.left = patience
            yield found
    except (_NeverComes, IndexError):  # for the ninth Sunday of a month dateutil looks past its end
        return


def _implied(parts: dict[str, str], start: date) -> dict[str, str]:
    """What a rule that names no days has from its start, as RFC 5545 says."""
    if parts.keys() & {"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYEASTER"} or parts["FREQ"] == "DAILY":
        return {}
    if parts["FREQ"] == "WEEKLY":
        return {"BYDAY": DAYS[start.weekday()]}
    month = {"BYMONTH": str(start.month)} if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts else {}
    return month | {"BYMONTHDAY": str(start.day)}


def _in_step(frequency: str, every: int, week: str, start: date, day: date) -> date:
    """The start, or the first day of a later period of the rule before this day: what lies between is not walked."""
    if frequency == "YEARLY":
        years = ((day.year - start.year) // every - 1) * every
        return date(start.year + years, 1, 1) if years > 0 else start
    if frequency == "MONTHLY":
        months = (((day.year - start.year) * 12 + day.month - start.month) // every - 1) * every
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        return date(year, month + 1, 1) if months > 0 else start
    first = start - timedelta(days=(start.weekday() - DAYS.index(week)) % 7) if frequency == "WEEKLY" else start
    length = 7 * every if frequency == "WEEKLY" else every
    periods = (day - first).days // length - 1
    return first + timedelta(days=periods * length) if periods > 0 else start
