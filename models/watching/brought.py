"""What each thing that is watched has cost and brought, by days of the channel's zone.

A post that several channels watch is billed once and told to each: its price is shared by those who hear it.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import peewee as pw

from models.accounts import choices
from models.bites import NOTHING, Bite, taken
from models.database import Table, as_tuples
from models.streaming.messages import Message, MessageStatus
from models.watching.watched import Watched

KEPT_DAYS = 35


class WatchedDay(Table):
    """`day`: that of the channel's zone, as its proleptic ordinal. `cost` in micro-dollars."""

    watched_id = pw.BigIntegerField()
    day = pw.IntegerField()
    channel_id = pw.IntegerField(index=True)
    posts = pw.IntegerField(default=0)
    cost = pw.BigIntegerField(default=0)

    class Meta:
        primary_key = pw.CompositeKey("watched_id", "day")


@dataclass(frozen=True, slots=True)
class Brought:
    """What a day has brought: posts heard, those of them that became tweets, micro-dollars."""

    posts: int = 0
    passed: int = 0
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """What is watched, with its today and its yesterday."""

    row: Watched
    today: Brought
    yesterday: Brought


def day_of(now: datetime, zone: ZoneInfo) -> int:
    """The day of a zone in which an instant lies."""
    return now.astimezone(zone).date().toordinal()


def begins(day: int, zone: ZoneInfo) -> datetime:
    """The instant, aware, at which a day of a zone begins."""
    return datetime.combine(datetime.fromordinal(day).date(), time(), zone)


def shown(channel_id: int, now: datetime) -> list[Shown]:
    """All that a channel watches, with what it has cost and brought."""
    rows = list(Watched.select().where(Watched.channel_id == channel_id).order_by(Watched.id))
    zone = choices.zone_of(channel_id)
    today = day_of(now, zone)
    days = {day: _of_day([r.id for r in rows], day, zone) for day in (today, today - 1)}
    nothing = Brought()
    return [Shown(r, days[today].get(r.id, nothing), days[today - 1].get(r.id, nothing)) for r in rows]


def _of_day(ids: list[int], day: int, zone: ZoneInfo) -> dict[int, Brought]:
    if not ids:
        return {}
    counted = WatchedDay.select(WatchedDay.watched_id, WatchedDay.posts, WatchedDay.cost)
    of_day = counted.where(WatchedDay.watched_id.in_(ids) & (WatchedDay.day == day))
    within = (Message.heard_at >= begins(day, zone)) & (Message.heard_at < begins(day + 1, zone))
    passed = Message.select(Message.watched_id, pw.fn.COUNT(Message.id)).where(
        Message.watched_id.in_(ids) & within & (Message.status == MessageStatus.APPROVED)
    )
    of_them = dict(as_tuples(passed.group_by(Message.watched_id)))
    return {i: Brought(posts, int(of_them.get(i, 0)), cost) for i, posts, cost in as_tuples(of_day)}


def of_one(watched_id: int, day: int) -> tuple[int, int]:
    """The posts and the micro-dollars of a day. Call it with the row of what is watched taken, to decide by it."""
    of_day = (WatchedDay.watched_id == watched_id) & (WatchedDay.day == day)
    rows = as_tuples(WatchedDay.select(WatchedDay.posts, WatchedDay.cost).where(of_day))
    return rows[0] if rows else (0, 0)


def count(row: Watched, day: int, posts: int, cost: int) -> None:
    """Add to a day; in the transaction of what is counted."""
    adding = WatchedDay.insert(watched_id=row.id, day=day, channel_id=row.channel_id, posts=posts, cost=cost)
    adding.on_conflict(
        conflict_target=[WatchedDay.watched_id, WatchedDay.day],
        update={WatchedDay.posts: WatchedDay.posts + posts, WatchedDay.cost: WatchedDay.cost + cost},
    ).execute()


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete days that nobody is shown any more."""
    before = (now - timedelta(days=KEPT_DAYS)).date().toordinal()
    old = as_tuples(WatchedDay.select(WatchedDay.day).where(WatchedDay.day < before).order_by(WatchedDay.day).limit(1))
    if not old:
        return NOTHING
    keys = WatchedDay.select(WatchedDay.watched_id).where(WatchedDay.day == old[0][0]).limit(most)
    some = [i for (i,) in as_tuples(keys)]
    gone = taken(WatchedDay.delete().where((WatchedDay.day == old[0][0]) & WatchedDay.watched_id.in_(some)))
    return Bite(gone, 0 if gone else None)
