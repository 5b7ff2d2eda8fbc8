"""How updates reach the bot, and how it begins and ends: nothing that Telegram sends or does makes it deaf or lame."""

import asyncio
import socket
from typing import Any

import pytest

from bot.web import PortTaken, _poll, _serve, _until_telegram_answers
from models import inbox
from tests.bot.conversation import Conversation

UNREADABLE: list[dict[str, Any]] = [
    {"message": {"message_id": 1}},
    {"message": []},
    {"message": {"from": {"id": "nobody"}}},
    {"callback_query": None},
    {"something_new": {"from": {"id": 1}}},
]


async def test_what_cant_be_read_makes_nobody_wait_and_the_bot_not_deaf(ana: Conversation) -> None:
    turns, stopping = await ana._service.ready(), asyncio.Event()
    for body in UNREADABLE:
        ana._phones._update(body)
    ana.writes("/triggers")
    polling = asyncio.create_task(_poll(ana._service.app, turns, stopping))
    while not inbox.waiting():
        await asyncio.sleep(1)
    await turns.settle()
    stopping.set()
    await polling
    ana.sees("choque")
    assert inbox.waiting() == 0


async def test_who_is_to_end_does_not_wait_for_a_telegram_that_hangs(ana: Conversation) -> None:
    ana._service.wire.held[0] = asyncio.Event()  # calls that are about no chat
    stopping = asyncio.Event()
    starting = asyncio.create_task(_until_telegram_answers(ana._service.app, stopping))
    await asyncio.sleep(1)
    stopping.set()
    assert not await starting


async def test_a_telegram_that_wants_a_pause_when_the_bot_starts_is_asked_again(ana: Conversation) -> None:
    ana._service.wire._telegram._faults.set("telegram_429", 1, times=1, seconds=90)
    assert await _until_telegram_answers(ana._service.app, asyncio.Event())


async def test_a_port_that_another_has_is_named(ana: Conversation) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        with pytest.raises(PortTaken):
            await _serve(ana._service._settings.model_copy(update={"port": other.getsockname()[1]}))
