"""A real PostgreSQL of the tests' own, from a wheel: a server for a run, and as many empty databases as are wanted."""

import tempfile
from collections.abc import Iterator
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
