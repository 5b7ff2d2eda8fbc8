"""Threads for what waits: for the database, for X, for a bell. No process waits for them when it ends."""

import math
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

from models.database import rested
from tasks.living.watching import LONGEST_JOB_S, beat, rest, watched

P = ParamSpec("P")
T = TypeVar("T")


class Crew(Executor):
    """At most so many threads, made as they are needed. After each thing done a connection to the database goes back.

    Python's own ThreadPoolExecutor lets a process end only when its threads do, and whoever is frozen never ends. Each
    thread is watched: one that hangs over a thing ends the process in the end.
    """

    def __init__(self, name: str, most: float = math.inf) -> None:
        self._name, self._most = name, most
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._guard = threading.Lock()
        self._threads = 0

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Have it done in a thread."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                with rested():
                    result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - whoever asked decides
                future.set_exception(error)
            else:
                future.set_result(result)

        self._work.put(work)
        with self._guard:
            if not self._idle.acquire(blocking=False) and self._threads < self._most:
                threading.Thread(target=self._run, name=self._name, daemon=True).start()
                self._threads += 1
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = False) -> None:
        """Let the threads end when nothing is left to do. Nobody waits, and nothing is cancelled."""
        for _ in range(self._threads):
            self._work.put(None)

    def _run(self) -> None:
        is_over = False
        with watched(self._name, until=lambda: is_over):
            self._work_on()
            is_over = True

    def _work_on(self) -> None:
        rest()
        while (work := self._work.get()) is not None:
            beat(LONGEST_JOB_S)
            work()
            rest()
            self._idle.release()
