"""The sandbox as one web application: X under /x, Telegram under /telegram, the page at /, controls under /sandbox."""

import asyncio
import mimetypes
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import people, telegram_links
from sandbox.chat.controls import ChatControls
from sandbox.chat.xchat import XChat
from sandbox.controls import Controls
from sandbox.faults import Faults
from sandbox.phones import Chat, Phones
from sandbox.profile import Profile
from sandbox.telegram import Telegram
from sandbox.telegram_controls import TelegramControls
from sandbox.watching.filtered import Filtered
from sandbox.wire import Wire
from sandbox.world import Post, World
from sandbox.x_api import XApi
from sandbox.x_controls import XControls
from sandbox.x_stream import Stream

PAGE = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Sandbox:
    """Everything together, and what the page shows of it."""

    def __init__(self, profile: Profile | None = None) -> None:
        self.profile = profile or Profile()
        self.world = World(self.profile)
        self.faults = Faults()
        self.wire = Wire()
        self.stream = Stream(self.world, self.faults, self.wire)
        self.filtered = Filtered(self.world, self.faults, self.wire)
        self.chat = XChat(self.world, self.faults, self.stream)
        self.x = XApi(self.world, self.faults, self.wire, self.stream, self.filtered, self.chat)
        self.phones = Phones()
        self.telegram = Telegram(self.phones, self.faults, self.wire, self.profile)
        self._version = 1
        self._changed = asyncio.Event()
        self.x.changed = self.telegram.changed = self.phones.changed = self.touch

    def application(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.add_routes(self.x.routes())
        app.add_routes(self.telegram.routes())
        app.add_routes(telegram_links.routes(self.phones))
        app.add_routes(Controls(self.profile, self.faults, self.stream, self.filtered, self.touch).routes())
        app.add_routes(
            XControls(
                self.world, self.wire, self.stream, self.filtered, self.chat, self.shown_post, self.touch
            ).routes()
        )
        app.add_routes(self.chat.backups.routes())
        app.add_routes(ChatControls(self.world, self.chat, self.stream).routes())
        app.add_routes(TelegramControls(self.telegram, self.phones, self.shown_chat).routes())
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/page/{name}", self._page),
                web.get("/sandbox/state", self._state),
                web.get("/sandbox/x/media/{id}", self._media),
                web.get("/sandbox/telegram/file/{id}", self._telegram_file),
                web.get("/sandbox/wire", self._wire_log),
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
        posts = sorted(self.world.posts.values(), key=lambda p: -p.id)[:80]
        everybody = self.phones.people.values()
        return {
            "version": self._version,
            "people": [{"id": p.id, "name": p.name, "language": p.language} for p in everybody],
            "chats": [self.shown_chat(c, last) for c in self.phones.chats.values()],
            "commands": self.telegram.commands,
            "toasts": self.phones.toasts,
            "users": [
                {"id": str(u.id), "handle": u.handle, "name": u.name, "channel": u.channel}
                for u in self.world.users.values()
            ],
            "posts": [self.shown_post(p) for p in posts],
            "lines": [{"handle": m.handle, "kind": m.kind, "text": m.text, "note": m.note} for m in people.LINES],
            "typed": {
                language: [
                    line.format(triggers=_listed(people.TRIGGERS), filters=_listed(people.FILTERS)) for line in lines
                ]
                for language, lines in people.TYPED.items()
            },
            "faults": self.faults.shown(),
            "world": self.profile.shown(),
            "bill": self.world.bill.shown(),
            "stream": self.stream.connection.shown(),
            "filtered": self.filtered.connection.shown(),
        }

    def shown_chat(self, chat: Chat, last: int) -> dict[str, Any]:
        """A chat with its last messages."""
        messages = [{**m, "html": chat.shown.get(i)} for i, m in sorted(chat.messages.items())[-last:]]
        inside = chat.inside
        about = {
            "supergroup": inside.supergroup, "forum": inside.forum, "bot": inside.bot, "moved_to": inside.moved_to,
            "topics": [{"id": i, "name": t.name, "closed": t.closed} for i, t in inside.topics.items()],
        }  # fmt: skip
        return {"id": chat.id, "title": chat.title, "group": chat.group, "messages": messages, "inside": about}

    def shown_post(self, post: Post) -> dict[str, Any]:
        """A post as its author wrote it: a repost as what it repeats."""
        author = self.world.users[post.author_id]
        source = self.world.posts[post.repost_of] if post.repost_of else None
        shown = source or post
        writer = self.world.users[shown.author_id]
        items = self.world.uploads.items
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
            "media": [{"id": str(i), "mime": items[i].mime, "alt": items[i].alt} for i in shown.media_ids],
        }

    async def _media(self, request: web.Request) -> web.Response:
        """A file as X has it, for the page and for tests."""
        item = self.world.uploads.items.get(int(request.match_info["id"]))
        if item is None:
            return web.Response(status=404)
        return web.Response(body=item.content, content_type=item.mime)

    async def _telegram_file(self, request: web.Request) -> web.Response:
        """A photo of a chat, for the page."""
        found = self.phones.files.get(request.match_info["id"])
        if found is None:
            return web.Response(status=404)
        kind = mimetypes.guess_type(found[0])[0] or "application/octet-stream"
        return web.Response(body=found[1], content_type=kind)

    async def _wire_log(self, request: web.Request) -> web.Response:
        fields = ("peer", "method", "path", "route", "query", "request", "status", "response", "content_type")
        exchanges = [{f: getattr(e, f) for f in fields} for e in self.wire.exchanges]
        return web.json_response({"exchanges": exchanges, "events": list(self.wire.events)})

    async def _close(self, _app: web.Application) -> None:
        self.stream.connection.disconnect()
        self.filtered.connection.disconnect()
        self.touch()


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' if " " in word else word for word in words)
