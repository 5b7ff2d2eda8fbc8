"""Many people and one bot, or two: who is busy holds up nobody, and each update is done once, in its person's order."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stage import ANA, BEN, Stage
from tests.reading import rows

COMMANDS = 200
HELP = "Cómo funciona|How it works"


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Stage]:
    with Stage(tmp_path / "stage", public=True) as stage:
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        yield stage


def waiting(stage: Stage, person: int) -> int:
    """How much of what a person sent is not done yet."""
    return len(rows(stage, f"SELECT 1 FROM inbox WHERE done_at IS NULL AND person_id = {person}"))


def test_who_sends_two_hundred_commands_is_answered_after_who_sends_one(stage: Stage) -> None:
    stage.do("/sandbox/telegram/act", act="limits", on=False)
    stage.start("web")
    stage.tell("/help", HELP, ANA)
    for _ in range(COMMANDS):
        stage.says("/help", ANA)
    stage.tell("/help", HELP, BEN)
    assert waiting(stage, ANA)
    stage.wait("all of Ana's are done", lambda: not waiting(stage, ANA), 60)
    chat = stage.get(f"/sandbox/telegram/chat/{ANA}?messages={3 * COMMANDS}")["messages"]
    assert sum(m["from"]["is_bot"] for m in chat) == COMMANDS + 1


def test_a_chat_that_telegram_slows_down_is_the_only_one(stage: Stage) -> None:
    stage.start("web")
    stage.tell("/help", HELP, ANA)
    stage.faults(telegram_429={"rate": 1, "times": 1, "seconds": 8, "whose": [str(ANA)]})
    stage.says("/help", ANA)
    stage.wait("Ana is told to wait", lambda: stage.get("/sandbox/state")["faults"]["telegram_429"]["left"] == 0)
    stage.tell("/help", HELP, BEN)
    assert waiting(stage, ANA) == 1
    stage.wait("Ana is answered", lambda: not waiting(stage, ANA))


def test_two_bots_do_each_of_what_comes_twice_once_and_in_order(public: Stage) -> None:
    public.start("web", "web.2")
    public.wait("both bots run", lambda: public.log_text().count("bot runs") == 2, 60)
    public.faults(telegram_twice=0.5)
    persons = public.people(6)
    for number in range(10):
        for person in persons:
            public.says(f"/notsuch {number}" if number % 2 else "/help", person)
    public.wait("all of it has come", lambda: len(rows(public, "SELECT 1 FROM inbox")) == 10 * len(persons), 60)
    public.wait("all is done", lambda: not any(waiting(public, p) for p in persons), 60)
    for person in persons:
        said = [m["text"] for m in public.chat(person) if m["from"]["is_bot"]]
        assert [bool(re.search(HELP, text)) for text in said] == [True, False] * 5


def test_what_a_killed_bot_was_at_is_done_by_the_other(public: Stage) -> None:
    public.start("web", "web.2")
    public.wait("both bots run", lambda: public.log_text().count("bot runs") == 2, 60)
    persons = public.people(8)
    public.faults(telegram_slow={"rate": 1, "seconds": 3})
    for person in persons:
        public.says("/help", person)
    public.wait("all of it has come", lambda: len(rows(public, "SELECT 1 FROM inbox")) == len(persons))
    public.wait("it is being done", lambda: rows(public, "SELECT 1 FROM inbox WHERE claim <> ''"))
    public.kill("web")
    public.faults(telegram_slow=0)
    public.wait("all is done", lambda: not any(waiting(public, p) for p in persons))
    for person in persons:
        assert public.bot_says(HELP, person)
