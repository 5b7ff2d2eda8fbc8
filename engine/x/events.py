"""X's wire, read: lines of the activity stream and pages of mentions and DMs become values.

Events may come twice, out of order, with fields missing or unknown, and new types appear without notice
(docs/x-and-telegram.md, "Hearing"). Here is the one place where what a stranger wrote comes in: texts and names are
cleaned and cut, an instant that can't be is that of hearing, and what can't be understood raises MalformedEvent, or is
left out of its page. What is new is Unknown.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.moderation import MessageKind
from engine.on_x.handed_back import unwrapped
from engine.text import storable
from engine.x.addressed import kind_of, own_words
from engine.x.billing import Brought, brought_by
from engine.x.encrypted import CHAT_EVENT, Encrypted, encrypted_of, is_between

SNOWFLAKE_EPOCH_MS = 1_288_834_974_657
MENTION_EVENT = "post.mention.create"
REPLY_EVENT = "post.reply.create"
DM_EVENT = "dm.received"
DELETE_EVENT = "post.delete"
POST_EVENTS = {MENTION_EVENT: MessageKind.MENTION, REPLY_EVENT: MessageKind.REPLY}
X_BEGAN = datetime(2006, 3, 21, tzinfo=UTC)
CLOCKS_APART = timedelta(days=1)  # so far ahead of ours no id of X's can be
LONGEST_TEXT, LONGEST_NAME, LONGEST_HANDLE = 30_000, 200, 50  # X's own: 25,000, 50 and 15
LONGEST_LINK = 300  # that is shown as it was written; a longer one stays as X shortened it
_ID = re.compile(r"[0-9]{1,19}", re.ASCII)
_MOST = 2**63
#: What a body of another shape than X documents raises, where it is read as if it had that shape.
UNREADABLE = (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, OSError, RecursionError)


class MalformedEvent(ValueError):
    """A line of the stream that is not an event X documents. Holds no part of the line: it may be a DM."""


@dataclass(frozen=True, slots=True)
class Account:
    """An X account: its id, its handle without the @, its display name.

    `protected`: whether only its followers read it; None where X did not say.
    """

    x_user_id: int
    handle: str
    name: str
    protected: bool | None = None

    @classmethod
    def from_wire(cls, user: Mapping[str, Any]) -> "Account":
        """Raises one of UNREADABLE."""
        handle = _text(user["username"], LONGEST_HANDLE)
        protected = user.get("protected")
        return cls(
            x_id_of(user["id"]),
            handle,
            _text(user.get("name") or handle, LONGEST_NAME),
            protected if isinstance(protected, bool) else None,
        )


@dataclass(frozen=True, slots=True)
class Person:
    """An account as the channel that asks for it sees it. `follows`: it follows the channel."""

    handle: str = ""
    name: str = ""
    protected: bool | None = None
    follows: bool = False

    @classmethod
    def from_wire(cls, user: Mapping[str, Any]) -> "Person":
        """Raises one of UNREADABLE."""
        account = Account.from_wire(user)
        follows = "followed_by" in (user.get("connection_status") or [])
        return cls(account.handle, account.name, account.protected, follows)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something said to a channel: a mention, a reply or a DM. `at` is when it was written, aware UTC.

    `origin_id` is the id that an edited post had first (0 or its own where it was not edited). `protected`: whether its
    sender's posts are for followers only, None where X did not say.
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
    protected: bool | None = None
    media_kinds: str = ""  # which, where X says so (engine/x/chat/reading.py)


@dataclass(frozen=True, slots=True)
class Revoked:
    """The account took a permission back, at an aware instant; maybe not the one that it has given since."""

    x_user_id: int
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """This account has deleted a post of its own."""

    x_id: int
    author_id: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a type we don't use."""

    event_type: str


@dataclass(frozen=True, slots=True)
class Disconnecting:
    """X says that it ends the connection."""

    detail: str


Event = Heard | Encrypted | Deleted | Revoked | Unknown | Disconnecting


