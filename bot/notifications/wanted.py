"""Which notices of a channel a person wants: `/notices`, a switch each."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, lamp
from bot.chat.targets import button
from bot.chat.turn import Turn
from bot.notifications.drawing import switches
from engine.roles import May
from models.accounts import team
from models.accounts.channels import Channel
from models.notifications import wanted
from models.notifications.declaring import Setting, kinds


@button
class Want:
    """Be told of this, or not."""

    word: ClassVar[str] = "notice"
    channel: int
    setting: Setting
    on: bool


async def command(turn: Turn) -> None:
    """/notices [@name]"""
    await show(turn, turn.take_channel())


@handles(doors.Notices, by=May.READ)
async def _opened(turn: Turn, channel: Channel, _button: doors.Notices) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """The switches of what this person is told, by what they may do."""
    may = team.allowed(channel, turn.person.telegram_id)
    told = {kind.setting for kind in kinds().values() if kind.to & may}
    chosen = wanted.switches(turn.person.telegram_id, channel.id)
    lines = [
        turn.t("🔔 <b>Notices of {channel}</b>\nTap what you want to be told of, or not.", channel=channel),
        turn.t("What went wrong is always told, and everything stands in the journal: /log")
        if may & (May.WRITE | May.OWN)
        else turn.t("What waits for the team is always in /held")
        if may & May.DECIDE
        else turn.t("Everything stands in the journal: /log"),
    ]
    rows: Rows = [
        [(f"{lamp(chosen[setting])} " + turn.t(label), Want(channel.id, setting, not chosen[setting]))]
        for setting, label in switches().items()
        if setting in told
    ]
    rows.append([(turn.t("🪑 Desk"), doors.Desk(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


@handles(Want, by=May.READ)
async def _switched(turn: Turn, channel: Channel, button: Want) -> None:
    wanted.switch(turn.person.telegram_id, channel.id, button.setting, on=button.on)
    await show(turn, channel)
