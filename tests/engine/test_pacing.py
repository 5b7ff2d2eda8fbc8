"""When a tweet goes out."""

from datetime import timedelta

from engine.pacing import hold_delay, reserve, retry_delay
from tests.conftest import NOW

GAP = timedelta(seconds=20)
LATER = NOW + timedelta(minutes=15)


def test_the_first_goes_out_now() -> None:
    assert reserve(NOW, None, GAP, LATER).due_at == NOW
    assert reserve(NOW, NOW - timedelta(hours=1), GAP, LATER).due_at == NOW


def test_the_next_waits_for_the_gap() -> None:
    assert reserve(NOW, NOW, GAP, LATER).due_at == NOW + GAP


def test_what_would_wait_past_its_freshness_is_stale() -> None:
    assert reserve(NOW, LATER, GAP, LATER).stale
    assert not reserve(NOW, LATER - GAP, GAP, LATER).stale
    assert reserve(NOW, None, GAP, NOW - timedelta(seconds=1)).stale


def test_retries_come_later_and_later() -> None:
    waits = [retry_delay(n).total_seconds() for n in range(1, 12)]
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 300


def test_holds_grow_by_five_minutes() -> None:
    assert [hold_delay(n).total_seconds() / 60 for n in (1, 2, 3, 100)] == [5, 10, 15, 60]
