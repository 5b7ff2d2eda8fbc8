"""The sandbox's X, uploads: opened, appended to piece by piece, finished, described."""

import binascii
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox import x_asked, x_refusals, x_wire
from sandbox.faults import Faults
from sandbox.world import World
from sandbox.x_media import MAX_BYTES, MEDIA_LIFE_S

Handler = Callable[[web.Request], Awaitable[web.Response]]


class UploadCalls:
    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._uploads, self._faults = world, world.uploads, faults

    def calls(self) -> dict[str, Handler]:
        return {
            "POST /2/media/upload/initialize": self._begin,
            "POST /2/media/upload/{id}/append": self._append,
            "POST /2/media/upload/{id}/finalize": self._finish,
            "GET /2/media/upload": self._state,
            "POST /2/media/metadata": self._describe,
        }

    async def _begin(self, request: web.Request) -> web.Response:
        user, body = x_asked.user(request), x_asked.body(request)
        if body.get("media_category") not in MAX_BYTES:
            raise x_asked.bad("media_category", "")
        item = self._uploads.begin(
            user.id, body["media_category"], str(body.get("media_type")), int(body.get("total_bytes", 0))
        )
        told = {"id": str(item.id), "media_key": item.key, "expires_after_secs": MEDIA_LIFE_S}
        return web.json_response({"data": told})

    async def _append(self, request: web.Request) -> web.Response:
        user, body = x_asked.user(request), x_asked.body(request)
        item = self._uploads.own(user.id, x_asked.digits(request, "id"))
        segment = body.get("segment_index")
        if not isinstance(segment, int) or not 0 <= segment <= 999 or item.state != "open":
            raise x_asked.bad("segment_index", str(segment))
        if self._faults.strikes("upload_breaks", user.names) and request.transport is not None:
            request.transport.abort()
        try:
            item.segments[segment] = binascii.a2b_base64(str(body.get("media", "")), strict_mode=True)
        except ValueError:
            raise x_asked.bad("media", "") from None
        return web.json_response({"data": {"expires_at": int(item.started_at + MEDIA_LIFE_S)}})

    async def _finish(self, request: web.Request) -> web.Response:
        user = x_asked.user(request)
        item = self._uploads.own(user.id, x_asked.digits(request, "id"))
        fails, works = (self._answer(name, user.names) for name in ("media_fails", "media_at_work"))
        self._uploads.finish(item, fails=fails, works=works)
        return web.json_response({"data": x_wire.media(item)})

    async def _state(self, request: web.Request) -> web.Response:
        wanted = request.query.get("media_id", "")
        if not x_asked.DIGITS.match(wanted):
            raise x_asked.bad("media_id", wanted)
        return web.json_response({"data": x_wire.media(self._uploads.own(x_asked.user(request).id, int(wanted)))})

    async def _describe(self, request: web.Request) -> web.Response:
        user, body = x_asked.user(request), x_asked.body(request)
        if not x_asked.DIGITS.match(str(body.get("id", ""))):
            raise x_asked.bad("id", "")
        item = self._uploads.own(user.id, int(body["id"]))
        if self._faults.strikes("alt_refused", user.names):
            raise x_refusals.disallowed("You are not permitted to describe this.")
        item.alt = str(((body.get("metadata") or {}).get("alt_text") or {}).get("text", ""))[:1000]
        self._world.bill.did("alt text")
        told = {"id": str(item.id), "associated_metadata": {"alt_text": {"text": item.alt}}}
        return web.json_response({"data": told})

    def _answer(self, fault: str, names: tuple[str, ...]) -> str:
        return self._faults.answer(fault) if self._faults.strikes(fault, names) else ""
