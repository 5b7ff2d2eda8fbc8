"""What was read of X Chat becomes messages of the channel: each once, edited and taken back by who wrote it.

All of it in one transaction, with what became of the events, so that who dies over it has said nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from engine.moderation import MessageKind
from engine.x.chat.envelope import Envelope
from engine.x.chat.reading import NewKey, Read, Said, TakenBack, Unread, Why
from engine.x.events import CLOCKS_APART, X_BEGAN, Heard, id_at
from models.accounts.channels import Channel
from models.bulk import execute_many
from models.database import as_tuples, to_stored, transaction
from models.streaming import chats, conversation_keys, messages, taken_back
from models.streaming.chats import ChatEvent, For
from models.streaming.messages import Message
from models.streaming.old_way import candidates
from models.streaming.taken_back import Deletion
from models.streaming.twins import ChatMessage, digest, take_turn

ORIGINAL_WITHIN = timedelta(seconds=30)  # so long an edit waits for what it edits
_OF_A_MILLISECOND = 1 << 22
One = tuple[int, str]  # somebody's, by X's number of it


@dataclass(slots=True)
class Settled:
    """What follows: `heard` is how many messages are to be judged; `again`: how much waited for what was read, and is
    to be read; `asks`: X is to be asked for keys; `taken_back`: how many messages nobody is to see any more.
    """

    heard: int = 0
    again: int = 0
    asks: bool = False
    taken_back: int = 0


@dataclass(slots=True)
class _Known:
    """What is known of messages like these, before and while they are told: which were signed, under which X id each is
    kept (None for one that is not heard), what was taken back, and which X ids are given.
    """

    signed: set[One] = field(default_factory=set)
    numbered: dict[One, int | None] = field(default_factory=dict)
    gone: set[One] = field(default_factory=set)
    given: set[int] = field(default_factory=set)


def settle(channel_id: int, read: Sequence[tuple[ChatEvent, Read | Unread]], version: str, now: datetime) -> Settled:
    """Store what was read of one claim with the channel's keys of this version, and what was not. Raises TROUBLE."""
    settled = Settled()
    with transaction():
        take_turn(channel_id)
        channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected)
        if channel is None:  # it said goodbye meanwhile
            return settled
        told = {event.id: found for event, found in read if not isinstance(found, Unread)}
        known = _known(channel_id, list(told.values()))
        left: list[tuple[ChatEvent, Unread | None]] = [(e, f) for e, f in read if isinstance(f, Unread)]
        left += [(e, None) for e, found in read if isinstance(found, Said) and _is_early(e, found, told, known, now)]
        settled.asks = _leave(channel_id, left, told, version)
        mine = chats.done([event for event, _ in read])
        people = {event.id: event.person_id for event, _ in read}
        for event_id in sorted(mine):
            if isinstance(key := told[event_id], NewKey):
                settled.again += conversation_keys.learn_key(channel_id, people[event_id], key.version, key.key, now)
        ours = [told[event_id] for event_id in mine]
        gone = [d for found in ours if isinstance(found, TakenBack) for d in _take_back(channel, found, known, now)]
        said = sorted((found for found in ours if isinstance(found, Said)), key=lambda s: _written(s.envelope))
        heard = _tell(channel, [s for s in said if s.envelope.sender_id != channel.x_user_id], known, now)
        taken_back.note(gone, now)
        _note_what_disappears(said, known, now)
        messages.hear_encrypted({channel.x_user_id: channel_id}, heard, now)
        originals = [chats.original_of(*_one(s)) for s in said]
        settled.again += chats.came(channel_id, For.ORIGINAL, originals)
        settled.heard, settled.taken_back = len(heard), len(gone)
    return settled


def _note_what_disappears(said: Sequence[Said], known: _Known, now: datetime) -> None:
    """What its sender lets disappear is taken back then, as if they had deleted it."""
    for s in said:
        x_id = known.numbered.get(_one(s))
        if s.lasts_ms and x_id is not None:
            at = _at(s.envelope, now) + timedelta(milliseconds=s.lasts_ms)
            taken_back.note([Deletion(x_id, s.envelope.sender_id)], at)


def originals_late(now: datetime) -> None:
    """waits → new: edits of what did not come; they are heard as what they say. For a clock."""
    chats.wait_no_more(For.ORIGINAL, now - ORIGINAL_WITHIN)


