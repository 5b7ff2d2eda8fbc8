"""A service that was asked goes on with it, whether or not who asked still waits for the answer."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Acting:
    """What is being done now."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def goes_on(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of this work; it is done also where the waiting for it is cancelled."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # told to who waits, if anybody does
