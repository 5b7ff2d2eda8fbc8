"""Telegram as far as the delivery knows it: it remembers what it was given, and answers as a test says."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from bot.chat.turn import plain


@dataclass(frozen=True)
class Sent:
    message_id: int


@dataclass
class Chat:
    """Everybody's chats. `answers`: what becomes of the next calls to a chat, an error or None, then all is taken.

    `acts`: whether what ends in an error was done nevertheless. `seconds`: how long a call takes.
    """

    sent: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    to: list[tuple[int, str]] = field(default_factory=list)
    answers: dict[int, deque[Exception | None]] = field(default_factory=lambda: defaultdict(deque))
    knocks: deque[Exception | None] = field(default_factory=deque)
    acts: bool = False
    seconds: float = 0.0
    calls: int = 0
    at_once: int = 0
    most_at_once: int = 0

    async def send_message(self, chat_id: int, text: str, **more: Any) -> Sent:
        await self._answer(chat_id, text, self.sent)
        return Sent(len(self.sent))

    async def edit_message_text(self, text: str, chat_id: int, message_id: int, **more: Any) -> None:
        await self._answer(chat_id, text, self.edited)

    async def get_me(self, **more: Any) -> None:
        if self.knocks and (error := self.knocks.popleft()) is not None:
            raise error

    def read_by(self, chat_id: int) -> list[str]:
        """The first lines of what a person got, in its order."""
        return [plain(text).split("\n")[0] for chat, text in self.to if chat == chat_id]

    async def _answer(self, chat_id: int, text: str, taken: list[str]) -> None:
        self.calls += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.at_once -= 1
        error = self.answers[chat_id].popleft() if self.answers[chat_id] else None
        if error is None or self.acts:
            taken.append(text)
            self.to.append((chat_id, text))
        if error is not None:
            raise error
