"""Who answers a button or a step: handlers are registered beside themselves, and who pressed is checked here for all.

A button about a channel reaches its handler only when the one who pressed has the role that it asks for, and when every
id that it carries is of that channel; a step, when the person still has that role.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from bot.chat.dialogue import Step, owns
from bot.chat.targets import Target, UnknownButton, ids_of, unpack
from bot.chat.turn import Refusal, Turn
from models.accounts.channels import Channel
from models.publishing.drafts import DraftRow
from models.undoing import Undo

Kind = TypeVar("Kind")
OfChannel = Callable[[Turn, Channel, Kind], Awaitable[None]]
OfPerson = Callable[[Turn, Kind], Awaitable[None]]


class Role(Enum):
    """Who may press: the channel's owner, or whoever belongs to its team."""

    OWNER = "owner"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Handled:
    """A handler, and who may reach it; None where it is about no channel."""

    handler: Callable[..., Awaitable[None]]
    role: Role | None


HANDLERS: dict[type[Any], Handled] = {}
ANSWERS: dict[type[Any], Handled] = {}


def handles(kind: type[Kind], *, by: Role = Role.OWNER) -> Callable[[OfChannel[Kind]], OfChannel[Kind]]:
    """Register who answers this button about a channel (its field `channel`)."""

    def registered(handler: OfChannel[Kind]) -> OfChannel[Kind]:
        HANDLERS[kind] = Handled(handler, by)
        return handler

    return registered


def handles_for_all(kind: type[Kind]) -> Callable[[OfPerson[Kind]], OfPerson[Kind]]:
    """Register who answers this button, which is about no channel."""

    def registered(handler: OfPerson[Kind]) -> OfPerson[Kind]:
        HANDLERS[kind] = Handled(handler, None)
        return handler

    return registered


def answers(kind: type[Kind], *, by: Role = Role.OWNER) -> Callable[[OfChannel[Kind]], OfChannel[Kind]]:
    """Register who answers what is sent at this step, which is about a channel (its field `channel`)."""

    def registered(handler: OfChannel[Kind]) -> OfChannel[Kind]:
        ANSWERS[kind] = Handled(handler, by)
        return handler

    return registered


async def pressed(turn: Turn) -> None:
    """A button was pressed. One that is not the step's own ends the step."""
    query = turn.update.callback_query
    try:
        target = unpack(query.data if query is not None and query.data else "")
    except UnknownButton:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels")) from None
    if turn.step is not None and not owns(turn.step, type(target)):
        turn.end_step()
    await open_target(turn, target)


async def open_target(turn: Turn, target: Target) -> None:
    """Do what a button asks for, after looking at who asks."""
    handled = HANDLERS[type(target)]
    if handled.role is None:
        await handled.handler(turn, target)
        return
    channel = of_channel(turn, target, handled.role)
    await handled.handler(turn, channel, target)


def of_channel(turn: Turn, target: Target, role: Role) -> Channel:
    """The channel of a button, if the person has the role and all that it names is the channel's. Raises Refusal."""
    channel_id: int = target.channel  # type: ignore[attr-defined]
    channel = turn.own(channel_id) if role is Role.OWNER else turn.help_with(channel_id)
    for table, row_id in ids_of(target):
        row: Any = table.get_or_none(table._meta.primary_key == row_id)
        if row is not None and (row.channel_id != channel.id or not _theirs(turn, channel, row)):
            raise Refusal(turn.t("That button is not for you: the channel belongs to somebody else."))
    return channel


async def answered(turn: Turn, step: Step) -> None:
    """What the person sent answers this step."""
    handled = ANSWERS[type(step)]
    await handled.handler(turn, asked_for(turn, step, handled.role), step)


def asked_for(turn: Turn, step: Step, role: Role | None = Role.OWNER) -> Channel:
    """The channel of a step. Raises Refusal, and waits no longer, where the person no longer has the role."""
    channel_id: int = step.channel  # type: ignore[attr-defined]
    try:
        return turn.own(channel_id) if role is Role.OWNER else turn.help_with(channel_id)
    except Refusal:  # it was forgotten, or who answers left its team: nothing is waited for any more
        turn.end_step()
        raise Refusal(turn.t("What I asked for was about a channel that is no longer yours: /channels")) from None


def _theirs(turn: Turn, channel: Channel, row: Any) -> bool:
    """A draft is its writer's alone; a change is taken back by who made it, or by the owner."""
    me = turn.person.telegram_id
    if isinstance(row, DraftRow):
        return bool(row.person_id == me)
    return not isinstance(row, Undo) or me in (row.person_id, channel.owner_id)
