"""`/healthz` says what runs and what is wrong, in bounded time, whoever hangs."""

import json
import threading
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from bot.healthz import Healthz, Question, livez
from models import aside
from models.aside import Item, Place
from models.control import processes
from models.control.processes import Kind
from models.settings import Settings, settings
from tasks.clock import now
from tasks.living import watching
from tests.bot.conversation import Conversation


async def asked(page: Healthz) -> tuple[int, dict[str, Any]]:
    answer = await page(make_mocked_request("GET", "/healthz"))
    assert isinstance(answer, web.Response)
    return answer.status, json.loads(answer.text or "")


@pytest.mark.both_databases
async def test_what_does_not_run_is_named_until_it_does(db: Settings) -> None:
    for kind in (Kind.WEB, Kind.STREAMS, Kind.VOICES, Kind.JOURNAL):
        processes.begin(str(kind), kind, "here", 7, "1.2.0", now())
    status, found = await asked(Healthz())
    assert (status, found["ok"], found["wrong"]) == (503, False, ["worker: no such process runs"])
    assert [len(found["processes"][kind]) for kind in Kind] == [1, 1, 0, 1, 1]
    processes.begin("w", Kind.WORKER, "here", 8, "1.2.0", now())
    aside.put(Item(Place.JUDGE, "7"), ValueError("it can't be read"))
    status, found = await asked(Healthz())
    assert (status, found["ok"], found["wrong"]) == (200, True, [])
    assert found["set_aside"] == {"judge": 1}
    assert found["database"] is found["redis"] is True
    assert found["processes"]["worker"][0]["version"] == "1.2.0"


async def test_who_hangs_is_not_waited_for_and_asked_once(db: Settings) -> None:
    lets_go, asks = threading.Event(), 0

    def hang() -> bool:
        nonlocal asks
        asks += 1
        return lets_go.wait(30)

    question = Question("the test", hang, within_s=0.05)
    assert [await question.answer(False) for _ in range(3)] == [False] * 3
    assert asks == 1
    lets_go.set()
    while not await question.answer(False):
        assert asks == 1
    assert asks == 1


async def test_what_breaks_is_no_answer(db: Settings) -> None:
    question: Question[int] = Question("the test", lambda: 1 // 0)
    assert await question.answer(7) == 7


async def test_the_status_says_in_plain_words_what_is_wrong_and_how_to_those_who_run_the_service(
    ana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in Kind:
        if kind is not Kind.VOICES:
            processes.begin(str(kind), kind, "here", 7, "1.2.0", now())
    await ana.types("/status")
    ana.reads("🔴 Hay tuits que esperan para salir en X", "🔴 Posts wait to be said on X")
    assert "voices" not in ana.answers[-1].text, "Ana runs nothing"
    monkeypatch.setattr(settings(), "admin_ids", (ana.person,))
    await ana.types("/status")
    ana.reads("🔧 voices: no corre ningún proceso así", "🔧 voices: no such process runs")
    processes.begin("v", Kind.VOICES, "here", 7, "1.2.0", now())
    await ana.types("/status")
    assert "🔴" not in ana.answers[-1].text


async def test_this_process_lives_whatever_is_missing_until_a_part_of_it_is_dead() -> None:
    async def lives() -> tuple[int, Any]:
        answer = await livez(make_mocked_request("GET", "/livez"))
        assert isinstance(answer, web.Response)
        return answer.status, json.loads(answer.text or "")

    assert await lives() == (200, {"ok": True, "dead": []})
    watch = watching._watch
    with watch.watched("polling", until=lambda: False) as pulse:
        assert (await lives())[0] == 200
    assert await lives() == (503, {"ok": False, "dead": ["polling ended"]})
    watch._pulses.discard(pulse)
