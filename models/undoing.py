"""Undoing: what was before a change, so that the change can be taken back by the button that told of it.

A row holds the parts of what was; its id rides on the button. It is used once, by one conditional update, and kept for
a week. Each part is a value of the wing that it belongs to, with the one function that brings it back.
"""

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import peewee as pw
from pydantic import TypeAdapter

from engine.files import lists as files
from engine.files.lists import Entry
from engine.roles import May
from models import choosing
from models.accounts import channels, choices, deeds, team
from models.bites import Bite, by_age
from models.control import budgets
from models.database import InstantField, Table, transaction
from models.moderation import desks, lists, review, standings
from models.publishing import hashtags
from models.scheduling import before as of_schedules
from models.scheduling import files as schedule_files
from models.scheduling import queueing
from models.streaming import optouts
from models.watching import watched

KEPT = timedelta(days=7)


class Undo(Table):
    """`back` is the button target of the panel to show afterwards, as the chat packs it; `needs` is what who takes it
    back must be allowed to do (`May`): what the change itself took.
    """

    id = pw.BigAutoField()
    channel_id = pw.IntegerField(index=True)
    person_id = pw.BigIntegerField()
    parts = pw.TextField()
    back = pw.TextField(default="")
    made_at = InstantField(index=True)
    needs = pw.IntegerField(default=May.OWN.value)


@dataclass(frozen=True, slots=True)
class ChoicesBefore:
    """Some of a channel's choices, by the names of their columns."""

    values: dict[str, Any]


Part = (
    ChoicesBefore
    | lists.WordsBefore
    | standings.StandingBefore
    | optouts.OptOutsBefore
    | review.HeldBefore
    | hashtags.HashtagBefore
    | team.MemberBefore
    | queueing.OrderBefore
    | of_schedules.ScheduleBefore
    | of_schedules.Made
    | of_schedules.Gone
    | schedule_files.Brought
    | watched.WatchedBefore
    | desks.DeskBefore
    | budgets.BudgetBefore
)


def keep(channel_id: int, person_id: int, back: str, now: datetime, *parts: Part, needs: May = May.OWN) -> int:
    """Keep what was before a change; the id for the button. Call it in the transaction of the change, before it."""
    written = [[type(part).__name__, _adapter(type(part).__name__).dump_python(part, mode="json")] for part in parts]
    return int(
        Undo.insert(
            channel_id=channel_id, person_id=person_id, parts=json.dumps(written, ensure_ascii=False), back=back,
            made_at=now, needs=needs.value,
        ).execute()
    )  # fmt: skip


def drop(undo_id: int) -> None:
    """Nothing was changed after all, and nobody did anything."""
    for row in Undo.delete().where(Undo.id == undo_id).returning(Undo).execute():
        deeds.drop_last(row.channel_id, row.person_id, row.made_at)


def choices_of(channel_id: int, *names: str) -> ChoicesBefore:
    """These choices as they are now."""
    values = choices.values_of(channel_id)
    return ChoicesBefore({name: values[name] for name in names})


def lines_of(channel_id: int, wanted: Sequence[Entry], emptied: Collection[str]) -> tuple[Part, ...]:
    """All that lines of a file would change, as it is now: before they come in, and lists in `emptied` lose others."""
    hours = files.HOURS in emptied or files.HOURS in files.lists_of(wanted)
    return (
        choices_of(channel_id, *choosing.HOURS_OF.values() if hours else ()),
        lists.before_lines(channel_id, wanted, emptied),
        standings.of_lines(channel_id, wanted, emptied),
    )


def rules_of(channel_id: int, other_id: int) -> tuple[Part, ...]:
    """All that a copy of another channel's rules would change, as it is now."""
    theirs = lists.entries(other_id, files.RULES)
    return ChoicesBefore(choices.values_of(channel_id)), *lines_of(channel_id, theirs, files.RULES)


def still(channel_id: int, undo_id: int, now: datetime) -> bool:
    """Whether this can still be taken back."""
    mine = (Undo.id == undo_id) & (Undo.channel_id == channel_id) & (Undo.made_at > now - KEPT)
    return bool(Undo.select().where(mine).exists())


def newest(channel_id: int, back: str, kind: type[Part], now: datetime) -> int | None:
    """The last change that leads back to this panel and has a part of this kind; for an Undo that knows no id."""
    mine = (Undo.channel_id == channel_id) & (Undo.back == back) & (Undo.made_at > now - KEPT)
    for row in Undo.select().where(mine).order_by(Undo.id.desc()):
        if any(name == kind.__name__ for name, _ in json.loads(row.parts)):
            return int(row.id)
    return None


def undo(channel_id: int, undo_id: int, now: datetime) -> str | None:
    """Bring back what was; the panel to show then, or None where it was used, or is too old."""
    with transaction():
        channels.locked(channel_id)  # first of all rows, as who judges does: each waits for the other, never both
        mine = (Undo.id == undo_id) & (Undo.channel_id == channel_id) & (Undo.made_at > now - KEPT)
        used = list(Undo.delete().where(mine).returning(Undo).execute())
        if not used:  # somebody was first
            return None
        for name, value in reversed(json.loads(used[0].parts)):
            RESTORING[name][1](channel_id, _adapter(name).validate_python(value), now)
    return str(used[0].back)


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what can't be taken back any more."""
    return by_age(Undo, Undo.made_at, now - KEPT, most)


def _restore_choices(channel_id: int, before: ChoicesBefore, now: datetime) -> None:
    choosing.choose(channel_id, now, **before.values)


Restore = Callable[[int, Any, datetime], None]
RESTORING: dict[str, tuple[type, Restore]] = {
    kind.__name__: (kind, restore)
    for kind, restore in (
        (ChoicesBefore, _restore_choices),
        (lists.WordsBefore, lists.restore),
        (standings.StandingBefore, standings.restore),
        (optouts.OptOutsBefore, optouts.restore),
        (review.HeldBefore, review.restore),
        (hashtags.HashtagBefore, hashtags.restore),
        (team.MemberBefore, team.restore),
        (queueing.OrderBefore, queueing.restore),
        (of_schedules.ScheduleBefore, of_schedules.restore),
        (of_schedules.Made, of_schedules.unmake),
        (of_schedules.Gone, of_schedules.bring_back),
        (schedule_files.Brought, schedule_files.take_out),
        (watched.WatchedBefore, watched.restore),
        (desks.DeskBefore, desks.restore),
        (budgets.BudgetBefore, budgets.restore),
    )
}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(RESTORING[name][0])
