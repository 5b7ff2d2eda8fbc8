"""A channel's lists as a file: read with the number of every wrong line, written so that reading gives the same.

CSV with a header (`list,text,applies,block,becomes,note`), or a plain text file of one word or phrase a line. In text,
a replacement is written `av. => avenida`. Spreadsheets' semicolons and encodings are understood.
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from engine import timetable
from engine.moderation import FOR_GOOD, MAX_DAYS, BadKeyword, Keyword, KeywordRole, MessageKind, check_keyword
from engine.text import fold, pattern_of
from engine.timetable import BadHours

COLUMNS = ("list", "text", "applies", "block", "becomes", "note")
FOREVER = "forever"
MAX_LINES = 50_000
MAX_BECOMES = 100
MAX_NOTE = 100
HANDLE = re.compile(r"^@?(\w{1,15})$", re.ASCII)
ARROW = re.compile(r"\s*(?:=>|->|→)\s*")
_COLUMN_NAMES = {
    "lista": "list", "texto": "text", "palabra": "text", "word": "text", "para": "applies", "for": "applies",
    "bloqueo": "block", "por": "becomes", "reemplazo": "becomes", "nota": "note", "motivo": "note", "reason": "note",
}  # fmt: skip
_LISTS = {
    "disparador": "trigger", "filtro": "filter", "reemplazo": "replacement", "enfasis": "emphasis",
    "bloqueado": "blocked", "confiable": "trusted", "horario": "hours",
}  # fmt: skip
_KINDS = {
    "": None, "both": None, "ambos": None, "mention": MessageKind.MENTION, "mentions": MessageKind.MENTION,
    "mencion": MessageKind.MENTION, "menciones": MessageKind.MENTION, "dm": MessageKind.DM, "dms": MessageKind.DM,
}  # fmt: skip
_FOREVER = {FOREVER, "siempre", "for good", "always", "0"}


class Standing(StrEnum):
    """What a sender is to a channel. The values are stored, so they never change."""

    BLOCKED = "blocked"
    TRUSTED = "trusted"


HOURS = "hours"
LISTS = (*(r.value for r in KeywordRole), *(s.value for s in Standing), HOURS)


@dataclass(frozen=True, slots=True)
class Standed:
    """A sender's line: `until` is an aware instant, or None for good. `handle` has no @."""

    standing: Standing
    handle: str
    until: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one kind of message, as they are written."""

    kind: MessageKind
    written: str


Entry = Keyword | Standed | Hours


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that can't be used. `reason` is a word of the reader's (the bot says it in a sentence)."""

    line: int
    reason: str
    text: str


@dataclass
class Read:
    """What a file holds: its entries in their order, how many lines said again what was there, and what is wrong."""

    entries: list[Entry] = field(default_factory=list)
    repeated: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def lists(self) -> list[str]:
        """The lists that the file is about, in their usual order."""
        found = {list_of(e) for e in self.entries}
        return [name for name in LISTS if name in found]


class BadLine(ValueError):
    """`reason` says what is wrong with a line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def list_of(entry: Entry) -> str:
    """The name of the list that an entry belongs to."""
    if isinstance(entry, Keyword):
        return entry.role.value
    return entry.standing.value if isinstance(entry, Standed) else "hours"


def key_of(entry: Entry) -> tuple[str, str]:
    """What an entry is about: two with one key are the same line with other options."""
    if isinstance(entry, Keyword):
        return entry.role.value, pattern_of(entry.text) or ""
    if isinstance(entry, Standed):
        return "sender", entry.handle.lower()
    return "hours", entry.kind.value


def read_file(content: bytes, default: str | None, now: datetime) -> Read:
    """Understand a file. Lines without a list's name belong to `default`; days count from `now`."""
    text = decoded(content)
    lines = text.splitlines()
    found = Read()
    if len(lines) > MAX_LINES:
        found.problems.append(Problem(MAX_LINES + 1, "too_many", ""))
        return found
    first = next((line for line in lines if line.strip()), "")
    header = [_column(c) for c in re.split(r"[,;\t]", first)]
    rows = _csv_rows(text, first) if "text" in header else _plain_rows(lines, default)
    seen: dict[tuple[str, str], Entry] = {}
    for number, row in rows:
        try:
            entry = _entry(row, default, now)
        except BadLine as error:
            found.problems.append(Problem(number, error.reason, row.get("text", "")[:60]))
            continue
        key = key_of(entry)
        if key not in seen:
            seen[key] = entry
            found.entries.append(entry)
        elif _options(seen[key]) == _options(entry):
            found.repeated += 1
        else:
            found.problems.append(Problem(number, "contradicts", row.get("text", "")[:60]))
    return found


