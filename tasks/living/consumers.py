"""What `huey_consumer` runs, alive: its workers and its scheduler are watched, and the process says that it lives.

A worker with many threads begins them as they are needed: one that listens has a connection to Redis and asks it each
second, so a hundred that have nothing to do cost memory and are never quite idle.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any

from huey.consumer import BaseProcess, Consumer

from models.control.processes import Kind
from tasks.living.heart import Heart
from tasks.living.watching import LONGEST_JOB_S, beat, watched

KINDS = {
    "canales.streaming": Kind.STREAMS,
    "canales.tweets": Kind.WORKER,
    "canales.publishing": Kind.VOICES,
    "canales.logging": Kind.JOURNAL,
}
SPARE = 8  # threads that listen while the others work, as long as there are any left to begin
LISTENING_S = 300.0  # in which a Redis that is away is asked, refuses, and is waited for


class LivingConsumer(Consumer):  # type: ignore[misc]
    """Huey's, with threads that are watched. They may end when it is stopped, and not before."""

    worker_threads: list[Any]

    def __init__(self, huey: Any, **options: Any) -> None:
        self._guard = Lock()
        self._at_work = 0
        self._not_begun: list[Any] = []
        super().__init__(huey, **options)

    def start(self) -> None:
        """Begin the scheduler and the first of the workers."""
        self.worker_threads, self._not_begun = self.worker_threads[:SPARE], self.worker_threads[SPARE:]
        super().start()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """One of its threads has a job, so maybe another is begun that listens."""
        with self._guard:
            self._at_work += 1
            few = self._at_work + SPARE > len(self.worker_threads) and not self.stop_flag.is_set()
            begun = self._not_begun.pop(0) if few and self._not_begun else None
            if begun is not None:
                self.worker_threads.append(begun)
                begun[1].start()
        try:
            yield
        finally:
            with self._guard:
                self._at_work -= 1

    def run(self) -> None:
        kind = KINDS.get(self.huey.name)
        if kind is None:  # a queue of somebody's own, which nobody misses
            super().run()
            return
        heart = Heart(kind)
        heart.begin()
        try:
            super().run()
        finally:
            heart.leave()

    def _create_process(self, process: BaseProcess, name: str) -> Thread:
        thread: Thread = super()._create_process(process, name)
        loop, run = process.loop, thread.run

        def beating(now: Any = None) -> None:
            beat(LISTENING_S)
            loop(now)

        def alive() -> None:
            with watched(name, until=self.stop_flag.is_set):
                run()

        process.loop, thread.run = beating, alive  # type: ignore[method-assign]
        return thread


def job_begins() -> None:
    """Whoever runs this works at a job: its end is the next sign of life."""
    beat(LONGEST_JOB_S)
