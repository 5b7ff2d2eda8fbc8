"""An event loop that never waits for a clock: where there is nothing to do but wait, its time goes on by itself.

So the bot's own limits to Telegram, and every wait of its, hold as they are and cost nothing. Work in threads is
waited for as it is.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _Skipping(selectors.DefaultSelector):
    """Looks, and skips the time that it would have slept. `busy`: threads at work."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.busy = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or self.busy:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            self.skipped += max(timeout, 0)
        return ready


class ImpatientLoop(asyncio.SelectorEventLoop):
    """See above."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return super().time() + self._skipping.skipped

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        work = super().run_in_executor(executor, func, *args)
        self._skipping.busy += 1
        work.add_done_callback(self._worked)
        return work

    def _worked(self, _work: object) -> None:
        self._skipping.busy -= 1
