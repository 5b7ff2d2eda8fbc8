"""What a schedule's next times are, and what they come to: said where it is made, changed and shown."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from zoneinfo import ZoneInfo

from bot.chat.language import Speaker
from bot.chat.moments import moment
from bot.chat.turn import Turn
from bot.costs.money import about, money
from bot.publishing.drafts import thread_price
from engine import posts, recurrence
from engine.posts import Thread
from engine.recurrence import Plan
from engine.when import When
from models.accounts import choices
from models.accounts.channels import Channel
from models.scheduling import schedules as stored
from models.scheduling.schedules import Schedule, ScheduleStatus

SHOWN = 5
MONTH = timedelta(days=30)
RARE = timedelta(days=45)  # what comes no sooner again has no price a month
MOST = 50_000  # times in a month: more than a person has


def walls(turn: Turn, when: When, zone: ZoneInfo, most: int = SHOWN) -> list[datetime]:
    """The next times of a draft."""
    plan = Plan(when.rules, when.first, when.last)
    return stored.next_walls(plan, turn.now, zone, most if when.times is None else min(most, when.times))


def of_draft(turn: Turn, channel: Channel, turns: Sequence[Thread], when: When, zone: ZoneInfo) -> list[str]:
    """Of one that comes again and again: its next times, what it comes to, and whether it says the same too soon."""
    if not when.rules:
        return []
    times = " · ".join(moment(turn, w) for w in walls(turn, when, zone))
    lines: list[str] = [turn.t("Next: {times}", times=times), *price(turn, turns, when, zone, turn.now)]
    if _repeats_itself(turn, channel, turns, when, zone):
        lines.append(
            turn.t(
                "⚠️ X refuses the same text twice within a day. Put {{time}} or {{n}} in it, or add another text to take"
                " turns."
            )
        )
    return lines


def price(
    say: Speaker, turns: Sequence[Thread], when: When, zone: ZoneInfo, now: datetime, *, used: int = 0,
    plan: Plan | None = None,
) -> list[str]:  # fmt: skip
    """What it comes to in thirty days from its first time on; nothing of one that comes once, whose price is shown.

    `used`: so many times it has said something; `plan`: what its times are counted by, where that began before.
    """
    times = _times(when, now.astimezone(zone).replace(tzinfo=None), plan)
    first = next(times, None)
    if first is None or not when.rules:
        return []
    costs = [thread_price(thread, now) for thread in turns]
    count, cost, after = 0, 0, None
    for wall in chain([first], times):
        if wall >= first + MONTH or count >= MOST:
            after = wall
            break
        cost += costs[(used + count) % len(costs)]
        count += 1
    if after is None:
        return [say.n("💵 {count} time in all: ${cost}", "💵 {count} times in all: ${cost}", count, cost=money(cost))]
    if count == 1 and after - first >= RARE:
        return [say.t("💵 ${price} each time", price=about(sum(costs) / len(costs)))]
    return [
        say.n(
            "💵 {count} time in 30 days: about ${cost} a month",
            "💵 {count} times in 30 days: about ${cost} a month",
            count,
            cost=about(cost),
        )
    ]


def of_item(say: Speaker, item: Schedule, now: datetime, zone: ZoneInfo) -> list[str]:
    """The same of one that is stored."""
    return price(say, item.threads, stored.when_of(item), zone, now, used=item.used, plan=item.plan)


def of_all(say: Speaker, items: Sequence[tuple[Sequence[Thread], When, int, Plan | None]], zone: ZoneInfo,
           now: datetime) -> list[str]:  # fmt: skip
    """What several come to in the next thirty days: texts, times, how often each was said, by what it is counted."""
    wall = now.astimezone(zone).replace(tzinfo=None)
    count = cost = 0
    for turns, when, used, plan in items:
        costs = [thread_price(thread, now) for thread in turns]
        for number, at in enumerate(_times(when, wall, plan)):
            if at >= wall + MONTH or count >= MOST:
                break
            count += 1
            cost += costs[(used + number) % len(costs)]
    if not count:
        return []
    return [
        say.n(
            "💵 {count} time in the next 30 days: about ${cost}",
            "💵 {count} times in the next 30 days: about ${cost}",
            count,
            cost=about(cost),
        )
    ]


def of_stored(say: Speaker, items: Sequence[Schedule], zone: ZoneInfo, now: datetime) -> list[str]:
    """What those come to that are on."""
    on = [i for i in items if i.status is ScheduleStatus.ON]
    return of_all(say, [(i.threads, stored.when_of(i), i.used, i.plan) for i in on], zone, now)


def _times(when: When, wall: datetime, plan: Plan | None) -> Iterator[datetime]:
    """Its times from now on: its first, where that is not past, and those after it."""
    ahead = [when.first] if when.first >= wall else []
    if not when.rules:
        return iter(ahead)
    plan = plan or Plan(when.rules, when.first, when.last)
    times = chain(ahead, recurrence.after(plan, max(when.first, wall)))
    return islice(times, when.times) if when.times is not None else times


def _repeats_itself(turn: Turn, channel: Channel, turns: Sequence[Thread], when: When, zone: ZoneInfo) -> bool:
    """Whether X would be given a text again within a day."""
    said_at: dict[str, datetime] = {}
    for number, at in enumerate(walls(turn, when, zone, 2 * len(turns) + SHOWN)):
        for post in posts.filled_in(turns[number % len(turns)], at, number + 1, choices.language_of(channel)):
            before = said_at.get(post.text) if post.text else None
            if before is not None and at - before < timedelta(days=1):
                return True
            said_at[post.text] = at
    return False
