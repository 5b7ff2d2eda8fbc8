"""The posts of the app's day: counted before each is said, shared between the channels, and given back where X refused.

A channel is granted some posts of the current hour at a time, under the one row of the day; each post then takes one of
them by one conditional update of the channel's own row. So what is granted never exceeds the limit, and what is used
never what is granted, whoever is killed and however many ask at once. What counts is `POST /2/tweets`: a native repost
has no limit of the app. The counts outlive a forgotten channel, as X's do: they are numbers, and fall away in two days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine import allowance as shares
from engine.allowance import HOURS, Share
from models.accounts import admins, troubles
from models.accounts.channels import Channel
from models.accounts.troubles import Kind
from models.database import EPOCH, InstantField, Table, as_tuples, to_stored, transaction
from models.notifications import notices
from models.notifications.kinds import DayUsed
from models.settings import settings
from models.statements import statement

HOUR = timedelta(hours=1)
DAY = timedelta(hours=HOURS)
LOOK_AGAIN = timedelta(minutes=1)
UNTIL_UNKNOWN = timedelta(hours=1)
JUST_OVER = timedelta(minutes=10)
KNOWN_AFTER = 2 * DAY
NEARLY = 80  # percent
ALL = 100


class Want(StrEnum):
    """What is missing for a post. The values are stored as its reason, so they never change."""

    PLACE = "day_full"  # no post of the app's day is left
    SHARE = "day_share"  # those that are left are for what is planned, and for other channels


class SaidHour(Table):
    """What a channel has said in an hour (since 1970), and how much it may say in it without asking again.

    `refused_until`: until then its reposts are told to wait without a look at everybody's shares.
    """

    hour = pw.IntegerField()
    channel = pw.IntegerField()  # not `channel_id`: it stays when the channel is forgotten
    used = pw.IntegerField(default=0)
    granted = pw.IntegerField(default=0)
    refused_until = InstantField(default=EPOCH)

    class Meta:
        primary_key = pw.CompositeKey("hour", "channel")


class PlannedHour(Table):
    """How many posts a channel has planned for an hour; written anew every minute (models/scheduling/forecast.py)."""

    hour = pw.IntegerField()
    channel_id = pw.IntegerField()
    posts = pw.IntegerField()

    class Meta:
        primary_key = pw.CompositeKey("hour", "channel_id")


class AppDay(Table):
    """The one row (1) that who grants posts takes first. `full_until` is what X said, at `full_at`."""

    id = pw.IntegerField(primary_key=True)
    full_until = InstantField(default=EPOCH)
    full_at = InstantField(default=EPOCH)
    told_nearly_at = InstantField(default=EPOCH)
    told_full_at = InstantField(default=EPOCH)


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at this moment. `is_sure`: not before, as X itself named it."""

    until: datetime
    reason: Want
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The app's last 24 hours: posts said, of how many, and those planned for the next. `full_until`: X's word."""

    used: int
    limit: int
    planned: int
    full_until: datetime | None

    @property
    def percent(self) -> int:
        return self.used * 100 // self.limit


def hour_of(at: datetime) -> int:
    """The hour since 1970 in which an instant lies."""
    return (at - EPOCH) // HOUR


def take(channel_id: int, now: datetime, *, planned: bool) -> Wait | None:
    """Count one more post of the channel; or how long it must wait. Call it inside the transaction that marks it so."""
    if _spend.changed(hour_of(now), channel_id):
        return None
    return _granted_one(channel_id, now) if planned else _shared_one(channel_id, now)


def give_back(channel_id: int, counted_at: datetime) -> None:
    """What was counted at this instant was not said: its place is everybody's.

    Call it inside the transaction that unmarks it.
    """
    mine = (SaidHour.hour == hour_of(counted_at)) & (SaidHour.channel == channel_id) & (SaidHour.used > 0)
    SaidHour.update(used=SaidHour.used - 1, granted=SaidHour.granted - 1).where(mine).execute()


def filled(until: datetime | None, now: datetime) -> datetime:
    """X says that the app's day is full: nobody has anything left of it until then; the moment that holds for all.

    Those who run the service are told once, however many posts meet it.
    """
    with transaction():
        day = _taken()
        if day.full_until > now:
            return day.full_until
        until = min(until, now + DAY + HOUR) if until is not None and until > now else now + UNTIL_UNKNOWN
        if now - day.full_until < JUST_OVER:  # what X named was not the end
            until = max(until, now + min(2 * (day.full_until - day.full_at), UNTIL_UNKNOWN))
        AppDay.update(full_until=until, full_at=now).where(AppDay.id == 1).execute()
        _take_unused_back()
        troubles.met(troubles.APP, Kind.DAY_FULL, now, until=until)
    return until


def day(now: datetime) -> Day:
    """How the app's day stands."""
    current = hour_of(now)
    used = SaidHour.select(pw.fn.SUM(SaidHour.used)).where(SaidHour.hour >= current - HOURS).scalar()
    planned = PlannedHour.select(pw.fn.SUM(PlannedHour.posts)).where(PlannedHour.hour >= current).scalar()
    row = AppDay.get_or_none(AppDay.id == 1)
    full_until = row.full_until if row is not None and row.full_until > now else None
    return Day(int(used or 0), settings().x_posts_a_day, int(planned or 0), full_until)


