"""Schedules as a CSV file: written so that reading gives the same, read with the number of every wrong line.

`when` is a moment (`2026-12-24 20:00`), one or more iCalendar RRULEs parted by ` + `, or the words that the chat takes
(`every mon,wed 7:15`). All times are those of the channel. `text` is written down as in engine/posts.py. Dates that a
spreadsheet rewrote are read in the one order that the file shows (engine/files/dates.py).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from engine import composing, posts
from engine.files import dates
from engine.files.dates import Dates, Order, TwoOrders
from engine.files.tables import SHOWN, Columns, Problem, Read, Row, open_file, read_table, write_table
from engine.files.tables import Wrong as WrongTable
from engine.left_out import A_DAY
from engine.media import BadMedia, MediaKind, check_together
from engine.posts import Thread
from engine.recurrence import Plan, after
from engine.text import fold
from engine.when import NotUnderstood, When, first_of, understand

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MAX_LINES = 5_000
MAX_GRACE = 24 * 60
MAX_PHRASE = 500
MAX_POST = 5_000  # with links, which count 23 however long they are
EARLIEST = 2000
MAX_RULES, MAX_RULE = 100, 1_000
MOST_SOUGHT = 300  # whens that take milliseconds each, to find that there is none
_COSTLY = re.compile(r"\d.*[^\W\d_]|[^\W\d_].*\d|\d:\d")  # dateparser is asked about these
_DATED = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}[T ,]+\d{1,2}[:.h]\d{2}.{0,12}")
_WHOLE_DAY = re.compile(r"(\d{4}-\d\d-\d\d) 0?0:00")  # as programs write a day that has its time in another column
_ANY_TIME = datetime(2026, 1, 1)
_JOINED = " + "
_PARTING = re.compile(r"\s*\+\s*(?=FREQ=)", re.IGNORECASE)
_ALSO = {
    name: column
    for column, names in {
        "when": "cuando fecha date dia day fecha_y_hora date_and_time datetime fecha/hora programacion"
        " schedule momento fecha_de_publicacion fecha_programada publish_date post_date scheduled scheduled_for"
        " scheduled_at scheduled_time programado programada",
        "time": "hora time_of_day horas",
        "text": "texto mensaje message tweet tuit post publicacion contenido content caption tweet_text post_text"
        " texto_del_tuit texto_del_tweet texto_del_mensaje",
        "start": "inicio desde empieza starts from",
        "end": "fin hasta until ends termina",
        "times": "veces repeticiones repetitions",
        "grace": "gracia tolerancia",
        "state": "estado status",
        "said": "dicho dichas publicado",
    }.items()
    for name in (n.replace("_", " ") for n in names.split())
}
COLUMNS = Columns(
    ("when", "text", "start", "end", "times", "grace", "state", "said"), _ALSO, frozenset({"when", "text"}), MAX_LINES,
    prose=frozenset({"text"}), besides=frozenset({"time"}), begins=("when", lambda cell: _says_when(cell)),
)  # fmt: skip
_STATES = {"": "on", "on": "on", "activo": "on", "activa": "on", "paused": "paused", "pausa": "paused",
           "en pausa": "paused", "pausado": "paused", "pausada": "paused", "queue": "queue",
           "cola": "queue"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A schedule as a line: `starts` is the wall time from which weeks and days are counted, `when.first` the next."""

    turns: tuple[Thread, ...]
    when: When
    starts: datetime
    grace_min: int = 15
    state: str = "on"
    said: int = 0


class Wrong(StrEnum):
    """What may be wrong with a line of a schedule."""

    WHEN = "when"
    TIME = "time"
    ORDER = "order"
    PAST = "past"
    DATE = "date"
    NUMBER = "number"
    STATE = "state"
    EMPTY = "empty"
    LONG = "long"
    MEDIA = "media"
    HOLIDAYS = "holidays"


_REASONS = {"past": Wrong.PAST, "time": Wrong.TIME, "holidays": Wrong.HOLIDAYS}


