"""Who is to take the stream over: a lease that does not move has lapsed, also where two clocks differ."""

from datetime import timedelta

from models.control.leases import LENGTH
from tasks.streaming.held import Watch
from tests.conftest import NOW

SECONDS = LENGTH.total_seconds()


def test_a_lease_that_moves_is_held_however_far_ahead_its_end_lies() -> None:
    watch, ahead = Watch(), NOW + timedelta(hours=1)
    for n in range(100):
        assert watch.unmoved(ahead + timedelta(seconds=n), n * SECONDS / 2) is None


def test_one_that_was_not_seen_to_move_for_longer_than_it_lasts_has_lapsed() -> None:
    watch, ahead = Watch(), NOW + timedelta(hours=1)
    assert watch.unmoved(ahead, 100.0) is None
    assert watch.unmoved(ahead, 100.0 + SECONDS) is None
    assert watch.unmoved(ahead, 100.1 + SECONDS) == ahead
