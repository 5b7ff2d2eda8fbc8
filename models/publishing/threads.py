"""Threads: posts that answer each other, said one after the other; and what waits for its photos and videos.

The first waits until all that the thread shows is at X; each other one waits until the one before it is there. A thread
that breaks in its middle is told, with a button to go on and one to take it back: never half and silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine import composing
from engine.moderation import Form
from engine.posts import Thread
from models import aside
from models.accounts import team
from models.accounts.channels import Channel
from models.database import as_tuples, to_stored, transaction
from models.notifications import notices
from models.notifications.kinds import Expired, Failed
from models.publishing import media, tweets
from models.publishing.media import Upload, UploadStatus
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.statements import statement

BEGUN_IS_FINISHED = timedelta(hours=24)
GONE_ON = timedelta(hours=1)
BROKE = "broke"  # the reason of what could not be handled (models/aside.py)
BROKE_IN_DOUBT = "broke_in_doubt"  # what its notice says, where X may have it
ENDED = (TweetStatus.FAILED, TweetStatus.EXPIRED, TweetStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a thread is on X, and whether it is being taken back, which X may put off until `undo_at`."""

    sent: int
    count: int
    undo: UndoState
    undo_at: datetime | None


def insert(channel_id: int, thread: Thread, now: datetime, **values: Any) -> Tweet | None:
    """Make the tweets of a thread (of one post, too); the first of them, or None where it was made already.

    `values` are those of the first. Call it inside a transaction.
    """
    status: TweetStatus = values.pop("status", TweetStatus.QUEUED)
    meanwhile = TweetStatus.WAITING if status is TweetStatus.QUEUED else status
    shows = any(post.media for post in thread)
    first = {"status": meanwhile if shows else status, "text": _text(thread[0].text), **values}
    made = list(
        Tweet.insert(channel_id=channel_id, form=Form.COPY, any_hour=True, **first)
        .on_conflict_ignore()
        .returning(Tweet)
        .execute()
    )
    if not made:
        return None
    head: Tweet = made[0]
    before = head.id
    shared = {n: v for n, v in values.items() if n not in ("planned_at", "reason")}
    if len(thread) > 1:
        Tweet.update(thread_id=head.id).where(Tweet.id == head.id).execute()
        head.thread_id = head.id
    media.want(head.id, head.id, thread[0].media, now)
    for post in thread[1:]:
        before = Tweet.insert(
            channel_id=channel_id, form=Form.COPY, any_hour=True, thread_id=head.id, after_id=before,
            text=_text(post.text), status=meanwhile,
            reason=values.get("reason", ""), **shared,
        ).execute()  # fmt: skip
        media.want(before, head.id, post.media, now)
    return head


def go_on_with(head_id: int, channel_id: int, texts: Sequence[str], due_at: datetime, fresh_until: datetime) -> None:
    """What a copy says after its first post, which was made in this transaction: each waits for the one before it."""
    if not texts:
        return
    Tweet.update(thread_id=head_id).where((Tweet.id == head_id) & (Tweet.status == TweetStatus.QUEUED)).execute()
    before = head_id
    for text in texts:
        before = Tweet.insert(
            channel_id=channel_id, form=Form.COPY, any_hour=True, thread_id=head_id, after_id=before, text=text,
            status=TweetStatus.WAITING, due_at=due_at, fresh_until=fresh_until,
        ).execute()  # fmt: skip


def is_copy(tweet: Tweet) -> bool:
    """Whether it is said of a message, or goes on with what is."""
    if tweet.message_id is not None or tweet.thread_id is None:
        return tweet.message_id is not None
    return bool(Tweet.select().where((Tweet.id == tweet.thread_id) & Tweet.message_id.is_null(False)).exists())


def take(head_id: int) -> None:
    """Take the thread until the transaction ends: the row of its first."""
    Tweet.update(thread_id=Tweet.thread_id).where(Tweet.id == head_id).execute()


def head_of(tweet_id: int) -> int:
    """The first of the thread of a tweet; the tweet itself where it stands alone."""
    row = Tweet.get_or_none(Tweet.id == tweet_id)
    return row.thread_id or tweet_id if row is not None else tweet_id


