"""Who answers a button or a step: handlers are registered beside themselves, and who pressed is checked here for all.

A button about a channel reaches its handler only when the one who pressed may, at that moment, do to the channel what
the button needs, and when every id that it carries is of that channel; a step, when the person still may. What declares
nothing is the owner's. What a panel offers is only what its reader may press (bot/chat/allowing.py).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.chat.allowing import NEEDS
from bot.chat.dialogue import Step, owns
from bot.chat.targets import Target, UnknownButton, ids_of, unpack
from bot.chat.turn import Refusal, Turn
from engine.roles import May
from models.accounts import team
from models.accounts.channels import Channel
from models.publishing.drafts import DraftRow
from models.undoing import Undo

Kind = TypeVar("Kind")
OfChannel = Callable[[Turn, Channel, Kind], Awaitable[None]]
OfPerson = Callable[[Turn, Kind], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Handled:
    """A handler, and what who reaches it must be allowed to do to the channel; None where it is about no channel."""

    handler: Callable[..., Awaitable[None]]
    needs: May | None


HANDLERS: dict[type[Any], Handled] = {}
ANSWERS: dict[type[Any], Handled] = {}


def handles(kind: type[Kind], *, by: May = May.OWN) -> Callable[[OfChannel[Kind]], OfChannel[Kind]]:
    """Register who answers this button about a channel (its field `channel`)."""

    def registered(handler: OfChannel[Kind]) -> OfChannel[Kind]:
        HANDLERS[kind], NEEDS[kind] = Handled(handler, by), by
        return handler

    return registered


def handles_for_all(kind: type[Kind]) -> Callable[[OfPerson[Kind]], OfPerson[Kind]]:
    """Register who answers this button, which is about no channel."""

    def registered(handler: OfPerson[Kind]) -> OfPerson[Kind]:
        HANDLERS[kind], NEEDS[kind] = Handled(handler, None), None
        return handler

    return registered


def answers(kind: type[Kind], *, by: May = May.OWN) -> Callable[[OfChannel[Kind]], OfChannel[Kind]]:
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
    if handled.needs is None:
        await handled.handler(turn, target)
        return
    turn.needs = handled.needs
    await handled.handler(turn, of_channel(turn, target, handled.needs), target)


def of_channel(turn: Turn, target: Target, needs: May) -> Channel:
    """The channel of a button, if the person may, and all that it names is the channel's. Raises Refusal."""
    channel = turn.reach(target.channel, needs)  # type: ignore[attr-defined]
    for table, row_id in ids_of(target):
        row: Any = table.get_or_none(table._meta.primary_key == row_id)
        if row is not None and (row.channel_id != channel.id or not _theirs(turn, channel, row)):
            raise Refusal(turn.t("That button is not for you: the channel belongs to somebody else."))
    return channel


async def answered(turn: Turn, step: Step) -> None:
    """What the person sent answers this step."""
    handled = ANSWERS[type(step)]
    assert handled.needs is not None
    await handled.handler(turn, asked_for(turn, step, handled.needs), step)


def asked_for(turn: Turn, step: Step, needs: May) -> Channel:
    """The channel of a step. Raises Refusal, and waits no longer, where the person may no longer do that to it."""
    turn.needs = needs
    try:
        return turn.reach(step.channel, needs)  # type: ignore[attr-defined]
    except Refusal:  # it was forgotten, or who answers left its team: nothing is waited for any more
        turn.end_step()
        raise Refusal(turn.t("What I asked for was about a channel that is no longer yours: /channels")) from None


def _theirs(turn: Turn, channel: Channel, row: Any) -> bool:
    """A draft is its writer's alone; a change is taken back by who made it, while they still may, or by the owner."""
    me = turn.person.telegram_id
    if isinstance(row, DraftRow):
        return bool(row.person_id == me)
    if not isinstance(row, Undo):
        return True
    return me in (row.person_id, channel.owner_id) and team.may(channel, me, May(row.needs))
