"""After a restore: the service that was backed up went on, and may have said what is about to be said here.

So whatever began before the restore is looked for on X before it is said, once: what was on its way in the backup, what
is heard again or decided again of messages from before, what schedules planned for an instant before, and what people
wrote shortly before. A native repost needs no look: X takes it for the same.
"""

from datetime import datetime, timedelta
from typing import Any

from engine.moderation import Form
from models.accounts.channels import Channel
from models.publishing.tweets import Tweet, TweetStatus, leave
from models.streaming.messages import Message

REASON = "restored"
MARGIN = timedelta(minutes=5)  # by which clocks may differ, and one of the two may have said something meanwhile
WRITTEN_WITHIN = timedelta(hours=1)  # what people sent to the bot before the restore has been done by then


def is_read_first(tweet: Tweet, channel: Channel, now: datetime) -> bool:
    """sending → unknown, for who has the claim, where it may have been said elsewhere: settling reads X for it."""
    since = perhaps_said_since(tweet, channel, now)
    if since is None:
        return False
    at_first: dict[str, Any] = {"claimed_until": now, "unknown_since": now, "started_at": since}
    leave(tweet, TweetStatus.UNKNOWN, REASON, "", attempts=Tweet.attempts - 1, **at_first)
    return True


def perhaps_said_since(tweet: Tweet, channel: Channel, now: datetime) -> datetime | None:
    """Since when another service may have said this; None where none can have, or X was read for it already."""
    if channel.restored_at is None or channel.backed_up_at is None or tweet.form is Form.REPOST:
        return None
    if tweet.unsaid_at is not None and tweet.unsaid_at >= channel.restored_at:
        return None
    known = tweet.id <= channel.restored_tweet
    if not known and _began_at(tweet, now) > channel.restored_at + MARGIN:
        return None
    asked = tweet.started_at if known and tweet.started_at is not None else channel.backed_up_at
    return min(asked, channel.backed_up_at)


def _began_at(tweet: Tweet, now: datetime) -> datetime:
    """When what it is made of came: the message, the planned instant, or what somebody wrote, at the earliest."""
    if tweet.message_id is not None:
        message = Message.select(Message.at).where(Message.id == tweet.message_id).first()
        if message is not None:
            at: datetime = message.at
            return at
    return tweet.planned_at if tweet.planned_at is not None else now - WRITTEN_WITHIN


def perhaps_planned(channel: Channel, at: datetime | None) -> bool:
    """Whether another service may have planned what was due at that instant."""
    return channel.restored_at is not None and at is not None and at < channel.restored_at
