"""A PIN that somebody sends all the same: it is deleted and kept nowhere, and they are told why."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog

from bot.chat.turn import Turn
from engine.x.chat import pins
from models import inbox
from models.accounts import chat_keys
from models.accounts.chat_keys import KeyState

log = structlog.get_logger()
NEAR = timedelta(hours=1)
Handler = Callable[[Turn], Awaitable[None]]


async def refuse(turn: Turn) -> None:
    """Delete it, here first, and say why."""
    told = await _deleted(turn)
    await turn.send("\n".join([*told, turn.t("Was it a text for X? Say so: /post and then your text.")]))


async def refuse_in_group(turn: Turn) -> None:
    """The same where others read it, too."""
    await turn.say_in_group("\n".join(await _deleted(turn)))


async def _deleted(turn: Turn) -> list[str]:
    """Delete it, here first; what is said of it."""
    _forget(turn)
    if await turn.delete_sent():
        told = turn.t("🔑 That looked like a PIN, so I have deleted it from this chat, and kept it nowhere.")
    else:
        told = turn.t(
            "🔑 That looked like a PIN. I kept it nowhere, but can't delete your message: please do it yourself."
        )
    log.warning("somebody sent what looks like a PIN", person=turn.person.telegram_id)
    why = turn.t(
        "I never need the PIN of X Chat. Whoever has it can read all that was ever written to the account, even"
        " after its access is revoked. It belongs in X's own app; if somebody may have seen it, change it there."
    )
    return [told, why]


def no_pins(handler: Handler, refused: Handler = refuse) -> Handler:
    """Let a PIN reach no handler: what it would keep, ask about or post is somebody's key to all their messages."""

    async def handle(turn: Turn) -> None:
        if _is_pin(turn):
            await refused(turn)
        else:
            await handler(turn)

    return handle


def _is_pin(turn: Turn) -> bool:
    message = turn.update.effective_message
    text = (message.text or message.caption or "") if message is not None else ""
    if text == pins.MARK:
        return True
    if turn.command == "chatkeys":
        return pins.is_pin(turn.arguments, near=True)
    return not turn.command and turn.step is None and pins.is_pin(text, near=_is_near(turn))


def _is_near(turn: Turn) -> bool:
    """Whether keys are spoken of: the person has just seen how they are had, or has a channel that wants its PIN."""
    shown = turn.person.keys_shown_at
    if shown is not None and shown > turn.now - NEAR:
        return True
    rows = [chat_keys.row(channel.id) for channel in turn.mine() if channel.connected]
    return any(row is not None and row.state is KeyState.ELSEWHERE for row in rows)


def _forget(turn: Turn) -> None:
    """Where the process dies from here on, whoever does the turn again finds a mark instead of the number."""
    taken = turn.came.taken
    update: dict[str, Any] = json.loads(taken.payload)
    for kind in ("message", "edited_message"):
        message = update.get(kind)
        if not isinstance(message, dict):
            continue
        for text, marked in (("text", "entities"), ("caption", "caption_entities")):
            if text in message:
                message[text] = pins.MARK
                message.pop(marked, None)
    inbox.rewrite(taken, json.dumps(update))
