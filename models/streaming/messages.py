"""The messages heard for a channel: mentions and direct messages, each once however often it comes."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee as pw
from pydantic import TypeAdapter

from engine.moderation import MessageKind, Rule, Said
from engine.moderation.verdicts import TAKEN_BACK, UNJUDGED
from engine.x.events import Heard
from models import aside
from models.aside import Item, Place
from models.bulk import among, execute_many
from models.costs import ledger
from models.costs.ledger import Seen
from models.database import CodeField, EnumField, InstantField, Table, db, from_stored, to_stored, transaction
from models.statements import statement
from models.streaming import taken_back, twins

_HEARD = TypeAdapter(Heard)
WAITING = (
    "SELECT id, channel_id, kind, x_id, origin_id, sender_id, sender_handle, sender_name, text, at, media, sensitive,"
    " protected, watched_id"
    " FROM message WHERE status = 'received'… ORDER BY id LIMIT ?"
)


class MessageStatus(StrEnum):
    """Where a message stands. The values are stored, so they never change."""

    RECEIVED = "received"  # no rule has seen it
    ASKING = "asking"  # X must say first whether the sender follows the channel, or what they are called
    APPROVED = "approved"  # it passed, and became a tweet
    HELD = "held"  # people decide
    IGNORED = "ignored"  # it did not pass
    BLOCKED = "blocked"  # it did not pass, as its sender or a word of it is blocked
    ASIDE = "aside"  # the judge broke on it (models/aside.py)


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
    media_kinds = pw.TextField(null=True)  # which (engine/x/chat/reading.py); null where X did not say
    sensitive = pw.BooleanField(default=False)
    protected = pw.BooleanField(null=True)  # null where X did not say whether its sender's posts are
    useful_until = InstantField(null=True)
    decided_by = pw.BigIntegerField(null=True)
    decided_at = InstantField(null=True)
    watched_id = pw.BigIntegerField(null=True)  # of what that the channel watches it came (models/watching)
    taken_back_at = InstantField(null=True)  # by who wrote it: nothing of its text is kept

    @property
    def words(self) -> list[str]:
        """What decided, as the rule found it."""
        return list(json.loads(self.evidence)) if self.evidence else []


UNDECIDED = (MessageStatus.RECEIVED, MessageStatus.HELD, MessageStatus.ASKING)
HELD_OR_ASKING = Message.status.literally(MessageStatus.HELD, MessageStatus.ASKING)  # as the index has it
_BEFORE = (MessageStatus.RECEIVED, MessageStatus.ASKING)


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


@statement
def _known(channel_id: int, x_ids: list[int]) -> pw.Query:
    return Message.select(Message.x_id).where((Message.channel_id == channel_id) & among(Message.x_id, x_ids))


def hear(channel_ids: Mapping[int, int], heard: Iterable[Heard], now: datetime, billed: Sequence[Seen] = ()) -> None:
    """Store messages as received, each once however often it comes. `channel_ids` maps X ids to ours.

    Of one that came without its sender's name, a later coming brings it, if it has it.
    One that can't be stored is set aside, and the others go on. Raises TROUBLE; some may be stored by then.
    `billed`: what X bills of what it has brought, heard or not, is written down in the same transaction.
    """
    if not billed:
        _hear(channel_ids, heard, now, lambda some: twins.untwinned(channel_ids, some))
        return
    with transaction():
        _hear(channel_ids, heard, now, lambda some: twins.untwinned(channel_ids, some))
        ledger.read(billed, now)


def hear_encrypted(channel_ids: Mapping[int, int], heard: Iterable[Heard], now: datetime) -> None:
    """The same for what came encrypted, of which it is known that it did not come by the old way."""
    _hear(channel_ids, heard, now, list)


def _hear(
    channel_ids: Mapping[int, int],
    heard: Iterable[Heard],
    now: datetime,
    as_stored: Callable[[Sequence[Heard]], list[Heard]],
) -> None:
    in_order = sorted(heard, key=lambda h: (channel_ids[h.channel_x_id], h.x_id))  # or two who hear wait for each other

    def store(some: Sequence[Heard]) -> None:
        with transaction():
            _insert([_row(channel_ids[h.channel_x_id], h, now) for h in as_stored(some)])
            for h in taken_back.of_heard(some, now):
                _was_taken_back(channel_ids[h.channel_x_id], h.x_id, now)

    def named(h: Heard) -> Item:
        channel_id = channel_ids[h.channel_x_id]
        held = json.dumps(asdict(h), default=str)  # in ASCII, so it can be kept whatever it says
        return Item(Place.HEAR, f"{channel_id}:{h.x_id}", channel_id, held=held)

    aside.together(in_order, store, named)


def hear_again(channel_id: int, held: str, now: datetime) -> None:
    """Store what was set aside, as it was kept."""
    heard = _HEARD.validate_python(json.loads(held))
    hear({heard.channel_x_id: channel_id}, [heard], now)


def _row(channel_id: int, h: Heard, now: datetime) -> tuple[object, ...]:
    return (
        channel_id, h.kind.value, h.x_id, h.origin_id or h.x_id, h.sender_id, h.sender_handle, h.sender_name,
        h.text, h.media, h.media_kinds or None, h.sensitive, h.protected, to_stored(h.at), to_stored(now),
    )  # fmt: skip


def _insert(rows: list[tuple[object, ...]]) -> None:
    with transaction():
        execute_many(
            "INSERT INTO message (channel_id, kind, x_id, origin_id, sender_id, sender_handle, sender_name, text,"
            " media, media_kinds, sensitive, protected, at, heard_at, status, rule, evidence)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', '')"
            " ON CONFLICT (channel_id, x_id) DO UPDATE SET sender_handle = excluded.sender_handle,"
            " sender_name = excluded.sender_name, protected = COALESCE(message.protected, excluded.protected)"
            " WHERE message.sender_handle = '' AND excluded.sender_handle <> ''",
            rows,
        )


def _was_taken_back(channel_id: int, x_id: int, now: datetime) -> None:
    """received → ignored: it was deleted before it was heard. A later look withdraws what got further meanwhile."""
    mine = (Message.channel_id == channel_id) & (Message.x_id == x_id) & (Message.status == MessageStatus.RECEIVED)
    gone = Message.update(text="", status=MessageStatus.IGNORED, rule=TAKEN_BACK, judged_at=now, taken_back_at=now)
    gone.where(mine).execute()


def unheard(channel_id: int, heard: Sequence[Heard]) -> list[Heard]:
    """Those of them that the channel has not heard yet."""
    ids = [h.x_id for h in heard]
    known = {x_id for (x_id,) in _known.rows(channel_id, ids)} if ids else set()
    known |= twins.known(channel_id, [i for i in ids if i not in known])
    return [h for h in heard if h.x_id not in known]


def waiting(limit: int, *, but_of: Collection[int] = ()) -> list[Waiting]:
    """The oldest messages that wait for a verdict, but those of some channels. One that can't be read is set aside."""
    others = f" AND channel_id NOT IN ({', '.join('?' * len(but_of))})" if but_of else ""
    sql = WAITING.replace("…", others).replace("?", db.param)
    rows = db.execute_sql(sql, (*but_of, limit)).fetchall()
    read = aside.together(rows, lambda some: [_waiting(r) for r in some], lambda r: judged(r[0], r[1]))
    return [w for some in read for w in some]