def write_file(lines: Iterable[Line]) -> bytes:
    """The file as CSV."""
    return write_table(COLUMNS, map(_row, lines))


@dataclass
class _Reading:
    """What is known of a file while its lines are read: how its dates are written, and whens that were understood, or
    not, in a line above.
    """

    now: datetime
    owned: Callable[[list[int]], dict[int, MediaKind]]
    dates: Dates
    understood: dict[tuple[str, datetime | None], tuple[When, datetime] | Wrong] = field(default_factory=dict)
    never: set[tuple[object, ...]] = field(default_factory=set)
    sought: int = 0


def read_file(
    content: bytes, now: datetime, owned: Callable[[list[int]], dict[int, MediaKind]], zone: tzinfo = UTC,
    order: Order | None = None,
) -> Read[Line]:  # fmt: skip
    """Read a file; `now` is the channel's naive wall time, `owned` tells which attachments the channel has.

    `zone` is that of the channel, for moments with a zone of their own; `order` is how dates that may be read in two
    ways are meant. Without it the `doubt` of what is read names one.
    """
    source = open_file(content)
    if isinstance(source, Problem):
        return Read(problems=[source])
    table = read_table(source, COLUMNS)
    if table is None:
        return Read(problems=[Problem(1, WrongTable.HEADER)])
    shown, doubt = dates.order_in(_dated(table.rows), order)
    found: Read[Line] = Read(problems=table.problems, unknown=table.unknown, hidden=table.hidden, doubt=doubt)
    reading = _Reading(now, owned, Dates(shown, table.epoch, zone))
    for row in table.rows:
        if reading.sought >= MOST_SOUGHT:
            found.problems.append(Problem(row.line, WrongTable.STOPPED))
            break
        try:
            found.entries.append(_line(row.cells, reading))
        except _BadCell as bad:
            found.problems.append(Problem(row.line, bad.reason, row.cells.get(bad.cell, "")[:SHOWN]))
    found.problems.sort(key=lambda p: p.line)
    return found


def _dated(rows: Iterable[Row]) -> Iterable[str]:
    """The cells that may hold a date."""
    for row in rows:
        yield from (cell for name in ("when", "start", "end") if len(cell := row.cells.get(name, "")) <= MAX_PHRASE)


def _row(line: Line) -> tuple[object, ...]:
    when = line.when
    return (
        _JOINED.join(when.rules) if when.rules else f"{when.first:%Y-%m-%d %H:%M}",
        posts.write(line.turns),
        f"{line.starts:%Y-%m-%d %H:%M}" if when.rules else "",
        f"{when.last:%Y-%m-%d %H:%M}" if when.last else "",
        when.times or "",
        line.grace_min,
        line.state,
        line.said or "",
    )


class _BadCell(Exception):
    def __init__(self, cell: str, reason: Wrong) -> None:
        super().__init__(reason)
        self.cell = cell
        self.reason = reason


def _line(cells: Mapping[str, str], reading: _Reading) -> Line:
    turns = _turns(cells.get("text", ""), reading.owned)
    starts = _moment(cells, "start", reading.dates)
    last = _moment(cells, "end", reading.dates, end_of_day=True)
    times = _number(cells, "times", 1, 100_000)
    when, anchor = _when(cells, starts, reading)
    if when.rules:
        when = When(when.first, when.rules, last or when.last, times or when.times)
        if when.last is not None and when.first > when.last:
            raise _BadCell("end", Wrong.PAST)
    state = _STATES.get(fold(cells.get("state", "")))
    if state is None or (state == "queue" and when.rules):
        raise _BadCell("state", Wrong.STATE)
    grace = _number(cells, "grace", 1, MAX_GRACE)
    return Line(turns, when, anchor, grace or 15, state, _number(cells, "said", 0, 10**9) or 0)


