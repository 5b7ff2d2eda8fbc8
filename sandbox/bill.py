"""X's own bill: what it showed, brought and did for the app, by its published prices, in micro-dollars.

It knows nothing of how the app counts. What is shown or brought is billed once a UTC day, whichever way it went; what
is done, each time that it is. What goes along with an answer (`includes`) is not billed, nor is what nobody got: an
event that nobody listened for, a call that was refused, or that broke before anything was shown.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DAY_S = 86_400
READ = {"post": 5_000, "dm_event": 10_000, "user": 10_000, "list": 5_000, "deletion": 0}
OWNED_READ = 1_000
DONE = {
    "post": 15_000,
    "post with a link": 200_000,
    "answer": 10_000,
    "repost": 15_000,
    "dm": 15_000,
    "undo": 10_000,
    "alt text": 5_000,
}
#: What the calls that are billed show.
SHOWN = {
    "GET /2/users/me": "user",
    "GET /2/users": "user",
    "GET /2/users/by": "user",
    "GET /2/users/by/username/{username}": "user",
    "GET /2/tweets": "post",
    "GET /2/users/{id}/tweets": "post",
    "GET /2/users/{id}/mentions": "post",
    "GET /2/users/{id}/timelines/reverse_chronological": "post",
    "GET /2/lists/{id}/tweets": "post",
    "GET /2/tweets/search/recent": "post",
    "GET /2/users/{id}/owned_lists": "list",
    "GET /2/dm_events": "dm_event",
    "GET /2/chat/conversations/{id}/events": "dm_event",
}
OWNED = ("GET /2/users/{id}/tweets", "GET /2/users/{id}/mentions")
ID = re.compile(r"[0-9]{1,19}", re.ASCII)


@dataclass
class Bill:
    """`owner_id`: the account to which the app belongs, 0 for one that is no channel."""

    owner_id: int = 0
    lines: Counter[str] = field(default_factory=Counter)  # how many of each
    cost: Counter[str] = field(default_factory=Counter)
    _read: set[tuple[int, str, str]] = field(default_factory=set)  # the UTC day, what it is, its name

    def did(self, what: str) -> None:
        """X has done something for the app."""
        self._add(what, DONE[what])

    def answered(self, call: str, asker_id: int, body: str | None) -> None:
        """X has answered a call with this."""
        what = SHOWN.get(call)
        if what is None or body is None:
            return
        data = json.loads(body).get("data")
        owned = call in OWNED and asker_id == self.owner_id != 0
        for item in data if isinstance(data, list) else [data]:
            self._show(what, _name(item), OWNED_READ if owned else READ[what])

    def sent(self, line: bytes) -> None:
        """X has sent this line of a stream to who listens."""
        for what, name in line.billed if isinstance(line, Line) else _read(line):
            self._show(what, name, READ[what])

    def shown(self, *, names: bool = False) -> dict[str, Any]:
        """What the bill says so far; with `names`, of what was read on which UTC day too."""
        lines = {what: [count, self.cost[what]] for what, count in sorted(self.lines.items())}
        read = {"read": sorted(self._read)} if names else {}
        return {"cost": self.cost.total(), "lines": lines, **read}

    def _show(self, what: str, name: str, price: int) -> None:
        key = (int(time.time() // DAY_S), what, name)
        if price and name and key not in self._read:
            self._read.add(key)
            self._add(f"{what} read", price)

    def _add(self, what: str, price: int) -> None:
        self.lines[what] += 1
        self.cost[what] += price


class Line(bytes):
    """A line of a stream that was made of an event, with what is billed of it: what it is, and its name."""

    billed: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, event: Mapping[str, Any], line: bytes) -> "Line":
        made = cls(line)
        made.billed = tuple(_brought(event))
        return made


def _read(line: bytes) -> list[tuple[str, str]]:
    """The same of any bytes; nothing of what is no event of X's."""
    try:
        return _brought(json.loads(line))
    except (ValueError, TypeError, KeyError, AttributeError):
        return []


def _brought(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    data = body["data"]
    if "matching_rules" in body:
        return [("post", _name(data))]
    event_type, payload = data["event_type"], data["payload"]
    if event_type in ("post.mention.create", "post.reply.create"):
        return [("post", _name(payload))]
    if event_type == "post.delete":
        return [("deletion", _name(payload))]
    if event_type == "chat.received":
        return [("dm_event", _name(payload))]
    if event_type == "dm.received":
        return [("dm_event", _name(event)) for event in payload["direct_message_events"]]
    return []


def _name(item: Any) -> str:
    """What it is known by; empty for what is nothing of X's."""
    if not isinstance(item, Mapping):
        return ""
    if isinstance(encoded := item.get("encoded_event"), str):
        return encoded
    name = item.get("id")
    return name if isinstance(name, str) and ID.fullmatch(name) and int(name) else ""
