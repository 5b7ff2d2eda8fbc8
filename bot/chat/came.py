"""An update as it came to its turn: its row, the loop, what was written in it, the message that it answers."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from telegram import Message, MessageEntity, Update

from bot.chat import spoken
from models.database import rest
from models.inbox import Taken

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Came:
    """How an update came to its turn: its row, which is ours, and the loop on which Telegram is spoken to."""

    taken: Taken
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that is answered: whether it is `ours`, what is quoted in it, what the person `picked` of it."""

    id: int
    text: str
    ours: bool
    quoted: tuple[str, ...]
    picked: str


def answered_by(message: Message | None, bot_id: int) -> Answered | None:
    """The message that this one answers, if any."""
    there = message.reply_to_message if message is not None else None
    if message is None or there is None:
        return None
    entities = there.parse_entities([MessageEntity.BLOCKQUOTE]) if there.text else {}
    ours = there.from_user is not None and there.from_user.id == bot_id
    picked = message.quote.text if message.quote is not None and message.quote.is_manual else ""
    return Answered(there.message_id, there.text or there.caption or "", ours, tuple(entities.values()), picked)


async def on_the_loop(came: Came, call: Coroutine[Any, Any, V]) -> V:
    """Speak with Telegram on the one loop for it, while this thread waits and keeps no connection to a database."""
    try:
        rest()
    except Exception:
        call.close()
        raise
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, came.loop))


def text_of(update: Update) -> str:
    """What was written."""
    message = update.message
    return (message.text or message.caption or "") if message is not None else ""


def arguments_of(update: Update) -> str:
    """What was written after the command, if one stands first."""
    text = text_of(update)
    command = spoken.parse(text)
    return (command.rest if command is not None else text).strip()
