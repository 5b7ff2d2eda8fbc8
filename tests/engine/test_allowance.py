"""The posts of the app's day: what is planned has its places, and of the rest nobody takes what is another's."""

from hypothesis import given
from hypothesis import strategies as st

from engine import allowance
from engine.allowance import HOURS, Share

COUNTS = st.integers(0, 40)
SHARES = st.lists(st.builds(Share, COUNTS, st.none() | COUNTS), max_size=6)
HOURLY = st.lists(st.integers(0, 9), min_size=HOURS + 1, max_size=HOURS + 1)


def test_what_is_planned_has_its_places() -> None:
    nothing = [0] * (HOURS + 1)
    assert allowance.room(20, nothing, [0, 0, 5, *nothing][: HOURS + 1]) == 15
    assert allowance.room(20, [*nothing[:-1], 8], [0, 12, *nothing][: HOURS + 1]) == 0


def test_what_is_planned_every_hour_leaves_the_same_room_all_day() -> None:
    assert allowance.room(100, [2] * (HOURS + 1), [2] * HOURS + [0]) == 100 - 2 * (HOURS + 1) - 2


@given(limit=st.integers(0, 300), said=HOURLY, planned=HOURLY)
def test_whoever_takes_the_room_leaves_a_place_for_all_that_is_planned(
    limit: int, said: list[int], planned: list[int]
) -> None:
    room = allowance.room(limit, said, planned)
    window = [*said[:-1], said[-1] + room]
    for hour, count in enumerate(planned):  # each planned one goes out at its hour
        window[-1] += count
        assert not room or sum(window[-HOURS - 1 :]) <= limit, f"no place in {hour} hours"
        window.append(0)


def test_the_one_that_has_said_the_least_comes_first() -> None:
    assert allowance.may_say(Share(0), [Share(6), Share(6)], 4) == 4
    assert allowance.may_say(Share(6), [Share(0), Share(6)], 4) == 0
    assert allowance.may_say(Share(2), [Share(2), Share(2)], 1) == 1, "the last one is for who comes first"
    assert allowance.may_say(Share(3), [Share(2), Share(2)], 2) == 0


def test_what_a_channel_is_not_expected_to_say_is_lent() -> None:
    quiet = [Share(0, 1)] * 9
    assert allowance.may_say(Share(10), quiet, 90) == 81
    assert allowance.may_say(Share(10), [Share(0)] * 9, 90) == 0
    assert allowance.expected(8, known=True, wants=False) == 10
    assert allowance.expected(0, known=True, wants=False) == 1
    assert allowance.expected(8, known=False, wants=False) is None
    assert allowance.expected(8, known=True, wants=True) is None


@given(mine=COUNTS, others=SHARES, room=st.integers(0, 120))
def test_nobody_gets_more_than_there_is_and_something_goes_to_somebody(
    mine: int, others: list[Share], room: int
) -> None:
    may = allowance.may_say(Share(mine), others, room)
    assert 0 <= may <= room
    assert allowance.ahead(may) <= may
    assert bool(allowance.ahead(may)) == bool(may)
    if room and all(o.expected is None for o in others):
        each = [Share(mine), *others]
        assert any(allowance.may_say(Share(s.said), each[:n] + each[n + 1 :], room) for n, s in enumerate(each))


@given(
    limit=st.integers(1, 60),
    planned=st.integers(0, 10),
    wants=st.lists(st.integers(0, 60), min_size=1, max_size=5),
    asks=st.randoms(use_true_random=False),
)
def test_asked_in_any_order_the_planned_ones_go_and_nobody_waits_while_another_has_more(
    limit: int, planned: int, wants: list[int], asks: object
) -> None:
    """Channels of which nothing is known ask one by one; whoever did not get all has no less than anybody with more."""
    said = [0] * len(wants)
    left = list(wants)
    nothing = [0] * HOURS
    moved = True
    while moved:
        moved = False
        for who in asks.sample(range(len(wants)), len(wants)):  # type: ignore[attr-defined]
            while left[who]:
                room = allowance.room(limit, [*nothing, sum(said)], [planned, *nothing])
                others = [Share(s, s if not left[n] else None) for n, s in enumerate(said) if n != who]
                if not allowance.may_say(Share(said[who]), others, room):
                    break
                said[who] += 1
                left[who] -= 1
                moved = True
    assert sum(said) == min(sum(wants), max(0, limit - planned)), "all that is not planned is used"
    for who, unmet in enumerate(left):
        if unmet:
            assert all(said[who] >= s - 1 for s in said)
