"""What waits: since when the oldest of each kind of work has been due and is not done."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import peewee as pw

from models.database import from_stored
from models.notifications.journal import JournalEntry
from models.notifications.lanes import NoticeLane
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet
from models.streaming.messages import Message


class Work(StrEnum):
    """What the service does one piece of after the other."""

    JUDGE = "message"  # a message waits for its verdict
    SAY = "tweet"  # a tweet is due
    TELL = "notice"  # somebody is to be told something, and Telegram asks for no pause
    WRITE = "journal"  # a line is in no file


def oldest(now: datetime) -> Mapping[Work, datetime]:
    """Since when the oldest waits, of each kind of which anything does."""
    since = {work: _instant(query.scalar()) for work, query in _asked(now).items()}
    return {work: at for work, at in since.items() if at is not None and at <= now}


def _asked(now: datetime) -> Mapping[Work, Any]:
    """Each by an index, to the letter of its condition: SQLite knows a partial one by nothing else."""
    received, queued, unwritten = (pw.SQL(c) for c in ("status = 'received'", "status = 'queued'", "written = 0"))
    lane = NoticeLane.select(NoticeLane.person_id).where(
        (NoticeLane.person_id == Notice.person_id) & (NoticeLane.due_at > now)
    )
    told = pw.SQL("status IN ('pending', 'sending')") & ~pw.fn.EXISTS(lane)
    return {
        Work.JUDGE: Message.select(Message.heard_at).where(received).order_by(Message.id).limit(1),
        Work.SAY: Tweet.select(Tweet.due_at).where(queued).order_by(Tweet.due_at).limit(1),
        Work.TELL: Notice.select(pw.fn.MIN(Notice.due_at)).where(told),
        Work.WRITE: JournalEntry.select(JournalEntry.at).where(unwritten).order_by(JournalEntry.id).limit(1),
    }


def _instant(value: datetime | int | None) -> datetime | None:
    return from_stored(value) if isinstance(value, int) else value
