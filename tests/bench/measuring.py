"""What benches share: percentiles, how long until something is seen, and a service that has settled down."""

import statistics
import time
from collections.abc import Callable, Sequence

from sandbox.stage import NotSeen, Stage
from tests.reading import stream_state

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


def settle(stage: Stage, channels: int, kinds: int = 2) -> float:
    """Until all channels are subscribed to so many kinds of events and the last look for what was missed is had; how many seconds the first took.

    X refuses nothing meanwhile: after a start like this one it would for a quarter of an hour.
    """
    stage.do("/sandbox/x/act", act="limits", on=False)
    subscribed = seconds_until(lambda: stage.x()["subscriptions"] == kinds * channels)
    stage.wait("nobody is behind", lambda: stream_state(stage).get("looks_ahead") == 0)
    stage.do("/sandbox/x/act", act="limits", on=True)
    return subscribed
