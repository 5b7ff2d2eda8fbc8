"""What a request to the sandbox's X asks for, read and checked; each of these raises Denied for what X would refuse."""

import re
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.world import User
from sandbox.x_refusals import Denied, disallowed, invalid, problem

DIGITS = re.compile(r"^[0-9]{1,19}$")
HANDLE = re.compile(r"^[A-Za-z0-9_]{1,15}$")
CONVERSATION = re.compile(r"^([0-9]{1,19}|[0-9]{1,19}-[0-9]{1,19}|g[0-9]{1,19})$")


def user(request: web.Request) -> User:
    """The account that asks, where one must."""
    asker: User | None = request["user"]
    if asker is None:
        raise Denied(403, problem("disallowed-resource", "Forbidden", "This needs a user's token.", status=403))
    own_only = "/retweets" in request.path or request.path.endswith("/mentions")
    if own_only and request.match_info["id"] != str(asker.id):
        raise disallowed("The id is not yours.")
    return asker


def body(request: web.Request) -> dict[str, Any]:
    """The body, empty where it is none of JSON."""
    given = request["body"]
    return given if isinstance(given, dict) else {}


def ids(request: web.Request) -> list[int]:
    """`ids=1,2,…`, at most a hundred."""
    value = request.query.get("ids", "")
    parts = value.split(",")
    if len(parts) > 100 or not all(DIGITS.match(p) for p in parts):
        raise bad("ids", value)
    return [int(p) for p in parts]


def words(request: web.Request, name: str) -> list[str]:
    """A list with commas, like `post.fields`."""
    return [w for w in request.query.get(name, "").split(",") if w]


def digits(request: web.Request, name: str) -> int:
    value = request.match_info[name]
    if not DIGITS.match(value):
        raise bad(name, value)
    return int(value)


def between(request: web.Request, name: str, low: int, high: int, default: int) -> int:
    value = request.query.get(name, str(default))
    if not value.isdigit() or not low <= int(value) <= high:
        raise bad(name, value)
    return int(value)


def instant(request: web.Request, name: str) -> datetime | None:
    value = request.query.get(name)
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")) if value is not None else None
    except ValueError:
        raise bad(name, str(value)) from None


def bad(name: str, value: str) -> Denied:
    return invalid(name, f"The `{name}` parameter [{value}] is not valid.", value=value)


async def json(request: web.Request) -> Any:
    if not request.can_read_body:
        return None
    try:
        return await request.json()
    except ValueError:
        return None
