"""Senders about whom X must be asked, and what it said: whether they follow the channel, and what they are called.

One answer says both. asking → received (X said it) | ignored (it did not say in time)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine.moderation.senders import FOLLOWER_UNKNOWN, NAMELESS
from engine.x.events import Person
from models import aside
from models.database import as_tuples, transaction
from models.moderation import senders
from models.moderation.senders import Sender
from models.notifications import journal
from models.streaming.messages import HELD_OR_ASKING, Message, MessageStatus

MOST_AT_ONCE = 500
NAMES_LAST = timedelta(days=30)
_asked_again_at: dict[int, datetime] = {}


def asking(limit: int = 100) -> dict[int, list[int]]:
    """For each channel, the senders (X ids) of whom X must say whether they follow it, or who they are."""
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


def known_already(channel_id: int, now: datetime) -> int:
    """asking → received for those whose name came in another way by now; how many. That costs nothing."""
    theirs = (Sender.channel_id == Message.channel_id) & (Sender.sender_id == Message.sender_id)
    named = Sender.select().where(theirs & (Sender.handle != "") & (Sender.named_at > now - NAMES_LAST))
    waits = _asking() & (Message.channel_id == channel_id) & (Message.rule == NAMELESS)
    come: dict[str, Any] = {"status": MessageStatus.RECEIVED, "useful_until": None}
    came_again = Message.update(**come).where(waits & (Message.sender_handle != "")).execute()
    return int(came_again) + int(
        Message.update(
            sender_handle=Sender.select(Sender.handle).where(theirs),
            sender_name=Sender.select(Sender.name).where(theirs),
            status=MessageStatus.RECEIVED,
            useful_until=None,
        )
        .where(waits & (Message.sender_handle == "") & pw.fn.EXISTS(named))
        .execute()
    )


def answered(channel_id: int, people: Mapping[int, Person | None], now: datetime) -> None:
    """X said who they are: remember it, and let their messages be judged again."""
    waits = _asking() & (Message.channel_id == channel_id)
    with transaction():
        senders.met(channel_id, people, now)
        for sender_id, person in people.items():
            if person is not None:
                mine = waits & (Message.sender_id == sender_id) & (Message.sender_handle == "")
                Message.update(sender_handle=person.handle, sender_name=person.name, protected=person.protected).where(
                    mine
                ).execute()
        Message.update(status=MessageStatus.RECEIVED, useful_until=None).where(
            waits & Message.sender_id.in_(list(people))
        ).execute()


def name_of(message: Message, now: datetime) -> Person | None:
    """Who wrote it, as it is known without asking: who has no name at X, too; None where X is to be asked."""
    row = senders.of_message(message.channel_id, message.sender_id)
    if row is None or row.named_at is None:
        return None
    if row.handle:
        return Person(row.handle, row.name, message.protected) if row.named_at > now - NAMES_LAST else None
    return Person() if row.named_at > now - senders.NAMED_AGAIN else None


def asked_of(message: Message, person: Person | None, now: datetime) -> Person:
    """X said who wrote this one, or that it does not have them: remember it."""
    senders.met(message.channel_id, {message.sender_id: person}, now)
    return person or Person()


def name(message: Message, person: Person) -> None:
    """Write down who wrote a message that was judged before; `message` is as it is stored then."""
    message.sender_handle, message.sender_name, message.protected = person.handle, person.name, person.protected
    unnamed = (Message.id == message.id) & (Message.sender_handle == "")
    told = Message.update(sender_handle=person.handle, sender_name=person.name, protected=person.protected)
    told.where(unnamed).execute()


def give_up_asking(now: datetime) -> int:
    """asking → ignored, for what is stale by now; how many."""
    why: Any = pw.Case(None, [(Message.rule == NAMELESS, str(NAMELESS))], str(FOLLOWER_UNKNOWN))

    def ignore_all(ids: Sequence[int]) -> int:
        these = Message.id.in_(ids) & _asking() & (Message.useful_until < now)
        over = Message.update(status=MessageStatus.IGNORED, rule=why, judged_at=now).where(these)
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
