"""What X bills of what it says: each thing that an answer shows or a stream brings, by its id, whatever becomes of it.

What comes along with it (`includes`) is not billed. One place knows which call shows what, so that none is forgotten:
who makes a call need not know that it costs. Source: docs/x-and-telegram.md, "Speaking".
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from engine.moderation import MessageKind
from engine.x.addressed import kind_of
from engine.x.prices import Billed

_ROUTES = tuple(
    (re.compile(route), kind)
    for route, kind in (
        (r"/2/users/me|/2/users|/2/users/by|/2/users/by/username/\w+", Billed.PERSON),
        (r"/2/tweets", Billed.LOOKED_AT),
        (r"/2/users/\d+/mentions", Billed.MENTION),
        (r"/2/dm_events", Billed.DM),
        (r"/2/chat/conversations/[^/]+/events", Billed.DM),
        (r"/2/tweets/search/recent|/2/lists/\d+/tweets|/2/users/\d+/timelines/reverse_chronological", Billed.WATCHED),
        (r"/2/users/\d+/owned_lists", Billed.LIST),
    )
)
_TIMELINE = re.compile(r"/2/users/(\d+)/tweets")
LEAST_OF_A_PAGE = 10  # X takes no fewer everywhere
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_OTHERWISE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)  # than X documents it


#: Pays for a call: out of its method, route and parameters come those with which X may be asked. Raises OverBudget.
Paying = Callable[[str, str, Mapping[str, Any]], AbstractContextManager[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Brought:
    """Something that a stream brought for a channel (its X id, 0 where that is not said)."""

    kind: Billed
    x_id: int
    channel_x_id: int = 0


def shown_by(route: str, body: Mapping[str, Any], asker: int = 0, own: int = 0) -> list[tuple[Billed, int]]:
    """What X bills of its answer to a GET, with the id of each; nothing of what it shows for nothing.

    `asker`: the X id of the account that asks, 0 for the app. `own`: that of the account to which the app belongs.
    """
    kind = _shows(route, asker)
    if kind is None:
        return []
    if asker == own != 0 and kind in (Billed.MENTION, Billed.OWN_POST):
        kind = Billed.OWNED
    number = _event_of if "/chat/" in route else _id_of
    data = body.get("data")
    return _each(data if isinstance(data, list) else [data], lambda item: (_told(kind, item, asker), number(item)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call may show at most, and how few of it may be asked for."""

    kind: Billed
    most: int
    least: int


def asked_by(method: str, route: str, parameters: Mapping[str, Any], asker: int = 0) -> Asked | None:
    """What X may bill for a call, before it is made; None where it bills nothing, or the call is reserved elsewhere.

    What is said and taken back is claimed before (models/publishing/billed.py), and what describes a file is paid
    before (tasks/costs.py).
    """
    if method != "GET":
        return None
    kind = _shows(route, asker)
    if kind is None:
        return None
    if "max_results" in parameters:
        most = int(parameters["max_results"])
        return Asked(kind, most, min(most, LEAST_OF_A_PAGE))
    ids = str(parameters.get("ids") or parameters.get("usernames") or "")
    most = len(ids.split(",")) if ids else 1
    return Asked(kind, most, most)


@contextmanager
def free(method: str, route: str, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """For calls that no budget is over."""
    yield dict(asked)


def brought_by(body: Any) -> list[Brought]:
    """What X bills of a line of the activity stream, also of one that can't be read otherwise."""
    return [b for found in _each([body], _brought) for b in found]


def matched_by(body: Any) -> list[Brought]:
    """The same of a line of the filtered stream."""
    return _each([body], lambda line: Brought(Billed.WATCHED, _id_of(line["data"])))


def _shows(route: str, asker: int) -> Billed | None:
    """What a route shows to who asks; None for what X bills nothing of."""
    if (timeline := _TIMELINE.fullmatch(route)) is not None:
        return Billed.OWN_POST if int(timeline[1]) == asker else Billed.WATCHED
    return next((kind for pattern, kind in _ROUTES if pattern.fullmatch(route)), None)


def _brought(body: Mapping[str, Any]) -> list[Brought]:
    data = body["data"]
    event_type, payload = data["event_type"], data["payload"]
    if event_type == "chat.received":
        return [Brought(Billed.DM, _event_of(payload), _other_of(payload))]
    channel = _number((data.get("filter") or {}).get("user_id") or "0")
    if event_type == "dm.received":
        return _each(payload["direct_message_events"], lambda item: Brought(Billed.DM, _id_of(item), channel))
    if event_type == "post.delete":
        return [Brought(Billed.DELETION, _id_of(payload))]
    kinds = {"post.mention.create": Billed.MENTION, "post.reply.create": Billed.REPLY}
    return [Brought(kinds[event_type], _id_of(payload), channel)] if event_type in kinds else []


def _each(items: Any, read: Callable[[Any], Any]) -> list[Any]:
    """Those that can be read: what has no id can't have been billed once a day."""
    found = []
    for item in items if isinstance(items, list) else []:
        try:
            found.append(read(item))
        except _OTHERWISE:
            continue
    return found


def _told(kind: Billed, item: Any, channel: int) -> Billed:
    """Of the timeline of mentions: what answers the channel and does not name it is a reply."""
    if kind is not Billed.MENTION:
        return kind
    try:
        return Billed.REPLY if kind_of(item, channel) is MessageKind.REPLY else kind
    except _OTHERWISE:
        return kind


def _id_of(item: Mapping[str, Any]) -> int:
    return _number(item["id"])


def _event_of(item: Mapping[str, Any]) -> int:
    """A number for an encrypted event, which has none on the stream: the same for the same event."""
    return int.from_bytes(hashlib.blake2b(item["encoded_event"].encode(), digest_size=8).digest()) >> 1


def _other_of(payload: Mapping[str, Any]) -> int:
    """Of a conversation between two, who has not sent it; 0 of several."""
    pair = re.split("[-:]", str(payload.get("conversation_id")))
    others = [one for one in pair if one != str(payload.get("sender_id"))]
    return int(others[0]) if len(pair) == 2 and len(others) == 1 and _ID.fullmatch(others[0]) else 0


def _number(given: Any) -> int:
    """An id as X writes it. Raises ValueError for what is none."""
    written = str(given) if type(given) is int else given
    if not isinstance(written, str) or not _ID.fullmatch(written) or int(written) >= 2**63:
        raise ValueError("no id of X's")
    return int(written)