def _turns(text: str, owned: Callable[[list[int]], dict[int, MediaKind]]) -> tuple[Thread, ...]:
    turns = tuple(posts.read(composing.clean(text)))
    if not turns:
        raise _BadCell("text", Wrong.EMPTY)
    attached = [a for t in turns for a in posts.attached(t)]
    there = owned([a.media_id for a in attached]) if attached else {}
    if any(there.get(a.media_id) is not a.kind for a in attached):
        raise _BadCell("text", Wrong.MEDIA)
    for thread in turns:
        if len(thread) > posts.MOST_POSTS:
            raise _BadCell("text", Wrong.LONG)
        for post in thread:
            if len(post.text) > MAX_POST or composing.weighted_length(post.text) > composing.LIMIT:
                raise _BadCell("text", Wrong.LONG)
            try:
                check_together([a.kind for a in post.media])
            except BadMedia:
                raise _BadCell("text", Wrong.MEDIA) from None
    return turns


def _when(cells: Mapping[str, str], starts: datetime | None, reading: _Reading) -> tuple[When, datetime]:
    """The times from now on, and from when they are counted. Raises _BadCell."""
    text = cells.get("when", "")
    is_rule = text[:5].upper() == "FREQ="
    if not is_rule:
        if not text or max(len(text), len(cells.get("time", ""))) > MAX_PHRASE:
            raise _BadCell("when", Wrong.WHEN)
        day, clock = _plain(cells, "when", reading.dates), _plain(cells, "time", reading.dates)
        if clock and (whole := _WHOLE_DAY.fullmatch(day)):
            day = whole[1]
        text = f"{day} {clock}".strip()
    known = reading.understood.get((text, starts))
    if known is None:
        try:
            known = _of_rules(text, starts, reading) if is_rule else _of_words(text, starts, reading)
        except _BadCell as bad:
            known = Wrong(bad.reason)
        reading.understood[text, starts] = known
    if isinstance(known, Wrong):
        raise _BadCell("when", known)
    return known


def _of_rules(text: str, starts: datetime | None, reading: _Reading) -> tuple[When, datetime]:
    now, written = reading.now, _PARTING.split(text)  # +1MO has a plus too
    if len(written) > MAX_RULES or any(len(r) > MAX_RULE for r in written):
        raise _BadCell("when", Wrong.WHEN)
    rules = tuple(_rule(r.strip().upper()) for r in written)
    anchor = starts or now
    days = (anchor.date(), *{";".join(p for p in r.split(";") if p[:6] not in ("BYHOUR", "BYMINU")) for r in rules})
    if days in reading.never:
        raise _BadCell("when", Wrong.PAST)
    try:
        first = next(after(Plan(rules, anchor), max(now, anchor - timedelta(minutes=1))), None)
    except (ValueError, OverflowError):
        raise _BadCell("when", Wrong.WHEN) from None
    if first is None:
        reading.never.add(days)
        reading.sought += len(rules)
        raise _BadCell("when", Wrong.PAST)
    return When(first, rules), starts or first


def _of_words(text: str, starts: datetime | None, reading: _Reading) -> tuple[When, datetime]:
    now = reading.now
    try:
        when, rest = _understood(text, now, reading.dates.zone)
    except NotUnderstood as error:
        reading.sought += _COSTLY.search(text) is not None
        raise _BadCell("when", _REASONS.get(error.reason, Wrong.WHEN)) from None
    except (ValueError, OverflowError):  # a date that no calendar has
        raise _BadCell("when", Wrong.WHEN) from None
    if rest:
        raise _BadCell("when", Wrong.WHEN)
    if starts is not None and when.rules and starts > now:
        first = first_of(when.rules, starts)
        when = When(first or when.first, when.rules, when.last, when.times)
    return when, when.first


def _understood(text: str, now: datetime, zone: tzinfo) -> tuple[When, str]:
    """When; an hour that clocks jump over stands in what was written down before them. Raises NotUnderstood."""
    try:
        return understand(text, now, zone=zone)
    except NotUnderstood as error:
        if error.reason != "gap":
            raise
        return understand(text, now)


