"""Weekly timetables in a channel's own time: when something is allowed, and when it will be next.

A timetable is about the clock on the wall: a block from 6:00 to 22:00 keeps those hours on the days when clocks
change too, and an hour that comes twice is open twice.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from engine.clock_changes import at, clock_change
from engine.text import fold
from engine.when import NotUnderstood
from engine.when.clocks import in_figures
from engine.when.words import flatten

DAY = 24 * 60
WEEK = 7 * DAY
ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = (
    ("lunes", "monday"), ("martes", "tuesday"), ("miercoles", "wednesday"), ("jueves", "thursday"),
    ("viernes", "friday"), ("sabado", "saturday"), ("domingo", "sunday"),
)  # fmt: skip
_GROUPS = {
    "todos": range(7), "todos los dias": range(7), "cada dia": range(7), "diario": range(7), "a diario": range(7),
    "daily": range(7), "every day": range(7), "everyday": range(7),
    "entre semana": range(5), "laborables": range(5), "weekdays": range(5),
    "fin de semana": range(5, 7), "fines de semana": range(5, 7), "weekend": range(5, 7), "weekends": range(5, 7),
}  # fmt: skip
MOST_TYPED = 300  # characters of a block
NEVER_WRITTEN = "never"
_NEVER = {NEVER_WRITTEN, "nunca", "none", "ninguna", "ninguno"}
_ALWAYS = {"siempre", "always", "24h", "24/7", "todo el dia", "all day"}
_TIME = r"(\d{1,2})(?:[:.h](\d{2})?)?\s*(am|pm|a\.m\.|p\.m\.|h)?"
_BUT = r"\s+\(?(?:menos|excepto|salvo|except(?:\s+for)?|but(?:\s+not)?)\s+(?:(?:los|las|el|on|the)\s+)?"
_OPENING = re.compile(r"^(?:de|desde|from|between|entre)$")
_JOINING = re.compile(r"\b(?:y|e|and|de|from)\b")
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|a|to|hasta|until)\s*{_TIME}(?![\d:])")


class BadHours(ValueError):
    """A block that can't be understood. `piece` is what was typed there."""

    def __init__(self, piece: str) -> None:
        super().__init__(piece)
        self.piece = piece


