"""The desk of a channel, in private: where it stands, and what goes there. `/desk`, tapped and typed."""

from enum import StrEnum
from typing import ClassVar

from bot.chat import doors, words
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, lamp
from bot.chat.language import N_
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import doing, drop, keep, undo_button
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.moderation import desks as moving
from models.notifications import desks
from models.notifications.desks import Desk, DeskGroup, Lost
from models.settings import settings

PREFIX = "desk-"


class Switch(StrEnum):
    """What can be chosen of a desk: the names of its columns. The values are in buttons, so they never change."""

    HELD = "held"
    WRONG = "wrong"
    POSTED = "posted"
    SENDERS = "senders"
    PRIVATE = "private"


LABELS = {
    Switch.HELD: N_("Messages that wait"),
    Switch.WRONG: N_("What went wrong"),
    Switch.POSTED: N_("What is posted"),
    Switch.SENDERS: N_("Name who wrote a DM"),
    Switch.PRIVATE: N_("In private too"),
}
TYPED = {
    **dict.fromkeys(("held", "pendientes", "espera", "waiting"), Switch.HELD),
    **dict.fromkeys(("wrong", "fallos", "errores", "problemas", "errors"), Switch.WRONG),
    **dict.fromkeys(("posted", "publicado", "publicados", "posts"), Switch.POSTED),
    **dict.fromkeys(("senders", "remitentes", "nombres", "names"), Switch.SENDERS),
    **dict.fromkeys(("private", "privado", "privados"), Switch.PRIVATE),
}


@button
class SwitchDesk:
    """This goes to the desk, or not."""

    word: ClassVar[str] = "deskset"
    channel: int
    what: Switch
    on: bool


@button
class TakeAway:
    """No desk any more."""

    word: ClassVar[str] = "deskno"
    channel: int


@button
class TryAgain:
    """I may be able to write there again."""

    word: ClassVar[str] = "desktry"
    channel: int


async def command(turn: Turn) -> None:
    """/desk [@channel] [off | what on|off], in private"""
    channel = turn.take_channel()
    typed = turn.arguments.lower().split()
    if not typed:
        await show(turn, channel)
    elif len(typed) == 1 and typed[0] in words.NONE | words.REMOVE:
        await take_away(turn, channel, TakeAway(channel.id))
    elif len(typed) == 2 and typed[0] in TYPED and typed[1] in words.ON | words.OFF:
        await switch(turn, channel, SwitchDesk(channel.id, TYPED[typed[0]], typed[1] in words.ON))
    else:
        raise Refusal(
            turn.t(
                "I don't know «{typed}». Say held, wrong, posted, senders or private, and on or off; or off alone. For"
                " example: /desk posted on",
                typed=said_back(turn.arguments),
            )
        )


@handles(doors.Desk)
async def _opened(turn: Turn, channel: Channel, _: doors.Desk) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel, undo: int = 0) -> None:
    """Where it stands, what goes there, and how it is put up."""
    desk = desks.of(channel.id)
    group = desks.group(desk.group_id) if desk is not None else None
    lines = [
        turn.t(
            "🪑 <b>Desk of {channel}</b>\nA group, or a topic of a forum, where the team decides together: each does"
            " there what their role allows, and everybody sees who it was.",
            channel=channel,
        )
    ]
    rows: Rows = []
    if desk is not None and group is not None:
        lines.append(_where(turn, desk, group))
        lines.append(turn.t("What goes there is not told in private as well, but for what went wrong."))
        for what in Switch:
            on = bool(getattr(desk, what.value))
            label = f"{lamp(on)} {turn.t(LABELS[what])}"
            rows.append([(label, SwitchDesk(channel.id, what, not on))])
        rows.append([(turn.t("✕ No desk"), TakeAway(channel.id))])
        if group.lost is not Lost.NO:
            rows[-1].append((turn.t("🔁 Try again"), TryAgain(channel.id)))
    else:
        lines.append(
            turn.t(
                "It has none. Take me into a group with the button, or write there, in the topic that it shall be:"
                " <code>/desk@{bot} {channel}</code>",
                bot=turn.update.get_bot().username,
                channel=channel,
            )
        )
    link = settings().link_to(turn.update.get_bot().username, startgroup=f"{PREFIX}{channel.id}")
    rows.append([(turn.t("➕ Choose a group ↗"), link)])
    if undo:
        rows.append([undo_button(turn, channel, undo)])
    rows.append([(turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


def _where(turn: Turn, desk: Desk, group: DeskGroup) -> str:
    if group.lost is not Lost.NO:
        return turn.t(
            "⚠️ It is <b>{title}</b>, but I can't write there: what waits comes in private.", title=group.title
        )
    if desk.closed is not None:
        return turn.t("It is <b>{title}</b>, in General while its topic is closed.", title=group.title)
    if desk.topic is not None:
        return turn.t("It is a topic of <b>{title}</b>.", title=group.title)
    return turn.t("It is <b>{title}</b>.", title=group.title)


@handles(SwitchDesk)
async def switch(turn: Turn, channel: Channel, target: SwitchDesk) -> None:
    if desks.of(channel.id) is None:
        raise Refusal(turn.t("{channel} has no desk yet: /desk", channel=channel))
    with doing(turn, channel, Did.DESK):
        desks.switch(channel.id, target.what.value, on=target.on)
    await show(turn, channel)


@handles(TakeAway)
async def take_away(turn: Turn, channel: Channel, _: TakeAway) -> None:
    """With a way back."""

    def takes() -> int:
        undo = keep(turn, channel, doors.Desk(channel.id), moving.before(channel.id))
        if moving.take_away(channel.id, turn.now):
            return undo
        drop(undo)
        return 0

    await show(turn, channel, turn.once("taken away", int, takes))


@handles(TryAgain)
async def try_again(turn: Turn, channel: Channel, _: TryAgain) -> None:
    """It is written to there once more; where that fails, it is lost again with a word."""
    desk = desks.of(channel.id)
    group = desks.group(desk.group_id) if desk is not None else None
    if group is not None:
        moving.found_again(group.chat_id, turn.now, told=False)
    await show(turn, channel)
