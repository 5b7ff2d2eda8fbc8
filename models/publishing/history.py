"""History: what became of the tweets of a channel, and how much it has said lately."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from models.database import as_tuples
from models.publishing.tweets import Tweet, TweetStatus


@dataclass(frozen=True, slots=True)
class Counts:
    """Tweets of a channel that X accepted in the last quarter of an hour, hour and day."""

    quarter: int
    hour: int
    day: int


def tweet(tweet_id: int) -> Tweet | None:
    return Tweet.get_or_none(Tweet.id == tweet_id)


def of_message(message_id: int) -> Tweet | None:
    """The tweet that a message became."""
    return Tweet.get_or_none(Tweet.message_id == message_id)


def ended(channel_id: int, limit: int, skip: int) -> list[Tweet]:
    """What became of the channel's tweets, the newest first."""
    over = (Tweet.channel_id == channel_id) & Tweet.status.in_(
        [TweetStatus.SENT, TweetStatus.FAILED, TweetStatus.EXPIRED, TweetStatus.CANCELLED]
    )
    return list(Tweet.select().where(over).order_by(Tweet.id.desc()).limit(limit).offset(skip))


def counts_of(channel_id: int, now: datetime) -> Counts:
    """How much the channel has said lately: asked at once, since they stand side by side while it goes on saying."""

    def since(span: timedelta) -> pw.Function:
        return pw.fn.COUNT(pw.Case(None, [(Tweet.sent_at > now - span, 1)], None))

    spans = (timedelta(minutes=15), timedelta(hours=1), timedelta(days=1))
    lately = (Tweet.channel_id == channel_id) & (Tweet.sent_at > now - spans[-1])
    quarter, hour, day = next(iter(as_tuples(Tweet.select(*map(since, spans)).where(lately))))
    return Counts(quarter, hour, day)
