"""Which notices of a channel a person wants: `/notices`, a switch each."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import Role, handles
from bot.chat.keyboards import Rows, lamp
from bot.chat.targets import button
from bot.chat.turn import Turn
from bot.notifications.drawing import switches
from models.accounts import team
from models.accounts.channels import Channel
from models.notifications import wanted
from models.notifications.declaring import Setting

OF_MEMBERS = (Setting.HELD,)


@button
class Want:
    """Be told of this, or not."""

    word: ClassVar[str] = "notice"
    channel: int
    setting: Setting
    on: bool


async def command(turn: Turn) -> None:
    """/notices [@name]"""
    helped = team.channels_of(turn.person.telegram_id)
    if turn.mine() or not helped:
        await show(turn, turn.take_channel())
    elif len(helped) == 1:
        await show(turn, helped[0])
    else:
        rows: Rows = [[(str(channel), doors.Notices(channel.id))] for channel in helped]
        await turn.answer(turn.t("🔔 Notices of which channel?"), rows)


@handles(doors.Notices, by=Role.TEAM)
async def _opened(turn: Turn, channel: Channel, _button: doors.Notices) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """The switches that concern this person: of who helps, only what is told to the team."""
    owns = channel.owner_id == turn.person.telegram_id
    chosen = wanted.switches(turn.person.telegram_id, channel.id)
    lines = [
        turn.t("🔔 <b>Notices of {channel}</b>\nTap what you want to be told of, or not.", channel=channel),
        turn.t("What went wrong is always told, and everything stands in the journal: /log")
        if owns
        else turn.t("What waits for the team is always in /held"),
    ]
    rows: Rows = [
        [(f"{lamp(chosen[setting])} " + turn.t(label), Want(channel.id, setting, not chosen[setting]))]
        for setting, label in switches().items()
        if owns or setting in OF_MEMBERS
    ]
    if owns:
        rows.append([(turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


@handles(Want, by=Role.TEAM)
async def _switched(turn: Turn, channel: Channel, button: Want) -> None:
    wanted.switch(turn.person.telegram_id, channel.id, button.setting, on=button.on)
    await show(turn, channel)
