"""The table of tweets, and the one arrow that all its changes use.

    waiting → queued (what it waits for is there)        queued → sending → sent
    sending → queued (retry later) | waiting | failed | unknown        unknown → sent | queued | failed
    queued | waiting → expired | cancelled        failed | expired | cancelled → queued | waiting | unknown (go on)

A tweet waits for its attachments to be at X, or for the post of its thread that it answers (`after_id`); `thread_id` is
the first of the thread, in all of its posts.
"""

from datetime import datetime
from typing import Any

import peewee as pw

from models.database import InstantField, Table
from models.notifications import journal


class Tweet(Table):
    id: Any = pw.BigAutoField()
    channel_id: Any = pw.IntegerField(index=True)
    message_id: Any = pw.BigIntegerField(null=True, unique=True)
    form: Any = pw.TextField()
    text: Any = pw.TextField(default="")
    target_x_id: Any = pw.BigIntegerField(null=True)
    status: Any = pw.TextField(default="queued")
    reason: Any = pw.TextField(default="")
    detail: Any = pw.TextField(default="")
    due_at: Any = InstantField()
    fresh_until: Any = InstantField()
    attempts: Any = pw.IntegerField(default=0)
    claim: Any = pw.TextField(default="")
    claimed_until: Any = InstantField(null=True)
    started_at: Any = InstantField(null=True)
    x_id: Any = pw.BigIntegerField(null=True)
    sent_at: Any = InstantField(null=True)
    cost: Any = pw.IntegerField(default=0)
    undo: Any = pw.TextField(default="")
    undo_due_at: Any = InstantField(null=True)
    undo_attempts: Any = pw.IntegerField(default=0)
    fell_back: Any = pw.TextField(default="")
    any_hour: Any = pw.BooleanField(default=False)
    schedule_id: Any = pw.IntegerField(null=True)
    planned_at: Any = InstantField(null=True)
    person_id: Any = pw.BigIntegerField(null=True)
    thread_id: Any = pw.BigIntegerField(null=True)
    after_id: Any = pw.BigIntegerField(null=True)


def leave(tweet: Tweet, status: str, reason: str, detail: str, *, from_status: str = "sending", **changes: Any) -> bool:
    """One arrow, for who has the claim; False where the tweet is somebody else's by now."""
    changes.setdefault("claimed_until", None)
    won = (
        Tweet.update(status=status, reason=reason, detail=detail[:300], **changes)
        .where((Tweet.id == tweet.id) & (Tweet.status == from_status) & (Tweet.claim == tweet.claim))
        .execute()
    )
    return bool(won == 1)


def note(channel_id: int, tweet_id: int, now: datetime, event: str, reason: str, **more: str) -> None:
    """A line of the journal about a tweet; call it inside the transaction of what it tells."""
    data = {"tweet": tweet_id, "reason": reason, **{k: v for k, v in more.items() if v}}
    journal.note([journal.Entry(channel_id, now, event, data)])
