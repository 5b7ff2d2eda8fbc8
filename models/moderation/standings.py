"""What senders were to a channel before a change: blocked, trusted or neither; and how they are that again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from engine.files.lists import Entry
from engine.moderation.standing import Standed, Standing
from models.bulk import execute_many, rows_for_pairs
from models.database import InstantField, to_stored
from models.moderation import senders
from models.moderation.senders import Sender, Source

STOOD_BY = (
    "WITH asked(channel, value) AS (VALUES …)"
    " SELECT id, handle, sender_id, standing, blocked_until, reason, source FROM asked CROSS JOIN sender"
    " WHERE channel_id = asked.channel AND {column} = asked.value"
)


@dataclass(frozen=True, slots=True)
class Stood:
    """A sender's row as it stood. `sender_id` is None for somebody who was never heard."""

    row_id: int
    handle: str
    sender_id: int | None
    standing: Standing | None
    until: datetime | None
    reason: str
    source: Source


@dataclass(frozen=True, slots=True)
class StandingBefore:
    """What those of some handles (in small letters) and of some X ids were to the channel."""

    handles: list[str]
    sender_ids: list[int]
    rows: list[Stood]


def of_handle(channel_id: int, handle: str) -> StandingBefore:
    """What those of a handle are now, for `models/undoing.py`; nobody may be known under it yet."""
    return _before(channel_id, [handle.lower()], [])


def of_sender(channel_id: int, sender_id: int) -> StandingBefore:
    """What the one of an X id is now."""
    return _before(channel_id, [], [sender_id])


def of_row(channel_id: int, row_id: int) -> StandingBefore | None:
    """What the one of a row is now; None where it is gone."""
    found = senders.row(channel_id, row_id)
    if found is None:
        return None
    if found.sender_id is not None:
        return of_sender(channel_id, found.sender_id)
    return of_handle(channel_id, found.handle)


def of_lines(channel_id: int, wanted: Iterable[Entry], emptied: Iterable[str]) -> StandingBefore:
    """What all are now whom these lines of a file name, or who stand in a list that they take the place of."""
    handles = {e.handle.lower() for e in wanted if isinstance(e, Standed)}
    gone = [r for name in emptied if name in set(Standing) for r in senders.rows_of(channel_id, Standing(name))]
    ids = {r.sender_id for r in gone if r.sender_id is not None}
    return _before(channel_id, sorted(handles | {r.handle_key for r in gone if r.sender_id is None}), sorted(ids))


def restore(channel_id: int, was: StandingBefore, now: datetime) -> None:
    """They are again what they were; who is unblocked begins a new count of messages. Nobody else is touched.

    Who was never heard may have written meanwhile, and have another row now.
    """
    there = {r.row_id: r for r in _rows(channel_id, was.handles, was.sender_ids)}
    there |= {r.row_id: r for r in _by(channel_id, "id", [r.row_id for r in was.rows])}
    by_sender = {r.sender_id: i for i, r in there.items()}
    by_handle = {r.handle.lower(): i for i, r in there.items() if r.handle}
    changed: dict[int, Stood | None] = {i: None for i, r in there.items() if r.standing}
    missing = []
    for stood in was.rows:
        if stood.standing is None:
            continue
        same: int | None = stood.row_id if stood.row_id in there else None
        if same is None:
            heard = stood.sender_id is not None
            same = by_sender.get(stood.sender_id) if heard else by_handle.get(stood.handle.lower())
        if same is None:
            missing.append(stood)
        else:
            changed[same] = stood
    unheard = [i for i, stood in changed.items() if stood is None and there[i].sender_id is None]
    execute_many("DELETE FROM sender WHERE id = ?", [(i,) for i in unheard])
    execute_many(
        "UPDATE sender SET standing = ?, blocked_until = ?, reason = ?, source = ?, counted_from = ? WHERE id = ?",
        [(*_stored(stood), to_stored(now), i) for i, stood in changed.items()],
    )
    execute_many(
        "INSERT INTO sender (channel_id, handle, handle_key, sender_id, name, heard, approved, standing,"
        " blocked_until, reason, source) VALUES (?, ?, ?, ?, '', 0, 0, ?, ?, ?, ?)",
        [(channel_id, r.handle, r.handle.lower(), r.sender_id, *_stored(r)) for r in missing],
    )


def _before(channel_id: int, handles: list[str], sender_ids: list[int]) -> StandingBefore:
    return StandingBefore(handles, sender_ids, _rows(channel_id, handles, sender_ids))


def _rows(channel_id: int, handles: list[str], sender_ids: list[int]) -> list[Stood]:
    found = [*_by(channel_id, "handle_key", handles), *_by(channel_id, "sender_id", sender_ids)]
    return list({r.row_id: r for r in found}.values())


def _by(channel_id: int, column: str, values: Iterable[int | str]) -> list[Stood]:
    rows = rows_for_pairs(STOOD_BY.format(column=column), [(channel_id, value) for value in values])
    return [
        Stood(
            i, handle, sender_id, Sender.standing.python_value(standing), InstantField().python_value(until), reason,
            Sender.source.python_value(source),
        )
        for i, handle, sender_id, standing, until, reason, source in rows
    ]  # fmt: skip


def _stored(stood: Stood | None) -> tuple[str, int | None, str, str]:
    if stood is None or stood.standing is None:
        return "", None, "", Source.NONE.value
    until = None if stood.until is None else to_stored(stood.until)
    return stood.standing.value, until, stood.reason, stood.source.value
