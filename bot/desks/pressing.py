"""A button that is pressed in a group: what concerns the desk is answered there, before all; the rest in private.

Who may press is asked as everywhere (bot/chat/handling.py). What only one needs to read, a refusal or that another was
first, is a word over the chat: Bot API 10.1 has no message that one person of a group alone sees.
"""

from bot.chat import handling
from bot.chat.allowing import NEEDS
from bot.chat.targets import UnknownButton, unpack
from bot.chat.turn import NotReached, Refusal, Turn
from engine.roles import May
from models.accounts import channels, people
from models.notifications import desks
from models.notifications.desks import Desk

#: What is decided at a desk: everybody there reads who did it.
DONE = {"heldyes", "heldno", "heldback", "block", "trust", "undochange", "undo", "unsay", "goon"}
#: What is only looked at there.
SHOWN = {"msg", "held", "heldblock"}


async def pressed(turn: Turn) -> None:
    """A button was pressed, in private or in a group."""
    if not turn.in_group:
        await handling.pressed(turn)
        return
    word, needs, desk = _where(turn)
    if desk is not None and word in DONE | SHOWN:
        turn.reach(desk.channel_id, needs)  # who may not is told so in their own language, not in the desk's
        turn.come_to(desk, people.language_of(channels.owner_of(desk.channel_id) or 0))
        turn.signs = word in DONE
        await handling.pressed(turn)
        return
    turn.alone = True
    try:
        await handling.pressed(turn)
    except NotReached:
        bot = turn.update.get_bot().username
        raise Refusal(
            turn.t("That I answer in private, and we have no chat yet. Write to me first: @{bot}", bot=bot)
        ) from None
    await turn.toast(turn.t("I answered you in private."))


def _where(turn: Turn) -> tuple[str, May, Desk | None]:
    """The word of the button, what it takes, and the desk at which it was pressed, if its channel has it here."""
    query, chat = turn.update.callback_query, turn.update.effective_chat
    try:
        target = unpack(query.data if query is not None and query.data else "")
    except UnknownButton:
        return "", May.OWN, None
    channel_id, needs = getattr(target, "channel", None), NEEDS.get(type(target))
    if chat is None or channel_id is None or needs is None:
        return type(target).word, May.OWN, None
    return type(target).word, needs, desks.here(channel_id, chat.id)
