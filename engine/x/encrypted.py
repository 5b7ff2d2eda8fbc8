"""An event of X Chat as X brings it: what is in it is encrypted, who sent it and to whom is in the clear.

X says no `filter` here: the channel is the participant of the conversation that did not send it. What says so is X's
own word; that it is true is only known once the event has been checked (engine/x/chat/).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHAT_EVENT = "chat.received"
LONGEST_EVENT = 200_000  # characters; X's own are a few hundred for a text of 10,000
_PAIR = re.compile(r"([0-9]{1,19})[-:]([0-9]{1,19})", re.ASCII)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}", re.ASCII)
_GROUP = re.compile(r"g[0-9]{1,19}", re.ASCII)
_MOST = 2**63


@dataclass(frozen=True, slots=True)
class Encrypted:
    """Something sent to `channel_x_id` by `sender_id`; `key_change`: the conversation's new key, where it has one."""

    channel_x_id: int
    sender_id: int
    event: str = field(repr=False)
    key_change: str = field(default="", repr=False)


def pair_of(conversation_id: object) -> tuple[int, int]:
    """The two accounts of a conversation between two, the lower first, however X joins them. Raises ValueError."""
    found = _PAIR.fullmatch(conversation_id) if isinstance(conversation_id, str) else None
    one, other = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < min(one, other) < max(one, other) < _MOST:
        raise ValueError("no conversation between two")
    return min(one, other), max(one, other)


def is_between(conversation_id: object, one: int, other: int) -> bool:
    """Whether a conversation is of these two and nobody else. Of several nothing is ever repeated."""
    try:
        return set(pair_of(conversation_id)) == {one, other}
    except ValueError:
        return False


def is_group(conversation_id: object) -> bool:
    """Whether this is a conversation of several, of which nothing is ever repeated."""
    return isinstance(conversation_id, str) and _GROUP.fullmatch(conversation_id) is not None


def encrypted_of(payload: Mapping[str, Any]) -> Encrypted | None:
    """What a `chat.received` carries; None for one of a group. Raises one of engine.x.events.UNREADABLE."""
    if is_group(payload["conversation_id"]):
        return None
    pair = pair_of(payload["conversation_id"])
    written = payload["sender_id"]
    sender = int(written) if written.isascii() and written.isdecimal() else 0
    if sender not in pair:
        raise ValueError("a sender who is not of the conversation")
    event, change = payload["encoded_event"], payload.get("conversation_key_change_event")
    if not is_event(event) or not (change is None or is_event(change)):
        raise ValueError("not as X writes it")
    return Encrypted(pair[0] if sender == pair[1] else pair[1], sender, event, change or "")


def is_event(value: object) -> bool:
    """Whether this is an event as far as it can be seen from outside: base64, and not longer than any can be."""
    return isinstance(value, str) and len(value) <= LONGEST_EVENT and _BASE64.fullmatch(value) is not None