def parse_line(line: bytes, now: datetime, billed: list[Brought] | None = None) -> list[Event]:
    """The events of one line of the stream (a dm.received can carry several), heard now. Raises MalformedEvent.

    To `billed` comes what X bills of it, in any case.
    """
    try:
        body = json.loads(line)
        if billed is not None:
            billed += brought_by(body)
        if "data" not in body and body.get("errors"):
            first = body["errors"][0]
            return [Disconnecting(storable(str(first.get("title") or first.get("detail") or ""))[:300])]
        data = body["data"]
        event_type = str(data["event_type"])
        if event_type in POST_EVENTS:
            return _post(data, POST_EVENTS[event_type], now)
        if event_type == DM_EVENT:
            return _dms(data, now)
        if event_type == CHAT_EVENT:
            return [encrypted_of(data["payload"]) or Unknown(CHAT_EVENT)]
        if event_type == DELETE_EVENT:
            return [Deleted(x_id_of(data["payload"]["id"]), x_id_of(data["payload"]["author_id"]))]
        if event_type == "oauth.revoke":
            payload = data["payload"]
            return [Revoked(x_id_of(payload["user_id"]), parse_instant(payload.get("date_time")))]
        return [Unknown(event_type)]
    except UNREADABLE as error:
        raise MalformedEvent(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Page:
    """What X said of a page of its answer: `heard` is what could be read, `unreadable` counts what could not.

    `newest` and `oldest` are ids of all that stands on it, whether it is a message or not; 0 where there is none.
    """

    heard: list[Heard]
    unreadable: int = 0
    newest: int = 0
    oldest: int = 0


def mentions_of_page(body: Mapping[str, Any], channel: int, now: datetime) -> Page:
    """The posts of a page of `GET /2/users/:id/mentions`: mentions and replies; reposts are no messages."""
    return _page(body, lambda post, users: _post_from_rest(post, channel, users, now), now)


def dms_of_page(body: Mapping[str, Any], channel: int, now: datetime) -> Page:
    """The events of a page of `GET /2/dm_events` that are messages to the channel."""
    return _page(body, lambda event, users: _dm_from_rest(event, channel, users, now), now)


def x_id_of(value: object) -> int:
    """An id as X writes it: a text of digits. Raises ValueError for what no id is, or no database takes."""
    written = str(value) if type(value) is int else value
    if not isinstance(written, str) or not _ID.fullmatch(written) or not 0 < int(written) < _MOST:
        raise ValueError("no id of X's")
    return int(written)


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
    """An RFC 3339 instant as X writes it, or None for what is none, or none that a calendar has."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _page(body: Mapping[str, Any], read: Callable[[Any, Mapping[str, Account]], Heard | None], now: datetime) -> Page:
    users = users_of(body)
    heard: list[Heard] = []
    ids: list[int] = []
    unreadable = 0
    for item in _list(body.get("data")):
        try:
            ids.append(_possible(item["id"], now))
            found = read(item, users)
        except UNREADABLE:
            unreadable += 1
            continue
        if found is not None:
            heard.append(found)
    return Page(heard, unreadable, max(ids, default=0), min(ids, default=0))


def users_of(body: Mapping[str, Any]) -> dict[str, Account]:
    """The accounts that came with an answer, by their ids as X writes them; without those that can't be read."""
    included = body.get("includes")
    return _accounts(_list(included.get("users")) if isinstance(included, Mapping) else [])


def _accounts(users: Iterable[Any]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for user in users:
        try:
            found[str(user["id"])] = Account.from_wire(user)
        except UNREADABLE:
            continue
    return found


def _post(data: Mapping[str, Any], said: MessageKind, now: datetime) -> list[Event]:
    post = data["payload"]
    channel = x_id_of(data["filter"]["user_id"])
    kind = kind_of(post, channel, said=said)
    if kind is None:
        return [Unknown(str(data["event_type"]))]
    heard = heard_in(kind, channel, post["id"], str(post["author_id"]), post, users_of(data), now)
    if heard.protected is None and said is MessageKind.MENTION:  # X brings none of a protected account's
        heard = replace(heard, protected=False)
    return [heard]


def _dms(data: Mapping[str, Any], now: datetime) -> list[Event]:
    payload = data["payload"]
    channel = x_id_of(data["filter"]["user_id"])
    given = payload.get("users")
    users = _accounts(u.get("data") for u in given.values() if isinstance(u, Mapping)) if given else {}
    events: list[Event] = []
    unreadable: Exception | None = None
    for event in payload["direct_message_events"]:
        try:
            if event.get("type") != "message_create":
                continue
            create = event["message_create"]
            sender = str(create["sender_id"])
            target = create.get("target")
            if sender == str(channel) or (target is not None and target.get("recipient_id") != str(channel)):
                continue  # its own, or what several read
            message = {
                "text": create["message_data"].get("text"),
                "created_ms": event.get("created_timestamp"),
                "attachments": create["message_data"].get("attachment"),
                "entities": create["message_data"].get("entities"),
            }
            events.append(heard_in(MessageKind.DM, channel, event["id"], sender, message, users, now))
        except UNREADABLE as error:  # the others of the line are good
            unreadable = error
    if unreadable is not None and not events:
        raise unreadable
    return events


def _post_from_rest(post: Mapping[str, Any], channel: int, users: Mapping[str, Account], now: datetime) -> Heard | None:
    kind = kind_of(post, channel)
    return None if kind is None else heard_in(kind, channel, post["id"], str(post["author_id"]), post, users, now)


def _dm_from_rest(event: Mapping[str, Any], channel: int, users: Mapping[str, Account], now: datetime) -> Heard | None:
    sender = event.get("sender_id")
    if event.get("event_type") != "MessageCreate" or sender is None or str(sender) == str(channel):
        return None
    if not is_between(event["dm_conversation_id"], channel, x_id_of(sender)):
        return None  # several read it
    return heard_in(MessageKind.DM, channel, event["id"], str(sender), event, users, now)


def heard_in(
    kind: MessageKind, channel: int, given_id: object, sender: str, item: Mapping[str, Any],
    users: Mapping[str, Account], now: datetime,
) -> Heard:  # fmt: skip
    x_id = _possible(given_id, now)
    account = users.get(sender)
    note = item.get("note_tweet") or item.get("note_post")  # the whole of a long post
    whole = note if isinstance(note, Mapping) and isinstance(note.get("text"), str) and note["text"].strip() else item
    text = own_words(item, whole)
    return Heard(
        kind=kind,
        channel_x_id=channel,
        x_id=x_id,
        sender_id=x_id_of(sender),
        sender_handle=account.handle if account else "",
        sender_name=account.name if account else "",
        text=""
        if text is None
        else _text(unwrapped(html.unescape(text), links_told(item) | links_told(whole)), LONGEST_TEXT),
        at=_at(item, x_id, now),
        origin_id=_origin_of(x_id, item),
        media=_has_media(item),
        sensitive=item.get("possibly_sensitive") is True,
        protected=account.protected if account and kind.is_public else None,
    )


def _possible(given_id: object, now: datetime) -> int:
    """An id of what X can have by now. Raises ValueError for others: a cursor would never come back from there."""
    x_id = x_id_of(given_id)
    if x_id > id_at(now + CLOCKS_APART):
        raise ValueError("an id that X can't have given yet")
    return x_id


def links_told(item: Mapping[str, Any]) -> dict[str, str]:
    """Where the links lead that X made of those in a text, as they were written; not those to what is attached."""
    entities = item.get("entities")
    told: dict[str, str] = {}
    for one in _list(entities.get("urls")) if isinstance(entities, Mapping) else []:
        if not isinstance(one, Mapping) or one.get("media_key"):
            continue
        url, leads = one.get("url"), one.get("expanded_url")
        if isinstance(url, str) and isinstance(leads, str) and 0 < len(leads) <= LONGEST_LINK and " " not in leads:
            told[url] = html.unescape(leads)
    return told


def _text(value: object, longest: int) -> str:
    """A text of a stranger's, cleaned and cut. Raises TypeError for what is none."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return storable(value[:longest])


def _at(item: Mapping[str, Any], x_id: int, now: datetime) -> datetime:
    """When it was written, as X says, else as its id says; never later than now, nor before there was an X."""
    said = _from_ms(item["created_ms"]) if "created_ms" in item else parse_instant(item.get("created_at"))
    if said is None or said < X_BEGAN:
        said = instant_of(x_id)
    return min(said, now)


def _from_ms(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(value) / 1000, UTC)  # type: ignore[call-overload]
    except UNREADABLE:
        return None


def _origin_of(x_id: int, item: Mapping[str, Any]) -> int:
    """The first id of an edited post; the stream and REST name the history differently."""
    history = _list(item.get("edit_history_post_ids") or item.get("edit_history_tweet_ids"))
    return min([x_id, *(int(i) for i in history if isinstance(i, str) and _ID.fullmatch(i) and int(i))])


def _has_media(item: Mapping[str, Any]) -> bool:
    """A photo, a video or a GIF: in a post's attachments (a poll is none), or in a direct message's."""
    had = item.get("attachments")
    return isinstance(had, Mapping) and bool(had.get("media_keys") or had.get("media") or had.get("type") == "media")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
