"""The one Undo button: what was before a change comes back, and the panel that it belongs to is shown."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles, open_target
from bot.chat.keyboards import Button
from bot.chat.targets import Target, UndoId, UnknownButton, button, pack, unpack
from bot.chat.turn import Refusal, Turn
from engine.roles import May
from models import undoing
from models.accounts import deeds
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.control import budgets
from models.database import transaction
from models.moderation import desks, lists, review, standings
from models.notifications import notices
from models.publishing import hashtags
from models.scheduling import before, files, queueing
from models.streaming import optouts
from models.undoing import Part
from models.watching import watched

#: What a change is called by the first of its parts that stands here; what needs another name notes it itself.
DONE: dict[type[Part], Did] = {
    undoing.ChoicesBefore: Did.CHOICES,
    lists.WordsBefore: Did.WORDS,
    standings.StandingBefore: Did.SENDER,
    optouts.OptOutsBefore: Did.OPT_OUT,
    review.HeldBefore: Did.IGNORED,
    hashtags.HashtagBefore: Did.HASHTAG,
    queueing.OrderBefore: Did.QUEUE,
    before.ScheduleBefore: Did.SCHEDULE,
    before.Made: Did.PLANNED,
    before.Gone: Did.SCHEDULE,
    files.Brought: Did.FILE,
    watched.WatchedBefore: Did.WATCHED,
    desks.DeskBefore: Did.DESK,
    budgets.BudgetBefore: Did.BUDGET,
}


@button
class UndoChange:
    """Take a change back."""

    word: ClassVar[str] = "undochange"
    channel: int
    undo: UndoId


def keep(turn: Turn, channel: Channel, back: Target, *parts: Part, as_what: Did | None = None) -> int:
    """Keep what is before a change, in its transaction and before it; `back` is the panel to show after an undo.

    It is written down as what the person did: `as_what`, else by its parts. Where the turn is done again, what was
    before it is what was before it the first time.
    """

    def kept() -> int:
        did = as_what or next((DONE[type(part)] for part in parts if type(part) in DONE), None)
        if did is not None:
            noted(turn, channel, did, about(parts), message=_message(back))
        return undoing.keep(channel.id, turn.person.telegram_id, pack(back), turn.now, *parts, needs=turn.needs)

    return turn.once("undo", int, kept)


def noted(
    turn: Turn, channel: Channel, did: Did, of: str = "", *, message: int | None = None, tweet: int | None = None
) -> None:
    """Write down what the person did; call it in the transaction of that. To what, where the desk may show it.

    Everybody at the channel's desk reads there who it was, wherever they did it.
    """
    deeds.note(channel.id, turn.person.telegram_id, did, turn.now, of)
    if message is not None or tweet is not None:
        notices.sign_at_desk(channel.id, turn.person.name, turn.now, message_id=message, tweet_id=tweet)


@contextmanager
def doing(turn: Turn, channel: Channel, did: Did, of: str = "", *, message: int | None = None) -> Iterator[None]:
    """What is changed inside is written down as what the person did, in one transaction; once, also where it is done
    again because the process died.
    """
    with transaction():
        yield

        def note() -> bool:
            noted(turn, channel, did, of, message=message)
            return True

        turn.once("deed", bool, note)


def turns(turn: Turn, channel: Channel, did: Did, of: str, change: Callable[[], bool]) -> None:
    """Have something changed, in one transaction and once; what was so already is nothing that the person did."""

    def change_it() -> bool:
        changed = change()
        if changed:
            noted(turn, channel, did, of)
        return changed

    turn.once("turned", bool, change_it)


def about(parts: Sequence[Part]) -> str:
    """Of what a change was, in the channel's own words."""
    named: list[str] = []
    for part in parts:
        match part:
            case lists.WordsBefore():
                named += [text.strip() for _, text in part.keys]  # a key of whole words has spaces around it
            case standings.StandingBefore():
                named += [f"@{handle}" for handle in part.handles if handle]
            case hashtags.HashtagBefore():
                named.append(f"#{part.tag_key}")
            case watched.WatchedBefore():
                named.append(part.key)
            case undoing.ChoicesBefore():
                named += [name.replace("_", " ") for name in part.values]
    return ", ".join(named)


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
        noted(turn, channel, Did.UNDID, message=_message(_panel(channel, back)))
        return back

    back = turn.once("undone", str, put_back)
    turn.note = turn.t("↩️ It is as it was.")
    await open_target(turn, _panel(channel, back))


def _message(panel: Target) -> int | None:
    """The message that a panel is about, if it is about one."""
    found: int | None = getattr(panel, "message", None)
    return found


def _panel(channel: Channel, back: str) -> Target:
    """The panel of the change; that of the channel, where another release kept it."""
    try:
        return unpack(back)
    except UnknownButton:
        return doors.Panel(channel.id)
