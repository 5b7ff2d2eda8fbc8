"""Which hashtag is added: allowed now, not there already, where there is room, evenly by what is left."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.composing import LIMIT, weighted_length
from engine.hashtags import BadHashtag, Hashtag, Used, choose, parse, with_tags
from engine.text import fold, read
from engine.timetable import parse as hours
from tests.conftest import NOW

UTC = ZoneInfo("UTC")
WALL = datetime(2026, 11, 24, 10, 0)


def used(number: int, tag: str, total: int = 0, today: int = 0, **limits: object) -> Used:
    return Used(number, Hashtag(tag, **limits), total, today)  # type: ignore[arg-type]


def names(candidates: list[Used], text: str = "choque en la A1", count: int = 1, at: datetime = NOW) -> list[str]:
    return [c.hashtag.tag for c in choose(candidates, text, count, at, UTC)]


def test_the_one_with_the_most_left_is_chosen_in_turn() -> None:
    totals = {"uno": 0, "dos": 0, "tres": 0}
    order = []
    for _ in range(30):
        candidates = [used(n, t, totals[t], most=10) for n, t in enumerate(totals)]
        (chosen,) = names(candidates)
        totals[chosen] += 1
        order.append(chosen)
    assert totals == {"uno": 10, "dos": 10, "tres": 10}
    assert all(set(order[i : i + 3]) == set(totals) for i in range(0, 30, 3))
    assert names([used(n, t, totals[t], most=10) for n, t in enumerate(totals)]) == []


def test_limits_windows_and_dates_are_kept() -> None:
    assert names([used(1, "metro", 5, 5, most_day=5)]) == []
    assert names([used(1, "metro", 9, 4, most_day=5)]) == ["metro"]
    assert names([used(1, "metro", window=hours("mon 6-22"))]) == []
    assert names([used(1, "metro", window=hours("fri 6-22"))]) == ["metro"]
    assert names([used(1, "metro", last=NOW.date() - timedelta(days=1))]) == []
    assert names([used(1, "metro", first=NOW.date() + timedelta(days=1))]) == []
    assert names([used(1, "metro", first=NOW.date(), last=NOW.date())]) == ["metro"]


TAGS = st.lists(st.sampled_from(["metro", "Metro", "caracas", "tráfico", "trafico", "A1"]), max_size=6)


@given(
    TAGS,
    st.lists(st.sampled_from(["#METRO", "choque", "#Tráfico", "x" * 90, "日本" * 40]), max_size=6),
    st.integers(0, 3),
)
def test_never_twice_in_a_text_and_never_too_long(tags: list[str], words: list[str], count: int) -> None:
    text = " ".join(words)
    chosen = choose([used(n, t) for n, t in enumerate(dict.fromkeys(map(fold, tags)))], text, count, NOW, UTC)
    said = with_tags(text, chosen)
    assert len(chosen) <= count
    added = [fold(c.hashtag.tag) for c in chosen]
    there = [h.removeprefix("#") for h in read(text).hashtags]
    assert len(set(added)) == len(added)
    assert not set(added) & set(there)
    if weighted_length(text) <= LIMIT:
        assert weighted_length(said) <= LIMIT


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("#metro", Hashtag("metro")),
        ("metro", Hashtag("metro")),
        ("#Tráfico, 100 en total, 5 al día", Hashtag("Tráfico", most=100, most_day=5)),
        ("#metro, 100 in all, 5 a day, mon-fri 6-22", Hashtag("metro", hours("mon-fri 6-22"), most=100, most_day=5)),
        ("#metro, hasta 31/12/2026", Hashtag("metro", last=date(2026, 12, 31))),
        ("#metro, from dec 1, until dec 24", Hashtag("metro", first=date(2026, 12, 1), last=date(2026, 12, 24))),
        ("#metro, lun-vie 6-9, 17-20, 50", Hashtag("metro", hours("mon-fri 6-9, mon-sun 17-20"), most=50)),
    ],
)
def test_limits_are_understood_in_both_languages(typed: str, wanted: Hashtag) -> None:
    assert parse(typed, WALL) == wanted


@pytest.mark.parametrize(
    "typed", ["", "#", "#123", "#dos palabras", "#a-b", "#metro, nunca", "#metro, 0 a day", "#metro, hasta 31/02"]
)
def test_what_is_no_hashtag_is_refused(typed: str) -> None:
    with pytest.raises(BadHashtag):
        parse(typed, WALL)
