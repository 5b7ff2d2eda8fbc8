"""Encrypted DMs over real processes: the keys unlocked on a terminal, each DM posted once whoever dies meanwhile, what is
forged not posted, what is deleted taken back, and goodbye takes the keys; no secret of theirs is left anywhere.
"""

import base64
import contextlib
import os
import pty
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.stage import ROOT, Stage
from tests.reading import rows
from tests.story.test_trouble import ready

PIN = "98317265"
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


def unlocked(stage: Stage, pin: str) -> str:
    """The keys are on a phone under this PIN, and whoever runs the service unlocks them; the private half, in base64."""
    made = stage.do("/sandbox/x/chat", act="make_keys", handle="TraficoValle", pin=pin, quick=True)
    command, said = [sys.executable, "-m", "bot", "chat-keys", "@TraficoValle"], b""
    child, terminal = pty.fork()
    if not child:
        os.chdir(ROOT)
        os.execve(command[0], command, stage.environment)
    with contextlib.suppress(OSError):  # the end of what it says
        while part := os.read(terminal, 1024):
            said += part
            if said.endswith(b"(not shown): "):
                os.write(terminal, pin.encode() + b"\n")
    assert os.waitpid(child, 0)[1] == 0, said.decode()
    assert pin.encode() not in said
    return str(made["keys"])


def left_anywhere(stage: Stage, *secrets: bytes) -> list[bytes]:
    """Which of these stand in a file of the service's or of its logs, as they are, in base64 or in hex."""
    files = [f.read_bytes() for f in stage.folder.rglob("*") if f.is_file()]
    written = [way for one in secrets for way in (one, base64.b64encode(one).rstrip(b"="), one.hex().encode())]
    return [way for way in written if any(way in file for file in files)]


def posted(stage: Stage, *texts: str) -> None:
    """X was told each of these once, and no other."""

    def is_so() -> bool:
        told = {k.split(":", 1)[1]: n for k, n in stage.accepted("post").items()}
        return told == dict.fromkeys(texts, 1)

    stage.wait(f"posted once: {texts}", is_so)


def test_an_encrypted_dm_is_posted_once_whoever_dies_and_taken_back_and_goodbye_takes_the_keys(stage: Stage) -> None:
    ready(stage)
    blob = base64.b64decode(unlocked(stage, PIN))
    stage.wait("encrypted DMs are brought too", lambda: stage.x()["subscriptions"] == 3)
    says(stage, "choque uno", both=True)
    posted(stage, "choque uno")
    stage.wait("its key is kept", lambda: rows(stage, KEPT)[0][:2] == (1, 1))
    stage.faults(shuffled=1, doubled=1)
    stage.do("/sandbox/x/chat", act="rotate", handle="maria_rdz", to="TraficoValle", alone=True)
    stage.kill("worker")
    stage.kill("streams")
    says(stage, "choque dos")  # nobody listens: it is read back
    stage.start("streams", "worker")
    stage.wait("it listens again", lambda: stage.x()["stream"]["connected"])
    stage.faults(shuffled=0, doubled=0, chat_forged={"rate": 1, "times": 1, "answer": "altered"})
    says(stage, "choque falso")
    last = says(stage, "choque tres")
    posted(stage, "choque uno", "choque dos", "choque tres")
    stage.wait("both keys are kept", lambda: rows(stage, KEPT)[0][:2] == (1, 2))
    stage.do("/sandbox/x/chat", act="delete", id=last)
    stage.wait("its copy is taken back", lambda: len(stage.accepted("delete")) == 1)
    assert [p["text"] for p in stage.timeline("TraficoValle")] == ["choque dos", "choque uno"]
    stage.tell(f"mi PIN es {PIN}", "parecía un PIN")
    (talk,) = stage.get("/sandbox/x/chat")["conversations"]
    keys = [base64.b64decode(key) for key in talk["keys"].values()]
    assert left_anywhere(stage, PIN.encode(), blob, blob[:32], blob[32:], *keys) == []
    stage.press(stage.tell("/disconnect @TraficoValle", "Desconectar"), "Sí, desconectar")
    stage.bot_says("X confirmó")
    assert rows(stage, KEPT) == [(0, 0, 0)]
    assert "choque" not in stage.log_text()
