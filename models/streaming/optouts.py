"""Who asked not to be reposted by a channel, and who allowed it again: their last word holds, whenever it comes.

    nothing → out (asked) → in (allowed again) → out …     each by one conditional update, and only by a later word

A row stands apart from what is blocked and trusted: no undo, no list and no file takes one back. Somebody who was never
heard can stand here by handle, out of a file or by a person's word: that row has no X id, and counts for whoever
writes under the handle.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.moderation.standing import LeftOut
from engine.text import fold
from models.bites import Bite, taken
from models.bulk import among, rows_for_pairs
from models.database import EPOCH, EnumField, InstantField, Table, as_tuples, from_stored
from models.statements import statement
from models.streaming.messages import Message

FORGET_AFTER = timedelta(days=180)  # who may be reposted again
BY_ID = (
    "WITH asked(channel, x_id) AS (VALUES …)"
    " SELECT channel_id, sender_id, is_out, asked_at FROM asked CROSS JOIN opt_out"
    " WHERE channel_id = asked.channel AND sender_id = asked.x_id"
)
UNHEARD_BY_HANDLE = (
    "WITH asked(channel, handle) AS (VALUES …)"
    " SELECT id, channel_id, handle_key FROM asked CROSS JOIN opt_out"
    " WHERE channel_id = asked.channel AND handle_key = asked.handle AND sender_id IS NULL"
)
Key = tuple[int, int]


class AskedBy(StrEnum):
    """Whose word it is. The values are stored, so they never change."""

    SELF = "self"  # their own
    TEAM = "team"  # somebody of the channel says that they asked
    FILE = "file"  # a list that was brought in


class OptOut(Table):
    """`asked_at` is when the last word was said, `message_id` the message that said it, `answered_at` when the channel
    answered: once, whatever is asked afterwards.
    """

    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    sender_id = pw.BigIntegerField(null=True)
    handle = pw.TextField(default="")
    handle_key = pw.TextField(default="")
    name = pw.TextField(default="")
    is_out = pw.BooleanField()
    asked_by = EnumField(AskedBy)
    asked_at = InstantField()
    message_id = pw.BigIntegerField(null=True)
    answered_at = InstantField(null=True)

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else f"#{self.sender_id}"


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody (by X id, or by handle alone) wants from an aware instant on, and who says so."""

    is_out: bool
    at: datetime
    by: AskedBy
    sender_id: int | None = None
    handle: str = ""
    name: str = ""
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Stands:
    """How somebody stands: out or not, since their word of this instant."""

    is_out: bool
    since: datetime


@statement
def _channels_with_any(channel_ids: set[int]) -> pw.Query:
    return OptOut.select(OptOut.channel_id).distinct().where(among(OptOut.channel_id, channel_ids))


@statement
def _out_of_message(message_id: int) -> pw.Query:
    theirs = (OptOut.channel_id == Message.channel_id) & (OptOut.sender_id == Message.sender_id) & OptOut.is_out
    return OptOut.select(OptOut.id).join(Message, on=theirs).where(Message.id == message_id)


# --- for the judge, and for who says -------------------------------------------------------------------------


def known(people: Mapping[Key, str]) -> dict[Key, Stands]:
    """How these stand, given as (channel, X id) with their handles; who never asked is not there.

    Call it inside the transaction of the verdicts: who stands here by handle alone gets their X id.
    """
    with_any = {c for (c,) in _channels_with_any.rows({c for c, _ in people})}
    asked = {key: handle.lower() for key, handle in people.items() if key[0] in with_any}
    by_handle = {(key[0], handle): key for key, handle in asked.items() if handle}
    for row_id, channel_id, handle_key in rows_for_pairs(UNHEARD_BY_HANDLE, list(by_handle)):
        _writes_now(row_id, by_handle[channel_id, handle_key][1])
    rows = rows_for_pairs(BY_ID, list(asked))
    return {(c, x_id): Stands(bool(out), from_stored(at)) for c, x_id, out, at in rows}


def _writes_now(row_id: int, sender_id: int) -> None:
    """Who stands here by handle alone writes for the first time: the row is theirs, or its word is told to theirs."""
    row = OptOut.get_by_id(row_id)
    if _of(row.channel_id, sender_id) is None:
        OptOut.update(sender_id=sender_id).where((OptOut.id == row_id) & OptOut.sender_id.is_null()).execute()
        return
    OptOut.delete().where((OptOut.id == row_id) & OptOut.sender_id.is_null()).execute()
    heed(row.channel_id, Word(row.is_out, row.asked_at, row.asked_by, sender_id, row.handle, row.name))


def wrote(message_id: int) -> bool:
    """Whether who wrote this message is left out by its channel."""
    return _out_of_message.first(message_id) is not None


def is_out(channel_id: int, sender_id: int) -> bool:
    """Whether somebody is left out."""
    row = _of(channel_id, sender_id)
    return row is not None and row.is_out


# --- their word -----------------------------------------------------------------------------------------------


