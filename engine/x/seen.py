"""What X's answers say of its limits, as a process has seen it last: a line for each kind of call."""

import re
import threading
from dataclasses import dataclass
from datetime import datetime

import requests

from engine.x.errors import answered_at, figure, reset_of

MOST = 200
LARGEST = 2**31 - 1
#: A version of X's API stands first; whatever else has a digit is somebody's, and so is what follows `username`.
_SOMEBODYS = re.compile(r"(?<=.)/[^/]*\d[^/]*(?=/|$)|(?<=/username)/[^/]+")


@dataclass(frozen=True, slots=True)
class Seen:
    """Of a call, as `GET /2/users/:id/mentions`, X takes `most` until an aware instant, `left` of them at another."""

    call: str
    most: int
    left: int
    until: datetime | None
    at: datetime


_seen: dict[str, Seen] = {}
_guard = threading.Lock()


def note(response: requests.Response) -> None:
    """Remember what an answer says; one that says nothing, or nonsense, is passed over."""
    most = figure(response.headers.get("x-rate-limit-limit", ""))
    left = figure(response.headers.get("x-rate-limit-remaining", ""))
    request = response.request
    if most is None or left is None or not 0 <= left <= LARGEST or not 0 < most <= LARGEST or request.method is None:
        return
    path = request.path_url.partition("?")[0]
    call = f"{request.method} {_SOMEBODYS.sub('/:id', path)}"[:120]
    with _guard:
        if call in _seen or len(_seen) < MOST:
            _seen[call] = Seen(call, most, left, reset_of(response), answered_at(response))


def take() -> list[Seen]:
    """What was seen since this was asked last."""
    with _guard:
        seen = list(_seen.values())
        _seen.clear()
    return seen
