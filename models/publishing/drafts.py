"""Drafts: what a person is about to say, and maybe when, until it is confirmed. Each lives by itself, over restarts.

A draft changes by one conditional update on its version, since the photos of an album come at the same time, and is
confirmed by deleting it in the transaction that stores what it becomes: two taps, or two bots, make one tweet.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine import posts
from engine.posts import Post, Thread
from engine.when import When
from models.bites import Bite, by_age
from models.database import EnumField, InstantField, Table

KEPT = timedelta(days=7)
TRIES = 20


class Way(StrEnum):
    """What a draft is for."""

    BY_HAND = "hand"
    SCHEDULED = "schedule"
    EDITED = "edited"  # what a person makes of a held message
    TYPED = "typed"  # plain words, until a tap says what they are


class Credit(StrEnum):
    """Whose words a draft of a held message is."""

    NONE = ""  # nobody is named
    THEIRS = "theirs"  # the writer's, as they wrote them
    NEWS = "news"  # the channel's, with what the writer told


class DraftRow(Table):
    id = pw.BigAutoField()
    channel_id = pw.IntegerField(index=True)
    person_id = pw.BigIntegerField()
    way = EnumField(Way)
    turns = pw.TextField(default="[]")
    planned = pw.TextField(default="")
    day = pw.TextField(default="")
    schedule_id = pw.IntegerField(null=True)
    message_id = pw.BigIntegerField(null=True)
    credit = EnumField(Credit, default=Credit.NONE)
    source_id = pw.BigIntegerField(null=True)
    album = pw.TextField(default="")
    shown_id = pw.BigIntegerField(null=True)
    left_out = pw.IntegerField(default=0)
    version = pw.IntegerField(default=1)
    changed_at = InstantField(index=True)

    class Meta:
        table_name = "draft"


class DraftGone(Exception):
    """The draft was confirmed, discarded, or is older than a week."""


@dataclass(frozen=True, slots=True)
class Draft:
    """`turns` take turns in a schedule; by hand there is one. `schedule_id` is the schedule that is edited, and
    `message_id` the held message that is published edited. `source_id` is the person's message that it came from and
    `album` its group, of which so many files are `left_out`; `shown_id` our message that shows it. `day` is what was
    said of the day while its time is asked for, `options` are the times between which is asked, and `doubt` the words
    at the head of its text that look like time.
    """

    channel_id: int
    person_id: int
    way: Way
    turns: tuple[Thread, ...] = ()
    when: When | None = None
    day: str = ""
    options: tuple[When, ...] = ()
    doubt: str = ""
    schedule_id: int | None = None
    message_id: int | None = None
    credit: Credit = Credit.NONE
    source_id: int | None = None
    album: str = ""
    shown_id: int | None = None
    id: int = 0
    version: int = 1
    left_out: int = 0

    @property
    def last(self) -> Post:
        """The post to which a photo is added."""
        return self.turns[-1][-1]

    def with_last(self, *changed: Post) -> "Draft":
        """The last post changed, or by now some."""
        return replace(self, turns=(*self.turns[:-1], (*self.turns[-1][:-1], *changed)))

    def with_answer(self, thread: Thread) -> "Draft":
        """One more post, or some, in the last thread."""
        return replace(self, turns=(*self.turns[:-1], (*self.turns[-1], *thread)))

    def with_turn(self, *threads: Thread) -> "Draft":
        return replace(self, turns=(*self.turns, *threads))


def make(draft: Draft, now: datetime) -> Draft:
    """Keep a new draft; it has its id then."""
    made = int(DraftRow.insert(**_written(draft), changed_at=now).execute())
    return replace(draft, id=made)


def one(draft_id: int) -> Draft:
    """The draft. Raises DraftGone."""
    row = DraftRow.get_or_none(DraftRow.id == draft_id)
    if row is None:
        raise DraftGone
    return _read(row)


def from_message(person_id: int, source_id: int) -> Draft | None:
    """The draft that came from this message of the person's."""
    mine = (DraftRow.person_id == person_id) & (DraftRow.source_id == source_id)
    row = DraftRow.select().where(mine).order_by(DraftRow.id.desc()).first()
    return None if row is None else _read(row)


def shown_in(person_id: int, message_id: int) -> Draft | None:
    """The draft that this message of ours shows."""
    mine = (DraftRow.person_id == person_id) & (DraftRow.shown_id == message_id)
    row = DraftRow.select().where(mine).order_by(DraftRow.id.desc()).first()
    return None if row is None else _read(row)


