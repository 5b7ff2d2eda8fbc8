"""What Telegram brings, before it is believed: the one place where it comes in, by polling and by webhook.

A text is cleaned (NUL and halves of a letter), a number that no database takes is refused. What has no number, or is
nobody's, is no update that we asked for: it is left out with a line in the log, and Telegram is told that it came.
A link that Telegram hides behind words is written out beside them: on X nothing is hidden, and a link has its price.
What is said to be a PIN is kept nowhere: a mark stands in its place, and its person is told (bot/accounts/pins.py).
"""

import json
import re
from collections.abc import Iterable
from typing import Any

import structlog
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.wire.in_time import InTime
from engine import on_x
from engine.on_x.sites import led_to
from engine.text import storable
from engine.x.chat import pins
from models import inbox

log = structlog.get_logger()
UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
MOST = 2**52  # of what Telegram numbers, updates and people
MOST_HIDDEN, LONGEST_LINK = 20, 2048
_HTTP = re.compile(r"https?://\S+\.\S+", re.IGNORECASE)
_OWN_PAGE = re.compile(r"[@#]\w+")  # names and hashtags, which X's and Telegram's own pages link to themselves
_GOES_ON = re.compile(r"[^\s.,;:!?)\]»”'\"…]")
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
            found.append(inbox.Update(number, person_id, json.dumps(_unhidden(_cleaned(update)))))
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


def _unhidden(update: dict[str, Any]) -> dict[str, Any]:
    """The same with the links of what a person wrote, and of what they answer, written out."""
    for kind in ("message", "edited_message"):
        message = update.get(kind)
        answered = message.get("reply_to_message") if isinstance(message, dict) else None
        for one in (message, answered):
            sender = one.get("from") if isinstance(one, dict) else None
            if isinstance(one, dict) and not (isinstance(sender, dict) and sender.get("is_bot")):
                for text, marked in (("text", "entities"), ("caption", "caption_entities")):
                    if isinstance(one.get(text), str) and pins.is_pin(one[text], near=False):
                        one[text] = pins.MARK
                        one.pop(marked, None)
                        update[kind].pop("quote", None)  # it repeats what is answered
                    if isinstance(one.get(text), str) and isinstance(one.get(marked), list):
                        one[text], one[marked] = with_links(one[text], one[marked])
    return update


def with_links(text: str, entities: list[Any]) -> tuple[str, list[Any]]:
    """A text of Telegram's with each hidden link behind its words, and where the other entities are then."""
    wide = text.encode("utf-16-le")  # as Telegram counts
    marks = [e for e in entities if isinstance(e, dict) and type(e.get("offset")) is type(e.get("length")) is int]
    hidden = [e for e in marks if e.get("type") == "text_link" and isinstance(e.get("url"), str)]
    for mark in sorted(hidden, key=lambda e: e["offset"], reverse=True)[:MOST_HIDDEN]:
        start, end = 2 * mark["offset"], 2 * (mark["offset"] + mark["length"])
        words = wide[start:end].decode("utf-16-le", "ignore")
        if not 0 <= start < end <= len(wide) or not _is_hidden(words, mark["url"]):
            continue
        end -= 2 * (len(words) - len(words.rstrip()))
        behind = wide[end:].decode("utf-16-le", "ignore")
        added = f" {mark['url']}{' ' if _GOES_ON.match(behind) else ''}"
        wide = wide[:end] + added.encode("utf-16-le") + wide[end:]
        for other in marks:
            if 2 * other["offset"] >= end:
                other["offset"] += len(added.encode("utf-16-le")) // 2
    return wide.decode("utf-16-le", "replace"), [e for e in entities if e not in hidden]


def _is_hidden(words: str, url: str) -> bool:
    """Whether the words don't say themselves where they lead."""
    if len(url) > LONGEST_LINK or not _HTTP.fullmatch(url):
        return False
    name = words.strip()
    if _OWN_PAGE.fullmatch(name) and name[1:].casefold() in (s.lstrip("@") for s in led_to(url)[1].split("/")):
        return False
    return not (on_x.has_link(words) and led_to(words.strip()) == led_to(url))
