"""What benches share: percentiles, and how long until something is seen."""

import statistics
import time
from collections.abc import Callable, Sequence

from sandbox.stage import NotSeen

LOOK_S = 0.01


def percentile(values: Sequence[float], which: int) -> float:
    """The value that so many in a hundred do not exceed."""
    return statistics.quantiles(values, n=100)[which - 1]


def seconds_until(look: Callable[[], object], within: float = 60) -> float:
    """How long it takes until this is seen, to a hundredth of a second. Raises NotSeen."""
    began = time.monotonic()
    while not look():
        if time.monotonic() - began > within:
            raise NotSeen(f"not seen within {within:.0f} s")
        time.sleep(LOOK_S)
    return time.monotonic() - began
