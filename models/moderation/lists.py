"""A channel's lists as they are stored: keywords of every role, and whole lists in and out of files."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from engine import moderation as rules
from engine.files import lists
from engine.files.lists import Entry, Hours
from engine.moderation import KeywordRole, MessageKind
from engine.moderation.standing import Standed, Standing
from engine.text import fold, pattern_of
from models.accounts import choices, limits
from models.accounts.choices import new_version
from models.accounts.limits import Limited
from models.bulk import execute_many
from models.database import EnumField, Table, as_tuples, transaction
from models.moderation import senders
from models.streaming import optouts


class Keyword(Table):
    id = pw.AutoField()
    channel_id = pw.IntegerField()
    role = EnumField(KeywordRole)
    text = pw.TextField()
    pattern = pw.TextField()
    applies = EnumField(MessageKind, blank=True)
    block_days = pw.IntegerField(null=True)
    becomes = pw.TextField(default="")

    @property
    def value(self) -> rules.Keyword:
        """The same as the engine knows it."""
        applies = MessageKind(self.applies) if self.applies else None
        return rules.Keyword(KeywordRole(self.role), self.text, applies, self.block_days, self.becomes)


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to the lists: how many lines are new, have other options, are there already, and go."""

    new: int
    changed: int
    known: int
    gone: int


def keywords(channel_id: int, role: KeywordRole) -> list[str]:
    """The channel's words of a role, in the order of the alphabet."""
    return [row.text for row in rows_of(channel_id, role)]


def rows_of(channel_id: int, role: KeywordRole, search: str = "") -> list[Keyword]:
    """The same with their options; those that hold `search`, whatever its case and accents."""
    rows = Keyword.select().where((Keyword.channel_id == channel_id) & (Keyword.role == role.value))
    wanted = fold(search).strip()
    found = [r for r in rows if wanted in fold(r.text) or wanted in fold(r.becomes)] if wanted else list(rows)
    return sorted(found, key=lambda r: (fold(r.text), r.text))


def count_of(channel_id: int, role: KeywordRole) -> int:
    mine = (Keyword.channel_id == channel_id) & (Keyword.role == role.value)
    return int(Keyword.select().where(mine).count())


def keyword(channel_id: int, keyword_id: int) -> Keyword | None:
    return Keyword.get_or_none((Keyword.id == keyword_id) & (Keyword.channel_id == channel_id))


def all_keywords(channel_id: int) -> list[rules.Keyword]:
    """Every keyword of a channel, for compiling."""
    columns = (Keyword.role, Keyword.text, Keyword.applies, Keyword.block_days, Keyword.becomes)
    rows = Keyword.select(*columns).where(Keyword.channel_id == channel_id)
    return [
        rules.Keyword(KeywordRole(role), text, MessageKind(applies) if applies else None, days, into)
        for role, text, applies, days, into in as_tuples(rows)
    ]


def add(channel_id: int, wanted: Sequence[rules.Keyword]) -> list[str]:
    """Add checked keywords, with their options; the texts of those that were new. One that is there is left alone.

    Raises limits.TooMany.
    """
    with within_limit(channel_id):
        added = []
        for item in wanted:
            new = Keyword.insert(**_stored(channel_id, item)).on_conflict_ignore().returning(Keyword.id).execute()
            if list(new):
                added.append(item.text)
        if added:
            new_version(channel_id)
    return added


def within_limit(channel_id: int) -> AbstractContextManager[None]:
    """A transaction in which its owner gets no more keywords than they may have. Raises limits.TooMany."""
    return limits.kept_to(
        Limited.KEYWORDS, channel_id, lambda ids: Keyword.select().where(Keyword.channel_id.in_(ids)).count()
    )


def remove_keywords(channel_id: int, role: KeywordRole, texts: Iterable[str]) -> list[rules.Keyword]:
    """Remove keywords, whatever their case and accents; those that were there, as they were."""
    patterns = [p for t in texts if (p := pattern_of(t)) is not None]
    with transaction():
        gone = list(
            Keyword.delete()
            .where((Keyword.channel_id == channel_id) & (Keyword.role == role.value) & Keyword.pattern.in_(patterns))
            .returning(Keyword)
            .execute()
        )
        if gone:
            new_version(channel_id)
    return [row.value for row in gone]


def change(channel_id: int, keyword_id: int, **options: Any) -> bool:
    """Give a keyword other options (`applies`, `block_days`, `becomes`); False where it is gone."""
    with transaction():
        mine = (Keyword.id == keyword_id) & (Keyword.channel_id == channel_id)
        changed = Keyword.update(**options).where(mine).execute()
        if changed:
            new_version(channel_id)
    return bool(changed)


# --- before a change -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WordsBefore:
    """Keywords as they were, of these roles and patterns."""

    keys: list[tuple[str, str]]
    rows: list[dict[str, Any]]


def before(channel_id: int, role: KeywordRole, texts: Iterable[str]) -> WordsBefore:
    """These words of a role as they are now, for `models/undoing.py`; those that are not there yet, too."""
    keys = [(role.value, p) for t in texts if (p := pattern_of(t)) is not None]
    theirs = (Keyword.role == role.value) & Keyword.pattern.in_([p for _, p in keys])
    return WordsBefore(keys, _rows(channel_id, theirs))


