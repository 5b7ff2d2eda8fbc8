"""When X's sign-in is asked again: a channel after pauses of its own, and one for all where it fails for many."""

from collections.abc import Callable
from datetime import datetime, timedelta

import peewee as pw

from models.accounts import troubles
from models.accounts.troubles import APP, Kind, Trouble
from models.database import transaction

RENEWALS = (Kind.SIGN_IN, Kind.CLIENT, Kind.KEY)  # that keep an access from being renewed
MANY = 3  # channels, for which it is no longer that of one


def waits_until(channel_id: int, now: datetime, *kinds: Kind) -> tuple[Kind, datetime] | None:
    """Until when the channel leaves X alone because of one of these, and which."""
    found = [
        (kind, until) for kind, until in troubles.open_of(channel_id).items() if kind in kinds and until and until > now
    ]
    return max(found, key=lambda one_: one_[1]) if found else None


def paused(now: datetime) -> pw.Query:
    """The channels whose access can't be renewed yet, as a part of a query."""
    waits = Trouble.kind.in_(RENEWALS) & Trouble.ended_at.is_null() & (Trouble.until > now)
    return Trouble.select(Trouble.channel_id).where(waits)


def all_wait(now: datetime) -> bool:
    """Whether X's sign-in fails for many, and is left alone by all for now."""
    return any(t.until is not None and t.until > now for t in _of_all())


def may_try(now: datetime, pauses: Callable[[int], timedelta]) -> bool:
    """Whether a channel may ask X's sign-in: where it fails for many, one asks for all, after pauses that grow."""
    for trouble in _of_all():
        mine = (Trouble.channel_id == APP) & (Trouble.kind == trouble.kind) & Trouble.ended_at.is_null()
        free = Trouble.until.is_null() | (Trouble.until <= now)
        if Trouble.update(until=now + pauses(trouble.tries)).where(mine & free).execute() != 1:
            return False
    return True


def eases(now: datetime) -> None:
    """X's sign-in has given a good answer: whoever waits for it may try again."""
    for kind in (Kind.SIGN_IN, Kind.CLIENT):
        waits = (Trouble.kind == kind) & Trouble.ended_at.is_null() & (Trouble.until > now)
        if Trouble.select().where(waits).exists():
            with transaction():
                troubles.take(kind)
                Trouble.update(until=now, tries=1).where(waits).execute()


def _of_all() -> list[Trouble]:
    """What of X's sign-in is no longer the trouble of single channels."""
    goes_on = Trouble.kind.in_([Kind.SIGN_IN, Kind.CLIENT]) & Trouble.ended_at.is_null()
    found = list(Trouble.select().where(goes_on & (Trouble.channel_id == APP)))
    return [t for t in found if t.kind is Kind.CLIENT or _many(t.kind)]


def _many(kind: Kind) -> bool:
    of_channels = (Trouble.kind == kind) & Trouble.ended_at.is_null() & (Trouble.channel_id != APP)
    return Trouble.select().where(of_channels).count() >= MANY
