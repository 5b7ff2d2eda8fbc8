"""Held messages: the team decides, and whoever is first decides for all.

held → approved (published, as it is or edited) | ignored (by a person, or lapsed) | blocked (its writer opted out)
ignored by a person → held
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from engine.composing import Style
from engine.moderation import Form, MessageKind, Rule
from engine.moderation.review import LAPSED, PERSON
from engine.moderation.verdicts import EDITED, PUBLIC
from engine.roles import May
from models import aside
from models.accounts import channels, team
from models.accounts.channels import Channel
from models.database import as_tuples, transaction
from models.moderation import senders
from models.notifications import journal, notices
from models.notifications.kinds import Held
from models.publishing.placing import Judged, Queued, queue_reposts
from models.streaming import messages, optouts
from models.streaming.messages import HELD_OR_ASKING, Message, MessageStatus

MOST_AT_ONCE = 500
MOST_ASKED = 100  # of what is held, at once: more of it is found by /held


@dataclass(frozen=True, slots=True)
class Decided:
    """How a decision went: `won` says whether it was this person's; `queued` is what goes out."""

    won: bool
    queued: list[Queued]


def held(channel: Channel, message_id: int, now: datetime) -> None:
    """Ask those of the team who decide; call it inside the transaction of the verdict."""
    for person_id in team.who_may(channel, May.DECIDE):
        _ask(channel, person_id, message_id, now)


@team.follows_deciders
def decided_by_others(channel: Channel, begin: Collection[int], end: Collection[int], now: datetime) -> None:
    """Who may decide from now on is asked for all that is held, once; who no longer may is not, and sees no buttons.

    A crowd of it is told as one. Who had a card from before, when they might decide too, has it again with its buttons.
    """
    ids = [message.id for message in waiting([channel.id], MOST_ASKED)]
    for person_id in (*begin, *end):
        notices.redraw_messages_of(person_id, ids, now)
    for person_id in end:
        notices.call_off(person_id, channel.id, Held)
    for person_id in begin:
        for message_id in ids:
            _ask(channel, person_id, message_id, now)


def _ask(channel: Channel, person_id: int, message_id: int, now: datetime) -> None:
    notices.tell(person_id, Held(message_id), now, channel_id=channel.id, message_id=message_id)


def publish(message_id: int, person_id: int, style: Style, now: datetime, *, edited: str | None = None) -> Decided:
    """held → approved: it goes out now, whatever the hours; `edited` is the whole post that a person made of it."""
    found = messages.message(message_id)
    if found is None:
        return Decided(False, [])
    kind = MessageKind(found.kind)
    if edited is not None and kind is MessageKind.WATCHED:
        return Decided(False, [])  # what is watched is reposted as it is, or not at all
    form = Form.COPY if edited is not None else style.form_of(kind)
    texts: tuple[str, ...] = (edited or "",)
    if edited is None and form is Form.COPY:  # composed before anybody is made to wait
        texts = style.copies_of(kind, found.text, found.sender_name, found.sender_handle)
    with transaction():
        won = _decide(message_id, MessageStatus.APPROVED, person_id, now, from_status=MessageStatus.HELD)
        if won is None:
            return Decided(False, [])
        senders.count_approved(won.channel_id, won.sender_id)
        by = person_id if edited is not None else None
        return Decided(True, queue_reposts([_judged(won, form, texts, now, by)], now))


def ignore(message_id: int, person_id: int, now: datetime) -> Decided:
    """held → ignored by a person."""
    with transaction():
        return Decided(
            _decide(message_id, MessageStatus.IGNORED, person_id, now, from_status=MessageStatus.HELD) is not None, []
        )


@dataclass(frozen=True, slots=True)
class HeldBefore:
    """A message that was held before a person ignored it, or blocked who wrote it."""

    message_id: int


def restore(channel_id: int, was: HeldBefore, now: datetime) -> None:
    """Held again, where it was ignored by a person and is still of use; else it stays as it is."""
    take_back(was.message_id, now)


