"""The embedded Redis: shared, never two, gone with the last process however it died."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from sandbox.stage import ROOT
from tasks.embedded_redis import socket_path

HOLDER = """
import sys; from pathlib import Path
from tasks.embedded_redis import ensure
print(ensure(Path(sys.argv[1])), flush=True); sys.stdin.read()
"""


def holder(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLDER, str(folder)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def servers(folder: Path) -> list[psutil.Process]:
    """The Redis servers that run for this folder."""
    found = []
    for process in psutil.process_iter(["name", "cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "redis-server" in line and str(socket_path(folder)) in line and process.info["name"] != "sh":
            found.append(process)
    return found


def until(look: Callable[[], bool], within: float = 15) -> bool:
    deadline = time.monotonic() + within
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_it_is_shared_survives_a_death_and_ends_with_the_last(tmp_path: Path) -> None:
    holders = [holder(tmp_path) for _ in range(4)]
    for process in holders:
        assert process.stdout is not None
        assert "redis.sock" in process.stdout.readline() or "canales-" in str(socket_path(tmp_path))
    assert len(servers(tmp_path)) == 1
    server = servers(tmp_path)[0].pid
    holders[0].kill()
    holders[0].wait()
    holders[1].communicate("")
    assert [s.pid for s in servers(tmp_path)] == [server]
    for process in holders[2:]:
        process.kill()
        process.wait()
    assert until(lambda: not servers(tmp_path))


def test_it_is_started_again_after_it_died(tmp_path: Path) -> None:
    first = holder(tmp_path)
    assert first.stdout is not None
    first.stdout.readline()
    servers(tmp_path)[0].kill()
    assert until(lambda: not servers(tmp_path))
    second = holder(tmp_path)
    assert second.stdout is not None
    second.stdout.readline()
    assert len(servers(tmp_path)) == 1
    for process in (first, second):
        process.kill()
        process.wait()
    assert until(lambda: not servers(tmp_path))


def test_a_long_path_gets_a_socket_that_fits(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    assert len(str(socket_path(deep))) < 100
    assert socket_path(deep) != socket_path(deep / "c")
