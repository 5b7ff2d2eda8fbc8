"""What `huey_consumer` runs, alive: its workers and its scheduler are watched, and the process says that it lives.

A worker with many threads begins them as they are needed: one that listens has a connection to Redis and asks it each
second, so a hundred that have nothing to do cost memory and are never quite idle.
"""

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
SPARE = 4  # threads that listen while the others work, as long as there are any left to begin
LOOK_S = 1.0  # for who ends it otherwise than by a signal
LISTENING_S = 300.0  # in which a Redis that is away is asked, refuses, and is waited for


class LivingConsumer(Consumer):  # type: ignore[misc]
    """Huey's, with threads that are watched. They may end when it is stopped, and not before."""

    worker_threads: list[Any]
    _stop_flag_timeout: float

    def __init__(self, huey: Any, **options: Any) -> None:
        self._guard = Lock()
        self._at_work = 0
        self._not_begun: list[Any] = []
        self._woken = -1
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
        heart = Heart(kind) if kind else None  # nobody misses a queue of somebody's own
        if heart is not None:
            heart.begin()
        try:
            with self._woken_by_signals():
                super().run()
        finally:
            if heart is not None:
                heart.leave()

    @contextmanager
    def _woken_by_signals(self) -> Iterator[None]:
        """Huey's own looks ten times a second whether a signal came, in each process, for as long as it lives."""
        self._woken, wake = os.pipe()
        os.set_blocking(wake, False)
        before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            os.close(self._woken)
            os.close(wake)

    def loop(self, health_check_ts: float | None = None) -> Any:
        with suppress(KeyboardInterrupt):  # a second signal, before what the first one asked for has begun
            select.select([self._woken], [], [], LOOK_S)
        self._stop_flag_timeout = 0
        return super().loop(health_check_ts)

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
