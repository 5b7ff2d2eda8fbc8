"""Tables as people's programs write them: a file becomes rows with their line numbers, or problems by line.

Understood are text files (engine/files/encodings.py) and workbooks (engine/files/workbooks.py); commas, semicolons,
tabs and bars; a first line `sep=;`; the ends of lines of Windows, Unix and the old Mac; whole lines that a spreadsheet
put into one cell; a title above the header. What can't be understood is a problem of its line: whatever the bytes are,
nothing is raised.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.files.cells import guarded, is_error, unguarded
from engine.files.dates import EPOCH
from engine.files.encodings import Text, a_chat, open_text
from engine.files.problems import SHOWN, Problem, Read, Wrong
from engine.files.workbooks import Book, Sheet, Spoilt, is_zip, open_workbook
from engine.text import fold

__all__ = [
    "MOST_BYTES", "MOST_IN_FIELD", "SHOWN", "Columns", "Problem", "Read", "Row", "Table", "Wrong", "open_file",
    "read_lines", "read_table", "write_table",
]  # fmt: skip

MOST_BYTES = 5_000_000
MOST_IN_FIELD = csv.field_size_limit()
DELIMITERS = ",;\t|"
_NONE = "\x1f"
_NOTHING = DELIMITERS + '" '  # of a line of nothing but delimiters, perhaps of another program's
_SEP = re.compile(r'\ufeff?"?sep=([,;\t|])"?\s*$', re.IGNORECASE)
_RULE = re.compile(r":?-{3,}:?")  # between the header and the rows of a table in Markdown
_MOST_PARTED = 1_000  # cells in a line
_MOST_TITLES, _MOST_LOOKED_AT = 10, 1_000  # lines above a header

Source = Text | Book


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a format: their names in the order of writing, other names for them (folded), which a file must
    have, and how many rows are taken. In `prose` an apostrophe at the beginning belongs to the text. A header that
    names one column does it by a name of `alone`, for in a list of words any other may be one of them. Where the first
    cell of a file that names no columns `leads`, they are those of the format. Columns `besides` are never written.
    What `begins` names a column and tells of its cells whether they can only be the beginning of a line.
    """

    names: tuple[str, ...]
    also: Mapping[str, str]
    needed: frozenset[str]
    most: int
    prose: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    leads: Callable[[str], bool] = lambda _: False
    besides: frozenset[str] = frozenset()
    begins: tuple[str, Callable[[str], bool]] | None = None

    def name_of(self, cell: str) -> str:
        """The column that a cell of the header names, or the cell itself."""
        bare = _bare_name(cell)
        return self.also.get(bare, bare)

    @property
    def known(self) -> frozenset[str]:
        """All columns that a file may have."""
        return self.besides.union(self.names)

    def named_in(self, cells: Iterable[str]) -> int:
        """How many columns a line names; 0 where it is no header."""
        bare = [_bare_name(c) for c in cells]
        known = {self.also.get(name, name) for name in bare} & self.known
        if not self.needed <= known or (len(known) == 1 and not self.alone & set(bare)):
            return 0
        return len(known)


@dataclass(frozen=True, slots=True)
class Row:
    """A row by the names of its columns, stripped; `line` is where it begins."""

    line: int
    cells: Mapping[str, str]


