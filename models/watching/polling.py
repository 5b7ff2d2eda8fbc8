"""What is asked for again and again: lists and home timelines, and what somebody wants to be asked for.

What the stream brings is asked for too, seldom: of an account that is suspended, deleted or protected by now it brings
nothing, and says nothing. Twice it must be gone by X's own words, some minutes apart: then its owner is told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine.watching import WatchedKind, Way
from engine.x.events import Heard
from models.accounts import choices
from models.accounts.channels import Channel, are_heard
from models.database import transaction
from models.statements import statement
from models.watching import brought, hearing, wanted
from models.watching.hearing import Told
from models.watching.watched import Watched, WatchedStatus

CLAIM = timedelta(seconds=90)
EVERY = timedelta(minutes=1)
SELDOM = timedelta(hours=3)  # whether who is heard by the stream is still shown: X has nothing new to bill by then
SURELY = timedelta(minutes=10)  # between the two looks that say that it is gone
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Read:
    """What a poll has read: the posts that are watched, what X bills beside them, and up to which X id it was read."""

    posts: list[Heard]
    price: int
    others: int
    newest: int


def due(now: datetime, *, all_ways: bool) -> list[int]:
    """What is to be asked for now; `all_ways`: also what a stream would bring, where there is none."""
    return [i for (i,) in (_due if all_ways else _due_polls).rows(now, now - EVERY)]


def to_be_seen(now: datetime) -> list[int]:
    """The accounts that the stream brings and that nobody has looked at for long."""
    return [i for (i,) in _to_be_seen.rows(now, now - SELDOM)]


@statement
def _due(now: datetime, lately: datetime) -> pw.Query:
    return _of_channels_that_are_on(_is_due(now, lately) & Watched.way.in_([*Way]))


@statement
def _due_polls(now: datetime, lately: datetime) -> pw.Query:
    return _of_channels_that_are_on(_is_due(now, lately) & (Watched.way == Way.POLL))


@statement
def _to_be_seen(now: datetime, lately: datetime) -> pw.Query:
    long_there = (Watched.added_at <= lately) & (Watched.kind == WatchedKind.ACCOUNT)
    return _of_channels_that_are_on(_is_due(now, lately) & (Watched.way == Way.STREAM) & long_there)


def _is_due(now: datetime, lately: datetime) -> pw.Expression:
    return Watched.status.literally(WatchedStatus.ON) & (Watched.polled_at <= lately) & (Watched.claimed_until < now)


def _of_channels_that_are_on(those: pw.Expression) -> pw.Query:
    rows = Watched.select(Watched.id).join(Channel, on=(Channel.id == Watched.channel_id))
    return rows.where(those & are_heard()).order_by(Watched.polled_at).limit(MOST_AT_ONCE)


def channel_of(watched_id: int) -> int | None:
    """Whose it is; None where it is gone."""
    found = Watched.select(Watched.channel_id).where(Watched.id == watched_id).scalar()
    return None if found is None else int(found)


def claim(watched_id: int, now: datetime) -> Watched | None:
    """Take the right to ask; None while somebody else does, or where it is not on. The claim lapses by itself."""
    free = (Watched.id == watched_id) & (Watched.status == WatchedStatus.ON) & (Watched.claimed_until < now)
    won = list(Watched.update(claimed_until=now + CLAIM).where(free).returning(Watched).execute())
    return won[0] if won else None


def polled(claimed: Watched, read: Read, now: datetime) -> int:
    """Hear what was read, count what X bills beside it, and move on, in one transaction; how much was heard.

    Nothing where the claim has lapsed and somebody else asks.
    """
    told = [Told(claimed.id, claimed.channel_id, post, read.price) for post in read.posts]
    mine = _mine(claimed)
    with transaction():
        upto = max(claimed.cursor, read.newest)
        if Watched.update(cursor=upto, polled_at=now, claimed_until=now).where(mine).execute() != 1:
            return 0
        stored = hearing.hear(told, now)
        if read.others:
            _count_others(claimed, read, now)
    return stored


def put_off(claimed: Watched, until: datetime) -> None:
    """Nobody asks for it before then."""
    Watched.update(claimed_until=until).where(_mine(claimed)).execute()


def seen(claimed: Watched, now: datetime) -> None:
    """X shows it: whoever is heard by the stream is there."""
    Watched.update(polled_at=now, claimed_until=now, said="").where(_mine(claimed)).execute()


def not_seen(claimed: Watched, said: str, now: datetime) -> None:
    """X says that it is not there: on → refused where it has said so before, else it is looked at once more."""
    if claimed.said:
        refused(claimed, said, now)
        return
    Watched.update(said=said or "gone", claimed_until=now + SURELY).where(_mine(claimed)).execute()


def refused(claimed: Watched, said: str, now: datetime) -> None:
    """on → refused: X does not show it, in its own words."""
    wanted.stop(_mine(claimed), WatchedStatus.REFUSED, now, said=said)


def _count_others(claimed: Watched, read: Read, now: datetime) -> None:
    """What X bills and nobody hears, such as the reposts in a list, has its place under the ceiling too."""
    row = Watched.get_by_id(claimed.id)
    zone = choices.zone_of(row.channel_id)
    day = brought.day_of(now, zone)
    brought.count(row, day, 0, read.others * read.price)
    posts, cost = brought.of_one(row.id, day)
    if row.ceiling.room(posts, cost, read.price) == 0:
        until = brought.begins(day + 1, zone)
        wanted.stop(Watched.id == row.id, WatchedStatus.CEILING, now, until=until, posts=posts, cost=cost)


def _mine(claimed: Watched) -> pw.Expression:
    return (Watched.id == claimed.id) & (Watched.claimed_until == claimed.claimed_until)
