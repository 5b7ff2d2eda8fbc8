"""Asking X to bring something: the body of a subscription, and X's word that the app has no room for one more."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.x.errors import NoRoom, XError

MOST_OF_AN_APP = 1500
ROUTE = "/2/activity/subscriptions"
_LIMIT = r"(limit|maxim|\bmax\b|quota|too many|exceed|reached|\bcap\b|no more)"
#: X documents the number, not the sentence; "rate limit" is another.
FULL_IN_WORDS = re.compile(rf"(?=.*subscription)(?!.*rate[- ]?limit).*{_LIMIT}", re.DOTALL)


def asked_for(event_type: str, user_id: int) -> dict[str, Any]:
    """What is sent to have events of this type of this account brought."""
    return {"event_type": event_type, "filter": {"user_id": str(user_id)}, "tag": "canales"}


@contextmanager
def telling_of_room() -> Iterator[None]:
    """Raises NoRoom where X refuses a subscription as the app has as many as it may, whatever the status says."""
    try:
        yield
    except XError as error:
        if FULL_IN_WORDS.match(error.detail.lower()):
            raise NoRoom(error.detail) from None
        raise
