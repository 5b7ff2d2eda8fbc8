"""Redis dead, hung, full, a replica, flushed, never there: a worker goes on, ends no thread, fills no log, and comes back to it."""

import os
import pickle
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import redis

from sandbox.forked import Process
from sandbox.ports import free_port
from tasks.embedded_redis import socket_path
from tests.tasks.nearby_x import soon
from tests.tasks.test_embedded_redis import servers

LISTENING = 3
LINES = 6


class Worker:
    """A real worker of a queue with a clock, and what it said."""

    def __init__(self, folder: Path, redis_url: str = "") -> None:
        self.folder = folder
        self._log = folder / "worker.log"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        more = {"DATA_DIR": str(folder), "REDIS_URL": redis_url, "PYTHONUNBUFFERED": "1", "PATH": path}
        self._log.touch()
        assert Process("migrate", "python -m bot migrate", os.environ | more, folder / "migrated.log").wait(60) == 0
        line = f"huey_consumer tests.tasks.a_worker.queue -w {LISTENING} -g TERM -t 5 -q"
        self.process = Process("trial", line, os.environ | more, self._log)

    @property
    def said(self) -> list[str]:
        return [line for line in self._log.read_text().splitlines() if not line.startswith(("did ", "a minute"))]

    @property
    def did(self) -> int:
        return self._log.read_text().count("did ")

    @property
    def periodic(self) -> bool:
        """Whether what Huey's scheduler rings for was done."""
        return "a minute" in self._log.read_text()

    def goes_on(self, times: int = 1) -> None:
        """It does what its clock rings for."""
        before = self.did
        soon(lambda: self.did >= before + times, 40)

    def redis(self) -> "redis.Redis":
        return redis.Redis(unix_socket_path=str(socket_path(self.folder)))


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    with running(Worker(tmp_path)) as found:
        yield found


@contextmanager
def running(worker: Worker) -> Iterator[Worker]:
    try:
        worker.goes_on()
        yield worker
    finally:
        worker.process.kill()
        worker.process.wait(60)
    soon(lambda: not servers(worker.folder))


def _killed(worker: Worker) -> None:
    servers(worker.folder)[0].kill()


def _hung(worker: Worker) -> None:
    servers(worker.folder)[0].suspend()


def _full(worker: Worker) -> None:
    worker.redis().config_set("maxmemory", 1)


def _read_only(worker: Worker) -> None:
    worker.redis().replicaof("127.0.0.1", free_port())


def _without_replicas(worker: Worker) -> None:
    worker.redis().config_set("min-replicas-to-write", 1)


def _not_full(worker: Worker) -> None:
    worker.redis().config_set("maxmemory", 0)


def _not_read_only(worker: Worker) -> None:
    worker.redis().replicaof("NO", "ONE")


def _with_replicas(worker: Worker) -> None:
    worker.redis().config_set("min-replicas-to-write", 0)


def _alone(worker: Worker) -> None:
    """It gets well by itself."""


@pytest.mark.parametrize(
    ("ill", "well"),
    [
        (_killed, _alone),
        (_hung, _alone),
        (_full, _not_full),
        (_read_only, _not_read_only),
        (_without_replicas, _with_replicas),
    ],
)
def test_whatever_redis_has_a_worker_goes_on_and_comes_back_to_it(
    worker: Worker, ill: Callable[[Worker], None], well: Callable[[Worker], None]
) -> None:
    ill(worker)
    worker.goes_on(3)
    well(worker)
    soon(lambda: any("redis is back" in line for line in worker.said), 40)
    worker.goes_on()
    assert listeners(worker) >= LISTENING, "its threads listen again"
    assert len(worker.said) <= LINES, worker.said
    assert len(servers(worker.folder)) == 1


def test_a_redis_that_is_flushed_again_and_again_costs_nothing(worker: Worker) -> None:
    over = threading.Event()

    def flush() -> None:
        client = worker.redis()
        while not over.is_set():
            client.flushall()

    flushing = threading.Thread(target=flush)
    flushing.start()
    try:
        worker.goes_on(5)
    finally:
        over.set()
        flushing.join()
    assert worker.said == []


def test_without_any_redis_a_worker_does_all_by_itself_and_ends_when_told(tmp_path: Path) -> None:
    with running(Worker(tmp_path, f"redis://127.0.0.1:{free_port()}/0")) as worker:
        worker.goes_on(3)
        assert worker.periodic
        assert len(worker.said) <= 2, worker.said
        assert "redis is away" in worker.said[0]
        worker.process.send_signal(signal.SIGTERM)
        worker.process.wait(20)


def test_a_redis_that_takes_connections_and_never_says_a_word_is_as_none(tmp_path: Path) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
    with silent, running(Worker(tmp_path, url)) as worker:
        worker.goes_on(3)
        assert len(worker.said) <= 2, worker.said
        assert "TimeoutError" in worker.said[0]


def test_what_somebody_else_has_put_into_a_queue_is_never_unpickled(worker: Worker, tmp_path: Path) -> None:
    sign = tmp_path / "unpickled"

    class Forged:
        def __reduce__(self) -> tuple[object, ...]:
            return open, (str(sign), "w")

    key = "huey.redis.canalestrial"
    for n, data in enumerate((pickle.dumps(Forged()), b"", b"\x00\xff", pickle.dumps(Forged()) + b":" + b"0" * 40)):
        worker.redis().zadd(key, {n.to_bytes(8) + data: -1000})
    soon(lambda: worker.redis().zcard(key) == 0)
    worker.goes_on()
    assert not sign.exists()
    assert [line for line in worker.said if "job dropped" not in line] == []
    assert len(worker.said) == 1, "four were dropped at once, which is one line"


def listeners(worker: Worker) -> int:
    """How many of its threads wait for a bell now, as Redis sees it."""
    seen = 0

    def look() -> bool:
        nonlocal seen
        clients = worker.redis().client_list()
        seen = sum(client["cmd"] == "bzpopmin" for client in clients)
        return seen >= LISTENING

    soon(look, 20)
    assert psutil.Process(worker.process.pid).num_threads() > LISTENING
    return seen
