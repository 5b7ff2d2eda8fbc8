"""Costs: what X shows is written down as it answers, and the ledger's lines are summed up."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from engine.x.billing import shown_by
from engine.x.client import Told
from models.costs import ledger
from models.costs.ledger import SERVICE, Seen
from models.database import copied_after, rest
from models.settings import settings
from tasks.clock import now
from tasks.queues import job
from tasks.queues import logging as queue

SLICE_S, PAUSE_S = 3.0, 0.02
_folding = threading.Lock()


def told(channel_id: int = SERVICE, x_user_id: int = 0) -> Told:
    """Writes down what X bills of its answers, for a channel: at once, before anybody works with them.

    Who dies over an answer asks again as a rule, and X bills the same thing once a UTC day, as the ledger does. Raises
    TROUBLE: an answer that could not be written down is none, and is asked for once more.
    """

    def write_down(route: str, body: Mapping[str, Any]) -> None:
        shown = shown_by(route, body, x_user_id, settings().x_own_account)
        if shown:
            ledger.read([Seen(kind, x_id, (channel_id,)) for kind, x_id in shown], now())
            rest()

    return write_down


@job(queue)
def sum_up() -> None:
    """Lines of the ledger become sums, some at a time. One at a time in a process; two at once double nothing."""
    if not _folding.acquire(blocking=False):
        return
    try:
        until = time.monotonic() + SLICE_S
        while time.monotonic() < until and not queue.stopping:
            with copied_after():
                folded = ledger.fold()
            rest()
            if folded < ledger.AT_ONCE:
                break
            time.sleep(PAUSE_S)
    finally:
        _folding.release()
