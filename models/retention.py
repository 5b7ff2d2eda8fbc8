"""Retention: how long each thing is kept, and that it goes in bites (models/bites.py).

docs/operations.md says the ages to those who run the service. What panels show beyond them are the sums of days.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from models import aside, inbox, undoing
from models.accounts import signing_in, team
from models.bites import Forget
from models.database import copied_after
from models.moderation import passed, senders
from models.notifications import journal, notices
from models.publishing import drafts, forgetting
from models.scheduling import forgetting as of_schedules
from models.streaming import forgetting as of_streaming

FIRST, LEAST, MOST = 50, 10, 200
BITE_S = 0.01
#: In the order in which one leads to the next: a use of a hashtag is counted before its tweet goes.
FORGETTING: dict[str, Forget] = {
    "journal": journal.forget_some,
    "journal_lanes": journal.forget_lanes,
    "messages": of_streaming.messages,
    "passed": passed.forget_some,
    "senders": senders.forget_some,
    "notices": notices.forget_some,
    "hashtag_uses": forgetting.uses,
    "tweets": forgetting.tweets,
    "ended": of_schedules.ended,
    "schedules": of_schedules.some,
    "undo": undoing.forget_some,
    "drafts": drafts.forget_some,
    "updates": inbox.forget_some,
    "aside": aside.forget_some,
    "sign_ins": signing_in.forget_some,
    "invitations": team.forget_some,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A bite of something: how many rows, and how long it took, in seconds, with the wait for the turn to write."""

    what: str
    gone: int
    took_s: float


def bites(now: datetime) -> Iterator[Taken]:
    """Let go of all that is past its time, a bite with each step; the pauses between are the caller's.

    The bites grow and shrink by the time that they take, so that no one else waits long for the database.
    """
    for what, forget in FORGETTING.items():
        most = FIRST
        upto: int | None = 0
        while upto is not None:
            with copied_after():
                began = time.monotonic()
                bite = forget(now, upto, most)
                took = time.monotonic() - began
            yield Taken(what, bite.gone, took)
            most = min(MOST, most * 2) if took < BITE_S / 2 else max(LEAST, most // 2) if took > BITE_S else most
            upto = bite.upto
    for media_id in forgetting.unused_media(of_schedules.media_used() | drafts.media_used(), now):
        with copied_after():
            began = time.monotonic()
            gone = forgetting.one_file(media_id)
            took = time.monotonic() - began
        yield Taken("media", gone, took)
