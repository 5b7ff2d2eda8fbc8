"""A channel's lists as a file: read with the number of every wrong line, written so that reading gives the same.

CSV with a header (`list,text,applies,block,becomes,note`), or a plain text file of one word or phrase a line. In text,
a replacement is written `av. => avenida`. Spreadsheets' semicolons and encodings are understood.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from engine import timetable
from engine.files.dates import Dates, moment_of, order_in
from engine.files.tables import SHOWN, Columns, Problem, Read, Row, open_file, read_lines, read_table, write_table
from engine.files.tables import Wrong as WrongTable
from engine.moderation import FOR_GOOD, MAX_DAYS, BadKeyword, Keyword, KeywordRole, MessageKind, check_keyword
from engine.moderation.standing import HANDLE, MAX_NOTE, LeftOut, Standed, Standing
from engine.text import fold, pattern_of
from engine.timetable import BadHours
from engine.when import NotUnderstood
from engine.when.spans import understand_span

FOREVER = "forever"
MAX_LINES = 50_000
MAX_BECOMES = 100
MAX_HOURS = 10_000
ARROW = re.compile(r"\s{0,50}(?:=>|->|→)\s{0,50}")
_ALSO = {
    name: column
    for column, names in {
        "list": "lista listas tipo type nombre_de_lista",
        "text": "texto palabra palabras word words frase frases phrase termino term keyword keywords usuario usuarios"
        " user users handle cuenta cuentas account accounts nombre name arroba remitente remitentes sender senders",
        "applies": "para for aplica aplica_a applies_to en mensajes messages",
        "block": "bloqueo bloquear dias days dias_de_bloqueo block_days hasta until",
        "becomes": "por reemplazo reemplazar_por sustituto se_convierte_en replacement replace_with into",
        "note": "nota notas notes motivo motivos reason reasons comentario comentarios comment comments",
    }.items()
    for name in (n.replace("_", " ") for n in names.split())
}
_LISTS = {
    name: listed
    for listed, names in {
        "trigger": "triggers disparador disparadores activador activadores",
        "filter": "filters filtro filtros prohibida prohibidas banned",
        "replacement": "replacements reemplazo reemplazos sustitucion sustituciones",
        "emphasis": "enfasis resaltado resaltados",
        "blocked": "bloqueado bloqueados bloqueada bloqueadas block blocks blocked_senders remitentes_bloqueados",
        "trusted": "confiable confiables trust trusted_senders remitentes_de_confianza de_confianza",
        "hours": "horario horarios hora horas hour",
        "opted_out": "optout optouts opt_out opt_outs excluido excluidos excluida excluidas no_repostear not_reposted"
        " no_reposteados",
    }.items()
    for name in (n.replace("_", " ") for n in names.split())
}
ALONE = frozenset({"text", "texto", "palabra", "palabras", "word", "words"})
_KINDS = {
    "": None, "both": None, "ambos": None, "mention": MessageKind.MENTION, "mentions": MessageKind.MENTION,
    "mencion": MessageKind.MENTION, "menciones": MessageKind.MENTION, "dm": MessageKind.DM, "dms": MessageKind.DM,
    "md": MessageKind.DM, "mds": MessageKind.DM, "privado": MessageKind.DM, "mensaje directo": MessageKind.DM,
    "mensajes directos": MessageKind.DM, "direct message": MessageKind.DM, "direct messages": MessageKind.DM,
}  # fmt: skip
_EXACT = re.compile(r"\d{4}-\d\d-\d\dT")
_DATED = re.compile(r"\d{4}-\d|\d{1,2}[/.-]\d|\d{5}|\d{1,2}[-/.]\D")
_FOREVER = {FOREVER, "siempre", "for good", "always", "0"}
# Somebody's page, as it is copied out of a browser: `https://x.com/ana?s=20`.
_X_ID = re.compile(r"#[1-9][0-9]{0,17}", re.ASCII)  # of whom no name is known
_ADDRESS = re.compile(r"(?:https?://)?(?:www\.|mobile\.)?(?:x|twitter)\.com/(@?\w{1,15})/?(?:\?\S*)?", re.IGNORECASE)


class Wrong(StrEnum):
    """What may be wrong with a line of a list; the first four are those of BadKeyword."""

    EMPTY = "empty"
    LONG = "long"
    WORDLESS = "wordless"
    STAR = "star"
    LIST = "list"
    APPLIES = "applies"
    DAYS = "days"
    BECOMES = "becomes"
    NO_ARROW = "no_arrow"
    HANDLE = "handle"
    HOURS = "hours"
    CONTRADICTS = "contradicts"


HOURS = "hours"
OPTED_OUT = "opted_out"  # a file adds to it, and nothing takes from it
RULES = (*(r.value for r in KeywordRole), *(s.value for s in Standing), HOURS)  # what a channel may copy of another
LISTS = (*RULES, OPTED_OUT)


def list_named(typed: str) -> str | None:
    """The list that is meant, by its name in either language, with accents or without; None where there is none."""
    name = " ".join(fold(typed).split())
    return name if name in LISTS else _LISTS.get(name)


COLUMNS = Columns(
    ("list", "text", "applies", "block", "becomes", "note"), _ALSO, frozenset({"text"}), MAX_LINES,
    prose=frozenset({"becomes", "note"}), alone=ALONE, leads=lambda cell: list_named(cell) is not None,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one kind of message, as they are written."""

    kind: MessageKind
    written: str


