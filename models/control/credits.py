"""The app's credits at X: how many are left, as far as is known, and a word before they are gone.

X tells nobody how many there are until there are none (402). So who runs the service says how many they have bought,
and the ledger says what has been spent since; a 402 says that nothing is left. Those who run it are told once, until
they say anew.

    (unknown) | there were so many → low (told) → there are so many again, or none, and then unknown
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import peewee as pw

from models.accounts import admins, troubles
from models.accounts.troubles import Kind
from models.costs import ledger, months
from models.database import InstantField, Table, transaction
from models.notifications import notices
from models.notifications.kinds_of_budgets import CreditsLow
from models.notifications.kinds_of_control import AlarmOver

ROW = 1
LOW = "credits_low"  # the alarm whose end is told
ENOUGH = timedelta(days=3)  # as it goes
TENTH = 10
LATELY = timedelta(days=7)
DAY = timedelta(days=1)


class Credits(Table):
    """The one row: micro-dollars `there_were` when they were looked at."""

    id = pw.IntegerField(primary_key=True)
    there_were = pw.BigIntegerField()
    looked_at = InstantField()
    told_at = InstantField(null=True)


@dataclass(frozen=True, slots=True)
class Left:
    """Micro-dollars that are left, and what a day costs as it goes."""

    left: int
    a_day: int

    @property
    def days(self) -> int:
        """For how many whole days they last."""
        return max(0, self.left) // self.a_day if self.a_day > 0 else 0


@dataclass(frozen=True, slots=True)
class Before:
    """What was said of them last, to bring it back: micro-dollars, when, and whether it was told that they run low."""

    there_were: int
    looked_at: datetime
    told: bool


def there_are(micros: int | None, now: datetime) -> None:
    """So many micro-dollars are there now; None: nobody knows, and nobody is told."""
    with transaction():
        was = list(Credits.delete().where(Credits.id == ROW).returning(Credits).execute())
        if micros is None:
            return
        there_were = micros + ledger.spent(now, now + DAY)  # the ledger counts from this quarter of an hour's beginning
        Credits.insert(id=ROW, there_were=there_were, looked_at=now, told_at=None).execute()
        told_at = was[0].told_at if was else None
        if told_at is not None and not _is_low(micros, there_were, a_day(now)):
            for person_id in admins.ids():
                notices.tell(person_id, AlarmOver(LOW, "", told_at, now), now)


def before() -> Before | None:
    """As it is now; None where nobody knows."""
    row = Credits.get_or_none(Credits.id == ROW)
    return Before(row.there_were, row.looked_at, row.told_at is not None) if row is not None else None


def restore(was: Before | None, now: datetime) -> None:
    """As it was; what was spent since is spent."""
    with transaction():
        Credits.delete().where(Credits.id == ROW).execute()
        if was is not None:
            told_at = now if was.told else None
            Credits.insert(id=ROW, there_were=was.there_were, looked_at=was.looked_at, told_at=told_at).execute()


def left(now: datetime) -> Left | None:
    """What is left; None where nobody has said what there was."""
    row = Credits.get_or_none(Credits.id == ROW)
    if row is None:
        return None
    if row.there_were == 0:  # X has said so
        return Left(0, a_day(now))
    return Left(row.there_were - ledger.spent(row.looked_at, now + DAY), a_day(now))


def are_gone() -> bool:
    """Whether X has said that none are left."""
    return troubles.one(troubles.APP, Kind.CREDITS) is not None


def a_day(now: datetime) -> int:
    """What a day has cost lately, in micro-dollars: in the last week, or since anything is counted."""
    span = min(LATELY, max(DAY, now - (months.began() or now)))
    return ledger.spent(now - span, now + DAY) * DAY // span


def low(now: datetime) -> Left | None:
    """What is left where those who run the service were told that it runs low; None where X says that none is."""
    told = (Credits.id == ROW) & Credits.told_at.is_null(False) & (Credits.there_were > 0)
    return left(now) if Credits.select().where(told).exists() else None


def look(now: datetime) -> None:
    """For a clock: tell those who run the service, once, that they are running low."""
    if are_gone():  # that is told already
        there = (Credits.id == ROW) & (Credits.there_were > 0)
        Credits.update(there_were=0, looked_at=now, told_at=now).where(there).execute()
        return
    if Credits.delete().where((Credits.id == ROW) & (Credits.there_were == 0)).execute():
        return  # X takes and brings again: somebody has bought some, and nobody has said how many
    row = Credits.get_or_none((Credits.id == ROW) & Credits.told_at.is_null())
    found = left(now) if row is not None else None
    if row is None or found is None:
        return
    if not _is_low(found.left, row.there_were, found.a_day):
        return
    with transaction():
        untold = (Credits.id == ROW) & Credits.told_at.is_null() & (Credits.looked_at == row.looked_at)
        if Credits.update(told_at=now).where(untold).execute() == 1:
            for person_id in admins.ids():
                notices.tell(person_id, CreditsLow(max(0, found.left), found.days, now), now)


def _is_low(left: int, there_were: int, a_day: int) -> bool:
    return left <= max(there_were // TENTH, a_day * (ENOUGH // DAY))
