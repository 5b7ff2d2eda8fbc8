"""Schedules in a file: what is written is read back the same, and every wrong line is named."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import posts
from engine.files.schedules import Line, read_file, write_file
from engine.media import MediaKind
from engine.recurrence import Plan, after
from engine.when import When, understand
from tests.engine.test_posts import attachments, lines

NOW = datetime(2026, 11, 20, 12, 0)
PHRASES = ("cada lunes 7:15", "every 3 hours from 8 to 20", "cada 2 semanas el lunes 9:00", "el último viernes de cada mes 18:00",
           "mañana 9:30", "the first and third monday of every month 9:00", "cada 3 días 8:00", "cada año el 24 de diciembre 20:00",
           "todos los días menos el 25 de diciembre a las 8", "cada viernes santo 10:00")  # fmt: skip


def everything(ids: list[int]) -> dict[int, MediaKind]:
    return {i: OWNED[i] for i in ids if i in OWNED}


OWNED: dict[int, MediaKind] = {}


@given(
    st.sampled_from(PHRASES), lines, st.lists(attachments, max_size=1), st.integers(1, 1440),
    st.sampled_from(["on", "paused"]), st.one_of(st.none(), st.integers(1, 99)), st.integers(0, 400),
)  # fmt: skip
def test_what_is_written_is_read_back(
    phrase: str, text: str, media: list[posts.Attachment], grace: int, state: str, times: int | None, said: int
) -> None:
    when, _ = understand(phrase, NOW)
    OWNED.update({a.media_id: a.kind for a in media})
    turns = ((posts.Post(text, tuple(media)), posts.Post("y otro")), posts.plain("de turno {n}"))
    if when.rules:
        last = when.first + timedelta(days=900) if said % 2 else None
        when = When(when.first, when.rules, last, times)
    line = Line(turns, when, when.first, grace, state, said)
    read = read_file(write_file([line]), NOW, everything)
    assert read.problems == []
    assert read.entries == [line]


@pytest.mark.parametrize("phrase", [p for p in PHRASES if "mañana" not in p])
@pytest.mark.parametrize("days", [0, 1, 8, 100])
def test_a_recurrence_goes_on_in_step_when_its_file_is_read_later(phrase: str, days: int) -> None:
    when, _ = understand(phrase, NOW)
    line = Line((posts.plain("hola"),), when, when.first)
    later = NOW + timedelta(days=days)
    (read,) = read_file(write_file([line]), later, everything).entries
    plan = Plan(when.rules, when.first)
    wanted = next(w for w in after(plan, NOW) if w > later and w >= when.first)
    assert read.when.first == wanted
    assert read.starts == line.starts


def test_words_semicolons_and_spanish_columns_are_understood() -> None:
    content = 'cuando;texto;hasta;estado\r\ncada lun,mié 7:15;"Buenos días; vecinos";2026-12-24;pausa\r\n'.encode(
        "cp1252"
    )
    (line,) = read_file(content, NOW, everything).entries
    assert line.turns == (posts.plain("Buenos días; vecinos"),)
    assert line.when.rules == ("FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=7;BYMINUTE=15",)
    assert (line.when.last, line.state) == (datetime(2026, 12, 24, 23, 59), "paused")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nunca,hola", "when"), ("2020-01-01 10:00,hola", "past"), ("cada lunes 7:15,", "empty"),
        ("cada lunes 7:15 mira,hola", "when"), ("FREQ=SECONDLY,hola", "when"), ("FREQ=DAILY;BYHOUR=99;BYMINUTE=0,x", "when"),
        ("cada lunes 7:15," + "x" * 300, "long"), ("cada lunes 7:15,[photo 999999999]", "media"),
        ("cada lunes 7:15,hola,31/02", "date"), ("cada lunes 7:15,hola,2020-01-01", "past"),
        ("cada lunes 7:15,hola,,muchas", "number"), ("cada lunes 7:15,hola,,,0", "number"),
        ("cada lunes 7:15,hola,,,,dormida", "state"), ("cada lunes 7:15,hola,,,,cola", "state"),
    ],
)  # fmt: skip
def test_wrong_lines_are_named(row: str, reason: str) -> None:
    content = f"when,text,end,times,grace,state\nmañana 9:00,bien\n{row}\n".encode()
    read = read_file(content, NOW, everything)
    assert [(p.line, p.reason) for p in read.problems] == [(3, reason)]
    assert len(read.entries) == 1


def test_what_is_no_such_file_is_said() -> None:
    for content in (b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b"\x00" * 50, b"when;hola\n"):
        assert [p.reason for p in read_file(content, NOW, everything).problems] == ["header"]
