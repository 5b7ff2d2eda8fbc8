"""What X is asked for of its chats: the inbox, what was said in a conversation, and public keys.

Prices: each event that is read is one of a direct message (engine/x/prices.py); X bills the same one once a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.x.chat.reading import Signer
from engine.x.client import XClient, next_page, readable
from engine.x.encrypted import is_event, is_group, pair_of
from engine.x.errors import Gone
from engine.x.events import UNREADABLE, parse_instant

INBOX_PAGE, EVENTS_PAGE = 100, 100
KEY_FIELDS = "public_key_version,public_key,signing_public_key,identity_public_key_signature"
EVENT_FIELDS = "conversation_id,created_at,encoded_event,id,sender_id"
MOST_VERSIONS = 50
LONGEST_KEY = 500


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation between the channel and `person_id`; `updated_at` is None where X does not say."""

    person_id: int
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class InboxPage:
    """What stood on a page of the inbox, groups left out; `more` is the token of the next page."""

    conversations: list[Conversation]
    unreadable: int
    more: str | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """A page of what was said, encrypted; `keys`: changes of the conversation's key; `oldest`: of its events."""

    events: list[str]
    keys: list[str]
    oldest: datetime | None
    unreadable: int
    more: str | None


def inbox(x: XClient, x_user_id: int, token: str | None = None) -> InboxPage:
    """A page of the channel's conversations. Raises XError."""
    params = {
        "max_results": INBOX_PAGE,
        "chat_conversation.fields": "id,type,updated_at",
        "expansions": "participant_ids",
        **({"pagination_token": token} if token else {}),
    }
    body = x.ask("GET", "/2/chat/conversations", params=params)
    found: list[Conversation] = []
    unreadable = 0
    with readable():
        for one in body.get("data") or []:
            try:
                conversation = _conversation(one, x_user_id)
            except UNREADABLE:
                unreadable += 1
                continue
            if conversation is not None:
                found.append(conversation)
    return InboxPage(found, unreadable, next_page(body, params))


def events(x: XClient, person_id: int, token: str | None = None, most: int = EVENTS_PAGE) -> EventsPage:
    """A page of what was said between the channel and this person, newest first. Raises XError."""
    params = {
        "max_results": most,
        "chat_message_event.fields": EVENT_FIELDS,
        **({"pagination_token": token} if token else {}),
    }
    body = x.ask("GET", f"/2/chat/conversations/{person_id}/events", params=params)
    with readable():
        listed = body.get("data") or []
        keys = [k for k in (body.get("meta") or {}).get("conversation_key_events") or [] if is_event(k)]
        whole = [one for one in listed if isinstance(one, Mapping) and is_event(one.get("encoded_event"))]
        made = [at for one in whole if (at := parse_instant(one.get("created_at"))) is not None]
    found = [str(one["encoded_event"]) for one in whole]
    return EventsPage(found, keys, min(made, default=None), len(listed) - len(found), next_page(body, params))


def public_keys(x: XClient, user_id: int) -> list[Signer]:
    """Every version of the account's public keys that X has; none where it has none. Raises XError."""
    try:
        body = x.ask("GET", f"/2/users/{user_id}/public_keys", params={"public_key.fields": KEY_FIELDS})
    except Gone:
        return []
    found: list[Signer] = []
    with readable():
        for one in (body.get("data") or [])[:MOST_VERSIONS]:
            try:
                found.append(_signer(one, user_id))
            except UNREADABLE:
                continue
    return found


def _conversation(one: Mapping[str, Any], x_user_id: int) -> Conversation | None:
    if is_group(one["id"]) or str(one.get("type", "")).lower().startswith("group"):
        return None
    pair = pair_of(one["id"])
    if x_user_id not in pair:
        raise ValueError("somebody else's conversation")
    updated = parse_instant(one.get("updated_at"))
    return Conversation(pair[0] if pair[1] == x_user_id else pair[1], updated and updated.astimezone(UTC))


def _signer(one: Mapping[str, Any], user_id: int) -> Signer:
    names = ("public_key_version", "signing_public_key", "public_key", "identity_public_key_signature")
    values = [one[name] for name in names]
    if not all(isinstance(v, str) and v and v.isascii() and len(v) <= LONGEST_KEY for v in values):
        raise ValueError("no key")
    return Signer(user_id, *values)
