"""Let go of what is past its time: in bites, with pauses between them, and never for long before something else.

The job goes on where it was in the next, which it rings for. Whoever dies over it leaves the rest to the next time.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import structlog

from models import retention
from models.accounts import channels
from models.database import rest
from models.notifications import journal
from models.retention import Taken
from tasks import clock
from tasks.queues import job
from tasks.queues import logging as queue

log = structlog.get_logger()
PAUSE_S = 0.05
SLICE_S = 3.0  # the journal is written by the same worker
_forgetting = threading.Lock()
_under_way: Iterator[Taken] | None = None


@job(queue)
def forget() -> None:
    """Some of it; rings for the rest. One at a time in a process."""
    if not _forgetting.acquire(blocking=False):
        return
    try:
        _forget_some()
    finally:
        _forgetting.release()


def _forget_some() -> None:
    global _under_way
    if _under_way is None:
        _under_way = retention.bites(clock.now())
        if files := journal.forget_files_but(channels.all_ids()):
            log.info("forgotten", files=files)
    until = time.monotonic() + SLICE_S
    gone: Counter[str] = Counter()
    longest = 0.0
    is_over = True
    try:
        for taken in _under_way:
            gone[taken.what] += taken.gone
            longest = max(longest, taken.took_s)
            if queue.stopping or time.monotonic() > until:
                is_over = False
                break
            if taken.gone:
                rest()
                time.sleep(PAUSE_S)
    finally:
        if is_over:
            _under_way = None
    if found := +gone:
        log.info("forgotten", longest_bite_s=round(longest, 3), **found)
    if not is_over and not queue.stopping:
        forget.ring_once(5)
