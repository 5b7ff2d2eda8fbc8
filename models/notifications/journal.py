"""The channel's log: every message heard and what became of it, kept here until written to the channel's file.

A row is written out once, by whoever has the lane of its channel. A lane is held by a folder of files, and lapses by
itself; on one machine the locks of the files decide who writes. A direct message's text is never in it.
"""

import json
import os
import secrets
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import peewee as pw

from models import doorbells
from models.bites import NOTHING, Bite, in_order, taken
from models.bulk import among, execute_many
from models.database import EPOCH, InstantField, Table, as_tuples, to_stored, transaction
from models.doorbells import Doorbell
from models.settings import settings
from models.statements import as_rows, statement

KEPT = timedelta(days=30)
HELD = timedelta(seconds=20)
AT_ONCE, A_LOOK = 200, 1000
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


class JournalLane(Table):
    """Who writes a channel's lines into files: a folder (`folder`), until an instant."""

    channel_id = pw.IntegerField(primary_key=True)
    holder = pw.TextField(default="")
    held_until = InstantField(default=EPOCH)


_UNWRITTEN = pw.SQL("written = 0")  # as the index has it


@statement
def _unwritten(limit: int, but_of: Collection[int]) -> pw.Query:
    waits = _UNWRITTEN & ~among(JournalEntry.channel_id, but_of)
    return JournalEntry.select().where(waits).order_by(JournalEntry.id).limit(limit)


@statement
def _written(ids: list[int]) -> pw.Query:
    unwritten = JournalEntry.written == UNWRITTEN
    return JournalEntry.update(written=WRITTEN).where(among(JournalEntry.id, ids) & unwritten)


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


def take_lanes(channel_ids: Collection[int], holder: str, now: datetime) -> set[int]:
    """Take the lanes of these channels that are free, or one's own, for `HELD`; which were had.

    What a lane held before was written by somebody else: who takes one reads the rows after that.
    """
    until = now + HELD
    free = (JournalLane.held_until <= now) | (JournalLane.holder == holder)
    ids = sorted(channel_ids)
    taken: set[int] = set()
    with transaction():
        for at in range(0, len(ids), AT_ONCE):
            rows = [{"channel_id": i, "holder": holder, "held_until": until} for i in ids[at : at + AT_ONCE]]
            have = JournalLane.insert_many(rows).on_conflict(
                conflict_target=[JournalLane.channel_id],
                update={JournalLane.holder: holder, JournalLane.held_until: until},
                where=free,
            )
            taken |= {lane.channel_id for lane in have.returning(JournalLane.channel_id).execute()}
    return taken


def folder() -> str:
    """The name of this machine's folder of journals, made once: whoever writes there has the same lanes."""
    path = settings().journal_dir / ".name"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".name-{secrets.token_hex(8)}")
        made.write_text(secrets.token_hex(16))
        with suppress(FileExistsError):  # somebody else made it this moment
            os.link(made, path)
        made.unlink()
    return path.read_text()


def mark_written(ids: list[int]) -> None:
    """These are in their files."""
    _written.changed(ids)


def set_aside(entry_id: int) -> bool:
    """Neither written nor waiting: it can't be written (models/aside.py)."""
    return _now(entry_id, UNWRITTEN, ASIDE)


def leave_out(entry_id: int) -> bool:
    """It will stand in no file."""
    return _now(entry_id, ASIDE, WRITTEN)


def write_again(entry_id: int) -> bool:
    """It waits to be written once more."""
    return _now(entry_id, ASIDE, UNWRITTEN)


def _now(entry_id: int, before: int, after: int) -> bool:
    mine = (JournalEntry.id == entry_id) & (JournalEntry.written == before)
    return bool(JournalEntry.update(written=after).where(mine).execute() == 1)


def forget_text(channel_id: int, message_id: int, since: datetime) -> None:
    """The rows about a message say what became of it, and no longer what it said. `since`: none of them is older."""
    before = 0
    about = f'"message": {message_id},'
    while True:
        rows = JournalEntry.select(JournalEntry.id, JournalEntry.at, JournalEntry.data)
        here = JournalEntry.channel_id == channel_id
        here &= (JournalEntry.id < before) if before else (JournalEntry.id > 0)
        some = as_tuples(rows.where(here).order_by(JournalEntry.id.desc()).limit(A_LOOK))
        for entry_id, _, data in some:
            if about in data and "text" in (details := json.loads(data)):
                shorter = _encoded({k: v for k, v in details.items() if k != "text"})
                as_read = (JournalEntry.id == entry_id) & (JournalEntry.data == data)
                JournalEntry.update(data=shorter).where(as_read).execute()
        if len(some) < A_LOOK or some[-1][1] < since:
            return
        before = some[-1][0]


def last_lines(channel_id: int, limit: int) -> list[JournalEntry]:
    """The newest rows of a channel, oldest of them first."""
    rows = JournalEntry.select().where(JournalEntry.channel_id == channel_id)
    return list(reversed(list(rows.order_by(JournalEntry.id.desc()).limit(limit))))


def lines_after(channel_id: int, entry_id: int, limit: int) -> list[JournalEntry]:
    """The rows of a channel behind one, the oldest first."""
    rows = JournalEntry.select().where((JournalEntry.channel_id == channel_id) & (JournalEntry.id > entry_id))
    return list(rows.order_by(JournalEntry.id).limit(limit))


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


def forget_lanes(now: datetime, _after: int, _most: int) -> Bite:
    """Delete the lanes that nobody has had for a day; there are no more of them than channels."""
    return Bite(taken(JournalLane.delete().where(JournalLane.held_until < now - timedelta(days=1))), None)


def _channel_of(file: Path) -> int:
    number = file.name.removeprefix("channel-").partition(".")[0]
    return int(number) if number.isdecimal() else 0


def forget_some(now: datetime, after: int, most: int) -> Bite:
    """Delete written rows past their time; the files have their own rotation."""
    old, upto = in_order(JournalEntry, JournalEntry.at, now - KEPT, after, most)
    over = JournalEntry.id.in_(old) & (JournalEntry.written != UNWRITTEN)
    return Bite(taken(JournalEntry.delete().where(over)), upto) if old else NOTHING