Entry = Keyword | Standed | Hours | LeftOut


class BadLine(ValueError):
    """`reason` says what is wrong with a line."""

    def __init__(self, reason: Wrong) -> None:
        super().__init__(reason)
        self.reason = reason


def list_of(entry: Entry) -> str:
    """The name of the list that an entry belongs to."""
    if isinstance(entry, Keyword):
        return entry.role.value
    if isinstance(entry, LeftOut):
        return OPTED_OUT
    return entry.standing.value if isinstance(entry, Standed) else HOURS


def key_of(entry: Entry) -> tuple[str, str]:
    """What an entry is about: two with one key are the same line with other options."""
    if isinstance(entry, Keyword):
        return entry.role.value, pattern_of(entry.text) or ""
    if isinstance(entry, Standed):
        return "sender", entry.handle.lower()
    if isinstance(entry, LeftOut):
        return OPTED_OUT, entry.handle.lower() or str(entry.x_id)
    return "hours", entry.kind.value


def lists_of(entries: Iterable[Entry]) -> list[str]:
    """The lists that entries belong to, in their usual order."""
    found = {list_of(e) for e in entries}
    return [name for name in LISTS if name in found]


def read_file(content: bytes, default: str | None, now: datetime) -> Read[Entry]:
    """Understand a file. Lines without a list's name belong to `default`; days count from `now`."""
    source = open_file(content)
    if isinstance(source, Problem):
        return Read(problems=[source])
    table = read_table(source, COLUMNS)
    plain = table is None
    table = table or read_lines(source, "text", MAX_LINES)
    if plain and default is None and table.rows:
        return Read(problems=[Problem(table.rows[0].line, WrongTable.HEADER, table.rows[0].cells["text"][:SHOWN])])
    order, doubt = order_in(row.cells.get("block", "")[:MAX_BECOMES] for row in table.rows)
    dates = Dates(None if doubt else order, table.epoch)
    found: Read[Entry] = Read(problems=table.problems, unknown=table.unknown, hidden=table.hidden)
    seen: dict[tuple[str, str], Entry] = {}
    for row in table.rows:
        cells = _parted(row) if plain and default == KeywordRole.REPLACEMENT.value else row.cells
        try:
            entry = _entry(cells, default, now, dates)
            key = key_of(entry)
            if key in seen and _options(seen[key]) != _options(entry):
                raise BadLine(Wrong.CONTRADICTS)
        except BadLine as error:
            name = cells.get("list", "") if error.reason is Wrong.LIST else ""
            found.problems.append(Problem(row.line, error.reason, (name or cells.get("text", ""))[:SHOWN]))
            continue
        if key in seen:
            found.repeated += 1
        else:
            seen[key] = entry
            found.entries.append(entry)
    found.problems.sort(key=lambda p: p.line)
    return found


def write_file(entries: Iterable[Entry]) -> bytes:
    """The lists as CSV in a fixed order: the same lists give the same bytes."""
    return write_table(COLUMNS, [_row(e) for e in sorted(entries, key=_order)])


def days_of(typed: str) -> int:
    """How long a block lasts: days, or for good (0). Raises BadLine."""
    word = fold(typed).strip()
    if word in _FOREVER:
        return FOR_GOOD
    days = re.fullmatch(r"(\d{1,4})\s*(?:d|dias?|days?)?", word)
    if not days or not 1 <= int(days[1]) <= MAX_DAYS:
        raise BadLine(Wrong.DAYS)
    return int(days[1])


def replacement_of(typed: str) -> Keyword:
    """`av. => avenida`. Raises BadLine or BadKeyword."""
    before, *after = ARROW.split(typed, maxsplit=1)
    if not after:
        raise BadLine(Wrong.NO_ARROW)
    return Keyword(KeywordRole.REPLACEMENT, check_keyword(before.strip(' "“”')), into=_becomes(after[0].strip(' "“”')))


def _becomes(text: str) -> str:
    kept = " ".join(text.split())
    if not kept or len(kept) > MAX_BECOMES:
        raise BadLine(Wrong.BECOMES)
    return kept


