"""Who listens: one process at a time holds the app's stream, under a lease that lapses by itself."""

import os
import secrets
import socket
import threading
import time
from datetime import datetime

from models.control import leases
from models.settings import settings
from tasks.clock import now
from tasks.queues import job, streaming
from tasks.streaming.ear import Ear

_here = threading.Lock()


class Watch:
    """When a lease was last seen to move, by the time that has passed here. Any clock may be wrong."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._seen_at = 0.0

    def unmoved(self, until: datetime, at: float) -> datetime | None:
        """The end of a lease that nobody has renewed for longer than it lasts (`at`: monotonic seconds), or None."""
        if until != self._until:
            self._until, self._seen_at = until, at
        return until if at - self._seen_at > leases.LENGTH.total_seconds() else None


_watch = Watch()


@job(streaming, priority=100)
def hear() -> None:
    """Hold the stream, if nobody does, until this worker stops or the lease is lost."""
    if not streamed() or not _here.acquire(blocking=False):
        return
    try:
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        until = leases.read(leases.STREAM).until
        if leases.take(leases.STREAM, holder, now(), _watch.unmoved(until, time.monotonic())):
            Ear(holder).listen()
    finally:
        _here.release()


def look(at: datetime) -> None:
    """For the clock: is the stream held?"""
    if not streamed():
        return
    held = leases.read(leases.STREAM)
    if not held.is_held(at) or _watch.unmoved(held.until, time.monotonic()):
        hear.ring_once(3)


def streamed() -> bool:
    """Whether there is a stream to hold; without one all channels are polled."""
    return bool(settings().x_bearer_token.get_secret_value())
