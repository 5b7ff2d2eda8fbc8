"""X's wire, read: lines of the activity stream and pages of mentions and DMs become values.

Events may come twice, out of order, with fields missing or unknown, and new types appear without notice
(docs/x-and-telegram.md, "Hearing"): what can't be understood raises MalformedEvent, what is new is Unknown.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.moderation import MessageKind

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
MENTION_EVENT = "post.mention.create"
DM_EVENT = "dm.received"
_NO_LETTER = re.compile("[\0\ud800-\udfff]")


class MalformedEvent(ValueError):
    """A line of the stream that is not an event X documents. Holds no part of the line: it may be a DM."""


@dataclass(frozen=True, slots=True)
class Account:
    """An X account: its id, its handle without the @, its display name."""

    x_user_id: int
    handle: str
    name: str

    @classmethod
    def from_wire(cls, user: Mapping[str, Any]) -> "Account":
        return cls(int(user["id"]), str(user["username"]), _storable(str(user.get("name") or user["username"])))


@dataclass(frozen=True, slots=True)
class Heard:
    """Something said to a channel: a mention or a DM. `at` is when it was written, aware UTC.

    `origin_id` is the id that an edited post had first (0 or its own where it was not edited).
    """

    kind: MessageKind
    channel_x_id: int
    x_id: int
    sender_id: int
    sender_handle: str
    sender_name: str
    text: str
    at: datetime
    origin_id: int = 0
    media: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Revoked:
    """The account took its permission back."""

    x_user_id: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a type we don't use."""

    event_type: str


@dataclass(frozen=True, slots=True)
class Disconnecting:
    """X says that it ends the connection."""

    detail: str


Event = Heard | Revoked | Unknown | Disconnecting


def parse_line(line: bytes) -> list[Event]:
    """The events of one line of the stream (a dm.received can carry several). Raises MalformedEvent."""
    try:
        body = json.loads(line)
        if "data" not in body and body.get("errors"):
            first = body["errors"][0]
            return [Disconnecting(str(first.get("title") or first.get("detail") or ""))]
        data = body["data"]
        event_type = str(data["event_type"])
        if event_type == MENTION_EVENT:
            return _mention(data)
        if event_type == DM_EVENT:
            return _dms(data)
        if event_type == "oauth.revoke":
            return [Revoked(int(data["payload"]["user_id"]))]
        return [Unknown(event_type)]
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, OSError) as error:
        raise MalformedEvent(type(error).__name__) from None


def mention_from_rest(post: Mapping[str, Any], channel: int, users: Mapping[str, Account]) -> Heard | None:
    """A post of `GET /2/users/:id/mentions`; None for what is not a message (a repost of one)."""
    if _is_repost(post):
        return None
    x_id = int(post["id"])
    return _heard(MessageKind.MENTION, channel, x_id, str(post["author_id"]), post, users)


def dm_from_rest(event: Mapping[str, Any], channel: int, users: Mapping[str, Account]) -> Heard | None:
    """An event of `GET /2/dm_events`; None for what is not a message to the channel."""
    sender = event.get("sender_id")
    if event.get("event_type") != "MessageCreate" or sender is None or str(sender) == str(channel):
        return None
    return _heard(MessageKind.DM, channel, int(event["id"]), str(sender), event, users)


def instant_of(x_id: int) -> datetime:
    """When X made this id (snowflake), aware UTC."""
    return datetime.fromtimestamp(((x_id >> 22) + SNOWFLAKE_EPOCH_MS) / 1000, UTC)


def id_at(instant: datetime) -> int:
    """The X id that a post written at this instant would have: a cursor for "from now on"."""
    return max(0, int(instant.timestamp() * 1000) - SNOWFLAKE_EPOCH_MS) << 22


def id_before(x_id: int, seconds: float) -> int:
    """An id that lies so many seconds before this one, at least 1."""
    return max(1, x_id - (int(seconds * 1000) << 22))


def parse_instant(value: object) -> datetime | None:
    """An RFC 3339 instant as X writes it, or None."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)
    except ValueError:
        return None


def _mention(data: Mapping[str, Any]) -> list[Event]:
    post = data["payload"]
    if _is_repost(post):
        return [Unknown(MENTION_EVENT)]
    users: dict[str, Account] = {}
    author_id = str(post["author_id"])
    for user in (data.get("includes") or {}).get("users") or []:
        if str(user.get("id")) == author_id and "username" in user:
            users[author_id] = Account.from_wire(user)
    channel = int(data["filter"]["user_id"])
    return [_heard(MessageKind.MENTION, channel, int(post["id"]), author_id, post, users)]


def _dms(data: Mapping[str, Any]) -> list[Event]:
    payload = data["payload"]
    channel = int(data["filter"]["user_id"])
    users = {
        str(key): Account.from_wire(user["data"])
        for key, user in (payload.get("users") or {}).items()
        if "username" in (user.get("data") or {})
    }
    events: list[Event] = []
    for event in payload["direct_message_events"]:
        if event.get("type") != "message_create":
            continue
        create = event["message_create"]
        sender = str(create["sender_id"])
        if sender == str(channel):
            continue
        message = {
            "text": create["message_data"].get("text", ""),
            "created_ms": event.get("created_timestamp"),
            "attachments": create["message_data"].get("attachment"),
        }
        events.append(_heard(MessageKind.DM, channel, int(event["id"]), sender, message, users))
    return events


def _heard(
    kind: MessageKind,
    channel: int,
    x_id: int,
    sender: str,
    item: Mapping[str, Any],
    users: Mapping[str, Account],
) -> Heard:
    account = users.get(sender)
    created = item.get("created_ms")
    if created is not None:
        at: datetime | None = datetime.fromtimestamp(int(created) / 1000, UTC)
    else:
        at = parse_instant(item.get("created_at"))
    return Heard(
        kind=kind,
        channel_x_id=channel,
        x_id=x_id,
        sender_id=int(sender),
        sender_handle=account.handle if account else "",
        sender_name=account.name if account else "",
        text=_storable(html.unescape(str(item.get("text") or ""))),
        at=at or instant_of(x_id),
        origin_id=_origin_of(x_id, item),
        media=_has_media(item),
        sensitive=item.get("possibly_sensitive") is True,
    )


def _storable(text: str) -> str:
    """A text that every database takes: JSON may bring NUL and halves of a letter, which are none."""
    return _NO_LETTER.sub("\ufffd", text)


def _origin_of(x_id: int, item: Mapping[str, Any]) -> int:
    """The first id of an edited post; the stream and REST name the history differently."""
    history = item.get("edit_history_post_ids") or item.get("edit_history_tweet_ids") or []
    return min([x_id, *(int(i) for i in history if str(i).isdecimal())])


def _has_media(item: Mapping[str, Any]) -> bool:
    """A photo, a video or a GIF: in a post's attachments (a poll is none), or in a direct message's."""
    attachments = item.get("attachments") or {}
    return bool(attachments.get("media_keys") or attachments.get("media") or attachments.get("type") == "media")


def _is_repost(post: Mapping[str, Any]) -> bool:
    references = post.get("referenced_posts") or post.get("referenced_tweets") or []
    return any(r.get("type") == "retweeted" for r in references)
