"""How much a bot may send (docs/x-and-telegram.md, "Telegram, the limits that bite").

One message a second in a chat, where a burst is let pass; twenty a minute in a group; thirty a second in all.
"""

import math
import time
from collections import deque
from dataclasses import dataclass, field

from sandbox.telegram_markup import BotError

BURST, GROUP_A_MINUTE, PER_SECOND = 20, 20, 30


@dataclass
class Sent:
    """When the last messages went to a chat, or to all (monotonic seconds)."""

    most: int
    within_s: float
    at: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """How long until one more may go."""
        while self.at and now - self.at[0] >= self.within_s:
            self.at.popleft()
        return self.within_s - (now - self.at[0]) if len(self.at) >= self.most else 0.0


@dataclass
class SendLimits:
    """`on`: whether Telegram refuses."""

    on: bool = True
    _chats: dict[int, Sent] = field(default_factory=dict)
    _all: Sent = field(default_factory=lambda: Sent(PER_SECOND, 1.0))

    def spend(self, chat_id: int, *, group: bool) -> None:
        """Count a message. Raises BotError (429) with the seconds to wait."""
        now = time.monotonic()
        if chat_id not in self._chats:
            # a second each, with a burst: no more in so many seconds than messages
            self._chats[chat_id] = Sent(GROUP_A_MINUTE, 60.0) if group else Sent(BURST, float(BURST))
        sent = self._chats[chat_id]
        wait = max(sent.wait(now), self._all.wait(now))
        if self.on and wait > 0:
            seconds = math.ceil(wait)
            raise BotError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        sent.at.append(now)
        self._all.at.append(now)
