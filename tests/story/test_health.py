"""Each kind of process is killed, and frozen, in turn: it is named, and so is its return."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

from bot.service import procfile
from sandbox.stage import ANA, Stage
from tests.story.test_trouble import ready

LINES = tuple(name for name in procfile() if name != "release")


def healthz(stage: Stage) -> tuple[int, dict[str, Any]]:
    """What /healthz says; 0 where nobody answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{stage.port}/healthz", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())
    except OSError:
        return 0, {}


def well(stage: Stage) -> bool:
    return healthz(stage)[0] == 200


def named(stage: Stage, name: str) -> bool:
    """Whether it says that this one is missing; of itself by saying nothing."""
    status, found = healthz(stage)
    return (
        status == 0 if name == "web" else any(w.startswith(f"{name}: no such process") for w in found.get("wrong", ()))
    )


def took(stage: Stage, what: str, look: Any) -> float:
    began = time.monotonic()
    stage.wait(what, look, 60)
    return time.monotonic() - began


def test_a_process_that_is_killed_or_frozen_is_named_and_its_return(stage: Stage) -> None:
    """By the page, and by an alarm to who runs the service; that of the bot by whoever looks."""
    stage._settings = {"ADMIN_IDS": str(ANA)}
    ready(stage, *LINES)
    stage.wait("all is well", lambda: well(stage))
    seconds: dict[str, tuple[float, float]] = {}
    for name in LINES:
        before = stage.last_id()
        stage.kill(name)
        gone = took(stage, f"{name} is missed", lambda name=name: named(stage, name))
        stage.bot_says(f"El proceso {name} en .* ya no está", after=before)
        stage.start(name)
        seconds[f"{name} killed"] = gone, took(stage, f"{name} is back", lambda: well(stage))
        stage.bot_says(f"Ya no falta {name} en ", after=before)
    for name in LINES:
        os.kill(stage.processes[name].pid, signal.SIGSTOP)
        gone = took(stage, f"{name} is missed", lambda name=name: named(stage, name))
        os.kill(stage.processes[name].pid, signal.SIGCONT)
        seconds[f"{name} frozen"] = gone, took(stage, f"{name} is back", lambda: well(stage))
    print({what: (round(gone, 1), round(back, 1)) for what, (gone, back) in seconds.items()})


def test_a_wrong_bearer_token_and_a_telegram_that_refuses_are_named(stage: Stage) -> None:
    stage._settings = {"X_BEARER_TOKEN": "wrong"}
    stage.start(*LINES)
    stage.wait(
        "the token is named",
        lambda: any("X refuses X_BEARER_TOKEN (HTTP 401)" in w for w in healthz(stage)[1].get("wrong", ())),
    )
    stage.wait("the bot runs", lambda: "bot runs" in stage.log_text())
    stage.faults(telegram_down=1)
    stage.wait(
        "polling is named",
        lambda: any(w.startswith("web: polling: updates can't be fetched") for w in healthz(stage)[1]["wrong"]),
    )


@pytest.mark.world
def test_what_the_stream_swallowed_is_posted_all_the_same(stage: Stage) -> None:
    stage._settings = {"RECONCILE_EVERY": "5s"}
    ready(stage, *LINES)

    def looks_ahead() -> int:
        return int(healthz(stage)[1]["stream"].get("looks_ahead", 0))

    stage.wait("what was said before the connect is looked for", looks_ahead)
    stage.wait("no look of the connect is left that could find it", lambda: not looks_ahead(), 100)
    stage.faults(swallowed={"rate": 1, "times": 1})
    stage.mention("maria_rdz", "choque que nadie trajo @TraficoValle")
    stage.mention("maria_rdz", "choque que sí llegó @TraficoValle")
    stage.wait("both are reposted", lambda: len(stage.accepted("repost")) == 2, 150)
    assert set(stage.accepted("repost").values()) == {1}
    assert "the stream had swallowed" in stage.log_text()


def test_a_stream_that_x_accepts_and_closes_is_named_and_not_knocked_at(stage: Stage) -> None:
    ready(stage, *LINES)
    stage.faults(accept_then_close=1)
    stage.do("/sandbox/x/act", act="disconnect")
    stage.wait("it is named", lambda: any("before they had lived" in w for w in healthz(stage)[1]["wrong"]))
    assert stage.x()["stream"]["connects"] < 12
    stage.mention("maria_rdz", "choque entretanto @TraficoValle")
    stage.faults(accept_then_close=0)
    stage.wait("what was said meanwhile is read back", lambda: stage.accepted("repost"))
