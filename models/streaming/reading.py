"""What was read of X Chat becomes messages of the channel: each once, edited and taken back by who wrote it.

All of it in one transaction, with what became of the events, so that who dies over it has said nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from engine.moderation import MessageKind
from engine.x.chat.envelope import Envelope
from engine.x.chat.reading import NewKey, Read, Said, TakenBack, Unread, Why
from engine.x.events import CLOCKS_APART, X_BEGAN, Heard, id_at
from models.accounts.channels import Channel
from models.database import as_tuples, transaction
from models.streaming import chats, conversation_keys, messages, taken_back
from models.streaming.chats import ORIGINAL, ChatEvent
from models.streaming.messages import Message
from models.streaming.taken_back import Deletion
from models.streaming.twins import APART, ChatMessage, digest, take_turn

ORIGINAL_WITHIN = timedelta(seconds=30)  # so long an edit waits for what it edits
_OF_A_MILLISECOND = 1 << 22


@dataclass(slots=True)
class Settled:
    """What follows: `heard` is how many messages are to be judged; `again`: how much waited for what was read, and is
    to be read; `asks`: X is to be asked for keys; `taken_back`: how many messages nobody is to see any more.
    """

    heard: int = 0
    again: int = 0
    asks: bool = False
    taken_back: int = 0


def settle(channel_id: int, read: Sequence[tuple[ChatEvent, Read | Unread]], version: str, now: datetime) -> Settled:
    """Store what was read with the channel's keys of this version, and what was not. Raises TROUBLE."""
    settled = Settled()
    with transaction():
        take_turn(channel_id)
        channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected)
        if channel is None:  # it said goodbye meanwhile
            return settled
        heard: list[Heard] = []
        gone: list[Deletion] = []
        for event, found in sorted(read, key=lambda one: _turn_of(one[1])):
            if isinstance(found, Unread):
                settled.asks |= _unread(event, found, version)
            elif isinstance(found, Said) and found.edits and _waits_for_original(channel, event, found, now):
                continue
            elif chats.done(event):
                if isinstance(found, NewKey):
                    settled.again += conversation_keys.learn_key(
                        channel_id, event.person_id, found.version, found.key, now
                    )
                elif isinstance(found, Said):
                    _said(channel, found, now, heard)
                    original = chats.needs_original(found.envelope.sender_id, found.envelope.sequence)
                    settled.again += chats.came(channel_id, original)
                elif isinstance(found, TakenBack):
                    gone += _take_back(channel, found, now)
        taken_back.note(gone, now)
        messages.hear({channel.x_user_id: channel_id}, heard, now)
        settled.taken_back = len(gone)
        settled.heard = len(heard)
    return settled


def originals_late(now: datetime) -> None:
    """waits → new: edits of what did not come; they are heard as what they say. For a clock."""
    chats.wait_no_more(f"{ORIGINAL}:", now - ORIGINAL_WITHIN)


def _turn_of(found: Read | Unread) -> tuple[int, int, str]:
    """Deletions come first: what comes together with its own is never heard. Then messages as they were written."""
    if isinstance(found, Said):
        return 1, found.envelope.created_ms, found.envelope.sequence.zfill(30)
    return 0, 0, ""


def _unread(event: ChatEvent, found: Unread, version: str) -> bool:
    """Whether X is to be asked for what it needs."""
    if found.needs_signer:
        return chats.waits(event, found.why, chats.needs_signer(found.needs_signer))
    if found.needs_key:
        return chats.waits(event, found.why, chats.needs_key(found.needs_key))
    if found.why in (Why.NO_KEYS, Why.OTHER_KEYS):
        chats.waits(event, found.why, chats.needs_own(version))
        return False
    chats.unreadable(event, found.why)
    return False


def _said(channel: Channel, said: Said, now: datetime, heard: list[Heard]) -> None:
    """Add a message to what is `heard` in this transaction, if it is its first time, and not the channel's own."""
    outside = said.envelope
    if outside.sender_id == channel.x_user_id or _is_known(channel.id, outside):
        return
    at = _at(outside, now)
    row = ChatMessage(
        channel_id=channel.id, sender_id=outside.sender_id, signed_id=outside.message_id,
        sequence=outside.sequence, digest=digest(said.text), at=at, heard_at=now,
    )  # fmt: skip
    original = _by_sequence(channel.id, outside.sender_id, said.edits) if said.edits else None
    gone = _by_sequence(channel.id, outside.sender_id, outside.sequence, gone=True)
    row.taken_back = gone is not None or (original is not None and original.taken_back)
    twin = None if said.edits or row.taken_back else _twin_of(channel.id, row)
    if twin is not None:
        row.x_id = row.legacy_id = twin
    elif not row.taken_back:
        edited = (original.x_id or 0) if original is not None else 0
        row.x_id = _free_id(channel.id, outside, at, {h.x_id for h in heard}, after=edited)
        whose = (MessageKind.DM, channel.x_user_id, row.x_id, outside.sender_id, "", "")
        found = Heard(*whose, said.text, at, media=said.media)
        heard.append(_as_edit(channel.id, found, edited, heard) if edited else found)
    row.save(force_insert=True)


