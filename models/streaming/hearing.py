"""Which channels are to be heard, how, and up to where they have been.

A cursor says: everything up to this X id has been heard. It moves only while nothing before it can be missing, as far
as the stream tells. Up to where it is *sure* that nothing is, X was asked: what the stream swallows lies between them.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine.moderation import MessageKind
from engine.moderation.wishes import wish_of
from engine.x.events import id_at
from models.accounts import chat_keys
from models.accounts.channels import Auth, Channel, Hearing, are_heard
from models.database import as_tuples, is_sqlite, transaction
from models.statements import statement

POLL_CLAIM = timedelta(seconds=90)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """A connected channel as hearing needs it."""

    id: int
    x_user_id: int
    on: bool
    auth: Auth
    hearing: Hearing
    mentions_on: bool
    dms_on: bool
    chats: bool = False  # it has keys for what is encrypted
    replies_on: bool = False
    mentions_from: int = 0
    replies_from: int = 0
    heard: bool = True  # False: there is no money left for it

    def wants(self, kind: MessageKind) -> bool:
        on = {MessageKind.MENTION: self.mentions_on, MessageKind.REPLY: self.replies_on, MessageKind.DM: self.dms_on}
        return self.on and self.heard and on.get(kind, False)

    def reads(self, kind: MessageKind) -> bool:
        """Whether the timeline from which messages of this kind are read is asked for: replies come with mentions."""
        return any(self.wants(k) for k in MessageKind if k.like is kind.like)

    def takes(self, kind: MessageKind, x_id: int, text: str = "") -> bool:
        """Whether it wants what was read back: of a kind that is on, and written since it is."""
        since = {MessageKind.MENTION: self.mentions_from, MessageKind.REPLY: self.replies_from}.get(kind, 0)
        return self.hears(kind if x_id >= since else None, text)

    def hears(self, kind: MessageKind | None, text: str = "") -> bool:
        """Whether it wants what X brings now. Who asks not to be reposted is heard in any case, where it costs nothing
        more.
        """
        return (kind is not None and self.wants(kind)) or (self.on and wish_of(text) is not None)


def connected() -> dict[int, Heard]:
    """All connected channels by their X id: those that are on are heard, none of them is listened to as a sender."""
    rows = Channel.select(
        Channel.id,
        Channel.x_user_id,
        Channel.is_on,
        Channel.auth,
        Channel.hearing,
        Channel.mentions_on,
        Channel.dms_on,
        chat_keys.are_there(Channel.id),
        Channel.replies_on,
        Channel.mentions_from,
        Channel.replies_from,
        Channel.hears,
    ).where(Channel.connected)
    return {row[1]: Heard(*row) for row in as_tuples(rows)}


def set_hearing(channel_id: int, how: Hearing) -> None:
    """Remember how X lets us hear this channel."""
    Channel.update(hearing=how).where((Channel.id == channel_id) & (Channel.hearing != how)).execute()


def cursor(channel_id: int, kind: MessageKind) -> int:
    """Up to where this channel has been heard; replies and mentions together, as they are read together."""
    column = Channel.dm_cursor if kind is MessageKind.DM else Channel.mention_cursor
    return int(Channel.select(column).where(Channel.id == channel_id).scalar() or 0)


@statement
def _mentions_heard(channel_id: int, x_id: int) -> pw.Query:
    behind = (Channel.id == channel_id) & (Channel.mention_cursor < x_id)
    return Channel.update(mention_cursor=x_id).where(behind)


@statement
def _dms_heard(channel_id: int, x_id: int) -> pw.Query:
    return Channel.update(dm_cursor=x_id).where((Channel.id == channel_id) & (Channel.dm_cursor < x_id))


def advance(channel_id: int, kind: MessageKind, x_id: int) -> None:
    """Move the cursor on; it never goes back."""
    (_dms_heard if kind is MessageKind.DM else _mentions_heard).changed(channel_id, x_id)


def advance_all(moved: Mapping[tuple[int, MessageKind], int]) -> None:
    """The same for many. SQLite's one lock is taken once for all; of PostgreSQL's none is held while another is
    waited for, as somebody may hold one long.
    """
    with transaction() if is_sqlite() else nullcontext():
        for (channel_id, kind), x_id in moved.items():
            advance(channel_id, kind, x_id)


def to_compare(every: timedelta, now: datetime, limit: int) -> list[tuple[int, MessageKind, int]]:
    """Channels that the stream brings and of which X was not asked for so long, the longest ago first, each with the X
    id to ask from: at most a day ago, or twice this time.
    """
    streamed = are_heard() & (Channel.hearing == Hearing.STREAM)
    since, earliest = id_at(now - every), id_at(now - max(2 * every, DAY))
    found: list[tuple[int, MessageKind, int]] = []
    for kind, sure, is_on in (
        (MessageKind.MENTION, Channel.mention_sure, Channel.mentions_on | Channel.replies_on),
        (MessageKind.DM, Channel.dm_sure, Channel.dms_on),
    ):
        rows = Channel.select(Channel.id, sure).where(streamed & is_on & (sure < since)).order_by(sure).limit(limit)
        found += [(channel_id, kind, x_id) for channel_id, x_id in as_tuples(rows)]
    return [(c, kind, max(x_id, earliest)) for c, kind, x_id in sorted(found, key=lambda f: f[2])[:limit]]


def be_sure(channel_id: int, kind: MessageKind, x_id: int) -> None:
    """X was asked for everything up to this id. It never goes back."""
    sure = Channel.dm_sure if kind is MessageKind.DM else Channel.mention_sure
    Channel.update({sure: x_id}).where((Channel.id == channel_id) & (sure < x_id)).execute()


def due_polls(every: timedelta, now: datetime, *, all_channels: bool) -> list[int]:
    """Channels to be asked for now: those that can't be subscribed, or all where there is no stream at all."""
    polled = are_heard() & (Channel.poll_claimed_until < now)
    if not all_channels:
        polled &= Channel.hearing == Hearing.POLL
    rows = Channel.select(Channel.id).where(polled & (Channel.mentions_polled_at <= now - every))
    return [r.id for r in rows.order_by(Channel.mentions_polled_at).limit(200)]