def _entry(cells: Mapping[str, str], default: str | None, now: datetime, dates: Dates) -> Entry:
    name = list_named(cells.get("list", "") or default or "")
    text = cells.get("text", "").strip()
    if name is None:
        raise BadLine(Wrong.LIST)
    if name == HOURS:
        return _hours(cells, text)
    if name == OPTED_OUT:
        return _left_out(text)
    if name in (Standing.BLOCKED, Standing.TRUSTED):
        return _standed(Standing(name), cells, text, now, dates)
    try:
        kept = check_keyword(text)
    except BadKeyword as error:
        raise BadLine(Wrong(error.reason)) from None
    role = KeywordRole(name)
    applies = cells.get("applies", "")
    if fold(applies).strip() not in _KINDS:
        raise BadLine(Wrong.APPLIES)
    block = _whole(cells.get("block", ""))
    return Keyword(
        role,
        kept,
        applies=_KINDS[fold(applies).strip()] if role is KeywordRole.TRIGGER else None,
        block_days=days_of(block) if role is KeywordRole.FILTER and block else None,
        into=_becomes(cells.get("becomes", "")) if role is KeywordRole.REPLACEMENT else "",
    )


def _hours(cells: Mapping[str, str], text: str) -> Hours:
    kind = _KINDS.get(fold(cells.get("applies", "")).strip())
    if kind is None:
        raise BadLine(Wrong.APPLIES)
    if len(text) > MAX_HOURS:
        raise BadLine(Wrong.HOURS)
    try:
        return Hours(kind, timetable.written_hours(timetable.parse_hours(text)))
    except BadHours:
        raise BadLine(Wrong.HOURS) from None


def _left_out(text: str) -> LeftOut:
    if _X_ID.fullmatch(text):
        return LeftOut(x_id=int(text[1:]))
    return LeftOut(_handle(text))


def _handle(text: str) -> str:
    page = _ADDRESS.fullmatch(text)
    handle = HANDLE.match(page[1] if page else text)
    if not handle:
        raise BadLine(Wrong.HANDLE)
    return handle[1]


def _standed(standing: Standing, cells: Mapping[str, str], text: str, now: datetime, dates: Dates) -> Standed:
    handle = _handle(text)
    note = " ".join(cells.get("note", "").split())[:MAX_NOTE]
    block = _whole(cells.get("block", ""))
    if standing is Standing.TRUSTED or not block:
        return Standed(standing, handle, None, note)
    if not _DATED.match(block):
        return Standed(standing, handle, _until(block, now), note)
    try:
        exact = _EXACT.match(block)
        found = (datetime.fromisoformat(block), True) if exact else moment_of(block[:MAX_BECOMES], dates)
        if found is None:
            raise BadLine(Wrong.DAYS)
        until = found[0]
        until = until.replace(tzinfo=UTC) if until.tzinfo is None else until.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadLine(Wrong.DAYS) from None
    return Standed(standing, handle, until, note)


def _until(block: str, now: datetime) -> datetime | None:
    """The end of a block, as days or as it is typed in the chat (`2 weeks`, `hasta el viernes`); None for good.

    `now` is in the zone of who wrote it.
    """
    try:
        days = days_of(block)
    except BadLine:
        try:
            lasting, rest = understand_span(block, now.replace(tzinfo=None))
        except NotUnderstood:
            raise BadLine(Wrong.DAYS) from None
        if rest or (lasting.days or 0) > MAX_DAYS:
            raise BadLine(Wrong.DAYS) from None
        if lasting.until is not None:
            until = lasting.until.replace(tzinfo=now.tzinfo).astimezone(UTC)
            if not now < until <= now + timedelta(days=MAX_DAYS):
                raise BadLine(Wrong.DAYS) from None
            return until
        days = FOR_GOOD if lasting.days is None else lasting.days
    return None if days == FOR_GOOD else now.astimezone(UTC) + timedelta(days=days)


def _whole(cell: str) -> str:
    """A number as it is meant, where a spreadsheet wrote `7.0`."""
    return re.sub(r"^(\d{1,4})[.,]0+(?=\D|$)", r"\1", cell.strip())


def _row(entry: Entry) -> tuple[str, ...]:
    name = list_of(entry)
    if isinstance(entry, Hours):
        return name, entry.written, entry.kind.value, "", "", ""
    if isinstance(entry, LeftOut):
        return name, f"@{entry.handle}" if entry.handle else f"#{entry.x_id}", "", "", "", ""
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


def _parted(row: Row) -> dict[str, str]:
    """A plain line of replacements: what stands before the arrow, and what it becomes."""
    before, *after = ARROW.split(row.cells["text"], maxsplit=1)
    return {"text": before, "becomes": after[0] if after else ""}
