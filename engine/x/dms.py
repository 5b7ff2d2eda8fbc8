"""A direct message of the channel's own, to somebody who wrote it one (scope dm.write)."""

from engine.x.client import XClient, readable
from engine.x.events import x_id_of


def send(x: XClient, user_id: int, text: str) -> int:
    """Send it; the id of the message at X. Nothing at X tells of two that are the same: it is asked for once."""
    body = x.ask("POST", f"/2/dm_conversations/with/{user_id}/messages", json={"text": text})
    with readable():
        return x_id_of(body["data"]["dm_event_id"])