def write_file(entries: Iterable[Entry]) -> bytes:
    """The lists as CSV in a fixed order: the same lists give the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(e) for e in sorted(entries, key=_order))
    return out.getvalue().encode("utf-8-sig")


def days_of(typed: str) -> int:
    """How long a block lasts: days, or for good (0). Raises BadLine."""
    word = fold(typed).strip()
    if word in _FOREVER:
        return FOR_GOOD
    days = re.fullmatch(r"(\d{1,4})\s*(?:d|dias?|days?)?", word)
    if not days or not 1 <= int(days[1]) <= MAX_DAYS:
        raise BadLine("days")
    return int(days[1])


def replacement_of(typed: str) -> Keyword:
    """`av. => avenida`. Raises BadLine or BadKeyword."""
    before, *after = ARROW.split(typed, maxsplit=1)
    if not after:
        raise BadLine("no_arrow")
    return Keyword(KeywordRole.REPLACEMENT, check_keyword(before.strip(' "“”')), into=_becomes(after[0].strip(' "“”')))


def _becomes(text: str) -> str:
    kept = " ".join(text.split())
    if not kept or len(kept) > MAX_BECOMES:
        raise BadLine("becomes")
    return kept


def _entry(row: dict[str, str], default: str | None, now: datetime) -> Entry:
    name = fold(row.get("list", "")).strip() or default or ""
    name = _LISTS.get(name, name)
    text = row.get("text", "").strip()
    if name not in LISTS:
        raise BadLine("list")
    if name == "hours":
        return _hours(row, text)
    if name in (Standing.BLOCKED, Standing.TRUSTED):
        return _standed(Standing(name), row, text, now)
    try:
        kept = check_keyword(text)
    except BadKeyword as error:
        raise BadLine(error.reason) from None
    role = KeywordRole(name)
    applies = row.get("applies", "")
    if fold(applies).strip() not in _KINDS:
        raise BadLine("applies")
    block = row.get("block", "").strip()
    return Keyword(
        role,
        kept,
        applies=_KINDS[fold(applies).strip()] if role is KeywordRole.TRIGGER else None,
        block_days=days_of(block) if role is KeywordRole.FILTER and block else None,
        into=_becomes(row.get("becomes", "")) if role is KeywordRole.REPLACEMENT else "",
    )


def _hours(row: dict[str, str], text: str) -> Hours:
    kind = _KINDS.get(fold(row.get("applies", "")).strip())
    if kind is None:
        raise BadLine("applies")
    try:
        return Hours(kind, timetable.written_hours(timetable.parse_hours(text)))
    except BadHours:
        raise BadLine("hours") from None


def _standed(standing: Standing, row: dict[str, str], text: str, now: datetime) -> Standed:
    handle = HANDLE.match(text)
    if not handle:
        raise BadLine("handle")
    note = " ".join(row.get("note", "").split())[:MAX_NOTE]
    block = row.get("block", "").strip()
    if standing is Standing.TRUSTED or not block:
        return Standed(standing, handle[1], None, note)
    try:
        until = datetime.fromisoformat(block).replace(tzinfo=None).replace(tzinfo=UTC) if "T" in block else None
    except ValueError:
        raise BadLine("days") from None
    if until is None:
        days = days_of(block)
        until = None if days == FOR_GOOD else now + timedelta(days=days)
    return Standed(standing, handle[1], until, note)


def _row(entry: Entry) -> tuple[str, ...]:
    name = list_of(entry)
    if isinstance(entry, Hours):
        return name, entry.written, entry.kind.value, "", "", ""
    if isinstance(entry, Standed):
        until = "" if entry.standing is Standing.TRUSTED else FOREVER
        if entry.until is not None:
            until = entry.until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return name, "@" + entry.handle, "", until, "", entry.note
    block = "" if entry.block_days is None else FOREVER if entry.block_days == FOR_GOOD else str(entry.block_days)
    return name, entry.text, entry.applies.value if entry.applies else "", block, entry.into, ""


def _order(entry: Entry) -> tuple[int, str, str]:
    row = _row(entry)
    return LISTS.index(row[0]), fold(row[1]), row[1] + row[2]


def _options(entry: Entry) -> tuple[str, ...]:
    return tuple(c for i, c in enumerate(_row(entry)) if i != 1)


def decoded(content: bytes) -> str:
    """The text of a file that a person made, whatever encoding their spreadsheet chose."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _column(name: str) -> str:
    bare = fold(name).strip(' "\ufeff')
    return _COLUMN_NAMES.get(bare, bare)


def _csv_rows(text: str, first: str) -> list[tuple[int, dict[str, str]]]:
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    header: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for cells in reader:
        if not any(c.strip() for c in cells):
            continue
        if not header:
            header = [_column(c) for c in cells]
            continue
        rows.append((reader.line_num, dict(zip(header, cells, strict=False))))
    return rows


def _plain_rows(lines: list[str], default: str | None) -> list[tuple[int, dict[str, str]]]:
    rows: list[tuple[int, dict[str, str]]] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("# "):
            continue
        row = {"text": text}
        if default == KeywordRole.REPLACEMENT.value:
            before, *after = ARROW.split(text, maxsplit=1)
            row = {"text": before, "becomes": after[0] if after else ""}
        rows.append((number, row))
    return rows
