"""Choosing: a channel's choice is stored together with all that follows from it.

Whoever changes one, by tapping, typing, a file, a copy or an undo, comes through here, so that nothing is forgotten:

1. The rules have a new version, and whoever judges loads them anew.
2. Another zone: the wall times of schedules stay, their instants move.
3. Other hours: what waits for them is looked at again.
4. Other slots: what waits in the queue takes them, in the order it has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import slots
from engine.files import lists as files
from engine.files.lists import Entry, Hours
from engine.moderation import MessageKind
from engine.moderation.hours import HOURS_ON
from engine.moderation.standing import LeftOut
from engine.switches import Switch
from models.accounts import channels, choices
from models.control import budgets
from models.database import transaction
from models.moderation import lists, opting
from models.moderation.lists import Change
from models.publishing import hours
from models.scheduling import queueing, rezoning
from models.streaming.optouts import AskedBy

OF_HOURS = frozenset((HOURS_ON.name, "outside", "mention_hours", "dm_hours", "zone"))
HOURS_OF = {MessageKind.MENTION: "mention_hours", MessageKind.DM: "dm_hours"}


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed from a choice: how many texts of the queue moved to other slots."""

    moved: int = 0


def choose(channel_id: int, now: datetime, **values: Any) -> Followed:
    """Store some of a channel's choices, by the names of their columns, with all that follows, in one transaction."""
    with transaction():
        channels.locked(channel_id)  # who reads the old choice to decide on a tweet is done before, or begins after
        choices.store(channel_id, values)
        if "zone" in values:
            rezoning.rezone(channel_id)
            budgets.rezone(channel_id, now)
        if values.keys() & OF_HOURS:
            hours.wake_waiting(channel_id, now)
        moved = queueing.take_slots(channel_id, slots.parse(values["slots"]), now) if values.get("slots") else 0
    return Followed(moved)


def flip(channel_id: int, switch: Switch, now: datetime, *, on: bool) -> None:
    """Turn a switch on or off."""
    choose(channel_id, now, **{switch.name: on})


def bring_in(channel_id: int, wanted: Sequence[Entry], now: datetime, *, replacing: Iterable[str] = ()) -> Change:
    """Store the lines of a file, all of them or none; what it did. Lists in `replacing` lose all others."""
    emptied = set(replacing)
    with transaction():
        change = lists.store(channel_id, wanted, replacing=emptied)
        brought = dict.fromkeys(HOURS_OF.values(), "") if files.HOURS in emptied else {}
        brought |= {HOURS_OF[e.kind]: e.written for e in wanted if isinstance(e, Hours)}
        if brought:
            choose(channel_id, now, **brought)
        if out := [e for e in wanted if isinstance(e, LeftOut)]:
            opting.by_hand(channel_id, opting.words_of(channel_id, out, AskedBy.FILE, now), now)
    return change


def copy(from_id: int, to_id: int, now: datetime) -> Change:
    """Give a channel the lists and the choices of another; its own go, but for who asked it not to be reposted."""
    with transaction():
        change = lists.store(to_id, lists.entries(from_id, files.RULES), replacing=files.RULES)
        values = choices.values_of(from_id)
        del values["language"]  # who writes in another language goes on to
        choose(to_id, now, **values)
    return change