def said_by(channel_id: int, now: datetime) -> int:
    """How many posts of the app's day the channel has said."""
    mine = (SaidHour.channel == channel_id) & (SaidHour.hour >= hour_of(now) - HOURS)
    return int(SaidHour.select(pw.fn.SUM(SaidHour.used)).where(mine).scalar() or 0)


def waits(channel_id: int, now: datetime) -> bool:
    """Whether the channel's reposts wait for a place in the app's day."""
    mine = (SaidHour.channel == channel_id) & (SaidHour.hour >= hour_of(now) - 1)
    return bool(SaidHour.select().where(mine & (SaidHour.refused_until > now)).exists())


def forget_old(now: datetime) -> None:
    """Two days are compared; what is older goes. What was granted in an hour that has passed is nobody's any more."""
    SaidHour.delete().where(SaidHour.hour < hour_of(now) - 2 * HOURS - 1).execute()
    past = (SaidHour.hour < hour_of(now) - 1) & (SaidHour.granted > SaidHour.used)
    SaidHour.update(granted=SaidHour.used).where(past).execute()


# --- asking ----------------------------------------------------------------------------------------------------


@statement
def _spend(hour: int, channel_id: int) -> pw.Query:
    mine = (SaidHour.hour == hour) & (SaidHour.channel == channel_id)
    return SaidHour.update(used=SaidHour.used + 1).where(mine & (SaidHour.used < SaidHour.granted))


def _granted_one(channel_id: int, now: datetime) -> Wait | None:
    """For what is planned or written by a person: as long as there is one in the day."""
    stands = _taken()
    if stands.full_until > now:
        return Wait(stands.full_until, Want.PLACE, is_sure=True)
    limit, current = settings().x_posts_a_day, hour_of(now)
    used, granted = _said(current)
    if granted >= limit:
        _take_unused_back()
        used, granted = _said(current)
    if granted >= limit:
        _tell_how_full(stands, limit, limit, now)
        return Wait(now + LOOK_AGAIN, Want.PLACE)
    _grant(channel_id, current, shares.ahead_of(limit - granted))
    _tell_how_full(stands, used + 1, limit, now)
    return None


def _shared_one(channel_id: int, now: datetime) -> Wait | None:
    """For a repost: what is planned has its places, and no channel has more than its share of the others."""
    current = hour_of(now)
    told = (SaidHour.channel == channel_id) & SaidHour.hour.in_([current - 1, current])
    refused = SaidHour.select(SaidHour.refused_until).where(told & (SaidHour.refused_until > now)).first()
    if refused is not None:
        return Wait(refused.refused_until, Want.SHARE)
    stands = _taken()
    if stands.full_until > now:
        return Wait(stands.full_until, Want.PLACE, is_sure=True)
    limit = settings().x_posts_a_day
    may = _share_of(channel_id, limit, now)
    if not may:
        _take_unused_back()
        may = _share_of(channel_id, limit, now)
    used, granted = _said(current)
    if not may:
        until = now + LOOK_AGAIN
        _refuse(channel_id, current, until)
        _tell_how_full(stands, used, limit, now)
        return Wait(until, Want.PLACE if granted >= limit else Want.SHARE)
    _grant(channel_id, current, shares.ahead(may))
    _tell_how_full(stands, used + 1, limit, now)
    return None


def _share_of(channel_id: int, limit: int, now: datetime) -> int:
    """How many more the channel may repost now (engine/allowance.py)."""
    current = hour_of(now)
    in_window = SaidHour.hour >= current - HOURS
    by_hour = dict(
        as_tuples(SaidHour.select(SaidHour.hour, pw.fn.SUM(SaidHour.granted)).where(in_window).group_by(SaidHour.hour))
    )
    planned_by_hour = dict(
        as_tuples(
            PlannedHour.select(PlannedHour.hour, pw.fn.SUM(PlannedHour.posts))
            .where(PlannedHour.hour >= current)
            .group_by(PlannedHour.hour)
        )
    )
    said = _in_order(by_hour, range(current - HOURS, current + 1))
    planned = _in_order(planned_by_hour, range(current, current + HOURS + 1))
    room = shares.room(limit, said, planned)
    if not room:
        return 0
    mine, others = _shares(channel_id, now)
    return shares.may_say(mine, others, room)


