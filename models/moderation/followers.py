"""Followers only: whom X must be asked about, and what it said.

asking → received (X said whether they follow) | ignored (it did not say in time)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import peewee as pw

from engine.moderation.senders import FOLLOWER_UNKNOWN
from models import aside
from models.database import as_tuples, transaction
from models.moderation import senders
from models.notifications import journal
from models.streaming.messages import HELD_OR_ASKING, Message, MessageStatus

MOST_AT_ONCE = 500
_asked_again_at: dict[int, datetime] = {}


def asking(limit: int = 100) -> dict[int, list[int]]:
    """For each channel, the senders (X ids) of whom X must say whether they follow it."""
    rows = (
        Message.select(Message.channel_id, Message.sender_id)
        .where(_asking())
        .order_by(Message.useful_until)
        .limit(1000)
    )
    found: dict[int, list[int]] = {}
    for channel_id, sender_id in as_tuples(rows):
        ids = found.setdefault(channel_id, [])
        if sender_id not in ids and len(ids) < limit:
            ids.append(sender_id)
    return found


def ask_later(channel_id: int, at: datetime) -> None:
    """X does not want to be asked about this channel before this moment (kept in this process)."""
    _asked_again_at[channel_id] = at


def to_ask(now: datetime) -> list[int]:
    """Channels of which X may be asked now."""
    return [c for c in asking() if c not in _asked_again_at or _asked_again_at[c] <= now]


def answered(channel_id: int, follows: Mapping[int, bool], now: datetime) -> None:
    """X said who follows: remember it, and let their messages be judged again."""
    with transaction():
        senders.remember_follows(channel_id, follows, now)
        Message.update(status=MessageStatus.RECEIVED, useful_until=None).where(
            _asking() & (Message.channel_id == channel_id) & Message.sender_id.in_(list(follows))
        ).execute()


def give_up_asking(now: datetime) -> int:
    """asking → ignored, for what is stale by now; how many."""

    def ignore_all(ids: Sequence[int]) -> int:
        these = Message.id.in_(ids) & _asking() & (Message.useful_until < now)
        over = Message.update(status=MessageStatus.IGNORED, rule=FOLLOWER_UNKNOWN, judged_at=now).where(these)
        with transaction():
            gone = list(over.returning(Message).execute())
            journal.note(
                journal.Entry(
                    m.channel_id,
                    now,
                    "ignored",
                    {"message": m.id, "kind": m.kind, "x_id": str(m.x_id), "from": m.sender_handle, "rule": m.rule},
                )
                for m in gone
            )
        return len(gone)

    stale = Message.select(Message.id).where(_asking() & (Message.useful_until < now))
    found = as_tuples(stale.limit(MOST_AT_ONCE))
    return aside.piecewise([i for (i,) in found], ignore_all)


def _asking() -> pw.Expression:
    return HELD_OR_ASKING & (Message.status == MessageStatus.ASKING)
