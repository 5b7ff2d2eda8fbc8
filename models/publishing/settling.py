"""Settling: what a crash or a lost answer left in the middle is taken up, and known by reading, never by guessing.

Where X can't be read for a day, nobody asks any more: the owner is told that it is not known, and it is not said again
unless they want it, after another look.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import peewee as pw

from models.accounts.channels import Channel
from models.database import to_stored, transaction
from models.notifications.kinds import Expired
from models.publishing import media, saying, threads
from models.publishing.tweets import Tweet, TweetStatus, leave

CLAIM = timedelta(seconds=30)
ASKED_FOR = timedelta(days=1)
READ_AGAIN, SELDOMEST = timedelta(seconds=10), timedelta(minutes=15)
NOT_KNOWN = "unsettled"


def recover(now: datetime, but_of: Collection[int] = ()) -> list[int]:
    """Take up what was left in the middle; the ids of tweets that must now be settled by reading, not of `but_of`."""
    left = _unsettled(TweetStatus.SENDING) & (Tweet.claimed_until < now)
    crashed = Tweet.update(status=TweetStatus.UNKNOWN, claimed_until=now, unknown_since=now, reason="crash")
    crashed.where(left).execute()
    doubtful = _unsettled(TweetStatus.UNKNOWN) & (Tweet.claimed_until <= now)
    others = Tweet.channel_id.not_in(list(but_of))
    return [t.id for t in Tweet.select(Tweet.id).where(doubtful & others).order_by(Tweet.claimed_until).limit(100)]


def claim(tweet_id: int, now: datetime) -> tuple[Tweet, Channel] | None:
    """Take an unknown tweet to settle it; None where another has it. The claim lapses by itself."""
    token = secrets.token_hex(8)
    since = pw.fn.COALESCE(Tweet.unknown_since, to_stored(now))
    won = list(
        Tweet.update(claim=token, claimed_until=now + CLAIM, unknown_since=since)
        .where((Tweet.id == tweet_id) & (Tweet.status == TweetStatus.UNKNOWN) & (Tweet.claimed_until <= now))
        .returning(Tweet)
        .execute()
    )
    if not won:
        return None
    tweet: Tweet = won[0]
    channel = Channel.get_or_none((Channel.id == tweet.channel_id) & Channel.connected)
    if channel is None:
        tweet.counted_at = None  # X may have it: its place in the day stays taken
        saying.fail(tweet, now, "disconnected", status=TweetStatus.UNKNOWN, in_doubt=True)
        return None
    return tweet, channel


def known_x_ids(channel_id: int, x_ids: list[int]) -> set[int]:
    """Which of these posts are accounted for by a tweet of ours already."""
    rows = Tweet.select(Tweet.x_id).where((Tweet.channel_id == channel_id) & Tweet.x_id.in_(x_ids))
    return {r.x_id for r in rows if r.x_id is not None}


def requeue_unsaid(tweet: Tweet, now: datetime) -> None:
    """unknown → queued: X was read, and does not have it. Stale by now, it expires instead."""
    status = TweetStatus.EXPIRED if now > tweet.fresh_until else TweetStatus.QUEUED
    with transaction():
        won = leave(tweet, status, "unsaid", "", from_status=TweetStatus.UNKNOWN, due_at=now, unsaid_at=now)
        channel = Channel.get_or_none(Channel.id == tweet.channel_id)
        if won and status is TweetStatus.EXPIRED and channel is not None:
            threads.lost(channel, tweet, Expired, "stale", "", now)


def show_again(tweet: Tweet, now: datetime) -> None:
    """unknown → waiting: X does not know what it shows, which is brought there once more; failed the second time."""
    if tweet.uploaded_again:
        saying.fail(tweet, now, "bad_media", tweet.detail, status=TweetStatus.UNKNOWN)
        return
    with transaction():
        if leave(tweet, TweetStatus.WAITING, "", "", from_status=TweetStatus.UNKNOWN, uploaded_again=True):
            media.want_again([tweet.id], now)


def pause(tweet: Tweet, now: datetime) -> timedelta:
    """How long until X is read again, where it can't be now: half of what it has lasted, within bounds."""
    since = tweet.unknown_since if tweet.unknown_since is not None else now
    return min(max((now - since) / 2, READ_AGAIN), SELDOMEST)


def later(tweet: Tweet, at: datetime, now: datetime, detail: str = "") -> None:
    """X could not be read now; again at this moment. unknown → failed where that went on for a day: it is told."""
    if tweet.unknown_since is not None and now - tweet.unknown_since > ASKED_FOR:
        tweet.counted_at = None  # X may have it: its place in the day stays taken
        saying.fail(tweet, now, NOT_KNOWN, detail, status=TweetStatus.UNKNOWN, in_doubt=True)
        return
    Tweet.update(claimed_until=at).where(
        (Tweet.id == tweet.id) & (Tweet.status == TweetStatus.UNKNOWN) & (Tweet.claim == tweet.claim)
    ).execute()


def _unsettled(status: TweetStatus) -> pw.Expression:
    """In this one of the two statuses, as the index has them."""
    return Tweet.status.literally(TweetStatus.SENDING, TweetStatus.UNKNOWN) & (Tweet.status == status)