def _written(outside: Envelope) -> tuple[int, str]:
    """The order in which they were written."""
    return outside.created_ms, outside.sequence.zfill(30)


def _one(said: Said) -> One:
    return said.envelope.sender_id, said.envelope.sequence


def _known(channel_id: int, told: Sequence[Read]) -> _Known:
    said = [found for found in told if isinstance(found, Said)]
    deleted = [found for found in told if isinstance(found, TakenBack)]
    senders = {s.envelope.sender_id for s in said} | {d.envelope.sender_id for d in deleted}
    numbers = {s.envelope.sequence for s in said} | {s.edits for s in said if s.edits}
    numbers |= {number for found in deleted for number in found.sequences}
    known = _Known()
    if not senders:
        return known
    mine = (ChatMessage.channel_id == channel_id) & ChatMessage.sender_id.in_(list(senders))
    signed = ChatMessage.signed_id.in_([s.envelope.message_id for s in said])
    rows = ChatMessage.select().where(mine & (signed | ChatMessage.sequence.in_(list(numbers))))
    for row in rows:
        known.signed.add((row.sender_id, row.signed_id))
        one = (row.sender_id, row.sequence)
        known.numbered[one] = known.numbered.get(one) or row.x_id
        if row.taken_back:
            known.gone.add(one)
    return known


# --- what is left ------------------------------------------------------------------------------------------


def _is_early(event: ChatEvent, said: Said, told: dict[int, Read], known: _Known, now: datetime) -> bool:
    """Whether an edit came before what it edits, as far as that is not too long ago."""
    if not said.edits or event.heard_at <= now - ORIGINAL_WITHIN:
        return False
    original = (said.envelope.sender_id, said.edits)
    return original not in known.numbered and all(not isinstance(s, Said) or _one(s) != original for s in told.values())


def _leave(
    channel_id: int, left: Sequence[tuple[ChatEvent, Unread | None]], told: dict[int, Read], version: str
) -> bool:
    """new → waits | unread. Whether X is to be asked for what some need."""
    groups: dict[tuple[Why | None, For | None, str], list[ChatEvent]] = defaultdict(list)
    for event, unread in left:
        if unread is not None:
            groups[unread.why, *_needs(unread, version)].append(event)
        elif isinstance(early := told.pop(event.id), Said):
            groups[None, For.ORIGINAL, chats.original_of(early.envelope.sender_id, early.edits)].append(event)
    for (why, what, needs), events in groups.items():
        if what is not None:
            chats.waits(events, why, what, needs)
        elif why is not None:
            chats.unreadable(events, why)
    if groups:
        chats.no_more_than_kept(channel_id)
    return any(what in (For.KEY, For.SIGNER) for _, what, _ in groups)


def _needs(unread: Unread, version: str) -> tuple[For | None, str]:
    if unread.needs_signer:
        return For.SIGNER, str(unread.needs_signer)
    if unread.needs_key:
        return For.KEY, unread.needs_key
    return (For.OWN, version) if unread.why in (Why.NO_KEYS, Why.OTHER_KEYS) else (None, "")


# --- what is told ------------------------------------------------------------------------------------------


