"""Counting what somebody writes within some minutes."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.moderation.bursts import counts
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)


def test_each_message_counts_those_just_before_it_and_itself() -> None:
    written = [NOW + n * MINUTE for n in (0, 1, 2, 11, 12, 40)]
    assert counts(written, 10 * MINUTE) == [1, 2, 3, 2, 2, 1]


def test_what_lies_exactly_the_span_back_counts_no_more() -> None:
    assert counts([NOW, NOW + 10 * MINUTE], 10 * MINUTE) == [1, 1]
    assert counts([NOW, NOW + 10 * MINUTE - timedelta(microseconds=1)], 10 * MINUTE) == [1, 2]


def test_nothing_written_counts_nothing() -> None:
    assert counts([], MINUTE) == []


@given(st.lists(st.integers(0, 3600), max_size=60).map(sorted), st.integers(1, 1800))
def test_it_is_what_counting_one_by_one_gives(seconds: list[int], span: int) -> None:
    written = [NOW + timedelta(seconds=s) for s in seconds]
    slowly = [sum(at - timedelta(seconds=span) < w for w in written[: n + 1]) for n, at in enumerate(written)]
    assert counts(written, timedelta(seconds=span)) == slowly
