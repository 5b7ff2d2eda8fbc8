"""Taking back what was said: wanted, asked of X until it is gone, and never harmful twice.

Each claim counts `undo_attempts` on, and what comes of it is written down by that number: who was stopped meanwhile has
nothing to say any more.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import peewee as pw

from engine.x import prices
from engine.x.errors import Duplicate, Gone, Refused
from engine.x.prices import Billed
from models.accounts import team
from models.accounts.channels import Channel
from models.costs import ledger
from models.database import transaction
from models.notifications import notices
from models.notifications.kinds import UndoFailed
from models.publishing import kept, threads, tweets
from models.publishing.tweets import Tweet, TweetStatus, UndoState

CLAIM = timedelta(seconds=20)
LONG = timedelta(minutes=1)
MAX_ATTEMPTS = 40  # some eight hours
LONGEST_PAUSE = timedelta(minutes=15)


def want(tweet_id: int, now: datetime) -> bool:
    """Ask for a sent tweet, or all of its thread, to be taken back; False where nothing of it is to be undone.

    What of the thread was not said yet is not said any more.
    """
    mine = (Tweet.id == tweet_id) | (Tweet.thread_id == tweet_id)
    with transaction():
        threads.take(tweet_id)  # who is saying one of them is done before, or sees that it is to go
        won = (
            Tweet.update(undo=UndoState.WANTED, undo_due_at=now)
            .where(mine & (Tweet.status == TweetStatus.SENT) & Tweet.undo.in_([UndoState.NONE, UndoState.FAILED]))
            .execute()
        )
        if won:
            unsaid = Tweet.status.in_([TweetStatus.WAITING, TweetStatus.QUEUED])
            Tweet.update(status=TweetStatus.CANCELLED, reason="undone").where(mine & unsaid).execute()
            notices.tweet_changed_in_chat(tweet_id, now)
    return bool(won)


def unsay(tweet_id: int, person_id: int, now: datetime) -> bool:
    """queued | waiting → cancelled by a person, with the rest of its thread; False where it does not wait any more."""
    waits = Tweet.status.in_([TweetStatus.QUEUED, TweetStatus.WAITING]) | kept.kept()
    with transaction():
        won = list(
            Tweet.update(status=TweetStatus.CANCELLED, reason="person")
            .where((Tweet.id == tweet_id) & waits)
            .returning(Tweet)
            .execute()
        )
        for tweet in won:
            if tweet.thread_id is not None:
                threads.cancel_rest(tweet.thread_id, "person")
            tweets.note(tweet.channel_id, tweet.id, now, "cancelled", "person", by=str(person_id))
            notices.redraw_tweet(tweet.thread_id or tweet.id, now)
            if tweet.message_id is not None:
                notices.redraw_message(tweet.message_id, now)
    return bool(won)


def due(now: datetime, but_of: Collection[int] = ()) -> list[int]:
    """Ids of tweets that wait to be taken back, not of these channels."""
    waiting = (
        Tweet.undo.literally(UndoState.WANTED) & (Tweet.undo_due_at <= now) & Tweet.channel_id.not_in(list(but_of))
    )
    return [t.id for t in Tweet.select(Tweet.id).where(waiting).limit(100)]


def claim(tweet_id: int, now: datetime) -> tuple[Tweet, Channel] | None:
    """Take the right to undo; lapses by itself. Doing it twice does no harm at X."""
    won = list(
        Tweet.update(undo_due_at=now + CLAIM, undo_attempts=Tweet.undo_attempts + 1)
        .where((Tweet.id == tweet_id) & (Tweet.undo == UndoState.WANTED) & (Tweet.undo_due_at <= now))
        .returning(Tweet)
        .execute()
    )
    if not won:
        return None
    tweet: Tweet = won[0]
    channel = Channel.get_or_none((Channel.id == tweet.channel_id) & Channel.connected)
    if channel is None:
        failed(tweet, "disconnected", "", now)
        return None
    return tweet, channel


def done(tweet: Tweet, now: datetime, *, by_us: bool = True) -> None:
    """It is gone from X, which charges for that, if it was `by_us`; its notice says so next time it is drawn."""
    with transaction():
        cost = prices.of(Billed.UNDO, now) if by_us else 0
        gone = Tweet.update(undo=UndoState.DONE, undo_due_at=None, cost=Tweet.cost + cost)
        won = gone.where(_mine(tweet)).execute()
        if won == 1:
            ledger.charge(tweet.channel_id, Billed.UNDO, now, int(by_us))
            notices.redraw_tweet(tweet.thread_id or tweet.id, now)
            tweets.note(tweet.channel_id, tweet.id, now, "undone", "")


def pause(tweet: Tweet) -> timedelta:
    """How long until X is asked again: 2 s after the first time, doubling, up to a quarter of an hour."""
    return min(timedelta(seconds=2.0 ** min(tweet.undo_attempts, 16)), LONGEST_PAUSE)


def later(tweet: Tweet, at: datetime, now: datetime) -> None:
    """X could not be asked now; again at this moment. Of a long wait the notice says how long."""
    with transaction():
        Tweet.update(undo_due_at=at).where(_mine(tweet)).execute()
        if at - now >= LONG:
            notices.redraw_tweet(tweet.thread_id or tweet.id, now)


def failed(tweet: Tweet, reason: str, detail: str, now: datetime) -> None:
    """X won't take it back; the owner is told why, in X's words if they are about this post, and may do it by hand."""
    with transaction():
        won = Tweet.update(undo=UndoState.FAILED, undo_due_at=None).where(_mine(tweet)).execute()
        channel = Channel.get_or_none(Channel.id == tweet.channel_id)
        if won != 1 or channel is None:
            return
        notices.redraw_tweet(tweet.thread_id or tweet.id, now)
        tweets.note(channel.id, tweet.id, now, "undo_failed", reason, detail=detail)
        own_words = reason in (Refused.reason, Gone.reason, Duplicate.reason) and bool(detail)
        notice = UndoFailed(tweet.id, detail if own_words else reason, tweet.undo_attempts)
        head_id = tweet.thread_id or tweet.id
        team.tell(channel, notice, now, tweet_id=head_id)


def broke(tweet_id: int, now: datetime) -> None:
    """wanted → failed: taking it back can't be handled; the owner is told."""
    tweet = Tweet.get_or_none(Tweet.id == tweet_id)
    if tweet is not None:
        failed(tweet, threads.BROKE, "", now)


def _mine(tweet: Tweet) -> pw.Expression:
    return (Tweet.id == tweet.id) & (Tweet.undo == UndoState.WANTED) & (Tweet.undo_attempts == tweet.undo_attempts)
