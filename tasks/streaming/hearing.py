"""Who listens: one process at a time holds the app's stream, under a lease that lapses by itself."""

from datetime import datetime

from models.control import leases
from models.settings import settings
from tasks.queues import job, streaming
from tasks.streaming.ear import Ear
from tasks.streaming.held import Candidate

_candidate = Candidate(leases.STREAM)


@job(streaming, priority=100)
def hear() -> None:
    """Hold the stream, if nobody does, until this worker stops or the lease is lost."""
    if not streamed():
        return
    with _candidate.holding() as holder:
        if holder is not None:
            Ear(holder).listen()


def look(at: datetime) -> None:
    """For the clock: is the stream held?"""
    if streamed() and _candidate.is_free(at):
        hear.ring_once(3)


def streamed() -> bool:
    """Whether there is a stream to hold; without one all channels are polled."""
    return bool(settings().x_bearer_token.get_secret_value())
