"""What is planned for the coming day, by hour and channel: its places in the posts of the app's day are kept for it."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

import peewee as pw

from engine import recurrence
from engine.allowance import HOURS
from models.accounts import choices
from models.accounts.channels import Channel
from models.aside import apart
from models.bulk import execute_many
from models.database import as_tuples, transaction
from models.publishing import allowance
from models.publishing.allowance import PlannedHour, hour_of
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling.planning import as_planned
from models.scheduling.schedules import RUNS, Schedule
from models.settings import settings


def renew(now: datetime) -> None:
    """Count anew what the schedules say in the next 24 hours, and what waits already to be said, threads with all of
    their posts. Where that is as much as the limit allows, the rest is not looked at: all of the day is theirs anyway.
    """
    left = settings().x_posts_a_day
    planned: Counter[tuple[int, int]] = Counter()
    until = now + timedelta(hours=HOURS)
    for status in (TweetStatus.QUEUED, TweetStatus.WAITING):
        waits = Tweet.status.literally(status) & Tweet.message_id.is_null() & (Tweet.due_at <= until)
        found = Tweet.select(Tweet.channel_id, Tweet.due_at, pw.fn.COUNT(Tweet.id)).where(waits)
        for channel_id, due_at, count in as_tuples(found.group_by(Tweet.channel_id, Tweet.due_at)):
            planned[max(hour_of(due_at), hour_of(now)), channel_id] += count
    runs = Channel.select(Channel.id).where(Channel.connected & Channel.is_on)
    soon = RUNS & (Schedule.next_at <= until) & (Schedule.channel_id + 0).in_(runs)  # not by all that a channel has
    schedules = list(Schedule.select().where(soon).order_by(Schedule.next_at).limit(left))
    zone_of = cache(choices.zone_of)
    for schedule in schedules:
        times: list[tuple[datetime, int]] = []
        with apart(as_planned(schedule, now)):
            times = _times(schedule, zone_of(schedule.channel_id), until)
        for at, posts in times:
            planned[max(hour_of(at), hour_of(now)), schedule.channel_id] += posts
            left -= posts
        if left <= 0:
            break
    with transaction():
        PlannedHour.delete().execute()
        execute_many(
            "INSERT INTO planned_hour (hour, channel_id, posts) VALUES (?, ?, ?)"
            " ON CONFLICT (hour, channel_id) DO UPDATE SET posts = excluded.posts",  # two may count at once
            [(hour, channel_id, posts) for (hour, channel_id), posts in planned.items()],
        )
        allowance.forget_old(now)


def _times(schedule: Schedule, zone: ZoneInfo, until: datetime) -> list[tuple[datetime, int]]:
    """The instants up to `until` at which it says something, and how many posts that is."""
    turns = schedule.threads
    first = datetime.fromisoformat(schedule.next_wall)
    walls = [first]
    if schedule.plan is not None:
        left = settings().x_posts_a_day if schedule.left is None else schedule.left - 1
        for wall in islice(recurrence.after(schedule.plan, first), max(0, left)):
            if recurrence.instant_of(wall, zone) > until:
                break
            walls.append(wall)
    return [
        (recurrence.instant_of(wall, zone), len(turns[(schedule.used + n) % len(turns)]))
        for n, wall in enumerate(walls)
    ]
