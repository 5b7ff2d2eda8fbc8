"""Who watches: one process at a time holds the filtered stream, where anything is to be heard by it."""

import os
import secrets
import socket
import threading
import time
from datetime import datetime

from models.control import leases
from models.watching import wanted
from tasks.clock import now
from tasks.queues import job, streaming
from tasks.streaming.hearing import Watch, streamed
from tasks.watching.listening import Listening

_here = threading.Lock()
_watch = Watch()


@job(streaming, priority=99)
def watch() -> None:
    """Hold the filtered stream, if nobody does, until this worker stops, the lease is lost or nothing is watched."""
    if not streamed() or not wanted.is_any_streamed() or not _here.acquire(blocking=False):
        return
    try:
        holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        until = leases.read(leases.WATCHING).until
        if leases.take(leases.WATCHING, holder, now(), _watch.unmoved(until, time.monotonic())):
            Listening(holder).listen()
    finally:
        _here.release()


def look(at: datetime) -> None:
    """For the clock: is the stream held, where it is needed?"""
    if not streamed():
        return
    held = leases.read(leases.WATCHING)
    if (not held.is_held(at) or _watch.unmoved(held.until, time.monotonic())) and wanted.is_any_streamed():
        watch.ring_once(3)
