"""Hundreds of updates that break whoever believes them: by polling and by webhook, who writes between them is answered."""

import asyncio
import json
from collections import deque
from itertools import count
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from telegram.request import RequestData

from bot.incoming import Fetching
from bot.web import WEBHOOK_PATH, _poll, _site, _webhook_secret
from models import aside, inbox
from models.aside import Place
from models.inbox import Inbox
from models.settings import Settings
from tests import unkind
from tests.bot.conversation import Conversation, _NoWire
from tests.bot.on_x import connected
from tests.once import once

COMMANDS, BETWEEN = 28, 10  # each kind of the unkind ones comes once


@pytest.fixture
def ana(db: Settings) -> Conversation:
    """Ana, who runs @TraficoValle, in one language: it is not words that are tried here."""
    made = Conversation(db)
    once(db, "TraficoValle of Ana in es", lambda: connected("TraficoValle", made))
    return made


class Telegram(_NoWire):
    """Telegram, with updates of its own: each stands behind a number, whether it says so or not."""

    parse_json_payload = staticmethod(Fetching.parse_json_payload)  # as the bot fetches them

    def serve(self, updates: list[tuple[int, str]]) -> None:
        self.left = deque(updates)

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        if not url.endswith("getUpdates"):
            return await super().do_request(url, method, request_data, *timeouts, **more)
        asked: dict[str, Any] = dict(request_data.json_parameters) if request_data is not None else {}
        while self.left and self.left[0][0] < int(asked.get("offset", 0)):
            self.left.popleft()
        await asyncio.sleep(0)
        given = [body for _, body in list(self.left)[: int(asked.get("limit", 100))]]
        return 200, f'{{"ok": true, "result": [{", ".join(given)}]}}'.encode("utf-8", "surrogatepass")


def commands(ana: Conversation) -> list[dict[str, Any]]:
    """Ana's commands as Telegram would bring them, without their numbers."""
    for _ in range(COMMANDS):
        ana.writes("/triggers")
    return [{k: v for k, v in update.items() if k != "update_id"} for update in ana._phones.take_updates()]


def mixed(ana: Conversation) -> list[tuple[int, str]]:
    """A command after each ten that no bot can take; some without a number, some that are no JSON for anybody."""
    hostile, numbers = unkind.updates(4711), count(1000)
    found: list[tuple[int, str]] = []
    for n, command in enumerate(commands(ana)):
        for body in unkind.some(hostile, BETWEEN):
            number = next(numbers)
            unnumbered = [body, "5", "null", "[]", f'{{"update_id": "{number}"}}', f'{{"update_id": {2**70}}}'][
                number % 6
            ]
            found.append((number, unnumbered if number % 7 == 0 else unkind.numbered(body, number)))
        if n % 10 == 5:
            number = next(numbers)
            found.append((number, unkind.numbered(f'{{"deep": {unkind.DEEP}{"]" * 200_000}}}', number)))
        number = next(numbers)
        found.append((number, unkind.numbered(json.dumps(command), number)))
    return found


def answers(ana: Conversation) -> int:
    return sum("choque" in "".join(shown.labels) for shown in ana.everything())


@pytest.mark.both_databases
async def test_by_polling_every_command_is_answered(ana: Conversation) -> None:
    wire = Telegram(ana._service.wire._telegram, ana._phones)
    wire.serve(mixed(ana))
    ana._service.wire = wire
    ana._service.restart()
    turns, stopping = await ana._service.ready(), asyncio.Event()
    polling = asyncio.create_task(_poll(ana._service.app, turns, stopping))
    while wire.left:
        await asyncio.sleep(1)
    stopping.set()
    await polling
    await turns.settle()
    assert answers(ana) == COMMANDS
    assert inbox.waiting() == 0
    ana._service._errors.clear()
    unreadable = aside.counts()
    assert set(unreadable) == {Place.TURN}
    assert unreadable[Place.TURN] > COMMANDS
    assert all(row.reason and "4711" not in row.reason for row in aside.listed(500))


async def test_by_webhook_every_command_is_answered_and_nothing_is_brought_again(ana: Conversation) -> None:
    settings = ana._service._settings
    turns = await ana._service.ready()
    site = _site(ana._service.app, settings, turns)
    (handler,) = [
        r.handler for r in site.router.routes() if r.resource is not None and r.resource.canonical == WEBHOOK_PATH
    ]
    for _, body in mixed(ana):
        answer = await handler(posted(body.encode("utf-8", "surrogatepass"), _webhook_secret(settings)))
        assert answer.status == 200, body[:300]
    await turns.settle()
    assert answers(ana) == COMMANDS
    assert inbox.waiting() == 0
    ana._service._errors.clear()
    assert Inbox.select().count() > COMMANDS


def posted(body: bytes, secret: str) -> web.Request:
    """What Telegram posts."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret, "Content-Type": "application/json"}
    request = make_mocked_request("POST", WEBHOOK_PATH, headers=headers)
    request._read_bytes = body
    return request