def of_album(person_id: int, album: str) -> Draft | None:
    """The draft that holds the photos of an album that is coming in."""
    mine = (DraftRow.person_id == person_id) & (DraftRow.album == album)
    row = DraftRow.select().where(mine).order_by(DraftRow.id.desc()).first() if album else None
    return None if row is None else _read(row)


def newest(person_id: int, since: datetime) -> Draft | None:
    """The person's draft that was touched last, not before this instant."""
    mine = (DraftRow.person_id == person_id) & (DraftRow.changed_at >= since) & (DraftRow.way != Way.TYPED)
    row = DraftRow.select().where(mine).order_by(DraftRow.changed_at.desc(), DraftRow.id.desc()).first()
    return None if row is None else _read(row)


def change(draft_id: int, wanted: Callable[[Draft], Draft], now: datetime) -> Draft:
    """Change a draft by one conditional update, on top of what others changed meanwhile. Raises DraftGone."""
    for _ in range(TRIES):
        before = one(draft_id)
        changed = wanted(before)
        mine = (DraftRow.id == draft_id) & (DraftRow.version == before.version)
        values = _written(changed) | {"version": before.version + 1, "changed_at": now}
        if DraftRow.update(**values).where(mine).execute() == 1:
            return replace(changed, id=draft_id, version=before.version + 1)
    raise DraftGone  # pragma: no cover - twenty others were quicker, each time


def take(draft_id: int) -> Draft:
    """Confirm or discard: the draft is gone, and whoever took it has it alone. Raises DraftGone.

    Call it first, in the transaction that stores what it becomes.
    """
    taken = list(DraftRow.delete().where(DraftRow.id == draft_id).returning(DraftRow).execute())
    if not taken:
        raise DraftGone
    return _read(taken[0])


def forget_of_message(message_id: int) -> None:
    """What was to be made of a message is discarded: who wrote it has taken it back."""
    DraftRow.delete().where(DraftRow.message_id == message_id).execute()


def media_used() -> set[int]:
    """Ids of the files that drafts show."""
    some = DraftRow.select().where(DraftRow.turns != "[]")
    return {a.media_id for row in some.iterator() for t in _read(row).turns for a in posts.attached(t)}


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete drafts that nobody touched for a week."""
    return by_age(DraftRow, DraftRow.changed_at, now - KEPT, most)


def _written(draft: Draft) -> dict[str, Any]:
    planned = json.dumps(_as_list(draft.when)) if draft.when is not None else ""
    if draft.options or draft.doubt:
        asked = {"options": [_as_list(o) for o in draft.options], "doubt": draft.doubt}
        planned = json.dumps(asked | ({"when": _as_list(draft.when)} if draft.when is not None else {}))
    return {
        "channel_id": draft.channel_id, "person_id": draft.person_id, "way": draft.way,
        "turns": json.dumps(posts.as_lists(draft.turns), ensure_ascii=False), "planned": planned, "day": draft.day,
        "schedule_id": draft.schedule_id, "message_id": draft.message_id, "credit": draft.credit,
        "source_id": draft.source_id, "album": draft.album, "shown_id": draft.shown_id,
        "left_out": draft.left_out,
    }  # fmt: skip


def _as_list(when: When) -> list[Any]:
    last = when.last.isoformat() if when.last else None
    return [when.first.isoformat(), list(when.rules), last, when.times]


def _as_when(written: list[Any]) -> When:
    first, rules, last, times = written
    return When(datetime.fromisoformat(first), tuple(rules), datetime.fromisoformat(last) if last else None, times)


def _read(row: DraftRow) -> Draft:
    planned = json.loads(row.planned) if row.planned else {}
    if isinstance(planned, list):
        planned = {"when": planned}
    when = _as_when(planned["when"]) if "when" in planned else None
    options = tuple(_as_when(o) for o in planned.get("options", ()))
    return Draft(
        row.channel_id, row.person_id, row.way, tuple(posts.from_lists(json.loads(row.turns))), when, row.day,
        options, planned.get("doubt", ""),
        row.schedule_id, row.message_id, row.credit, row.source_id, row.album, row.shown_id, row.id,
        row.version, row.left_out,
    )  # fmt: skip
