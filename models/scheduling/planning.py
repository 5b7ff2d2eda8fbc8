"""Planning: the tweets that schedules make.

What falls due within the next 90 s is looked for, the tweet is inserted (unique on schedule and instant), and the
schedule moves to its next time, by one conditional update: ten planners make one tweet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from engine import posts, recurrence
from models import aside
from models.accounts import channels, choices, team
from models.accounts.channels import Channel
from models.aside import Item, Place
from models.database import transaction
from models.notifications import journal
from models.notifications.kinds import Skipped, Stopped
from models.publishing import threads
from models.publishing.doubts import restored
from models.publishing.placing import Queued
from models.publishing.tweets import TweetStatus
from models.scheduling.schedules import AHEAD, RUNS, Schedule, ScheduleStatus, counted_from, stop_broken

BATCH = 200
RESTORED_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning led to: tweets that wait for their moment."""

    queued: list[Queued]


def due(now: datetime) -> bool:
    """Whether planning has something to do."""
    return bool(Schedule.select().where(RUNS & (Schedule.next_at <= now + AHEAD)).exists())


def plan(now: datetime) -> Planned:
    """Plan a batch of what falls due, the longest waiting first. A schedule that can't be planned is set aside."""
    ready = RUNS & (Schedule.next_at <= now + AHEAD)
    schedules = list(Schedule.select().where(ready).order_by(Schedule.next_at).limit(BATCH))
    planned = aside.together(schedules, lambda some: _plan_some(some, now), lambda s: as_planned(s, now))
    return Planned([queued for some in planned for queued in some])


def as_planned(schedule: Schedule, now: datetime) -> Item:
    """A schedule as it is worked out: on → paused, where that breaks."""
    return Item(Place.PLAN, schedule.id, schedule.channel_id, leave=lambda: _stop(schedule, now))


def _stop(schedule: Schedule, now: datetime) -> None:
    """It goes out no more until somebody has looked; its team is told."""
    channel = channels.one(schedule.channel_id)
    if stop_broken(schedule.id) and channel is not None:
        team.tell(channel, Stopped(schedule.id, now), now)


def _plan_some(some: Sequence[Schedule], now: datetime) -> list[Queued]:
    queued: list[Queued] = []
    with transaction():
        ids = {s.channel_id for s in some}
        channels = {c.id: c for c in Channel.select().where(Channel.id.in_(ids))}
        zones = {channel_id: choices.zone_of(channel_id) for channel_id in ids}
        for schedule in some:
            queued += _plan_one(schedule, channels.get(schedule.channel_id), zones[schedule.channel_id], now)
    return queued


def _plan_one(schedule: Schedule, channel: Channel | None, zone: ZoneInfo, now: datetime) -> list[Queued]:
    grace = timedelta(seconds=schedule.grace_s)
    elsewhere = channel is not None and restored.perhaps_planned(channel, schedule.next_at)
    if elsewhere:  # the last one becomes a tweet however late it is: X is read before anybody says that it is too late
        grace = max(grace, RESTORED_WITHIN)
    walked = recurrence.walk(
        schedule.plan, datetime.fromisoformat(schedule.next_wall), zone, now,
        ahead=AHEAD, grace=grace, left=schedule.left,
    )  # fmt: skip
    gone = walked.skipped + len(walked.goes_out)
    left = None if schedule.left is None else schedule.left - gone
    over = walked.next_wall is None or (left is not None and left <= 0)
    changes: dict[str, Any] = {
        "used": schedule.used + len(walked.goes_out),
        "left": left,
        "status": ScheduleStatus.DONE if over else ScheduleStatus.ON,
        "next_wall": "" if walked.next_wall is None else walked.next_wall.isoformat(),
        "next_at": None if walked.next_wall is None else recurrence.instant_of(walked.next_wall, zone),
    }
    if schedule.rules and walked.next_wall is not None:
        changes["starts"] = counted_from(schedule, walked.next_wall)
    won = list(
        Schedule.update(**changes)
        .where(
            (Schedule.id == schedule.id)
            & (Schedule.status == ScheduleStatus.ON)
            & (Schedule.next_at == schedule.next_at)
            & (Schedule.rules == schedule.rules)  # and counted as it was: else it is worked out anew
            & (Schedule.last == schedule.last)
            & (Schedule.left.is_null() if schedule.left is None else Schedule.left == schedule.left)
        )
        .returning(Schedule)
        .execute()
    )
    if not won or channel is None:  # another planner was here first
        return []
    schedule.texts = won[0].texts  # somebody may have changed what it says since it was read
    queued = [_tweet(schedule, channel, zone, at, n, now) for n, at in enumerate(walked.goes_out)]
    if walked.skipped and not elsewhere:
        _tell_skipped(schedule, channel, walked.skipped, now)
    return [q for q in queued if q is not None]


def _tweet(
    schedule: Schedule, channel: Channel, zone: ZoneInfo, at: datetime, number: int, now: datetime
) -> Queued | None:
    said = schedule.says(schedule.used + number, at.astimezone(zone).replace(tzinfo=None))
    runs = channel.is_on and channel.connected
    due_at = max(at, now)
    head = threads.insert(
        channel.id,
        said,
        now,
        status=TweetStatus.QUEUED if runs else TweetStatus.CANCELLED,
        reason="" if runs else "channel_off",
        due_at=due_at,
        fresh_until=at + timedelta(seconds=schedule.grace_s),
        schedule_id=schedule.id,
        planned_at=at,
        person_id=schedule.person_id,
    )
    if head is None:
        return None
    event = "planned" if runs else "cancelled"
    text = posts.in_words(said)
    data = {"tweet": head.id, "schedule": schedule.id, "text": text, "reason": "" if runs else "channel_off"}
    journal.note([journal.Entry(channel.id, now, event, data)])
    return Queued(head.id, due_at) if runs else None


def _tell_skipped(schedule: Schedule, channel: Channel, count: int, now: datetime) -> None:
    skipped = Skipped(schedule.id, count, posts.in_words(schedule.threads[0])[:200], schedule.next_wall)
    data = {"schedule": skipped.schedule, "count": skipped.count, "text": skipped.text}
    journal.note([journal.Entry(channel.id, now, "skipped", data)])
    team.tell(channel, skipped, now)
