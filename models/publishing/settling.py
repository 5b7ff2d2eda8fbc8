"""Settling: what a crash or a lost answer left in the middle is taken up, and known by reading, never by guessing."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from engine.moderation import Form
from models.accounts.channels import Channel
from models.database import transaction
from models.notifications.kinds import Expired
from models.publishing import media, saying, threads
from models.publishing.tweets import Tweet, TweetStatus, leave

CLAIM = timedelta(seconds=30)


def recover(now: datetime, but_of: Collection[int] = ()) -> list[int]:
    """Take up what was left in the middle; the ids of tweets that must now be settled by reading, not of `but_of`.

    A native retweet is simply asked again: "already retweeted" is yes. Anything else becomes unknown.
    """
    left = (Tweet.status == TweetStatus.SENDING) & (Tweet.claimed_until < now)
    Tweet.update(status=TweetStatus.QUEUED, claimed_until=None, reason="crash").where(
        left & (Tweet.form == Form.REPOST)
    ).execute()
    Tweet.update(status=TweetStatus.UNKNOWN, claimed_until=now, reason="crash").where(left).execute()
    doubtful = (Tweet.status == TweetStatus.UNKNOWN) & (Tweet.claimed_until <= now)
    others = Tweet.channel_id.not_in(list(but_of))
    return [t.id for t in Tweet.select(Tweet.id).where(doubtful & others).order_by(Tweet.id).limit(100)]


def claim(tweet_id: int, now: datetime) -> tuple[Tweet, Channel] | None:
    """Take an unknown tweet to settle it; None where another has it. The claim lapses by itself."""
    token = secrets.token_hex(8)
    won = (
        Tweet.update(claim=token, claimed_until=now + CLAIM)
        .where((Tweet.id == tweet_id) & (Tweet.status == TweetStatus.UNKNOWN) & (Tweet.claimed_until <= now))
        .execute()
    )
    if won != 1:
        return None
    tweet = Tweet.get_or_none(Tweet.id == tweet_id)
    if tweet is None:  # its channel was deleted this moment
        return None
    channel = Channel.get_or_none((Channel.id == tweet.channel_id) & Channel.connected)
    if channel is None:
        tweet.counted_at = None  # X may have it: its place in the day stays taken
        saying.fail(tweet, now, "disconnected", status=TweetStatus.UNKNOWN)
        return None
    return tweet, channel


def known_x_ids(channel_id: int, x_ids: list[int]) -> set[int]:
    """Which of these posts are accounted for by a tweet of ours already."""
    rows = Tweet.select(Tweet.x_id).where((Tweet.channel_id == channel_id) & Tweet.x_id.in_(x_ids))
    return {r.x_id for r in rows if r.x_id is not None}


def requeue_unsaid(tweet: Tweet, now: datetime) -> None:
    """unknown → queued: X was read, and does not have it. Stale by now, it expires instead."""
    shows = media.count_of(tweet.id)
    status = TweetStatus.WAITING if shows else TweetStatus.QUEUED
    if now > tweet.fresh_until:
        status = TweetStatus.EXPIRED
    with transaction():
        won = leave(tweet, status, "unsaid", "", from_status=TweetStatus.UNKNOWN, due_at=now)
        if won and status is TweetStatus.WAITING:
            media.want_again([tweet.id], now)
        channel = Channel.get_or_none(Channel.id == tweet.channel_id)
        if won and status is TweetStatus.EXPIRED and channel is not None:
            threads.lost(channel, tweet, Expired, "stale", "", now)


def later(tweet: Tweet, at: datetime) -> None:
    """X could not be read now; again at this moment."""
    Tweet.update(claimed_until=at).where(
        (Tweet.id == tweet.id) & (Tweet.status == TweetStatus.UNKNOWN) & (Tweet.claim == tweet.claim)
    ).execute()
