"""The sandbox's Telegram: chats, people with phones, and the Bot API methods that the bot uses."""

import asyncio
import contextlib
import html
import json
import mimetypes
import re
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.faults import Faults
from sandbox.people import GROUP, PHONES
from sandbox.wire import Exchange, Wire

BOT = {"id": 7000001, "is_bot": True, "first_name": "Canales", "username": "CanalesBot"}
BOT_ABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}
TOKEN = "7000001:sandbox-telegram-token-not-a-secret"
TAG = re.compile(r"<(/?)(b|strong|i|em|u|s|code|pre|a|blockquote)(\s[^>]*)?>")
ENTITY_OF = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "s": "strikethrough",
}
ENTITY_OF |= {"code": "code", "pre": "pre", "a": "text_link", "blockquote": "blockquote"}
MAX_TEXT, MAX_CAPTION, MAX_CALLBACK = 4096, 1024, 64
BURST, PER_SECOND = 20, 30


class BotError(Exception):
    """An answer with ok: false."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class Person:
    id: int
    name: str
    language: str
    blocked_bot: bool = False

    @property
    def wire(self) -> dict[str, Any]:
        return {"id": self.id, "is_bot": False, "first_name": self.name, "language_code": self.language}


@dataclass
class Chat:
    id: int
    title: str
    group: bool
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    shown: dict[int, str] = field(default_factory=dict)
    sent_at: deque[float] = field(default_factory=lambda: deque(maxlen=BURST))


class Telegram:
    """Routes under /telegram, and what people do on their phones."""

    def __init__(self, faults: Faults, wire: Wire) -> None:
        self._faults, self._wire = faults, wire
        self.people = {i: Person(i, name, language) for i, name, language in PHONES}
        self.chats = {p.id: Chat(p.id, p.name, group=False) for p in self.people.values()}
        self.chats[GROUP[0]] = Chat(*GROUP, group=True)
        self.files: dict[str, tuple[str, bytes]] = {}
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.toasts: dict[int, str] = {}
        self.methods_called: dict[str, int] = defaultdict(int)
        self.changed: Callable[[], None] = lambda: None
        self._updates: deque[dict[str, Any]] = deque()
        self._update_id = 1000
        self._message_id = 100
        self._new_update = asyncio.Event()
        self._webhook: dict[str, str] | None = None
        self._callbacks: dict[str, int] = {}
        self._overall: deque[float] = deque(maxlen=PER_SECOND)
        self._polling = 0
        self.limits_on = True

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/telegram/bot{token}/{method}", self._call),
            web.get("/telegram/file/bot{token}/{path:.*}", self._download),
        ]

    # --- the Bot API ---------------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        params = await _params(request)
        if self._faults.strikes("telegram_down"):
            return web.Response(status=502, text="Bad Gateway")
        status, body = await self.answer(request.match_info["token"], method, params)
        if method != "getUpdates":
            shown = {k: "file" if isinstance(v, tuple) else v for k, v in params.items()}
            self._wire.note(Exchange("telegram", request.method, method, method, {}, shown, status, json.dumps(body)))
            self.changed()
        return web.json_response(body, status=status)

    async def answer(self, token: str, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What a method of the Bot API answers: the status and the body. A file is a pair of its name and content."""
        try:
            if token != TOKEN:
                raise BotError(401, "Unauthorized")
            if self._faults.strikes("telegram_429"):
                seconds = int(self._faults.seconds["telegram_429"])
                raise BotError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
            handler = getattr(self, f"_do_{method.lower()}", None)
            if handler is None:
                raise BotError(404, "Not Found")
            self.methods_called[method] += 1
            return 200, {"ok": True, "result": await handler(params)}
        except BotError as no:
            body = {"ok": False, "error_code": no.code, "description": no.description}
            if no.parameters:
                body["parameters"] = no.parameters
            return no.code, body

    async def _do_getme(self, params: dict[str, Any]) -> Any:
        return {**BOT, **BOT_ABILITIES}

    async def _do_getupdates(self, params: dict[str, Any]) -> Any:
        if self._webhook:
            raise BotError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, timeout = int(params.get("offset", 0)), float(params.get("timeout", 0))
        self._polling += 1
        mine = self._polling
        deadline = time.monotonic() + timeout
        while True:
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
            if self._updates or time.monotonic() >= deadline:
                return list(self._updates)[: int(params.get("limit", 100))]
            if mine != self._polling:
                raise BotError(409, "Conflict: terminated by other getUpdates request")
            self._new_update.clear()
            try:
                await asyncio.wait_for(self._new_update.wait(), min(1.0, deadline - time.monotonic()))
            except TimeoutError:
                continue

    async def _do_setwebhook(self, params: dict[str, Any]) -> Any:
        self._webhook = (
            {"url": str(params["url"]), "secret": str(params.get("secret_token", ""))} if params.get("url") else None
        )
        if self._webhook:
            asyncio.get_running_loop().create_task(self._push_updates(self._webhook))
        return True

    async def _do_deletewebhook(self, params: dict[str, Any]) -> Any:
        self._webhook = None
        return True

    async def _do_getwebhookinfo(self, params: dict[str, Any]) -> Any:
        url = self._webhook["url"] if self._webhook else ""
        return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self._updates)}

    async def _do_setmycommands(self, params: dict[str, Any]) -> Any:
        self.commands[str(params.get("language_code", ""))] = _decoded(params["commands"])
        return True

    async def _do_setmydescription(self, params: dict[str, Any]) -> Any:
        return True

    async def _do_setmyshortdescription(self, params: dict[str, Any]) -> Any:
        return True

    async def _do_sendchataction(self, params: dict[str, Any]) -> Any:
        self._chat(params)
        return True

    async def _do_getchat(self, params: dict[str, Any]) -> Any:
        chat = self._chat(params)
        return {
            **self._chat_wire(chat),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": {},
        }

    async def _do_sendmessage(self, params: dict[str, Any]) -> Any:
        chat = self._chat_to_send(params)
        text, entities, raw = _parsed(str(params.get("text", "")), params, MAX_TEXT)
        return self._keep(chat, {"text": text, **({"entities": entities} if entities else {})}, raw, params)

    async def _do_senddocument(self, params: dict[str, Any]) -> Any:
        return self._send_file(params, "document")

    async def _do_sendphoto(self, params: dict[str, Any]) -> Any:
        return self._send_file(params, "photo")

    def _send_file(self, params: dict[str, Any], kind: str) -> Any:
        chat = self._chat_to_send(params)
        name, data = self._uploaded(params, kind)
        text, entities, raw = _parsed(str(params.get("caption", "")), params, MAX_CAPTION, empty=True)
        file_id = secrets.token_hex(12)
        self.files[file_id] = (name, data)
        item = {"file_id": file_id, "file_unique_id": file_id[:12], "file_size": len(data)}
        body: dict[str, Any] = {"photo": [{**item, "width": 800, "height": 600}]} if kind == "photo" else {}
        if kind == "document":
            body = {"document": {**item, "file_name": name, "mime_type": "text/plain"}}
        if text:
            body |= {"caption": text, **({"caption_entities": entities} if entities else {})}
        return self._keep(chat, body, raw, params)

    async def _do_editmessagetext(self, params: dict[str, Any]) -> Any:
        chat, message = self._own_message(params)
        if "text" not in message:
            raise BotError(400, "Bad Request: there is no text in the message to edit")
        text, entities, raw = _parsed(str(params.get("text", "")), params, MAX_TEXT)
        markup = _markup(params)
        old = (message.get("text"), chat.shown.get(message["message_id"]), message.get("reply_markup"))
        if old == (text, raw, markup):
            raise BotError(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the"
                " same as a current content and reply markup of the message",
            )
        message.update({"text": text, "edit_date": int(time.time())})
        message.pop("entities", None)
        message.pop("reply_markup", None)
        if entities:
            message["entities"] = entities
        if markup:
            message["reply_markup"] = markup
        chat.shown[message["message_id"]] = raw
        return message

    async def _do_editmessagereplymarkup(self, params: dict[str, Any]) -> Any:
        _chat, message = self._own_message(params)
        markup = _markup(params)
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        return message

    async def _do_deletemessage(self, params: dict[str, Any]) -> Any:
        chat = self._chat(params)
        if chat.messages.pop(int(params["message_id"]), None) is None:
            raise BotError(400, "Bad Request: message to delete not found")
        return True

    async def _do_answercallbackquery(self, params: dict[str, Any]) -> Any:
        person = self._callbacks.pop(str(params.get("callback_query_id")), None)
        if person is None:
            raise BotError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if params.get("text"):
            self.toasts[person] = str(params["text"])
        return True

    async def _do_getfile(self, params: dict[str, Any]) -> Any:
        file_id = str(params.get("file_id"))
        if file_id not in self.files:
            raise BotError(400, "Bad Request: invalid file_id")
        size = len(self.files[file_id][1])
        return {
            "file_id": file_id,
            "file_unique_id": file_id[:12],
            "file_size": size,
            "file_path": f"files/{file_id}",
        }

    async def _do_logout(self, params: dict[str, Any]) -> Any:
        return True

    async def _download(self, request: web.Request) -> web.Response:
        name = request.match_info["path"].rpartition("/")[2]
        if request.match_info["token"] != TOKEN or name not in self.files:
            return web.Response(status=404)
        return web.Response(body=self.files[name][1])

    # --- what people do ------------------------------------------------------------------------------------

    def say(
        self,
        person_id: int,
        text: str,
        chat_id: int | None = None,
        *,
        reply_to: int | None = None,
        forwarded: str = "",
    ) -> int:
        """Somebody writes in a chat, answers a message, or forwards what `forwarded` wrote; the message's id."""
        person, chat = self.people[person_id], self.chats[chat_id or person_id]
        body: dict[str, Any] = {"text": text}
        if reply_to is not None:
            body["reply_to_message"] = {k: v for k, v in chat.messages[reply_to].items() if k != "reply_to_message"}
        if forwarded:
            origin = {"type": "hidden_user", "sender_user_name": forwarded, "date": int(time.time())}
            body["forward_origin"] = origin
        message = self._new_message(chat, person.wire, body)
        command = re.match(r"/\w+(@\w+)?", text)
        if command:
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command[0])}]
        if chat.group and not command:  # privacy mode: the bot does not read groups
            self.changed()
            return int(message["message_id"])
        self._update({"message": message})
        return int(message["message_id"])

    def edit(self, person_id: int, message_id: int, text: str) -> None:
        """Somebody edits their own message, or its caption. Raises KeyError where it is none of theirs."""
        message = self.chats[person_id].messages[message_id]
        if message["from"]["id"] != person_id:
            raise KeyError(message_id)
        message.update({"text" if "text" in message else "caption": text, "edit_date": int(time.time())})
        self._update({"edited_message": message})

    def send_file(
        self, person_id: int, name: str, content: bytes, caption: str, chat_id: int | None = None, *,
        as_document: bool = False, album: str = "", seconds: int = 5,
    ) -> int:  # fmt: skip
        """Somebody sends a file: a photo, a video or a GIF by its name, else a document; the message's id.

        Files of one `album` belong together.
        """
        person, chat = self.people[person_id], self.chats[chat_id or person_id]
        file_id = secrets.token_hex(12)
        self.files[file_id] = (name, content)
        item = {"file_id": file_id, "file_unique_id": file_id[:12], "file_size": len(content)}
        moving = {**item, "width": 640, "height": 480, "duration": seconds, "file_name": name, "mime_type": "video/mp4"}
        document = {**item, "file_name": name, "mime_type": mimetypes.guess_type(name)[0] or "application/octet-stream"}
        body: dict[str, Any] = {"document": document}
        if as_document:
            pass
        elif name.endswith((".jpg", ".png")):
            small = {**item, "file_id": file_id, "width": 90, "height": 67, "file_size": 900}
            body = {"photo": [small, {**item, "width": 800, "height": 600}]}
        elif name.endswith(".mp4"):
            body = {"video": moving}
        elif name.endswith(".gif"):
            body = {"animation": {**moving, "mime_type": "image/gif"}, "document": document}
        if caption:
            body["caption"] = caption
        if album:
            body["media_group_id"] = album
        message = self._new_message(chat, person.wire, body)
        self._update({"message": message})
        return int(message["message_id"])

    def press(self, person_id: int, message_id: int, data: str, chat_id: int | None = None) -> None:
        """Somebody taps a button under a message of the bot. Raises KeyError where there is none."""
        chat = self.chats[chat_id or person_id]
        message = chat.messages[message_id]
        rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
        if not any(b.get("callback_data") == data for row in rows for b in row):
            raise KeyError(data)
        self.press_unseen(person_id, message, data)

    def press_unseen(self, person_id: int, message: dict[str, Any], data: str) -> None:
        """A button press as it comes from an old or a foreign phone: whatever it holds."""
        query = secrets.token_hex(8)
        self._callbacks[query] = person_id
        self.toasts.pop(person_id, None)
        wire = {"id": query, "from": self.people[person_id].wire, "message": message, "data": data}
        self._update({"callback_query": {**wire, "chat_instance": str(message["chat"]["id"])}})

    def _update(self, body: dict[str, Any]) -> None:
        self._update_id += 1
        self._updates.append({"update_id": self._update_id, **json.loads(json.dumps(body))})
        self._new_update.set()
        self.changed()

    def take_updates(self) -> list[dict[str, Any]]:
        """What has happened since it was last asked, for who has neither a webhook nor polls."""
        taken = list(self._updates)
        self._updates.clear()
        return taken

    async def _push_updates(self, hook: dict[str, str]) -> None:
        """Deliver updates to the webhook, in order, again until taken."""
        async with aiohttp.ClientSession() as session:
            while self._webhook is hook:
                if not self._updates:
                    self._new_update.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._new_update.wait(), 1.0)
                    continue
                headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
                try:
                    async with session.post(hook["url"], json=self._updates[0], headers=headers) as answer:
                        if answer.status < 300:
                            self._updates.popleft()
                            continue
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.3)

    # --- messages ------------------------------------------------------------------------------------------

    def _keep(self, chat: Chat, body: dict[str, Any], raw: str, params: dict[str, Any]) -> dict[str, Any]:
        message = self._new_message(chat, BOT, body)
        markup = _markup(params)
        if markup:
            message["reply_markup"] = markup
        chat.shown[message["message_id"]] = raw
        return message

    def _new_message(self, chat: Chat, sender: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        self._message_id += 1
        message = {
            "message_id": self._message_id,
            "from": sender,
            "chat": self._chat_wire(chat),
            "date": int(time.time()),
        }
        message |= body
        chat.messages[self._message_id] = message
        return message

    def _chat_wire(self, chat: Chat) -> dict[str, Any]:
        if chat.group:
            return {"id": chat.id, "type": "group", "title": chat.title}
        return {"id": chat.id, "type": "private", "first_name": chat.title}

    def _chat(self, params: dict[str, Any]) -> Chat:
        try:
            return self.chats[int(params["chat_id"])]
        except (KeyError, ValueError):
            raise BotError(400, "Bad Request: chat not found") from None

    def _chat_to_send(self, params: dict[str, Any]) -> Chat:
        chat = self._chat(params)
        if chat.id in self.people and self.people[chat.id].blocked_bot:
            raise BotError(403, "Forbidden: bot was blocked by the user")
        at = time.monotonic()
        if self.limits_on:
            full = len(chat.sent_at) == BURST and at - chat.sent_at[0] < BURST
            busy = len(self._overall) == PER_SECOND and at - self._overall[0] < 1
            if full or busy:
                wait = int(BURST - (at - chat.sent_at[0])) + 1 if full else 1
                raise BotError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        chat.sent_at.append(at)
        self._overall.append(at)
        return chat

    def _own_message(self, params: dict[str, Any]) -> tuple[Chat, dict[str, Any]]:
        chat = self._chat(params)
        message = chat.messages.get(int(params.get("message_id", 0)))
        if message is None:
            raise BotError(400, "Bad Request: message to edit not found")
        if not message["from"]["is_bot"]:
            raise BotError(400, "Bad Request: message can't be edited")
        return chat, message

    def _uploaded(self, params: dict[str, Any], kind: str) -> tuple[str, bytes]:
        value = params.get(kind)
        if isinstance(value, str) and value.startswith("attach://"):
            value = params.get(value.removeprefix("attach://"))
        if isinstance(value, tuple):
            return value
        if isinstance(value, str) and value in self.files:
            return self.files[value]
        raise BotError(400, "Bad Request: there is no file in the request")


def _parsed(text: str, params: dict[str, Any], limit: int, *, empty: bool = False) -> tuple[str, list[Any], str]:
    """The text as shown, its entities (UTF-16 offsets), and the markup for the page. Raises BotError."""
    if params.get("parse_mode") not in (None, "", "HTML"):
        raise BotError(400, "Bad Request: unsupported parse_mode")
    entities: list[Any]
    if params.get("parse_mode") != "HTML":
        plain, entities, raw = text, [], html.escape(text)
    else:
        plain, entities = _entities(text)
        raw = text
    if not plain.strip() and not empty:
        raise BotError(400, "Bad Request: message text is empty")
    if len(plain.encode("utf-16-le")) // 2 > limit:
        raise BotError(
            400,
            "Bad Request: message is too long" if limit == MAX_TEXT else "Bad Request: message caption is too long",
        )
    return plain, entities, raw


def _entities(text: str) -> tuple[str, list[Any]]:
    plain, entities, open_tags, position = "", [], [], 0
    for tag in TAG.finditer(text):
        plain += _unescaped(text[position : tag.start()])
        position = tag.end()
        offset = len(plain.encode("utf-16-le")) // 2
        if not tag[1]:
            open_tags.append((tag[2], offset, tag[3] or ""))
            continue
        if not open_tags or open_tags[-1][0] != tag[2]:
            raise BotError(400, f"Bad Request: can't parse entities: unexpected end tag at byte offset {tag.start()}")
        name, start, attributes = open_tags.pop()
        if offset > start:
            entity: dict[str, Any] = {"type": ENTITY_OF[name], "offset": start, "length": offset - start}
            link = re.search(r'href="([^"]*)"', attributes)
            if name == "a" and link:
                entity["url"] = html.unescape(link[1])
            entities.append(entity)
    if open_tags:
        raise BotError(
            400,
            f"Bad Request: can't parse entities: can't find end tag corresponding to start tag {open_tags[-1][0]}",
        )
    return plain + _unescaped(text[position:]), entities


def _unescaped(text: str) -> str:
    if "<" in text:
        raise BotError(400, "Bad Request: can't parse entities: unsupported start tag")
    return html.unescape(text)


def _markup(params: dict[str, Any]) -> dict[str, Any] | None:
    markup = _decoded(params.get("reply_markup"))
    if not markup or "inline_keyboard" not in markup:
        return None
    for row in markup["inline_keyboard"]:
        for button in row:
            if len(str(button.get("callback_data", "")).encode()) > MAX_CALLBACK:
                raise BotError(400, "Bad Request: BUTTON_DATA_INVALID")
            if not button.get("text"):
                raise BotError(400, "Bad Request: can't parse inline keyboard button: text must not be empty")
    return dict(markup) if markup["inline_keyboard"] else None


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value[:1] in "[{" else value


async def _params(request: web.Request) -> dict[str, Any]:
    params: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        params |= await request.json()
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                params[name] = (value.filename, value.file.read())
            else:
                params[name] = value
    return params
