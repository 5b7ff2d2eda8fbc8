"""How much one person may have: channels, schedules, keywords, and money a month. Whoever runs the service has no end.

What counts for one person is first what was set for them, then what was set for everybody, then LIMITS, then what is
declared here. It holds where each is made, whatever makes it: typing, a file, an Undo, a copy.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import peewee as pw

from models.accounts import admins
from models.accounts.channels import Channel, locked
from models.database import Table, as_tuples, transaction
from models.settings import MICRO_DOLLARS, settings

EVERYBODY = 0  # in the place of a person's id: what holds for whom nothing else was set
NO_END = -1  # as it is stored


class Limited(StrEnum):
    """What there may be so much of. The values are stored in buttons, and typed, so they never change."""

    CHANNELS = "channels"
    SCHEDULES = "schedules"  # of all their channels, also what waits in a queue
    KEYWORDS = "keywords"  # of all their channels and of every role
    MONEY = "money"  # micro-dollars a calendar month, of all their channels


DEFAULTS: dict[Limited, int | None] = {
    Limited.CHANNELS: 3,
    Limited.SCHEDULES: 200,
    Limited.KEYWORDS: 2_000,
    Limited.MONEY: 20 * MICRO_DOLLARS,
}


class Allowed(Table):
    """What was set for somebody, or for everybody. None: nothing was set; NO_END: as much as they like."""

    person_id = pw.BigIntegerField(primary_key=True)
    channels = pw.BigIntegerField(null=True)
    schedules = pw.BigIntegerField(null=True)
    keywords = pw.BigIntegerField(null=True)
    money = pw.BigIntegerField(null=True)


@dataclass(frozen=True, slots=True)
class Limit:
    """As much as somebody may have, None without an end; whether it was set for them alone."""

    most: int | None
    is_own: bool


class TooMany(Exception):
    """Somebody would have more than they may: `most` of what is limited, where they have `has` already."""

    def __init__(self, limited: Limited, most: int, has: int) -> None:
        super().__init__(f"{limited}: {has}, and at most {most}")
        self.limited, self.most, self.has = limited, most, has


def of(person_id: int) -> dict[Limited, Limit]:
    """What somebody may have."""
    rows = {row.person_id: row for row in Allowed.select().where(Allowed.person_id.in_([person_id, EVERYBODY]))}
    own, all_of_them = rows.get(person_id), rows.get(EVERYBODY)
    by_setting, runs = settings().limits, person_id != EVERYBODY and admins.is_admin(person_id)
    found: dict[Limited, Limit] = {}
    for limited in Limited:
        mine = getattr(own, limited.value, None) if person_id != EVERYBODY else None
        theirs = getattr(all_of_them, limited.value, None)
        if mine is not None:
            found[limited] = Limit(_end(mine), is_own=True)
        elif runs:
            found[limited] = Limit(None, is_own=False)
        elif theirs is not None:
            found[limited] = Limit(_end(theirs), is_own=False)
        else:
            found[limited] = Limit(by_setting.get(limited.value, DEFAULTS[limited]), is_own=False)
    return found


def most(person_id: int, limited: Limited) -> int | None:
    """How much of it somebody may have; None without an end. Money is in micro-dollars a calendar month."""
    return of(person_id)[limited].most


def allow(person_id: int, limited: Limited, value: int | None) -> None:
    """Set it for somebody, or EVERYBODY: NO_END, or None for what holds for all. At once in force."""
    Allowed.insert(person_id=person_id, **{limited.value: value}).on_conflict(
        conflict_target=[Allowed.person_id], update={limited.value: value}
    ).execute()


@contextmanager
def kept_to(limited: Limited, channel_id: int, count: Callable[[list[int]], int]) -> Iterator[None]:
    """What is made inside counts for the owner of this channel; `count` says how much these channels have of it.

    Raises TooMany, and nothing is made, where that makes more of it than they may have. Who has more already, since
    their limit was lowered, may still make less of it. Of two who make the last one at the same moment one does.
    """
    with transaction():
        channel = locked(channel_id)
        end = None if channel is None else most(channel.owner_id, limited)
        if channel is None or end is None:
            yield
            return
        _take(channel.owner_id)
        theirs = _channels_of(channel.owner_id, connected=False)  # what is kept of one comes back with it
        had = count(theirs)
        yield
        has = count(theirs)
        if has > had and has > end:
            raise TooMany(limited, end, had)


def may_connect(person_id: int) -> None:
    """Raises TooMany where somebody has as many channels as they may. Call it in what gives them one more."""
    end = most(person_id, Limited.CHANNELS)
    if end is None:
        return
    _take(person_id)
    has = len(_channels_of(person_id, connected=True))
    if has + 1 > end:
        raise TooMany(Limited.CHANNELS, end, has)


def _take(person_id: int) -> None:
    """Their row, taken until the transaction ends: whoever makes something of theirs meanwhile comes after."""
    Allowed.insert(person_id=person_id).on_conflict(
        conflict_target=[Allowed.person_id], update={Allowed.person_id: Allowed.person_id}
    ).execute()


def _channels_of(person_id: int, *, connected: bool) -> list[int]:
    """Also what is disconnected, unless only what is `connected` counts."""
    owned = Channel.select(Channel.id).where(Channel.owner_id == person_id)
    if connected:
        owned = owned.where(Channel.connected)
    return [channel_id for (channel_id,) in as_tuples(owned)]


def _end(stored: int) -> int | None:
    return None if stored == NO_END else stored
