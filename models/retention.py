"""Retention: how long each thing is kept, and that it goes in bites (models/bites.py).

docs/operations.md says the ages to those who run the service. What panels show beyond them are the sums of days.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from models import aside, connecting, inbox, undoing
from models.accounts import admission, deeds, handing_over, signing_in, team
from models.aside import Item, Place
from models.bites import Forget
from models.control import errors
from models.costs import ledger
from models.database import copied_after, db, is_sqlite
from models.moderation import passed, senders
from models.notifications import desks, journal, notices
from models.publishing import drafts, forgetting
from models.scheduling import forgetting as of_schedules
from models.streaming import chats, conversation_keys, optouts, taken_back
from models.streaming import forgetting as of_streaming
from models.watching import brought
from models.watching import drafts as watch_drafts

FIRST, LEAST, MOST = 50, 10, 200
BITE_S = 0.01
DEAD_ROWS = 2000
#: In the order in which one leads to the next: a use of a hashtag is counted before its tweet goes.
FORGETTING: dict[str, Forget] = {
    "journal": journal.forget_some,
    "journal_lanes": journal.forget_lanes,
    "messages": of_streaming.messages,
    "chat_events": chats.forget_events,
    "chat_messages": chats.forget_messages,
    "chat_conversations": chats.forget_conversations,
    "chat_signers": conversation_keys.forget_signers,
    "taken_back": taken_back.forget_some,
    "passed": passed.forget_some,
    "senders": senders.forget_some,
    "opt_outs": optouts.forget_some,
    "notices": notices.forget_some,
    "hashtag_uses": forgetting.uses,
    "tweets": forgetting.tweets,
    "ended": of_schedules.ended,
    "schedules": of_schedules.some,
    "desk_groups": desks.forget_groups,
    "undo": undoing.forget_some,
    "drafts": drafts.forget_some,
    "updates": inbox.forget_some,
    "aside": aside.forget_some,
    "errors": errors.forget_some,
    "sign_ins": signing_in.forget_some,
    "invitations": team.forget_some,
    "admissions": admission.forget_some,
    "handovers": handing_over.forget_some,
    "deeds": deeds.forget_some,
    "watched_days": brought.forget_some,
    "watch_drafts": watch_drafts.forget_some,
    "billed": ledger.forget_marks,
    "costs": ledger.forget_some,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A bite of something: how many rows, and how long it took, in seconds, with the wait for the turn to write."""

    what: str
    gone: int
    took_s: float


def bites(now: datetime) -> Iterator[Taken]:
    """Let go of all that is past its time, a bite with each step; the pauses between are the caller's.

    A part that breaks is set aside until it goes well, and the others go on. Raises TROUBLE.
    """
    parts = {what: _bites_of(what, forget, now) for what, forget in FORGETTING.items()}
    for what, part in {"channels": _channels(), **parts, "media": _media(now), "tidied": _tidied()}.items():
        with aside.apart(Item(Place.JOB, f"forgetting {what}")):
            yield from part


def _bites_of(what: str, forget: Forget, now: datetime) -> Iterator[Taken]:
    """They grow and shrink by the time that they take, so that no one else waits long for the database."""
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


def _channels() -> Iterator[Taken]:
    """Those that are nobody's any more, where who let go of them did not see to it, or died over it."""
    for channel_id in connecting.let_go():
        began = time.monotonic()
        for bite in connecting.bites_of(channel_id):
            yield Taken("channels", bite.gone, time.monotonic() - began)
            began = time.monotonic()


def _tidied() -> Iterator[Taken]:
    began = time.monotonic()
    for _ in _tidy(DEAD_ROWS):
        yield Taken("tidied", 0, time.monotonic() - began)
        began = time.monotonic()


def _tidy(dead_rows: int) -> Iterator[str]:
    """Let PostgreSQL use again what was freed in tables with so many dead rows, one with each step; their names.

    It does so by itself, but only when a fifth of a table is dead. Nobody waits for it meanwhile.
    """
    if is_sqlite():
        return
    asked = "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' AND n_dead_tup > %s ORDER BY relname"
    for (name,) in db.execute_sql(asked, [dead_rows]).fetchall():
        db.execute_sql(f'VACUUM (SKIP_LOCKED) "{name}"')
        yield str(name)


def _media(now: datetime) -> Iterator[Taken]:
    """One that can't go keeps none of the others."""
    broke: Exception | None = None
    for media_id in forgetting.unused_media(of_schedules.media_used() | drafts.media_used(), now):
        gone, began = 0, time.monotonic()
        try:
            with copied_after():
                gone = forgetting.one_file(media_id)
        except aside.PASSES:
            raise
        except Exception as error:  # noqa: BLE001 - whatever nobody has thought of
            broke = error
        yield Taken("media", gone, time.monotonic() - began)
    if broke is not None:
        raise broke
