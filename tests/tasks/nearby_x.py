"""The sandbox's X on a port of this process, for jobs that call X: real clients over real HTTP, in milliseconds."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

import pytest
from aiohttp import web

from engine.x.events import Account
from models import connecting
from models.accounts import people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.settings import settings
from sandbox.app import Sandbox
from sandbox.x_tokens import BEARER
from tasks.clock import now


@contextmanager
def nearby_x(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """X listens while this lasts, and the settings point at it."""
    sandbox, loop, ready = Sandbox(), asyncio.new_event_loop(), threading.Event()
    runner = web.AppRunner(sandbox.application(), access_log=None, handler_cancellation=True)

    async def serve() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, shutdown_timeout=0.1).start()
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for call in left:
            call.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        with monkeypatch.context() as patched:
            patched.setenv("X_API_URL", f"http://127.0.0.1:{runner.addresses[0][1]}/x")
            patched.setenv("X_BEARER_TOKEN", BEARER)
            settings.cache_clear()
            yield sandbox
    finally:
        settings.cache_clear()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
    for hand in [t for t in threading.enumerate() if t.name.startswith("hand-")]:
        hand.join(10)  # they were left in the middle of their calls, and still write down what came of them


def sign_in(sandbox: Sandbox, handle: str, **more: Any) -> Channel:
    """A channel that is connected, with a token that X takes."""
    user = sandbox.world.user(handle)
    pair = sandbox.world.tokens.new_pair(user.id)
    people.person(7, "Ana", "es", now())
    ends = now() + timedelta(hours=2)
    tokens = Tokens(Auth.OAUTH2, str(pair["access_token"]), str(pair["refresh_token"]), expires_at=ends)
    made = connecting.connect_channel(Account(user.id, handle, handle), 7, tokens, now())
    if more:
        Channel.update(**more).where(Channel.id == made.id).execute()
    return Channel.get_by_id(made.id)


def soon(look: Callable[[], object], within_s: float = 40) -> None:
    """Wait until this is so."""
    deadline = monotonic() + within_s
    while not look():
        assert monotonic() < deadline, "it did not come"
        sleep(0.005)