def _says_when(cell: str) -> bool:
    """Whether a cell is a moment or a rule and nothing else, so that a line begins with it."""
    if len(cell) > MAX_PHRASE or not any(c.isdigit() for c in cell):
        return False
    if cell[:5].upper() == "FREQ=" or _DATED.fullmatch(cell.strip()):
        return True
    try:
        return not understand(cell, _ANY_TIME)[1]
    except (NotUnderstood, ValueError, OverflowError):
        return False


def _plain(cells: Mapping[str, str], cell: str, read: Dates) -> str:
    """A cell with its dates in the one form. Raises _BadCell."""
    try:
        return dates.plain(cells.get(cell, ""), read)
    except TwoOrders:
        raise _BadCell(cell, Wrong.ORDER) from None


def _rule(text: str) -> str:
    """An RRULE that names its hours and has no end, with parts and numbers as RFC 5545 has them. Raises _BadCell."""
    parts = [p.partition("=") for p in text.split(";")]
    found = {name: value.split(",") for name, _, value in parts}
    if len(found) < len(parts) or not {"FREQ", "BYHOUR", "BYMINUTE"} <= set(found):
        raise _BadCell("when", Wrong.WHEN)
    if not all(name in _PARTS and all(_PARTS[name](v) for v in values) for name, values in found.items()):
        raise _BadCell("when", Wrong.WHEN)
    most = 5 if parts[0][2] == "MONTHLY" or "BYMONTH" in found else 53
    if any(abs(int(d[:-2] or "0")) > most for d in found.get("BYDAY", ())):
        raise _BadCell("when", Wrong.PAST)
    days = [int(d) for d in found.get("BYMONTHDAY", ())]
    longest = max(_LONGEST[int(m) - 1] for m in found.get("BYMONTH", ("1",)))
    if days and min(map(abs, days)) > longest:
        raise _BadCell("when", Wrong.PAST)
    return text


def _between(low: int, high: int, *, back: bool = False) -> Callable[[str], bool]:
    """A number in these bounds; `back`: or its negative, counted from the end."""

    def fits(text: str) -> bool:
        if not re.fullmatch(r"[+-]?[0-9]{1,4}", text):
            return False
        number = int(text)
        return low <= (abs(number) if back else number) <= high

    return fits


def _weekday(text: str) -> bool:
    return re.fullmatch(r"(?:[+-]?[1-9][0-9]?)?(?:MO|TU|WE|TH|FR|SA|SU)", text) is not None


def _own_day(text: str) -> bool:
    return A_DAY.fullmatch(text) is not None


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PARTS: Mapping[str, Callable[[str], bool]] = {
    "FREQ": FREQUENCIES.__contains__,
    "INTERVAL": _between(1, 9999),
    "WKST": _weekday,
    "BYDAY": _weekday,
    "BYMONTH": _between(1, 12),
    "BYMONTHDAY": _between(1, 31, back=True),
    "BYYEARDAY": _between(1, 366, back=True),
    "BYWEEKNO": _between(1, 53, back=True),
    "BYSETPOS": _between(1, 366, back=True),
    "BYEASTER": _between(-400, 400),
    "BYHOUR": _between(0, 23),
    "BYMINUTE": _between(0, 59),
    "EXCEPT": _own_day,
    "ONLY": _own_day,
}


def _moment(cells: Mapping[str, str], cell: str, read: Dates, *, end_of_day: bool = False) -> datetime | None:
    if not cells.get(cell):
        return None
    try:
        found = dates.moment_of(cells[cell], read) if len(cells[cell]) <= MAX_PHRASE else None
    except TwoOrders:
        raise _BadCell(cell, Wrong.ORDER) from None
    if found is None or found[0].year < EARLIEST:
        raise _BadCell(cell, Wrong.DATE)
    at, timed = found
    return at.replace(hour=23, minute=59) if end_of_day and not timed else at


def _number(cells: Mapping[str, str], cell: str, low: int, high: int) -> int | None:
    text = cells.get(cell, "")
    if not text:
        return None
    whole = re.fullmatch(r"([0-9]{1,10})(?:[.,]0+)?", text)
    if not whole or not low <= int(whole[1]) <= high:
        raise _BadCell(cell, Wrong.NUMBER)
    return int(whole[1])
