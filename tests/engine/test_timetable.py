"""Weekly timetables agree with a minute-by-minute brute force, on the days when clocks change too."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.timetable import ALWAYS, DAY, WEEK, BadHours, Timetable, of_spans, parse

ZONES = ("America/Caracas", "Europe/Madrid", "Pacific/Auckland")
START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = 2 * 365 * DAY
SPANS = st.lists(st.tuples(st.integers(0, WEEK - 1), st.integers(1, 2 * DAY)), max_size=6).map(
    lambda blocks: of_spans((start, start + length) for start, length in blocks)
)
TYPED = (
    "lun-vie 6:00-22:00, sáb 8-14",
    "fri 22:00-2:00, sun 23:30-0:30",
    "diario 1:30-2:30",
    "sat,sun 2:15-2:45, mon-wed 0:00-24:00",
    "mon-sun 2:59-3:01",
)


@cache
def walls(zone: str) -> tuple[int, ...]:
    """The minute of the week on the wall, for every minute of two years."""
    tz = ZoneInfo(zone)
    found: list[int] = []
    for hour in range(0, MINUTES, 60):  # clocks of these zones change at full hours of UTC
        wall = (START + timedelta(minutes=hour)).astimezone(tz)
        first = wall.weekday() * DAY + wall.hour * 60 + wall.minute
        found += [(first + minute) % WEEK for minute in range(60)]
    return tuple(found)


def brute(typed: str) -> set[int]:
    """The open minutes of the week, by the words alone."""
    names = ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"]
    english = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    def day(word: str) -> int:
        return names.index(word) if word in names else english.index(word)

    minutes: set[int] = set()
    pieces = typed.replace("sat,sun", "sat-sun").split(", ")
    for piece in pieces:
        days, _, hours = piece.partition(" ")
        first, _, last = ("mon-sun" if days == "diario" else days).partition("-")
        on = range(day(first), day(last or first) + 1)
        start, end = (int(h.partition(":")[0]) * 60 + int(h.partition(":")[2] or 0) for h in hours.split("-"))
        for d in on:
            length = end - start if end > start else end + DAY - start
            minutes |= {(d * DAY + start + m) % WEEK for m in range(length)}
    return minutes


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("typed", TYPED)
def test_a_timetable_agrees_with_minutes_of_two_years_and_those_of_their_changes_of_the_clock(
    zone: str, typed: str
) -> None:
    table, tz, open_minutes = parse(typed), ZoneInfo(zone), brute(typed)
    wall = walls(zone)
    opened = [minute in open_minutes for minute in wall]
    opens = [i for i, is_open in enumerate(opened) if is_open]
    changes = [i for i, (a, b) in enumerate(pairwise(wall)) if (b - a) % WEEK != 1]
    assert len(changes) == (0 if zone == "America/Caracas" else 4)
    asked = {*range(0, MINUTES - WEEK, 311), *(c + d for c in changes for d in range(-DAY, DAY, 31))}
    asked |= {c + d for c in changes for d in range(-130, 130, 2)}
    for minute in asked:
        at = START + timedelta(minutes=minute)
        assert table.open_at(at, tz) == opened[minute], at
        want = START + timedelta(minutes=opens[bisect_left(opens, minute)])
        assert table.next_open(at, tz) == want, (at, want)


@given(SPANS, st.integers(0, MINUTES), st.sampled_from(ZONES))
def test_the_next_open_instant_is_open_and_none_before_it_is(table: Timetable, minute: int, zone: str) -> None:
    tz = ZoneInfo(zone)
    at = START + timedelta(minutes=minute, seconds=minute % 60)
    opens = table.next_open(at, tz)
    if opens is None:
        assert not table
        return
    assert opens >= at
    assert table.open_at(opens, tz)
    if opens > at:
        assert not table.open_at(opens - timedelta(seconds=1), tz)
        between = at + (opens - at) / 2
        assert not table.open_at(between, tz)


@given(SPANS)
def test_what_is_written_is_parsed_to_the_same(table: Timetable) -> None:
    if table:
        assert parse(table.written()) == table
        assert parse(table.written(("lun", "mar", "mié", "jue", "vie", "sáb", "dom"))) == table


@given(SPANS, st.integers(0, 27))
def test_opening_and_closing_a_stretch_does_just_that(table: Timetable, cell: int) -> None:
    span = (cell * 360, (cell + 1) * 360)
    assert table.with_span(*span).share(*span) == 1
    assert table.without_span(*span).share(*span) == 0
    for other in range(28):
        if other != cell:
            there = (other * 360, (other + 1) * 360)
            assert table.with_span(*span).share(*there) == table.share(*there)
            assert table.without_span(*span).share(*there) == table.share(*there)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("lun-vie 6:00-22:00, sáb 8-14", "mon-fri 6:00-22:00, sat 8:00-14:00"),
        ("Lunes a Viernes de 8 a 12 y de 14 a 18", "mon-fri 8:00-12:00, mon-fri 14:00-18:00"),
        ("mon, wed, fri 7am-9am", "mon,wed,fri 7:00-9:00"),
        ("weekdays 9:30am - 5:15pm", "mon-fri 9:30-17:15"),
        ("fines de semana 9-13", "sat,sun 9:00-13:00"),
        ("vie 22:00-2:00", "fri 22:00-2:00"),
        ("dom 22-6", "sun 22:00-6:00"),
        ("sáb a lun 10-12", "mon,sat,sun 10:00-12:00"),
        ("8-20", "mon-sun 8:00-20:00"),
        ("todos los días 8 hasta 20", "mon-sun 8:00-20:00"),
        ("24h", "mon-sun 0:00-24:00"),
        ("lun 12am-12pm", "mon 0:00-12:00"),
        ("todos los días menos domingo 8-20", "mon-sat 8:00-20:00"),
        ("every day except sunday 8am-8pm", "mon-sat 8:00-20:00"),
        ("lunes a viernes menos los miércoles de 8 a 17", "mon,tue,thu,fri 8:00-17:00"),
        ("8-20 de lunes a viernes", "mon-fri 8:00-20:00"),
        ("de 8 de la mañana a 5 de la tarde", "mon-sun 8:00-17:00"),
        ("lun-vie de ocho de la mañana a cinco y media de la tarde", "mon-fri 8:00-17:30"),
        ("lun-vie de 8 y media a 12 y de 14 a 18", "mon-fri 8:30-12:00, mon-fri 14:00-18:00"),
        ("mon-fri from 8 in the morning to 5 in the afternoon", "mon-fri 8:00-17:00"),
        ("sáb de 9am a mediodía", "sat 9:00-12:00"),
        ("vie 8 de la noche a 2 de la madrugada", "fri 20:00-2:00"),
        ("fri 8pm to midnight", "fri 20:00-24:00"),
        ("dom de 10:00 a las 18:00", "sun 10:00-18:00"),
        ("lun 8-12 14-18", "mon 8:00-12:00, mon 14:00-18:00"),
        ("lun 8-12 y 14-18", "mon 8:00-12:00, mon 14:00-18:00"),
    ],
)
def test_hours_are_understood_in_both_languages(typed: str, written: str) -> None:
    assert parse(typed).written() == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "lun",
        "lun-vie",
        "lun 25-30",
        "lunes tal vez",
        "lun 8",
        "xyz 8-20",
        "lun 8:77-9",
        "8-20 foo",
        "13pm-14pm",
        "lun-vie 9-5",
        "lun 9 a 5",
        "lun 15:00 de la mañana a 20:00",
        "todos los días menos jamás 8-20",
        "lun 8-20 mar",
    ],
)
def test_hours_that_make_no_sense_are_refused(typed: str) -> None:
    with pytest.raises(BadHours):
        parse(typed)


def test_always_is_always_and_nothing_is_never() -> None:
    zone = ZoneInfo("Europe/Madrid")
    assert ALWAYS.next_open(START, zone) == START
    assert Timetable().next_open(START, zone) is None
