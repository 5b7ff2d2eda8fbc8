"""One of the connections that the sandbox's X holds open for the app: heartbeats, and the faults of a stream."""

import asyncio
import json
import time
from typing import Any

from aiohttp import web

from sandbox import x_wire
from sandbox.bill import Bill, Line
from sandbox.faults import Faults
from sandbox.profile import pass_time
from sandbox.wire import Wire
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


class Connection:
    """Who listens on a stream (one at a time), and what is sent to them. `name` is what faults know the stream by."""

    def __init__(self, name: str, faults: Faults, wire: Wire, bill: Bill) -> None:
        self.name = name
        self._bill = bill
        self._faults = faults
        self._wire = wire
        self._queue: asyncio.Queue[bytes | None] | None = None
        self._held_back: list[bytes] = []
        self.connects = 0
        self.refusals = 0
        self.lingers_until = 0.0
        self.sent = 0
        self.id = ""
        self.since = ""

    @property
    def connected(self) -> bool:
        return self._queue is not None

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A request to listen."""
        if self._queue is not None or time.time() < self.lingers_until:
            self.refusals += 1
            detail = "This stream is currently at the maximum allowed connection limit."
            body = problem("disallowed-resource", "ConnectionException", detail, connection_issue="TooManyConnections")
            return answered(Denied(429, body))
        if self._strikes("accept_then_close"):
            self.connects += 1
            return await _closed(request)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._queue = queue
        self.connects += 1
        self.id, self.since = x_wire.uuid_of_x(), x_wire.now()
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

    def disconnect(self) -> None:
        """Close the connection from X's side."""
        if self._queue is not None:
            self._queue.put_nowait(None)
            self._queue = None

    def clear(self) -> int:
        """What the app asks for where it is locked out; how many were ended."""
        killed = int(self._queue is not None) + int(time.time() < self.lingers_until)
        self.lingers_until = 0.0
        self.disconnect()
        return killed

    def line(self, event: dict[str, Any]) -> bytes:
        """An event as it goes on the wire."""
        return Line.of(event, json.dumps(event, ensure_ascii=False).encode() + b"\r\n")

    def send(self, event: dict[str, Any], names: tuple[str, ...]) -> None:
        """Put an event on the wire, if anybody listens; nothing is kept for later. `names`: whose faults strike."""
        if self._strikes("swallowed", names):
            return
        if self._wire.keep:
            self._wire.events.append(event)
        self._put_with_faults(self.line(event), names)

    def send_lines(self, lines: list[bytes]) -> None:
        """Put lines that were made before on the wire."""
        for line in lines:
            self._put(line)

    def send_raw(self, data: bytes) -> None:
        """Put any bytes on the wire as they are: half a line, no text, nothing that X would send."""
        self._put(data)

    def shown(self) -> dict[str, Any]:
        """What tests ask of it."""
        return {"connected": self.connected, "connects": self.connects, "refusals": self.refusals, "sent": self.sent}

    # -------------------------------------------------------------------------------------------------------

    async def _pump(self, response: web.StreamResponse, queue: asyncio.Queue[bytes | None]) -> None:
        while True:
            try:
                chunk = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
            except TimeoutError:
                if not self._strikes("silent"):
                    await self._write(response, b"\r\n")
                continue
            if chunk is None:
                return
            parts = [chunk]
            while not queue.empty() and len(parts) < 200:
                part = queue.get_nowait()
                if part is None:
                    await self._send(response, parts)
                    return
                parts.append(part)
            await self._send(response, parts)

    async def _send(self, response: web.StreamResponse, lines: list[bytes]) -> None:
        """What has gone out is billed, whoever reads it at the other end."""
        await self._write(response, b"".join(lines))
        for line in lines:
            self._bill.sent(line)

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        """All at once, or byte by byte as long as that is broken."""
        for at in range(len(data)):
            if not self._strikes("trickle"):
                await response.write(data[at:])
                return
            await response.write(data[at : at + 1])
            await pass_time(self._faults.seconds("trickle"))

    def _put_with_faults(self, line: bytes, names: tuple[str, ...]) -> None:
        if self._strikes("malformed"):
            self._put(self._faults.dice.choice(JUNK) + b"\r\n")
        if self._strikes("shuffled", names):
            self._held_back.append(line)
            asyncio.get_running_loop().call_later(SHUFFLE_S, self._release)
        else:
            self._put(line)
        if self._strikes("doubled", names):
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

    def _strikes(self, fault: str, names: tuple[str, ...] = ()) -> bool:
        return self._faults.strikes(fault, names, self.name)


async def _closed(request: web.Request) -> web.StreamResponse:
    """A connection that is accepted and ends at once."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write_eof()
    return response