def _as_edit(channel_id: int, found: Heard, edited: int, heard: list[Heard]) -> Heard:
    """An edit says what is said from now on, of what was first; its media stay."""
    just_now: Heard | Message | None = next((h for h in heard if h.x_id == edited), None)
    first = just_now or Message.get_or_none((Message.channel_id == channel_id) & (Message.x_id == edited))
    if first is None:
        return replace(found, origin_id=edited)
    return replace(found, origin_id=first.origin_id or edited, media=first.media)


def _waits_for_original(channel: Channel, event: ChatEvent, said: Said, now: datetime) -> bool:
    """new → waits: an edit came before what it edits, as far as that is not too long ago."""
    outside = said.envelope
    if event.heard_at <= now - ORIGINAL_WITHIN or _by_sequence(channel.id, outside.sender_id, said.edits) is not None:
        return False
    if outside.sender_id == channel.x_user_id:
        return False
    return chats.waits(event, None, chats.needs_original(outside.sender_id, said.edits))


def _take_back(channel: Channel, deletion: TakenBack, now: datetime) -> list[Deletion]:
    """What its sender takes back, the first time; what has not come yet is not heard when it comes."""
    outside = deletion.envelope
    if outside.sender_id == channel.x_user_id:
        return []
    found: list[Deletion] = []
    for sequence in dict.fromkeys(deletion.sequences):
        mine = (ChatMessage.channel_id == channel.id) & (ChatMessage.sender_id == outside.sender_id)
        theirs = mine & (ChatMessage.sequence == sequence) & ~ChatMessage.taken_back
        gone = list(ChatMessage.update(taken_back=True).where(theirs).returning(ChatMessage.x_id).execute())
        found += [Deletion(row.x_id, outside.sender_id) for row in gone if row.x_id is not None]
        if not gone:
            ChatMessage.insert(
                channel_id=channel.id, sender_id=outside.sender_id, signed_id=f"taken back {sequence}",
                sequence=sequence, at=_at(outside, now), heard_at=now, taken_back=True,
            ).on_conflict_ignore().execute()  # fmt: skip
    return found


def _is_known(channel_id: int, outside: Envelope) -> bool:
    mine = (ChatMessage.channel_id == channel_id) & (ChatMessage.sender_id == outside.sender_id)
    return ChatMessage.select(ChatMessage.id).where(mine & (ChatMessage.signed_id == outside.message_id)).exists()


def _by_sequence(channel_id: int, sender_id: int, sequence: str, *, gone: bool = False) -> ChatMessage | None:
    """A message of this sender's by X's number of it."""
    mine = (ChatMessage.channel_id == channel_id) & (ChatMessage.sender_id == sender_id)
    if gone:
        mine &= ChatMessage.taken_back
    found: ChatMessage | None = ChatMessage.get_or_none(mine & (ChatMessage.sequence == sequence))
    return found


def _twin_of(channel_id: int, row: ChatMessage) -> int | None:
    """The X id of the same message as it came by the old way, where no other encrypted one is its twin."""
    theirs = (Message.channel_id == channel_id) & (Message.sender_id == row.sender_id)
    near = Message.at.between(row.at - APART, row.at + APART) & (Message.kind == MessageKind.DM)
    rows = as_tuples(Message.select(Message.x_id, Message.text).where(theirs & near).order_by(Message.at).limit(100))
    alike = [x_id for x_id, text in rows if digest(text) == row.digest]
    if not alike:
        return None
    mine = (ChatMessage.channel_id == channel_id) & ChatMessage.x_id.in_(alike)
    paired = {x_id for (x_id,) in as_tuples(ChatMessage.select(ChatMessage.x_id).where(mine))}
    return next((x_id for x_id in alike if x_id not in paired), None)


def _at(outside: Envelope, now: datetime) -> datetime:
    """When it was written, as X says; never later than now, nor before there was an X."""
    try:
        said = datetime.fromtimestamp(outside.created_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return now if said < X_BEGAN else min(said, now)


def _free_id(channel_id: int, outside: Envelope, at: datetime, just_now: set[int], after: int) -> int:
    """The X id under which it is kept: X's number of it where that is one, else one of its moment; nobody else's."""
    given = int(outside.sequence) if outside.sequence.isdecimal() and len(outside.sequence) < 20 else 0
    if not id_at(at - CLOCKS_APART) < given < id_at(at + CLOCKS_APART):
        named = hashlib.sha256(f"{outside.sender_id}:{outside.message_id}".encode()).digest()
        given = id_at(at) + int.from_bytes(named[:4], "big") % _OF_A_MILLISECOND
    given = max(given, after + 1)
    while given in just_now or _is_taken(channel_id, given):
        given += 1
    return given


def _is_taken(channel_id: int, x_id: int) -> bool:
    message = (Message.channel_id == channel_id) & (Message.x_id == x_id)
    encrypted = (ChatMessage.channel_id == channel_id) & (ChatMessage.x_id == x_id)
    if Message.select(Message.id).where(message).exists():
        return True
    return ChatMessage.select(ChatMessage.id).where(encrypted).exists()
