"""Sparing: X lets an app read so many timelines of mentions in a quarter of an hour, whatever the storm.

Who was not read back for that long is read at once, as long as there is any left. Who was, and is behind again as the
connection came and went, is read at once only out of most of it; the rest is spread over the time. What has to wait is
merged: one reading, from where the channel was heard last, makes up for all connections before it.
"""

import math
import threading
from collections import deque

WINDOW_S = 900.0
MOST = 440  # X's own limit is 450
AT_WILL = 380
APART_S = WINDOW_S / (MOST - AT_WILL)


class Reads:
    """The reads of the last quarter of an hour, of all channels; `at` are monotonic seconds."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._at: deque[float] = deque()

    def allow(self, at: float, last: float = -math.inf) -> bool:
        """Whether a channel may be read now that was read `last` then."""
        with self._guard:
            while self._at and self._at[0] <= at - WINDOW_S:
                self._at.popleft()
            spent = len(self._at)
            if last <= at - WINDOW_S or spent < AT_WILL:
                return spent < MOST
            return spent < MOST and at - self._at[-1] >= APART_S

    def count(self, calls: int, at: float) -> None:
        """So many calls were made, or begun, at this moment."""
        with self._guard:
            self._at.extend([at] * calls)