# --- waiting -----------------------------------------------------------------------------------------------


def release(now: datetime, head_id: int | None = None) -> list[int]:
    """waiting → queued for what has what it waited for (of one thread, or of all); their ids."""
    if _waiting.first() is None:
        return []
    before = Tweet.alias()
    of_thread = Upload.select().where((Upload.head_id == Tweet.id) & (Upload.status != UploadStatus.READY))
    of_post = Upload.select().where((Upload.tweet_id == Tweet.id) & (Upload.status != UploadStatus.READY))
    said = before.select().where(
        (before.id == Tweet.after_id) & (before.status == TweetStatus.SENT) & (before.undo == UndoState.NONE)
    )
    is_first = Tweet.after_id.is_null() & ~pw.fn.EXISTS(of_thread)
    is_next = Tweet.after_id.is_null(False) & pw.fn.EXISTS(said) & ~pw.fn.EXISTS(of_post)
    free = Tweet.status.literally(TweetStatus.WAITING) & (is_first | is_next)
    if head_id is not None:
        free &= (Tweet.id == head_id) | (Tweet.thread_id == head_id)
    going_on = pw.Case(None, [(Tweet.after_id.is_null(), Tweet.due_at)], to_stored(now))
    fresh = pw.Case(None, [(Tweet.after_id.is_null(), Tweet.fresh_until)], to_stored(now + BEGUN_IS_FINISHED))
    released = Tweet.update(status=TweetStatus.QUEUED, reason="", due_at=going_on, fresh_until=fresh).where(free)
    go_on: list[int] = []

    def let_go(ids: Sequence[int]) -> int:
        with transaction():
            gone = list(released.where(Tweet.id.in_(ids)).returning(Tweet.id).execute())
        go_on.extend(tweet.id for tweet in gone)
        return len(gone)

    aside.piecewise([i for (i,) in as_tuples(Tweet.select(Tweet.id).where(free))], let_go)
    return go_on


@statement
def _waiting() -> pw.Query:
    return Tweet.select(Tweet.id).where(Tweet.status.literally(TweetStatus.WAITING)).limit(1)


def wait_for_media(tweet: Tweet, now: datetime) -> None:
    """sending → waiting: X has forgotten what the tweet shows, it is brought there once more."""
    with transaction():
        attempts = Tweet.attempts - 1
        if tweets.leave(tweet, TweetStatus.WAITING, "", "", attempts=attempts):
            media.want_again([tweet.id], now)


def unsaid(tweet: Tweet, status: TweetStatus, reason: str, detail: str, now: datetime) -> bool:
    """waiting → failed | expired, for the first of a thread; the owner is told. False where it waits no more."""
    with transaction():
        won = (
            Tweet.update(status=status, reason=reason, detail=detail[:300])
            .where((Tweet.id == tweet.id) & (Tweet.status == TweetStatus.WAITING))
            .execute()
        )
        channel = Channel.get_or_none(Channel.id == tweet.channel_id)
        if won == 1 and channel is not None:
            lost(channel, tweet, Failed if status is TweetStatus.FAILED else Expired, reason, detail, now)
    return bool(won == 1)


def lost(channel: Channel, tweet: Tweet, told: type[Failed | Expired], reason: str, detail: str, now: datetime) -> None:
    """It is not said: written down and told (but for an answer), with what of its thread is on X. Call it inside that
    transaction.
    """
    event = "failed" if told is Failed else "expired"
    tweets.note(channel.id, tweet.id, now, event, reason, detail=detail)
    if tweet.thread_id is not None and tweet.after_id is None:
        cancel_rest(tweet.id, reason)
    if tweet.is_answer:
        return
    notice = told(tweet.id, reason, detail, now)
    team.tell(channel, notice, now, tweet_id=tweet.thread_id or tweet.id)


def cancel_rest(head_id: int, reason: str) -> None:
    """waiting → cancelled for what answers a first post that is not said."""
    rest = (Tweet.thread_id == head_id) & Tweet.after_id.is_null(False) & (Tweet.status == TweetStatus.WAITING)
    Tweet.update(status=TweetStatus.CANCELLED, reason=reason).where(rest).execute()