@dataclass(frozen=True, slots=True)
class Timetable:
    """Open spans of a week: minutes since Monday 0:00, sorted, apart, each `start <= minute < end <= 10080`."""

    spans: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.spans)

    def open_at(self, instant: datetime, zone: tzinfo) -> bool:
        """Whether it is open at an aware instant."""
        wall = instant.astimezone(zone)
        return self._holds(wall.weekday() * DAY + wall.hour * 60 + wall.minute)

    def next_open(self, instant: datetime, zone: tzinfo) -> datetime | None:
        """The first open instant from this one on (aware UTC); None where it never opens.

        It opens where the wall clock passes a block's start, or jumps into a block when clocks change.
        """
        if not self.spans:
            return None
        if self.open_at(instant, zone):
            return instant.astimezone(UTC)
        first = instant.astimezone(zone).date()
        for ahead in range(9):
            day = first + timedelta(days=ahead)
            moments = [at(day, start % DAY, zone, fold) for start in self._starts(day.weekday()) for fold in (0, 1)]
            change = clock_change(day, zone)
            if change is not None:
                moments.append(change)
            for moment in sorted(moments):
                if moment >= instant and self.open_at(moment, zone):
                    return moment
        return None

    def with_span(self, start: int, end: int) -> "Timetable":
        """Open from `start` to `end` too (minutes of the week)."""
        return of_spans([*self.spans, (start, end)])

    def without_span(self, start: int, end: int) -> "Timetable":
        """Closed from `start` to `end`."""
        kept = []
        for a, b in self.spans:
            kept += [(a, min(b, start)), (max(a, end), b)]
        return of_spans([(a, b) for a, b in kept if a < b])

    def share(self, start: int, end: int) -> float:
        """How much of this stretch is open, 0 to 1."""
        return sum(max(0, min(b, end) - max(a, start)) for a, b in self.spans) / (end - start)

    def written(self, days: Sequence[str] = ENGLISH) -> str:
        """As it is typed: `mon-fri 6:00-22:00, sat 8:00-14:00`. Parsing it gives the same timetable."""
        by_hours: dict[tuple[int, int], list[int]] = {}
        for start, end in self._blocks():
            by_hours.setdefault((start % DAY, end - start), []).append(start // DAY)
        parts = []
        for (start, length), on in sorted(by_hours.items(), key=lambda item: (item[1][0], item[0])):
            end = (start + length) % DAY or DAY
            parts.append(f"{day_list(on, days)} {clock_of(start)}-{clock_of(end)}")
        return ", ".join(parts)

    def _holds(self, minute: int) -> bool:
        at = bisect_right(self.spans, (minute, WEEK)) - 1
        return at >= 0 and minute < self.spans[at][1]

    def _starts(self, weekday: int) -> list[int]:
        return [s for s, _ in self.spans if s // DAY == weekday]

    def _blocks(self) -> list[tuple[int, int]]:
        """The spans as blocks of at most a day each; one that goes on over Sunday's midnight is one."""
        spans = list(self.spans)
        if len(spans) > 1 and spans[-1][1] == WEEK and spans[0][0] == 0 and spans[0][1] + WEEK - spans[-1][0] < DAY:
            first = spans.pop(0)
            spans[-1] = (spans[-1][0], WEEK + first[1])
        blocks = []
        for start, end in spans:
            while end - start >= DAY and start // DAY != (end - 1) // DAY:
                midnight = (start // DAY + 1) * DAY
                blocks.append((start, midnight))
                start = midnight
            blocks.append((start, end))
        return blocks


ALWAYS = Timetable(((0, WEEK),))
NEVER = Timetable()


def of_spans(spans: Iterable[tuple[int, int]]) -> Timetable:
    """A timetable of spans in any order, overlapping, or over the end of the week."""
    flat: list[tuple[int, int]] = []
    for start, end in spans:
        flat += [(start, min(end, WEEK))] + ([(0, end - WEEK)] if end > WEEK else [])
    merged: list[tuple[int, int]] = []
    for start, end in sorted(flat):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return Timetable(tuple(merged))


@lru_cache(maxsize=1024)
def parse(typed: str) -> Timetable:
    """Blocks as a person types them, in Spanish or English. Raises BadHours.

    `lun-vie 6:00-22:00, sáb 8-14` · `mon,wed 7am-9am 5pm-8pm` · `vie 22:00-2:00` (over midnight) · `diario 8-20` ·
    `24h` · `todos los días menos domingo de 8 de la mañana a 5 y media de la tarde`. An end that is not after its start
    is on the next day; of "9 to 5" nobody knows whether it is.
    """
    spans: list[tuple[int, int]] = []
    days: list[int] = []
    for piece in (p.strip() for p in re.split(r"[,;\n]", flatten(fold(typed)).replace("–", "-"))):
        if not piece:
            continue
        if len(piece) > MOST_TYPED:
            raise BadHours(piece)
        if piece in _ALWAYS:
            spans.append((0, WEEK))
            continue
        head, times, tail = _parted(piece)
        named = head or tail
        head_days = days_of(named) if named else (range(7) if not days else ())
        if head_days is None or (head and tail):
            raise BadHours(piece)
        days += [d for d in head_days if d not in days]
        for found in times:
            start, end = minutes_of(found, 1), minutes_of(found, 4)
            if start is None or end is None or start == DAY or (end <= start and _is_nine_to_five(found)):
                raise BadHours(piece)
            spans += [(d * DAY + start, d * DAY + (end if end > start else end + DAY)) for d in days]
        if times:
            days = []
    if days or not spans:
        raise BadHours(typed.strip())
    return of_spans(spans)


def _parted(piece: str) -> tuple[str, list["re.Match[str]"], str]:
    """The days before the hours, the hours, and the days after them."""
    try:
        written = in_figures(piece)
    except NotUnderstood:
        raise BadHours(piece) from None
    times = list(_SPAN.finditer(written))
    if not times:
        return written.strip(" :"), [], ""
    before = _OPENING.sub("", written[: times[0].start()].strip(" :"))
    rest = _SPAN.sub(" ", written[times[0].start() :])
    return before, times, _JOINING.sub(" ", rest).strip() and re.sub(r"^\s*(?:y|e|and|de|from)\s+", "", rest.strip())


def _is_nine_to_five(found: "re.Match[str]") -> bool:
    """Both ends by their hour alone, of which either may be of the morning or the evening."""
    return not any(found[g] for g in (2, 3, 5, 6)) and 1 <= int(found[1]) <= 12 and 1 <= int(found[4]) <= 12


def parse_hours(typed: str) -> Timetable:
    """Hours as a person types them, or `never` for none at all. Raises BadHours."""
    return NEVER if fold(typed).strip() in _NEVER else parse(typed)


def written_hours(table: Timetable) -> str:
    """Hours so that `parse_hours` gives the same, also where there are none at all."""
    return table.written() or NEVER_WRITTEN


def days_of(head: str) -> Iterable[int] | None:
    """`lun-vie`, `lun mie vie`, `fines de semana`; None where it is no day."""
    head = re.sub(r"^(?:de|los|el|on|from)\s+|\s+(?:de|from)$", "", head)
    kept, but, left_out = re.sub(_BUT, "|", head, count=1).partition("|")
    if but:
        on, off = days_of(kept.strip()), days_of(left_out.strip())
        return None if on is None or off is None else [d for d in on if d not in set(off)]
    if head in _GROUPS:
        return _GROUPS[head]
    found: list[int] = []
    for word in re.split(r"\s+(?:y|and|e)\s+|\s+(?!a\s|to\s|-)(?<!\sa\s)(?<!\sto\s)(?<!-\s)", head):
        first, dash, last = (p.strip() for p in re.sub(r"\s+(?:a|to)\s+", "-", word).partition("-"))
        one, other = _day(first), _day(last) if dash else None
        if one is None or (dash and other is None):
            return None
        if other is None:
            found.append(one)
        else:
            found += [(one + i) % 7 for i in range((other - one) % 7 + 1)]
    return found


def _day(word: str) -> int | None:
    bare = word.strip(".")
    if len(bare) >= 2:
        short = {"lu": 0, "ma": 1, "mi": 2, "ju": 3, "vi": 4, "sa": 5, "do": 6}
        if len(bare) == 2 and bare in short:
            return short[bare]
        for number, names in enumerate(_DAY_NAMES):
            if len(bare) >= 3 and any(n.startswith(bare) for n in (*names, names[1] + "s", names[0] + "s")):
                return number
    return None


def minutes_of(found: re.Match[str], group: int) -> int | None:
    """The minute of the day of a clock matched in three groups from `group` on: hour, minutes, half; None for none."""
    hour, minute, half = int(found[group]), int(found[group + 1] or 0), (found[group + 2] or "").replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    total = hour * 60 + minute
    return total if minute < 60 and total <= DAY else None


def clock_of(minute: int) -> str:
    """`8:05`."""
    return f"{minute // 60}:{minute % 60:02}"


def day_list(on: list[int], names: Sequence[str]) -> str:
    """`mon-fri`, `mon,wed`; three or more in a row are a range."""
    runs: list[list[int]] = []
    for day in sorted(on):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts: list[str] = []
    for run in runs:
        parts += [f"{names[run[0]]}-{names[run[-1]]}"] if len(run) > 2 else [names[d] for d in run]
    return ",".join(parts)
