"""A schedule's start, end, count and lateness: tapped and typed."""

from dataclasses import replace
from datetime import timedelta

from bot.chat.moments import said
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from bot.scheduling.schedules import one, wall, when_of
from engine.when import NotUnderstood, first_of, understand_limits
from models.accounts.channels import Channel
from models.scheduling import schedules
from tasks import scheduling as planning

GRACES = (1, 15, 60, 360)
COUNTS = (5, 10, 30)


async def show(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """From when and until when it repeats, how often, and how late it may be: tapped or typed."""
    item = one(turn, channel, schedule_id)
    lines: Sentences = [
        turn.t("⏱ <b>{channel}</b>: {when}", channel=channel, when=said(turn, when_of(item))),
        turn.t(
            "After a silence of ours it goes out at most {span} late.",
            span=turn.lasting(timedelta(seconds=item.grace_s)),
        ),
    ]
    key = f"{channel.id}:{item.id}"
    rows: Rows = [[(_dot(item.grace_s == m * 60) + _brief(m), f"schedgrace:{key}:{m}") for m in GRACES]]
    if item.rules:
        never = (_dot(not item.last and item.left is None) + turn.t("No end"), f"schedtimes:{key}:0")
        counts = [(_dot(item.left == n) + f"{n} ×", f"schedtimes:{key}:{n}") for n in COUNTS]
        rows.append([never, *counts])
        lines.append(turn.t("Or type: 45 min late · until dec 24 · 8 times · from dec 1 · no end"))
    else:
        lines.append(turn.t("Or type: 45 min late"))
    rows.append([(turn.t("« Schedule"), f"sched:{key}")])
    turn.remember(step="schedlimits", channel=channel.id, schedule=item.id)
    await turn.answer("\n".join(lines), rows)


async def got(turn: Turn) -> None:
    """A start, an end, a count or a lateness that was typed."""
    channel = turn.own(int(turn.dialogue["channel"]))
    item = one(turn, channel, int(turn.dialogue["schedule"]))
    try:
        wanted = understand_limits(turn.typed(), wall(turn, channel))
    except NotUnderstood:
        raise Refusal(
            turn.t("I don't understand that. For example: 45 min late · until dec 24 · 8 times · from dec 1 · no end")
        ) from None
    if wanted.late is not None:
        await set_grace(turn, channel, item.id, int(wanted.late.total_seconds() // 60))
        return
    if not item.rules:
        raise Refusal(turn.t("It goes out once, so it has no end. Give it another time with Edit."))
    when = when_of(item)
    if wanted.endless:
        when = replace(when, last=None, times=None)
    else:
        when = replace(when, last=wanted.last or when.last, times=wanted.times or when.times)
    if wanted.start is not None:
        first = first_of(when.rules, max(wanted.start, wall(turn, channel)))
        when = replace(when, first=first or when.first)
    if when.last is not None and when.first > when.last:
        raise Refusal(turn.t("Then it would never go out. For example: until dec 24"))
    schedules.change(item, item.threads, when)
    planning.plan.ring_once(5)
    await show(turn, channel, item.id)


async def set_times(turn: Turn, channel: Channel, schedule_id: int, times: int) -> None:
    """So many times more, or (0) without an end."""
    item = one(turn, channel, schedule_id)
    when = when_of(item)
    when = replace(when, times=times) if times else replace(when, last=None, times=None)
    schedules.change(item, item.threads, when)
    planning.plan.ring_once(5)
    await show(turn, channel, schedule_id)


async def set_grace(turn: Turn, channel: Channel, schedule_id: int, minutes: int) -> None:
    try:
        schedules.set_grace(one(turn, channel, schedule_id), minutes)
    except ValueError:
        raise Refusal(turn.t("From a minute to a day. For example: 45 min late")) from None
    await show(turn, channel, schedule_id)


def _brief(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def _dot(value: bool) -> str:
    return "● " if value else ""
