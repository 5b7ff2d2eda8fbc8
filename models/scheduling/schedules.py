"""Schedules: texts with the times at which they go out.

on ⇄ paused        on → done (its last time has gone by)        on | paused | done → deleted → (undo) what it was
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import peewee as pw

from engine import composing, posts, recurrence
from engine.posts import Thread
from engine.recurrence import Plan
from engine.when import When
from models.accounts import choices, limits
from models.accounts.channels import locked
from models.accounts.limits import Limited
from models.database import EnumField, InstantField, Table, transaction
from models.publishing import kept
from models.publishing import threads as stored_threads
from models.publishing.tweets import Tweet, TweetStatus

AHEAD = timedelta(seconds=90)
CLOSE = timedelta(minutes=5)
DEFAULT_GRACE = timedelta(minutes=15)


class ScheduleStatus(StrEnum):
    """Where a schedule stands. The values are stored, so they never change."""

    ON = "on"  # it goes out at its times
    PAUSED = "paused"  # a person stopped it
    DONE = "done"  # its last time has gone by
    DELETED = "deleted"  # it can be put back


class Schedule(Table):
    """`next_wall`, `starts`, `last` are wall times (ISO) in the channel's zone; `next_at` is the instant.

    `was` is the status that a deleted one had. `ended_at`: since when it is seen to be over; a month later it goes.
    """

    id = pw.AutoField()
    channel_id = pw.IntegerField(index=True)
    person_id = pw.BigIntegerField()
    texts = pw.TextField()
    language = pw.TextField(default="en")
    rules = pw.TextField(default="")
    starts = pw.TextField()
    last = pw.TextField(default="")
    left = pw.IntegerField(null=True)
    used = pw.IntegerField(default=0)
    grace_s = pw.IntegerField(default=900)
    status = EnumField(ScheduleStatus, default=ScheduleStatus.ON)
    was = EnumField(ScheduleStatus, blank=True)
    next_wall = pw.TextField(default="")
    next_at = InstantField(null=True)
    in_queue = pw.BooleanField(default=False)
    import_id = pw.BigIntegerField(null=True)
    replaced_by = pw.BigIntegerField(null=True)
    created_at = InstantField()
    ended_at = InstantField(null=True)

    @property
    def threads(self) -> list[Thread]:
        """What it says, in turn: posts, or threads of them."""
        return posts.from_json(self.texts)

    def says(self, number: int, wall: datetime) -> Thread:
        """What it says the so-manyth time (from 0), at a wall time."""
        turns = self.threads
        return posts.filled_in(turns[number % len(turns)], wall, number + 1, self.language)

    @property
    def plan(self) -> Plan | None:
        """Its recurrence; None for a single time."""
        if not self.rules:
            return None
        last = datetime.fromisoformat(self.last) if self.last else None
        return Plan(tuple(self.rules.split("\n")), datetime.fromisoformat(self.starts), last)


RUNS = Schedule.status.literally(ScheduleStatus.ON)  # as the index has it


# --- making and changing ---------------------------------------------------------------------------------------


def create(
    channel_id: int, person_id: int, turns: Sequence[Thread], when: When, language: str, now: datetime, **more: Any
) -> Schedule:
    """Keep a schedule; it runs from now on. `more` may hold other values of its row. Raises limits.TooMany."""
    with within_limit(channel_id):
        zone = choices.zone_of(channel_id)
        row = new_row(channel_id, person_id, turns, when, language, now, zone)
        return Schedule.get_by_id(Schedule.insert(**{**row, **more}).execute())


def within_limit(channel_id: int) -> AbstractContextManager[None]:
    """A transaction in which its owner gets no more schedules that run or pause than they may have.

    Raises limits.TooMany.
    """
    lives = Schedule.status.in_([ScheduleStatus.ON, ScheduleStatus.PAUSED])
    return limits.kept_to(
        Limited.SCHEDULES, channel_id, lambda ids: Schedule.select().where(Schedule.channel_id.in_(ids) & lives).count()
    )


def new_row(
    channel_id: int, person_id: int, turns: Sequence[Thread], when: When, language: str, now: datetime, zone: tzinfo
) -> dict[str, Any]:
    """The row of a schedule that is to be made; `zone` is the channel's."""
    return {
        "channel_id": channel_id,
        "person_id": person_id,
        "texts": posts.to_json(turns),
        "language": language,
        "rules": "\n".join(when.rules),
        "last": when.last.isoformat() if when.last else "",
        "left": when.times,
        "starts": when.first.isoformat(),
        "next_wall": when.first.isoformat(),
        "next_at": recurrence.instant_of(when.first, zone),
        "grace_s": int(DEFAULT_GRACE.total_seconds()),
        "created_at": now,
    }


