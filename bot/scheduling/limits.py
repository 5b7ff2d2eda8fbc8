"""A schedule's start, end, count and lateness: tapped and typed."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Button, Rows, dot
from bot.chat.moments import said
from bot.chat.targets import ScheduleId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.scheduling.asking import wall
from bot.scheduling.schedules import one
from engine.roles import May
from engine.when import NotUnderstood, When, first_of, understand_limits
from models.accounts.channels import Channel
from models.database import transaction
from models.scheduling import before
from models.scheduling import schedules as stored
from models.scheduling.schedules import Schedule
from tasks import scheduling as planner

GRACES = (1, 15, 60, 360)
COUNTS = (5, 10, 30)
MOST_LATE = 24 * 60
MOST_TIMES = 100_000  # as many as a file may say


@button
class Grace:
    """So many minutes late at most."""

    word: ClassVar[str] = "schedgrace"
    channel: int
    schedule: ScheduleId
    minutes: int


@button
class Times:
    """So many times more, or (0) without an end."""

    word: ClassVar[str] = "schedtimes"
    channel: int
    schedule: ScheduleId
    times: int


@button
class OtherLimit:
    """Asks for a start, an end, a count or a lateness."""

    word: ClassVar[str] = "schedlimit"
    channel: int
    schedule: ScheduleId


@step
class TypeLimit:
    word: ClassVar[str] = "schedlimits"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    schedule: int


@handles(doors.ScheduleLimits, by=May.WRITE)
async def _opened(turn: Turn, channel: Channel, button: doors.ScheduleLimits) -> None:
    await show(turn, channel, button.schedule)


async def show(turn: Turn, channel: Channel, schedule_id: int, undo_id: int = 0) -> None:
    """From when and until when it repeats, how often, and how late it may be: tapped or typed."""
    item = one(turn, channel, schedule_id)
    lines: Sentences = [
        turn.t("⏱ <b>{channel}</b>: {when}", channel=channel, when=said(turn, stored.when_of(item))),
        turn.t(
            "After a silence of ours it goes out at most {span} late.",
            span=turn.lasting(timedelta(seconds=item.grace_s)),
        ),
    ]
    key = (channel.id, item.id)
    rows: Rows = [[(dot(item.grace_s == m * 60) + _brief(m), Grace(*key, m)) for m in GRACES]]
    if item.rules:
        never: Button = (dot(not item.last and item.left is None) + turn.t("No end"), Times(*key, 0))
        rows.append([never, *((dot(item.left == n) + f"{n} ×", Times(*key, n)) for n in COUNTS)])
        lines.append(turn.t("With «Other»: 45 min late · until dec 24 · 8 times · from dec 1 · no end"))
    else:
        lines.append(turn.t("With «Other»: 45 min late"))
    if undo_id:
        rows.append([undo.undo_button(turn, channel, undo_id)])
    rows.append([(turn.t("⌨️ Other"), OtherLimit(*key)), (turn.t("« Schedule"), doors.ScheduleCard(*key))])
    await turn.answer("\n".join(lines), rows)


@handles(OtherLimit, by=May.WRITE)
async def _ask(turn: Turn, channel: Channel, button: OtherLimit) -> None:
    await turn.ask(
        TypeLimit(channel.id, button.schedule),
        turn.t("Send me what shall hold. For example: 45 min late · until dec 24 · 8 times · from dec 1 · no end"),
    )


@answers(TypeLimit, by=May.WRITE)
async def _got(turn: Turn, channel: Channel, step: TypeLimit) -> None:
    """A start, an end, a count or a lateness that was typed."""
    item = one(turn, channel, step.schedule)
    try:
        wanted = understand_limits(turn.typed(), wall(turn, channel))
    except NotUnderstood:
        raise Refusal(
            turn.t("I don't understand that. For example: 45 min late · until dec 24 · 8 times · from dec 1 · no end")
        ) from None
    if wanted.late is not None:
        await _late(turn, channel, item, int(wanted.late.total_seconds() // 60))
        turn.end_step()
        return
    if not item.rules:
        raise Refusal(turn.t("It goes out once, so it has no end. Give it another time with Edit."))
    when = stored.when_of(item)
    if wanted.endless:
        when = replace(when, last=None, times=None)
    else:
        when = replace(when, last=wanted.last or when.last, times=wanted.times or when.times)
    if wanted.start is not None:
        first = first_of(when.rules, max(wanted.start, wall(turn, channel)))
        when = replace(when, first=first or when.first)
    if when.last is not None and when.first > when.last:
        raise Refusal(turn.t("Then it would never go out. For example: until dec 24"))
    await _changed(turn, channel, item, when)
    turn.end_step()


@handles(Times, by=May.WRITE)
async def _set_times(turn: Turn, channel: Channel, button: Times) -> None:
    item = one(turn, channel, button.schedule)
    when = stored.when_of(item)
    times = min(button.times, MOST_TIMES) if button.times > 0 else None
    await _changed(turn, channel, item, replace(when, times=times, last=when.last if times else None))


@handles(Grace, by=May.WRITE)
async def _set_grace(turn: Turn, channel: Channel, button: Grace) -> None:
    await _late(turn, channel, one(turn, channel, button.schedule), button.minutes)


async def _changed(turn: Turn, channel: Channel, item: Schedule, when: When) -> None:
    with transaction():
        undo_id = undo.keep(turn, channel, doors.ScheduleLimits(channel.id, item.id), before.of(item))
        stored.change(item, item.threads, when)
    planner.plan.ring_once(5)
    await show(turn, channel, item.id, undo_id)


async def _late(turn: Turn, channel: Channel, item: Schedule, minutes: int) -> None:
    if not 1 <= minutes <= MOST_LATE:
        raise Refusal(turn.t("From a minute to a day. For example: 45 min late"))
    with transaction():
        undo_id = undo.keep(turn, channel, doors.ScheduleLimits(channel.id, item.id), before.of(item))
        stored.set_grace(item, minutes)
    await show(turn, channel, item.id, undo_id)


def _brief(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