def _shares(channel_id: int, now: datetime) -> tuple[Share, list[Share]]:
    """The channel's share and those of the others that are on."""
    current = hour_of(now)
    old = SaidHour.hour < current - HOURS
    in_two_days = {
        channel: (int(lately), int(before), int(refused))
        for channel, lately, before, refused in as_tuples(
            SaidHour.select(
                SaidHour.channel,
                pw.fn.SUM(pw.Case(None, [(old, 0)], SaidHour.granted)),
                pw.fn.SUM(pw.Case(None, [(old, SaidHour.used)], 0)),
                pw.fn.MAX(SaidHour.refused_until).coerce(False),
            )
            .where(SaidHour.hour >= current - 2 * HOURS)
            .group_by(SaidHour.channel)
        )
    }
    planned = dict(
        as_tuples(
            PlannedHour.select(PlannedHour.channel_id, pw.fn.SUM(PlannedHour.posts))
            .where(PlannedHour.hour >= current)
            .group_by(PlannedHour.channel_id)
        )
    )
    mine, others = Share(0), list[Share]()
    lately_refused = to_stored(now - HOUR)
    on = Channel.select(Channel.id, Channel.created_at).where(Channel.connected & Channel.is_on)
    for each, created_at in as_tuples(on):
        lately, before, refused = in_two_days.get(each, (0, 0, 0))
        said = lately + int(planned.get(each, 0))
        if each == channel_id:
            mine = Share(said)
        else:
            known = created_at <= now - KNOWN_AFTER
            others.append(Share(said, shares.expected(before, known=known, wants=refused > lately_refused)))
    return mine, others


# --- the rows --------------------------------------------------------------------------------------------------


def _taken() -> AppDay:
    """The row of the day, taken until the transaction ends: who grants is alone."""
    made = AppDay.insert(id=1).on_conflict(conflict_target=[AppDay.id], update={AppDay.id: AppDay.id})
    row: AppDay = next(iter(made.returning(AppDay).execute()))
    return row


def _said(current: int) -> tuple[int, int]:
    """Posts used and granted in the window of a day."""
    sums = SaidHour.select(pw.fn.SUM(SaidHour.used), pw.fn.SUM(SaidHour.granted))
    used, granted = as_tuples(sums.where(SaidHour.hour >= current - HOURS))[0]
    return int(used or 0), int(granted or 0)


def _grant(channel_id: int, hour: int, count: int) -> None:
    """So many more, of which one is used at once."""
    SaidHour.insert(hour=hour, channel=channel_id, used=1, granted=count).on_conflict(
        conflict_target=[SaidHour.hour, SaidHour.channel],
        update={SaidHour.used: SaidHour.used + 1, SaidHour.granted: SaidHour.granted + count},
    ).execute()


def _refuse(channel_id: int, hour: int, until: datetime) -> None:
    SaidHour.insert(hour=hour, channel=channel_id, refused_until=until).on_conflict(
        conflict_target=[SaidHour.hour, SaidHour.channel], update={SaidHour.refused_until: until}
    ).execute()


def _take_unused_back() -> None:
    """What was granted and not used is free again; who has the row of the day calls it."""
    SaidHour.update(granted=SaidHour.used).where(SaidHour.granted > SaidHour.used).execute()


def _in_order(counts: dict[Any, Any], hours: Sequence[int]) -> list[int]:
    return [int(counts.get(hour) or 0) for hour in hours]


# --- telling ---------------------------------------------------------------------------------------------------


def _tell_how_full(stands: AppDay, used: int, limit: int, now: datetime) -> None:
    """Tell those who run the service once a day that it is nearly full, and once that it is."""
    if used * 100 >= limit * ALL and stands.told_full_at <= now - DAY:
        AppDay.update(told_full_at=now, told_nearly_at=now).where(AppDay.id == 1).execute()
        _tell_admins(DayUsed(ALL, used, limit, now), now)
    elif used * 100 >= limit * NEARLY and stands.told_nearly_at <= now - DAY:
        AppDay.update(told_nearly_at=now).where(AppDay.id == 1).execute()
        _tell_admins(DayUsed(NEARLY, used, limit, now), now)


def _tell_admins(told: DayUsed, now: datetime) -> None:
    for person_id in admins.ids():
        notices.tell(person_id, told, now)