def _tell(channel: Channel, said: Sequence[Said], known: _Known, now: datetime) -> list[Heard]:
    """Remember those that are told for the first time, in their order; what is to be heard of them."""
    new = [s for s in said if (s.envelope.sender_id, s.envelope.message_id) not in known.signed]
    if not new:
        return []
    twins = candidates(channel.id, [(s.envelope.sender_id, _at(s.envelope, now)) for s in new])
    known.given |= _given(channel.id, [_id_of(s.envelope, _at(s.envelope, now)) for s in new])
    heard: dict[int, Heard] = {}
    rows: list[tuple[object, ...]] = []
    for s in new:
        outside, at, same = s.envelope, _at(s.envelope, now), digest(s.text)
        if (outside.sender_id, outside.message_id) in known.signed:
            continue  # twice among these
        known.signed.add((outside.sender_id, outside.message_id))
        original = (outside.sender_id, s.edits)
        is_gone = _one(s) in known.gone or (bool(s.edits) and original in known.gone)
        twin = None if s.edits or is_gone else twins.take(outside.sender_id, at, same)
        x_id = twin
        if x_id is None and not is_gone:
            edited = known.numbered.get(original) or 0 if s.edits else 0
            x_id = _free_id(channel.id, max(_id_of(outside, at), edited + 1), known)
            heard[x_id] = _heard(channel, s, x_id, at, edited, heard)
        known.numbered[_one(s)] = x_id
        names = (channel.id, outside.sender_id, outside.message_id, outside.sequence)
        rows.append((*names, x_id, twin, same, to_stored(at), to_stored(now), is_gone))
    execute_many(
        "INSERT INTO chat_message (channel_id, sender_id, signed_id, sequence, x_id, legacy_id, digest, at, heard_at,"
        " taken_back) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return list(heard.values())


def _heard(channel: Channel, said: Said, x_id: int, at: datetime, edited: int, heard: dict[int, Heard]) -> Heard:
    """As the old way would have brought it. An edit says what was said first anew; its media stay."""
    found = Heard(
        MessageKind.DM, channel.x_user_id, x_id, said.envelope.sender_id, "", "", said.text, at, media=said.media,
        media_kinds=said.media_kinds,
    )  # fmt: skip
    if not edited:
        return found
    stored = (Message.channel_id == channel.id) & (Message.x_id == edited)
    first: Heard | Message | None = heard.get(edited) or Message.get_or_none(stored)
    if first is None:
        return replace(found, origin_id=edited)
    return replace(found, origin_id=first.origin_id or edited, media=first.media, media_kinds=first.media_kinds or "")


def _take_back(channel: Channel, deletion: TakenBack, known: _Known, now: datetime) -> list[Deletion]:
    """What its sender takes back, the first time; what has not come yet is not heard when it comes."""
    outside = deletion.envelope
    if outside.sender_id == channel.x_user_id:
        return []
    found: list[Deletion] = []
    for sequence in dict.fromkeys(deletion.sequences):
        one = (outside.sender_id, sequence)
        if one in known.gone:
            continue
        known.gone.add(one)
        if one not in known.numbered:
            ChatMessage.insert(
                channel_id=channel.id, sender_id=outside.sender_id, signed_id=f"taken back {sequence}",
                sequence=sequence, at=_at(outside, now), heard_at=now, taken_back=True,
            ).on_conflict_ignore().execute()  # fmt: skip
            continue
        mine = (ChatMessage.channel_id == channel.id) & (ChatMessage.sender_id == outside.sender_id)
        theirs = mine & (ChatMessage.sequence == sequence) & ~ChatMessage.taken_back
        ChatMessage.update(taken_back=True).where(theirs).execute()
        x_id = known.numbered[one]
        found += [Deletion(x_id, outside.sender_id)] if x_id is not None else []
    return found


def _at(outside: Envelope, now: datetime) -> datetime:
    """When it was written, as X says; never later than now, nor before there was an X."""
    try:
        said = datetime.fromtimestamp(outside.created_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return now if said < X_BEGAN else min(said, now)


# --- under which id ----------------------------------------------------------------------------------------


def _id_of(outside: Envelope, at: datetime) -> int:
    """The X id under which it is kept: X's number of it where that is one, else one of its moment."""
    given = int(outside.sequence) if outside.sequence.isdecimal() and len(outside.sequence) < 20 else 0
    if id_at(at - CLOCKS_APART) < given < id_at(at + CLOCKS_APART):
        return given
    named = hashlib.sha256(f"{outside.sender_id}:{outside.message_id}".encode()).digest()
    return id_at(at) + int.from_bytes(named[:4], "big") % _OF_A_MILLISECOND


def _free_id(channel_id: int, wanted: int, known: _Known) -> int:
    """That one or the next that is nobody else's."""
    while wanted in known.given:
        wanted += 1
        known.given |= _given(channel_id, [wanted])
    known.given.add(wanted)
    return wanted


def _given(channel_id: int, x_ids: Sequence[int]) -> set[int]:
    """Which of these ids the channel knows."""
    given: set[int] = set()
    for table in (Message, ChatMessage):
        same = (table.channel_id == channel_id) & table.x_id.in_(list(x_ids))
        given |= {x_id for (x_id,) in as_tuples(table.select(table.x_id).where(same))}
    return given
