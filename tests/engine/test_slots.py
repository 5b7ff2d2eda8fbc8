"""Weekly slots: typed in both languages, written back the same, and the next free one."""

from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.slots import next_free, parse, written
from engine.timetable import WEEK, BadHours

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday
SLOTS = st.sets(st.integers(0, WEEK - 1), min_size=1, max_size=30).map(lambda s: tuple(sorted(s)))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("lun-vie 8:00 12:30 18:00", "mon-fri 8:00 12:30 18:00"),
        ("mon-fri 8am 12:30 6pm, sat 10", "mon-fri 8:00 12:30 18:00, sat 10:00"),
        ("lunes y jueves 9:00", "mon,thu 9:00"),
        ("8:00 20:00", "mon-sun 8:00 20:00"),
        ("fines de semana 10:00", "sat,sun 10:00"),
        ("lun a las 9:00 y 17:00", "mon 9:00 17:00"),
        ("lun-vie 8 de la mañana y 6 y media de la tarde", "mon-fri 8:00 18:30"),
        ("todos los días menos domingo 8:00 mediodía", "mon-sat 8:00 12:00"),
        ("lun 10 12 18", "mon 10:00 12:00 18:00"),
    ],
)
def test_slots_are_understood(typed: str, said: str) -> None:
    assert written(parse(typed)) == said


@pytest.mark.parametrize("typed", ["", "lun", "lun 25:00", "nada 8:00", "lun 8:77", "lun 8:00-10:00", "lun 8 tal vez"])
def test_what_is_no_slot_is_refused(typed: str) -> None:
    with pytest.raises(BadHours):
        parse(typed)


@given(SLOTS)
def test_what_is_written_is_parsed_to_the_same(slots: tuple[int, ...]) -> None:
    assert parse(written(slots)) == slots


@given(SLOTS, st.integers(0, 20))
def test_each_takes_the_first_slot_that_nobody_has(slots: tuple[int, ...], count: int) -> None:
    taken: list[datetime] = []
    for _ in range(count):
        wall = next_free(slots, taken, NOW)
        assert wall is not None
        taken.append(wall)
    monday = datetime(2026, 11, 23)
    moments = (monday + timedelta(weeks=week, minutes=minute) for week in range(count + 2) for minute in slots)
    assert taken == list(islice((moment for moment in moments if moment > NOW), count))


def test_without_slots_there_is_none() -> None:
    assert next_free((), [], NOW) is None
