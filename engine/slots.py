"""Weekly slots of a channel's queue: `lun-vie 8:00 12:30 18:00, sáb 10:00`, and the next free one."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

from engine.text import fold
from engine.timetable import DAY, ENGLISH, BadHours, clock_of, day_list, days_of, minutes_of
from engine.when import NotUnderstood
from engine.when.clocks import in_figures
from engine.when.words import flatten

MOST = 100
MOST_TYPED = 1000  # characters of a piece: a hundred times of a day
_TIME = re.compile(r"(?:(?<=^)|(?<=\s))(\d{1,2})(?:[:.h](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.|h)?(?=\s|$)")
_JOINING = re.compile(r"\b(?:y|e|and|a las|las|at|a(?= \d))\b")
WEEKS_AHEAD = 52
Slots = tuple[int, ...]


def parse(typed: str) -> Slots:
    """Minutes of the week, sorted. Raises BadHours."""
    found: set[int] = set()
    days: list[int] = []
    for piece in (p.strip() for p in re.split(r"[,;\n]", flatten(fold(typed)))):
        if not piece:
            continue
        if len(piece) > MOST_TYPED:
            raise BadHours(piece)
        try:
            flat = _JOINING.sub(" ", in_figures(piece))
        except NotUnderstood:
            raise BadHours(piece) from None
        times = list(_TIME.finditer(flat))
        head = (flat[: times[0].start()] if times else flat).strip(" :")
        if times and _TIME.sub(" ", flat[times[0].start() :]).strip():
            raise BadHours(piece)
        on = days_of(head) if head else (range(7) if not days else ())
        if on is None:
            raise BadHours(piece)
        days += [d for d in on if d not in days]
        for match in times:
            minute = minutes_of(match, 1)
            if minute is None or minute == DAY:
                raise BadHours(piece)
            found |= {d * DAY + minute for d in days}
        if times:
            days = []
    if days or not found or len(found) > MOST:
        raise BadHours(typed.strip())
    return tuple(sorted(found))


def written(slots: Slots, names: Sequence[str] = ENGLISH) -> str:
    """As they are typed; parsing gives the same."""
    by_day: dict[int, list[str]] = {}
    for slot in slots:
        by_day.setdefault(slot // DAY, []).append(clock_of(slot % DAY))
    by_times: dict[tuple[str, ...], list[int]] = {}
    for day, times in by_day.items():
        by_times.setdefault(tuple(times), []).append(day)
    return ", ".join(f"{day_list(days, names)} {' '.join(times)}" for times, days in by_times.items())


def next_free(slots: Slots, taken: Collection[datetime], after: datetime) -> datetime | None:
    """The first slot (naive wall time) after a moment that nobody has; None where there are no slots."""
    monday = datetime.combine(after.date() - timedelta(days=after.weekday()), time())
    for week in range(WEEKS_AHEAD if slots else 0):
        for slot in slots:
            wall = monday + timedelta(weeks=week, minutes=slot)
            if wall > after and wall not in taken:
                return wall
    return None
