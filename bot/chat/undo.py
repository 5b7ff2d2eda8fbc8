"""The one Undo button: what was before a change comes back, and the panel that it belongs to is shown."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles, open_target
from bot.chat.keyboards import Button
from bot.chat.targets import Target, UndoId, UnknownButton, button, pack, unpack
from bot.chat.turn import Refusal, Turn
from engine.roles import May
from models import undoing
from models.accounts.channels import Channel
from models.undoing import Part


@button
class UndoChange:
    """Take a change back."""

    word: ClassVar[str] = "undochange"
    channel: int
    undo: UndoId


def keep(turn: Turn, channel: Channel, back: Target, *parts: Part) -> int:
    """Keep what is before a change, in its transaction and before it; `back` is the panel to show after an undo.

    Where the turn is done again, what was before it is what was before it the first time.
    """
    return turn.once(
        "undo",
        int,
        lambda: undoing.keep(channel.id, turn.person.telegram_id, pack(back), turn.now, *parts, needs=turn.needs),
    )


def drop(undo_id: int) -> None:
    """Nothing was changed after all, so there is nothing to take back. Call it in that transaction, inside a `once`."""
    undoing.drop(undo_id)


def undo_button(turn: Turn, channel: Channel, undo_id: int) -> Button:
    """The button that takes the change back."""
    return (turn.t("↩️ Undo"), UndoChange(channel.id, undo_id))


@handles(UndoChange, by=May.READ)
async def undo_change(turn: Turn, channel: Channel, target: UndoChange) -> None:
    """One use: the second tap says that it is done."""

    def put_back() -> str:
        back = undoing.undo(channel.id, target.undo, turn.now)
        if back is None:
            raise Refusal(turn.t("There is nothing left to put back."))
        return back

    back = turn.once("undone", str, put_back)
    turn.note = turn.t("↩️ It is as it was.")
    await open_target(turn, _panel(channel, back))


def _panel(channel: Channel, back: str) -> Target:
    """The panel of the change; that of the channel, where another release kept it."""
    try:
        return unpack(back)
    except UnknownButton:
        return doors.Panel(channel.id)
