"""Switches in the chat: the button that flips one, and the panel on which it is seen again."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows, lamp
from bot.chat.targets import button as button_value
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import doing
from engine.moderation import Policy
from engine.switches import Switch
from models import choosing
from models.accounts.channels import Channel
from models.accounts.deeds import Did

Show = Callable[[Turn, Channel], Awaitable[None]]
Panel = TypeVar("Panel", bound=Show)


@dataclass(frozen=True, slots=True)
class Tick:
    """A switch as people see it: the label of its button; `brief` is what it keeps out, where a line names it."""

    switch: Switch
    label: str
    brief: str = ""


_shown_on: dict[str, tuple[Tick, Show]] = {}


def stand_on(*ticks: Tick) -> Callable[[Panel], Panel]:
    """Say of a panel that these switches stand on it: who flips one sees it again."""

    def keep(panel: Panel) -> Panel:
        for tick in ticks:
            assert tick.switch.name not in _shown_on, f"{tick.switch.name} stands on two panels"
            _shown_on[tick.switch.name] = (tick, panel)
        return panel

    return keep


@button_value
class Flip:
    """Turn the switch of this name."""

    word: ClassVar[str] = "sw"
    channel: int
    name: str
    on: bool


@handles(Flip)
async def flip(turn: Turn, channel: Channel, button: Flip) -> None:
    """A switch was tapped: turn it, and show the panel on which it stands."""
    if button.name not in _shown_on:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))
    tick, show = _shown_on[button.name]
    with doing(turn, channel, Did.CHOICES, tick.switch.name.replace("_", " ")):
        choosing.flip(channel.id, tick.switch, turn.now, on=button.on)
    await show(turn, Channel.get_by_id(channel.id))


def label(name: str) -> str:
    """The label of the switch of this name, in English; "" where there is none such."""
    return _shown_on[name][0].label if name in _shown_on else ""


def rows(turn: Turn, channel: Channel, policy: Policy, ticks: Iterable[Tick]) -> Rows:
    """The buttons of these switches, each in a row of its own."""
    return [[button(turn, channel, policy, tick)] for tick in ticks]


def button(turn: Turn, channel: Channel, policy: Policy, tick: Tick) -> Button:
    """A button that shows how a switch stands, and turns it."""
    on = policy.on(tick.switch)
    return lamp(on) + " " + turn.t(tick.label), Flip(channel.id, tick.switch.name, not on)
