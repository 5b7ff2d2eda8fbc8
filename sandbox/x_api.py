"""The sandbox's X over HTTP: the endpoints of the spec that Canales uses, and what happens around every call.

A call that has arrived goes on without whoever asked: X acts also for one that has hung up meanwhile.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox import x_asked, x_refusals
from sandbox.acting import Acting
from sandbox.chat.calls import ChatCalls
from sandbox.chat.xchat import XChat
from sandbox.faults import Faults
from sandbox.profile import pass_time
from sandbox.watching.filtered import Filtered
from sandbox.watching.reading import Watched
from sandbox.wire import Exchange, Wire
from sandbox.world import World
from sandbox.x_connections import Connections
from sandbox.x_door import CALLS, Door, Torn, torn
from sandbox.x_reading import Reading
from sandbox.x_refusals import Denied, answered
from sandbox.x_signin import SignIn
from sandbox.x_stream import Stream
from sandbox.x_subscriptions import Subscriptions
from sandbox.x_uploads import UploadCalls
from sandbox.x_writing import Writing

Handler = Callable[[web.Request], Awaitable[web.Response]]


class XApi:
    """Routes under /x."""

    def __init__(
        self, world: World, faults: Faults, wire: Wire, stream: Stream, filtered: Filtered, chat: XChat
    ) -> None:
        self._world, self._faults, self._wire = world, faults, wire
        self._streams = {"stream": stream.connection.serve, "filtered": filtered.serve}
        self._door = Door(world, faults)
        self._signin = SignIn(world, faults)
        self._acting = Acting()
        reading, writing = Reading(world), Writing(world, faults, stream)
        connections = Connections((stream.connection, filtered.connection))
        self._calls = reading.calls() | writing.calls() | UploadCalls(world, faults).calls()
        self._calls |= Subscriptions(world).calls() | connections.calls()
        self._calls |= Watched(world, reading).calls() | filtered.calls() | ChatCalls(world, chat).calls()
        self.changed: Callable[[], None] = lambda: None

    def routes(self) -> list[web.RouteDef]:
        calls = [self._route(name, handler) for name, handler in self._calls.items()]
        streams = [self._stream("GET /2/activity/stream"), self._stream("GET /2/tweets/search/stream")]
        return [*self._signin.routes(), *streams, *calls]

    def _route(self, name: str, handler: Handler) -> web.RouteDef:
        method, path = name.split(" ")

        async def guarded(request: web.Request) -> web.StreamResponse:
            request["body"] = await x_asked.json(request)
            request["arrived"] = time.time()
            return await self._acting.goes_on(self._answer(request, name, handler))

        return web.route(method, "/x" + path, guarded)

    async def _answer(self, request: web.Request, name: str, handler: Handler) -> web.StreamResponse:
        call, names = CALLS[name], self._names(request)
        seconds = self._door.seconds(call, names)
        await pass_time(seconds / 2)
        acted, headers = False, dict[str, str]()
        said = x_refusals.yes_as_it_would_be()
        answer: web.StreamResponse
        try:
            request["user"] = user = self._door.who(request)
            self._door.before(call, names)
            headers = self._world.limits.spend(name, user.id if user else None)
            self._door.instead(call, names)
            answer = said = await handler(request)
            if request.method == "GET":
                self._world.bill.answered(name, user.id if user else 0, said.text)
            acted = request.method != "GET" and said.status < 300
            if acted:
                self._door.after(call, names)
            said.headers.update(headers)
            self._note(request, name, said)
        except Denied as no:
            answer = answered(no, headers)
            self._note(request, name, answer)
        except Torn as way:
            answer = await torn(request, way.answer, said)
            self._note(request, name, answer, torn=True)
        if acted:
            self.changed()
            await self._lose(request, call, names)
        await pass_time(seconds / 2)
        return answer

    async def _lose(self, request: web.Request, call: str, names: tuple[str, ...]) -> None:
        """What may become of the answer to a write that X acted on."""
        faults = self._faults
        if faults.strikes("slow", names, call):
            await pass_time(faults.seconds("slow"))
        lost = call == "post" and faults.strikes("drop_post", names)
        if (lost or faults.strikes("drop_after_accept", names, call)) and request.transport is not None:
            request.transport.abort()

    def _names(self, request: web.Request) -> tuple[str, ...]:
        """What faults know who asks by; nothing for the app and for strangers."""
        try:
            user = self._door.who(request)
        except Denied:
            return ()
        return user.names if user is not None else ()

    def _note(self, request: web.Request, name: str, answer: web.StreamResponse, *, torn: bool = False) -> None:
        """Keep what was asked and answered; of an answer that is none of X's own nothing but its status."""
        if not self._wire.keep:
            return
        body: Any = request["body"]
        if isinstance(body, dict) and len(str(body.get("media", ""))) > 400:
            body = {**body, "media": body["media"][:40]}  # the bytes of a file are not kept twice
        told = answer.text if isinstance(answer, web.Response) and not torn else None
        path, route, kind = request.path.removeprefix("/x"), name.split(" ")[1], answer.content_type
        query = dict(request.query)
        self._wire.note(Exchange("x", request.method, path, route, query, body, answer.status, told, kind))

    def _stream(self, name: str) -> web.RouteDef:
        call = CALLS[name]

        async def served(request: web.Request) -> web.StreamResponse:
            request["body"] = None
            await pass_time(self._world.profile.x_seconds())
            try:
                user = self._door.who(request)
                self._door.instead(call, ())
                if user is not None:
                    told = {"code": 453, "message": "The stream needs the app's bearer token"}
                    return web.json_response(told, status=403)
                response = await self._streams[call](request)
            except Denied as no:
                return answered(no)
            except Torn as way:
                return await torn(request, way.answer, x_refusals.yes_as_it_would_be())
            if not response.prepared:
                self._note(request, name, response)
            self.changed()
            return response

        return web.get("/x" + name.split(" ")[1], served)
