"""Which of several clocks is right: the one that most others agree with.

One of somebody else's weighs more than one of ours, but not as much as two of ours: a machine's clock and that of a
database on the same machine are wrong together, and a single stranger may say anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

APART_S = 3.0  # clocks so near agree: HTTP tells whole seconds, and an answer was under way


@dataclass(frozen=True, slots=True)
class Told:
    """What a clock shows: so many seconds more than this machine's own."""

    whose: str
    ahead_s: float
    is_ours: bool = False

    @property
    def weight(self) -> int:
        return 2 if self.is_ours else 3


def right(told: Sequence[Told]) -> Told:
    """The clock to go by, of those told, one at least, the most trusted first: the first of those with most weight."""
    return max(told, key=lambda one: sum(other.weight for other in told if _agree(one, other)))


def wrong(told: Sequence[Told], by: Told) -> list[Told]:
    """Those that are wrong where this one is right, each as far ahead of it."""
    return [Told(one.whose, one.ahead_s - by.ahead_s) for one in told if not _agree(one, by)]


def _agree(one: Told, other: Told) -> bool:
    return abs(one.ahead_s - other.ahead_s) <= APART_S
