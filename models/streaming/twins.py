"""One message that came by both ways: as X's old direct message and as an encrypted one, it is one.

What is signed names an encrypted message, so the same one is known however often it comes, under whatever delivery. The
old way has an id of its own, and nothing ties the two but who wrote, what, and when: so one of the old ones and one of
the encrypted ones are one message if the same sender wrote the same text within `APART` by X's own clock. Each is the
twin of one at most, and two of the same way never are: who says the same twice is heard twice, and the rule of repeats
decides, as it does of everybody.
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta

import peewee as pw

from engine.moderation import MessageKind
from engine.x.events import Heard
from models import vault
from models.accounts.chat_keys import ChatKeys
from models.database import InstantField, Table, as_tuples, db, is_sqlite

APART = timedelta(seconds=30)
_TURN = 20130315  # the number of this lock among PostgreSQL's


class ChatMessage(Table):
    """An encrypted message as it was read, once: `x_id` is its message's, None where it is not to be heard.

    `signed_id` is the id that its sender signed; `sequence` is X's number of it, by which edits and deletions name it.
    `legacy_id` is its twin's X id. `digest` is of its text as it was first, with a key of ours.
    """

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    sender_id = pw.BigIntegerField()
    signed_id = pw.TextField()
    sequence = pw.TextField()
    x_id = pw.BigIntegerField(null=True)
    legacy_id = pw.BigIntegerField(null=True)
    digest = pw.TextField(default="")
    at = InstantField()
    heard_at = InstantField()
    taken_back = pw.BooleanField(default=False)


def take_turn(channel_id: int) -> None:
    """What is heard by both ways comes one after the other, so that one sees the other; until the transaction ends.

    SQLite has one writer anyway. It is no row's lock: whoever holds the channel holds up nobody's hearing.
    """
    if not is_sqlite():
        db.execute_sql("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, channel_id])


def digest(text: str) -> str:
    """What tells whether two texts are the same, and nothing of them."""
    same = " ".join(unicodedata.normalize("NFC", text).split())
    return hmac.new(vault.keys_for("canales chat twins")[0], same.encode(), hashlib.sha256).hexdigest()[:32]


def untwinned(channel_ids: Mapping[int, int], heard: Iterable[Heard]) -> list[Heard]:
    """The same, where those of the old way that came by the new one before have that one's id: they may bring its
    sender's name. Without those that were taken back. In the transaction that stores them.
    """
    all_of_them = list(heard)
    read = _reading({channel_ids[h.channel_x_id] for h in all_of_them if h.kind is MessageKind.DM})
    for channel_id in sorted(read):
        take_turn(channel_id)
    found: list[Heard] = []
    for h in all_of_them:
        channel_id = channel_ids[h.channel_x_id]
        twin = _twin_of(channel_id, h) if h.kind is MessageKind.DM and channel_id in read else None
        if twin is None:
            found.append(h)
        elif twin.x_id is not None and not twin.taken_back:
            found.append(replace(h, x_id=twin.x_id, origin_id=0))
    return found


def known(channel_id: int, x_ids: Collection[int]) -> set[int]:
    """Which of these came by the new way before, and have its id."""
    if not x_ids:
        return set()
    theirs = (ChatMessage.channel_id == channel_id) & ChatMessage.legacy_id.in_(list(x_ids))
    return {x_id for (x_id,) in as_tuples(ChatMessage.select(ChatMessage.legacy_id).where(theirs))}


def _reading(channel_ids: Collection[int]) -> set[int]:
    """Which of these channels have keys, and may hear by both ways."""
    if not channel_ids:
        return set()
    mine = ChatKeys.channel_id.in_(list(channel_ids)) & (ChatKeys.sealed != "")
    return {channel_id for (channel_id,) in as_tuples(ChatKeys.select(ChatKeys.channel_id).where(mine))}


def _twin_of(channel_id: int, h: Heard) -> ChatMessage | None:
    """The encrypted one that this one of the old way is."""
    mine = ChatMessage.channel_id == channel_id
    for known in ChatMessage.select().where(mine & ((ChatMessage.legacy_id == h.x_id) | (ChatMessage.x_id == h.x_id))):
        return known if known.legacy_id == h.x_id else None  # else it is the encrypted one itself
    near = ChatMessage.at.between(h.at - APART, h.at + APART) & (ChatMessage.digest == digest(h.text))
    theirs = mine & (ChatMessage.sender_id == h.sender_id) & ChatMessage.legacy_id.is_null()
    for twin in ChatMessage.select().where(theirs & near).order_by(ChatMessage.at).limit(1):
        free = (ChatMessage.id == twin.id) & ChatMessage.legacy_id.is_null()
        if ChatMessage.update(legacy_id=h.x_id).where(free).execute() == 1:
            return twin
    return None
