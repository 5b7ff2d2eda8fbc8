"""X asked once by who wants to watch something: an account by its name, the lists of an account.

Each answer is a paid read. Source: docs/x-and-telegram.md, "Hearing".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.text import storable
from engine.x.client import NOT_HAD, readable
from engine.x.errors import Garbled, Gone
from engine.x.events import LONGEST_NAME, UNREADABLE, Account, x_id_of
from engine.x.watching.calls import Ask

MOST_LISTS = 100


class Missing(StrEnum):
    """Why X shows nothing of that name or number."""

    UNKNOWN = "unknown"  # no account has this name
    SUSPENDED = "suspended"  # X has suspended it
    PROTECTED = "protected"  # it shows its posts only to whom it lets follow it
    NO_LIST = "no_list"  # no list has this number, or it is private


class NotShown(Exception):
    """X shows nothing there, for this reason."""

    def __init__(self, why: Missing) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class ListAtX:
    """A list of accounts, as its owner has named it."""

    id: int
    name: str


def account(ask: Ask, handle: str) -> Account:
    """The account with this name (letters, digits and _). Raises NotShown, and XError."""
    try:
        body = ask("GET", f"/2/users/by/username/{handle}", params={"user.fields": "name,username,protected"})
    except Gone:
        raise NotShown(Missing.UNKNOWN) from None
    data = body.get("data")
    if not isinstance(data, Mapping):
        raise NotShown(_why_not(body))
    with readable():
        if data.get("protected") is True:
            raise NotShown(Missing.PROTECTED)
        return Account.from_wire(data)


def lists_of(ask: Ask, owner_id: int) -> list[ListAtX]:
    """The public lists that an account has made; without those that can't be read. Raises XError."""
    params = {"max_results": MOST_LISTS, "list.fields": "private"}
    body = ask("GET", f"/2/users/{owner_id}/owned_lists", params=params)
    found = []
    with readable():
        for item in body.get("data") or []:
            try:
                if item.get("private") is not True:
                    found.append(ListAtX(x_id_of(item["id"]), storable(str(item["name"]))[:LONGEST_NAME]))
            except UNREADABLE:
                continue
    return found


def _is_missing(body: Mapping[str, Any]) -> bool:
    """Whether an answer says that there is nothing of the kind, instead of what was asked for."""
    with readable():
        said = [f"{e.get('type')} {e.get('title')}".lower() for e in body.get("errors") or []]
    return "data" not in body and any(NOT_HAD.search(one) for one in said)


def _why_not(body: Mapping[str, Any]) -> Missing:
    """Raises Garbled where X says neither what it has nor why not."""
    with readable():
        said = " ".join(f"{e.get('title')} {e.get('detail')}" for e in body.get("errors") or []).lower()
    if "suspended" in said:
        return Missing.SUSPENDED
    if _is_missing(body):
        return Missing.UNKNOWN
    raise Garbled("X does not say whether there is such an account")
