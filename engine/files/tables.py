"""Tables as people's programs write them: bytes become rows with their line numbers, or problems by line.

Understood are UTF-8, UTF-16 and -32 (with a mark or without), Windows' encoding, also mixed in one file; commas,
semicolons and tabs; a first line `sep=;`; the ends of lines of Windows, Unix and the old Mac; whole lines that a
spreadsheet put into one cell. What can't be understood is a problem of its line: whatever the bytes are, nothing is
raised.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from engine.text import fold

MOST_BYTES = 5_000_000
MOST_IN_FIELD = csv.field_size_limit()
SHOWN = 60
DELIMITERS = ",;\t"
_NONE = "\x1f"
_SEP = re.compile(r'"?sep=([,;\t|])"?\s*$', re.IGNORECASE)
_LOST = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b")

Entry = TypeVar("Entry")


class Wrong(StrEnum):
    """What may be wrong with any table. Each format has reasons of its own beside these."""

    NO_TEXT = "no_text"  # a workbook, a picture: no file of text at all
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    HEADER = "header"
    LONG_FIELD = "long_field"
    OPEN_QUOTE = "open_quote"
    UNREADABLE = "unreadable"  # characters that no text has, or that the encoding has lost


@dataclass(frozen=True, slots=True)
class Problem:
    """A line (from 1, the header counted) that can't be used: why, and how it begins."""

    line: int
    reason: StrEnum
    text: str = ""


@dataclass
class Read(Generic[Entry]):
    """What a file holds: its entries in their order, how many lines said again what was there, and what is wrong."""

    entries: list[Entry] = field(default_factory=list)
    repeated: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a format: their names in the order of writing, other names for them (folded), which a file must
    have, and how many rows are taken.
    """

    names: tuple[str, ...]
    also: Mapping[str, str]
    needed: frozenset[str]
    most: int

    def name_of(self, cell: str) -> str:
        """The column that a cell of the header names, or the cell itself."""
        bare = fold(cell).strip(' "\ufeff')
        return self.also.get(bare, bare)


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, stripped; `line` is where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass
class Table:
    """The rows of a file, and what is wrong with the others."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Text:
    """A file decoded. `unreadable` are the characters that only a fault can have put there."""

    text: str
    unreadable: str

    def spoilt(self, line: str) -> bool:
        """Whether a line holds such a character."""
        return any(c in line for c in self.unreadable)


