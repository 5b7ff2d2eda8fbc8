"""A worker's own hands: what bells ask for is done in this process while Redis can't carry them.

No more at once than the queue has workers, the most urgent first. The same is neither waiting twice nor done twice at
once: what is asked for while it is being done, is done once more after it. What finds no room is asked for again by the
clock, which looks at the database.
"""

import threading
from collections.abc import Callable, Hashable

import structlog

from tasks.living.watching import LONGEST_JOB_S, beat, watched

log = structlog.get_logger()
ROOM = 2000  # that wait; the clock names some hundreds at once


class OwnHands:
    """Threads that begin with what is to be done, and end when nothing waits. They are watched until then."""

    def __init__(self, name: str, most: int) -> None:
        self._name, self._most = name, most
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, tuple[int, int, Callable[[], object]]] = {}
        self._in_air: set[Hashable] = set()
        self._threads = self._asked = 0
        self._ended = False

    def take(self, key: Hashable, work: Callable[[], object], priority: int = 0) -> bool:
        """Do it soon, unless it waits already; whether it will be done. The higher priority goes first."""
        with self._changed:
            if self._ended or (key not in self._waiting and len(self._waiting) >= ROOM):
                return False
            is_new = key not in self._waiting
            if is_new:
                self._asked += 1
                self._waiting[key] = (-priority, self._asked, work)
            if not self._threads or (is_new and self._threads < self._most):
                self._begin()
        return True

    def _begin(self) -> None:
        try:
            threading.Thread(target=self._run, name=f"hand-{self._name}", daemon=True).start()
        except RuntimeError as error:  # the machine has no place for a thread: whoever asks next tries again
            log.error("no hand is free", queue=self._name, error=str(error))
        else:
            self._threads += 1

    def end(self, within_s: float | None) -> bool:
        """Begin nothing more, and wait for what is being done, so long at most; whether it was over in time."""
        with self._changed:
            self._ended = True
            return self._changed.wait_for(lambda: not self._threads, within_s)

    def _run(self) -> None:
        is_over = False
        with watched(f"hand of {self._name}", until=lambda: is_over):
            self._work_off()
            is_over = True

    def _work_off(self) -> None:
        while (found := self._next()) is not None:
            key, work = found
            beat(LONGEST_JOB_S)
            try:
                work()
            except Exception:
                log.exception("it broke", at=str(key))
            finally:
                with self._changed:
                    self._in_air.discard(key)

    def _next(self) -> tuple[Hashable, Callable[[], object]] | None:
        """The most urgent that nobody is at; None where there is none, and this thread ends."""
        with self._changed:
            ready = [] if self._ended else [k for k in self._waiting if k not in self._in_air]
            if not ready:
                self._threads -= 1
                self._changed.notify_all()
                return None
            key = min(ready, key=lambda k: self._waiting[k][:2])
            self._in_air.add(key)
            return key, self._waiting.pop(key)[2]