def take_back(message_id: int, now: datetime) -> bool:
    """ignored by a person → held again, while it is still of use and its writer is not left out."""
    with transaction():
        if optouts.wrote(message_id):
            return False
        still = (Message.status == MessageStatus.IGNORED) & Message.decided_by.is_null(False)
        still &= (Message.useful_until > now) & Message.taken_back_at.is_null()  # nor does who wrote it want it back
        won = (
            Message.update(status=MessageStatus.HELD, decided_by=None, decided_at=None)
            .where((Message.id == message_id) & still)
            .execute()
        )
        if won:
            notices.message_changed_in_chat(message_id, now)
    return bool(won)


def lapse(now: datetime) -> int:
    """held → ignored, for what nobody decided while it was fresh; how many."""

    def ignore_all(ids: Sequence[int]) -> int:
        these = Message.id.in_(ids) & _still_held() & (Message.useful_until <= now)
        with transaction():
            over = Message.update(status=MessageStatus.IGNORED, decided_at=now).where(these)
            gone = list(over.returning(Message).execute())
            for message in gone:
                notices.redraw_message(message.id, now)
                _note(message, MessageStatus.IGNORED, now)
        return len(gone)

    stale = Message.select(Message.id).where(_still_held() & (Message.useful_until <= now))
    found = as_tuples(stale.limit(MOST_AT_ONCE))
    return aside.piecewise([i for (i,) in found], ignore_all)


def drop_of(channel_id: int, sender_id: int, rule: Rule, now: datetime) -> int:
    """held | asking → blocked by a rule, for all that somebody wrote; how many."""
    waits = HELD_OR_ASKING & Message.status.in_([MessageStatus.HELD, MessageStatus.ASKING])
    theirs = (Message.channel_id == channel_id) & (Message.sender_id == sender_id) & waits
    dropping = Message.update(status=MessageStatus.BLOCKED, rule=rule, evidence="", judged_at=now).where(theirs)
    gone = list(dropping.returning(Message).execute())
    for message in gone:
        notices.redraw_message(message.id, now)
        _note(message, MessageStatus.BLOCKED, now, rule)
    return len(gone)


def was_held(message: Message) -> bool:
    """Whether people decide on it, or did, or would have: that is what the team reads."""
    gave_way = message.rule == EDITED and message.useful_until is not None
    return message.status is MessageStatus.HELD or message.decided_at is not None or gave_way


def waiting(channel_ids: list[int], limit: int) -> list[Message]:
    """What waits for a decision in these channels, the most urgent first."""
    rows = Message.select().where(Message.channel_id.in_(channel_ids) & _still_held())
    return list(rows.order_by(Message.useful_until).limit(limit))


def count_held(channel_id: int) -> int:
    return int(Message.select().where((Message.channel_id == channel_id) & _still_held()).count())


def _still_held() -> pw.Expression:
    return HELD_OR_ASKING & (Message.status == MessageStatus.HELD)


def _decide(
    message_id: int, status: MessageStatus, person_id: int, now: datetime, *, from_status: MessageStatus
) -> Message | None:
    channels.locked(messages.channel_of(message_id))  # before the message, as who judges: neither waits for both
    won: list[Message] = list(
        Message.update(status=status, decided_by=person_id, decided_at=now)
        .where((Message.id == message_id) & (Message.status == from_status) & (Message.useful_until > now))
        .returning(Message)
        .execute()
    )
    if not won:  # somebody else was first, or it lapsed
        return None
    notices.message_changed_in_chat(message_id, now)
    _note(won[0], status, now)
    return won[0]


def _judged(message: Message, form: Form, texts: tuple[str, ...], now: datetime, by: int | None) -> Judged:
    return Judged(message.id, message.channel_id, form, texts, message.x_id, now, any_hour=True, written_by=by)


def _note(message: Message, event: MessageStatus, now: datetime, rule: Rule | None = None) -> None:
    data: dict[str, Any] = {
        "message": message.id,
        "kind": message.kind,
        "x_id": str(message.x_id),
        "from": message.sender_handle,
        "rule": rule or (PERSON if message.decided_by else LAPSED),
        "by": message.decided_by,
    }
    if message.kind in PUBLIC:
        data["text"] = message.text
    journal.note([journal.Entry(message.channel_id, now, event.value, data)])
