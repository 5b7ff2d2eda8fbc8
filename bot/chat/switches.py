"""Switches in the chat: the button that flips one, and the panel on which it is seen again."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from bot.chat.turn import Button, Rows, Turn
from engine.moderation import Policy
from engine.moderation.hours import HOURS_ON
from engine.switches import Switch
from models.accounts import choices
from models.accounts.channels import Channel
from models.publishing import hours

Show = Callable[[Turn, Channel], Awaitable[None]]
Panel = TypeVar("Panel", bound=Show)


@dataclass(frozen=True, slots=True)
class Tick:
    """A switch as people see it: the label of its button; `brief` is what it keeps out, where a line names it."""

    switch: Switch
    label: str
    brief: str = ""


_shown_on: dict[str, tuple[Switch, Show]] = {}


def stand_on(*ticks: Tick) -> Callable[[Panel], Panel]:
    """Say of a panel that these switches stand on it: who flips one sees it again."""

    def keep(panel: Panel) -> Panel:
        for tick in ticks:
            assert tick.switch.name not in _shown_on, f"{tick.switch.name} stands on two panels"
            _shown_on[tick.switch.name] = (tick.switch, panel)
        return panel

    return keep


async def flip(turn: Turn, channel: Channel, name: str, value: str) -> None:
    """A switch was tapped: turn it, and show the panel again. Raises ValueError for what stands on none."""
    if name not in _shown_on:
        raise ValueError(name)
    switch, show = _shown_on[name]
    choices.flip(channel.id, switch, on=value == "on")
    if switch is HOURS_ON:
        hours.wake_waiting(channel.id, turn.now)
    await show(turn, Channel.get_by_id(channel.id))


def rows(turn: Turn, channel: Channel, policy: Policy, ticks: Iterable[Tick]) -> Rows:
    """The buttons of these switches, each in a row of its own."""
    return [[button(turn, channel, policy, tick)] for tick in ticks]


def button(turn: Turn, channel: Channel, policy: Policy, tick: Tick) -> Button:
    """A button that shows how a switch stands, and turns it."""
    on = policy.on(tick.switch)
    return lamp(on) + " " + turn.t(tick.label), f"sw:{channel.id}:{tick.switch.name}:{'off' if on else 'on'}"


def lamp(on: bool) -> str:
    return "✅" if on else "❌"
