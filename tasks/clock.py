"""The clock of a worker: looks at the database again and again, so that no lost doorbell matters.

It also knows the next moment at which a tweet is due, and rings then. Each process of a queue runs one, and does itself
what it rings for while Redis is away; so nothing here waits for Redis.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from models.aside import Again, Item, Place
from models.database import TROUBLE, rested
from tasks.living.right_time import now
from tasks.living.watching import beat, watched
from tasks.queues import Queue

log = structlog.get_logger()
TICK = timedelta(seconds=1)
Look = Callable[[datetime], datetime | None]


class Clock:
    """Calls `look` every second, or sooner where it names the moment at which something falls due."""

    def __init__(self, name: str, look: Look, stopping: Callable[[], bool]) -> None:
        self._name = f"clock of {name}"
        self._look = look
        self._stopping = stopping
        self._woken = threading.Event()
        self._again = Again(Item(Place.CLOCK, f"clock-{name}"))
        self._thread = threading.Thread(target=self._run, name=f"clock-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        with watched(self._name, until=self._stopping):
            self._go()

    def _go(self) -> None:
        while not self._stopping():
            beat()
            begun = now()
            upto = begun + TICK
            try:
                due = None
                with rested(), self._again.tried():
                    due = self._look(begun)
                if due is not None:
                    upto = min(upto, due)
            except TROUBLE as error:
                log.error("clock could not look", error=str(error))
            except Exception:
                log.exception("clock could not look")
            wait = min((upto - now()).total_seconds(), TICK.total_seconds())  # the time may be put right meanwhile
            self._woken.wait(max(wait, 0.005))


_running: dict[str, Clock] = {}
_guard = threading.Lock()


def run_with(queue: Queue, look: Look) -> None:
    """Let every process that works this queue run a clock with this look."""

    def begin() -> None:
        with _guard:
            if queue.name not in _running:
                _running[queue.name] = Clock(queue.name, look, lambda: queue.stopping)
                _running[queue.name].start()

    queue.on_startup(name=f"clock of {queue.name}")(begin)


__all__ = ["Clock", "now", "run_with"]
