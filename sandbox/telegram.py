"""The sandbox's Telegram over HTTP: the Bot API methods that the bot uses, and how updates reach it."""

import asyncio
import contextlib
import json
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.acting import Acting
from sandbox.faults import Faults
from sandbox.phones import Chat, Phones
from sandbox.profile import Profile, pass_time
from sandbox.telegram_limits import SendLimits
from sandbox.telegram_markup import MAX_CAPTION, MAX_TEXT, BotError, decoded, markup, parsed
from sandbox.wire import Exchange, Wire

BOT = {"id": 7000001, "is_bot": True, "first_name": "Canales", "username": "CanalesBot"}
BOT_ABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
}
MOST_FETCHED = 20_000_000  # bytes: Telegram gives bots no more
TOKEN = "7000001:sandbox-telegram-token-not-a-secret"


class Telegram:
    """Routes under /telegram."""

    def __init__(self, phones: Phones, faults: Faults, wire: Wire, profile: Profile | None = None) -> None:
        self._phones, self._faults, self._wire = phones, faults, wire
        self._profile = profile or Profile()
        self._acting = Acting()
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.methods_called: dict[str, int] = defaultdict(int)
        self.limits = SendLimits()
        self.changed: Callable[[], None] = lambda: None
        phones.bot = BOT
        self._new_update = asyncio.Event()
        self._webhook: dict[str, str] | None = None
        self._polling = 0
        self._taken: list[dict[str, Any]] = []
        phones.updated = self._new_update.set

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/telegram/bot{token}/{method}", self._call),
            web.get("/telegram/file/bot{token}/{path:.*}", self._download),
        ]

    # --- around every call ---------------------------------------------------------------------------------

    async def _call(self, request: web.Request) -> web.Response:
        params = await _params(request)
        if request.match_info["method"].lower() == "getupdates":  # nobody's updates are taken for who has gone
            return await self._answer(request, params)
        return await self._acting.goes_on(self._answer(request, params))

    async def _answer(self, request: web.Request, params: dict[str, Any]) -> web.Response:
        method, whose = request.match_info["method"], (str(params.get("chat_id", "")),)
        seconds = self._profile.telegram_seconds()
        if self._faults.strikes("telegram_slow", whose):
            seconds = self._faults.seconds("telegram_slow")
        await pass_time(seconds / 2)
        if self._faults.strikes("telegram_down", whose):
            return web.Response(status=502, text="Bad Gateway")
        status, body = await self.answer(request.match_info["token"], method, params)
        if method.lower() != "getupdates":
            shown = {k: "file" if isinstance(v, tuple) else v for k, v in params.items()}
            self._wire.note(Exchange("telegram", request.method, method, method, {}, shown, status, json.dumps(body)))
            self.changed()
            if self._faults.strikes("telegram_lost", whose) and request.transport is not None:
                request.transport.abort()
        await pass_time(seconds / 2)
        return web.json_response(body, status=status)

    async def answer(self, token: str, method: str, params: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What a method of the Bot API answers: the status and the body. A file is a pair of its name and content."""
        try:
            if token != TOKEN:
                raise BotError(401, "Unauthorized")
            if self._faults.strikes("telegram_429", (str(params.get("chat_id", "")),)):
                seconds = int(self._faults.seconds("telegram_429"))
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

    # --- updates -------------------------------------------------------------------------------------------

    async def _do_getupdates(self, params: dict[str, Any]) -> Any:
        if self._webhook:
            raise BotError(409, "Conflict: can't use getUpdates method while webhook is active")
        offset, timeout = int(params.get("offset", 0)), float(params.get("timeout", 0))
        updates, limit = self._phones.updates, int(params.get("limit", 100))
        self._polling += 1
        mine = self._polling
        clock = asyncio.get_running_loop().time
        deadline = clock() + timeout
        while updates and updates[0]["update_id"] < offset:
            self._taken.append(updates.popleft())
        again, self._taken = self._taken, []
        if again and self._faults.strikes("telegram_twice"):
            return [*again, *updates][:limit]
        while True:
            if updates or clock() >= deadline:
                return list(updates)[:limit]
            if mine != self._polling:
                raise BotError(409, "Conflict: terminated by other getUpdates request")
            self._new_update.clear()
            try:
                await asyncio.wait_for(self._new_update.wait(), min(1.0, deadline - clock()))
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
        return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self._phones.updates)}

    async def _push_updates(self, hook: dict[str, str]) -> None:
        """Deliver updates to the webhook, in order, again until taken."""
        updates = self._phones.updates
        async with aiohttp.ClientSession() as session:
            while self._webhook is hook:
                if not updates:
                    self._new_update.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._new_update.wait(), 1.0)
                    continue
                headers = {"X-Telegram-Bot-Api-Secret-Token": hook["secret"]} if hook["secret"] else {}
                sent = updates[0]
                await pass_time(self._profile.telegram_seconds() / 2)
                try:
                    async with session.post(hook["url"], json=sent, headers=headers) as answer:
                        if answer.status < 300:
                            # while it was on its way the webhook may have been set anew, and have it by now
                            if not self._faults.strikes("telegram_twice") and updates and updates[0] is sent:
                                updates.popleft()
                            continue
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.3)

    # --- the bot itself ------------------------------------------------------------------------------------

    async def _do_getme(self, params: dict[str, Any]) -> Any:
        return {**BOT, **BOT_ABILITIES}

    async def _do_setmycommands(self, params: dict[str, Any]) -> Any:
        scope = decoded(params.get("scope")) or {"type": "default"}
        if scope["type"] == "default":
            self.commands[str(params.get("language_code", ""))] = decoded(params["commands"])
        return True

    async def _do_setmydescription(self, params: dict[str, Any]) -> Any:
        return True

    async def _do_setmyshortdescription(self, params: dict[str, Any]) -> Any:
        return True

    async def _do_logout(self, params: dict[str, Any]) -> Any:
        return True

    # --- messages ------------------------------------------------------------------------------------------

    async def _do_sendchataction(self, params: dict[str, Any]) -> Any:
        self._chat(params)
        return True

    async def _do_getchat(self, params: dict[str, Any]) -> Any:
        chat = self._chat(params)
        return {
            **chat.wire,
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": {},
        }

    async def _do_sendmessage(self, params: dict[str, Any]) -> Any:
        chat = self._chat_to_send(params)
        text, entities, raw = parsed(str(params.get("text", "")), params, MAX_TEXT)
        return self._keep(chat, {"text": text, **({"entities": entities} if entities else {})}, raw, params)

    async def _do_senddocument(self, params: dict[str, Any]) -> Any:
        return self._send_file(params, "document")

    async def _do_sendphoto(self, params: dict[str, Any]) -> Any:
        return self._send_file(params, "photo")

    def _send_file(self, params: dict[str, Any], kind: str) -> Any:
        chat = self._chat_to_send(params)
        name, data = self._uploaded(params, kind)
        text, entities, raw = parsed(str(params.get("caption", "")), params, MAX_CAPTION, empty=True)
        file_id = self._phones.keep_file(name, data)
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
        text, entities, raw = parsed(str(params.get("text", "")), params, MAX_TEXT)
        keys = markup(params)
        old = (message.get("text"), chat.shown.get(message["message_id"]), message.get("reply_markup"))
        if old == (text, raw, keys):
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
        if keys:
            message["reply_markup"] = keys
        chat.shown[message["message_id"]] = raw
        return message

    async def _do_editmessagereplymarkup(self, params: dict[str, Any]) -> Any:
        _chat, message = self._own_message(params)
        keys = markup(params)
        message.pop("reply_markup", None)
        if keys:
            message["reply_markup"] = keys
        return message

    async def _do_deletemessage(self, params: dict[str, Any]) -> Any:
        chat = self._chat(params)
        if chat.messages.pop(int(params["message_id"]), None) is None:
            raise BotError(400, "Bad Request: message to delete not found")
        return True

    async def _do_answercallbackquery(self, params: dict[str, Any]) -> Any:
        person = self._phones.queries.pop(str(params.get("callback_query_id")), None)
        if person is None:
            raise BotError(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if params.get("text"):
            self._phones.toasts[person] = str(params["text"])
        return True

    async def _do_getfile(self, params: dict[str, Any]) -> Any:
        file_id = str(params.get("file_id"))
        if file_id not in self._phones.files:
            raise BotError(400, "Bad Request: invalid file_id")
        size = len(self._phones.files[file_id][1])
        if size > MOST_FETCHED:
            raise BotError(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id[:12],
            "file_size": size,
            "file_path": f"files/{file_id}",
        }

    async def _download(self, request: web.Request) -> web.Response:
        await pass_time(self._profile.telegram_seconds())
        name = request.match_info["path"].rpartition("/")[2]
        if request.match_info["token"] != TOKEN or name not in self._phones.files:
            return web.Response(status=404)
        return web.Response(body=self._phones.files[name][1])

    # -------------------------------------------------------------------------------------------------------

    def _keep(self, chat: Chat, body: dict[str, Any], raw: str, params: dict[str, Any]) -> dict[str, Any]:
        keys = markup(params)
        message = self._phones.new_message(chat, BOT, body, _topic(params))
        if keys:
            message["reply_markup"] = keys
        chat.shown[message["message_id"]] = raw
        return message

    def _chat(self, params: dict[str, Any]) -> Chat:
        try:
            return self._phones.chats[int(params["chat_id"])]
        except (KeyError, ValueError):
            raise BotError(400, "Bad Request: chat not found") from None

    def _chat_to_send(self, params: dict[str, Any]) -> Chat:
        chat = self._chat(params)
        if chat.id in self._phones.people and self._phones.people[chat.id].blocked_bot:
            raise BotError(403, "Forbidden: bot was blocked by the user")
        if chat.group:
            chat.inside.refuse(_topic(params))
        self.limits.spend(chat.id, group=chat.group)
        return chat

    def _own_message(self, params: dict[str, Any]) -> tuple[Chat, dict[str, Any]]:
        chat = self._chat(params)
        if chat.group:
            chat.inside.refuse(new=False)
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
        if isinstance(value, str) and value in self._phones.files:
            return self._phones.files[value]
        raise BotError(400, "Bad Request: there is no file in the request")


def _topic(params: dict[str, Any]) -> int | None:
    return int(params["message_thread_id"]) if params.get("message_thread_id") else None


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