def change(schedule: Schedule, turns: Sequence[Thread], when: When) -> bool:
    """Something else to say, or other times, also for what was planned a moment ago.

    Times that are the same as before don't lose the one that was planned.
    """
    zone = choices.zone_of(schedule.channel_id)
    with within_limit(schedule.channel_id):
        before = take(schedule.id)
        if before is None:
            return False
        unplan(schedule.id)
        rules, last = "\n".join(when.rules), when.last.isoformat() if when.last else ""
        values: dict[str, Any] = {"texts": posts.to_json(turns), "rules": rules, "last": last}
        if (before.rules, before.next_wall) != (rules, when.first.isoformat()):
            wall = when.first.isoformat()
            values |= {"starts": wall, "next_wall": wall, "next_at": recurrence.instant_of(when.first, zone)}
        if before.left != when.times:
            values["left"] = when.times
        status = pw.Case(None, [(Schedule.status == ScheduleStatus.DONE, ScheduleStatus.ON.value)], Schedule.status)
        mine = _mine(schedule) & (Schedule.status != ScheduleStatus.DELETED)
        changed = Schedule.update(status=status, **values).where(mine).execute()
    return bool(changed)


def pause(schedule: Schedule) -> bool:
    """on → paused; what was planned a moment ago is not said."""
    with transaction():
        unplan(schedule.id)
        changed = (
            Schedule.update(status=ScheduleStatus.PAUSED)
            .where(_mine(schedule) & (Schedule.status == ScheduleStatus.ON))
            .execute()
        )
    return bool(changed)


def stop_broken(schedule_id: int) -> bool:
    """on → paused: its tweet can't be made. False where it is not on."""
    still = (Schedule.id == schedule_id) & (Schedule.status == ScheduleStatus.ON)
    return bool(Schedule.update(status=ScheduleStatus.PAUSED).where(still).execute() == 1)


def start_broken(schedule_id: int) -> bool:
    """paused → on, as it stood; what went by meanwhile is skipped or said as its grace says."""
    stopped = (
        (Schedule.id == schedule_id) & (Schedule.status == ScheduleStatus.PAUSED) & Schedule.next_at.is_null(False)
    )
    return bool(Schedule.update(status=ScheduleStatus.ON).where(stopped).execute() == 1)


def resume(schedule: Schedule, now: datetime) -> bool:
    """paused → on, from its next time after now; done where there is none."""
    with transaction():
        locked(schedule.channel_id)  # its zone stands still
        coming = _from(schedule, now)
        status = ScheduleStatus.ON if coming["next_at"] is not None else ScheduleStatus.DONE
        changed = (
            Schedule.update(status=status, **coming)
            .where(_mine(schedule) & (Schedule.status == ScheduleStatus.PAUSED))
            .execute()
        )
    return bool(changed)


def skip_next(schedule: Schedule, now: datetime) -> datetime | None:
    """Leave the next time out, also where it was planned a moment ago; the wall time after it, or None without one."""
    with transaction():
        unplan(schedule.id)
        item = Schedule.get_by_id(schedule.id)
        walls = coming(item, now, 2)
        if len(walls) < 2:
            return None
        when = when_of(item)
        change(item, item.threads, When(walls[1], when.rules, when.last, when.times))
    return walls[1]


