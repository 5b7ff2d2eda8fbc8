"""What is to be heard of all that channels watch, and what becomes of it that can't be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import peewee as pw

from engine.watching import Watch, WatchedKind, Way
from engine.x.events import id_at
from engine.x.watching.rules import Want, search_tag
from engine.x.watching.searches import one_spelling
from models.accounts import channels
from models.accounts.channels import Channel, are_heard
from models.database import EPOCH, as_tuples, transaction
from models.notifications import notices
from models.notifications.watching import WatchStopped
from models.statements import statement
from models.watching.watched import Watched, WatchedStatus, spellings, words_of

HEARD = (WatchedStatus.ON, WatchedStatus.NO_ROOM)
EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listening:
    """One thing that one channel watches and that is to be heard. `cursor`: from this X id on. `key`: of a search its
    one spelling.
    """

    id: int
    channel_id: int
    kind: WatchedKind
    key: str
    words: tuple[str, ...]
    cursor: int
    fresh_s: int
    status: WatchedStatus

    @property
    def want(self) -> Want:
        """The same as the rules of the stream see it."""
        if self.kind is WatchedKind.ACCOUNT:
            return Want(self.channel_id, account=int(self.key))
        return Want(self.channel_id, search=self.key)

    @property
    def term(self) -> int | str:
        """What a post that belongs to it is told by: its author, or the tag of the search."""
        return int(self.key) if self.kind is WatchedKind.ACCOUNT else search_tag(self.key)

    @property
    def watch(self) -> Watch:
        return Watch(self.id, self.kind, self.words)


def streamed() -> list[Listening]:
    """All that the filtered stream is to bring, of channels that are on."""
    rows = (
        Watched.select(
            Watched.id, Watched.channel_id, Watched.kind, Watched.key, Watched.triggers, Watched.cursor,
            Channel.fresh_s, Watched.status,
        )
        .join(Channel, on=(Channel.id == Watched.channel_id))
        .where((Watched.way == Way.STREAM) & Watched.status.in_(HEARD) & are_heard())
        .order_by(Watched.id)
    )  # fmt: skip
    return [
        Listening(
            i, c, kind, one_spelling(key) if kind is WatchedKind.SEARCH else key, words_of(t), cursor, fresh, status
        )
        for i, c, kind, key, t, cursor, fresh, status in as_tuples(rows)
    ]


def is_any_streamed(added_before: datetime | None = None) -> bool:
    """Whether there is anything for which the stream is to be held; `added_before`: for so long already."""
    return _streamed.first(added_before or EVER) is not None


@statement
def _streamed(added_before: datetime) -> pw.Query:
    rows = Watched.select(Watched.id).join(Channel, on=(Channel.id == Watched.channel_id))
    heard = (Watched.way == Way.STREAM) & Watched.status.in_(HEARD) & are_heard()
    return rows.where(heard & (Watched.added_at < added_before)).limit(1)


def watched_by_others(kind: WatchedKind, key: str, channel_id: int) -> int:
    """How many other channels hear this by the stream: they share what it costs."""
    theirs = (Watched.kind == kind) & Watched.key.in_(spellings(kind, key)) & (Watched.channel_id != channel_id)
    return int(Watched.select().where(theirs & (Watched.way == Way.STREAM) & Watched.status.in_(HEARD)).count())


def caught_up(ids: Collection[int], x_id: int) -> None:
    """All of these up to this X id has been read. It never goes back."""
    Watched.update(cursor=x_id).where(Watched.id.in_(list(ids)) & (Watched.cursor < x_id)).execute()


def have_room(ids: Collection[int]) -> None:
    """no_room → on for these, which have a place by now."""
    waits = Watched.id.in_(list(ids)) & (Watched.status == WatchedStatus.NO_ROOM)
    if ids:
        Watched.update(status=WatchedStatus.ON).where(waits).execute()


def have_no_room(ids: Collection[int], now: datetime) -> None:
    """on → no_room for these, which X's rules do not hold; the owners are told."""
    for watched_id in sorted(ids):
        stop(Watched.id == watched_id, WatchedStatus.NO_ROOM, now)


def refused(kind: WatchedKind, key: str, said: str, now: datetime) -> int:
    """on → refused for whoever watches this, as X says so; the owners are told. How many."""
    return stop((Watched.kind == kind) & Watched.key.in_(spellings(kind, key)), WatchedStatus.REFUSED, now, said=said)


def stop(
    those: pw.Expression, status: WatchedStatus, now: datetime, *, said: str = "", until: datetime | None = None,
    posts: int = 0, cost: int = 0,
) -> int:  # fmt: skip
    """on → this status, and whoever owns the channel is told once; how many."""
    with transaction():
        on = those & (Watched.status == WatchedStatus.ON)
        stops = Watched.update(status=status, said=said, until=until).where(on)
        stopped = list(stops.returning(Watched).execute())
        for row in stopped:
            owner = channels.owner_of(row.channel_id)
            if owner:
                told = WatchStopped(row.id, shown_name(row), status.value, posts, cost, said, until, now)
                notices.tell(owner, told, now, channel_id=row.channel_id)
    return len(stopped)


def go_on(now: datetime) -> int:
    """ceiling → on for those whose next day has begun, heard from then on; how many. For a clock."""
    over = Watched.status.literally(WatchedStatus.CEILING) & (Watched.until <= now)
    goes = Watched.update(status=WatchedStatus.ON, until=None, cursor=id_at(now), polled_at=EPOCH)
    with transaction():
        return int(goes.where(over).execute())


def from_now_on(channel_ids: Collection[int], now: datetime) -> None:
    """What these channels watch is heard from now on: there was no money for what came before."""
    theirs = Watched.channel_id.in_(list(channel_ids)) & Watched.status.in_(HEARD)
    Watched.update(cursor=id_at(now), polled_at=EPOCH).where(theirs).execute()


def shown_name(row: Watched) -> str:
    """What it is called: an account with its @, a search as it is, a list by its name or number."""
    return f"@{row.name}" if row.kind is WatchedKind.ACCOUNT else row.name or row.key
