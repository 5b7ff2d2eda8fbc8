"""Tables as programs write them: what is plain is understood, what is not is a problem of its line, nothing raises."""

import codecs
import time
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import posts
from engine.files import lists, schedules, tables
from engine.files.tables import Problem, Wrong
from engine.media import MediaKind
from engine.moderation import Keyword, KeywordRole
from tests.conftest import NOW

WALL = datetime(2026, 11, 20, 12, 0)
SHEET = "list,text,applies,block,becomes,note\r\nfilter,promoción,,7,,\r\nreplacement,av.,,,avenida,\r\n"
KEYWORDS = [
    Keyword(KeywordRole.FILTER, "promoción", block_days=7),
    Keyword(KeywordRole.REPLACEMENT, "av.", into="avenida"),
]


def nothing_owned(_: list[int]) -> dict[int, MediaKind]:
    return {}


def of_lists(content: bytes, default: str | None = None) -> tables.Read[lists.Entry]:
    return lists.read_file(content, default, NOW)


def of_schedules(content: bytes) -> tables.Read[schedules.Line]:
    return schedules.read_file(content, WALL, nothing_owned)


def wrongs(problems: list[Problem]) -> list[tuple[int, str]]:
    return [(p.line, str(p.reason)) for p in problems]


MADE = st.lists(
    st.sampled_from(
        ["when", "text", "list", "hours", "blocked", "filter", "sep=;", "every mon 7:15", "FREQ=DAILY;BYHOUR=7;BYMINUTE=0",
         "FREQ=MONTHLY;BYDAY=+9SU;BYHOUR=1;BYMINUTE=1", "0001-01-01", "9999-12-31 23:59", "12/25 10:00", "25:00", "[photo 1: x]",
         "2026-13-01", "²", "forever", "-", ",", ";", "\t", "\r", "\n", "\r\n", '"', '""', "\0", "\u2028", "\ufeff", "=>", "ñ", "🚧", "# "]
    ) | st.text(max_size=5),
    max_size=30,
).map("".join)  # fmt: skip
ENCODED = st.builds(
    lambda head, text, encoding: (head + text).encode(encoding, "replace"),
    st.sampled_from(["", "when,text,start,end,times,grace,state,said\n", "list;text;applies;block;becomes;note\r", "text\n"]),
    MADE,
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "mac-roman"]),
)  # fmt: skip


@given(st.binary(max_size=300) | ENCODED, st.sampled_from([None, *lists.LISTS]))
def test_whatever_the_bytes_are_there_are_entries_or_named_problems(content: bytes, default: str | None) -> None:
    for read in (of_lists(content, default), of_schedules(content)):
        assert all(isinstance(p.reason, Wrong | lists.Wrong | schedules.Wrong) for p in read.problems)
        assert all(p.line >= 1 and len(p.text) <= tables.SHOWN for p in read.problems)


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    "encoded",
    [
        lambda t: t.encode(),
        lambda t: t.encode("utf-8-sig"),
        lambda t: t.encode("cp1252"),
        lambda t: t.encode("utf-16"),
        lambda t: codecs.BOM_UTF16_BE + t.encode("utf-16-be"),
        lambda t: t.encode("utf-16-le"),
        lambda t: t.encode("utf-32"),
        lambda t: t.replace(",", "\t").encode("utf-16"),
        lambda t: t.replace(",", ";").encode("cp1252"),
        lambda t: ("sep=;\r\n" + t.replace(",", ";")).encode(),
        lambda t: ("sep=\t\n" + t.replace(",", "\t")).encode("utf-16"),
        lambda t: "".join(f'"{line}"\n' for line in t.split()).encode(),
        lambda t: "".join(f'"{line}"\n' for line in t.replace(",", ";").split()).encode(),
        lambda t: ("\n\n" + t + "\n,,,,,\n\n").encode(),
    ],
)
def test_a_sheet_is_the_same_however_its_program_writes_it(encoded: Callable[[str], bytes], ends: str) -> None:
    read = of_lists(encoded(SHEET.replace("\r\n", ends)))
    assert (read.entries, read.problems) == (KEYWORDS, [])


def test_lines_in_two_encodings_are_each_read_in_their_own() -> None:
    content = "text\npromoción\n".encode() + "inundación\n".encode("cp1252")
    assert [e.text for e in of_lists(content, "filter").entries if isinstance(e, Keyword)] == [
        "promoción",
        "inundación",
    ]


