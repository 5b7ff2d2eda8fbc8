"""What is watched is heard: stored as messages, and counted in the same transaction, so that no ceiling is passed."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import peewee as pw

from engine.moderation import MessageKind
from engine.moderation.kinds import KIND_OFF
from engine.moderation.senders import FOLLOWER_UNKNOWN, NAMELESS, NOT_FOLLOWER
from engine.moderation.triggers import NO_TRIGGERS, OFF_TOPIC
from engine.watching import WatchedKind
from engine.x.events import Heard
from models import aside
from models.accounts.choices import ChannelPolicy
from models.aside import Item, Place
from models.bulk import among, execute_many, rows_for_pairs
from models.costs import ledger
from models.costs.ledger import Seen
from models.database import as_tuples, is_sqlite, to_stored, transaction
from models.statements import as_rows, statement
from models.streaming.messages import Message, MessageStatus
from models.watching import brought, wanted
from models.watching.watched import Watched, WatchedStatus

THERE = (
    "WITH asked(channel, post) AS (VALUES …) SELECT channel_id, x_id, watched_id, status, rule"
    " FROM asked CROSS JOIN message WHERE channel_id = asked.channel AND x_id = asked.post"
)
#: As a mention it was not wanted, which says nothing of it as a post of what is watched.
NOT_AS_MENTION = (KIND_OFF, NO_TRIGGERS, OFF_TOPIC, NOT_FOLLOWER, FOLLOWER_UNKNOWN, NAMELESS)
_UNDECIDED = (MessageStatus.RECEIVED, MessageStatus.ASKING)
_AS_WATCHED: dict[str, Any] = {
    "kind": MessageKind.WATCHED, "status": MessageStatus.RECEIVED, "rule": None, "evidence": "", "judged_at": None
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A post for one channel, by the one thing that it watches which brought it; `cost` is its share of the price.

    `looked_up`: X did not bring it, it was read back, as far as its cursor says that it is still to be heard.
    """

    watched_id: int
    channel_id: int
    post: Heard
    cost: int
    looked_up: bool = False

    @property
    def key(self) -> "Key":
        return self.channel_id, self.post.x_id


Key = tuple[int, int]


@statement
def _some(ids: list[int]) -> pw.Query:
    return Watched.select().where(among(Watched.id, ids)).order_by(Watched.id)


@statement
def _take(ids: list[int]) -> pw.Query:
    return Watched.select().where(among(Watched.id, ids)).order_by(Watched.id).for_update()


def hear(told: Iterable[Told], now: datetime, billed: Sequence[Seen] = ()) -> int:
    """Store what is new of it as received, as far as each ceiling allows; how much. What reaches its ceiling stops.

    One that can't be stored is set aside, and the others go on. Raises TROUBLE; some may be stored by then.
    `billed`: what X bills of what it has brought, heard or not, is written down in the same transaction.
    """
    if billed:
        with transaction():
            stored = hear(told, now)
            ledger.read(billed, now)
        return stored
    of: dict[int, list[Told]] = defaultdict(list)
    for one in told:
        of[one.watched_id].append(one)
    parts = [sorted(of[watched_id], key=lambda t: t.post.x_id) for watched_id in sorted(of)]
    return sum(aside.together(parts, lambda some: _hear(some, now), _named))


def _named(part: list[Told]) -> Item:
    first = part[0]
    held = json.dumps(asdict(first.post), default=str)
    return Item(Place.HEAR, f"{first.channel_id}:{first.post.x_id}", first.channel_id, held=held)


def _hear(parts: Sequence[list[Told]], now: datetime) -> int:
    """In one transaction, with what is watched taken: who counts beside this waits, and sees what it has counted."""
    stored = 0
    with transaction():
        take = _some if is_sqlite() else _take  # SQLite's transaction has all
        taken = {row.id: row for row in as_rows(Watched, take.rows([part[0].watched_id for part in parts]))}
        heard = {i: row for i, row in taken.items() if row.status in wanted.HEARD}
        zones = _zones({row.channel_id for row in heard.values()})
        known, as_mention = _known([t for part in parts for t in part])
        for part in parts:
            row = heard.get(part[0].watched_id)
            if row is None:
                continue
            new = {k: t for t in part if (k := t.key) not in known and _is_wanted(t, row)}
            known |= new.keys()
            if new:
                stored += _count_and_store(
                    row, list(new.values()), as_mention, zones.get(row.channel_id, ZoneInfo("UTC")), now
                )
    return stored


def _is_wanted(t: Told, row: Watched) -> bool:
    """Not what was read back for who has stopped and gone on since it was asked for."""
    return not t.looked_up or row.cursor < t.post.x_id


