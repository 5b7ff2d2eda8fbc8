"""The messages heard for a channel: mentions and direct messages, each once however often it comes."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import peewee as pw
import structlog

from engine.moderation import MessageKind, Rule, Said
from engine.x.events import Heard
from models.bulk import execute_many
from models.database import TROUBLE, CodeField, EnumField, InstantField, Table, db, from_stored, to_stored, transaction

log = structlog.get_logger()
NO_VALUE = (pw.DatabaseError, ValueError, OverflowError)  # what no column takes, as the drivers call it
WAITING = (
    "SELECT id, channel_id, kind, x_id, origin_id, sender_id, sender_handle, sender_name, text, at, media, sensitive"
    " FROM message WHERE status = 'received'… ORDER BY id LIMIT ?"
)


class MessageStatus(StrEnum):
    """Where a message stands. The values are stored, so they never change."""

    RECEIVED = "received"  # no rule has seen it
    ASKING = "asking"  # X must say first whether the sender follows the channel
    APPROVED = "approved"  # it passed, and became a tweet
    HELD = "held"  # people decide
    IGNORED = "ignored"  # it did not pass
    BLOCKED = "blocked"  # it did not pass, as its sender or a word of it is blocked


class Message(Table):
    """`origin_id` is the X id that it had first: an edited post comes under a new one."""

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    kind = EnumField(MessageKind)
    x_id = pw.BigIntegerField()
    sender_id = pw.BigIntegerField()
    sender_handle = pw.TextField(default="")
    sender_name = pw.TextField(default="")
    text = pw.TextField()
    at = InstantField()
    heard_at = InstantField()
    status = EnumField(MessageStatus, default=MessageStatus.RECEIVED)
    rule = CodeField(Rule)
    evidence = pw.TextField(default="")
    judged_at = InstantField(null=True)
    origin_id = pw.BigIntegerField(default=0)
    media = pw.BooleanField(default=False)
    sensitive = pw.BooleanField(default=False)
    useful_until = InstantField(null=True)
    decided_by = pw.BigIntegerField(null=True)
    decided_at = InstantField(null=True)

    @property
    def words(self) -> list[str]:
        """What decided, as the rule found it."""
        return list(json.loads(self.evidence)) if self.evidence else []


UNDECIDED = (MessageStatus.RECEIVED, MessageStatus.HELD, MessageStatus.ASKING)
HELD_OR_ASKING = Message.status.literally(MessageStatus.HELD, MessageStatus.ASKING)  # as the index has it


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that no rule has seen."""

    id: int
    channel_id: int
    x_id: int
    sender_id: int
    sender_handle: str
    sender_name: str
    said: Said

    @property
    def kind(self) -> MessageKind:
        return self.said.kind

    @property
    def edited(self) -> bool:
        return self.said.origin != self.x_id


def hear(channel_ids: Mapping[int, int], heard: Iterable[Heard], now: datetime) -> None:
    """Store messages as received, each once however often it comes. `channel_ids` maps X ids to ours.

    What no column takes is left out, with a line in the log, and the others go on. Raises TROUBLE; some may be stored
    by then.
    """
    stored_now = to_stored(now)
    in_order = sorted(heard, key=lambda h: (channel_ids[h.channel_x_id], h.x_id))  # or two who hear wait for each other
    rows: list[tuple[object, ...]] = [
        (
            channel_ids[h.channel_x_id],
            h.kind.value,
            h.x_id,
            h.origin_id or h.x_id,
            h.sender_id,
            h.sender_handle,
            h.sender_name,
            h.text,
            h.media,
            h.sensitive,
            to_stored(h.at),
            stored_now,
        )
        for h in in_order
    ]
    try:
        _insert(rows)
    except TROUBLE:
        raise
    except NO_VALUE:
        for row in rows:
            try:
                _insert([row])
            except TROUBLE:
                raise
            except NO_VALUE as error:
                log.error("a message could not be stored", channel=row[0], x_id=row[2], error=type(error).__name__)


def _insert(rows: list[tuple[object, ...]]) -> None:
    with transaction():
        execute_many(
            "INSERT INTO message (channel_id, kind, x_id, origin_id, sender_id, sender_handle, sender_name, text,"
            " media, sensitive, at, heard_at, status, rule, evidence)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', '')"
            " ON CONFLICT (channel_id, x_id) DO NOTHING",
            rows,
        )


def waiting(limit: int, *, but_of: Collection[int] = ()) -> list[Waiting]:
    """The oldest messages that wait for a verdict, but those of some channels."""
    others = f" AND channel_id NOT IN ({', '.join('?' * len(but_of))})" if but_of else ""
    sql = WAITING.replace("…", others).replace("?", db.param)
    rows = db.execute_sql(sql, (*but_of, limit)).fetchall()
    return [
        Waiting(
            r[0], r[1], r[3], r[5], r[6], r[7],
            Said(MessageKind(r[2]), r[8], from_stored(r[9]), bool(r[10]), bool(r[11]), r[4]),
        )
        for r in rows
    ]  # fmt: skip


def channel_of(message_id: int) -> int:
    """The channel that heard it; 0 where it is gone."""
    return int(Message.select(Message.channel_id).where(Message.id == message_id).scalar() or 0)


def message(message_id: int) -> Message | None:
    return Message.get_or_none(Message.id == message_id)


def last_of(channel_id: int, limit: int) -> list[Message]:
    """The newest messages of a channel."""
    return list(Message.select().where(Message.channel_id == channel_id).order_by(Message.id.desc()).limit(limit))