def count_polled(*, all_channels: bool) -> int:
    """How many channels share X's limit of the app."""
    polled = are_heard()
    if not all_channels:
        polled &= Channel.hearing == Hearing.POLL
    return int(Channel.select().where(polled).count())


def claim_poll(channel_id: int, now: datetime) -> Channel | None:
    """Take the right to poll; None while another poll of this channel runs. The claim lapses by itself."""
    won = list(
        Channel.update(poll_claimed_until=now + POLL_CLAIM)
        .where((Channel.id == channel_id) & are_heard() & (Channel.poll_claimed_until < now))
        .returning(Channel)
        .execute()
    )
    return won[0] if won else None


def polled(claimed: Channel, kind: MessageKind, at: datetime) -> None:
    """This kind was asked for, by who has the poll's claim; `at` may lie ahead, where X named a moment to come back."""
    column = Channel.dms_polled_at if kind is MessageKind.DM else Channel.mentions_polled_at
    Channel.update({column: at}).where(_mine(claimed)).execute()


def release_poll(claimed: Channel, now: datetime) -> None:
    """The poll is over; not that of somebody who took it meanwhile."""
    Channel.update(poll_claimed_until=now).where(_mine(claimed)).execute()


def _mine(claimed: Channel) -> pw.Expression:
    """Still who has this claim; not where it lapsed and somebody else polls."""
    return (Channel.id == claimed.id) & (Channel.poll_claimed_until == claimed.poll_claimed_until)


def put_off_poll(channel_id: int, until: datetime) -> None:
    """Nobody polls this channel before then."""
    earlier = (Channel.id == channel_id) & (Channel.poll_claimed_until < until)
    Channel.update(poll_claimed_until=until).where(earlier).execute()


def poll_again(channel_id: int, now: datetime) -> None:
    """It was put off, and need not be."""
    later = (Channel.id == channel_id) & (Channel.poll_claimed_until > now)
    Channel.update(poll_claimed_until=now).where(later).execute()
