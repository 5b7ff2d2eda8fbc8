"""Replies: whether who answers a channel's posts is heard, with what X charges for it. `/replies`."""

from functools import partial
from typing import ClassVar

from bot.chat import doors, words
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, dot
from bot.chat.targets import button
from bot.chat.turn import Turn
from bot.chat.undo import turns
from bot.costs import hearing
from bot.costs.money import exact
from engine.x import prices
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.control import switching
from tasks import bells


@button
class OpenReplies:
    word: ClassVar[str] = "replies"
    channel: int


@button
class Replies:
    word: ClassVar[str] = "repliesset"
    channel: int
    on: bool


async def command(turn: Turn) -> None:
    """/replies on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    await _set(turn, channel, Replies(channel.id, words.said_on_or_off(turn, "/replies on")))


@handles(OpenReplies)
async def _opened(turn: Turn, channel: Channel, _button: OpenReplies) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """What they are, whether they are heard, and the price of it before it is chosen."""
    on = channel.replies_on
    lines = [
        turn.t("💬 <b>Replies to {channel}</b>", channel=channel),
        turn.t("They are heard, and judged like mentions: by the same triggers, filters and hours.")
        if on
        else turn.t("They are not heard: only who names {channel} in what they write is.", channel=channel),
        turn.t(
            "A reply is what answers a post of the channel without naming it besides. Who answers and names it writes a"
            " mention, which is heard anyway."
        ),
        turn.t(
            "X charges ${price} for each reply that is heard, posted or not, and ${name} for the name of who wrote it"
            " where that is needed: once a day for each person.",
            price=exact(prices.of(Billed.REPLY, turn.now)),
            name=exact(prices.of(Billed.PERSON, turn.now)),
        ),
        *hearing.a_month(turn, channel, Billed.REPLY),
        turn.t("What was written while they were off is not posted. You can also type: /replies on"),
    ]
    rows: Rows = [
        [
            (dot(on) + turn.t("Hear replies"), Replies(channel.id, True)),
            (dot(not on) + turn.t("Don't"), Replies(channel.id, False)),
        ],
        [(turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n\n".join(lines), rows)


@handles(Replies)
async def _set(turn: Turn, channel: Channel, button: Replies) -> None:
    change = partial(switching.switch_replies, channel.id, on=button.on, now=turn.now)
    turns(turn, channel, Did.CHOICES, "replies", change)
    bells.ring_subscriptions()
    await show(turn, Channel.get_by_id(channel.id))