def heed(channel_id: int, word: Word) -> bool:
    """Write somebody's word down, if it is their last; whether they stand otherwise than before.

    Call it with the channel's row taken. Of two who say it at once, or of what comes twice, one changes a row.
    """
    row = _row_of(channel_id, word)
    says: dict[str, Any] = {
        "is_out": word.is_out,
        "asked_by": word.by,
        "asked_at": word.at,
        "message_id": word.message_id,
    }
    if row is None:
        made = OptOut.insert(
            channel_id=channel_id, sender_id=word.sender_id, handle=word.handle, handle_key=word.handle.lower(),
            name=word.name, **says,
        ).on_conflict_ignore().returning(OptOut.id)  # fmt: skip
        return bool(list(made.execute())) and word.is_out
    if word.at <= row.asked_at or (word.by is not AskedBy.SELF and word.is_out is row.is_out):
        return False
    if word.handle:
        says |= {"handle": word.handle, "handle_key": word.handle.lower()}
    as_read = (OptOut.id == row.id) & (OptOut.asked_at == row.asked_at) & (OptOut.is_out == row.is_out)
    return bool(OptOut.update(**says).where(as_read).execute() == 1) and row.is_out is not word.is_out


@dataclass(frozen=True, slots=True)
class Was:
    """How somebody stood before a person's word of them; `is_out` is None where they were not known here."""

    sender_id: int | None
    handle: str
    is_out: bool | None = None
    asked_by: AskedBy = AskedBy.TEAM
    asked_at: datetime = EPOCH
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class OptOutsBefore:
    """How these stood before a person's word, or a file's, of an aware instant."""

    said_at: datetime
    rows: list[Was]


def before(channel_id: int, words: Iterable[Word], now: datetime) -> OptOutsBefore:
    """How those of these words, which are about to be heeded, stand now; for `models/undoing.py`."""
    rows = []
    for word in words:
        row = _row_of(channel_id, word)
        was = Was(word.sender_id, word.handle)
        if row is not None:
            was = Was(row.sender_id, row.handle, row.is_out, row.asked_by, row.asked_at, row.message_id)
        rows.append(was)
    return OptOutsBefore(now, rows)


def restore(channel_id: int, was: OptOutsBefore, now: datetime) -> None:
    """They stand as they stood, but for those who have said something themselves since."""
    for one in was.rows:
        same = (
            OptOut.sender_id == one.sender_id if one.sender_id is not None else OptOut.handle_key == one.handle.lower()
        )
        said = (OptOut.channel_id == channel_id) & same & (OptOut.asked_at == was.said_at)
        said &= OptOut.asked_by != AskedBy.SELF
        if one.is_out is None:
            OptOut.delete().where(said).execute()
        else:
            OptOut.update(
                is_out=one.is_out, asked_by=one.asked_by, asked_at=one.asked_at, message_id=one.message_id
            ).where(said).execute()


def may_answer(channel_id: int, sender_id: int, now: datetime) -> bool:
    """Take the right to answer somebody, which there is once."""
    unanswered = (OptOut.channel_id == channel_id) & (OptOut.sender_id == sender_id) & OptOut.answered_at.is_null()
    return bool(OptOut.update(answered_at=now).where(unanswered).execute() == 1)


# --- reading --------------------------------------------------------------------------------------------------


def rows_of(channel_id: int, search: str = "") -> list[OptOut]:
    """Who is left out, in the order of the alphabet."""
    wanted = fold(search).strip().lstrip("@#")
    rows = OptOut.select().where((OptOut.channel_id == channel_id) & OptOut.is_out)
    found = [r for r in rows if not wanted or wanted in fold(f"{r.handle} {r.name} {r.sender_id}")]
    return sorted(found, key=lambda r: (r.handle_key, r.id))


def lines_of(channel_id: int) -> list[LeftOut]:
    """The same for a file, each once."""
    lines = {r.handle_key or str(r.sender_id): r for r in rows_of(channel_id)}
    return [LeftOut(r.handle, None if r.handle else r.sender_id) for r in lines.values()]


def row(channel_id: int, row_id: int) -> OptOut | None:
    return OptOut.get_or_none((OptOut.channel_id == channel_id) & (OptOut.id == row_id))


def of_sender(channel_id: int, sender_id: int) -> OptOut | None:
    """Their row, where they are left out."""
    found = _of(channel_id, sender_id)
    return found if found is not None and found.is_out else None


def forget_some(now: datetime, after: int, most: int) -> Bite:
    """Forget who may be reposted again since half a year. Who is left out is kept for good."""
    rows = as_tuples(
        OptOut.select(OptOut.id, OptOut.is_out, OptOut.asked_at)
        .where(OptOut.id > after)
        .order_by(OptOut.id)
        .limit(most)
    )
    long_ago = now - FORGET_AFTER
    old = [i for i, out, asked_at in rows if not out and asked_at < long_ago]
    still = ~OptOut.is_out & (OptOut.asked_at < long_ago)
    gone = taken(OptOut.delete().where(OptOut.id.in_(old) & still)) if old else 0
    return Bite(gone, rows[-1][0] if len(rows) == most else None)


def _row_of(channel_id: int, word: Word) -> OptOut | None:
    return _of(channel_id, word.sender_id) if word.sender_id is not None else _unheard(channel_id, word.handle)


def _of(channel_id: int, sender_id: int) -> OptOut | None:
    return OptOut.get_or_none((OptOut.channel_id == channel_id) & (OptOut.sender_id == sender_id))


def _unheard(channel_id: int, handle: str) -> OptOut | None:
    theirs = (OptOut.channel_id == channel_id) & (OptOut.handle_key == handle.lower())
    rows = list(OptOut.select().where(theirs))
    return min(rows, key=lambda r: r.sender_id is None, default=None)
