"""Let go of what is past its time: in bites, with pauses between them, and never for long before something else.

The job goes on where it was in the next, which it rings for, as the clock does where that bell is lost. What breaks is
set aside (models/retention.py); where the database is away all of it is begun once more, after a pause that grows.
Whoever dies over it leaves the rest to the next time.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import structlog

from models import aside, connecting, retention
from models.accounts import channels
from models.aside import Item, Place
from models.database import TROUBLE, rest
from models.notifications import journal
from models.retention import Taken
from tasks import clock
from tasks.queues import job
from tasks.queues import logging as queue

log = structlog.get_logger()
PAUSE_S = 0.05
REST = 2.0  # times as long as the bite took: where all is slow, others have the database most of the time
FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 3600.0
SLICE_S = 3.0  # the journal is written by the same worker
_forgetting = threading.Lock()


class UnderWay:
    """Where this process is with it, and when it is begun once more where it was in vain (monotonic seconds)."""

    def __init__(self) -> None:
        self.bites: Iterator[Taken] | None = None
        self.again_at = math.inf
        self._pause_s = 0.0

    def is_over(self) -> None:
        self.bites, self.again_at, self._pause_s = None, math.inf, 0.0

    def in_vain(self, at: float) -> None:
        self._pause_s = min(max(FIRST_PAUSE_S, 2 * self._pause_s), LONGEST_PAUSE_S)
        self.bites, self.again_at = None, at + self._pause_s


_here = UnderWay()


@job(queue)
def forget() -> None:
    """Some of it; rings for the rest. One at a time in a process."""
    if not _forgetting.acquire(blocking=False):
        return
    try:
        _forget_some()
    except TROUBLE:
        _here.in_vain(time.monotonic())
        raise
    finally:
        _forgetting.release()


def look(_at: datetime) -> None:
    """For the clock: is there something left of it, or a channel that was let go?"""
    if (_here.bites is not None and not _forgetting.locked()) or time.monotonic() > _here.again_at or _is_let_go():
        forget.ring_once(5)


def _is_let_go() -> bool:
    return _here.bites is None and math.isinf(_here.again_at) and bool(connecting.let_go())


def _forget_some() -> None:
    if _here.bites is None:
        _here.bites = retention.bites(clock.now())
        with aside.apart(Item(Place.JOB, "forgetting files")):
            if files := journal.forget_files_but(channels.all_ids()):
                log.info("forgotten", files=files)
    until = time.monotonic() + SLICE_S
    gone: Counter[str] = Counter()
    longest = 0.0
    for taken in _here.bites:
        gone[taken.what] += taken.gone
        longest = max(longest, taken.took_s)
        if queue.stopping or time.monotonic() > until:
            break
        if taken.gone:
            rest()
            time.sleep(max(PAUSE_S, REST * taken.took_s))
    else:
        _here.is_over()
    if found := +gone:
        log.info("forgotten", longest_bite_s=round(longest, 3), **found)
    if _here.bites is not None and not queue.stopping:
        forget.ring_once(5)
