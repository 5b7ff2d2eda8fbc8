"""A fair share of the calls that are in the air for each channel: one whose calls take long holds up only itself.

A process makes so many calls at once; a channel may have as many of them as it leaves free for the others. Alone it
has half, a second one that is as slow half of what is left, and whoever answers at once always finds a place.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from tasks.queues import Job, Queue, publishing, tweets

OnOne = Callable[[int], None]


class Lanes:
    """Who calls X in this process, and what waits because its channel has its share. `most`: calls at once in all."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._in_air: Counter[int] = Counter()
        self._waiting: dict[int, dict[tuple[str, int], Job[[int]]]] = {}

    @contextmanager
    def of(self, channel_id: int, job: Job[[int]], item: int) -> Iterator[bool]:
        """Whether this job may call X for the channel now. If not, it is rung again when one of the channel ends."""
        with self._guard:
            entered = self._in_air[channel_id] < max(1, self._most - self._in_air.total())
            if entered:
                self._in_air[channel_id] += 1
            else:
                self._waiting.setdefault(channel_id, {})[job.name, item] = job
        try:
            yield entered
        finally:
            if entered:
                self._left(channel_id)

    def full(self) -> set[int]:
        """The channels that have their share and more waiting: nothing of theirs need be looked for."""
        with self._guard:
            for channel_id in [c for c in self._waiting if not self._in_air[c]]:
                del self._waiting[channel_id]  # whose bell was lost: the clock finds it
            return set(self._waiting)

    def _left(self, channel_id: int) -> None:
        with self._guard:
            self._in_air[channel_id] -= 1
            if not self._in_air[channel_id]:
                del self._in_air[channel_id]
            waiting = self._waiting.get(channel_id)
            if not waiting:
                self._waiting.pop(channel_id, None)
                return
            (_, item), job = next(iter(waiting.items()))
            del waiting[job.name, item]
        job.ring_once(5, item)


CALLS = Lanes(100)
UPLOADS = Lanes(20)  # they take long, and never the place of a post


def calls_x(
    channel_of: Callable[[int], int | None], *, priority: int, lanes: Lanes = CALLS, before: Queue = tweets
) -> Callable[[OnOne], Job[[int]]]:
    """Make a function a job that calls X, in the lane of the channel of what it is about; see `job`."""

    def made(function: OnOne) -> Job[[int]]:
        @wraps(function)
        def in_lane(item: int) -> None:
            channel_id = channel_of(item)
            if channel_id is None:
                return
            with lanes.of(channel_id, found, item) as entered:
                if entered:
                    function(item)

        found = Job(publishing, in_lane, priority, before)
        return found

    return made
