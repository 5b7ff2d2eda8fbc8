"""Workbooks: what a person sees in a sheet is what is read, and no file costs more than it is worth."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from engine import posts
from engine.files import lists, schedules
from engine.files.tables import Wrong
from engine.files.workbooks import STRICT, Book, open_workbook
from engine.moderation import Keyword
from tests.conftest import NOW

WALL = datetime(2026, 11, 20, 12, 0)
PLAN: list[list[object]] = [["when", "text"], ["cada lunes 7:15", "hola"]]


def saved(*sheets: Sequence[Sequence[object]], mac: bool = False, hidden: Sequence[int] = ()) -> bytes:
    book = Workbook()
    assert book.active is not None
    book.remove(book.active)
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
        for number in hidden:
            sheet.row_dimensions[number].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(content: bytes, part: str, before: bytes, after: bytes) -> bytes:
    """The workbook with a part written otherwise, as another program might have."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as packed,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written,
    ):
        for name in packed.namelist():
            xml = packed.read(name)
            assert name != part or before in xml
            written.writestr(name, xml.replace(before, after) if name == part else xml)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_rows(rows: bytes) -> bytes:
    return changed(saved(PLAN), SHEET, b"</sheetData>", rows + b"</sheetData>")


def plan(content: bytes) -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
    """What a workbook plans, and what is wrong with it."""
    read = schedules.read_file(content, WALL, lambda _: {})
    planned = [(f"{e.when.first:%Y-%m-%d %H:%M}", posts.in_words(e.turns[0])) for e in read.entries]
    return planned, [(p.line, p.reason.value) for p in read.problems]


def words(content: bytes, default: str | None = "filter") -> tuple[list[str], list[tuple[int, str]]]:
    read = lists.read_file(content, default, NOW)
    return [e.text for e in read.entries if isinstance(e, Keyword)], [(p.line, p.reason.value) for p in read.problems]