@dataclass
class Table:
    """The rows of a file, what is wrong with the others, what else `Read` says of it, and the day 0 of its dates."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: tuple[str, ...] = ()
    hidden: int = 0
    epoch: datetime = EPOCH


def write_table(columns: Columns, rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV that no spreadsheet takes for formulas: UTF-8 with a mark that they know, and ends of lines as RFC
    4180 has them.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns.names)
    for row in rows:
        cells = zip(columns.names, row, strict=True)
        writer.writerow([guarded(str(cell), prose=name in columns.prose) for name, cell in cells])
    return out.getvalue().encode("utf-8-sig")


def open_file(content: bytes) -> Source | Problem:
    """What a file holds, or why it is no table."""
    if len(content) > MOST_BYTES:
        return Problem(1, Wrong.TOO_LARGE)
    return open_workbook(content) if is_zip(content) else open_text(content)


def read_table(source: Source, columns: Columns) -> Table | None:
    """The rows under the header; None where no line of the file is one. A chat's export is none either."""
    if isinstance(source, Text):
        lines = list(io.StringIO(source.text, newline=""))
        header = _header_of_text(lines, columns)
        if header is None:
            chat = a_chat(source)
            return Table(problems=[Problem(1, Wrong.CHAT, _first_of(lines))]) if chat else None
        table = Table()
        records = _records(source, lines, header, columns, table.problems)
        return _filled(table, records, header, columns)
    found = [(sheet, header) for sheet in source.sheets if (header := _header_of_sheet(sheet, columns)) is not None]
    if len(found) > 1:
        return Table(problems=[Problem(1, Wrong.SHEETS, ", ".join(sheet.name for sheet, _ in found)[:SHOWN])])
    for sheet, header in found:
        table = Table(hidden=sheet.hidden, epoch=source.epoch)
        below = ((line, cells) for line, cells in sheet.rows if line > header.ends)
        return _filled(table, below, header, columns)
    return None


def read_lines(source: Source, column: str, most: int) -> Table:
    """Plain text, a line each: empty lines, remarks (`# `) and the delimiter that a program put behind all of them are
    left out. Unicode's other ends of lines count too. Of a workbook it is its one column.
    """
    table = Table()
    if isinstance(source, Text):
        found = [(n, line.strip()) for n, line in enumerate(source.text.splitlines(), 1)]
        if _has_columns([text for _, text in found if text]):
            return Table(problems=[Problem(1, Wrong.HEADER, _first_of(text for _, text in found))])
    else:
        sheets = [sheet for sheet in source.sheets if sheet.rows]
        if len(sheets) > 1:
            return Table(problems=[Problem(1, Wrong.SHEETS, ", ".join(sheet.name for sheet in sheets)[:SHOWN])])
        rows = sheets[0].rows if sheets else []
        if wide := next((line for line, cells in rows if sum(map(bool, cells)) > 1), 0):
            return Table(problems=[Problem(wide, Wrong.HEADER)])
        found = [(line, next(filter(None, cells), "")) for line, cells in rows]
        table.hidden = sheets[0].hidden if sheets else 0
    found = [(n, text) for n, text in found if text.strip() and not text.startswith("# ")]
    if len(found) > most:
        return Table([], [Problem(found[most][0], Wrong.TOO_MANY)])
    ended = all(text.endswith((",", ";")) for _, text in found)
    for line, text in found:
        if len(text) > MOST_IN_FIELD:
            table.problems.append(Problem(line, Wrong.LONG_FIELD, text[:SHOWN]))
        elif isinstance(source, Text) and source.spoilt(text):
            table.problems.append(Problem(line, Wrong.UNREADABLE, text[:SHOWN]))
        elif is_error(text.strip()) or isinstance(text, Spoilt):
            table.problems.append(Problem(line, Wrong.VALUE, text[:SHOWN]))
        else:
            bare = text.rstrip(",;").strip() if ended else text.strip()
            table.rows.append(Row(line, {column: unguarded(bare, prose=False)}))
    return table


def _has_columns(lines: Sequence[str]) -> bool:
    """Whether lines are parted alike, as those of a table are whose columns nobody named."""
    for delimiter in DELIMITERS if len(lines) > 1 else "\t":
        counts = {line.count(delimiter) for line in lines}
        ended = all(line.endswith(delimiter) for line in lines)
        said = delimiter in ",;|" and any(f"{delimiter} " in line for line in lines)
        if len(counts) == 1 and counts.pop() > int(ended) and not said:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Header:
    """The names of the columns; the rows come after the line `ends`. `wrapped`: the whole line stands in one cell, and
    so do all lines after it.
    """

    names: tuple[str, ...]
    delimiter: str
    wrapped: bool = False
    ends: int = 0


