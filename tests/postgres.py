"""A real PostgreSQL of the tests' own, from a wheel: a server for a run, and as many empty databases as are wanted."""

import getpass
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


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


@contextmanager
def server(*switched_off: str) -> Iterator[Server]:
    """A server as long as this lasts, with these settings off (what a crash of the machine could lose)."""
    from pgserver.postgres_server import get_server

    running = get_server(Path(tempfile.mkdtemp(prefix="canales-pg-")))
    found = Server(running)
    with psycopg.connect(found.url, autocommit=True) as connection:
        for setting in switched_off:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    try:
        yield found
    finally:
        running.cleanup()
