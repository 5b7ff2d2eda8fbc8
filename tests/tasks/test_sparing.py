"""A storm of connections that do not last does not spend what X lets an app read; what was missed is heard all the same."""

import math

import pytest

from tasks.streaming.sparing import APART_S, AT_WILL, MOST, WINDOW_S, Reads


def storm(channels: int, connects: int, every_s: float, lasts_s: float) -> tuple[list[float], dict[int, float]]:
    """When each read of these channels was, and when each was last: all are behind with every connection."""
    reads, made = Reads(), list[float]()
    last = dict.fromkeys(range(channels), -math.inf)
    behind: set[int] = set()
    at = 10_000.0
    for tick in range(int(lasts_s / 0.5)):
        if tick * 0.5 < connects * every_s and not tick * 0.5 % every_s:
            behind = set(last)
        elif not behind and tick * 0.5 > connects * every_s:
            break
        for channel in sorted(behind, key=lambda c: last[c]):
            if reads.allow(at, last[channel]):
                reads.count(1, at)
                made.append(at)
                last[channel] = at
                behind.discard(channel)
        at += 0.5
    return made, last


@pytest.mark.parametrize("channels", [1, 30, 200])
def test_a_hundred_short_connections_stay_within_x_s_limit_and_everybody_is_read_after_them(channels: int) -> None:
    made, last = storm(channels, connects=100, every_s=3.0, lasts_s=300 + channels * APART_S + WINDOW_S)
    for end in made:
        assert sum(end - WINDOW_S < at <= end for at in made) <= MOST
    over = 10_000.0 + 99 * 3.0
    assert all(at >= over for at in last.values())
    assert max(last.values()) - over <= channels * APART_S + WINDOW_S


def test_who_was_not_read_for_long_is_read_at_once_in_the_middle_of_a_storm() -> None:
    reads = Reads()
    reads.count(AT_WILL, 5.0)
    assert not reads.allow(6.0, 5.0)
    assert reads.allow(6.0)
    assert reads.allow(5.0 + APART_S, 5.0)
    reads.count(MOST - AT_WILL, 6.0)
    assert not reads.allow(7.0)
    assert reads.allow(5.0 + WINDOW_S, 5.0)
