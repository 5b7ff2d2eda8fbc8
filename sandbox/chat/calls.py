"""X Chat over HTTP: public keys, the inbox, a conversation's events, and what a channel writes into it."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox import x_asked, x_wire
from sandbox.chat import thrift
from sandbox.chat.conversations import Conversation, Event, Happened
from sandbox.chat.keyrings import PublicKeys
from sandbox.chat.thrift import Signed
from sandbox.chat.xchat import XChat
from sandbox.world import World
from sandbox.x_refusals import disallowed, invalid, not_found

Handler = Callable[[web.Request], Awaitable[web.Response]]
#: What is shown of an event where no field is asked for.
OF_EVENT = (
    "conversation_id", "conversation_token", "created_at", "encoded_event", "is_trusted", "message_event_signature",
    "previous_id", "sender_id",
)  # fmt: skip
OF_KEYS = ("identity_public_key_signature", "juicebox_config", "public_key", "public_key_version", "signing_public_key")


class ChatCalls:
    def __init__(self, world: World, chat: XChat) -> None:
        self._world, self._chat = world, chat

    def calls(self) -> dict[str, Handler]:
        talk = "/2/chat/conversations/{id}"
        return {
            "GET /2/users/public_keys": self._keys_of_many,
            "GET /2/users/{id}/public_keys": self._keys_of_one,
            "POST /2/users/{id}/public_keys": self._register,
            "GET /2/chat/conversations": self._inbox,
            f"GET {talk}": self._conversation,
            f"GET {talk}/events": self._events,
            f"POST {talk}/keys": self._change_key,
            f"POST {talk}/messages": self._write,
            f"POST {talk}/read": self._read,
        }

    # --- public keys ---------------------------------------------------------------------------------------

    async def _keys_of_one(self, request: web.Request) -> web.Response:
        asker, wanted = x_asked.user(request), x_asked.digits(request, "id")
        if wanted not in self._world.users:
            raise not_found("user", str(wanted))
        shown = self._shown_keys(request, wanted, own=wanted == asker.id)
        return web.json_response({"data": shown} if shown else {})

    async def _keys_of_many(self, request: web.Request) -> web.Response:
        asker, ids = x_asked.user(request), x_asked.ids(request)
        there = [i for i in ids if i in self._world.users]
        shown = [k for i in there for k in self._shown_keys(request, i, own=i == asker.id)]
        return web.json_response({"data": shown} if shown else {})

    def _shown_keys(self, request: web.Request, user_id: int, *, own: bool) -> list[dict[str, Any]]:
        fields = x_asked.words(request, "public_key.fields") or OF_KEYS
        registered = self._chat.keyrings.registered(user_id)
        backup = self._chat.backups.config(user_id, str(request.url.origin())) if own and registered else {}
        return [_shown(k, fields, backup) for k in registered]

    async def _register(self, request: web.Request) -> web.Response:
        user = x_asked.user(request)
        if x_asked.digits(request, "id") != user.id:
            raise disallowed("The id is not yours.")
        keys = self._chat.keyrings.register(user.id, x_asked.body(request))
        backup = self._chat.backups.config(user.id, str(request.url.origin()))
        return web.json_response({"data": {"public_key_version": keys.version, "juicebox_config": backup}})

    # --- reading -------------------------------------------------------------------------------------------

    async def _inbox(self, request: web.Request) -> web.Response:
        user, seen = x_asked.user(request), self._world.seen_until()
        talks = [t for t in self._chat.conversations.of(user.id) if t.events[0].at.timestamp() <= seen]
        odd = self._world.odd.get("chats", [])
        shown, meta = _page(request, talks, alone=bool(odd))
        fields, expansions = x_asked.words(request, "chat_conversation.fields"), x_asked.words(request, "expansions")
        body: dict[str, Any] = {
            "data": [*(_shown_talk(t, fields, expansions) for t in shown), *_odd(odd, shown, talks)]
        }
        if expansions:
            everybody = sorted({m for t in shown for m in t.members})
            body["includes"] = {"users": [x_wire.user(self._world.users[m]) for m in everybody]}
        return web.json_response({**body, "meta": {**meta, "has_message_requests": False}})

    async def _conversation(self, request: web.Request) -> web.Response:
        talk = self._talk(request)
        fields, expansions = x_asked.words(request, "chat_conversation.fields"), x_asked.words(request, "expansions")
        return web.json_response({"data": _shown_talk(talk, fields, expansions)})

    async def _events(self, request: web.Request) -> web.Response:
        """The newest first. The key changes that the events of a page need are told beside them."""
        talk, seen = self._talk(request), self._world.seen_until()
        events = [e for e in reversed(talk.events) if e.kind is not Happened.KEY_CHANGE and e.at.timestamp() <= seen]
        odd = self._world.odd.get("chat_events", [])
        shown, meta = _page(request, events, alone=bool(odd))
        before = dict(zip([e.id for e in events], [e.id for e in events[1:]], strict=False))
        fields = x_asked.words(request, "chat_message_event.fields") or OF_EVENT
        body: dict[str, Any] = {"meta": meta}
        if shown:
            told = [_shown_event(talk, e, before.get(e.id), fields) for e in shown]
            body["data"] = [*told, *_odd(odd, shown, events)]
        versions = dict.fromkeys(e.key_version for e in shown if e.key_version)
        changes = [c.encoded for v in versions if (c := talk.change(v)) is not None]
        if changes:
            meta["conversation_key_events"] = changes
        return web.json_response(body)

    # --- writing -------------------------------------------------------------------------------------------

    async def _change_key(self, request: web.Request) -> web.Response:
        user, body = x_asked.user(request), x_asked.body(request)
        talk = self._talk(request, begin=True)
        version, keys = str(body.get("conversation_key_version") or ""), body.get("conversation_participant_keys")
        of = {str(k.get("user_id")): str(k.get("public_key_version")) for k in keys or [] if isinstance(k, dict)}
        if not version.isdigit() or set(of) != {str(m) for m in talk.members}:
            raise invalid("conversation_participant_keys", "Each participant needs the key, in a version that is new.")
        if talk.keys and int(version) <= int(talk.keys[-1].version):
            raise disallowed("The conversation has a newer key.")
        signed = _acted(body.get("action_signatures"))
        change = self._chat.conversations.keyed(
            user.id, talk, version, {int(m): given for m, given in of.items()}, signed
        )
        self._world.accepted[f"chat_key:{user.id}:{talk.id}"] += 1
        return web.json_response({"data": {"conversation_id": talk.listed_id, "sequence_id": str(change.id)}})

    async def _write(self, request: web.Request) -> web.Response:
        """A message that was sent before is answered as it was, and is there once."""
        user, body, talk = x_asked.user(request), x_asked.body(request), self._talk(request)
        message_id = str(body.get("message_id") or "")
        before = next((e for e in talk.events if (e.message_id, e.sender_id) == (message_id, user.id)), None)
        if before is not None:
            return web.json_response({"data": {"encoded_message_event": before.encoded}}, status=201)
        created, signature = (
            _bytes(body.get(name), name) for name in ("encoded_message_create_event", "encoded_message_event_signature")
        )
        signed = Signed(message_id, thrift.message(created), signature)
        event = self._chat.conversations.said(user.id, talk, signed)
        text = self._chat.conversations.text(talk, event)
        self._world.accepted[f"chat:{user.id}:{talk.id}:{text}"] += 1
        self._chat.delivery.deliver(talk, [event])
        return web.json_response({"data": {"encoded_message_event": event.encoded}}, status=201)

    async def _read(self, request: web.Request) -> web.Response:
        self._talk(request)
        if not str(x_asked.body(request).get("seen_until_sequence_id") or "").isdigit():
            raise invalid("seen_until_sequence_id", "Name the last message that was read.")
        return web.json_response({"data": {"success": True}})

    # -------------------------------------------------------------------------------------------------------

    def _talk(self, request: web.Request, *, begin: bool = False) -> Conversation:
        """The conversation of the path, which one of two may `begin`. Raises Denied."""
        user, name = x_asked.user(request), request.match_info["id"]
        if not x_asked.CONVERSATION.match(name):
            raise x_asked.bad("id", name)
        other = next((i for i in name.split("-") if i != str(user.id)), "")
        if begin and other.isdigit() and int(other) in self._world.users:
            self._chat.conversations.between(user.id, int(other))
        return self._chat.conversations.named(user.id, name)


def _odd(odd: Sequence[list[Any]], shown: Sequence[Any], items: Sequence[Any]) -> list[Any]:
    """What stands on a page besides: in each another of these lists, over and over."""
    return odd[items.index(shown[0]) % len(odd)] if odd and shown else []


def _page(request: web.Request, items: Sequence[Any], *, alone: bool) -> tuple[list[Any], dict[str, Any]]:
    """One page of these, and what is told of it; where something odd is to stand beside one, it has room for one."""
    limit = x_asked.between(request, "max_results", 1, 100, 10)
    limit = 1 if alone else limit
    token = request.query.get("pagination_token", "chat0")
    if not token.removeprefix("chat").isdigit():
        raise x_asked.bad("pagination_token", token)
    skip = int(token.removeprefix("chat"))
    shown = list(items[skip : skip + limit])
    more = len(items) > skip + limit
    meta: dict[str, Any] = {"result_count": len(shown), "has_more": more}
    return shown, {**meta, **({"next_token": f"chat{skip + limit}"} if more else {})}


def _shown(keys: PublicKeys, fields: Sequence[str], backup: dict[str, Any]) -> dict[str, Any]:
    """A registered pair. Where the backup of the private half is, is told to nobody but its owner."""
    whole = {
        "identity_public_key_signature": keys.identity_signature,
        "public_key": keys.identity,
        "public_key_version": keys.version,
        "signing_public_key": keys.signing,
        **({"juicebox_config": backup} if backup else {}),
    }
    return {name: value for name, value in whole.items() if name in fields}


def _shown_talk(talk: Conversation, fields: Sequence[str], expansions: Sequence[str]) -> dict[str, Any]:
    ids = [str(m) for m in talk.members]
    last = talk.events[-1].at if talk.events else talk.began
    whole: dict[str, Any] = {
        "type": "group" if talk.group else "direct",
        "created_at": x_wire.instant(talk.began),
        "updated_at": x_wire.instant(last),
        "is_muted": False,
        **({"group_name": talk.name} if talk.group else {}),
    }
    people = {"member_ids": ids, "participant_ids": ids, "admin_ids": ids[:1]}
    return {
        "id": talk.listed_id,
        **{name: value for name, value in whole.items() if name in fields},
        **{name: value for name, value in people.items() if name in expansions},
    }


def _shown_event(talk: Conversation, event: Event, previous: int | None, fields: Sequence[str]) -> dict[str, Any]:
    at: datetime = event.at
    whole: dict[str, Any] = {
        "conversation_id": talk.listed_id,
        "created_at": x_wire.instant(at),
        "encoded_event": event.encoded,
        "is_trusted": True,
        "sender_id": str(event.sender_id),
        **({"previous_id": str(previous)} if previous is not None else {}),
    }
    return {"id": str(event.id), **{name: value for name, value in whole.items() if name in fields}}


def _acted(actions: Any) -> Signed:
    """The signed key change of a request. Raises Denied."""
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    made = action.get("message_event_signature")
    made = made if isinstance(made, dict) else {}
    written = thrift.signature(
        *(str(made.get(name) or "") for name in ("signature", "public_key_version", "signature_version"))
    )
    detail = _bytes(action.get("encoded_message_event_detail"), "encoded_message_event_detail")
    return Signed(str(action.get("message_id") or ""), detail, written)


def _bytes(value: Any, name: str) -> bytes:
    """Base64 of a request. Raises Denied."""
    try:
        return base64.b64decode(str(value or ""), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(name, f"The `{name}` is not base64.") from None
