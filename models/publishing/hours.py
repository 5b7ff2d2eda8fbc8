"""The channel's hours and what waits for them: a repost that is not wanted now is said when they begin, or nowhere."""

from datetime import datetime
from zoneinfo import ZoneInfo

import peewee as pw

from engine.moderation import MessageKind, Outside
from engine.moderation.hours import HOURS_ON
from models.accounts import choices
from models.accounts.channels import Channel
from models.database import InstantField
from models.publishing.tweets import Tweet, TweetStatus
from models.statements import statement
from models.streaming.messages import Message


def wake_waiting(channel_id: int, now: datetime) -> None:
    """The channel's hours changed: what waits for them is looked at again at once."""
    waiting = (Tweet.channel_id == channel_id) & _queued() & (Tweet.reason == "hours")
    Tweet.update(due_at=now).where(waiting).execute()


def last_waiting(channel_id: int, opens: datetime) -> datetime | None:
    """The last slot of those that wait for the same open hour; they take none of the channel's own."""
    waiting = (Tweet.channel_id == channel_id) & _queued() & (Tweet.due_at >= opens)
    last = Tweet.select(pw.fn.MAX(Tweet.due_at)).where(waiting & (Tweet.reason == "hours")).scalar()
    return None if last is None else InstantField().python_value(last)


@statement
def _kind(message_id: int) -> pw.Query:
    return Message.select(Message.kind).where(Message.id == message_id)


def closed_until(tweet: Tweet, channel: Channel, now: datetime) -> tuple[bool, datetime | None]:
    """Whether the channel's hours forbid the tweet now, and when they allow it again (None: it is discarded).

    What waits for the hours already goes on waiting, whatever was chosen since for what comes outside of them.
    """
    if tweet.message_id is None or tweet.any_hour or not choices.is_on(channel.id, HOURS_ON):
        return False, None
    kind = _kind.first(tweet.message_id)
    if kind is None:
        return False, None
    policy = choices.choices(channel).policy
    opens = policy.hours(MessageKind(kind[0])).next_open(now, ZoneInfo(policy.zone))
    if opens is not None and opens <= now:
        return False, None
    return True, opens if policy.outside is Outside.WAIT or tweet.reason == "hours" else None


def _queued() -> pw.Expression:
    return Tweet.status.literally(TweetStatus.QUEUED)
