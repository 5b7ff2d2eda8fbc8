"""What `/status` and the panel show: the last 24 hours of a channel, in counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from models.costs import ledger
from models.database import as_tuples
from models.notifications.notices import WAITING, Notice
from models.publishing import allowance
from models.publishing.allowance import Day
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling.schedules import RUNS, Schedule
from models.streaming.messages import Message, MessageStatus


@dataclass(frozen=True, slots=True)
class Overview:
    """A channel's last 24 hours, in counts, and all that X bills of them, in micro-dollars."""

    heard: int
    posted: int
    ignored: int
    blocked: int
    queued: int
    unsettled: int
    expired: int
    failed: int
    spent: int


def overview(channel_id: int, now: datetime) -> Overview:
    """Count the last 24 hours of a channel."""
    since = now - timedelta(days=1)
    messages: dict[MessageStatus, int] = dict(
        as_tuples(
            Message.select(Message.status, pw.fn.COUNT(Message.id))
            .where((Message.channel_id == channel_id) & (Message.heard_at > since))
            .group_by(Message.status)
        )
    )
    publishes = Tweet.answers_x_id.is_null() & Tweet.answers_sender.is_null()  # what answers one person is no news
    tweets: dict[TweetStatus, int] = dict(
        as_tuples(
            Tweet.select(Tweet.status, pw.fn.COUNT(Tweet.id))
            .where((Tweet.channel_id == channel_id) & (Tweet.due_at > since) & publishes)
            .group_by(Tweet.status)
        )
    )
    return Overview(
        heard=sum(messages.values()),
        posted=tweets.get(TweetStatus.SENT, 0),
        ignored=messages.get(MessageStatus.IGNORED, 0),
        blocked=messages.get(MessageStatus.BLOCKED, 0),
        queued=tweets.get(TweetStatus.QUEUED, 0) + tweets.get(TweetStatus.WAITING, 0),
        unsettled=tweets.get(TweetStatus.SENDING, 0) + tweets.get(TweetStatus.UNKNOWN, 0),
        expired=tweets.get(TweetStatus.EXPIRED, 0),
        failed=tweets.get(TweetStatus.FAILED, 0),
        spent=ledger.spent(since, now + ledger.SLOT, channel_id),
    )


def next_planned(channel_id: int) -> datetime | None:
    """When the next of the channel's schedules is due."""
    mine = (Schedule.channel_id == channel_id) & RUNS & Schedule.next_at.is_null(False)
    first = Schedule.select(Schedule.next_at).where(mine).order_by(Schedule.next_at).first()
    return first.next_at if first is not None else None


def pending_notices(person_id: int) -> int:
    """Notices that the person has not got yet."""
    mine = (Notice.person_id == person_id) & Notice.status.literally(*WAITING)
    return int(Notice.select().where(mine).count())


def day(now: datetime) -> Day:
    """The app's posts of the last 24 hours, of all channels."""
    return allowance.day(now)
