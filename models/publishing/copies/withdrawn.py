"""What a tweet was made of was taken back by who wrote it: what is not said is not, and a copy that is said goes.

    waiting | queued → cancelled        sent: its taking back is wanted (a native repost X takes away by itself)
    sending | unknown: taking back is wanted before it is said; once X has it, it is asked for, and where X does not
    have it, it is cancelled (models/publishing/tweets.py)

So is what somebody wrote who asks not to be reposted: not said any more, and taken back where it was in the air.

Nothing of its text is kept but while X must be read for it.
"""

from dataclasses import dataclass
from datetime import datetime

import peewee as pw

from engine.moderation import Form
from engine.moderation.optout import OPTED_OUT
from models.accounts.channels import Channel
from models.database import transaction
from models.publishing import holding, taking_back, threads, tweets
from models.publishing.tweets import TAKEN_BACK, Tweet, TweetStatus, UndoState
from models.streaming import optouts

IN_THE_AIR = (TweetStatus.SENDING, TweetStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Came:
    """What it came to: the tweet of a message; whether anybody may have read it; and whether X is to be asked."""

    tweet_id: int
    was_said: bool = False
    to_undo: tuple[int, ...] = ()


def of_message(message_id: int, now: datetime, *, is_news: bool) -> Came | None:
    """Take back what a message became, with all of its thread; None where it became nothing. Done again, it goes on.

    `is_news`: it was not known before, so what X would not take back for a person is asked of it once more.

    Call it inside the transaction that takes the message back.
    """
    head = Tweet.get_or_none(Tweet.message_id == message_id)
    if head is None or head.is_answer:
        return None  # what answers who wrote it says nothing of what they wrote
    mine = (Tweet.id == head.id) | (Tweet.thread_id == head.id)
    with transaction():
        threads.take(head.id)  # who is saying one of them is done before, or finds that it is not to be said
        unsaid = Tweet.status.in_([TweetStatus.WAITING, TweetStatus.QUEUED])
        _end(mine & (unsaid | (Tweet.status == TweetStatus.CANCELLED)), now)
        lost = Tweet.status.in_([TweetStatus.FAILED, TweetStatus.EXPIRED]) & (Tweet.text != "")
        Tweet.update(text="").where(mine & lost).execute()
        in_the_air = Tweet.status.in_(IN_THE_AIR) & (Tweet.undo == UndoState.NONE)
        Tweet.update(undo=UndoState.WANTED, undo_due_at=None).where(mine & in_the_air).execute()
        said = Tweet.status == TweetStatus.SENT
        by_itself = said & (Tweet.form == Form.REPOST) & (Tweet.undo != UndoState.DONE)
        Tweet.update(undo=UndoState.DONE, undo_due_at=None).where(mine & by_itself).execute()
        not_asked = [UndoState.NONE, UndoState.FAILED] if is_news else [UndoState.NONE]
        stands = said & (Tweet.form == Form.COPY) & Tweet.undo.in_(not_asked)
        asked = Tweet.update(undo=UndoState.WANTED, undo_due_at=now).where(mine & stands)
        to_undo = tuple(t.id for t in asked.returning(Tweet.id).execute())
        Tweet.update(text="").where(mine & said & (Tweet.text != "")).execute()
    return Came(head.id, head.status in (*IN_THE_AIR, TweetStatus.SENT), to_undo)


def not_said_as(tweet: Tweet, channel: Channel, now: datetime) -> str | None:
    """Why a tweet whose turn has come is not to be said at all; None where it may be.

    Who wrote what it reposts has asked not to be, by whatever way it came back; an answer is not worth a wait for X.
    """
    if tweet.is_answer:
        return "on_hold" if holding.rests(channel, now) else None
    if not _is_of_left_out(tweet):
        return None
    if tweet.thread_id is not None and tweet.after_id is not None:
        taking_back.want(tweet.thread_id, now)  # nobody reads a half of it
    return OPTED_OUT


def if_left_out(tweet: Tweet, now: datetime) -> None:
    """X has it, and meanwhile its writer has asked not to be reposted: it is taken back, with what there is of its
    thread, and nothing more of that is said.
    """
    if not _is_of_left_out(tweet):
        return
    if tweet.thread_id is not None:
        taking_back.want(tweet.thread_id, now)
    else:
        mine = (Tweet.id == tweet.id) & (Tweet.undo == UndoState.NONE)
        Tweet.update(undo=UndoState.WANTED, undo_due_at=now).where(mine).execute()


def _is_of_left_out(tweet: Tweet) -> bool:
    """Whether who wrote what it reposts, or goes on to repost, is left out. The first of a thread has the message."""
    message_id = None if tweet.is_answer else tweet.message_id
    if message_id is None and tweet.after_id is not None:
        message_id = Tweet.select(Tweet.message_id).where(Tweet.id == tweet.thread_id).scalar()
    return message_id is not None and optouts.wrote(message_id)


def _end(these: pw.Expression, now: datetime) -> None:
    """waiting | queued | cancelled → cancelled, for good: nothing brings it back."""
    open_ones = these & ((Tweet.reason != TAKEN_BACK) | (Tweet.text != ""))
    gone = Tweet.update(status=TweetStatus.CANCELLED, reason=TAKEN_BACK, detail="", text="").where(open_ones)
    for tweet in gone.returning(Tweet).execute():
        tweets.note(tweet.channel_id, tweet.id, now, "cancelled", TAKEN_BACK)
