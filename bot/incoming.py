"""What Telegram brings, before it is believed: the one place where it comes in, by polling and by webhook.

A text is cleaned (NUL and halves of a letter), a number that no database takes is refused. What has no number, or is
nobody's, is no update that we asked for: it is left out with a line in the log, and Telegram is told that it came.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import structlog
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.chat.in_time import InTime
from engine.text import storable
from models import inbox

log = structlog.get_logger()
UPDATES = ["message", "edited_message", "callback_query"]
MOST = 2**52  # of what Telegram numbers, updates and people
_NUMBERED = re.compile(rb'(?<!\\)"update_id"\s*:\s*([0-9]{1,18})\b')


class Unreadable(TelegramError):
    """An answer of Telegram's that is no JSON that we can read; `numbers` are the updates that it seems to hold."""

    def __init__(self, numbers: list[int]) -> None:
        super().__init__("unreadable")
        self.numbers = numbers


class Fetching(InTime):
    """The way by which updates are fetched: what can't be read says at least which updates that were."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """Raises Unreadable."""
        try:
            return HTTPXRequest.parse_json_payload(payload)
        except (TelegramError, RecursionError):
            numbers = [int(number) for number in _NUMBERED.findall(payload)]
            if not numbers:
                raise
            raise Unreadable(numbers) from None


def read(updates: Iterable[Any]) -> list[inbox.Update]:
    """What of these can be kept, each with whose it is."""
    found: list[inbox.Update] = []
    for update in updates:
        number = number_of(update)
        person_id = _whose(update) if number is not None else None
        if number is None or person_id is None:
            log.warning("an update is nobody's", update=number)
            continue
        try:
            found.append(inbox.Update(number, person_id, json.dumps(_cleaned(update))))
        except (RecursionError, ValueError, TypeError) as error:
            log.warning("an update can't be kept", update=number, error=type(error).__name__)
    return found


def number_of(update: Any) -> int | None:
    """Its number at Telegram; None where it has none."""
    return _id(update.get("update_id")) if isinstance(update, dict) else None


def _whose(update: dict[str, Any]) -> int | None:
    """Who sent it; None where it is nobody's, and so not for us."""
    came: Any = next((update[kind] for kind in UPDATES if kind in update), None)
    sender = came.get("from") if isinstance(came, dict) else None
    return _id(sender.get("id")) if isinstance(sender, dict) else None


def _id(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < MOST else None


def _cleaned(value: Any) -> Any:
    """The same with texts that every database and every wire takes. Raises RecursionError."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): _cleaned(item) for name, item in value.items()}
    return value
