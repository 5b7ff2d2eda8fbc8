"""What a service on a stage has stored, read while it runs, on SQLite and PostgreSQL."""

import sqlite3
from typing import Any

import psycopg

from sandbox.stage import Stage


def rows(stage: Stage, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query; nothing is written."""
    url = stage.environment["DATABASE_URL"]
    if url:
        with psycopg.connect(url, autocommit=True) as connection:
            return connection.execute(sql).fetchall()
    with sqlite3.connect(f"file:{stage.folder}/data/canales.db?mode=ro", uri=True, timeout=15) as found:
        return found.execute(sql).fetchall()
