"""How fast a channel posts, and how old a message may be: `/gap`, `/fresh`."""

import re
from datetime import timedelta
from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, dot
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import doing
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.control import switching

GAPS = (0, 10, 20, 60, 300)
AGES = (5, 15, 60, 240)


@button
class Gap:
    """So many seconds between posts."""

    word: ClassVar[str] = "gap"
    channel: int
    seconds: int


@button
class Fresh:
    """So many minutes a message stays worth posting."""

    word: ClassVar[str] = "fresh"
    channel: int
    minutes: int


async def gap(turn: Turn) -> None:
    """/gap SECONDS between posts; alone, its panel"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    typed = re.sub(r"\s*s(?:eg\w*|ec\w*)?$", "", turn.arguments.strip())
    if not typed.isdecimal() or int(typed) > switching.MAX_GAP_S:
        raise Refusal(_no_gap(turn, turn.arguments))
    await _set_gap(turn, channel, Gap(channel.id, int(typed)))


@handles(Gap)
async def _set_gap(turn: Turn, channel: Channel, button: Gap) -> None:
    if not 0 <= button.seconds <= switching.MAX_GAP_S:
        raise Refusal(_no_gap(turn, str(button.seconds)))
    with doing(turn, channel, Did.CHOICES, "gap"):
        switching.set_gap(channel.id, button.seconds)
    await show(turn, Channel.get_by_id(channel.id))


async def fresh(turn: Turn) -> None:
    """/fresh MINUTES that a message stays worth posting; alone, its panel"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    typed = re.sub(r"\s*m(?:in\w*)?$", "", turn.arguments.strip())
    if not typed.isdecimal() or not 1 <= int(typed) <= switching.MAX_FRESH_S // 60:
        raise Refusal(_no_age(turn, turn.arguments))
    await _set_fresh(turn, channel, Fresh(channel.id, int(typed)))


@handles(Fresh)
async def _set_fresh(turn: Turn, channel: Channel, button: Fresh) -> None:
    if not 1 <= button.minutes <= switching.MAX_FRESH_S // 60:
        raise Refusal(_no_age(turn, str(button.minutes)))
    with doing(turn, channel, Did.CHOICES, "fresh"):
        switching.set_freshness(channel.id, button.minutes * 60)
    await show(turn, Channel.get_by_id(channel.id))


@handles(doors.Pace)
async def _opened(turn: Turn, channel: Channel, _button: doors.Pace) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """How fast, and how old."""
    text = turn.t(
        "⏱ <b>Pace of {channel}</b>\n{gap} A message that would go out later than {age} after it was written is"
        " dropped: stale news is worse than none.\nType other values: /gap 45 · /fresh 30",
        channel=channel,
        gap=_gap(turn, channel.gap_s),
        age=turn.lasting(timedelta(seconds=channel.fresh_s)),
    )
    rows: Rows = [
        [(dot(channel.gap_s == s) + f"{s} s", Gap(channel.id, s)) for s in GAPS],
        [
            (dot(channel.fresh_s == m * 60) + (f"{m} min" if m < 60 else f"{m // 60} h"), Fresh(channel.id, m))
            for m in AGES
        ],
        [(turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer(text, rows)


def _gap(turn: Turn, seconds: int) -> str:
    if not seconds:
        return turn.t("No pause between posts.")
    return turn.n("At least {count} second between posts.", "At least {count} seconds between posts.", seconds)


def _no_gap(turn: Turn, typed: str) -> str:
    return turn.t(
        "{typed} is not a number of seconds from 0 to {most}. For example: /gap 20",
        typed=said_back(typed),
        most=switching.MAX_GAP_S,
    )


def _no_age(turn: Turn, typed: str) -> str:
    return turn.t("{typed} is not a number of minutes from 1 to 1440. For example: /fresh 15", typed=said_back(typed))
