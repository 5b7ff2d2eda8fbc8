"""What is broken, and how slow the world is: switched by HTTP, by tests and by the page."""

import base64
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sandbox.faults import Faults
from sandbox.profile import FIGURES, SEED, Profile
from sandbox.watching.filtered import Filtered
from sandbox.x_stream import Stream


class Controls:
    def __init__(
        self, profile: Profile, faults: Faults, stream: Stream, filtered: Filtered, touch: Callable[[], None]
    ) -> None:
        self._profile, self._faults, self._touch = profile, faults, touch
        self._activity, self._filtered = stream.connection, filtered.connection

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/sandbox/faults", self._set_faults),
            web.get("/sandbox/world", self._world),
            web.post("/sandbox/world", self._switch_world),
        ]

    async def _set_faults(self, request: web.Request) -> web.Response:
        """{name: rate} or {name: {rate, times, seconds, answer, whose, on}}; `whose` and `on` are one or a list.

        `raw_lines` is none that lasts: {text} or {base64}, or a list of such, goes on the stream as it is; with
        {stream: "filtered"} beside it on that one.
        """
        for name, value in (await request.json()).items():
            options = value if isinstance(value, dict) else {"rate": value}
            try:
                if name == "raw_lines":
                    for raw in _list(value):
                        other = isinstance(raw, dict) and raw.get("stream") == "filtered"
                        (self._filtered if other else self._activity).send_raw(_bytes(raw))
                    continue
                self._faults.set(
                    name,
                    float(options["rate"]),
                    times=options.get("times"),
                    seconds=options.get("seconds"),
                    answer=str(options.get("answer") or ""),
                    whose=map(str, _list(options.get("whose"))),
                    on=map(str, _list(options.get("on"))),
                )
            except KeyError as unknown:
                return web.json_response({"error": f"unknown fault {name}: {unknown}"}, status=400)
        self._touch()
        return web.json_response(self._faults.shown())

    async def _world(self, request: web.Request) -> web.Response:
        return web.json_response(self._profile.shown())

    async def _switch_world(self, request: web.Request) -> web.Response:
        """{on, seed} and any of the profile's figures, like x_median_s, for who wants other ones."""
        body = await request.json()
        others = {name: body[name] for name in body if name not in ("on", "seed")}
        if not set(others) <= set(FIGURES):
            return web.json_response({"error": f"the figures are {', '.join(FIGURES)}"}, status=400)
        self._profile.switch(world=bool(body.get("on", True)), seed=int(body.get("seed", SEED)), **others)
        self._touch()
        return web.json_response(self._profile.shown())


def _list(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _bytes(raw: Any) -> bytes:
    if isinstance(raw, str):
        return raw.encode()
    return base64.b64decode(raw["base64"]) if "base64" in raw else str(raw["text"]).encode()
