"""What people do on their phones, and what tests ask of the sandbox's Telegram."""

import base64
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.phones import Chat, Phones
from sandbox.telegram import Telegram
from sandbox.telegram_markup import BotError


class TelegramControls:
    def __init__(self, telegram: Telegram, phones: Phones, shown_chat: Callable[[Chat, int], dict[str, Any]]) -> None:
        self._telegram, self._phones, self._shown_chat = telegram, phones, shown_chat

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sandbox/telegram/chat/{id}", self._chat),
            web.post("/sandbox/telegram/people", self._people),
            web.post("/sandbox/telegram/say", self._say),
            web.post("/sandbox/telegram/edit", self._edit),
            web.post("/sandbox/telegram/press", self._press),
            web.post("/sandbox/telegram/act", self._act),
            web.post("/sandbox/telegram/group", self._group),
        ]

    async def _chat(self, request: web.Request) -> web.Response:
        """One chat, with its last `messages`; those after the id `after` only."""
        chat = self._phones.chats.get(int(request.match_info["id"]))
        if chat is None:
            return web.json_response({"error": "there is no such chat"}, status=404)
        shown = self._shown_chat(chat, int(request.query.get("messages", "300")))
        after = int(request.query.get("after", "0"))
        shown["messages"] = [m for m in shown["messages"] if m["message_id"] > after]
        return web.json_response(shown)

    async def _people(self, request: web.Request) -> web.Response:
        """More people and groups: {people: [{name, language}, …], groups: [title, …]}; the ids of their chats."""
        body = await request.json()
        made = [
            self._phones.add_person(str(p["name"]), str(p.get("language") or "es")) for p in body.get("people") or []
        ]
        groups = [self._phones.add_group(str(title)) for title in body.get("groups") or []]
        self._phones.changed()
        return web.json_response({"people": [p.id for p in made], "groups": [g.id for g in groups]})

    async def _say(self, request: web.Request) -> web.Response:
        """{person, text, chat, reply_to, forwarded}; or {person, file: {name, text or base64}, caption, chat}.

        With `html` what is written is formatted, hidden links too. With a file also `as_document`, `album` (files of
        one belong together), `shape` (sticker, video_note, live_photo …), and `seconds`, `width`, `height` of a video.
        """
        body = await request.json()
        person, html = int(body["person"]), bool(body.get("html"))
        try:
            if "file" in body:
                file = body["file"]
                content = base64.b64decode(file["base64"]) if "base64" in file else str(file["text"]).encode()
                message_id = self._phones.send_file(
                    person, str(file["name"]), content, str(body.get("caption", "")), body.get("chat"),
                    as_document=bool(body.get("as_document")), album=str(body.get("album", "")),
                    html=html, shape=str(body.get("shape", "")),
                    **{name: int(body[name]) for name in ("seconds", "width", "height") if name in body},
                )  # fmt: skip
            else:
                message_id = self._phones.say(
                    person, str(body["text"]), body.get("chat"), reply_to=body.get("reply_to"),
                    forwarded=str(body.get("forwarded", "")), html=html, topic=body.get("topic"),
                )  # fmt: skip
        except BotError as no:
            return web.json_response({"error": no.description}, status=400)
        return web.json_response({"message_id": message_id})

    async def _edit(self, request: web.Request) -> web.Response:
        """Somebody edits what they wrote: {person, message_id, text, html}."""
        body = await request.json()
        try:
            number, html = int(body["message_id"]), bool(body.get("html"))
            self._phones.edit(int(body["person"]), number, str(body["text"]), html=html)
        except KeyError:
            return web.json_response({"error": "there is no such message"}, status=404)
        return web.json_response({})

    async def _press(self, request: web.Request) -> web.Response:
        """{person, message_id, data, chat}; with `foreign`, the press of a button that was never shown to them."""
        body = await request.json()
        person, chat_id = int(body["person"]), body.get("chat")
        try:
            if body.get("foreign"):
                chat = self._phones.chats[int(body["foreign"])]
                self._phones.press_unseen(person, chat.messages[int(body["message_id"])], str(body["data"]))
            else:
                self._phones.press(person, int(body["message_id"]), str(body["data"]), chat_id)
        except KeyError:
            return web.json_response({"error": "there is no such button"}, status=404)
        return web.json_response({})

    async def _group(self, request: web.Request) -> web.Response:
        """Somebody does something to a group: {act, person, …}; the chat's number, and the topic's where one is made.

        found (title, forum, members) · bot (chat, status: member, restricted, left, kicked) · topic (chat, name) ·
        close · reopen · delete (chat, topic) · migrate (chat).
        """
        body = await request.json()
        act, person, chat, topic = body["act"], int(body["person"]), int(body.get("chat", 0)), int(body.get("topic", 0))
        try:
            if act == "found":
                chat = self._phones.found(person, str(body["title"]), forum=bool(body.get("forum")),
                                          members=[int(m) for m in body.get("members") or []]).id  # fmt: skip
            elif act == "bot":
                self._phones.change_bot(person, chat, str(body["status"]))
            elif act == "topic":
                topic = self._phones.open_topic(person, chat, str(body["name"]))
            elif act == "delete":
                self._phones.delete_topic(chat, topic)
            elif act == "migrate":
                chat = self._phones.migrate(person, chat).id
            else:
                self._phones.close_topic(person, chat, topic, closed=act == "close")
        except KeyError:
            return web.json_response({"error": "there is no such group or topic"}, status=404)
        return web.json_response({"chat": chat, "topic": topic})

    async def _act(self, request: web.Request) -> web.Response:
        """block · unblock (person) · limits (on) · counts."""
        body = await request.json()
        if body["act"] in ("block", "unblock"):
            self._phones.people[int(body["person"])].blocked_bot = body["act"] == "block"
        elif body["act"] == "limits":
            self._telegram.limits.on = bool(body["on"])
        counts = Counter(self._telegram.methods_called)
        return web.json_response({"methods": dict(counts)})
