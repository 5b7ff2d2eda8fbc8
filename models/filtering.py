"""Keywords, the messages heard, and the verdicts on them.

received → approved | ignored | blocked
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine import filtering as rules
from engine.filtering import Decision, KeywordRole, MessageKind, Ruleset, Verdict
from engine.text import pattern_of
from engine.x.events import Heard
from models import journal
from models.accounts import Channel
from models.database import (
    InstantField,
    Table,
    as_tuples,
    db,
    execute_many,
    from_stored,
    to_stored,
    transaction,
)
from models.publishing import Judged, Queued, queue_reposts

FORGET_AFTER = timedelta(days=30)
JUDGED = (
    "UPDATE message SET status = ?, rule = ?, evidence = ?, judged_at = ?"
    " WHERE status = 'received' AND id IN (…) RETURNING id"
)
WAITING = (
    "SELECT id, channel_id, kind, x_id, sender_handle, sender_name, text, at FROM message"
    " WHERE status = 'received' ORDER BY id LIMIT ?"
)


class Keyword(Table):
    id: Any = pw.AutoField()
    channel_id: Any = pw.IntegerField()
    role: Any = pw.TextField()
    text: Any = pw.TextField()
    pattern: Any = pw.TextField()


class Message(Table):
    id: Any = pw.BigAutoField()
    channel_id: Any = pw.IntegerField()
    kind: Any = pw.TextField()
    x_id: Any = pw.BigIntegerField()
    sender_id: Any = pw.BigIntegerField()
    sender_handle: Any = pw.TextField(default="")
    sender_name: Any = pw.TextField(default="")
    text: Any = pw.TextField()
    at: Any = InstantField()
    heard_at: Any = InstantField()
    status: Any = pw.TextField(default="received")
    rule: Any = pw.TextField(default="")
    evidence: Any = pw.TextField(default="")
    judged_at: Any = InstantField(null=True)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that no rule has seen."""

    id: int
    channel_id: int
    kind: MessageKind
    x_id: int
    sender_handle: str
    sender_name: str
    text: str
    at: datetime


# --- keywords --------------------------------------------------------------------------------------------


def keywords(channel_id: int, role: KeywordRole) -> list[str]:
    """The channel's triggers or filters, in the order of the alphabet."""
    rows = Keyword.select(Keyword.text).where((Keyword.channel_id == channel_id) & (Keyword.role == role.value))
    return sorted((r.text for r in rows), key=str.casefold)


def keyword_ids(channel_id: int, role: KeywordRole) -> dict[str, int]:
    """The same by their ids, for buttons."""
    rows = Keyword.select(Keyword.text, Keyword.id).where(
        (Keyword.channel_id == channel_id) & (Keyword.role == role.value)
    )
    return {r.text: r.id for r in rows}


def add_keywords(channel_id: int, role: KeywordRole, texts: Iterable[str]) -> list[str]:
    """Add keywords; those that were new. All or nothing: raises BadKeyword before anything is stored."""
    checked = [rules.check_keyword(t) for t in texts]
    with transaction():
        added = []
        for text in checked:
            new = (
                Keyword.insert(channel_id=channel_id, role=role.value, text=text, pattern=pattern_of(text))
                .on_conflict_ignore()
                .returning(Keyword.id)
                .execute()
            )
            if list(new):
                added.append(text)
        if added:
            _new_version(channel_id)
    return added


def remove_keywords(channel_id: int, role: KeywordRole, texts: Iterable[str]) -> list[str]:
    """Remove keywords, whatever their case and accents; those that were there, as they were written."""
    patterns = [p for t in texts if (p := pattern_of(t)) is not None]
    with transaction():
        gone = list(
            Keyword.delete()
            .where((Keyword.channel_id == channel_id) & (Keyword.role == role.value) & Keyword.pattern.in_(patterns))
            .returning(Keyword.text)
            .execute()
        )
        if gone:
            _new_version(channel_id)
    return [row.text for row in gone]


def ruleset_versions(channel_ids: set[int]) -> dict[int, int]:
    """The version of each channel's rules, as it is now."""
    rows = Channel.select(Channel.id, Channel.ruleset_version).where(Channel.id.in_(channel_ids))
    return dict(as_tuples(rows))


