"""A post's place in time, and the line that many of them make."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.placing import Fate, Pace, Place, place, place_again, put_off, put_off_to_hours
from tests.conftest import NOW

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
PACE = Pace(runs=True, gap=20 * SECOND, fresh=15 * MINUTE)
OFF = Pace(runs=False, gap=20 * SECOND, fresh=15 * MINUTE)
LATER = NOW + 8 * 60 * MINUTE

spans = st.integers(0, 7200).map(lambda s: timedelta(seconds=s))
paces = st.builds(
    Pace, runs=st.booleans(), gap=spans, fresh=st.integers(60, 86_400).map(lambda s: timedelta(seconds=s))
)
moments = st.integers(-7200, 7200).map(lambda s: NOW + timedelta(seconds=s))


def line(pace: Pace, said: Sequence[datetime], last_slot: datetime | None) -> list[Place]:
    """The places of many, one after the other."""
    places = []
    for at in said:
        places.append(place(NOW, pace, last_slot, said_at=at))
        last_slot = places[-1].last_slot
    return places


def test_the_first_goes_out_now_and_takes_the_slot() -> None:
    assert place(NOW, PACE, None, said_at=NOW) == Place(Fate.QUEUED, "", NOW, NOW + 15 * MINUTE, NOW)


def test_the_next_stands_behind_it() -> None:
    assert [p.due_at for p in line(PACE, [NOW] * 3, None)] == [NOW, NOW + 20 * SECOND, NOW + 40 * SECOND]


def test_what_would_be_stale_by_its_slot_takes_none() -> None:
    old = place(NOW, PACE, NOW, said_at=NOW - 15 * MINUTE)
    assert (old.fate, old.reason, old.last_slot) == (Fate.EXPIRED, "stale", NOW)


def test_a_channel_that_is_off_says_nothing_and_keeps_its_slots() -> None:
    off = place(NOW, OFF, None, said_at=NOW)
    assert (off.fate, off.reason, off.last_slot) == (Fate.CANCELLED, "channel_off", None)
    assert place(NOW, OFF, None, said_at=NOW - 60 * MINUTE).reason == "stale"


def test_an_empty_text_is_not_said_and_keeps_the_slots() -> None:
    empty = place(NOW, PACE, None, said_at=NOW, empty=True)
    assert (empty.fate, empty.reason, empty.last_slot) == (Fate.CANCELLED, "empty", None)


def test_what_waits_for_the_hours_stands_in_their_line_and_is_fresh_from_then_on() -> None:
    first = place(NOW, PACE, NOW, said_at=NOW, opens=LATER)
    assert first == Place(Fate.QUEUED, "hours", LATER, LATER + 15 * MINUTE, NOW)
    second = place(NOW, PACE, NOW, said_at=NOW, opens=LATER, last_waiting=first.due_at)
    assert (second.due_at, second.last_slot) == (LATER + 20 * SECOND, NOW)
    late = place(NOW, PACE, NOW, said_at=NOW, opens=LATER, last_waiting=LATER + 15 * MINUTE)
    assert (late.fate, late.reason) == (Fate.EXPIRED, "stale")


def test_hours_that_have_begun_meanwhile_keep_nothing_waiting() -> None:
    begun = place(NOW, PACE, NOW, said_at=NOW - 60 * MINUTE, opens=NOW - MINUTE)
    assert (begun.fate, begun.reason, begun.due_at) == (Fate.QUEUED, "", NOW + 20 * SECOND)
    assert begun.last_slot == begun.due_at


def test_what_did_not_go_out_gets_a_slot_of_its_own_or_is_too_late() -> None:
    again = place_again(NOW + 2 * SECOND, PACE.gap, NOW, NOW + MINUTE, "x_down")
    assert again == Place(Fate.QUEUED, "x_down", NOW + 20 * SECOND, NOW + MINUTE, NOW + 20 * SECOND)
    late = place_again(NOW + 2 * SECOND, PACE.gap, NOW + MINUTE, NOW + MINUTE, "x_down")
    assert (late.fate, late.reason, late.last_slot) == (Fate.EXPIRED, "x_down", NOW + MINUTE)


def test_what_is_put_off_takes_no_slot() -> None:
    assert put_off(LATER, NOW, LATER, "on_hold") == Place(Fate.QUEUED, "on_hold", LATER, LATER, NOW)
    assert put_off(LATER + SECOND, NOW, LATER, "on_hold").fate is Fate.EXPIRED


def test_outside_of_the_hours_it_goes_to_the_next_ones_fresh_again_or_nowhere() -> None:
    assert put_off_to_hours(NOW, PACE, None, LATER) == Place(Fate.QUEUED, "hours", LATER, LATER + 15 * MINUTE, None)
    assert put_off_to_hours(NOW, PACE, None, NOW) == Place(Fate.QUEUED, "", NOW, NOW + 15 * MINUTE, None)
    assert put_off_to_hours(NOW, PACE, None, None).fate is Fate.EXPIRED


@given(paces, st.lists(moments, max_size=30), st.none() | moments)
def test_a_line_keeps_the_gap_and_its_order_and_nobody_waits_past_freshness(
    pace: Pace, said: list[datetime], last_slot: datetime | None
) -> None:
    places = line(pace, said, last_slot)
    slots = [p.due_at for p in places if p.fate is Fate.QUEUED]
    assert all(NOW <= p.due_at <= p.fresh_until for p in places if p.fate is Fate.QUEUED)
    before = [last_slot, *slots] if last_slot is not None else slots
    assert all(later - earlier >= pace.gap for earlier, later in pairwise(before))
    assert (places[-1].last_slot if places else last_slot) == (slots[-1] if slots else last_slot)
    assert pace.runs or not slots


@given(paces, moments, st.none() | moments, moments)
def test_it_goes_as_early_as_gap_and_moment_allow(
    pace: Pace, said_at: datetime, last_slot: datetime | None, fresh_until: datetime
) -> None:
    due = place(NOW, pace, last_slot, said_at=said_at).due_at
    assert due == NOW or (last_slot is not None and due == last_slot + pace.gap)
    again = place_again(NOW, pace.gap, last_slot, fresh_until, "x_down")
    assert again.due_at == due
    assert (again.fate is Fate.QUEUED) == (due <= fresh_until)


@given(paces, moments, moments, st.none() | moments, st.none() | moments)
def test_who_waits_for_hours_never_moves_the_channels_own_line(
    pace: Pace, said_at: datetime, opens: datetime, last_slot: datetime | None, last_waiting: datetime | None
) -> None:
    found = place(NOW, pace, last_slot, said_at=said_at, opens=opens, last_waiting=last_waiting)
    if opens > NOW:
        assert found.last_slot == last_slot
        assert found.due_at >= opens
    if found.reason == "hours":
        assert opens > NOW
