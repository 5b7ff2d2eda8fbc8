"""What people do in X Chat, by HTTP, for tests and the bench."""

import asyncio
import base64
import json
import time
from typing import Any

from aiohttp import web

from sandbox.chat.backup import HASHING, QUICK_HASHING
from sandbox.chat.xchat import XChat
from sandbox.world import World
from sandbox.x_refusals import Denied, answered
from sandbox.x_stream import Stream


class ChatControls:
    def __init__(self, world: World, chat: XChat, stream: Stream) -> None:
        self._world, self._chat, self._stream = world, chat, stream

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/sandbox/x/chat", self._act), web.get("/sandbox/x/chat", self._state)]

    async def _state(self, request: web.Request) -> web.Response:
        """Every conversation as a resident who is in it reads it, and who has which versions of public keys."""
        talks = self._chat.conversations.all.values()
        return web.json_response(
            {
                "conversations": [
                    {
                        "id": talk.listed_id,
                        "keys": {k.version: base64.b64encode(k.value).decode() for k in talk.keys},
                        "events": [
                            {"id": str(e.id), "kind": e.kind.value, "sender_id": str(e.sender_id),
                             "text": self._chat.conversations.text(talk, e)}
                            for e in talk.events
                        ],
                    }
                    for talk in talks
                ],
                "public_keys": {
                    u.handle: [k.version for k in self._chat.keyrings.registered(u.id)]
                    for u in self._world.users.values()
                },
            }
        )  # fmt: skip

    async def _act(self, request: web.Request) -> web.Response:
        """say (handle, to, text; media; both: as an old DM too) · edit (id, text) · delete (id; for_all) ·
        react (handle, id, emoji; take_back) · answer (handle, id, text) · again (id: delivered once more) ·
        rotate (handle, to; alone: the key change comes by itself) · group (handle, members, name) ·
        group_say (handle, id, text) · burst (messages: [[handle, text], …], to: made before the first goes) ·
        make_keys (handle: new ones, on their owner's phone; pin: with a backup under it; quick: each guess at it costs
        nothing)."""
        body = await request.json()
        act, chat = body["act"], self._chat
        answer: dict[str, Any] = {}
        try:
            if act == "say":
                ways = {name: bool(body.get(name)) for name in ("media", "both")}
                answer = {"id": str(chat.say(body["handle"], body["to"], str(body["text"]), **ways).id)}
            elif act == "edit":
                answer = {"id": str(chat.edit(int(body["id"]), str(body["text"])).id)}
            elif act == "delete":
                answer = {"id": str(chat.delete(int(body["id"]), for_all=bool(body.get("for_all", True))).id)}
            elif act == "react":
                back = bool(body.get("take_back"))
                event = chat.react(body["handle"], int(body["id"]), str(body["emoji"]), take_back=back)
                answer = {"id": str(event.id)}
            elif act == "answer":
                answer = {"id": str(chat.answer(body["handle"], int(body["id"]), str(body["text"])).id)}
            elif act == "again":
                chat.again(int(body["id"]))
            elif act == "rotate":
                change = chat.rotate(body["handle"], body["to"], alone=bool(body.get("alone")))
                answer = {"id": str(change.id), "version": change.key_version}
            elif act == "group":
                answer = {"id": chat.found_group(body["handle"], list(body["members"]), str(body["name"])).id}
            elif act == "group_say":
                talk = chat.conversations.all[str(body["id"])]
                answer = {"id": str(chat.say_to_group(body["handle"], talk, str(body["text"])).id)}
            elif act == "make_keys":
                answer = await self._make_keys(request, body)
            elif act == "burst":
                lines = chat.written([(handle, text) for handle, text in body["messages"]], body["to"])
                began = time.time()
                self._stream.connection.send_lines(lines)
                answer = {"began": began}
            else:
                return web.json_response({"error": f"unknown act {act}"}, status=400)
        except Denied as no:
            return answered(no)
        except (KeyError, ValueError) as error:  # nobody of that name, no keys, a PIN that X's library calls weak
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(answer)

    async def _make_keys(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        """The version of the new keys, and the private half as its owner could carry it away."""
        user, chat = self._world.user(body["handle"]), self._chat
        chat.backups.hashing = QUICK_HASHING if body.get("quick") else HASHING
        where = chat.backups.config(user.id, str(request.url.origin()))
        phone = chat.keyrings.make(user.id, json.dumps(where))
        if body.get("pin"):
            await asyncio.to_thread(phone.setup, str(body["pin"]))  # it asks this very process
        return {
            "version": chat.keyrings.registered(user.id)[-1].version,
            "public_key": phone.get_public_keys().identity,
            "keys": base64.b64encode(bytes(phone.export_keys() or b"")).decode(),
        }
