"""The posts of a day, which X limits for the app as a whole: how many of what is left a channel may say now.

What is planned for the coming day has its places before anything is reposted. The rest is shared like water that is
poured into the channels: who has said the least comes first, and what a channel is not expected to say is lent to the
others. Source: docs/x-and-telegram.md, "Speaking".
"""

from collections.abc import Sequence
from dataclasses import dataclass

HOURS = 24
ENOUGH = 1_000  # so many free places are one more in advance for who says what is planned
MOST_AHEAD = 20


@dataclass(frozen=True, slots=True)
class Share:
    """What a channel has said in the last day and has planned for the next, and up to how much it is expected to say.

    Without `expected` it may want any number.
    """

    said: int
    expected: int | None = None


def room(limit: int, said: Sequence[int], planned: Sequence[int]) -> int:
    """How many more may be said now so that what is planned finds a place at each hour of the coming day.

    Both are counts by hour: `said` from 24 hours ago up to the current one, `planned` from the current one on. What was
    said a day ago makes place for what is planned by then.
    """
    fullest = max(sum(said[hour:]) + sum(planned[: hour + 1]) for hour in range(HOURS + 1))
    return max(0, limit - fullest)


def expected(before: int, *, known: bool, wants: bool) -> int | None:
    """How much a channel is expected to say in a day: a quarter more than the day before, one post in any case.

    Nobody knows of one that is new, nor of one that has been told to wait.
    """
    return None if wants or not known else max(1, before + before // 4)


def level(shares: Sequence[Share], room: int) -> tuple[int, int]:
    """The height to which this room fills the channels, in posts of a day each, and what is left over of it."""
    low, high = 0, max((s.said for s in shares), default=0) + room
    while low < high:
        height = (low + high + 1) // 2
        if _poured(shares, height) <= room:
            low = height
        else:
            high = height - 1
    return low, room - _poured(shares, low)


def may_say(mine: Share, others: Sequence[Share], room: int) -> int:
    """How many more a channel may say now, of a room that all share."""
    height, left = level([Share(mine.said), *others], room)
    if mine.said < height:
        return height - mine.said
    return 1 if mine.said == height and left > 0 else 0


def ahead(may: int) -> int:
    """How many of these a channel is granted at a time: few questions for all of them, and few that lie idle."""
    return min(may, max(1, min(may // 8, MOST_AHEAD)))


def ahead_of(free: int) -> int:
    """The same for what is planned, of so many places that are free."""
    return min(free, max(1, min(free // ENOUGH, MOST_AHEAD)))


def _poured(shares: Sequence[Share], height: int) -> int:
    return sum(max(0, (height if s.expected is None else min(height, s.expected)) - s.said) for s in shares)
