"""What there is: how much waits, how many channels there are and how they stand, and how large the database is."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import peewee as pw

from models.accounts.channels import Channel, OffReason
from models.control.waiting import Work
from models.database import as_tuples, db, is_sqlite
from models.notifications.journal import JournalEntry
from models.notifications.notices import Notice
from models.publishing.tweets import Tweet
from models.streaming.messages import Message

MOST = 100_000  # nobody waits for more to be counted


@dataclass(frozen=True, slots=True)
class Database:
    """Which it is, how large in bytes, and up to which migration it was brought."""

    name: str
    size: int
    tables: str


def waiting() -> Mapping[Work, int]:
    """How much of each kind of work waits, due or not; MOST where it is that much or more."""
    return {work: _counted(query) for work, query in _asked().items()}


def channels() -> Counter[str]:
    """How many are on, off (by a person, or by X), paused, and disconnected."""
    rows = Channel.select(Channel.connected, Channel.is_on, Channel.off_reason, pw.fn.COUNT(Channel.id))
    found: Counter[str] = Counter({"on": 0, "off": 0, "paused": 0, "stopped": 0})
    for connected, is_on, reason, count in as_tuples(
        rows.group_by(Channel.connected, Channel.is_on, Channel.off_reason)
    ):
        if not connected:
            continue
        by = {
            OffReason.PAUSED: "paused",
            OffReason.ALL_PAUSED: "paused",
            OffReason.TOKEN: "stopped",
            OffReason.LOCKED: "stopped",
        }
        found["on" if is_on else by.get(reason, "off")] += count
    return found


def database() -> Database:
    """Raises TROUBLE."""
    if is_sqlite():
        pages, size = (int(db.execute_sql(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
        return Database("SQLite", pages * size, _tables())
    size = int(db.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
    return Database("PostgreSQL", size, _tables())


def _tables() -> str:
    newest = db.execute_sql("SELECT MAX(name) FROM schema_migration").fetchone()
    return str(newest[0] or "")


def _asked() -> Mapping[Work, Any]:
    """Each by the index by which its oldest is found."""
    received, queued, unwritten = (pw.SQL(c) for c in ("status = 'received'", "status = 'queued'", "written = 0"))
    return {
        Work.JUDGE: Message.select(pw.SQL("1")).where(received),
        Work.SAY: Tweet.select(pw.SQL("1")).where(queued),
        Work.TELL: Notice.select(pw.SQL("1")).where(pw.SQL("status IN ('pending', 'sending')")),
        Work.WRITE: JournalEntry.select(pw.SQL("1")).where(unwritten),
    }


def _counted(query: Any) -> int:
    return int(query.limit(MOST).count())
