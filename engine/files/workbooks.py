"""The sheets of an .xlsx workbook, their cells as the texts that a person sees there.

A workbook of a few kilobytes can unpack to gigabytes, name a million rows, or make a parser raise whatever it likes. So
it is measured before it is read: what it unpacks to, its tags, and where its last value stands; what comes after that
is left out. Nothing is raised.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import repeat
from operator import is_not
from typing import Any

from engine.files.problems import Problem, Wrong

MOST_UNPACKED = 96_000_000
MOST_TAGS = 2_000_000
MOST_TAGS_IN_ROW = 20_000
MOST_IN_ROW = 8_000_000  # bytes
MOST_ROWS = 120_000
MOST_COLUMNS = 60
MOST_NUMBERED = 1_048_576  # the rows of a sheet
MOST_SHEETS = 40
_MOST_BESIDES = 4_000_000  # bytes of a part that is neither a sheet nor its texts
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_TEXTS = re.compile(r"xl/sharedStrings\.xml", re.IGNORECASE)
_READ = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/[^/]+\.xml|xl/_rels/[^/]+\.rels|xl/theme/[^/]+\.xml", re.IGNORECASE
)
# Bounded throughout: a sheet may hold a megabyte of blanks where a pattern would try every split of them.
_NAME, _MORE = rb"(?:\w{1,20}:)?", rb"[^<>]{0,300}"
_BODY = re.compile(rb"<(\w{1,20}:)?sheetData\b[^<>]{0,300}>")
_DIMENSION = re.compile(rb"<" + _NAME + rb"dimension\b" + _MORE + rb"/>")
_ROW = re.compile(rb"<" + _NAME + rb"row\b")
_EMPTY = (
    re.compile(rb"<" + _NAME + rb"c\b(?=" + _MORE + rb"\br=)" + _MORE + rb"/>"),
    re.compile(rb"<" + _NAME + rb"row\b(?=" + _MORE + rb"\br=)" + _MORE + rb"(?:/>|>\s{0,20}</" + _NAME + rb"row>)"),
)
_HIDDEN = re.compile(
    rb"<" + _NAME + rb"row\b(?=" + _MORE + rb"\bhidden=[\"'](?:1|true)[\"'])" + _MORE + rb"\br=[\"'](\d{1,7})[\"']"
)
_MERGED = re.compile(
    rb"<" + _NAME + rb"mergeCell\b" + _MORE + rb"\bref=[\"']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})[\"']"
)
_UNWORKED = re.compile(
    rb"<" + _NAME + rb"c\b" + _MORE + rb"\br=[\"']([A-Z]{1,3})(\d{1,7})[\"']" + _MORE + rb">\s{0,20}<" + _NAME + rb"f\b"
    rb"(?:[^<>]{0,300}/>|[^<>]{0,300}>[^<]{0,9000}</" + _NAME + rb"f>)\s{0,20}"
    rb"(?:<" + _NAME + rb"v\s?/>|<" + _NAME + rb"v>\s{0,20}</" + _NAME + rb"v>)?\s{0,20}</" + _NAME + rb"c>"
)
STRICT = (  # "Strict Open XML": the same under other names
    (b"http://purl.oclc.org/ooxml/spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)
_PIECE = 1_000_000
_HALF_A_SECOND = timedelta(milliseconds=500)


class Spoilt(str):
    """A cell whose value is none that a person typed: a formula never worked out, or a truth value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet: its rows that hold something with their numbers, and how many of these are hidden."""

    name: str
    rows: list[tuple[int, list[str]]]
    hidden: int


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of a workbook; `epoch` is the day 0 of its dates, where they are written as numbers."""

    sheets: list[Sheet]
    epoch: datetime


@dataclass(frozen=True, slots=True)
class _Measured:
    """A sheet's XML up to its last value, with what its rows don't tell."""

    xml: bytes
    hidden: frozenset[int]
    merged: tuple[tuple[int, int, int], ...]  # column, first and last row
    unworked: frozenset[tuple[int, int]]


class _TooLarge(Exception):
    """More than a list of words or a plan of posts ever needs."""


def is_zip(content: bytes) -> bool:
    """Whether it may be a workbook."""
    return content.startswith(b"PK\x03\x04")


