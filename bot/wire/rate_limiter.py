"""How fast Telegram is spoken to: a chat that it slows down waits alone, and conversation comes before notices.

Telegram names no limit for answers, and one of about thirty messages a second for what a bot tells many people by
itself (the FAQ of its bots, "My bot is hitting limits"). What counts is what it says: `retry_after` is for the chat
that it was said about. Where many chats are told so in the same second, it means the bot as a whole, which then slows
down for all, and is a little faster again each second.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.wire.telegram_errors import pause_s

#: `rate_limit_args=NOTICE`: told by itself, not in answer to somebody.
NOTICE: Final = "notice"
MOST_WAIT_S = 60.0
CROWD = 5  # so many chats told to wait within a second are all of them
SLOWEST, FASTEST = 10.0, 200.0  # calls a second, while the bot as a whole is slowed down
FASTER_EACH_S = 2.0
MOST_REMEMBERED = 1000
WHOSE = ("chat_id", "callback_query_id", "file_id")
Result = bool | dict[str, Any] | list[dict[str, Any]]


class RateLimiter(BaseRateLimiter[str]):
    """See the module. It lives on the loop that speaks with Telegram, and waits nowhere else.

    An answer waits as long as its chat has to, a minute at most, and is tried again; where it is longer, that raises
    RetryAfter. A notice (`rate_limit_args=NOTICE`) is never kept waiting by `retry_after`: it raises RetryAfter with
    the seconds that are left, at once and without asking Telegram where its chat is known to wait. It leaves room for
    whoever talks with the bot where the bot as a whole is slowed down; how fast notices go is their own
    (`bot/notifications/pace.py`).
    """

    def __init__(self) -> None:
        self._chats: dict[object, float] = {}  # until when each waits, by the loop's clock
        self._refused: deque[tuple[float, object]] = deque()
        self._calls: deque[float] = deque()
        self._rate, self._rate_at = FASTEST, 0.0
        self._next_call = 0.0
        self.pausing = 0  # so many answers wait now for their chat's pause to be over

    async def initialize(self) -> None:
        """Nothing to do."""

    async def shutdown(self) -> None:
        """Nothing to do."""

    async def process_request(
        self, callback: Callable[..., Coroutine[Any, Any, Result]], args: Any, kwargs: dict[str, Any], endpoint: str,
        data: dict[str, Any], rate_limit_args: str | None,
    ) -> Result:  # fmt: skip
        """See the class. `data` names the chat; what has none (a tap's answer, a file) waits for itself alone."""
        notice = rate_limit_args == NOTICE
        chat = next((data[name] for name in WHOSE if name in data), endpoint)
        give_up = self._now() + MOST_WAIT_S
        while True:
            left = self._chats.get(chat, 0.0) - self._now()
            if left > 0:
                if notice or self._now() + left > give_up:
                    raise RetryAfter(math.ceil(left))
                await self._pause(left)
                continue
            await self._turn_comes(notice)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as refused:
                self._waits(chat, pause_s(refused))

    async def _pause(self, seconds: float) -> None:
        self.pausing += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            self.pausing -= 1

    async def _turn_comes(self, notice: bool) -> None:
        """Wait for a place; where the bot as a whole is slowed down, a notice has one when no answer waits."""
        while (rate := self._allowed()) < FASTEST:
            if notice and self._next_call > self._now():
                await self._until(self._next_call)
                continue
            at = max(self._now(), self._next_call)
            self._next_call = at + 1 / rate
            await self._until(at)
            break
        self._calls.append(self._now())
        _forget_before(self._calls, self._now() - 1)

    def _waits(self, chat: object, seconds: float) -> None:
        """Telegram says that this chat has to wait."""
        now = self._now()
        self._chats[chat] = now + seconds
        if len(self._chats) > MOST_REMEMBERED:
            self._chats = {c: until for c, until in self._chats.items() if until > now}
        self._refused.append((now, chat))
        while self._refused[0][0] < now - 1:
            self._refused.popleft()
        if len({c for _, c in self._refused}) >= CROWD:
            _forget_before(self._calls, now - 1)
            self._rate, self._rate_at = max(SLOWEST, min(self._allowed(), len(self._calls)) * 0.8), now
            self._refused.clear()

    def _allowed(self) -> float:
        """Calls a second now; FASTEST is no limit."""
        return min(FASTEST, self._rate + FASTER_EACH_S * (self._now() - self._rate_at))

    async def _until(self, at: float) -> None:
        if at > self._now():
            await asyncio.sleep(at - self._now())

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _forget_before(moments: deque[float], then: float) -> None:
    while moments and moments[0] < then:
        moments.popleft()
