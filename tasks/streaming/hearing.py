"""Who listens: one process at a time holds the app's stream, under a lease that lapses by itself."""

import threading
from datetime import datetime

from models.settings import settings
from tasks.queues import PREFIX, job, streaming
from tasks.start import redis_client
from tasks.streaming import polling
from tasks.streaming.ear import LEASE_S, Ear

LEASE = f"{PREFIX}lease:stream"
_here = threading.Lock()


@job(streaming, priority=100)
def hear() -> None:
    """Hold the stream, if nobody does, until this worker stops or the lease is lost."""
    if not _streamed() or not _here.acquire(blocking=False):
        return
    try:
        lease = redis_client().lock(LEASE, timeout=LEASE_S, blocking=False, thread_local=False)
        if lease.acquire():
            Ear(lease).listen()
    finally:
        _here.release()


def look(at: datetime) -> None:
    """For the clock: is the stream held, and is a poll due?"""
    streamed = _streamed()
    if streamed and not redis_client().exists(LEASE):
        hear.ring_once(3)
    polling.look(at, all_channels=not streamed)


def _streamed() -> bool:
    return bool(settings().x_bearer_token.get_secret_value())