def before_lines(channel_id: int, wanted: Iterable[Entry], emptied: Iterable[str]) -> WordsBefore:
    """All words that these lines of a file name, and those of the lists that they take the place of."""
    names, gone = {lists.list_of(e) for e in wanted}, set(emptied)
    keys = {(e.role.value, pattern_of(e.text) or "") for e in wanted if isinstance(e, rules.Keyword)}
    there = _rows(channel_id, Keyword.role.in_(KeywordRole(r) for r in set(KeywordRole) & (names | gone)))
    mine = [row for row in there if row["role"] in gone or (row["role"], row["pattern"]) in keys]
    return WordsBefore(sorted(keys | {(row["role"], row["pattern"]) for row in mine}), mine)


def restore(channel_id: int, was: WordsBefore, now: datetime) -> None:
    """The words as they were; those that were not there go."""
    with within_limit(channel_id):
        execute_many(
            "DELETE FROM keyword WHERE channel_id = ? AND role = ? AND pattern = ?",
            [(channel_id, role, pattern) for role, pattern in was.keys],
        )
        execute_many(
            "INSERT INTO keyword (channel_id, role, text, pattern, applies, block_days, becomes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel_id, role, pattern) DO NOTHING",
            [
                (channel_id, r["role"], r["text"], r["pattern"], r["applies"] or "", r["block_days"], r["becomes"])
                for r in was.rows
            ],
        )
        new_version(channel_id)


def _rows(channel_id: int, which: Any) -> list[dict[str, Any]]:
    columns = (Keyword.role, Keyword.text, Keyword.pattern, Keyword.applies, Keyword.block_days, Keyword.becomes)
    rows: Any = Keyword.select(*columns).where((Keyword.channel_id == channel_id) & which).dicts()
    return [{**row, "applies": row["applies"] or ""} for row in rows]  # as they are stored


# --- whole lists -----------------------------------------------------------------------------------------


def entries(channel_id: int, names: Iterable[str] = lists.LISTS) -> list[Entry]:
    """All lines of these lists."""
    wanted = set(names)
    found: list[Entry] = [k for k in all_keywords(channel_id) if k.role.value in wanted]
    for standing in Standing:
        if standing.value in wanted:
            found += senders.standed(channel_id, standing)
    if "hours" in wanted:
        row = choices.row_of(channel_id)
        hours = ((MessageKind.MENTION, row.mention_hours), (MessageKind.DM, row.dm_hours))
        found += [Hours(kind, written) for kind, written in hours if written]
    if lists.OPTED_OUT in wanted:
        found += optouts.lines_of(channel_id)
    return found


def compare(channel_id: int, wanted: Sequence[Entry], *, replacing: Iterable[str] = ()) -> Change:
    """What storing these lines would do; `replacing` names lists that lose what is not among them."""
    names = set(replacing) | {lists.list_of(e) for e in wanted}
    if names & set(Standing):
        names |= set(Standing)
    there = {lists.key_of(e): e for e in entries(channel_id, names)}
    keys = {lists.key_of(e) for e in wanted}
    new = sum(lists.key_of(e) not in there for e in wanted)
    known = sum(there.get(lists.key_of(e)) == e for e in wanted)
    emptied = set(replacing) - {lists.OPTED_OUT}
    gone = sum(k not in keys and lists.list_of(e) in emptied for k, e in there.items())
    return Change(new, len(wanted) - new - known, known, gone)


def store(channel_id: int, wanted: Sequence[Entry], *, replacing: Iterable[str] = ()) -> Change:
    """Store words and senders, all or none, with their options; what it did. Lists in `replacing` lose all others.

    Hours and who asked not to be reposted are for `models/choosing.py`, which calls this.
    """
    emptied = set(replacing)
    with within_limit(channel_id):
        new_version(channel_id)  # takes the channel's row: two imports follow each other
        change = compare(channel_id, wanted, replacing=emptied)
        if roles := emptied & set(KeywordRole):
            Keyword.delete().where(
                (Keyword.channel_id == channel_id) & Keyword.role.in_(KeywordRole(r) for r in roles)
            ).execute()
        for standing in emptied & set(Standing):
            senders.clear_standing(channel_id, Standing(standing))
        execute_many(
            "INSERT INTO keyword (channel_id, role, text, pattern, applies, block_days, becomes)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (channel_id, role, pattern) DO UPDATE SET"
            " text = excluded.text, applies = excluded.applies, block_days = excluded.block_days,"
            " becomes = excluded.becomes",
            [tuple(_stored(channel_id, e).values()) for e in wanted if isinstance(e, rules.Keyword)],
        )
        senders.set_standings(channel_id, [e for e in wanted if isinstance(e, Standed)], source=senders.Source.OWNER)
    return change


def _stored(channel_id: int, item: rules.Keyword) -> dict[str, Any]:
    return {
        "channel_id": channel_id,
        "role": item.role.value,
        "text": item.text,
        "pattern": pattern_of(item.text),
        "applies": item.applies.value if item.applies else "",
        "block_days": item.block_days,
        "becomes": item.into,
    }