def open_workbook(content: bytes) -> Book | Problem:
    """The sheets of a workbook, or why there are none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not keep when it writes
            return _opened(content)
    except _TooLarge:
        return Problem(1, Wrong.TOO_LARGE)
    except Exception:  # noqa: BLE001 - whatever a damaged file makes the parsers of ZIP, XML and workbooks raise
        return Problem(1, Wrong.NO_TEXT)


def _opened(content: bytes) -> Book | Problem:
    measured: dict[str, _Measured] = {}
    slim = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(slim, "w") as kept:
        parts = [p for p in packed.infolist() if _READ.fullmatch(p.filename) or _SHEET.fullmatch(p.filename)]
        if not any(p.filename.lower() == "xl/workbook.xml" for p in parts):
            return Problem(1, Wrong.NO_TEXT)
        count = sum(_SHEET.fullmatch(p.filename) is not None for p in parts)
        if sum(p.file_size for p in parts) > MOST_UNPACKED or count > MOST_SHEETS or len(parts) > 4 * MOST_SHEETS:
            raise _TooLarge
        tags = 0
        for part in parts:
            xml = packed.read(part)
            for strict, usual in STRICT:
                xml = xml.replace(strict, usual)
            if _SHEET.fullmatch(part.filename):
                measured[part.filename] = _measure(xml)
                xml = measured[part.filename].xml
            elif len(xml) > _MOST_BESIDES and not _TEXTS.fullmatch(part.filename):
                raise _TooLarge
            tags += xml.count(b"<")
            if tags > MOST_TAGS:
                raise _TooLarge
            kept.writestr(part.filename, xml)
    from openpyxl import load_workbook  # 17 MiB: only who needs them pays for it

    book = load_workbook(slim, read_only=True, data_only=True, keep_links=False)
    found = [
        _sheet(sheet, measured[sheet._worksheet_path])
        for sheet in book.worksheets
        if sheet.sheet_state == "visible" and sheet._worksheet_path in measured
    ]
    return Book(found, book.epoch)


def _measure(xml: bytes) -> _Measured:
    """The part of a sheet that has to be parsed. Raises _TooLarge."""
    body = _BODY.search(xml)
    if body is None or body[0].endswith(b"/>"):
        return _Measured(xml, frozenset(), (), frozenset())
    mark = body[1] or b""
    end = xml.rfind(b"</" + mark + b"sheetData>")
    end = len(xml) if end < 0 else end
    last = max(xml.rfind(b"<" + mark + tag, body.end(), end) for tag in (b"v>", b"v ", b"is>", b"is ", b"f>", b"f "))
    close = b"</" + mark + b"row>"
    cut = xml.find(close, last, end) + len(close) if last >= 0 else body.end()
    merged = tuple((_column(c), int(a), int(b)) for c, a, b in _MERGED.findall(xml[end : end + _PIECE]))
    rows, hidden, unworked = [], set[int](), set[tuple[int, int]]()
    for piece in _pieces(xml, body.end(), cut, b"<" + mark + b"row"):
        slim = piece
        for empty in _EMPTY:
            slim = empty.sub(b"", slim)
        rows.append(slim)
        hidden.update(map(int, _HIDDEN.findall(slim)))
        unworked.update((int(row), _column(c)) for c, row in _UNWORKED.findall(slim))
        if max(row.count(b"<") for row in _ROW.split(slim)) > MOST_TAGS_IN_ROW:
            raise _TooLarge
    if sum(len(_ROW.findall(slim)) for slim in rows) > MOST_ROWS:
        raise _TooLarge
    head = _DIMENSION.sub(b"", xml[: body.start()])
    size = b"<" + mark + b'dimension ref="A1"/>'  # or openpyxl would look for it through the whole sheet
    tail = b"</" + mark + b"sheetData></" + mark + b"worksheet>"
    kept = b"".join([head, size, body[0], *rows, tail])
    return _Measured(kept, frozenset(hidden), merged, frozenset(unworked))


def _pieces(xml: bytes, at: int, end: int, row: bytes) -> Iterator[bytes]:
    """Whole rows, about a megabyte of them, for nobody else has a turn while a pattern is sought. Raises _TooLarge."""
    while at < end:
        following = xml.find(row, at + _PIECE, end)
        following = end if following < 0 else following
        if following - at > MOST_IN_ROW + _PIECE:
            raise _TooLarge
        yield xml[at:following]
        at = following


def _column(letters: bytes) -> int:
    """The number of a column, from 1: `A` is 1, `AB` 28."""
    return reduce(lambda number, letter: number * 26 + letter - ord("A") + 1, letters, 0)


def _sheet(sheet: Any, measured: _Measured) -> Sheet:
    from openpyxl.cell.read_only import EMPTY_CELL

    sheet.reset_dimensions()
    rows: dict[int, list[str]] = {}
    empty: object = None  # one tuple stands for all rows of a gap
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > MOST_NUMBERED:
            break
        if row is empty:
            continue
        if not any(map(is_not, row, repeat(EMPTY_CELL))):
            empty = row
            continue
        cells = ["" if cell is EMPTY_CELL else _text(cell) for cell in row]
        for column in range(len(cells)) if measured.unworked else ():
            if (number, column + 1) in measured.unworked:
                cells[column] = Spoilt("=")
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            rows[number] = cells
    for column, first, last in measured.merged:
        above = rows.get(first, [])[column - 1 : column]
        for number in _between(first + 1, last, rows):
            cells = rows[number]
            cells.extend([""] * (column - len(cells)) if above else ())
            if above and not cells[column - 1]:
                cells[column - 1] = above[0]
    return Sheet(sheet.title, list(rows.items()), len(measured.hidden & rows.keys()))


def _between(first: int, last: int, rows: dict[int, list[str]]) -> Iterator[int]:
    return (n for n in range(first, min(last, first + MOST_ROWS) + 1) if n in rows)


def _text(cell: Any) -> str:
    """What a cell shows. A day without a time of day has none here either."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return Spoilt(str(value).upper())
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        seen = (value + _HALF_A_SECOND).replace(second=0, microsecond=0)
        whole = seen.time() == time() and "h" not in str(cell.number_format).lower()
        return f"{seen:%Y-%m-%d}" if whole else f"{seen:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
