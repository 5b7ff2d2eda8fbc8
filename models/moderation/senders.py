"""Who writes to a channel: what is known of them, and whether they are blocked or trusted.

A row is made when somebody is first heard. Somebody who was never heard can be blocked or trusted by handle: that row
has no X id, and counts for whoever writes under the handle.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.moderation import FOR_GOOD, Writer
from engine.moderation.standing import Standed, Standing
from engine.text import fold
from engine.x.events import Person
from models import aside
from models.accounts import channels, team
from models.bites import Bite, taken
from models.bulk import execute_many, rows_for_pairs
from models.database import EnumField, InstantField, Table, as_tuples, to_stored, transaction
from models.notifications.kinds import BlockOver

FOLLOWS_REMEMBERED = timedelta(days=7)
NOT_FOLLOWS_REMEMBERED = timedelta(days=1)
NAMED_AGAIN = timedelta(days=1)  # who had no name at X is asked for once more
FORGET_AFTER = timedelta(days=180)
MOST_AT_ONCE = 500
ROWS_BY_ID = (
    "WITH asked(channel, x_id) AS (VALUES …)"
    " SELECT channel_id, sender_id, standing, blocked_until, reason, follows, follows_at, approved, handle_key,"
    " named_at"
    " FROM asked CROSS JOIN sender WHERE channel_id = asked.channel AND sender_id = asked.x_id"
)
UNHEARD_BY_HANDLE = (
    "WITH asked(channel, handle) AS (VALUES …)"
    " SELECT id, channel_id, handle_key FROM asked CROSS JOIN sender"
    " WHERE channel_id = asked.channel AND handle_key = asked.handle AND sender_id IS NULL AND standing <> ''"
)
HEARD_BY_HANDLE = (
    "WITH asked(channel, handle) AS (VALUES …)"
    " SELECT handle_key, sender_id FROM asked CROSS JOIN sender"
    " WHERE channel_id = asked.channel AND handle_key = asked.handle AND sender_id IS NOT NULL"
)
Key = tuple[int, int]


class Source(StrEnum):
    """What blocked or trusted a sender. The values are stored, so they never change."""

    NONE = ""  # neither blocked nor trusted
    OWNER = "owner"  # somebody of the team
    BURST = "burst"  # the rule against many messages at once
    FILTER = "filter"  # a filter that blocks who writes its word


class Sender(Table):
    id = pw.BigAutoField()
    channel_id = pw.IntegerField()
    sender_id = pw.BigIntegerField(null=True)
    handle = pw.TextField(default="")
    handle_key = pw.TextField(default="")
    name = pw.TextField(default="")
    standing = EnumField(Standing, blank=True)
    blocked_until = InstantField(null=True)
    reason = pw.TextField(default="")
    source = EnumField(Source, default=Source.NONE)
    heard = pw.IntegerField(default=0)
    approved = pw.IntegerField(default=0)
    last_heard_at = InstantField(null=True)
    follows = pw.BooleanField(null=True)
    follows_at = InstantField(null=True)
    counted_from = InstantField(null=True)
    named_at = InstantField(null=True)  # when X last said who it is, or was asked

    def __str__(self) -> str:
        return f"@{self.handle}" if self.handle else f"#{self.sender_id}"


@dataclass(slots=True)
class Known:
    """A sender while a batch is judged; `word_at` is when they last said whether they may be reposted."""

    blocked_until: datetime | None = None
    blocked: bool = False
    reason: str = ""
    trusted: bool = False
    follows: bool | None = None
    approved: bool = False
    asked: bool = False  # for their name, lately, and X knew none
    opted_out: bool = False
    word_at: datetime | None = None

    def writer(self, now: datetime, recent: int, handle: str, *, name_counts: bool) -> Writer:
        blocked = self.blocked and (self.blocked_until is None or self.blocked_until > now)
        nameless = not handle and not self.asked
        return Writer(
            blocked, self.reason, self.trusted, self.follows, recent, self.approved, nameless,
            nameless and name_counts, self.opted_out,
        )  # fmt: skip


# --- for the judge ---------------------------------------------------------------------------------------


def known(people: Mapping[Key, str], now: datetime) -> dict[Key, Known]:
    """What is known of these senders, given as (channel, X id) with their handles.

    Call it inside the transaction of the verdicts: who was blocked or trusted by handle gets their X id here.
    """
    found: dict[Key, Known] = {key: Known() for key in people}
    strangers = dict(people)
    for row in rows_for_pairs(ROWS_BY_ID, list(people)):
        key = (row[0], row[1])
        _fill(found[key], row, now)
        if row[8] == people[key].lower() or not people[key]:
            del strangers[key]
    by_handle = {(key[0], handle.lower()): key for key, handle in strangers.items() if handle}
    for row_id, channel_id, handle_key in rows_for_pairs(UNHEARD_BY_HANDLE, list(by_handle)):
        key = by_handle[channel_id, handle_key]
        _stand_by_handle(found[key], row_id, key)
    return found


def _stand_by_handle(one: Known, row_id: int, key: Key) -> None:
    """Somebody who was blocked or trusted by handle writes for the first time: the row is theirs now."""
    row = Sender.get_by_id(row_id)
    channel_id, sender_id = key
    theirs = (Sender.channel_id == channel_id) & (Sender.sender_id == sender_id)
    if Sender.select().where(theirs).exists():  # known under another handle until now
        Sender.delete().where(Sender.id == row_id).execute()
        _set(theirs & Sender.standing.is_null(), row.standing, row.blocked_until, row.reason, row.source)
    else:
        Sender.update(sender_id=sender_id).where((Sender.id == row_id) & Sender.sender_id.is_null()).execute()
    if not (one.blocked or one.trusted):
        _stand(one, row.standing, row.blocked_until, row.reason)


def heard(rows: Iterable[tuple[Any, ...]]) -> None:
    """Count messages: (channel, X id, handle, name, messages, approved, last heard). Call it in their transaction."""
    execute_many(
        "INSERT INTO sender (channel_id, sender_id, handle, handle_key, name, heard, approved, last_heard_at, named_at,"
        " standing, reason, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '')"
        " ON CONFLICT (channel_id, sender_id) DO UPDATE SET heard = sender.heard + excluded.heard,"
        " approved = sender.approved + excluded.approved, last_heard_at = excluded.last_heard_at,"
        " named_at = COALESCE(excluded.named_at, sender.named_at),"
        " handle = CASE WHEN excluded.handle = '' THEN sender.handle ELSE excluded.handle END,"
        " handle_key = CASE WHEN excluded.handle = '' THEN sender.handle_key ELSE excluded.handle_key END,"
        " name = CASE WHEN excluded.name = '' THEN sender.name ELSE excluded.name END",
        [(c, i, h, h.lower(), n, m, a, to_stored(at), to_stored(at) if h else None) for c, i, h, n, m, a, at in rows],
    )


def count_approved(channel_id: int, sender_id: int) -> None:
    """A person approved a message of theirs."""
    mine = (Sender.channel_id == channel_id) & (Sender.sender_id == sender_id)
    Sender.update(approved=Sender.approved + 1).where(mine).execute()


def met(channel_id: int, people: Mapping[int, Person | None], now: datetime) -> None:
    """What X said of these: what they are called, and whether they follow the channel; None for who is not there.

    Each is asked again whether they follow after a week, or a day where they did not, and for a name that they had not
    after a day. Who was blocked or trusted by name alone is known by their X id from now on.
    """
    execute_many(
        "INSERT INTO sender (channel_id, sender_id, handle, handle_key, name, heard, approved, standing, reason,"
        " source, follows, follows_at, named_at) VALUES (?, ?, ?, ?, ?, 0, 0, '', '', '', ?, ?, ?)"
        " ON CONFLICT (channel_id, sender_id) DO UPDATE SET follows = excluded.follows,"
        " follows_at = excluded.follows_at, named_at = excluded.named_at,"
        " handle = CASE WHEN excluded.handle = '' THEN sender.handle ELSE excluded.handle END,"
        " handle_key = CASE WHEN excluded.handle = '' THEN sender.handle_key ELSE excluded.handle_key END,"
        " name = CASE WHEN excluded.name = '' THEN sender.name ELSE excluded.name END",
        [
            (channel_id, sender_id, p.handle, p.handle.lower(), p.name, p.follows, to_stored(now), to_stored(now))
            for sender_id, p in ((i, found or Person()) for i, found in people.items())
        ],
    )
    by_handle = {(channel_id, p.handle.lower()): i for i, p in people.items() if p is not None and p.handle}
    for row_id, _, handle_key in rows_for_pairs(UNHEARD_BY_HANDLE, list(by_handle)):
        _stand_by_handle(Known(), row_id, (channel_id, by_handle[channel_id, handle_key]))


def by_name_alone(channel_ids: Collection[int]) -> set[int]:
    """Those of these channels that block or trust somebody of whom they know no more than the name."""
    stands = pw.SQL("standing <> ''") & Sender.sender_id.is_null()  # as the index has it
    rows = Sender.select(Sender.channel_id).where(Sender.channel_id.in_(list(channel_ids)) & stands)
    return {channel_id for (channel_id,) in as_tuples(rows.distinct())}


# --- standing ----------------------------------------------------------------------------------------------


def block(
    channel_id: int, sender_id: int, days: int, reason: str, source: Source, now: datetime, *, handle: str = ""
) -> None:
    """Block whoever has this X id, for days or for good (0). A trusted sender is blocked only by a person."""
    until = None if days == FOR_GOOD else now + timedelta(days=days)
    with transaction():
        Sender.insert(
            channel_id=channel_id, sender_id=sender_id, handle=handle, handle_key=handle.lower()
        ).on_conflict_ignore().execute()
        mine = (Sender.channel_id == channel_id) & (Sender.sender_id == sender_id)
        if source is not Source.OWNER:
            mine &= Sender.standing != Standing.TRUSTED
        Sender.update(standing=Standing.BLOCKED, blocked_until=until, reason=reason[:100], source=source).where(
            mine
        ).execute()


def trust(channel_id: int, sender_id: int) -> None:
    """Trust whoever has this X id."""
    _set((Sender.channel_id == channel_id) & (Sender.sender_id == sender_id), Standing.TRUSTED, None, "", Source.OWNER)


def stand(channel_id: int, row_id: int, standing: Standing, until: datetime | None) -> None:
    """A person blocks or trusts whom they look at; the reason that was noted stays."""
    mine = (Sender.channel_id == channel_id) & (Sender.id == row_id)
    Sender.update(standing=standing, blocked_until=until, source=Source.OWNER).where(mine).execute()


def clear(channel_id: int, row_id: int, now: datetime) -> Standed | None:
    """Neither blocked nor trusted any more; what it was. Who is unblocked begins a new count of messages."""
    row = Sender.get_or_none((Sender.id == row_id) & (Sender.channel_id == channel_id) & Sender.standing.is_null(False))
    if row is None or row.standing is None:
        return None
    _set((Sender.id == row_id) & (Sender.standing == row.standing), None, None, "", Source.NONE, now)
    return Standed(Standing(row.standing), row.handle, row.blocked_until, row.reason)


def clear_sender(channel_id: int, sender_id: int, now: datetime) -> bool:
    """Unblock (or no longer trust) whoever has this X id; False where they were neither."""
    mine = (Sender.channel_id == channel_id) & (Sender.sender_id == sender_id) & Sender.standing.is_null(False)
    return _set(mine, None, None, "", Source.NONE, now) > 0


def clear_handle(channel_id: int, handle: str, now: datetime) -> bool:
    """The same for all rows of a handle."""
    mine = (Sender.channel_id == channel_id) & (Sender.handle_key == handle.lower()) & Sender.standing.is_null(False)
    return _set(mine, None, None, "", Source.NONE, now) > 0


def clear_standing(channel_id: int, standing: Standing) -> None:
    """Empty the list of the blocked, or of the trusted."""
    _set((Sender.channel_id == channel_id) & (Sender.standing == standing), None, None, "", Source.NONE)


def set_standing_of_handle(channel_id: int, entry: Standed, *, source: Source) -> None:
    """Block or trust by handle: whoever was heard under it, or else whoever writes under it one day."""
    set_standings(channel_id, [entry], source=source)


def set_standings(channel_id: int, wanted: Sequence[Standed], *, source: Source) -> None:
    """The same for the thousands of a file."""
    stand = [(e.standing.value, None if e.until is None else to_stored(e.until), e.note, source.value) for e in wanted]
    keys = [(channel_id, e.handle.lower()) for e in wanted]
    with transaction():
        execute_many(
            "UPDATE sender SET standing = ?, blocked_until = ?, reason = ?, source = ?"
            " WHERE channel_id = ? AND handle_key = ?",
            [(*values, *key) for values, key in zip(stand, keys, strict=True)],
        )
        execute_many(
            "INSERT INTO sender (channel_id, handle, handle_key, name, heard, approved, standing, blocked_until,"
            " reason, source) SELECT ?, ?, ?, '', 0, 0, ?, ?, ?, ?"
            " WHERE NOT EXISTS (SELECT 1 FROM sender WHERE channel_id = ? AND handle_key = ?)",
            [(key[0], e.handle, key[1], *values, *key) for e, values, key in zip(wanted, stand, keys, strict=True)],
        )


def let_lapse(now: datetime) -> int:
    """Blocks past their time are taken off the list; how many. Of those that a person set, the team is told."""
    over = (Sender.standing == Standing.BLOCKED) & (Sender.blocked_until <= now)

    def take_off(ids: Sequence[int]) -> int:
        these = Sender.id.in_(ids) & over
        with transaction():
            told = list(Sender.select().where(these & (Sender.source == Source.OWNER)))
            lapsed = _set(these, None, None, "", Source.NONE)
            for sender in told:
                channel = channels.one(sender.channel_id)
                if channel is not None and sender.blocked_until is not None:
                    over_now = BlockOver(sender.id, str(sender), sender.blocked_until)
                    team.tell(channel, over_now, now)
        return lapsed

    found = as_tuples(Sender.select(Sender.id).where(over).limit(MOST_AT_ONCE))
    return aside.piecewise([i for (i,) in found], take_off)


# --- reading -------------------------------------------------------------------------------------------------


def rows_of(channel_id: int, standing: Standing, search: str = "", now: datetime | None = None) -> list[Sender]:
    """Who is blocked, or trusted, in the order of the alphabet."""
    mine = (Sender.channel_id == channel_id) & (Sender.standing == standing)
    if now is not None:
        mine &= Sender.blocked_until.is_null() | (Sender.blocked_until > now)
    wanted = fold(search).strip().lstrip("@")
    rows = [r for r in Sender.select().where(mine) if not wanted or wanted in fold(f"{r.handle} {r.name} {r.reason}")]
    return sorted(rows, key=lambda r: (r.handle_key, r.id))


def standed(channel_id: int, standing: Standing) -> list[Standed]:
    """The same for a file, each handle once."""
    lines = {
        r.handle_key: Standed(standing, r.handle, r.blocked_until, r.reason) for r in rows_of(channel_id, standing)
    }
    return [line for line in lines.values() if line.handle]


def of_message(channel_id: int, sender_id: int) -> Sender | None:
    return Sender.get_or_none((Sender.channel_id == channel_id) & (Sender.sender_id == sender_id))


def ids_of_handles(channel_id: int, handles: Iterable[str]) -> dict[str, list[int | None]]:
    """The X ids of those who were heard under these handles, by the handle in small letters."""
    found: dict[str, list[int | None]] = {}
    keys = [(channel_id, h) for h in dict.fromkeys(handle.lower() for handle in handles)]
    for handle_key, sender_id in rows_for_pairs(HEARD_BY_HANDLE, keys):
        found.setdefault(handle_key, []).append(sender_id)
    return found


def handle_of(channel_id: int, sender_id: int) -> str:
    """The last handle under which they were heard; empty where none came."""
    found = of_message(channel_id, sender_id)
    return found.handle if found is not None else ""


def row(channel_id: int, row_id: int) -> Sender | None:
    return Sender.get_or_none((Sender.channel_id == channel_id) & (Sender.id == row_id))


def forget_some(now: datetime, after: int, most: int) -> Bite:
    """Forget who was not heard for half a year and is neither blocked nor trusted. None is locked."""
    long_ago = now - FORGET_AFTER
    rows = as_tuples(
        Sender.select(Sender.id, Sender.standing, Sender.last_heard_at)
        .where(Sender.id > after)
        .order_by(Sender.id)
        .limit(most)
    )
    old = [i for i, standing, heard in rows if standing is None and heard is not None and heard < long_ago]
    still = Sender.standing.is_null() & (Sender.last_heard_at < long_ago)
    gone = taken(Sender.delete().where(Sender.id.in_(old) & still)) if old else 0
    return Bite(gone, rows[-1][0] if len(rows) == most else None)


def _set(
    where: Any,
    standing: Standing | None,
    until: datetime | None,
    reason: str,
    source: Source,
    counted_from: datetime | None = None,
) -> int:
    changes: dict[str, Any] = {"standing": standing, "blocked_until": until, "reason": reason, "source": source}
    if counted_from is not None:
        changes["counted_from"] = counted_from
    return int(Sender.update(**changes).where(where).execute())


def _fill(one: Known, row: tuple[Any, ...], now: datetime) -> None:
    _, _, standing, until, reason, follows, follows_at, approved, handle_key, named_at = row
    _stand(one, Sender.standing.python_value(standing), InstantField().python_value(until), reason)
    one.approved = bool(approved)
    one.asked = not handle_key and named_at is not None and InstantField().python_value(named_at) > now - NAMED_AGAIN
    if follows is not None and follows_at is not None:
        remembered = FOLLOWS_REMEMBERED if follows else NOT_FOLLOWS_REMEMBERED
        if InstantField().python_value(follows_at) > now - remembered:
            one.follows = bool(follows)


def _stand(one: Known, standing: Standing | None, until: datetime | None, reason: str) -> None:
    one.trusted = standing is Standing.TRUSTED
    one.blocked = standing is Standing.BLOCKED
    one.blocked_until, one.reason = until, reason