def test_moments_of_a_sheet_are_those_that_a_person_sees() -> None:
    rows: list[list[object]] = [
        ["Fecha", "Hora", "Texto"],
        [datetime(2026, 12, 24, 20, 0), None, "uno"],
        [date(2026, 12, 24), time(20, 1), "dos"],
        ["24/12/2026", "8:02 p. m.", "tres"],
        [date(2026, 12, 24), timedelta(hours=20, minutes=3), "cuatro"],
        [datetime(2026, 12, 24, 20, 3, 59, 999_000), None, "cinco"],
        [46380.8368055556, None, "seis"],
        ["46380,8375", None, "siete"],
        ["cada lunes 7:15", None, "ocho"],
    ]
    planned, wrong = plan(saved(rows))
    assert wrong == []
    assert planned[:-1] == [(f"2026-12-24 20:0{n}", text) for n, text in
                            zip((0, 1, 2, 3, 4, 5, 6), ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete"), strict=True)]  # fmt: skip
    assert planned[-1] == ("2026-11-23 07:15", "ocho")


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    rows: list[list[object]] = [["when", "text"], [datetime(2026, 12, 24, 20, 0), "uno"], [46380.8333333 - 1462, "dos"]]
    assert plan(saved(rows, mac=True)) == ([("2026-12-24 20:00", "uno"), ("2026-12-24 20:00", "dos")], [])


def test_numbers_and_words_of_a_list_are_what_stands_there() -> None:
    rows: list[list[object]] = [["Lista", "Palabra", "Días"], ["filtro", 911, 7], ["filtro", "3.50", 7.0], ["filtro", 3.5, "7 días"],
            ["filtros", "'choque", None], ["FILTRO", "“metro”", "siempre"]]  # fmt: skip
    assert words(saved(rows)) == (["911", "3.50", "3.5", "choque", "metro"], [])


def test_what_is_no_text_is_named_by_its_row() -> None:
    rows: list[list[object]] = [
        ["list", "text", "mine"], ["filter", "#REF!", None], ["filter", True, 3], ["filter", "=A1", None], [],
        ["filter", "uno", False], ["filter", "#¿NOMBRE?", None],
    ]  # fmt: skip
    wrong = [(2, "value"), (3, "value"), (4, "value"), (7, "value")]
    assert words(saved(rows)) == (["uno"], wrong)
    read = lists.read_file(saved(rows), None, NOW)
    assert read.unknown == ("mine",)


def test_a_result_that_was_worked_out_is_read() -> None:
    content = saved([["list", "text"], ["filter", '="u"&"no"']])
    worked = changed(content, SHEET, b"<v />", b"<v>uno</v>") if b"<v />" in _part(content) else changed(
        content, SHEET, b"<v></v>", b"<v>uno</v>")  # fmt: skip
    worked = changed(worked, SHEET, b'<c r="B2"', b'<c r="B2" t="str"')
    assert words(worked) == (["uno"], [])


def _part(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return packed.read(SHEET)


def test_merged_cells_hold_for_all_their_rows() -> None:
    rows: list[list[object]] = [["list", "text"], ["trigger", "uno"], [None, "dos"], [None, "tres"]]
    content = changed(
        saved(rows), SHEET, b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A2:A4"/></mergeCells>'
    )
    read = lists.read_file(content, "filter", NOW)
    assert [lists.list_of(e) for e in read.entries] == ["trigger"] * 3


def test_of_several_sheets_one_has_the_lines_or_they_are_asked_for() -> None:
    assert plan(saved([["Notas"], ["nada"]], PLAN)) == ([("2026-11-23 07:15", "hola")], [])
    assert plan(saved(PLAN, PLAN))[1] == [(1, "sheets")]
    assert words(saved([["uno"]], [["dos"]]))[1] == [(1, "sheets")]
    hidden = changed(
        saved(PLAN, PLAN), "xl/workbook.xml", b'sheetId="2" state="visible"', b'sheetId="2" state="hidden"'
    )
    assert plan(hidden) == ([("2026-11-23 07:15", "hola")], [])


def rewritten(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w") as written:
        for name in packed.namelist():
            written.writestr(name, change(packed.read(name)))
    return out.getvalue()


def test_other_programs_write_the_same_in_other_words() -> None:
    def strict(xml: bytes) -> bytes:
        for strictly, usual in STRICT:
            xml = xml.replace(usual, strictly)
        return xml

    def prefixed(xml: bytes) -> bytes:
        if b"<sheetData>" not in xml:
            return xml
        return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", xml).replace(b" xmlns=", b" xmlns:x=").replace(b"<x:?xml", b"<?xml")

    rows = [*PLAN, [datetime(2026, 12, 24, 20, 0), "dos"]]
    for content in (rewritten(saved(rows), strict), rewritten(saved(rows, hidden=[3]), prefixed)):
        assert plan(content) == ([("2026-11-23 07:15", "hola"), ("2026-12-24 20:00", "dos")], [])
    assert schedules.read_file(rewritten(saved(rows, hidden=[3]), prefixed), WALL, lambda _: {}).hidden == 1


def test_hidden_rows_are_read_and_counted() -> None:
    read = lists.read_file(saved([["list", "text"], ["filter", "uno"], ["filter", "dos"]], hidden=[3]), None, NOW)
    assert (len(read.entries), read.hidden) == (2, 1)


@pytest.mark.parametrize(
    "rows",
    [
        [["uno"], ["dos; tres"], [], ["# nota"]],
        [["Mis filtros"], [], ["lista", "palabra", "días"], ["filtro", "uno"], ["filtro", "dos; tres"]],
        [["list;text"], ["filter;uno"], ['filter;"dos; tres"']],
        [["filter", "uno"], ["filter", "dos; tres"]],
        [["uno", None], [None, None], ["dos; tres", None]],
    ],
)
def test_a_list_is_found_however_it_stands_in_its_sheet(rows: list[list[object]]) -> None:
    assert words(saved(rows)) == (["uno", "dos; tres"], [])


def test_a_sheet_of_many_columns_without_names_is_no_list() -> None:
    assert words(saved([["uno", "dos"], ["tres", "cuatro"]]))[1] == [(1, "header")]
    assert plan(saved([["2026-12-24 20:00", "hola"]]))[1] == [(1, "header")]
    assert plan(saved([]))[1] == [(1, "header")]


VALUE = (
    b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>%s</t></is></c><c r="B%d" t="inlineStr"><is><t>x</t></is></c></row>'
)


@pytest.mark.parametrize(
    ("rows", "problems"),
    [
        (lambda: b"".join(b'<row r="%d" s="1" customFormat="1"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 200_000)), []),
        (lambda: VALUE % (1_048_576, 1_048_576, b"nunca", 1_048_576), [(1_048_576, "when")]),
        (lambda: VALUE % (99_999_999, 99_999_999, b"nunca", 99_999_999), []),
        (lambda: b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"A" * 100_000_000 + b"</t></is></c></row>", [(1, "too_large")]),
        (lambda: b'<row r="3"><c r="A3" t="inlineStr"><is><t>' + b"A" * 1_000_000 + b"</t></is></c></row>", [(3, "long_field")]),
        (lambda: b"<row>" + b"<c><v>1</v></c>" * 200_000 + b"</row>", [(1, "too_large")]),
        (lambda: b"<row><c><v>1</v></c></row>" * 200_000, [(1, "too_large")]),
        (lambda: b'<row r="x"><c r="A3"><v>1</v></c></row>', [(1, "no_text")]),
        (lambda: b'<row r="3"><c r="A3" t="s"><v>999</v></c></row>', [(1, "no_text")]),
        (lambda: b"<row><c><v>&bomb;</v></c></row>", [(1, "no_text")]),
        (lambda: b"<row><c><v>1</row>", [(1, "no_text")]),
        (lambda: b"<row r='3'><c " + b'r="A1" ' * 150_000 + b"><v>1</v></c></row>", [(1, "no_text")]),
        (lambda: b"<row r='3'><c r='A3'><f>1</f>" + b" " * 900_000 + b"<v>1</v></c></row>", [(3, "empty")]),
    ],
)  # fmt: skip
def test_what_a_workbook_unpacks_to_is_bounded(rows: Callable[[], bytes], problems: list[tuple[int, str]]) -> None:
    assert plan(with_rows(rows()))[1] == problems


def test_entities_are_not_unfolded() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet'
    content = changed(saved(PLAN), SHEET, b"<worksheet", laughs)
    assert plan(content)[1] == [(1, "no_text")]


@cache
def the_plan() -> bytes:
    """The same file each time: in one that is made anew stands when, which packs into more bytes or fewer."""
    return saved(PLAN)


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", SHEET, "xl/styles.xml"])
@settings(max_examples=12)
@given(data=st.data())
def test_a_damaged_workbook_raises_nothing(part: str, data: st.DataObject) -> None:
    content = the_plan()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        xml = packed.read(part)
    at = data.draw(st.integers(0, len(xml) - 1))
    damaged = xml[:at] + data.draw(st.binary(max_size=4)) + xml[at + data.draw(st.integers(0, 40)) :]
    found = open_workbook(changed(content, part, xml, damaged))
    assert isinstance(found, Book) or found.reason in (Wrong.NO_TEXT, Wrong.TOO_LARGE)
    plan(content[: data.draw(st.integers(0, len(content)))])


@pytest.mark.parametrize("name", ["content.xml", "word/document.xml", "Index/Document.iwa", "xl/workbook.bin"])
def test_what_other_programs_pack_is_no_workbook(name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(name, "<x/>")
    assert plan(out.getvalue())[1] == [(1, "no_text")]
