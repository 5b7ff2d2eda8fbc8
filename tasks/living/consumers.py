"""What `huey_consumer` runs, alive: its workers and its scheduler are watched, and the process says that it lives."""

from threading import Thread
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
LISTENING_S = 300.0  # in which a Redis that is away is asked, refuses, and is waited for


class LivingConsumer(Consumer):  # type: ignore[misc]
    """Huey's, with threads that are watched. They may end when it is stopped, and not before."""

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
