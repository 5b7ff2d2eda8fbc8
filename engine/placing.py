"""Placing a post in time: the moment for which it waits, or that it is given up, and why.

What is reposted keeps the channel's gap: it takes a slot, and the next one stands behind it. What would be stale by its
slot takes none. What waits for an open hour stands in the line of that hour, and takes none of the channel's own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.pacing import reserve


class Fate(StrEnum):
    """What becomes of a post; the words are those of its status."""

    QUEUED = "queued"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Pace:
    """How a channel goes: whether it runs at all, the gap between its reposts, and how long news is fresh."""

    runs: bool
    gap: timedelta
    fresh: timedelta


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post stands, and the channel's last slot as it is now. All instants are aware UTC."""

    fate: Fate
    reason: str
    due_at: datetime
    fresh_until: datetime
    last_slot: datetime | None


def place(
    now: datetime,
    pace: Pace,
    last_slot: datetime | None,
    *,
    said_at: datetime,
    opens: datetime | None = None,
    last_waiting: datetime | None = None,
    empty: bool = False,
) -> Place:
    """The place of something new to repost: behind the last slot, or behind the last of those that wait for `opens`.

    Its freshness counts from when it was said, or from the open hour for which it waits. `empty`: nothing is left of
    its text.
    """
    waits = opens is not None and opens > now
    fresh_until = (opens or said_at) + pace.fresh
    if opens is not None and waits:
        slot = reserve(opens, last_waiting, pace.gap, fresh_until)
    else:
        slot = reserve(now, last_slot, pace.gap, fresh_until)
    if slot.stale:
        return Place(Fate.EXPIRED, "stale", slot.due_at, fresh_until, last_slot)
    if not pace.runs:
        return Place(Fate.CANCELLED, "channel_off", slot.due_at, fresh_until, last_slot)
    if empty:
        return Place(Fate.CANCELLED, "empty", slot.due_at, fresh_until, last_slot)
    if waits:
        return Place(Fate.QUEUED, "hours", slot.due_at, fresh_until, last_slot)
    return Place(Fate.QUEUED, "", slot.due_at, fresh_until, slot.due_at)


def place_again(
    earliest: datetime, gap: timedelta, last_slot: datetime | None, fresh_until: datetime, reason: str
) -> Place:
    """The place of a repost that did not go out: a slot of its own, at this moment or later."""
    slot = reserve(earliest, last_slot, gap, fresh_until)
    fate = Fate.EXPIRED if slot.stale else Fate.QUEUED
    return Place(fate, reason, slot.due_at, fresh_until, last_slot if slot.stale else slot.due_at)


def put_off(until: datetime, last_slot: datetime | None, fresh_until: datetime, reason: str) -> Place:
    """The place of what goes at this moment and takes no slot, or never, where that is too late."""
    return Place(Fate.EXPIRED if until > fresh_until else Fate.QUEUED, reason, until, fresh_until, last_slot)


def put_off_to_hours(now: datetime, pace: Pace, last_slot: datetime | None, opens: datetime | None) -> Place:
    """The place of what came to its turn outside of the hours: at the next ones, fresh again; None: there are none.

    Where they are open (`opens` is not after `now`) it goes at once.
    """
    if opens is None:
        return Place(Fate.EXPIRED, "hours", now, now, last_slot)
    again = max(now, opens)
    return Place(Fate.QUEUED, "hours" if opens > now else "", again, again + pace.fresh, last_slot)
