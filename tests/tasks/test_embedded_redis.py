"""The embedded Redis: shared, never two, gone with the last process however it died."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from sandbox.stage import ROOT
from tasks.embedded_redis import RedisDidNotStart, _held, _server, ensure, socket_path

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


def guardians(folder: Path) -> list[str]:
    """What else runs for this folder, but its servers and those who hold it."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if str(folder / "service.lock") in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(str(process.info["name"]))
    return sorted(found)


def test_one_that_hangs_is_killed_and_one_started_however_many_look_at_once(tmp_path: Path) -> None:
    first = holder(tmp_path)
    assert first.stdout is not None
    first.stdout.readline()
    hung = servers(tmp_path)[0]
    alone = guardians(tmp_path)
    hung.suspend()
    holders = [first, *(holder(tmp_path) for _ in range(5))]
    for process in holders[1:]:
        assert process.stdout is not None
        assert any(line.strip() == str(socket_path(tmp_path)) for line in process.stdout), "each has its server"
    assert [s.pid for s in servers(tmp_path)] != [hung.pid]
    assert len(servers(tmp_path)) == 1
    assert until(lambda: guardians(tmp_path) == alone), guardians(tmp_path)
    for process in holders:
        process.kill()
        process.wait()
    assert until(lambda: not servers(tmp_path) and not guardians(tmp_path))


def test_a_hung_one_ends_with_the_last_process_too(tmp_path: Path) -> None:
    only = holder(tmp_path)
    assert only.stdout is not None
    only.stdout.readline()
    servers(tmp_path)[0].suspend()
    only.kill()
    only.wait()
    assert until(lambda: not servers(tmp_path) and not guardians(tmp_path))


def test_however_often_it_dies_there_is_one_guardian(tmp_path: Path) -> None:
    try:
        for _ in range(5):
            ensure(tmp_path)
            servers(tmp_path)[0].kill()
            assert until(lambda: not servers(tmp_path))
        ensure(tmp_path)
        assert len(servers(tmp_path)) == 1
        assert until(lambda: guardians(tmp_path) == ["flock", "sh"]), guardians(tmp_path)
    finally:
        _held.pop(tmp_path.resolve()).close()
    assert until(lambda: not servers(tmp_path) and not guardians(tmp_path))


def test_a_guardian_that_hangs_too_or_is_gone_is_no_way_to_a_second_server(tmp_path: Path) -> None:
    try:
        for spoil in (signal.SIGSTOP, signal.SIGKILL):
            ensure(tmp_path)
            server, guardian, _ = [int(pid) for pid in (tmp_path / "redis.pid").read_text().split()]
            os.kill(guardian, spoil)
            os.kill(server, signal.SIGSTOP)
            ensure(tmp_path)
            assert [s.pid for s in servers(tmp_path)] != [server]
            assert len(servers(tmp_path)) == 1
            assert until(lambda: guardians(tmp_path) == ["flock", "sh"]), guardians(tmp_path)
    finally:
        _held.pop(tmp_path.resolve()).close()
    assert until(lambda: not servers(tmp_path) and not guardians(tmp_path))


def test_nobody_is_killed_whose_number_was_a_server_s_once(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "600"])
    (tmp_path / "redis.pid").write_text(f"{bystander.pid} {bystander.pid} {bystander.pid}\n")
    try:
        ensure(tmp_path)
        assert bystander.poll() is None
    finally:
        _held.pop(tmp_path.resolve()).close()
        bystander.kill()
        bystander.wait()
    assert until(lambda: not servers(tmp_path))


@pytest.mark.parametrize("spoil", ["hung", "without its socket"])
def test_one_that_nobody_has_written_down_is_known_by_what_it_is(tmp_path: Path, spoil: str) -> None:
    options = ["--port", "0", "--unixsocket", str(socket_path(tmp_path)), "--dir", str(tmp_path), "--save", ""]
    before = subprocess.Popen([str(_server()), *options], stdout=subprocess.DEVNULL)  # as the release before had it
    other = tmp_path / "other"
    other.mkdir()
    options = ["--port", "0", "--unixsocket", str(socket_path(other)), "--dir", str(other), "--save", ""]
    elsewhere = subprocess.Popen([str(_server()), *options], stdout=subprocess.DEVNULL)
    try:
        assert until(socket_path(tmp_path).exists)
        if spoil == "hung":
            before.send_signal(signal.SIGSTOP)
        else:
            socket_path(tmp_path).unlink()
        ensure(tmp_path)
        assert before.wait(5) == -signal.SIGKILL
        assert len(servers(tmp_path)) == 1
        assert elsewhere.poll() is None
    finally:
        _held.pop(tmp_path.resolve()).close()
        for process in (before, elsewhere):
            process.kill()
            process.wait()
    assert until(lambda: not servers(tmp_path))


def test_one_that_can_t_start_says_so_at_once(tmp_path: Path) -> None:
    (tmp_path / "redis.sock").mkdir()
    try:
        with pytest.raises(RedisDidNotStart, match=r"redis\.log"):
            ensure(tmp_path)
    finally:
        _held.pop(tmp_path.resolve()).close()
    assert until(lambda: not guardians(tmp_path))
