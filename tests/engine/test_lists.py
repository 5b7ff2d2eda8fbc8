"""Lists as files: what goes out comes back the same, and every wrong line is named."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.files.lists import Entry, Hours, key_of, list_of, read_file, write_file
from engine.moderation import BadKeyword, Keyword, KeywordRole, MessageKind, check_keyword
from engine.moderation.standing import Standed, Standing
from engine.timetable import parse
from tests.conftest import NOW

WORDS = st.text(st.sampled_from("abcñáéíóú *#,;\"'=>\n🚧"), min_size=1, max_size=20)


@st.composite
def keywords(draw: st.DrawFn) -> Keyword:
    role = draw(st.sampled_from(KeywordRole))
    text = draw(WORDS)
    try:
        kept = check_keyword(text)
    except BadKeyword:
        kept = draw(st.sampled_from(["choque", "vía cerrada", "inund*", "#metro"]))
    applies = (
        draw(st.none() | st.sampled_from([MessageKind.MENTION, MessageKind.DM]))
        if role is KeywordRole.TRIGGER
        else None
    )
    days = draw(st.none() | st.integers(0, 3650)) if role is KeywordRole.FILTER else None
    into = draw(st.sampled_from(["avenida", "a, b", '"c"', "=> d", "ñ;o"])) if role is KeywordRole.REPLACEMENT else ""
    return Keyword(role, kept, applies, days, into)


ENTRIES = st.lists(
    keywords()
    | st.builds(
        Standed,
        st.sampled_from(Standing),
        st.text(st.sampled_from("abcABC_019"), min_size=1, max_size=15),
        st.just(None),
        st.sampled_from(["", "spam", 'dijo «no», y "sí"']),
    )
    | st.builds(
        Hours,
        st.sampled_from([MessageKind.MENTION, MessageKind.DM]),
        st.sampled_from(["mon-fri 6:00-22:00", "sat 22:00-2:00"]),
    ),
    max_size=12,
    unique_by=key_of,
)


@given(ENTRIES)
def test_what_is_written_is_read_back_exactly(entries: list[Entry]) -> None:
    content = write_file(entries)
    read = read_file(content, None, NOW)
    assert read.problems == []
    assert set(read.entries) == set(entries)
    assert write_file(read.entries) == content


def test_a_block_with_an_end_comes_back_to_the_second() -> None:
    until = NOW + timedelta(days=3, seconds=5)
    entry = Standed(Standing.BLOCKED, "pepe", until, "spam")
    assert read_file(write_file([entry]), None, NOW).entries == [entry]


def test_the_end_of_a_block_is_an_instant_in_whatever_zone_it_is_written() -> None:
    head = "list,text,block\n"
    at = datetime(2026, 12, 24, 20, tzinfo=UTC)
    for written in ("2026-12-24T20:00:00Z", "2026-12-24T20:00", "2026-12-24T22:00+02:00"):
        read = read_file(f"{head}blocked,@pepe,{written}\n".encode(), None, NOW)
        assert read.entries == [Standed(Standing.BLOCKED, "pepe", at)]
    read = read_file(f"{head}blocked,@pepe,0001-01-01T00:00+14:00\n".encode(), None, NOW)
    assert [p.reason for p in read.problems] == ["days"]


@given(st.binary(max_size=300), st.sampled_from([None, "filter", "replacement", "hours", "blocked"]))
def test_any_bytes_are_read_without_breaking(content: bytes, default: str | None) -> None:
    read_file(content, default, NOW)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("filter,!!,,,,", "wordless"),
        ("filter,,,,,", "empty"),
        ("filter,cho*que,,,,", "star"),
        ("nada,choque,,,,", "list"),
        ("trigger,choque,todos,,,", "applies"),
        ("filter,promo,,mil,,", "days"),
        ("filter,promo,,99999,,", "days"),
        ("replacement,av,,,,", "becomes"),
        ("blocked,no es un nombre,,,,", "handle"),
        ("hours,cuando quiera,mention,,,", "hours"),
        ("hours,mon 8-20,,,,", "applies"),
    ],
)
def test_a_wrong_line_is_named_with_its_number_and_reason(line: str, reason: str) -> None:
    content = f"list,text,applies,block,becomes,note\nfilter,bien,,,,\n{line}\n".encode()
    read = read_file(content, None, NOW)
    assert [(p.line, p.reason) for p in read.problems] == [(3, reason)]


def test_spreadsheets_in_spanish_with_semicolons_and_another_encoding_are_understood() -> None:
    content = "Lista;Palabra;Para;Bloqueo\nDisparador;inundación;DM;\nfiltro;promoción;;siempre\n".encode("cp1252")
    assert read_file(content, None, NOW).entries == [
        Keyword(KeywordRole.TRIGGER, "inundación", MessageKind.DM),
        Keyword(KeywordRole.FILTER, "promoción", block_days=0),
    ]


def test_a_list_is_called_as_its_command_is_and_one_that_there_is_not_is_named() -> None:
    read = read_file(b"list,text\ntriggers,choque\nDisparadores,accidente\nchoques,robo\n", None, NOW)
    assert [list_of(entry) for entry in read.entries] == ["trigger", "trigger"]
    assert [(p.line, p.text) for p in read.problems] == [(4, "choques")]


def test_plain_text_is_one_line_each_and_repeats_are_counted() -> None:
    read = read_file("# mis filtros\npromo\n\nPROMO\nvía, cerrada\n".encode(), "filter", NOW)
    assert [e.text for e in read.entries if isinstance(e, Keyword)] == ["promo", "vía, cerrada"]
    assert read.repeated == 1
    arrows = read_file("av. => avenida\npte → puente\nsin flecha\n".encode(), "replacement", NOW)
    assert [(e.text, e.into) for e in arrows.entries if isinstance(e, Keyword)] == [
        ("av.", "avenida"),
        ("pte", "puente"),
    ]
    assert [(p.line, p.reason) for p in arrows.problems] == [(3, "becomes")]


def test_two_lines_that_contradict_each_other_are_a_problem() -> None:
    read = read_file(b"list,text,block\nfilter,promo,3\nfilter,Promo,4\n", None, NOW)
    assert [(p.line, p.reason) for p in read.problems] == [(3, "contradicts")]


def test_hours_are_kept_as_one_writes_them() -> None:
    read = read_file(b"list,text,applies\nhours,lun-vie 6-22,mention\n", None, NOW)
    assert read.entries == [Hours(MessageKind.MENTION, parse("mon-fri 6:00-22:00").written())]


@pytest.mark.parametrize(
    ("typed", "until"),
    [("2 weeks", NOW + timedelta(days=14)), ("2 semanas", NOW + timedelta(days=14)), ("7", NOW + timedelta(days=7)),
     ("24 horas", NOW + timedelta(hours=24)), ("forever", None), ("for good", None), ("por siempre", None)],
)  # fmt: skip
def test_a_block_in_a_file_lasts_as_it_does_in_the_chat(typed: str, until: datetime | None) -> None:
    (entry,) = read_file(f"list,text,block\nblocked,@pepe,{typed}\n".encode(), None, NOW).entries
    assert entry == Standed(Standing.BLOCKED, "pepe", until)


def test_no_length_of_time_in_a_file_is_named() -> None:
    for typed in ("a lot", "2 weeks and spam", "400 years"):
        read = read_file(f"list,text,block\nblocked,@pepe,{typed}\n".encode(), None, NOW)
        assert [p.reason for p in read.problems] == ["days"], typed