# --- going on ------------------------------------------------------------------------------------------------


def go_on(tweet_id: int, now: datetime) -> bool:
    """Try again what was lost, and say the rest of its thread; False where it is not lost any more.

    What may have reached X before is read back first: it becomes `unknown`, and is settled.
    """
    with transaction():
        tweet = Tweet.get_or_none(Tweet.id == tweet_id)
        if tweet is None or tweet.message_id is not None or tweet.undo:
            return False
        return _again(tweet, now)


def after_it_broke(tweet_id: int, now: datetime) -> bool:
    """The same for whatever could not be handled, a repost too; False where that is not why it is not said."""
    with transaction():
        tweet = Tweet.get_or_none((Tweet.id == tweet_id) & (Tweet.reason == BROKE))
        return tweet is not None and not tweet.undo and _again(tweet, now)


def _again(tweet: Tweet, now: datetime) -> bool:
    shows = bool(media.count_of(tweet.id))
    asked = tweet.started_at is not None
    unasked = TweetStatus.WAITING if shows or tweet.thread_id is not None else TweetStatus.QUEUED
    status = TweetStatus.UNKNOWN if asked else unasked
    again: dict[str, Any] = {
        "attempts": 0,
        "due_at": now,
        "fresh_until": now + GONE_ON,
        "reason": "",
        "detail": "",
        "planned_at": None,
    }
    won = (
        Tweet.update(status=status, claimed_until=now if asked else None, unknown_since=now, **again)
        .where((Tweet.id == tweet.id) & Tweet.status.in_(ENDED) & (Tweet.undo == UndoState.NONE))
        .execute()
    )
    if won != 1:
        return False
    ids = [tweet.id]
    if tweet.thread_id is not None:
        rest = (Tweet.thread_id == tweet.thread_id) & (Tweet.id > tweet.id) & (Tweet.status == TweetStatus.CANCELLED)
        ids += [
            t.id for t in Tweet.update(status=TweetStatus.WAITING, **again).where(rest).returning(Tweet.id).execute()
        ]
    media.want_again(ids if status is TweetStatus.WAITING else ids[1:], now)
    tweets.note(tweet.channel_id, tweet.id, now, "goes_on", "")
    notices.tweet_changed_in_chat(tweet.thread_id or tweet.id, now)
    return True


# --- reading -------------------------------------------------------------------------------------------------


def of(tweet: Tweet) -> list[Tweet]:
    """The tweets of its thread, in their order; itself where it has none."""
    if tweet.thread_id is None:
        return [tweet]
    return list(Tweet.select().where(Tweet.thread_id == tweet.thread_id).order_by(Tweet.id))


def progress(tweet: Tweet) -> Progress:
    """How much of its thread is on X, and whether that is being taken back."""
    rows = of(tweet)
    sent = [t for t in rows if t.status == TweetStatus.SENT]
    all_gone = UndoState.DONE if sent else UndoState.NONE
    order = (UndoState.FAILED, UndoState.WANTED, UndoState.NONE)
    undo = next((u for u in order if any(t.undo == u for t in sent)), all_gone)
    undo_at = max((t.undo_due_at for t in sent if t.undo == UndoState.WANTED and t.undo_due_at), default=None)
    return Progress(sum(t.undo != UndoState.DONE for t in sent), len(rows), undo, undo_at)


def next_up(tweet: Tweet) -> list[int]:
    """Ids of what may be said of its thread now."""
    if tweet.thread_id is None:
        return []
    free = (Tweet.thread_id == tweet.thread_id) & (Tweet.status == TweetStatus.QUEUED)
    return [t.id for t in Tweet.select(Tweet.id).where(free)]


def answered_by(tweet: Tweet) -> int | None:
    """The X id of the post that this one answers."""
    if tweet.after_id is None:
        return tweet.answers_x_id
    found = Tweet.select(Tweet.x_id).where(Tweet.id == tweet.after_id).scalar()
    return int(found) if found is not None else None


def _text(text: str) -> str:
    return composing.shorten(composing.clean(text)) if text else ""
