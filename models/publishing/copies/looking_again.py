"""Looking again: whether what a channel copied is still on X, once, at the age that it chose, at X's price.

    copied → looked at (`looked_at`): it stands, it is gone (models/streaming/taken_back.py), or its author was heard

Nobody pays for a post whose author's deletions X brought all the time (models/streaming/authors.py). A channel's turn
is a claim that lapses (`Channel.looks_at`), and puts off where X gives no answer: of each post at most for two days.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from engine.moderation import Form, MessageKind
from models.accounts import choices
from models.accounts.channels import Channel, are_heard
from models.accounts.choices import ChannelPolicy
from models.database import as_tuples, transaction
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import authors, taken_back
from models.streaming.messages import Message
from models.streaming.taken_back import Deletion

AGES = (0, 1, 24)  # hours; 0 is never
LATEST = timedelta(days=2)  # so long after its age it is looked at: X, or the service, may have been away
HEARD_FOR = timedelta(hours=24)  # so long after a copy its author has a place in what X brings
LAST = 100
MOST = 100  # X takes so many ids at once
CLAIM = timedelta(seconds=60)
DAY = timedelta(days=1)
_OWN_WORDS = Tweet.form.literally(Form.COPY) & Tweet.message_id.is_null(False)  # as the index has it
_COPY = _OWN_WORDS & Tweet.answers_x_id.is_null() & Tweet.answers_sender.is_null()  # not what answers who wrote it
_PUBLIC = (Message.kind != MessageKind.DM) & Message.taken_back_at.is_null()
_STANDS = (Tweet.status == TweetStatus.SENT) & (Tweet.undo == UndoState.NONE)


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that stands on X: of which post, as its writer edited it last, and whose."""

    tweet_id: int
    x_id: int
    author_id: int
    said_at: datetime


def wanted_authors(now: datetime) -> dict[int, list[int]]:
    """Whom each connected channel copied lately, or is about to, the last first: their deletions are to be brought."""
    joined = Tweet.select(Tweet.channel_id, Message.sender_id, Tweet.due_at).join(
        Message, on=(Message.id == Tweet.message_id)
    )
    on_its_way = (  # each by its own index
        Tweet.status.literally(TweetStatus.QUEUED),
        Tweet.status.literally(TweetStatus.SENDING, TweetStatus.UNKNOWN),
    )
    said = as_tuples(joined.where(_COPY & _STANDS & (Tweet.sent_at > now - HEARD_FOR) & _PUBLIC))
    for which in on_its_way:
        said += as_tuples(joined.where(_COPY & which & _PUBLIC))
    connected = {i for (i,) in as_tuples(Channel.select(Channel.id).where(Channel.connected))}
    found: dict[int, dict[int, None]] = defaultdict(dict)
    for channel_id, author_id, _ in sorted(said, key=lambda r: r[2], reverse=True):
        if channel_id in connected:
            found[channel_id].setdefault(author_id)
    return {channel_id: list(theirs) for channel_id, theirs in found.items()}


def newest_copy() -> int:
    """The id of the newest copy among the last tweets, 0 where none of them is one."""
    last = Tweet.select(Tweet.id, Tweet.form, Tweet.message_id).order_by(Tweet.id.desc()).limit(LAST)
    return max(
        (i for i, form, message_id in as_tuples(last) if form is Form.COPY and message_id is not None), default=0
    )


def due(now: datetime) -> list[int]:
    """Channels that may have copied something whose age has come."""
    old_enough = (Tweet.sent_at <= now - timedelta(hours=min(a for a in AGES if a))) & (Tweet.sent_at > _earliest(now))
    open_ones = _COPY & _STANDS & old_enough & Tweet.looked_at.is_null()
    rows = Tweet.select(Tweet.channel_id).join(Channel, on=(Channel.id == Tweet.channel_id))
    never = ChannelPolicy.select(ChannelPolicy.channel_id).where(ChannelPolicy.looked_after == 0)
    free = are_heard() & (Channel.looks_at <= now) & Channel.id.not_in(never)
    return [i for (i,) in as_tuples(rows.where(open_ones & free).distinct())]


