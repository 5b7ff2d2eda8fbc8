"""A real PostgreSQL of the tests' own, from a wheel: a server for a run, and as many empty databases as are wanted.

The processes of a run share one: making a server costs more than most of the tests that ask for one.
"""

import fcntl
import getpass
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

TRIES = 3
MOST_CONNECTIONS = 400  # a process of the tests' has some, and the stages of eight may run at once
#: How many of this database's wait for somebody else's lock, also as it is seen inside of one transaction.
WAITING_FOR_LOCKS = """
    SELECT COUNT(*) FROM pg_locks AS waits WHERE NOT granted AND EXISTS (
        SELECT 1 FROM pg_locks AS has JOIN pg_database AS here ON here.oid = has.database
        WHERE has.pid = waits.pid AND here.datname = current_database()
    )
"""


class Server:
    """A server that runs; `url` is that of its first database."""

    def __init__(self, running: Any) -> None:
        self._running = running
        self.url = str(running.get_uri())

    def empty(self, name: str) -> str:
        """The address of a new database of this name; one that was there goes."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")
        return str(self._running.get_uri(database=name))


def control(url: str, what: str) -> Callable[[], None]:
    """`restart` or `stop` the server behind this address as its administrator would; what starts it again."""
    from pgserver._commands import pg_ctl  # type: ignore[attr-defined]  # it makes its functions when it is imported

    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    folder = Path(str(row[0]))
    user = {"user": folder.owner()} if folder.owner() != getpass.getuser() else {}
    _, *options = shlex.split((folder / "postmaster.opts").read_text())
    pg_ctl(["-w", "-m", "fast", what], pgdata=folder, **user)

    def start() -> None:
        given = ["-o", shlex.join(options), "-l", str(folder / "log")]
        pg_ctl(["-w", *given, "start"], pgdata=folder, **user)

    return start


def _started(folder: Path) -> Any:
    """It has ten seconds to start in, which a busy machine may not give it."""
    from pgserver.postgres_server import PostgresServer, get_server

    for _ in range(TRIES):
        try:
            return get_server(folder, cleanup_mode="delete")
        except subprocess.SubprocessError:
            PostgresServer._instances.pop(folder.resolve(), None)
    return get_server(folder, cleanup_mode="delete")


@contextmanager
def server(*switched_off: str, folder: Path | None = None) -> Iterator[Server]:
    """A server as long as this lasts, with these settings off (what a crash of the machine could lose).

    Who names the same `folder` has the same; it ends with the last of them, and its files with it.
    """
    from pgserver.utils import PostmasterInfo

    folder = folder or Path(tempfile.mkdtemp(prefix="canales-pg-"))
    with _alone(folder):  # the first one makes it
        folder.mkdir(parents=True, exist_ok=True)
        is_new = not (folder / "PG_VERSION").exists()
        running = _started(folder)
        found = Server(running)
        if is_new:
            with (folder / "postgresql.conf").open("a") as conf:
                conf.writelines(f"{setting} = off\n" for setting in switched_off)
                conf.write(f"max_connections = {MOST_CONNECTIONS}\n")
            control(found.url, "restart")
    try:
        yield found
    finally:
        with _alone(folder):
            running._postmaster_info = PostmasterInfo.read_from_pgdata(
                folder
            )  # it was restarted, and is another process
            running.cleanup()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else makes or ends a server there meanwhile."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
