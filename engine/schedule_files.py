"""Schedules as a CSV file: written so that reading gives the same, read with the number of every wrong line.

`when` is a moment (`2026-12-24 20:00`), one or more iCalendar RRULEs parted by ` + `, or the words that the chat takes
(`every mon,wed 7:15`). All times are those of the channel. `text` is written down as in engine/posts.py.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

from engine import composing, posts
from engine.composing.threads import parted
from engine.lists import decoded
from engine.media import BadMedia, MediaKind, check_together
from engine.posts import Thread
from engine.recurrence import Plan, after
from engine.text import fold
from engine.when import NotUnderstood, When, first_of, understand

COLUMNS = ("when", "text", "start", "end", "times", "grace", "state", "said")
STATES = ("on", "paused", "queue")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MAX_LINES = 5_000
MAX_GRACE = 24 * 60
_JOINED = " + "
_NAMES = {"cuando": "when", "texto": "text", "inicio": "start", "fin": "end", "hasta": "end", "veces": "times",
          "gracia": "grace", "estado": "state", "dicho": "said"}  # fmt: skip
_STATES = {"": "on", "on": "on", "activo": "on", "activa": "on", "paused": "paused", "pausa": "paused",
           "en pausa": "paused", "queue": "queue", "cola": "queue"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A schedule as a line: `starts` is the wall time from which weeks and days are counted, `when.first` the next."""

    turns: tuple[Thread, ...]
    when: When
    starts: datetime
    grace_min: int = 15
    state: str = "on"
    said: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """A line (from 1, the header counted) that can't be used, and why."""

    line: int
    text: str
    reason: str


@dataclass
class Read:
    """What a file holds."""

    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def write_file(lines: Iterable[Line]) -> bytes:
    """The file, UTF-8 with a mark that spreadsheets know."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        when = line.when
        writer.writerow(
            [
                _JOINED.join(when.rules) if when.rules else f"{when.first:%Y-%m-%d %H:%M}",
                posts.write(line.turns),
                f"{line.starts:%Y-%m-%d %H:%M}" if when.rules else "",
                f"{when.last:%Y-%m-%d %H:%M}" if when.last else "",
                when.times or "",
                line.grace_min,
                line.state,
                line.said or "",
            ]
        )
    return out.getvalue().encode("utf-8-sig")


def read_file(content: bytes, now: datetime, owned: Callable[[list[int]], dict[int, MediaKind]]) -> Read:
    """Read a file; `now` is the channel's naive wall time, `owned` tells which attachments the channel has."""
    found = Read()
    text = decoded(content)
    dialect = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect)
    try:
        header = [_NAMES.get(fold(name.strip()), fold(name.strip())) for name in next(reader, [])]
        if "when" not in header or "text" not in header:
            found.problems.append(Problem(1, ",".join(header)[:60], "header"))
            return found
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(found.lines) + len(found.problems) >= MAX_LINES:
                found.problems.append(Problem(reader.line_num, "", "too_many"))
                return found
            cells = {name: row[n].strip() for n, name in enumerate(header) if n < len(row)}
            try:
                found.lines.append(_line(cells, now, owned))
            except _Wrong as wrong:
                found.problems.append(Problem(reader.line_num, (cells.get(wrong.cell) or "")[:60], wrong.reason))
    except csv.Error:
        found.problems.append(Problem(reader.line_num, "", "csv"))
    return found


class _Wrong(Exception):
    def __init__(self, cell: str, reason: str) -> None:
        super().__init__(reason)
        self.cell = cell
        self.reason = reason


def _line(cells: dict[str, str], now: datetime, owned: Callable[[list[int]], dict[int, MediaKind]]) -> Line:
    turns = _turns(cells.get("text", ""), owned)
    starts = _moment(cells, "start")
    last = _moment(cells, "end", end_of_day=True)
    times = _number(cells, "times", 1, 100_000)
    when, anchor = _when(cells.get("when", ""), now, starts)
    if when.rules:
        when = When(when.first, when.rules, last or when.last, times or when.times)
        if when.last is not None and when.first > when.last:
            raise _Wrong("end", "past")
    state = _STATES.get(fold(cells.get("state", "")))
    if state is None or (state == "queue" and when.rules):
        raise _Wrong("state", "state")
    grace = _number(cells, "grace", 1, MAX_GRACE)
    return Line(turns, when, anchor, grace or 15, state, _number(cells, "said", 0, 10**9) or 0)


def _turns(text: str, owned: Callable[[list[int]], dict[int, MediaKind]]) -> tuple[Thread, ...]:
    turns = tuple(posts.read(composing.clean(text)))
    if not turns:
        raise _Wrong("text", "empty")
    attached = [a for t in turns for a in posts.attached(t)]
    there = owned([a.media_id for a in attached]) if attached else {}
    if any(there.get(a.media_id) is not a.kind for a in attached):
        raise _Wrong("text", "media")
    for thread in turns:
        if len(thread) > posts.MOST_POSTS:
            raise _Wrong("text", "long")
        for post in thread:
            if post.text and len(parted(post.text)) > 1:
                raise _Wrong("text", "long")
            if post.text and composing.weighted_length(post.text) > composing.LIMIT:
                raise _Wrong("text", "long")
            try:
                check_together([a.kind for a in post.media])
            except BadMedia:
                raise _Wrong("text", "media") from None
    return turns


def _when(text: str, now: datetime, starts: datetime | None) -> tuple[When, datetime]:
    """The times from now on, and from when they are counted. Raises _Wrong."""
    if text.upper().startswith("FREQ="):
        rules = tuple(r.strip().upper() for r in text.split(_JOINED.strip()))
        anchor = starts or now
        try:
            for rule in rules:
                parts = dict(p.split("=") for p in rule.split(";"))
                if parts.get("FREQ") not in FREQUENCIES or not {"BYHOUR", "BYMINUTE"} <= set(parts):
                    raise _Wrong("when", "when")
                if set(parts) & {"COUNT", "UNTIL", "BYSECOND"}:
                    raise _Wrong("when", "when")
                rrulestr(f"RRULE:{rule}", dtstart=anchor)
            first = next(after(Plan(rules, anchor), max(now, anchor - timedelta(minutes=1))), None)
        except ValueError:
            raise _Wrong("when", "when") from None
        if first is None:
            raise _Wrong("when", "past")
        return When(first, rules), starts or first
    try:
        when, rest = understand(text, now)
    except NotUnderstood as error:
        raise _Wrong("when", "past" if error.reason == "past" else "when") from None
    if rest:
        raise _Wrong("when", "when")
    if starts is not None and when.rules and starts > now:
        first = first_of(when.rules, starts)
        when = When(first or when.first, when.rules, when.last, when.times)
    return when, when.first


def _moment(cells: dict[str, str], cell: str, *, end_of_day: bool = False) -> datetime | None:
    text = cells.get(cell, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _Wrong(cell, "date") from None
    if found.tzinfo is not None:
        raise _Wrong(cell, "date")
    return found.replace(hour=23, minute=59) if end_of_day and len(text) <= 10 else found


def _number(cells: dict[str, str], cell: str, low: int, high: int) -> int | None:
    text = cells.get(cell, "")
    if not text:
        return None
    if not text.isdigit() or not low <= int(text) <= high:
        raise _Wrong(cell, "number")
    return int(text)