def _header_of_text(lines: Sequence[str], columns: Columns) -> _Header | None:
    """The first line that is not empty, or one that comes after nothing but titles."""
    sep = 1 if lines and _SEP.match(lines[0]) else 0  # what it says shows in the header too, and there it is so
    filled = [n for n in range(sep, min(len(lines), _MOST_LOOKED_AT)) if lines[n].strip()]
    for nth, n in enumerate(filled[: _MOST_TITLES + 1]):
        header = _best(((d, _cells(lines[n], d)) for d in DELIMITERS), columns, n + 1, above=nth)
        if header is not None:
            titles = (_cells(lines[above], header.delimiter) for above in filled[:nth])
            return header if all(sum(map(bool, map(str.strip, cells))) <= 1 for cells in titles) else None
    for delimiter in DELIMITERS if filled else "":
        cells = _cells(lines[filled[0]], delimiter)
        if len(cells) > 1 and columns.leads(cells[0]):
            return _Header(columns.names, delimiter, ends=filled[0])
    return None


def _header_of_sheet(sheet: Sheet, columns: Columns) -> _Header | None:
    for nth, (line, cells) in enumerate(sheet.rows[: _MOST_TITLES + 1]):
        filled = [c for c in cells if c]
        whole = [(d, [cells[0]]) for d in DELIMITERS if d in cells[0]] if len(filled) == 1 else []
        header = _best([*whole, (_NONE, cells)], columns, line, above=nth)
        if header is not None:
            return header
        if nth == 0 and len(filled) > 1 and columns.leads(cells[0]):
            return _Header(columns.names, _NONE, ends=line - 1)
        if len(filled) > 1:
            return None
    return None


def _best(parted: Iterable[tuple[str, list[str]]], columns: Columns, line: int, above: int) -> _Header | None:
    """The reading of a line that names most columns; None where none names all that are needed. Under titles it has to
    name two, since a word alone may be one of a list.
    """
    best: _Header | None = None
    most = 1 if above else 0
    for delimiter, cells in parted:
        wrapped = len(cells) == 1 and delimiter in cells[0]
        if wrapped:
            cells = _cells(cells[0], delimiter)
        names = tuple(columns.name_of(c) for c in cells)
        known = columns.named_in(cells)
        if known > most:
            best, most = _Header(names, delimiter if len(names) > 1 else _NONE, wrapped, line), known
    return best


def _filled(table: Table, records: Iterable[tuple[int, list[str]]], header: _Header, columns: Columns) -> Table:
    """The table with its rows; one that has more than the header names, or a spreadsheet's error, is a problem."""
    named = [n for n in header.names if n]
    if twice := next((n for n in columns.known if named.count(n) > 1), None):
        return Table(problems=[Problem(max(header.ends, 1), Wrong.TWICE, twice)])
    table.unknown = tuple(n[:SHOWN] for n in named if n not in columns.known)
    for line, found in records:
        cells = _parted(found, header)
        if not any(cell.strip(_NOTHING) and not _RULE.fullmatch(cell.strip(_NOTHING)) for cell in cells):
            continue
        if len(table.rows) + len(table.problems) >= columns.most:
            return Table([], [Problem(line, Wrong.TOO_MANY)])
        wrong = _wrong(cells, header, columns)
        if wrong is not None:
            table.problems.append(Problem(line, *wrong))
            continue
        pairs = zip(header.names, cells, strict=False)
        known = {n: unguarded(c, prose=n in columns.prose) for n, c in pairs if n in columns.known}
        table.rows.append(Row(line, known))
    return table


