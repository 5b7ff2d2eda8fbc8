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
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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
    found = list(heard)
    old: dict[int, list[int]] = defaultdict(list)
    for place, h in enumerate(found):
        if h.kind is MessageKind.DM:
            old[channel_ids[h.channel_x_id]].append(place)
    gone: set[int] = set()
    for channel_id in sorted(_reading(old)):
        take_turn(channel_id)
        twins = _twins_of(channel_id, [found[place] for place in old[channel_id]])
        for place in old[channel_id]:
            twin = twins.get(found[place].x_id)
            if twin is not None and (twin.x_id is None or twin.taken_back):
                gone.add(place)
            elif twin is not None and twin.x_id is not None:
                found[place] = replace(found[place], x_id=twin.x_id, origin_id=0)
    return [h for place, h in enumerate(found) if place not in gone]


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


def _twins_of(channel_id: int, old: Sequence[Heard]) -> dict[int, ChatMessage]:
    """The encrypted ones that these of the old way are, by the ids of these; each is one's twin from now on."""
    mine, ids = ChatMessage.channel_id == channel_id, [h.x_id for h in old]
    rows = list(ChatMessage.select().where(mine & (ChatMessage.legacy_id.in_(ids) | ChatMessage.x_id.in_(ids))))
    twins = {row.legacy_id: row for row in rows if row.legacy_id is not None}
    themselves = {row.x_id for row in rows}
    new = [h for h in old if h.x_id not in twins and h.x_id not in themselves]
    if not new:
        return twins
    near = ChatMessage.at.between(min(h.at for h in new) - APART, max(h.at for h in new) + APART)
    theirs = mine & ChatMessage.sender_id.in_(list({h.sender_id for h in new})) & ChatMessage.legacy_id.is_null()
    free: list[ChatMessage] = list(ChatMessage.select().where(theirs & near).order_by(ChatMessage.at))
    for h in new:
        same, at = (h.sender_id, digest(h.text)), h.at
        twin = next((t for t in free if (t.sender_id, t.digest) == same and abs(t.at - at) <= APART), None)
        if twin is not None and h.x_id not in twins:
            free.remove(twin)
            paired = (ChatMessage.id == twin.id) & ChatMessage.legacy_id.is_null()
            ChatMessage.update(legacy_id=h.x_id).where(paired).execute()
            twins[h.x_id] = twin
    return twins