def _count_and_store(row: Watched, new: list[Told], as_mention: set[Key], zone: ZoneInfo, now: datetime) -> int:
    """As many as fit under the ceiling; X bills the others too, so they are counted in its cost."""
    day = brought.day_of(now, zone)
    posts, cost = brought.of_one(row.id, day)
    fits = row.ceiling.room(posts, cost, max((t.cost for t in new), default=0))
    some = new if fits is None else new[:fits]
    _insert([t for t in some if t.key not in as_mention], now)
    for t in some:
        if t.key in as_mention and not _judge_twice(t):
            _judge_again(t)
    _called(row, new[-1].post)
    brought.count(row, day, len(some), sum(t.cost for t in new))
    posts, cost = posts + len(some), cost + sum(t.cost for t in new)
    if row.ceiling.room(posts, cost, max(t.cost for t in new)) == 0:
        until = brought.begins(day + 1, zone)
        wanted.stop(Watched.id == row.id, WatchedStatus.CEILING, now, until=until, posts=posts, cost=cost)
    return len(some)


def _called(row: Watched, post: Heard) -> None:
    """The account by the name that it has now: who takes its old one is somebody else."""
    name = post.sender_handle
    if row.kind is WatchedKind.ACCOUNT and name not in ("", row.name) and row.key == str(post.sender_id):
        Watched.update(name=name).where((Watched.id == row.id) & (Watched.name == row.name)).execute()


def _known(told: Sequence[Told]) -> tuple[set[Key], set[Key]]:
    """Which of these posts their channels have heard already, and which as mentions that don't pass as such, or for
    which that is not said yet: those are new as what is watched.
    """
    found = rows_for_pairs(THERE, sorted({t.key for t in told}))
    as_mention = {
        (channel_id, x_id)
        for channel_id, x_id, watched_id, status, rule in found
        if watched_id is None and (status in _UNDECIDED or (status == MessageStatus.IGNORED and rule in NOT_AS_MENTION))
    }
    return {(channel_id, x_id) for channel_id, x_id, *_ in found} - as_mention, as_mention


def _judge_twice(t: Told) -> bool:
    """A mention that no rule has seen: should it not pass as such, it is judged as what is watched (`as_watched`)."""
    marks = Message.update(watched_id=t.watched_id).where(_mine(t) & (Message.status == MessageStatus.RECEIVED))
    return bool(marks.execute())


def _judge_again(t: Told) -> None:
    """ignored or asking as a mention → received as what is watched."""
    still = (Message.status == MessageStatus.ASKING) | _not_as_mention()
    Message.update(watched_id=t.watched_id, useful_until=None, **_AS_WATCHED).where(_mine(t) & still).execute()


def as_watched(ids: Collection[int]) -> int:
    """ignored as a mention → received as what is watched, for those that came as both; how many. Call it in the
    transaction of the verdicts.
    """
    both = Message.id.in_(list(ids)) & (Message.kind != MessageKind.WATCHED) & Message.watched_id.is_null(False)
    return int(Message.update(**_AS_WATCHED).where(both & _not_as_mention()).execute()) if ids else 0


def _mine(t: Told) -> pw.Expression:
    return (Message.channel_id == t.channel_id) & (Message.x_id == t.post.x_id) & Message.watched_id.is_null()


def _not_as_mention() -> pw.Expression:
    return (Message.status == MessageStatus.IGNORED) & Message.rule.in_(NOT_AS_MENTION)


def _zones(channel_ids: set[int]) -> dict[int, ZoneInfo]:
    rows = ChannelPolicy.select(ChannelPolicy.channel_id, ChannelPolicy.zone)
    return {i: ZoneInfo(zone) for i, zone in as_tuples(rows.where(ChannelPolicy.channel_id.in_(list(channel_ids))))}


def _insert(told: Sequence[Told], now: datetime) -> None:
    execute_many(
        "INSERT INTO message (channel_id, kind, x_id, origin_id, sender_id, sender_handle, sender_name, text,"
        " media, sensitive, protected, at, heard_at, watched_id, status, rule, evidence)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', '')"
        " ON CONFLICT (channel_id, x_id) DO NOTHING",
        [_row(t, now) for t in told],
    )


def _row(t: Told, now: datetime) -> tuple[object, ...]:
    p = t.post
    return (
        t.channel_id, p.kind.value, p.x_id, p.origin_id or p.x_id, p.sender_id, p.sender_handle, p.sender_name,
        p.text, p.media, p.sensitive, p.protected, to_stored(p.at), to_stored(now), t.watched_id,
    )  # fmt: skip
