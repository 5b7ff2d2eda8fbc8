"""What people do on the sandbox's X, and what tests ask of it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.chat.xchat import XChat
from sandbox.watching.filtered import Filtered
from sandbox.wire import Wire
from sandbox.world import Post, World
from sandbox.x_connection import Connection
from sandbox.x_refusals import Denied, answered
from sandbox.x_stream import Stream


class XControls:
    def __init__(
        self,
        world: World,
        wire: Wire,
        stream: Stream,
        filtered: Filtered,
        chat: XChat,
        shown_post: Callable[[Post], dict[str, Any]],
        touch: Callable[[], None],
    ) -> None:
        self._world, self._wire, self._stream, self._filtered, self._chat = world, wire, stream, filtered, chat
        self._shown_post, self._touch = shown_post, touch

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/sandbox/x", self._state),
            web.get("/sandbox/x/bill", self._bill),
            web.post("/sandbox/x/say", self._say),
            web.post("/sandbox/x/flood", self._flood),
            web.post("/sandbox/x/burst", self._burst),
            web.post("/sandbox/x/act", self._act),
        ]

    async def _state(self, request: web.Request) -> web.Response:
        """What X was told: the count that tests believe."""
        posts = self._world.posts.values() if request.query.get("posts") else ()
        return web.json_response(
            {
                "accepted": dict(self._world.accepted),
                "posts": [self._shown_post(p) for p in posts],
                "reposts": [[str(u), str(p)] for u, p in self._world.reposts],
                "users": {u.handle: str(u.id) for u in self._world.users.values()},
                "subscriptions": len(self._world.subscriptions),
                "tokens": dict(self._world.tokens.counts),
                "stream": self._stream.connection.shown(),
                "filtered": {
                    **self._filtered.connection.shown(),
                    "over": self._filtered.over,
                    "rules": [rule.shown() for rule in self._filtered.rules.values()],
                },
            }
        )

    async def _bill(self, request: web.Request) -> web.Response:
        """What X bills so far: micro-dollars in all, of each thing how many and for how much; with `names`, what."""
        return web.json_response(self._world.bill.shown(names=bool(request.query.get("names"))))

    async def _say(self, request: web.Request) -> web.Response:
        """Somebody posts, or writes a DM: {handle, kind, text, to}; maybe media, sensitive; edit_of, answers, quotes or
        repost_of are ids (a repost may be `bare`: X does not say what it refers to).

        A DM may be `encrypted`: it goes by X Chat.
        """
        body = await request.json()
        sender = self._world.user(str(body["handle"]))
        try:
            if body.get("kind") == "dm":
                if body.get("encrypted"):
                    written = self._chat.say(
                        str(body["handle"]), str(body["to"]), str(body["text"]), media=bool(body.get("media"))
                    )
                    self._touch()
                    return web.json_response({"id": str(written.id)})
                to = self._world.user(str(body["to"]))
                dm = self._world.dm(sender.id, to.id, str(body["text"]), media=bool(body.get("media")))
                self._stream.dm(dm)
                self._touch()
                return web.json_response({"id": str(dm.id)})
            if body.get("repost_of"):
                source, bare = int(body["repost_of"]), bool(body.get("bare"))
                post = self._world.repost(sender.id, source, by_app=False, bare=bare)
            else:
                post = self._world.post(
                    sender.id,
                    str(body["text"]),
                    by_app=False,
                    media=bool(body.get("media")),
                    sensitive=bool(body.get("sensitive")),
                    edit_of=_id(body.get("edit_of")),
                    answers=_id(body.get("answers")),
                    quotes=_id(body.get("quotes")),
                )
        except Denied as no:
            return answered(no)
        self._stream.mention(post)
        self._touch()
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
            post = self._world.post(self._world.user(handle).id, text, by_app=False)
            self._stream.mention(post)
            sent.append([str(post.id), time.time()])
        self._touch()
        return web.json_response({"sent": sent})

    async def _burst(self, request: web.Request) -> web.Response:
        """Many mentions as fast as the wire takes them, made before the first goes: {messages: [[handle, text], …]}."""
        lines = []
        for number, (handle, text) in enumerate((await request.json())["messages"]):
            post = self._world.post(self._world.user(handle).id, text, by_app=False)
            lines += [self._stream.connection.line(event) for event in self._stream.events_of(post)]
            if number % 100 == 99:
                await asyncio.sleep(0)
        began = time.time()
        self._stream.connection.send_lines(lines)
        return web.json_response({"began": began})

    async def _act(self, request: web.Request) -> web.Response:
        """disconnect · linger · revoke · late_revoke (seconds) · token_life · expire_tokens · pair · grant ·
        channel (handle, name) · narrow (no media.write, or another `scope`) · forget_media ·
        refuse_text (posts with it) · limits (on, user_day, app_day) · keep_wire · moments ·
        follow (handle, channel) · delete (id) ·
        odd (what: mentions, dms, chats or chat_events, pages: what stands in each page besides, over and over) ·
        own_app (handle: the app belongs to this account) · forget_texts ·
        protect, suspend (handle, maybe on) · refuse_rule (text) ·
        list (owner, name, members, maybe private) · forget_list (id).
        disconnect and linger are the activity stream's, or with `stream` filtered the other's."""
        body = await request.json()
        act, world = body["act"], self._world
        answer: dict[str, Any] = {}
        if act == "disconnect":
            self._connection(body).disconnect()
        elif act == "linger":
            self._connection(body).lingers_until = time.time() + float(body["seconds"])
        elif act == "protect":
            world.user(body["handle"]).protected = bool(body.get("on", True))
        elif act == "refuse_rule":
            self._filtered.refused = str(body["text"])
        elif act == "suspend":
            world.user(body["handle"]).suspended = bool(body.get("on", True))
        elif act == "list":
            owner, private = world.user(body["owner"]), bool(body.get("private"))
            made = world.add_list(owner.id, str(body["name"]), body.get("members", ()), private=private)
            answer = {"id": str(made.id)}
        elif act == "forget_list":
            del world.lists[int(body["id"])]
        elif act == "revoke":
            user = world.user(body["handle"])
            world.revoke_user(user.id)
            self._stream.revoked(user.id)
        elif act == "late_revoke":  # the event alone, of a permission that was taken back so many seconds ago
            self._stream.revoked(world.user(body["handle"]).id, float(body["seconds"]))
        elif act == "token_life":
            world.tokens.life_s = float(body["seconds"])
        elif act == "expire_tokens":
            world.tokens.expire_all()
        elif act == "pair":
            pair, secret = world.tokens.new_oauth1_pair(world.user(body["handle"]).id)
            answer = {"token": pair, "secret": secret}
        elif act == "grant":
            answer = world.tokens.new_pair(world.user(body["handle"]).id)
        elif act == "channel":
            user = world.user(body["handle"])
            user.channel, user.name = True, str(body.get("name") or user.name)
            answer = {"id": str(user.id)}
        elif act == "narrow":
            world.tokens.narrow(world.user(body["handle"]).id, str(body.get("scope") or "media.write"))
        elif act == "refuse_text":
            world.refused_text = str(body["text"])
        elif act == "own_app":
            world.bill.owner_id = world.user(body["handle"]).id
            answer = {"id": str(world.bill.owner_id)}
        elif act == "forget_texts":  # as a day later: X refuses no text any more as one that was said lately
            world.forget_texts()
        elif act == "forget_media":
            world.uploads.forget_all()
        elif act == "follow":
            world.followers.add((world.user(body["handle"]).id, world.user(body["channel"]).id))
        elif act == "delete":
            world.posts[int(body["id"])].deleted = True
            self._stream.deleted(world.posts[int(body["id"])])
        elif act == "limits":
            world.limits.on = bool(body.get("on", world.limits.on))
            world.limits.user_day = int(body.get("user_day", world.limits.user_day))
            world.limits.app_day = int(body.get("app_day", world.limits.app_day))
        elif act == "odd":
            world.odd[str(body["what"])] = list(body["pages"])
        elif act == "keep_wire":
            self._wire.keep = bool(body["on"])
        elif act == "moments":
            answer = {"moments": self._moments(), "posts": self._moments_of_posts()}
        else:
            return web.json_response({"error": f"unknown act {act}"}, status=400)
        self._touch()
        return web.json_response(answer)

    def _connection(self, body: dict[str, Any]) -> Connection:
        return self._filtered.connection if body.get("stream") == "filtered" else self._stream.connection

    def _moments(self) -> dict[str, float]:
        """For each mention that was reposted, when the call reached X (Unix seconds), however long X took for it."""
        return {
            str(p): self._world.asked_at[r] for (_, p), r in self._world.reposts.items() if r in self._world.asked_at
        }

    def _moments_of_posts(self) -> dict[str, float]:
        """The same for each post that the app wrote, by its id."""
        posts = self._world.posts
        return {str(i): at for i, at in self._world.asked_at.items() if posts[i].repost_of is None}


def _id(given: object) -> int | None:
    return int(str(given)) if given else None