def _waiting(r: Sequence[Any]) -> Waiting:
    said = Said(MessageKind(r[2]), r[8], from_stored(r[9]), bool(r[10]), bool(r[11]), r[4], _maybe(r[12]), r[13] or 0)
    return Waiting(r[0], r[1], r[3], r[5], r[6], r[7], said)


def _maybe(stored: Any) -> bool | None:
    """What is stored as 0 or 1 in one database, and as what it is in the other."""
    return None if stored is None else bool(stored)


def judged(message_id: int, channel_id: int) -> Item:
    """A message as it is judged: received → aside, where that breaks."""
    return Item(Place.JUDGE, message_id, channel_id, leave=lambda: _move(message_id, _BEFORE, MessageStatus.ASIDE))


def judge_again(message_id: int) -> bool:
    """aside → received: it is judged once more."""
    return _move(message_id, (MessageStatus.ASIDE,), MessageStatus.RECEIVED)


def ignore_aside(message_id: int, now: datetime) -> bool:
    """aside → ignored: nobody judges it any more."""
    return _move(message_id, (MessageStatus.ASIDE,), MessageStatus.IGNORED, rule=UNJUDGED, judged_at=now)


def _move(message_id: int, before: Sequence[MessageStatus], after: MessageStatus, **changes: Any) -> bool:
    mine = (Message.id == message_id) & Message.status.in_(before)
    return bool(Message.update(status=after, **changes).where(mine).execute() == 1)


def channel_of(message_id: int) -> int:
    """The channel that heard it; 0 where it is gone."""
    return int(Message.select(Message.channel_id).where(Message.id == message_id).scalar() or 0)


def message(message_id: int) -> Message | None:
    return Message.get_or_none(Message.id == message_id)


def last_of(channel_id: int, limit: int) -> list[Message]:
    """The newest messages of a channel."""
    return list(Message.select().where(Message.channel_id == channel_id).order_by(Message.id.desc()).limit(limit))


def heard_since(channel_id: int, since: datetime, limit: int) -> list[Message]:
    """What a channel has heard since then, the newest first."""
    mine = (Message.channel_id == channel_id) & (Message.heard_at > since)
    return list(Message.select().where(mine).order_by(Message.heard_at.desc()).limit(limit))


def forget_of(channel_ids: Collection[int]) -> int:
    """Delete what was heard for channels that are no more; how many."""
    return int(Message.delete().where(Message.channel_id.in_(list(channel_ids))).execute())
