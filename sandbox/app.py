"""The sandbox as one web application: X under /x, Telegram under /telegram, the page at /, controls under /sandbox."""

import asyncio
import base64
import mimetypes
import time
from collections import Counter
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import people, telegram_links
from sandbox.faults import Faults
from sandbox.telegram import Telegram
from sandbox.wire import Wire
from sandbox.world import Denied, Post, World
from sandbox.x_api import XApi
from sandbox.x_stream import Stream

PAGE = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Sandbox:
    """Everything together, and the controls that tests, the demo and the page use."""

    def __init__(self) -> None:
        self.world = World()
        self.faults = Faults()
        self.wire = Wire()
        self.stream = Stream(self.world, self.faults, self.wire)
        self.x = XApi(self.world, self.faults, self.wire, self.stream)
        self.telegram = Telegram(self.faults, self.wire)
        self._version = 1
        self._changed = asyncio.Event()
        self.x.changed = self.telegram.changed = self.touch

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(self.x.routes())
        app.add_routes(self.telegram.routes())
        app.add_routes(telegram_links.routes(self.telegram))
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/page/{name}", self._page),
                web.get("/sandbox/state", self._state),
                web.get("/sandbox/x", self._x_state),
                web.get("/sandbox/x/media/{id}", self._media),
                web.get("/sandbox/telegram/file/{id}", self._telegram_file),
                web.get("/sandbox/wire", self._wire_log),
                web.post("/sandbox/x/say", self._say_on_x),
                web.post("/sandbox/x/flood", self._flood),
                web.post("/sandbox/x/burst", self._burst),
                web.post("/sandbox/x/act", self._act_on_x),
                web.post("/sandbox/faults", self._set_faults),
                web.post("/sandbox/telegram/say", self._say_on_telegram),
                web.post("/sandbox/telegram/edit", self._edit_on_telegram),
                web.post("/sandbox/telegram/press", self._press),
                web.post("/sandbox/telegram/act", self._act_on_telegram),
            ]
        )
        app.on_shutdown.append(self._close)
        return app

    def touch(self) -> None:
        """Something changed: the page looks again."""
        self._version += 1
        self._changed.set()

    # --- the page ------------------------------------------------------------------------------------------

    async def _page(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", "index.html")
        file = PAGE / Path(name).name
        if not file.is_file():
            return web.Response(status=404)
        return web.Response(body=file.read_bytes(), content_type=TYPES[file.suffix], charset="utf-8")

    async def _state(self, request: web.Request) -> web.Response:
        """All that the page shows; with `since`, waits up to 20 s for something newer. `messages` of each chat."""
        since = int(request.query.get("since", "0"))
        deadline = time.monotonic() + 20
        while self._version <= since and time.monotonic() < deadline:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), deadline - time.monotonic())
            except TimeoutError:
                break
        return web.json_response(self._shown(int(request.query.get("messages", "60"))))

    def _shown(self, last: int) -> dict[str, Any]:
        t = self.telegram
        chats = [
            {
                "id": c.id,
                "title": c.title,
                "group": c.group,
                "messages": [{**m, "html": c.shown.get(i)} for i, m in sorted(c.messages.items())[-last:]],
            }
            for c in t.chats.values()
        ]
        posts = sorted(self.world.posts.values(), key=lambda p: -p.id)[:80]
        return {
            "version": self._version,
            "people": [{"id": p.id, "name": p.name, "language": p.language} for p in t.people.values()],
            "chats": chats,
            "commands": t.commands,
            "toasts": t.toasts,
            "users": [
                {"id": str(u.id), "handle": u.handle, "name": u.name, "channel": u.channel}
                for u in self.world.users.values()
            ],
            "posts": [self._shown_post(p) for p in posts],
            "lines": [{"handle": m.handle, "kind": m.kind, "text": m.text, "note": m.note} for m in people.LINES],
            "typed": [
                f"/triggers add {', '.join(_quoted(t) for t in people.TRIGGERS)}",
                f"/filters add {', '.join(_quoted(t) for t in people.FILTERS)}",
                "/status",
                "/log",
            ],
            "faults": self.faults.shown(),
            "stream": {"connected": self.stream.connected, "connects": self.stream.connects},
        }

    def _shown_post(self, post: Post) -> dict[str, Any]:
        author = self.world.users[post.author_id]
        source = self.world.posts[post.repost_of] if post.repost_of else None
        shown = source or post
        writer = self.world.users[shown.author_id]
        return {
            "id": str(post.id),
            "handle": author.handle,
            "name": author.name,
            "repost": source is not None,
            "writer": writer.name,
            "writer_handle": writer.handle,
            "text": shown.text,
            "at": post.created_at.timestamp(),
            "deleted": post.deleted,
            "answers": str(shown.answers) if shown.answers else None,
            "media": [
                {"id": str(i), "mime": self.world.media[i].mime, "alt": self.world.media[i].alt}
                for i in shown.media_ids
            ],
        }

    # --- controls ------------------------------------------------------------------------------------------

    async def _x_state(self, request: web.Request) -> web.Response:
        """What X was told: the count that tests believe."""
        return web.json_response(
            {
                "accepted": dict(self.world.accepted),
                "posts": [self._shown_post(p) for p in self.world.posts.values()] if request.query.get("posts") else [],
                "reposts": [[str(u), str(p)] for u, p in self.world.reposts],
                "users": {u.handle: str(u.id) for u in self.world.users.values()},
                "subscriptions": len(self.world.subscriptions),
                "stream": {
                    "connected": self.stream.connected,
                    "connects": self.stream.connects,
                    "refusals": self.stream.refusals,
                    "sent": self.stream.sent,
                },
            }
        )

    async def _media(self, request: web.Request) -> web.Response:
        """A file as X has it, for the page and for tests."""
        item = self.world.media.get(int(request.match_info["id"]))
        if item is None:
            return web.Response(status=404)
        return web.Response(body=item.content, content_type=item.mime)

    async def _telegram_file(self, request: web.Request) -> web.Response:
        """A photo of a chat, for the page."""
        found = self.telegram.files.get(request.match_info["id"])
        if found is None:
            return web.Response(status=404)
        kind = mimetypes.guess_type(found[0])[0] or "application/octet-stream"
        return web.Response(body=found[1], content_type=kind)

    async def _wire_log(self, request: web.Request) -> web.Response:
        fields = ("peer", "method", "path", "route", "query", "request", "status", "response")
        exchanges = [{f: getattr(e, f) for f in fields} for e in self.wire.exchanges]
        return web.json_response({"exchanges": exchanges, "events": list(self.wire.events)})

    async def _say_on_x(self, request: web.Request) -> web.Response:
        """Somebody posts, or writes a DM: {handle, kind, text, to}; maybe media, sensitive, edit_of (an id)."""
        body = await request.json()
        sender = self.world.user(str(body["handle"]))
        try:
            if body.get("kind") == "dm":
                to = self.world.user(str(body["to"]))
                dm = self.world.dm(sender.id, to.id, str(body["text"]), media=bool(body.get("media")))
                self.stream.dm(dm)
                self.touch()
                return web.json_response({"id": str(dm.id)})
            post = self.world.post(
                sender.id,
                str(body["text"]),
                by_app=False,
                media=bool(body.get("media")),
                sensitive=bool(body.get("sensitive")),
                edit_of=int(body["edit_of"]) if body.get("edit_of") else None,
            )
        except Denied as no:
            return web.json_response(no.body, status=no.status)
        self.stream.mention(post)
        self.touch()
        return web.json_response({"id": str(post.id)})

    async def _flood(self, request: web.Request) -> web.Response:
        """Many mentions at a steady rate: {messages: [[handle, text], …], per_second}. Answers when all are sent.

        The answer has, for each, its id and the moment it went on the wire (Unix seconds).
        """
        body = await request.json()
        per_second = float(body.get("per_second") or 0)
        began, sent = time.time(), []
        for number, (handle, text) in enumerate(body["messages"]):
            if per_second:
                ahead = began + number / per_second - time.time()
                if ahead > 0.002:
                    await asyncio.sleep(ahead)
            elif number % 100 == 99:
                await asyncio.sleep(0)
            post = self.world.post(self.world.user(handle).id, text, by_app=False)
            self.stream.mention(post)
            sent.append([str(post.id), time.time()])
        self.touch()
        return web.json_response({"sent": sent})

    async def _burst(self, request: web.Request) -> web.Response:
        """Many mentions as fast as the wire takes them, made before the first goes: {messages: [[handle, text], …]}."""
        lines = []
        for number, (handle, text) in enumerate((await request.json())["messages"]):
            post = self.world.post(self.world.user(handle).id, text, by_app=False)
            lines += [self.stream.line(event) for event in self.stream.events_of(post)]
            if number % 100 == 99:
                await asyncio.sleep(0)
        began = time.time()
        self.stream.send_lines(lines)
        return web.json_response({"began": began})

    async def _act_on_x(self, request: web.Request) -> web.Response:
        """disconnect · linger · revoke · token_life · expire_tokens · pair · grant ·
        narrow (no media.write) · forget_media · refuse_text (posts with it) · limits · keep_wire · moments ·
        follow (handle, channel) · delete (id)."""
        body = await request.json()
        act = body["act"]
        answer: dict[str, Any] = {}
        if act == "disconnect":
            self.stream.disconnect()
        elif act == "linger":
            self.stream.lingers_until = time.time() + float(body["seconds"])
        elif act == "revoke":
            user = self.world.user(body["handle"])
            self.world.revoke_user(user.id)
            self.stream.revoked(user.id)
        elif act == "token_life":
            self.world.token_life_s = float(body["seconds"])
        elif act == "expire_tokens":
            for token in self.world.access.values():
                token.expires_at = 0.0
        elif act == "pair":
            pair, secret = self.world.new_oauth1_pair(self.world.user(body["handle"]).id)
            answer = {"token": pair, "secret": secret}
        elif act == "grant":
            answer = self.world.new_pair(self.world.user(body["handle"]).id)
        elif act == "narrow":
            for token in self.world.access.values():
                if token.user_id == self.world.user(body["handle"]).id:
                    token.scope = token.scope.replace("media.write ", "")
        elif act == "refuse_text":
            self.world.refused_text = str(body["text"])
        elif act == "forget_media":
            for item in self.world.media.values():
                item.started_at = 0.0
        elif act == "follow":
            self.world.followers.add((self.world.user(body["handle"]).id, self.world.user(body["channel"]).id))
        elif act == "delete":
            self.world.posts[int(body["id"])].deleted = True
        elif act == "limits":
            self.world.limits_on = bool(body["on"])
        elif act == "keep_wire":
            self.wire.keep = bool(body["on"])
        elif act == "moments":
            answer = {"moments": self._moments()}
        else:
            return web.json_response({"error": f"unknown act {act}"}, status=400)
        self.touch()
        return web.json_response(answer)

    def _moments(self) -> dict[str, float]:
        """For each mention that was reposted, when X was asked (Unix seconds)."""
        return {str(p): self.world.posts[r].created_at.timestamp() for (_, p), r in self.world.reposts.items()}

    async def _set_faults(self, request: web.Request) -> web.Response:
        """{name: rate} or {name: {rate, times, seconds}}."""
        for name, value in (await request.json()).items():
            options = value if isinstance(value, dict) else {"rate": value}
            try:
                self.faults.set(
                    name, float(options["rate"]), times=options.get("times"), seconds=options.get("seconds")
                )
            except KeyError:
                return web.json_response({"error": f"unknown fault {name}"}, status=400)
        self.touch()
        return web.json_response(self.faults.shown())

    async def _say_on_telegram(self, request: web.Request) -> web.Response:
        """{person, text, chat, reply_to, forwarded}; or {person, file: {name, text or base64}, caption, chat}.

        With a file also `as_document`, `seconds` (how long a video is), `album` (files of one belong together).
        """
        body = await request.json()
        if "file" in body:
            file = body["file"]
            content = base64.b64decode(file["base64"]) if "base64" in file else str(file["text"]).encode()
            message_id = self.telegram.send_file(
                int(body["person"]), str(file["name"]), content, str(body.get("caption", "")), body.get("chat"),
                as_document=bool(body.get("as_document")), album=str(body.get("album", "")),
                seconds=int(body.get("seconds", 5)),
            )  # fmt: skip
            return web.json_response({"message_id": message_id})
        message_id = self.telegram.say(
            int(body["person"]), str(body["text"]), body.get("chat"), reply_to=body.get("reply_to"),
            forwarded=str(body.get("forwarded", "")),
        )  # fmt: skip
        return web.json_response({"message_id": message_id})

    async def _edit_on_telegram(self, request: web.Request) -> web.Response:
        """Somebody edits what they wrote: {person, message_id, text}."""
        body = await request.json()
        try:
            self.telegram.edit(int(body["person"]), int(body["message_id"]), str(body["text"]))
        except KeyError:
            return web.json_response({"error": "there is no such message"}, status=404)
        return web.json_response({})

    async def _press(self, request: web.Request) -> web.Response:
        """{person, message_id, data, chat}; with `foreign`, the press of a button that was never shown to them."""
        body = await request.json()
        person, chat_id = int(body["person"]), body.get("chat")
        try:
            if body.get("foreign"):
                chat = self.telegram.chats[int(body["foreign"])]
                self.telegram.press_unseen(person, chat.messages[int(body["message_id"])], str(body["data"]))
            else:
                self.telegram.press(person, int(body["message_id"]), str(body["data"]), chat_id)
        except KeyError:
            return web.json_response({"error": "there is no such button"}, status=404)
        return web.json_response({})

    async def _act_on_telegram(self, request: web.Request) -> web.Response:
        """block · unblock (person) · limits (on) · counts."""
        body = await request.json()
        if body["act"] in ("block", "unblock"):
            self.telegram.people[int(body["person"])].blocked_bot = body["act"] == "block"
        elif body["act"] == "limits":
            self.telegram.limits_on = bool(body["on"])
        counts = Counter(self.telegram.methods_called)
        return web.json_response({"methods": dict(counts)})

    async def _close(self, _app: web.Application) -> None:
        self.stream.disconnect()
        self.touch()


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text
