"""Hands: so many things at once, each in a thread of its own: what takes long or breaks holds up nothing else."""

import threading
from collections.abc import Callable, Hashable

import structlog

from models.database import TROUBLE, rested
from tasks.living.watching import LONGEST_JOB_S, beat, watched

log = structlog.get_logger()


class Hands:
    """What is being done is known by its key, and never done twice at once. `left` is called after each.

    Nobody waits for them: a process that ends leaves them in the middle of their calls. Each is watched: what never
    comes back would keep its hand, and its key, for good.
    """

    def __init__(self, most: int, left: Callable[[], None]) -> None:
        self._most = most
        self._left = left
        self._guard = threading.Lock()
        self._in_air: set[Hashable] = set()

    def take(self, key: Hashable, work: Callable[[], None]) -> bool:
        """Begin this, unless it is being done or no hand is free; whether it was begun."""
        with self._guard:
            if key in self._in_air or len(self._in_air) >= self._most:
                return False
            self._in_air.add(key)
        try:
            threading.Thread(target=self._do, args=(key, work), name=f"hand-{key}", daemon=True).start()
        except RuntimeError as error:  # the machine has no place for a thread: whoever asks next tries again
            log.error("no hand is free", at=str(key), error=str(error))
            with self._guard:
                self._in_air.discard(key)
            return False
        return True

    def _do(self, key: Hashable, work: Callable[[], None]) -> None:
        is_over = False
        with watched(f"hand {key}", until=lambda: is_over):
            beat(LONGEST_JOB_S)
            self._do_it(key, work)
            is_over = True

    def _do_it(self, key: Hashable, work: Callable[[], None]) -> None:
        try:
            with rested():
                work()
        except TROUBLE as error:
            log.error("database trouble", at=str(key), error=str(error))
        except Exception:
            log.exception("it broke", at=str(key))
        finally:
            with self._guard:
                self._in_air.discard(key)
            self._left()