def claim(channel_id: int, now: datetime) -> Channel | None:
    """Take the channel's turn; it lapses by itself. None where another has it."""
    free = (Channel.id == channel_id) & are_heard() & (Channel.looks_at <= now)
    won = list(Channel.update(looks_at=now + CLAIM).where(free).returning(Channel).execute())
    return won[0] if won else None


def next_at(claimed: Channel, at: datetime) -> None:
    """It is the channel's turn again at this moment; not where another has its turn by now."""
    mine = (Channel.id == claimed.id) & (Channel.looks_at == claimed.looks_at)
    Channel.update(looks_at=at).where(mine).execute()


def batch(channel_id: int, now: datetime, *, heard: bool) -> list[Copied]:
    """What is to be looked at now, the oldest first, a hundred at most. Whose author was heard needs no look.

    `heard`: the stream is listened to this moment, so that what was heard of an author until now is all that there was.
    """
    after = choices.row_of(channel_id).looked_after
    if not after:
        return []
    theirs = (Tweet.channel_id == channel_id) & _COPY & _STANDS & Tweet.looked_at.is_null() & _PUBLIC
    old_enough = (Tweet.sent_at <= now - timedelta(hours=after)) & (Tweet.sent_at > _earliest(now))
    named = Tweet.select(Tweet.id, Message.x_id, Message.origin_id, Message.sender_id, Tweet.sent_at)
    joined = named.join(Message, on=(Message.id == Tweet.message_id)).where(theirs & old_enough)
    rows = as_tuples(joined.order_by(Tweet.sent_at).limit(10 * MOST))
    since = authors.heard_since({author for _, _, _, author, _ in rows})
    sure = [tweet_id for tweet_id, _, _, author, at in rows if author in since and since[author] <= at]
    if sure and heard:
        Tweet.update(looked_at=now).where(Tweet.id.in_(sure) & Tweet.looked_at.is_null()).execute()
    rest = [row for row in rows if row[0] not in sure][:MOST]
    latest = _latest_versions(channel_id, {origin for _, _, origin, _, _ in rest if origin})
    return [Copied(t, max(x_id, latest.get(origin, 0)), author, at) for t, x_id, origin, author, at in rest]


def answered(asked: Iterable[Copied], there: Collection[int], gone: Collection[int], now: datetime) -> int:
    """What X said of them: what is gone is noted with it; how many are.

    Those of which it said nothing are asked for again.
    """
    said = [c for c in asked if c.x_id in there or c.x_id in gone]
    with transaction():
        taken_back.note((Deletion(c.x_id, c.author_id) for c in said if c.x_id in gone), now)
        mine = Tweet.id.in_([c.tweet_id for c in said]) & Tweet.looked_at.is_null()
        Tweet.update(looked_at=now).where(mine).execute()
    return sum(c.x_id in gone for c in said)


def copied_lately(channel_id: int, now: datetime) -> int:
    """How many copies of public posts the channel said within a day: so many looks a day it would have paid at most."""
    theirs = (Tweet.channel_id == channel_id) & _COPY & (Tweet.status == TweetStatus.SENT) & _PUBLIC
    rows = Tweet.select().join(Message, on=(Message.id == Tweet.message_id))
    return int(rows.where(theirs & (Tweet.sent_at > now - DAY)).count())


def _earliest(now: datetime) -> datetime:
    return now - timedelta(hours=max(AGES)) - LATEST


def _latest_versions(channel_id: int, origins: Collection[int]) -> dict[int, int]:
    """The newest id under which each of these posts was heard: an older version may be gone, and the post stand."""
    edits = (
        (Message.channel_id == channel_id) & Message.origin_id.in_(list(origins)) & (Message.origin_id != Message.x_id)
    )
    rows = Message.select(Message.origin_id, pw.fn.MAX(Message.x_id)).where(edits).group_by(Message.origin_id)
    return dict(as_tuples(rows)) if origins else {}
