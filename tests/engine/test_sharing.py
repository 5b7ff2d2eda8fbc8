"""Room that is not enough for all: whole or not at all, and fairly."""

from hypothesis import given
from hypothesis import strategies as st

from engine.x import activity, sharing

WANTS = st.dictionaries(st.integers(1, 6), st.lists(st.integers(1, 12), max_size=12), max_size=6)


def test_who_comes_first_has_all_or_nothing_and_a_smaller_one_fits_behind() -> None:
    assert sharing.whole([("a", 2), ("b", 3), ("c", 2), ("d", 0)], 4) == (["a", "c", "d"], ["b"])
    assert sharing.whole([("a", 2)], 0) == ([], ["a"])


def test_a_busy_one_takes_what_a_quiet_one_does_not_need_and_no_more() -> None:
    busy, quiet = list(range(100, 1100)), [1, 2, 3]
    assert set(sharing.fairly({1: busy, 2: quiet}, 10)) == {1, 2, 3, *range(100, 107)}
    assert set(sharing.fairly({1: busy, 2: quiet}, 4)) == {100, 101, 1, 2}, "the oldest are out first"
    assert sharing.fairly({1: busy, 2: quiet}, 0) == []


def test_what_several_want_takes_one_place_and_counts_for_each() -> None:
    assert set(sharing.fairly({1: [7, 8], 2: [7, 9], 3: [5, 6]}, 2)) == {7, 5}


@given(WANTS, st.integers(0, 15))
def test_nothing_is_chosen_twice_and_no_place_is_left_while_somebody_wants_more(
    wants: dict[int, list[int]], room: int
) -> None:
    chosen = sharing.fairly(wants, room)
    everything = {one for what in wants.values() for one in what}
    assert len(set(chosen)) == len(chosen) == min(room, len(everything))
    has = {who: len(set(what) & set(chosen)) for who, what in wants.items()}
    hungry = [who for who, what in wants.items() if set(what) - set(chosen)]
    for who in hungry:
        assert all(has[who] + 1 >= has[other] or _shared(other, wants, chosen) for other in has)


def _shared(who: int, wants: dict[int, list[int]], chosen: list[int]) -> bool:
    """Whether they have more as others wanted the same."""
    return any(one in what for one in set(wants[who]) & set(chosen) for w, what in wants.items() if w != who)


def test_x_s_word_that_there_is_no_room_is_told_from_its_other_words() -> None:
    full = (
        "The app is at its limit of subscriptions.",
        "You have reached the maximum number of activity subscriptions for your plan (1500).",
        "SubscriptionLimitExceeded: quota of 1000",
        "Too many subscriptions for this app",
        "Your client app has exceeded its cap on subscriptions.",
    )
    other = (
        "This subscription already exists.",
        "Rate limit exceeded for subscriptions",
        "Could not find that subscription.",
        "Too Many Requests",
        "You are not allowed to create a Tweet with duplicate content.",
        "Invalid subscription filter",
    )
    assert all(activity.FULL_IN_WORDS.match(said.lower()) for said in full)
    assert not any(activity.FULL_IN_WORDS.match(said.lower()) for said in other)
