"""A worker with one job, for which its clock rings each second: `huey_consumer tests.tasks.a_worker.queue`.

It says `did <n>` for each, and `a minute` at its start and each minute. Which of them were done does not matter: each looks anew, as jobs do.
"""

import os
from datetime import datetime
from itertools import count

from huey import crontab

from tasks import clock
from tasks.queues import Queue, job

queue = Queue("canales.trial")
_rung = count()


def _say(line: str) -> None:
    """In one write: its threads speak at once, and a `print` is one of the text and one of the line's end."""
    os.write(1, f"{line}\n".encode())


@job(queue)
def look(n: int) -> None:
    _say(f"did {n}")


@queue.periodic_task(crontab(minute="*"))  # type: ignore[untyped-decorator]
def each_minute() -> None:
    _say("a minute")


def ring(at: datetime) -> None:
    look.ring_once(5, next(_rung))


clock.run_with(queue, ring)
