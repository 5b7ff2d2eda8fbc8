"""`GET /healthz`: how the service is, for whoever watches over it: 200, or 503 with what is wrong by name.

It answers in bounded time, whoever hangs: the database and Redis are asked in threads of their own, one question at a
time, and who is asked again while one is still waited for is told that there is no answer.

`GET /livez` is for who starts this process anew where it does not live: 200 as long as it moves, whatever becomes of
all others. Nobody else is asked for it.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from aiohttp import web

from bot.chat.crew import Crew
from models.control.processes import Kind
from tasks.clock import now
from tasks.control import health as control
from tasks.control.health import Health, Stream
from tasks.living import watching

log = structlog.get_logger()
ANSWER_WITHIN_S = 3.0
FRESH_S = 0.5
T = TypeVar("T")


class Question(Generic[T]):
    """Something that is asked in a thread, once at a time. An answer is good for a moment, whoever else asks."""

    def __init__(self, name: str, ask: Callable[[], T], within_s: float = ANSWER_WITHIN_S) -> None:
        self._name, self._ask, self._within_s = name, ask, within_s
        self._crew = Crew(f"health of {name}", 1)
        self._asked: asyncio.Future[T] | None = None
        self._asked_at = 0.0

    async def answer(self, otherwise: T) -> T:
        """Their answer, or `otherwise` where there was none in time or it broke."""
        asked = self._asked
        if asked is None or (asked.done() and time.monotonic() - self._asked_at > FRESH_S):
            asked = self._asked = asyncio.get_running_loop().run_in_executor(self._crew, self._ask)
            self._asked_at = time.monotonic()
        await asyncio.wait([asked], timeout=self._within_s)
        if not asked.done():
            return otherwise
        if (error := asked.exception()) is not None:
            log.warning("health could not be asked", of=self._name, error=repr(error)[:200])
            return otherwise
        return asked.result()


class Healthz:
    """The page."""

    def __init__(self) -> None:
        self._kept: Question[control.Kept | None] = Question("database", lambda: control.kept(now()))
        self._redis = Question("redis", control.redis_answers)

    async def health(self) -> Health:
        """How it is, as far as somebody answers in time."""
        kept, redis = await asyncio.gather(self._kept.answer(None), self._redis.answer(False))
        return control.judged(kept, redis, now())

    async def __call__(self, _request: web.Request) -> web.Response:
        found = await self.health()
        return web.json_response(shown(found), status=503 if found.wrong else 200)


async def livez(_request: web.Request) -> web.Response:
    """Whether this process moves: its loop does, where this is answered, and each of its parts is watched."""
    dead = watching.dead()
    return web.json_response({"ok": not dead, "dead": dead}, status=503 if dead else 200)


def shown(health: Health) -> dict[str, Any]:
    """As JSON; what is wrong first. Ages are in seconds."""
    found: dict[str, Any] = {
        "ok": not health.wrong,
        "wrong": [trouble.sentence(health.at) for trouble in health.wrong],
        "warnings": [trouble.sentence(health.at) for trouble in health.warnings],
        "database": health.database,
        "redis": health.redis,
        "processes": {},
        "stream": {"connected": False},
        "set_aside": {},
        "app_troubles_s": {},
        "oldest_waiting_s": {},
    }
    if health.stream is not None:
        found["stream"] = _of_stream(health.stream)
    if health.kept is None or not health.database:
        return found
    if health.kept.is_watched:
        watching = health.kept.watching
        found["watching"] = _of_stream(watching) if watching is not None else {"connected": False}
    for kind in Kind:
        found["processes"][kind.value] = [
            {
                "host": p.host,
                "since": _written(p.since),
                "last_beat_s": _age(p.beat_at, health.at),
                "version": p.version,
                "troubles": p.troubles,
            }
            for p in health.running(kind)
        ]
    found["set_aside"] = {place.value: count for place, count in health.kept.aside.items()}
    found["app_troubles_s"] = {kind.value: _age(since, health.at) for kind, since in health.kept.app.items()}
    found["oldest_waiting_s"] = {work.value: _age(since, health.at) for work, since in health.kept.oldest.items()}
    return found


def _of_stream(stream: Stream) -> dict[str, Any]:
    return {
        "connected": stream.connected_at is not None,
        "since": _written(stream.connected_at or stream.down_since),
        "last_heard": _written(stream.heard_at),
        "trouble": stream.trouble,
        "short_lived": stream.short_lived,
        "looks_ahead": stream.looks_ahead,
        "wanted": stream.wanted,
        "present": stream.present,
    }


def _written(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant is not None else None


def _age(since: datetime, now: datetime) -> float:
    return round((now - since).total_seconds(), 1)
