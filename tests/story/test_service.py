"""`make run`: all processes of the Procfile as children of one, each started again, all ended with it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.service import procfile
from sandbox.stage import ROOT, Stage

OF_OWN_LINES = """
import json, os, sys
from bot.service import Service
sys.exit(Service(json.loads(sys.argv[1]), dict(os.environ), ("All run.",)).run())
"""
PROGRAM = "python -m tests.story.a_program"


class Running:
    """A started `make run`, or something like it, with what it printed."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str]) -> None:
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        self._known: dict[int, psutil.Process] = {}

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def child(self, name: str) -> psutil.Process:
        """The process of a line, by the name that `ps` shows."""
        return next(c for c in self.children() if Path(f"/proc/{c.pid}/comm").read_text().strip() == f"canales-{name}")

    def children(self) -> list[psutil.Process]:
        me = psutil.Process(self.process.pid)
        self._known |= {c.pid: c for c in me.children(recursive=True)}
        return list(me.children())

    def left(self) -> list[psutil.Process]:
        """The children ever seen that are still there."""
        return [c for c in self._known.values() if c.is_running() and c.status() != psutil.STATUS_ZOMBIE]

    def until(self, what: str, look: Callable[[], Any], within: float = 60) -> Any:
        deadline = time.monotonic() + within
        while not (found := look()):
            assert time.monotonic() < deadline, f"not seen: {what}\n{self.said[-3000:]}"
            time.sleep(0.03)
        return found

    def says(self, pattern: str, within: float = 60) -> "re.Match[str]":
        found = self.until(pattern, lambda: re.search(pattern, self.said), within)
        assert isinstance(found, re.Match)
        return found

    def end(self) -> float:
        """SIGTERM; how many seconds until it and all of its children were gone."""
        self.children()
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(20)
        return time.monotonic() - began

    def kill(self) -> None:
        self.children()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(lines: dict[str, str] | None = None, **environment: str) -> Running:
        command = [sys.executable, "-m", "bot", "run"]
        if lines is not None:
            command = [sys.executable, "-c", OF_OWN_LINES, json.dumps(lines)]
        log = tmp_path / f"run{len(started)}.log"
        started.append(Running(command, log, {**os.environ, **environment}))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.kill()


def test_all_processes_run_and_a_killed_one_is_started_again(stage: Stage, run: Callable[..., Running]) -> None:
    service = run(**stage.environment)
    service.says("bot runs")
    stage.connect()
    stage.tell("/triggers add choque", "1 disparador")
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2)
    names = set(procfile()) - {"release"}
    before = {name: service.child(name).pid for name in names}
    assert len(service.children()) == len(names)
    assert "Everything is there" in stage.command("bot", "check"), "also beside a service that runs"
    os.kill(before["voices"], signal.SIGKILL)
    service.says(r"voices   \| ended with -9, started again")
    after = service.until("voices is back", lambda: [c for c in service.children() if c.pid not in before.values()])
    stage.mention("maria_rdz", "choque @TraficoValle")
    stage.wait("reposted", lambda: stage.accepted("repost"))
    assert [c.pid for c in after] == [service.child("voices").pid]
    assert {name: service.child(name).pid for name in names - {"voices"}} == {
        name: pid for name, pid in before.items() if name != "voices"
    }
    assert service.end() < 10
    assert service.process.returncode == 0
    assert service.left() == []
    assert re.search(r"streams  \| .*stream lease given back", service.said)
    assert service.said.count("ended with") == 1


def test_kill_9_of_the_one_that_started_them_ends_all(stage: Stage, run: Callable[..., Running]) -> None:
    service = run(**stage.environment)
    service.says("stream connected")
    service.says("bot runs")
    service.kill()
    service.until("all are gone", lambda: not service.left(), 60)
    again = run(**stage.environment)  # nothing of theirs is in its way
    again.says("stream connected")
    again.says("bot runs")
    assert "ended with" not in again.said


def test_a_release_that_fails_ends_it_before_anything_runs(run: Callable[..., Running]) -> None:
    service = run({"release": f"{PROGRAM} fails", "other": "echo it ran"})
    assert service.process.wait(30) == 1
    assert "as it was told" in service.said
    assert "it ran" not in service.said


def test_what_a_child_finds_around_it(run: Callable[..., Running]) -> None:
    lines = {
        "release": "true",
        "shared": f"{PROGRAM} one two=2",
        "shell": f"GREETING=bye {PROGRAM}",
        "pipe": 'echo "$GREETING from a shell" && yes | head -1 && sleep 600',
    }
    service = run(lines, GREETING="hello")
    shared = json.loads(service.says(r"shared   \| (\{.*\})")[1])
    assert shared == {
        "arguments": ["one", "two=2"], "greeting": "hello", "parent": service.process.pid, "leads_its_session": True,
        "files": [0, 1, 2], "hears_term": True, "blocks": 0, "threads": 1, "shares": True, "folder": str(ROOT),
    }  # fmt: skip
    shell = json.loads(service.says(r"shell    \| (\{.*\})")[1])
    assert shell == {**shared, "arguments": [], "greeting": "bye", "shares": False}
    service.says(r"pipe     \| hello from a shell\n")
    service.says(r"pipe     \| y\n")  # what others say may stand between
    assert "Broken pipe" not in service.said
    assert service.end() < 9
    assert service.left() == []


def test_one_that_fails_is_told_of_and_one_that_does_not_hear_is_killed(run: Callable[..., Running]) -> None:
    service = run({"deaf": f"{PROGRAM} deaf", "fails": f"{PROGRAM} fails", "lost": "no-such-program"})
    service.says(r"(?s)fails    \| ValueError: as it was told.*fails    \| ended with 1, started again")
    service.says(r"lost     \| ended with 127, started again")
    service.says(r"deaf     \| \{")
    service.until("tried again", lambda: service.said.count("ValueError: as it was told") > 1)
    assert service.said.count("Traceback") == service.said.count("ValueError: as it was told")
    assert service.end() > 9  # it was given its time
    assert service.process.returncode == 0
    assert service.left() == []
