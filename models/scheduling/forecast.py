"""What is planned for the coming day, by hour and channel: its places in the posts of the app's day are kept for it."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from zoneinfo import ZoneInfo

import peewee as pw

from engine import composing, recurrence
from engine.allowance import HOURS
from engine.posts import Post
from engine.x import prices
from engine.x.prices import Billed
from models.accounts import choices
from models.accounts.channels import Channel
from models.aside import apart
from models.bulk import execute_many
from models.database import as_tuples, transaction
from models.publishing import allowance, billed
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


def cost_until(channel_id: int, until: datetime, now: datetime) -> int:
    """What a channel plans until an instant costs, micro-dollars: what waits to be said, and what its schedules say."""
    zone, cost = choices.zone_of(channel_id), 0
    for status in (TweetStatus.QUEUED, TweetStatus.WAITING):
        waits = Tweet.status.literally(status) & Tweet.message_id.is_null() & (Tweet.due_at <= until)
        for tweet in Tweet.select().where(waits & (Tweet.channel_id == channel_id)):
            cost += billed.cost_of(tweet, now)
    mine = RUNS & (Schedule.next_at <= until) & (Schedule.channel_id == channel_id)
    for schedule in Schedule.select().where(mine):
        turns = schedule.threads
        each = [sum(_price(post, now) for post in thread) for thread in turns]
        with apart(as_planned(schedule, now)):
            cost += sum(each[(schedule.used + n) % len(turns)] for n, _ in enumerate(_times(schedule, zone, until)))
    return cost


def _price(post: Post, now: datetime) -> int:
    kind = Billed.LINK if composing.has_link(post.text) else Billed.POST
    described = sum(bool(attached.alt) for attached in post.media)
    return prices.of(kind, now) + described * prices.of(Billed.ALT_TEXT, now)


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