def delete(schedule: Schedule) -> bool:
    """→ deleted; it can be put back."""
    with transaction():
        unplan(schedule.id)
        there = _mine(schedule) & (Schedule.status != ScheduleStatus.DELETED)
        changed = Schedule.update(was=Schedule.status, status=ScheduleStatus.DELETED).where(there).execute()
    return bool(changed)


def put_back(schedule: Schedule, now: datetime) -> bool:
    """deleted → what it was, from its next time after now; done where there is none and it was on.

    Raises limits.TooMany.
    """
    with within_limit(schedule.channel_id):
        locked(schedule.channel_id)  # its zone stands still
        coming = _from(schedule, now)
        on = ScheduleStatus.ON if coming["next_at"] is not None else ScheduleStatus.DONE
        status = pw.Case(None, [(Schedule.was == ScheduleStatus.PAUSED, ScheduleStatus.PAUSED.value)], on.value)
        times = coming if coming["next_at"] is not None else {}
        changed = (
            Schedule.update(status=status, **times)
            .where(_mine(schedule) & (Schedule.status == ScheduleStatus.DELETED))
            .execute()
        )
    return bool(changed)


def pass_over(schedule_id: int, now: datetime) -> None:
    """A time that has gone by is not made up for: its next one after now; on → done where there is none."""
    item = Schedule.get_by_id(schedule_id)
    if item.next_at is None or item.next_at > now:
        return
    coming = _from(item, now)
    values = coming if coming["next_at"] is not None else {"status": ScheduleStatus.DONE}
    here = _mine(item) & (Schedule.status == ScheduleStatus.ON) & (Schedule.next_at == item.next_at)
    Schedule.update(**values).where(here).execute()


def set_grace(schedule: Schedule, minutes: int) -> None:
    """How late it may go out after a silence of ours. Raises ValueError outside a minute to a day."""
    if not 1 <= minutes <= 24 * 60:
        raise ValueError(minutes)
    Schedule.update(grace_s=minutes * 60).where(_mine(schedule)).execute()


def duplicate(schedule: Schedule, now: datetime) -> Schedule:
    """A paused copy, to be changed. Raises limits.TooMany."""
    values = {f.name: getattr(schedule, f.name) for f in Schedule._meta.sorted_fields if f.name != "id"}
    new = {**values, "status": ScheduleStatus.PAUSED, "used": 0, "in_queue": False, "created_at": now}
    with within_limit(schedule.channel_id):
        made = Schedule.get_by_id(Schedule.insert(**new).execute())
    return made


# --- planned already ----------------------------------------------------------------------------------------------


def take(schedule_id: int) -> Schedule | None:
    """The schedule as it stands, its row taken until the transaction ends: nobody plans or changes it meanwhile."""
    taken = Schedule.update(status=Schedule.status).where(Schedule.id == schedule_id).returning(Schedule).execute()
    return next(iter(list(taken)), None)


def unplan(schedule_id: int) -> None:
    """Take back what was planned and not said yet: the schedule stands again where it stood before that planning.

    Call it first, in the transaction of the change that makes it necessary: the schedule is taken until that ends.
    """
    take(schedule_id)
    Tweet.update(reason="schedule").where((Tweet.schedule_id == schedule_id) & kept.kept()).execute()
    gone = list(
        Tweet.update(
            status=TweetStatus.CANCELLED, reason="schedule", planned_at=None
        )  # the same instant can be planned anew
        .where(
            (Tweet.schedule_id == schedule_id)
            & Tweet.status.in_([TweetStatus.QUEUED, TweetStatus.WAITING])
            & Tweet.after_id.is_null()
        )
        .returning(Tweet.id, Tweet.due_at)
        .execute()
    )
    if not gone:
        return
    for tweet in gone:
        stored_threads.cancel_rest(tweet.id, "schedule")
    schedule = Schedule.get_by_id(schedule_id)
    first = min(t.due_at for t in gone)
    wall = choices.wall_of(schedule.channel_id, first)
    Schedule.update(
        next_at=first,
        next_wall=wall.isoformat(),
        starts=counted_from(schedule, wall) if schedule.rules else schedule.starts,
        used=Schedule.used - len(gone),
        left=Schedule.left + len(gone),
        status=pw.Case(None, [(Schedule.status == ScheduleStatus.DONE, ScheduleStatus.ON.value)], Schedule.status),
    ).where(Schedule.id == schedule_id).execute()


