"""How fast notices go: so many a second over all chats, the urgent first; in one chat a few at once, then with pauses.

Telegram takes about 30 messages a second from a bot, and one a second in a chat, where it lets short bursts pass; the
conversation needs some of both. Where several processes tell, each has its share. What Telegram says in the end (429)
is the truth: where it says so to several chats at once, it is the sum that was too much, and all go slower for a while.
"""

import asyncio
from dataclasses import dataclass, field

PER_SECOND, SLOWEST = 25.0, 5.0
CATCH_UP_S = 0.12
BURST, URGENT_BURST, CHAT_EVERY_S = 5, 15, 1.5
GROUP_BURST, GROUP_EVERY_S = 5, 4.0  # twenty messages a minute in a group, bursts and all
AT_ONCE_S, SEVERAL, SLOWER, FASTER = 5.0, 3, 0.7, 0.2
MANY = 1000


@dataclass(slots=True)
class _Waiting:
    urgent: bool
    turn: asyncio.Future[None]


@dataclass(slots=True)
class Pace:
    """Turns to send; all times are the event loop's, in seconds."""

    per_second: float = PER_SECOND
    share: float = 1.0  # of it that is this process's
    _next_at: float = 0.0
    _armed: bool = False
    _queue: dict[int, _Waiting] = field(default_factory=dict)
    _chats: dict[int, float] = field(default_factory=dict)  # when each would be even with one message every so long
    _resting: dict[int, asyncio.Future[None]] = field(default_factory=dict)
    _refused: dict[int, float] = field(default_factory=dict)

    async def turn(self, whose: int, *, urgent: bool, group: bool = False) -> None:
        """Wait for this person's, or this group's, turn. One at a time for each."""
        loop = asyncio.get_running_loop()
        urgent = await self._in_chat(whose, loop, urgent=urgent, group=group)
        waiting = self._queue[whose] = _Waiting(urgent, loop.create_future())
        self._arm(loop)
        try:
            await waiting.turn
        finally:
            if self._queue.get(whose) is waiting:
                del self._queue[whose]

    def hurry(self, whose: int) -> None:
        """Something urgent came for this person meanwhile."""
        if whose in self._queue:
            self._queue[whose].urgent = True
        if whose in self._resting and not self._resting[whose].done():
            self._resting[whose].set_result(None)

    def refused(self, whose: int) -> None:
        """Telegram wants a pause of this chat."""
        moment = asyncio.get_running_loop().time()
        self._refused[whose] = moment
        self._refused = {w: at for w, at in self._refused.items() if moment - at < AT_ONCE_S}
        if len(self._refused) >= SEVERAL:
            self.per_second = max(SLOWEST, self.per_second * SLOWER)
            self._refused.clear()

    def end(self) -> None:
        """Nobody has to wait any more: there is nothing more to send."""
        for waiting in self._queue.values():
            if not waiting.turn.done():
                waiting.turn.set_result(None)
        for hurried in self._resting.values():
            if not hurried.done():
                hurried.set_result(None)

    async def _in_chat(self, whose: int, loop: asyncio.AbstractEventLoop, *, urgent: bool, group: bool) -> bool:
        """Wait until this chat takes one more; whether it has become urgent meanwhile."""
        even = max(self._chats.get(whose, 0.0), loop.time())
        every = GROUP_EVERY_S if group else CHAT_EVERY_S
        burst, at_once = (GROUP_BURST, GROUP_BURST) if group else (BURST, URGENT_BURST)
        self._chats[whose] = even + every
        if len(self._chats) > MANY:
            self._chats = {w: at for w, at in self._chats.items() if at > loop.time()}
        if not urgent and (wait := even - (burst - 1) * every - loop.time()) > 0:
            hurried = self._resting[whose] = loop.create_future()
            await asyncio.wait([hurried], timeout=wait)
            del self._resting[whose]
            urgent = hurried.done()
        if urgent and (wait := even - (at_once - 1) * every - loop.time()) > 0:
            await asyncio.sleep(wait)
        return urgent

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._armed and self._queue:
            self._armed = True
            loop.call_at(max(self._next_at, loop.time()), self._let_one_go, loop)

    def _let_one_go(self, loop: asyncio.AbstractEventLoop) -> None:
        self._armed = False
        if not self._queue:
            return
        whose = next((w for w, waiting in self._queue.items() if waiting.urgent), next(iter(self._queue)))
        waiting = self._queue.pop(whose)
        if not waiting.turn.done():
            waiting.turn.set_result(None)
            since = max(self._next_at, loop.time() - CATCH_UP_S)  # what a busy loop was late by is not lost
            self._next_at = since + 1 / (self.per_second * self.share)
            self.per_second = min(PER_SECOND, self.per_second + FASTER)
        self._arm(loop)
