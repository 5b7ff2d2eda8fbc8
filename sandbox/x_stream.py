"""The sandbox's activity stream: one connection for the app, heartbeats, and the faults of a stream."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox import x_wire
from sandbox.faults import Faults
from sandbox.profile import pass_time
from sandbox.wire import Wire
from sandbox.world import Dm, Post, World
from sandbox.x_refusals import Denied, answered, problem

HEARTBEAT_S = 10.0
SHUFFLE_S = 0.15
JUNK = (
    b"{not json",
    b'{"data": {"event_type": "post.mention.create", "payload": null}}',
    b'"\xff\xfe"',
    b"[]",
    b'{"data":{}}',
)


class Stream:
    """Who listens, and what is sent to them."""

    def __init__(self, world: World, faults: Faults, wire: Wire) -> None:
        self._world = world
        self._faults = faults
        self._wire = wire
        self._queue: asyncio.Queue[bytes | None] | None = None
        self._held_back: list[bytes] = []
        self.connects = 0
        self.refusals = 0
        self.lingers_until = 0.0
        self.sent = 0

    @property
    def connected(self) -> bool:
        return self._queue is not None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET /2/activity/stream."""
        if self._queue is not None or time.time() < self.lingers_until:
            self.refusals += 1
            detail = "This stream is currently at the maximum allowed connection limit."
            body = problem("disallowed-resource", "ConnectionException", detail, connection_issue="TooManyConnections")
            return answered(Denied(429, body))
        if self._faults.strikes("accept_then_close"):
            self.connects += 1
            return await _closed(request)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._queue = queue
        self.connects += 1
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        try:
            await response.prepare(request)
            await self._pump(response, queue)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            if self._queue is queue:
                self._queue = None
        return response

    async def _pump(self, response: web.StreamResponse, queue: asyncio.Queue[bytes | None]) -> None:
        while True:
            try:
                chunk = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
            except TimeoutError:
                if not self._faults.always("silent"):
                    await self._write(response, b"\r\n")
                continue
            if chunk is None:
                return
            parts = [chunk]
            while not queue.empty() and len(parts) < 200:
                part = queue.get_nowait()
                if part is None:
                    await self._write(response, b"".join(parts))
                    return
                parts.append(part)
            await self._write(response, b"".join(parts))

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        """All at once, or byte by byte as long as that is broken."""
        for at in range(len(data)):
            if not self._faults.strikes("trickle"):
                await response.write(data[at:])
                return
            await response.write(data[at : at + 1])
            await pass_time(self._faults.seconds("trickle"))

    def disconnect(self) -> None:
        """Close the connection from X's side."""
        if self._queue is not None:
            self._queue.put_nowait(None)
            self._queue = None

    def clear(self) -> int:
        """DELETE /2/connections/all; how many were ended."""
        killed = int(self._queue is not None) + int(time.time() < self.lingers_until)
        self.lingers_until = 0.0
        self.disconnect()
        return killed

    # --- events --------------------------------------------------------------------------------------------

    def mention(self, post: Post) -> None:
        for event in self.events_of(post):
            self.send(event)

    def events_of(self, post: Post) -> list[dict[str, Any]]:
        """What the subscribed channels that a post mentions are to hear."""
        return [
            x_wire.mention_event(self._world, post, self._world.users[user_id], tag)
            for user_id in post.handed.mentioned
            if user_id != post.author_id and (tag := self._tag("post.mention.create", user_id)) is not None
        ]

    def dm(self, dm: Dm) -> None:
        tag = self._tag("dm.received", dm.recipient_id)
        if tag is not None:
            self.send(x_wire.dm_event(self._world, dm, self._world.users[dm.recipient_id], tag))

    def revoked(self, user_id: int, ago_s: float = 0.0) -> None:
        at = datetime.now(UTC) - timedelta(seconds=ago_s)
        self.send(x_wire.revoke_event(self._world.users[user_id], at))

    def send(self, event: dict[str, Any]) -> None:
        """Put an event on the wire, if anybody listens; nothing is kept for later."""
        names = self._names(event)
        if self._faults.strikes("swallowed", names):
            return
        if self._wire.keep:
            self._wire.events.append(event)
        self._put_with_faults(self.line(event), names)

    def line(self, event: dict[str, Any]) -> bytes:
        """An event as it goes on the wire."""
        return json.dumps(event, ensure_ascii=False).encode() + b"\r\n"

    def send_lines(self, lines: list[bytes]) -> None:
        """Put lines that were made before on the wire."""
        for line in lines:
            self._put(line)

    def send_raw(self, data: bytes) -> None:
        """Put any bytes on the wire as they are: half a line, no text, nothing that X would send."""
        self._put(data)

    def _put_with_faults(self, line: bytes, names: tuple[str, ...]) -> None:
        if self._faults.strikes("malformed"):
            self._put(self._faults.dice.choice(JUNK) + b"\r\n")
        if self._faults.strikes("shuffled", names):
            self._held_back.append(line)
            asyncio.get_running_loop().call_later(SHUFFLE_S, self._release)
        else:
            self._put(line)
        if self._faults.strikes("doubled", names):
            self._put(line)

    def _release(self) -> None:
        held, self._held_back = self._held_back, []
        self._faults.dice.shuffle(held)
        for line in held:
            self._put(line)

    def _put(self, line: bytes) -> None:
        if self._queue is not None:
            self.sent += 1
            self._queue.put_nowait(line)

    def _names(self, event: dict[str, Any]) -> tuple[str, ...]:
        """What faults know the channel of an event by."""
        told = event["data"]
        user = self._world.users.get(int(told["filter"].get("user_id") or told["payload"]["user_id"]))
        return user.names if user is not None else ()

    def _tag(self, event_type: str, user_id: int) -> str | None:
        found = self._world.subscriptions.get((event_type, user_id))
        return found[1] if found is not None else None


async def _closed(request: web.Request) -> web.StreamResponse:
    """A connection that is accepted and ends at once."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write_eof()
    return response