def counted_from(schedule: Schedule, next_wall: datetime) -> str:
    """Where weeks and days are counted from: moved on, so that the way to the next time stays short."""
    if "INTERVAL" in schedule.rules and "WEEKLY" in schedule.rules:
        return str(schedule.starts)  # a week has several days: the first of them keeps the count
    return next_wall.isoformat()


def _from(schedule: Schedule, now: datetime) -> dict[str, Any]:
    """Its next time from now on."""
    zone = choices.zone_of(schedule.channel_id)
    wall = next(iter(coming(schedule, now, 1, zone)), None)
    return {
        "next_wall": wall.isoformat() if wall else "",
        "next_at": recurrence.instant_of(wall, zone) if wall else None,
    }


# --- reading -------------------------------------------------------------------------------------------------------


def coming(schedule: Schedule, now: datetime, count: int, zone: ZoneInfo | None = None) -> list[datetime]:
    """The next wall times of a schedule whose instants are not past; `zone` is its channel's, where that is known."""
    zone = zone or choices.zone_of(schedule.channel_id)
    plan = schedule.plan
    if plan is None:
        wall = datetime.fromisoformat(schedule.starts)
        return [wall] if recurrence.instant_of(wall, zone) > now else []
    return next_walls(plan, now, zone, count if schedule.left is None else min(count, schedule.left))


def next_walls(plan: Plan, now: datetime, zone: ZoneInfo, count: int) -> list[datetime]:
    """The next wall times of a recurrence after an instant."""
    found: list[datetime] = []
    before = max(now.astimezone(zone).replace(tzinfo=None), plan.start - timedelta(seconds=1)) - timedelta(hours=2)
    for wall in recurrence.after(plan, before):
        if len(found) >= count:
            break
        if wall >= plan.start and recurrence.instant_of(wall, zone) > now:
            found.append(wall)
    return found


def of_channel(channel_id: int) -> list[Schedule]:
    """The schedules that stand, the next first; paused ones last."""
    rows = Schedule.select().where(
        (Schedule.channel_id == channel_id) & Schedule.status.in_([ScheduleStatus.ON, ScheduleStatus.PAUSED])
    )
    return sorted(
        rows, key=lambda s: (s.status != ScheduleStatus.ON, s.next_at or datetime.max.replace(tzinfo=UTC), s.id)
    )


def schedule(channel_id: int, schedule_id: int) -> Schedule | None:
    return Schedule.get_or_none((Schedule.id == schedule_id) & (Schedule.channel_id == channel_id))


def alike(channel_id: int, thread: Thread) -> Schedule | None:
    """A schedule that stands and says the same already."""
    wanted = _compared(thread)
    for item in of_channel(channel_id) if wanted else []:
        if any(_compared(t) == wanted for t in item.threads):
            return item
    return None


def when_of(item: Schedule) -> When:
    """When it goes out, from its next time on, as the engine's value."""
    plan = item.plan
    first = datetime.fromisoformat(item.next_wall or item.starts)
    return When(first, plan.rules if plan else (), plan.last if plan else None, item.left)


def close_to(channel_id: int, at: datetime, *, but: int | None = None) -> Schedule | None:
    """A schedule, `but` this one, whose next time lies within five minutes of this instant."""
    near = Schedule.next_at.between(at - CLOSE, at + CLOSE) & (Schedule.id != (but or 0))
    found: Schedule | None = Schedule.select().where((Schedule.channel_id == channel_id) & RUNS & near).first()
    return found


def _mine(schedule: Schedule) -> Any:
    return (Schedule.id == schedule.id) & (Schedule.channel_id == schedule.channel_id)


def _compared(thread: Thread) -> str:
    return composing.clean(posts.in_words(thread)).casefold()
