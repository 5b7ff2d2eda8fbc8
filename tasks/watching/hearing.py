"""Who watches: one process at a time holds the filtered stream, where anything is to be heard by it."""

from datetime import datetime

from models.control import leases
from models.watching import wanted
from tasks.queues import job, streaming
from tasks.streaming.hearing import streamed
from tasks.streaming.held import Candidate
from tasks.watching.listening import Listening

_candidate = Candidate(leases.WATCHING)


@job(streaming, priority=99)
def watch() -> None:
    """Hold the filtered stream, if nobody does, until this worker stops, the lease is lost or nothing is watched."""
    if not streamed() or not wanted.is_any_streamed():
        return
    with _candidate.holding() as holder:
        if holder is not None:
            Listening(holder).listen()


def look(at: datetime) -> None:
    """For the clock: is the stream held, where it is needed?"""
    if streamed() and _candidate.is_free(at) and wanted.is_any_streamed():
        watch.ring_once(3)