def load_ruleset(channel: Channel) -> Ruleset:
    """Compile the channel's rules as they are now. Cache it by (channel, version)."""
    rows = Keyword.select(Keyword.role, Keyword.text).where(Keyword.channel_id == channel.id)
    return rules.compile_ruleset(
        channel.ruleset_version,
        [rules.Keyword(KeywordRole(r), t) for r, t in as_tuples(rows)],
        mentions_on=channel.mentions_on,
        dms_on=channel.dms_on,
    )


# --- hearing ---------------------------------------------------------------------------------------------


def hear(channel_ids: Mapping[int, int], heard: Iterable[Heard], now: datetime) -> None:
    """Store messages as received, each once however often it comes. `channel_ids` maps X ids to ours."""
    stored_now = to_stored(now)
    rows = [
        (
            channel_ids[h.channel_x_id],
            h.kind.value,
            h.x_id,
            h.sender_id,
            h.sender_handle,
            h.sender_name,
            h.text,
            to_stored(h.at),
            stored_now,
        )
        for h in heard
    ]
    with transaction():
        execute_many(
            "INSERT INTO message (channel_id, kind, x_id, sender_id, sender_handle, sender_name, text, at,"
            " heard_at, status, rule, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', '')"
            " ON CONFLICT (channel_id, x_id) DO NOTHING",
            rows,
        )


def waiting(limit: int) -> list[Waiting]:
    """The oldest messages that wait for a verdict."""
    rows = db.execute_sql(WAITING.replace("?", db.param), (limit,)).fetchall()
    return [Waiting(r[0], r[1], MessageKind(r[2]), r[3], r[4], r[5], r[6], from_stored(r[7])) for r in rows]


def record(verdicts: list[tuple[Waiting, Verdict]], now: datetime) -> list[Queued]:
    """Write down verdicts, the tweets that they lead to, and the journal, in one transaction.

    1. Each message leaves `received` by a conditional update; who was judged by another worker is left alone.
    2. The approved get their slot, channel by channel, and are queued or expire at once.
    3. The journal gets a line each. Returns what was queued.
    """
    groups: dict[Verdict, list[int]] = defaultdict(list)
    for message, verdict in verdicts:
        groups[verdict].append(message.id)
    with transaction():
        ours: set[int] = set()
        for verdict, ids in groups.items():
            evidence = json.dumps(verdict.evidence, ensure_ascii=False)
            values = (verdict.decision.value, verdict.rule.value, evidence, to_stored(now), *ids)
            ours.update(row[0] for row in db.execute_sql(_judged(len(ids)), values).fetchall())
        mine = [(m, v) for m, v in verdicts if m.id in ours]
        approved = [
            Judged(m.id, m.channel_id, m.kind, m.x_id, m.sender_name or m.sender_handle, m.text, m.at)
            for m, v in mine
            if v.decision is Decision.APPROVED
        ]
        journal.note(_line(m, v, now) for m, v in mine)
        return queue_reposts(approved, now) if approved else []


def message(message_id: int) -> Message | None:
    found: Message | None = Message.get_or_none(Message.id == message_id)
    return found


def forget_old(now: datetime) -> int:
    """Delete messages past their time; the tweets made of them keep their own record."""
    done = (Message.status != "received") & (Message.heard_at < now - FORGET_AFTER)
    return int(Message.delete().where(done).execute())


def _judged(count: int) -> str:
    """The conditional update of so many messages; the ids of those it changed come back."""
    sql = JUDGED.replace("…", ", ".join("?" * count))
    return sql.replace("?", db.param)


def _line(message: Waiting, verdict: Verdict, now: datetime) -> journal.Entry:
    data = {
        "message": message.id,
        "kind": message.kind.value,
        "x_id": str(message.x_id),
        "from": message.sender_handle,
        "rule": verdict.rule.value,
        "words": list(verdict.evidence),
    }
    if message.kind is MessageKind.MENTION:
        data["text"] = message.text
    return journal.Entry(message.channel_id, now, verdict.decision.value, data)


def _new_version(channel_id: int) -> None:
    Channel.update(ruleset_version=Channel.ruleset_version + 1).where(Channel.id == channel_id).execute()
