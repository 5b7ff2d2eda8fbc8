"""What X Chat brings a channel: events that wait to be read, the keys of its conversations, and who signs in them.

An event is stored as it comes, before anybody reads it:
new → read | unread      new → waits (for the key of its conversation, its sender's public keys, the channel's own)
waits → new (what it waits for is there) | unread (too long, or too many)

Who reads claims some for a while; who dies over it leaves them to the next. Reading them twice says the same twice, and
what is signed is heard once (models/streaming/twins.py).
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.x.chat.reading import Why
from engine.x.events import id_at, instant_of
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.bites import Bite, by_age
from models.bulk import execute_many
from models.database import EPOCH, EnumField, InstantField, Table, as_tuples, to_stored, transaction
from models.streaming.twins import ChatMessage

CLAIM = timedelta(seconds=15)  # a hundred are read in one; who comes too late for it changes nothing
MOST_TRIES = 4  # of who died over it
WAITS_AT_MOST = timedelta(days=1)
MOST_WAITING, MOST_OF_ONE = 1000, 200  # of a channel, and of one conversation
OVERLAP, LONGEST_BACK = timedelta(minutes=1), timedelta(days=1)
CLOCKS_APART = timedelta(seconds=10)  # ours and X's
KEPT = timedelta(days=7)
MESSAGES_KEPT = timedelta(days=30)
KEY_WITHIN = timedelta(seconds=3)  # it comes by itself, or X is asked
FETCH_AGAIN, LONGEST_FETCH_AGAIN = timedelta(minutes=1), timedelta(hours=6)
UNDERWAY = timedelta(minutes=1)


class ChatStatus(StrEnum):
    """Where an event stands. The values are stored, so they never change."""

    NEW = "new"
    WAITS = "waits"
    READ = "read"
    UNREAD = "unread"


class For(StrEnum):
    """What an event waits for. The values are stored, so they never change."""

    KEY = "key"  # of its conversation; `needs` is its version
    SIGNER = "signer"  # the public keys of who signed it; `needs` is their X id
    OWN = "own"  # keys of the channel's other than these; `needs` is their version, empty where it had none
    ORIGINAL = "original"  # what it edits; `needs` is its sender and X's number of it


class ChatEvent(Table):
    """An encrypted event. `person_id` is the other one of the conversation, `sender_id` who sent it as X says (0: X
    did not). `digest` tells the same event whenever it comes. `needs`: which one of what it `waits_for`. `event`
    itself goes when it is over.
    """

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField()
    sender_id = pw.BigIntegerField()
    digest = pw.TextField()
    event = pw.TextField()
    is_key = pw.BooleanField(default=False)
    status = EnumField(ChatStatus, default=ChatStatus.NEW)
    why = EnumField(Why, blank=True)
    waits_for = EnumField(For, blank=True)
    needs = pw.TextField(default="")
    heard_at = InstantField()
    claimed_until = InstantField(default=EPOCH)
    tries = pw.IntegerField(default=0)


class ChatConversation(Table):
    """Up to where a conversation was read back, and when X may be asked again for a key of it that did not come."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    person_id = pw.BigIntegerField()
    read_upto = InstantField(default=EPOCH)
    look_after = InstantField(default=EPOCH)
    looks = pw.IntegerField(default=0)
    touched_at = InstantField(default=EPOCH)


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event for a channel, as it came."""

    channel_id: int
    person_id: int
    sender_id: int
    event: str = field(repr=False)
    is_key: bool = False


def read_since(channel_id: int, now: datetime) -> datetime:
    """The moment from which on X is asked for what may be missing: a day ago at most, as older is of no use, and not
    before the channel had keys, as that would be paid and mostly can't be read.
    """
    cursor = int(Channel.select(Channel.chat_cursor).where(Channel.id == channel_id).scalar() or 0)
    keys = chat_keys.row(channel_id)
    ready = keys.ready_at if keys is not None and keys.ready_at is not None else now - LONGEST_BACK
    return max(instant_of(cursor) - OVERLAP, now - LONGEST_BACK, ready - CLOCKS_APART)


def read_upto(channel_id: int, upto: datetime) -> None:
    """All that came before this moment (of X's clock) is here. It never goes back."""
    behind = (Channel.id == channel_id) & (Channel.chat_cursor < id_at(upto))
    Channel.update(chat_cursor=id_at(upto)).where(behind).execute()


def conversations_read(channel_id: int, person_ids: Collection[int]) -> dict[int, datetime]:
    """Up to where each of these conversations was read back."""
    mine = (ChatConversation.channel_id == channel_id) & ChatConversation.person_id.in_(list(person_ids))
    return dict(as_tuples(ChatConversation.select(ChatConversation.person_id, ChatConversation.read_upto).where(mine)))


def conversation_read(channel_id: int, person_id: int, upto: datetime, now: datetime) -> None:
    """All of this conversation that came before this moment is here. It never goes back."""
    ChatConversation.insert(channel_id=channel_id, person_id=person_id, touched_at=now).on_conflict_ignore().execute()
    mine = (ChatConversation.channel_id == channel_id) & (ChatConversation.person_id == person_id)
    behind = mine & (ChatConversation.read_upto < upto)
    ChatConversation.update(read_upto=upto, touched_at=now).where(behind).execute()


def unknown(channel_id: int, events: Sequence[Arrived]) -> list[Arrived]:
    """Those of them that are not here, nor were in the last days."""
    digests = [_digest(e.event) for e in events]
    mine = (ChatEvent.channel_id == channel_id) & ChatEvent.digest.in_(digests)
    known = {d for (d,) in as_tuples(ChatEvent.select(ChatEvent.digest).where(mine))} if digests else set()
    return [e for e, d in zip(events, digests, strict=True) if d not in known]


def arrived(events: Sequence[Arrived], now: datetime) -> None:
    """(nothing) → new: each once, however often it comes. Raises TROUBLE; some may be stored by then."""
    rows = [
        (e.channel_id, e.person_id, e.sender_id, _digest(e.event), e.event, e.is_key, to_stored(now)) for e in events
    ]
    with transaction():
        execute_many(
            "INSERT INTO chat_event (channel_id, person_id, sender_id, digest, event, is_key, heard_at, status, why,"
            " waits_for, needs, claimed_until, tries) VALUES (?, ?, ?, ?, ?, ?, ?, 'new', '', '', '', 0, 0)"
            " ON CONFLICT (channel_id, digest) DO NOTHING",
            sorted(rows, key=lambda row: (row[0], row[3])),  # or two who hear wait for each other
        )


def to_read(now: datetime, most: int) -> list[int]:
    """Channels that have something to be read."""
    waiting = ChatEvent.status.literally(ChatStatus.NEW) & (ChatEvent.claimed_until <= now)
    rows = ChatEvent.select(ChatEvent.channel_id).where(waiting).distinct().limit(most)
    return [channel_id for (channel_id,) in as_tuples(rows)]


def claim(channel_id: int, now: datetime, most: int) -> list[ChatEvent]:
    """The right to read some of a channel's events, new keys first, then the oldest; it lapses by itself."""
    mine = (ChatEvent.channel_id == channel_id) & ChatEvent.status.literally(ChatStatus.NEW)
    free = mine & (ChatEvent.claimed_until <= now)
    first = ChatEvent.select(ChatEvent.id).where(free).order_by(ChatEvent.is_key.desc(), ChatEvent.id).limit(most)
    taking = ChatEvent.update(claimed_until=now + CLAIM, tries=ChatEvent.tries + 1)
    won = list(taking.where(ChatEvent.id.in_(first) & free).returning(ChatEvent).execute())
    return sorted(won, key=lambda e: (not e.is_key, e.id))


def drop_of_gone(channel_id: int) -> None:
    """What came after its channel has said goodbye is not kept: nobody can read it."""
    there = pw.fn.EXISTS(Channel.select(pw.SQL("1")).where((Channel.id == channel_id) & Channel.connected))
    ChatEvent.delete().where((ChatEvent.channel_id == channel_id) & ~there).execute()


# --- what it waits for -------------------------------------------------------------------------------------


def keys_came(now: datetime) -> list[int]:
    """waits → new: what waited for the channel's own keys, where it has some; the channels. For a clock."""
    waits = _waits(For.OWN)
    found = as_tuples(ChatEvent.select(ChatEvent.channel_id, ChatEvent.needs).where(waits).distinct().limit(1000))
    others = {(c, needs) for c, needs in found if (chat_keys.version_of(c) or needs) != needs}
    for channel_id, needs in others:
        came(channel_id, For.OWN, [needs])
    return sorted({channel_id for channel_id, _ in others})


def original_of(sender_id: int, sequence: str) -> str:
    """What an edit needs."""
    return f"{sender_id}:{sequence}"


def to_fetch(channel_id: int, now: datetime, most: int) -> list[int]:
    """The people of conversations of which a key did not come, and of which X may be asked for it now."""
    late = _waits(For.KEY) & (ChatEvent.channel_id == channel_id) & (ChatEvent.heard_at <= now - KEY_WITHIN)
    wanted = [i for (i,) in as_tuples(ChatEvent.select(ChatEvent.person_id).where(late).distinct())]
    asked = (ChatConversation.channel_id == channel_id) & (ChatConversation.look_after > now)
    put_off = {i for (i,) in as_tuples(ChatConversation.select(ChatConversation.person_id).where(asked))}
    return [i for i in wanted if i not in put_off][:most]


def fetched(channel_id: int, person_id: int, now: datetime) -> None:
    """X was asked for this conversation's keys; again later, each time twice as late."""
    new: dict[str, Any] = {"channel_id": channel_id, "person_id": person_id, "touched_at": now}
    ChatConversation.insert(**new, look_after=now + FETCH_AGAIN, looks=1).on_conflict_ignore().execute()
    mine = (ChatConversation.channel_id == channel_id) & (ChatConversation.person_id == person_id)
    found = ChatConversation.get_or_none(mine & (ChatConversation.look_after <= now))
    if found is not None:
        again = min(FETCH_AGAIN * 2 ** min(found.looks, 10), LONGEST_FETCH_AGAIN)
        again_at = ChatConversation.update(look_after=now + again, looks=ChatConversation.looks + 1, touched_at=now)
        again_at.where(mine & (ChatConversation.looks == found.looks)).execute()


def to_ask(now: datetime, most: int) -> list[int]:
    """Channels of which something waits for keys that X may be asked for."""
    found: set[int] = set()
    for what in (For.SIGNER, For.KEY):
        rows = ChatEvent.select(ChatEvent.channel_id).where(_waits(what)).distinct().limit(most)
        found |= {channel_id for (channel_id,) in as_tuples(rows)}
    return sorted(found)


def wait_no_more(what: For, before: datetime) -> None:
    """waits → new: what waits for something of this kind, and came before this moment."""
    _back_to_new(_waits(what) & (ChatEvent.heard_at < before))


def _waits(what: For) -> pw.Expression:
    return ChatEvent.status.literally(ChatStatus.WAITS) & (ChatEvent.waits_for == what)


def came(channel_id: int, what: For, needs: Collection[str], person_id: int | None = None) -> int:
    """waits → new: what they wait for is there; of this conversation, or of all of the channel's. How many."""
    if not needs:
        return 0
    mine = _waits(what) & (ChatEvent.channel_id == channel_id) & ChatEvent.needs.in_(list(needs))
    return _back_to_new(mine if person_id is None else mine & (ChatEvent.person_id == person_id))


def _back_to_new(those: pw.Expression) -> int:
    back = ChatEvent.update(status=ChatStatus.NEW, claimed_until=EPOCH, tries=0)
    return int(back.where(those & (ChatEvent.status == ChatStatus.WAITS)).execute())


# --- what came of it ---------------------------------------------------------------------------------------


def done(events: Sequence[ChatEvent]) -> set[int]:
    """new → read: the ids of those of one claim that are still this reader's. In the transaction of what they say."""
    over = ChatEvent.update(status=ChatStatus.READ, event="").where(_mine(events)).returning(ChatEvent.id)
    return {row.id for row in over.execute()} if events else set()


def unreadable(events: Sequence[ChatEvent], why: Why) -> None:
    """new → unread, for good; events of one claim."""
    ChatEvent.update(status=ChatStatus.UNREAD, why=why, event="").where(_mine(events)).execute()


def waits(events: Sequence[ChatEvent], why: Why | None, what: For, needs: str) -> None:
    """new → waits, for what may still come; events of one claim. See `no_more_than_kept`."""
    changed = ChatEvent.update(status=ChatStatus.WAITS, why=why, waits_for=what, needs=needs, claimed_until=EPOCH)
    changed.where(_mine(events)).execute()


def no_more_than_kept(channel_id: int) -> None:
    """waits → unread: the oldest, where too much of a conversation or of the channel waits."""
    mine = (ChatEvent.channel_id == channel_id) & ChatEvent.status.literally(ChatStatus.WAITS)
    count = pw.fn.COUNT(ChatEvent.id)
    each = as_tuples(ChatEvent.select(ChatEvent.person_id, count).where(mine).group_by(ChatEvent.person_id))
    for person_id, waiting in each:
        if waiting > MOST_OF_ONE:
            _oldest_unread(mine & (ChatEvent.person_id == person_id), waiting - MOST_OF_ONE)
    left = sum(min(waiting, MOST_OF_ONE) for _, waiting in each)
    if left > MOST_WAITING:
        _oldest_unread(mine, left - MOST_WAITING)


def _oldest_unread(those: pw.Expression, count: int) -> None:
    oldest = as_tuples(ChatEvent.select(ChatEvent.id).where(those).order_by(ChatEvent.id).limit(count))
    late = ChatEvent.update(status=ChatStatus.UNREAD, why=Why.TOO_MANY, event="")
    late.where(ChatEvent.id.in_([i for (i,) in oldest]) & (ChatEvent.status == ChatStatus.WAITS)).execute()


def give_up(now: datetime) -> None:
    """waits → unread, what has waited too long; new → unread, what nobody could read and live. For a clock."""
    old = ChatEvent.status.literally(ChatStatus.WAITS) & (ChatEvent.heard_at < now - WAITS_AT_MOST)
    ChatEvent.update(status=ChatStatus.UNREAD, event="").where(old).execute()
    new = ChatEvent.status.literally(ChatStatus.NEW) & (ChatEvent.tries >= MOST_TRIES)
    broken = new & (ChatEvent.claimed_until <= now)
    ChatEvent.update(status=ChatStatus.UNREAD, why=Why.MALFORMED, event="").where(broken).execute()


def unread(channel_id: int, since: datetime, now: datetime) -> dict[Why, int]:
    """How many of a channel's events that came since then could not be read, and why; for its panel and its notices.

    Also those that have waited for a key for longer than a minute.
    """
    mine = (ChatEvent.channel_id == channel_id) & (ChatEvent.heard_at >= since)
    over = ChatEvent.status.literally(ChatStatus.UNREAD)
    late = ChatEvent.status.literally(ChatStatus.WAITS) & (ChatEvent.heard_at < now - UNDERWAY)
    found: Counter[Why] = Counter()
    for one in (over, late):
        rows = ChatEvent.select(ChatEvent.why, pw.fn.COUNT(ChatEvent.id)).where(mine & one).group_by(ChatEvent.why)
        for why, count in as_tuples(rows):
            if isinstance(why, Why):
                found[why] += count
    return dict(found)


def _mine(events: Sequence[ChatEvent]) -> pw.Expression:
    """Still this reader's."""
    same = ChatEvent.id.in_([e.id for e in events]) & ChatEvent.claimed_until.in_({e.claimed_until for e in events})
    return same & (ChatEvent.status == ChatStatus.NEW)


def _digest(event: str) -> str:
    return hashlib.sha256(event.rstrip("=").encode()).hexdigest()


# --- in time -----------------------------------------------------------------------------------------------


def forget_events(now: datetime, after: int, most: int) -> Bite:
    """Events past their time; those that wait are given up before that."""
    return by_age(ChatEvent, ChatEvent.heard_at, now - KEPT, most)


def forget_messages(now: datetime, after: int, most: int) -> Bite:
    """What tells an encrypted message from another, as long as messages are kept."""
    return by_age(ChatMessage, ChatMessage.heard_at, now - MESSAGES_KEPT, most)


def forget_conversations(now: datetime, after: int, most: int) -> Bite:
    """What is known of conversations of which nothing was read for as long."""
    return by_age(ChatConversation, ChatConversation.touched_at, now - MESSAGES_KEPT, most)