def test_a_column_alone_keeps_its_commas_and_semicolons() -> None:
    read = of_lists(b'text\nuno, dos\n"tres; cuatro"\n', "filter")
    assert [e.text for e in read.entries if isinstance(e, Keyword)] == ["uno, dos", "tres; cuatro"]
    for content in (b"text;\ncinco;\nseis;\n", b"cinco;\nseis;\n", b"text\ncinco;\nseis;\n"):
        read = of_lists(content, "filter")
        assert [e.text for e in read.entries if isinstance(e, Keyword)] == ["cinco", "seis"]


def test_a_line_of_schedules_that_a_spreadsheet_put_into_one_cell_is_parted() -> None:
    read = of_schedules('cuando;texto\r\n"cada lun,mié 7:15;Buenos días"\r\n'.encode())
    assert [line.turns for line in read.entries] == [(posts.plain("Buenos días"),)]
    assert of_schedules("when\ttext\rcada lunes 7:15\thola, a todos\r".encode("utf-16")).problems == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b'list,text\nfilter,uno\nfilter,"dos\nfilter,tres\n', [(3, "open_quote")]),
        (b'list,text\nfilter,"dos\nfilter,"tres"\nfilter,4\n', [(2, "open_quote")]),
        (b'list,text\nfilter,uno\nfilter,"dos' + b"\nfilter,y" * 15_000, [(3, "open_quote")]),
        (b"list,text\nfilter,un\0o\nfilter,dos\n", [(2, "unreadable")]),
        (b"list,text\nfilter,un\x81o\nfilter,dos\n", [(2, "unreadable")]),
        (b"list,text\nfilter," + b"x" * 200_000 + b"\nfilter,dos\n", [(2, "long_field")]),
        (b'list,text\nfilter,"a\nb"\nfilter,!!\n', [(4, "wordless")]),
        (b"list,text\n" + b"filter,uno\n" * 50_001, [(50_002, "too_many")]),
        (b"list,text\n" + b"x" * 5_000_000, [(1, "too_large")]),
        (b"PK\x03\x04\x14\x00\x06\x00", [(1, "no_text")]),
        (b"\0\0\0\0", [(1, "unreadable")]),
        (b"filter\nun\0o\n" + b"x" * 200_000, [(2, "unreadable"), (3, "long_field")]),
    ],
)
def test_what_can_not_be_read_is_a_problem_of_its_line(content: bytes, problems: list[tuple[int, str]]) -> None:
    assert wrongs(of_lists(content, "filter").problems) == problems


def test_a_text_of_several_lines_is_named_by_the_line_where_it_begins() -> None:
    read = of_schedules(b'when,text\ncada lunes 7:15,"hola\n---\na todos"\nnunca,"y\nsi no"\n')
    assert wrongs(read.problems) == [(5, "when")]
    assert read.entries[0].turns == ((posts.Post("hola"), posts.Post("a todos")),)
    read = of_schedules(b'when,text\ncada lunes 7:15,"hola\ncada martes 8:00,"adios"\n')
    assert wrongs(read.problems) == [(2, "open_quote")]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=7;BYMINUTE=0,x", "past"),
        ("FREQ=DAILY;INTERVAL=0;BYHOUR=7;BYMINUTE=0,x", "when"),
        ("FREQ=YEARLY;BYMONTH=13;BYHOUR=7;BYMINUTE=0,x", "when"),
        ("FREQ=DAILY;BYHOUR=7;BYHOUR=8;BYMINUTE=0,x", "when"),
        ("FREQ=DAILY;BYHOUR=7;BYMINUTE=0;COUNT=3,x", "when"),
        ("FREQ=DAILY;BYHOUR=7;BYMINUTE=0,x,0001-01-01", "date"),
        ("cada lunes 7:15,x,,²", "number"),
        ("a" * 100_000 + ",x", "when"),
    ],
)
def test_lines_that_once_raised_or_took_seconds_are_named_at_once(cells: str, reason: str) -> None:
    began = time.process_time()
    read = of_schedules(f"when,text,start,times\n{cells}\n".encode())
    assert wrongs(read.problems) == [(2, reason)]
    assert time.process_time() - began < 1


def test_the_bytes_that_are_written_are_those_of_the_release_before() -> None:
    assert lists.write_file(KEYWORDS) == b"\xef\xbb\xbf" + SHEET.encode()
    line = of_schedules(b'when,text\n"cada lun,mie 7:15","a, ""b""\nc"\n').entries[0]
    assert schedules.write_file([line]) == (
        b"\xef\xbb\xbfwhen,text,start,end,times,grace,state,said\r\n"
        b'"FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=7;BYMINUTE=15","a, ""b""\nc",2026-11-23 07:15,,,15,on,\r\n'
    )
