"""What a service on a stage has stored, read while it runs, on SQLite and PostgreSQL."""

import json
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


def stream_state(stage: Stage) -> dict[str, Any]:
    """What who holds X's stream shows of it; nothing where nobody does."""
    found = rows(stage, "SELECT state FROM lease WHERE name = 'stream' AND state <> ''")
    return dict(json.loads(found[0][0])) if found else {}