def _wrong(cells: Sequence[str], header: _Header, columns: Columns) -> tuple[Wrong, str] | None:
    for n, cell in enumerate(cells):
        name = header.names[n] if n < len(header.names) else ""
        if cell and not name:
            return Wrong.CELLS, cell[:SHOWN]
        if name in columns.known and (isinstance(cell, Spoilt) or is_error(cell)):
            return Wrong.VALUE, cell[:SHOWN]
        if name in columns.known and len(cell) > MOST_IN_FIELD:
            return Wrong.LONG_FIELD, cell[:SHOWN]
    return None


def _parted(cells: list[str], header: _Header) -> list[str]:
    """The cells of a row, out of its one cell where a program put the whole line there."""
    if header.delimiter == _NONE and len(header.names) == 1:
        return [_bare(c if isinstance(c, Spoilt) else c.strip().rstrip(DELIMITERS)) for c in cells]
    if header.delimiter != _NONE and cells and cells[0] and not any(cells[1:]) and len(header.names) > 1:
        within = _cells(cells[0], header.delimiter)
        if header.wrapped or len(within) == len(header.names):
            cells = within
    return [_bare(c) for c in cells]


def _bare_name(cell: str) -> str:
    return " ".join(fold(cell).replace("_", " ").split()).strip(" \"'“”«»*:.\ufeff")


def _bare(cell: str) -> str:
    return cell if isinstance(cell, Spoilt) else cell.strip()


def _first_of(lines: Iterable[str]) -> str:
    return next(filter(None, map(str.strip, lines)), "")[:SHOWN]


# --- records of text -----------------------------------------------------------------------------------------


def _records(
    source: Text, lines: Sequence[str], header: _Header, columns: Columns, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """The records under the header, each with the number of the line where it begins; what is none goes to `problems`.

    A quote that is not closed as programs close it spoils its own line: those after it are read as if it were not.
    """
    at = header.ends
    while at < len(lines):
        began = at
        cells, at = _record(lines, began, header.delimiter)
        if at > began + 1 and any(_leads(line, header, columns) for line in lines[began + 1 : at]):
            cells, at = None, began + 1  # lines of their own, which an open quote would swallow
        if cells is None:
            long = len(lines[began]) > MOST_IN_FIELD
            parted = lines[began].count(header.delimiter) > _MOST_PARTED
            wrong = Wrong.CELLS if parted else Wrong.LONG_FIELD if long else Wrong.OPEN_QUOTE
        elif any(map(source.spoilt, lines[began:at])):
            wrong = Wrong.UNREADABLE
        else:
            yield began + 1, cells
            continue
        if len(problems) >= columns.most:
            problems[:] = [Problem(began + 1, Wrong.TOO_MANY)]
            return
        problems.append(Problem(began + 1, wrong, lines[began].strip()[:SHOWN]))


def _leads(line: str, header: _Header, columns: Columns) -> bool:
    cells = _cells(line, header.delimiter)
    if len(cells) > 1 and columns.leads(cells[0]):
        return True
    if columns.begins is None or len(cells) < 2 or len(cells) != len(header.names):
        return False
    name, begins = columns.begins
    parted = line.partition(header.delimiter)[2]  # prose has a blank after its commas
    closes = line.count('"') % 2 == 1 and not line.rstrip().endswith('"')  # the end of a cell, and others behind it
    return name in header.names and not closes and not parted[:1].isspace() and begins(cells[header.names.index(name)])


def _record(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str] | None, int]:
    """The cells of the record that begins at a line, and where the next begins; None where the line is none."""
    if lines[at].count(delimiter) > _MOST_PARTED:
        return None, at + 1
    feed = _Feed(lines, at)
    try:
        cells = next(csv.reader(feed, delimiter=delimiter, strict=True, skipinitialspace=True), [])
    except csv.Error:
        return None, at + 1
    return (None, at + 1) if feed.ended else (cells, feed.at)


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
    if line.count(delimiter) > _MOST_PARTED:
        return []
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    except csv.Error:
        return []
