"""The table of tweets, and the one arrow that all its changes use.

    waiting → queued (what it waits for is there)        queued → sending → sent
    sending → queued (retry later) | waiting | failed | unknown
    unknown → sent | queued | waiting | expired | failed
    queued | waiting | sending → expired | cancelled
    failed | expired | cancelled → queued | waiting | unknown (go on)

A tweet waits for its attachments to be at X, or for the post of its thread that it answers (`after_id`); `thread_id` is
the first of the thread, in all of its posts. `counted_at`: it has a place in the posts of the app's day, since then.
`unknown_since`: nobody knows since then whether X has it; after a day nobody asks any more. `uploaded_again`: what it
shows was brought to X once more, as X no longer knew it.

A tweet for which X was asked leaves `sending` for nothing but `sent` or `unknown`, whatever X says: so of one that
waits, failed or expired it is known that X does not have it.

Where its taking back is wanted before it is said (models/publishing/copies/withdrawn.py), it leaves for nothing that is
said later: `sent` has it asked for, and what would wait or is over is cancelled.

`answers_x_id`: it is the channel's own answer to that post of the message's writer, `answers_sender`: a direct message
to them. Nobody is told of an answer: it is said, or it is not. `reservation`: so much is reserved of its budgets.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.moderation import Form
from models.costs import budgets
from models.database import EnumField, InstantField, Table, transaction
from models.notifications import journal
from models.publishing import allowance
from models.statements import statement


class TweetStatus(StrEnum):
    """Where a tweet stands. The values are stored, so they never change."""

    WAITING = "waiting"  # for its attachments to be at X, or for the post that it answers
    QUEUED = "queued"  # it goes out at `due_at`
    SENDING = "sending"  # a worker has the claim, and may have asked X
    SENT = "sent"  # X has it
    UNKNOWN = "unknown"  # X may have it: that is settled by reading back
    FAILED = "failed"  # X won't have it
    EXPIRED = "expired"  # it was too late for it
    CANCELLED = "cancelled"  # it was no longer wanted


TAKEN_BACK = "taken_back"  # the reason of what is not said as who wrote it has deleted it
HAS_PLACE = (TweetStatus.SENDING, TweetStatus.UNKNOWN, TweetStatus.SENT)


class UndoState(StrEnum):
    """Whether a sent tweet is taken back. The values are stored, so they never change."""

    NONE = ""  # nobody asked for it
    WANTED = "wanted"  # X is asked until it is gone
    DONE = "done"  # it is gone from X
    FAILED = "failed"  # X won't take it back


class Tweet(Table):
    id = pw.BigAutoField()
    channel_id = pw.IntegerField(index=True)
    message_id = pw.BigIntegerField(null=True, unique=True)
    form = EnumField(Form)
    text = pw.TextField(default="")
    target_x_id = pw.BigIntegerField(null=True)
    status = EnumField(TweetStatus, default=TweetStatus.QUEUED)
    reason = pw.TextField(default="")
    detail = pw.TextField(default="")
    due_at = InstantField()
    fresh_until = InstantField()
    attempts = pw.IntegerField(default=0)
    claim = pw.TextField(default="")
    claimed_until = InstantField(null=True)
    started_at = InstantField(null=True)
    x_id = pw.BigIntegerField(null=True)
    sent_at = InstantField(null=True)
    cost = pw.IntegerField(default=0)
    undo = EnumField(UndoState, default=UndoState.NONE)
    undo_due_at = InstantField(null=True)
    undo_attempts = pw.IntegerField(default=0)
    fell_back = pw.TextField(default="")
    any_hour = pw.BooleanField(default=False)
    schedule_id = pw.IntegerField(null=True)
    planned_at = InstantField(null=True)
    person_id = pw.BigIntegerField(null=True)
    thread_id = pw.BigIntegerField(null=True)
    after_id = pw.BigIntegerField(null=True)
    counted_at = InstantField(null=True)
    unknown_since = InstantField(null=True)
    uploaded_again = pw.BooleanField(default=False)
    looked_at = InstantField(null=True)  # whether what it is a copy of still stands
    answers_x_id = pw.BigIntegerField(null=True)
    answers_sender = pw.BigIntegerField(null=True)
    unsaid_at = InstantField(null=True)  # X was read then, and did not have it
    reservation = pw.BigIntegerField(null=True)

    @property
    def edited(self) -> bool:
        """Whether a person made it of a held message: it is said to the letter as they saw it, or not at all."""
        return self.message_id is not None and self.person_id is not None

    @property
    def is_answer(self) -> bool:
        """Whether the channel answers somebody by it, and reposts nothing."""
        return self.answers_x_id is not None or self.answers_sender is not None


@statement
def _channel_of(tweet_id: int) -> pw.Query:
    return Tweet.select(Tweet.channel_id).where(Tweet.id == tweet_id)


def channel_of(tweet_id: int) -> int | None:
    """The channel of a tweet; None where there is none any more."""
    row = _channel_of.first(tweet_id)
    return row[0] if row is not None else None


def leave(
    tweet: Tweet,
    status: TweetStatus,
    reason: str,
    detail: str,
    *,
    from_status: TweetStatus = TweetStatus.SENDING,
    **changes: Any,
) -> bool:
    """One arrow, for who has the claim; False where the tweet is somebody else's by now, or not to be said any more.

    What is not said gives its place in the day back, and its money; what X may have keeps them.
    """
    changes.setdefault("claimed_until", None)
    counted_at, reservation = tweet.counted_at, tweet.reservation
    if (counted_at is None and reservation is None) or status in HAS_PLACE:
        became = _left(tweet, from_status, status=status, reason=reason, detail=detail[:300], **changes)
        return became is not None and became != TAKEN_BACK
    if counted_at is not None:
        changes["counted_at"] = None
    with transaction():
        became = _left(
            tweet, from_status, status=status, reason=reason, detail=detail[:300], reservation=None, **changes
        )
        if became is not None:
            if counted_at is not None:
                allowance.give_back(tweet.channel_id, counted_at)
            budgets.release(reservation)
    return became is not None and became != TAKEN_BACK


def let_go(tweet: Tweet) -> bool:
    """sending → cancelled, where who wrote what it is made of has taken that back before X was asked for it."""
    mine = (Tweet.id == tweet.id) & (Tweet.claim == tweet.claim) & (Tweet.undo == UndoState.WANTED)
    is_taken_back = Tweet.select().where(mine & (Tweet.status == TweetStatus.SENDING)).exists()
    return is_taken_back and not leave(tweet, TweetStatus.CANCELLED, TAKEN_BACK, "")


def _left(tweet: Tweet, from_status: TweetStatus, **changes: Any) -> str | None:
    """The reason with which it left; None where it was somebody else's."""
    mine = (Tweet.id == tweet.id) & (Tweet.status == from_status) & (Tweet.claim == tweet.claim)
    if changes["status"] not in HAS_PLACE:
        changes |= _unless_taken_back(changes)
    won = list(Tweet.update(**changes).where(mine).returning(Tweet.reason).execute())
    return str(won[0].reason) if won else None


def _unless_taken_back(changes: dict[str, Any]) -> dict[str, Any]:
    """What does not go to X is cancelled where it was taken back, and nothing of it kept.

    What has failed says so all the same: X may have it, and then its owner is to know.
    """
    gone = Tweet.undo == UndoState.WANTED
    ends = {"status": TweetStatus.CANCELLED.value, "reason": TAKEN_BACK, "detail": "", "text": ""}
    if changes["status"] is TweetStatus.FAILED:
        ends = {"text": ""}
    else_: dict[str, Any] = {"text": Tweet.text, **changes}
    kept = {n: v.value if isinstance(v, TweetStatus) else v for n, v in else_.items()}
    return {n: pw.Case(None, [(gone, v)], kept[n]) for n, v in ends.items()} | {
        "undo": pw.Case(None, [(gone, UndoState.NONE.value)], Tweet.undo)
    }


def note(channel_id: int, tweet_id: int, now: datetime, event: str, reason: str, **more: str) -> None:
    """A line of the journal about a tweet; call it inside the transaction of what it tells."""
    data = {"tweet": tweet_id, "reason": reason, **{k: v for k, v in more.items() if v}}
    journal.note([journal.Entry(channel_id, now, event, data)])