def write_table(names: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV: UTF-8 with a mark that spreadsheets know, and ends of lines as RFC 4180 has them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def open_text(content: bytes) -> Text | Problem:
    """The text of a file, whatever encoding its program chose, or why there is none."""
    if len(content) > MOST_BYTES:
        return Problem(1, Wrong.TOO_LARGE)
    if content.startswith(_NO_TEXT):
        return Problem(1, Wrong.NO_TEXT)
    mark, encoding = next(((m, e) for m, e in _MARKS if content.startswith(m)), (b"", _without_mark(content)))
    if encoding != "utf-8":
        return Text(content[len(mark) :].decode(encoding, "replace"), "\0" + _LOST)
    try:
        return Text(content[len(mark) :].decode("utf-8"), "\0")
    except UnicodeDecodeError:
        # Programs append lines in another encoding than the file's: each line is what it can be.
        lines = content[len(mark) :].splitlines(keepends=True)
        return Text("".join(_line(line) for line in lines), "\0" + _LOST)


def read_table(source: Text, columns: Columns) -> Table | None:
    """The rows under the header, which is the first line that is not empty; None where that names no columns."""
    lines = list(io.StringIO(source.text, newline=""))
    first, sep = 0, ""
    if lines and (said := _SEP.match(lines[0])):
        first, sep = 1, said[1]
    first = next((n for n in range(first, len(lines)) if lines[n].strip()), len(lines))
    header = _header(lines[first] if first < len(lines) else "", sep, columns)
    if header is None:
        return None
    table = Table()
    for line, cells in _records(source, lines, first + 1, header.delimiter, table.problems):
        row = Row(line, dict(zip(header.names, _parted(cells, header), strict=False)))
        if not any(row.cells.values()):
            continue
        if len(table.rows) + len(table.problems) >= columns.most:
            return Table([], [Problem(line, Wrong.TOO_MANY)])
        table.rows.append(row)
    return table


def read_lines(source: Text, column: str, most: int) -> Table:
    """Plain text, a line each: empty lines, remarks (`# `) and the delimiter that a program put behind all of them are
    left out. Unicode's other ends of lines count too.
    """
    table = Table()
    found = [(n, line.strip()) for n, line in enumerate(source.text.splitlines(), 1)]
    found = [(n, text) for n, text in found if text and not text.startswith("# ")]
    if len(found) > most:
        return Table([], [Problem(found[most][0], Wrong.TOO_MANY)])
    ended = all(text.endswith((",", ";")) for _, text in found)
    for line, text in found:
        if len(text) > MOST_IN_FIELD:
            table.problems.append(Problem(line, Wrong.LONG_FIELD, text[:SHOWN]))
        elif source.spoilt(text):
            table.problems.append(Problem(line, Wrong.UNREADABLE, text[:SHOWN]))
        else:
            table.rows.append(Row(line, {column: text.rstrip(",;").strip() if ended else text}))
    return table


@dataclass(frozen=True, slots=True)
class _Header:
    """`wrapped`: the whole line stands in one cell, and so do all lines after it."""

    names: tuple[str, ...]
    delimiter: str
    wrapped: bool = False


def _header(line: str, sep: str, columns: Columns) -> _Header | None:
    """The reading of the first line that names most columns; None where none names all that are needed."""
    best: _Header | None = None
    most = 0
    for delimiter in sep or DELIMITERS:
        cells = _cells(line, delimiter)
        wrapped = len(cells) == 1 and delimiter in cells[0]
        if wrapped:
            cells = _cells(cells[0], delimiter)
        names = tuple(columns.name_of(c) for c in cells)
        known = len(set(names) & set(columns.names))
        if columns.needed.issubset(names) and known > most:
            best, most = _Header(names, delimiter if len(names) > 1 else _NONE, wrapped), known
    return best


def _parted(cells: list[str], header: _Header) -> list[str]:
    """The cells of a row, out of its one cell where a program put the whole line there."""
    if header.delimiter == _NONE:
        return [c.strip().rstrip(DELIMITERS).strip() for c in cells]
    if len(cells) == 1 and len(header.names) > 1:
        within = _cells(cells[0], header.delimiter)
        if header.wrapped or len(within) == len(header.names):
            cells = within
    return [c.strip() for c in cells]


def _records(
    source: Text, lines: Sequence[str], first: int, delimiter: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """The records from a line on, each with the number of the line where it begins; what is none goes to `problems`."""
    feed = _Feed(lines, first)
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        began = feed.at
        wrong: Wrong | None = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            wrong = Wrong.LONG_FIELD
        taken = lines[began : feed.at]
        if feed.ended or (len(taken) > 1 and (wrong or not _well_quoted(taken, delimiter))):
            wrong = Wrong.OPEN_QUOTE
        elif wrong is None and any(map(source.spoilt, taken)):
            wrong = Wrong.UNREADABLE
        if wrong is None:
            yield began + 1, cells
            continue
        problems.append(Problem(began + 1, wrong, taken[0].strip()[:SHOWN]))
        if wrong is Wrong.OPEN_QUOTE:
            return  # where the lines after it begin and end, nobody knows


class _Feed:
    """Hands lines to the reader of CSV and knows which, and whether it wanted more than there are."""

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self.lines = lines
        self.at = first
        self.ended = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        if self.at >= len(self.lines):
            self.ended = True
            raise StopIteration
        self.at += 1
        return self.lines[self.at - 1]


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line; none where it can't be parted."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _well_quoted(lines: Sequence[str], delimiter: str) -> bool:
    """Whether a record of several lines is quoted as programs do it. A quote left open swallows what follows."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return False
    return True


def _without_mark(content: bytes) -> str:
    """The encoding of a file that does not say it: UTF-16 shows in every other byte being 0."""
    pairs = len(content) // 2
    even, odd = content[0::2].count(0), content[1::2].count(0)
    if odd * 10 > pairs * 4 and even * 10 < pairs:
        return "utf-16-le"
    return "utf-16-be" if even * 10 > pairs * 4 and odd * 10 < pairs else "utf-8"


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
