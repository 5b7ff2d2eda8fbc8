"""The channel's log: every message heard and what became of it, kept here until written to the channel's file.

A row is written out once, by the one worker of the `logging` queue. A direct message's text is never in it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import peewee as pw

from models import doorbells
from models.bulk import among, execute_many
from models.database import InstantField, Table, to_stored
from models.doorbells import Doorbell
from models.settings import settings
from models.statements import as_rows, statement

KEPT = timedelta(days=30)
UNWRITTEN, WRITTEN, ASIDE = 0, 1, 2
_encoded = json.JSONEncoder(ensure_ascii=False).encode


class JournalEntry(Table):
    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    at = InstantField()
    event = pw.TextField()
    data = pw.TextField()
    written = pw.IntegerField(default=UNWRITTEN)

    @property
    def details(self) -> dict[str, Any]:
        details: dict[str, Any] = json.loads(self.data)
        return details


@statement
def _unwritten(limit: int, but_of: Collection[int]) -> pw.Query:
    waits = (JournalEntry.written == UNWRITTEN) & ~among(JournalEntry.channel_id, but_of)
    return JournalEntry.select().where(waits).order_by(JournalEntry.id).limit(limit)


@statement
def _written(ids: list[int]) -> pw.Query:
    return JournalEntry.update(written=WRITTEN).where(among(JournalEntry.id, ids))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to be: what happened (`event`) at an aware instant, with its particulars."""

    channel_id: int
    at: datetime
    event: str
    data: Mapping[str, Any]


def note(entries: Iterable[Entry]) -> None:
    """Put lines into the journal, and have them written out; call it inside the transaction of what they tell."""
    rows = [(e.channel_id, to_stored(e.at), e.event, _encoded(e.data)) for e in entries]
    execute_many("INSERT INTO journal_entry (channel_id, at, event, data, written) VALUES (?, ?, ?, ?, 0)", rows)
    if rows:
        doorbells.ring(Doorbell.JOURNAL)


def unwritten(limit: int, but_of: Collection[int] = ()) -> list[JournalEntry]:
    """The oldest rows that no file has yet, but those of some channels."""
    return as_rows(JournalEntry, _unwritten.rows(limit, set(but_of)))


def mark_written(ids: list[int]) -> None:
    """These are in their files."""
    _written.changed(ids)


def set_aside(entry_id: int) -> bool:
    """Neither written nor waiting: it can't be written (models/aside.py)."""
    return _now(entry_id, UNWRITTEN, ASIDE)


def write_again(entry_id: int) -> bool:
    """It waits to be written once more."""
    return _now(entry_id, ASIDE, UNWRITTEN)


def _now(entry_id: int, before: int, after: int) -> bool:
    mine = (JournalEntry.id == entry_id) & (JournalEntry.written == before)
    return bool(JournalEntry.update(written=after).where(mine).execute() == 1)


def last_lines(channel_id: int, limit: int) -> list[JournalEntry]:
    """The newest rows of a channel, oldest of them first."""
    rows = JournalEntry.select().where(JournalEntry.channel_id == channel_id)
    return list(reversed(list(rows.order_by(JournalEntry.id.desc()).limit(limit))))


def file_of(channel_id: int) -> Path:
    """The channel's file; the rotated ones stand beside it with a number."""
    return settings().journal_dir / f"channel-{channel_id}.log"


def forget_files(channel_id: int) -> None:
    """Delete the channel's file and the rotated ones, where they stand on this machine."""
    path = file_of(channel_id)
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink(missing_ok=True)


def forget_files_but(channel_ids: set[int]) -> int:
    """Delete the files of channels that are no more; how many. What was forgotten on another machine goes so."""
    gone = [f for f in settings().journal_dir.glob("channel-*.log*") if _channel_of(f) not in channel_ids]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)


def _channel_of(file: Path) -> int:
    number = file.name.removeprefix("channel-").partition(".")[0]
    return int(number) if number.isdecimal() else 0


def forget_old(now: datetime) -> int:
    """Delete written rows past their time; the files have their own rotation."""
    return int(
        JournalEntry.delete().where((JournalEntry.written != UNWRITTEN) & (JournalEntry.at < now - KEPT)).execute()
    )
