"""The channel's log: every message heard and what became of it, kept here until written to the channel's file.

A row is written out once, by the one worker of the `logging` queue. A direct message's text is never in it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from models import doorbells
from models.database import InstantField, Table, execute_many, to_stored
from models.doorbells import Doorbell

KEPT = timedelta(days=30)


class JournalEntry(Table):
    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    at = InstantField()
    event = pw.TextField()
    data = pw.TextField()
    written = pw.IntegerField(default=0)

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.data)
        return details


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to be: what happened (`event`) at an aware instant, with its particulars."""

    channel_id: int
    at: datetime
    event: str
    data: Mapping[str, Any]


def note(entries: Iterable[Entry]) -> None:
    """Put lines into the journal, and have them written out; call it inside the transaction of what they tell."""
    rows = [(e.channel_id, to_stored(e.at), e.event, json.dumps(e.data, ensure_ascii=False)) for e in entries]
    execute_many("INSERT INTO journal_entry (channel_id, at, event, data, written) VALUES (?, ?, ?, ?, 0)", rows)
    if rows:
        doorbells.ring(Doorbell.JOURNAL)


def unwritten(limit: int) -> list[JournalEntry]:
    """The oldest rows that no file has yet."""
    return list(JournalEntry.select().where(JournalEntry.written == 0).order_by(JournalEntry.id).limit(limit))


def mark_written(ids: list[int]) -> None:
    """These are in their files."""
    JournalEntry.update(written=1).where(JournalEntry.id.in_(ids)).execute()


def last_lines(channel_id: int, limit: int) -> list[JournalEntry]:
    """The newest rows of a channel, oldest of them first."""
    rows = JournalEntry.select().where(JournalEntry.channel_id == channel_id)
    return list(reversed(list(rows.order_by(JournalEntry.id.desc()).limit(limit))))


def forget_old(now: datetime) -> int:
    """Delete written rows past their time; the files have their own rotation."""
    return int(JournalEntry.delete().where((JournalEntry.written == 1) & (JournalEntry.at < now - KEPT)).execute())
