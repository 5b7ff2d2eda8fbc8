"""Encrypted DMs over real processes: posted once, whoever dies meanwhile; what is forged is not; goodbye takes the keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.stage import Stage
from tests.given import give_keys
from tests.reading import rows
from tests.story.test_trouble import ready

KEPT = (
    "SELECT (SELECT count(*) FROM chat_keys WHERE sealed <> ''), (SELECT count(*) FROM conversation_key),"
    " (SELECT count(*) FROM chat_event)"
)


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    url = request.getfixturevalue("postgres_server").empty("chats") if request.param == "postgres" else ""
    with Stage(tmp_path / "stage", database_url=url) as made:
        yield made


def says(stage: Stage, text: str, **more: Any) -> str:
    said = {"handle": "maria_rdz", "to": "TraficoValle", "text": text, **more}
    return str(stage.do("/sandbox/x/chat", act="say", **said)["id"])


def posted(stage: Stage, *texts: str) -> None:
    """X was told each of these once, and no other."""

    def is_so() -> bool:
        told = {k.split(":", 1)[1]: n for k, n in stage.accepted("post").items()}
        return told == dict.fromkeys(texts, 1)

    stage.wait(f"posted once: {texts}", is_so)


def test_an_encrypted_dm_is_posted_once_whoever_dies_and_goodbye_takes_the_keys(stage: Stage) -> None:
    ready(stage)
    give_keys(stage, ["TraficoValle"])
    stage.wait("encrypted DMs are brought too", lambda: stage.x()["subscriptions"] == 3)
    says(stage, "choque uno", both=True)
    posted(stage, "choque uno")
    stage.faults(shuffled=1, doubled=1)
    stage.do("/sandbox/x/chat", act="rotate", handle="maria_rdz", to="TraficoValle", alone=True)
    stage.kill("worker")
    stage.kill("streams")
    says(stage, "choque dos")  # nobody listens: it is read back
    stage.start("streams", "worker")
    stage.wait("it listens again", lambda: stage.x()["stream"]["connected"])
    stage.faults(shuffled=0, doubled=0, chat_forged={"rate": 1, "times": 1, "answer": "altered"})
    says(stage, "choque falso")
    says(stage, "choque tres")
    posted(stage, "choque uno", "choque dos", "choque tres")
    assert rows(stage, KEPT)[0][:2] == (1, 2)
    stage.press(stage.tell("/disconnect @TraficoValle", "Desconectar"), "Sí, desconectar")
    stage.bot_says("X confirmó")
    assert rows(stage, KEPT) == [(0, 0, 0)]
    assert "choque" not in stage.log_text()
