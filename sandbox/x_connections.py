"""The sandbox's X, the connections that the app holds: seen, and ended where a process left one behind."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from sandbox import x_asked
from sandbox.x_connection import Connection

Handler = Callable[[web.Request], Awaitable[web.Response]]
#: What X calls a stream in its list of connections; the activity stream has no name there.
ENDPOINTS = {"filtered": "filtered_stream"}


class Connections:
    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections

    def calls(self) -> dict[str, Handler]:
        return {
            "GET /2/connections": self._list,
            "DELETE /2/connections/all": self._close_all,
            "DELETE /2/connections/{endpoint_id}": self._close,
        }

    async def _list(self, request: web.Request) -> web.Response:
        open_now = [c for c in self._connections if c.connected and c.name in ENDPOINTS]
        if request.query.get("status") == "inactive":
            open_now = []
        data = [{"id": c.id, "endpoint_name": ENDPOINTS[c.name], "connected_at": c.since} for c in open_now]
        body: dict[str, Any] = {"data": data} if data else {}
        return web.json_response({**body, "meta": {"result_count": len(data)}})

    async def _close_all(self, _request: web.Request) -> web.Response:
        return _killed(sum(connection.clear() for connection in self._connections))

    async def _close(self, request: web.Request) -> web.Response:
        wanted = request.match_info["endpoint_id"]
        if wanted not in ENDPOINTS.values():
            raise x_asked.bad("endpoint_id", wanted)
        return _killed(sum(c.clear() for c in self._connections if ENDPOINTS.get(c.name) == wanted))


def _killed(count: int) -> web.Response:
    return web.json_response({"data": {"successful_kills": count, "failed_kills": 0}})
