"""Telegram's `retry_after` is for one chat: that one waits, everybody else goes on, and a notice hears of it at once."""

import asyncio
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.wire.rate_limiter import CROWD, NOTICE, RateLimiter

ANA, BEN = 7, 8


class Calls:
    """What Telegram was asked, and when; `refuses` are chats with the seconds that each is told to wait, once."""

    def __init__(self) -> None:
        self.limiter = RateLimiter()
        self.refuses: dict[int, int] = {}
        self.asked: list[tuple[int, float]] = []
        self.began = asyncio.get_running_loop().time()

    async def say(self, chat: int, kind: str | None = None, chat_is: str = "chat_id") -> float:
        """Say something; after how many seconds it was said. `chat_is`: what the call names instead of a chat."""

        async def call() -> dict[str, Any]:
            self.asked.append((chat, self.seconds()))
            if chat in self.refuses:
                raise RetryAfter(self.refuses.pop(chat))
            return {}

        await self.limiter.process_request(call, (), {}, "sendMessage", {chat_is: chat}, kind)
        return self.seconds()

    def seconds(self) -> float:
        return asyncio.get_running_loop().time() - self.began


async def test_a_chat_that_is_told_to_wait_waits_alone_and_is_answered_then() -> None:
    calls = Calls()
    calls.refuses = {ANA: 40}
    slow = asyncio.create_task(calls.say(ANA))
    await asyncio.sleep(0)
    assert await calls.say(BEN) < 1
    assert calls.limiter.pausing == 1
    assert 40 <= await slow < 41
    assert calls.limiter.pausing == 0
    assert await calls.say(ANA) < 41


async def test_what_comes_for_a_chat_that_waits_is_not_asked_for_before() -> None:
    calls = Calls()
    calls.refuses = {ANA: 40}
    slow = asyncio.create_task(calls.say(ANA))
    await asyncio.sleep(1)
    await asyncio.gather(slow, *(calls.say(ANA) for _ in range(5)))
    assert [at >= 40 for _, at in calls.asked] == [False, *[True] * 6]


async def test_a_notice_is_told_how_long_its_chat_waits_and_telegram_is_not_asked_again() -> None:
    calls = Calls()
    calls.refuses = {ANA: 40}
    for _ in range(3):
        with pytest.raises(RetryAfter) as told:
            await calls.say(ANA, NOTICE)
        assert told.value._retry_after.total_seconds() == pytest.approx(40, abs=1)
    assert len(calls.asked) == 1


async def test_an_answer_waits_a_minute_and_no_longer() -> None:
    calls = Calls()
    calls.refuses = {ANA: 600}
    with pytest.raises(RetryAfter):
        await calls.say(ANA)
    assert calls.seconds() < 60


async def test_answers_are_not_held_to_a_rate() -> None:
    calls = Calls()
    await asyncio.gather(*(calls.say(chat) for chat in range(300)))
    assert calls.seconds() < 5, "at the rate of notices it would be ten"


async def test_where_many_chats_are_told_to_wait_the_whole_bot_is_slower_for_a_while() -> None:
    calls = Calls()
    calls.refuses = dict.fromkeys(range(CROWD), 1)
    await asyncio.gather(*(calls.say(chat) for chat in range(CROWD)))
    before = calls.seconds()
    await asyncio.gather(*(calls.say(chat) for chat in range(100, 160)))
    assert calls.seconds() - before > 2
    await asyncio.sleep(120)
    before = calls.seconds()
    await asyncio.gather(*(calls.say(chat) for chat in range(100, 160)))
    assert calls.seconds() - before < 2


async def test_while_the_bot_is_slower_an_answer_goes_before_notices() -> None:
    calls = Calls()
    calls.refuses = dict.fromkeys(range(CROWD), 1)
    await asyncio.gather(*(calls.say(chat) for chat in range(CROWD)))
    notices = [asyncio.create_task(calls.say(200 + n, NOTICE)) for n in range(20)]
    await asyncio.sleep(0)
    answers = [asyncio.create_task(calls.say(100 + n)) for n in range(20)]
    await asyncio.gather(*notices, *answers)
    order = [chat for chat, _ in calls.asked[-40:]]
    assert sum(chat < 200 for chat in order[:25]) >= 19


async def test_a_tap_that_telegram_does_not_take_the_answer_of_keeps_no_other_tap_waiting() -> None:
    calls = Calls()
    calls.refuses = {ANA: 40}
    slow = asyncio.create_task(calls.say(ANA, chat_is="callback_query_id"))
    await asyncio.sleep(0)
    assert await calls.say(BEN, chat_is="callback_query_id") < 1
    assert 40 <= await slow < 41
