"""A filled database of release 1.2.0, put into a database of either kind as that release left it.

`release_1_2.sql` is a dump of a service that was filled by its own chat in the sandbox and stopped in the middle: two
owners, six channels (one off, one disconnected, one whose token died, four of OAuth 1.0a), a member, words of all
roles, hours for mentions only, schedules of every status, tweets of every status, notices of every kind, a draft and
an import begun, and what that release left behind of a hashtag that was removed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from models import bulk, database

DUMP = Path(__file__).with_suffix(".sql")
LAST_MIGRATION = "0008_drawn_notices"
Row = dict[str, Any]


def secret_key() -> str:
    """The key of DATA_DIR that sealed its tokens."""
    return DUMP.read_text().split("SECRET_KEY: ", 1)[1].split("\n", 1)[0]


def load() -> None:
    """Put it into the empty database that is open."""
    if database.is_sqlite():
        database.db.connection().executescript(DUMP.read_text())
        return
    runner = Runner(database.db.obj, directory=str(database.MIGRATIONS), table_name="schema_migration")
    runner.up(target=LAST_MIGRATION)
    for name, rows in as_it_was().items():
        if rows and name != "schema_migration":
            _put(name, rows)


def as_it_was() -> dict[str, list[Row]]:
    """Its rows by table, as SQLite has them."""
    with _dumped() as old:
        return {name: _rows(old.execute(f'SELECT * FROM "{name}"')) for name in _tables(old)}


def as_it_is() -> dict[str, list[Row]]:
    """The rows of the database that is open, in the same form: true and false are 1 and 0, bytes are bytes."""
    found = {}
    for name in database.db.get_tables():
        rows = _rows(database.db.execute_sql(f'SELECT * FROM "{name}"'))
        found[name] = [{k: _plain(v) for k, v in row.items()} for row in rows]
    return found


def _put(name: str, rows: list[Row]) -> None:
    kinds = dict(
        database.db.execute_sql(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", (name,)
        ).fetchall()
    )
    columns, marks = ", ".join(f'"{c}"' for c in rows[0]), ", ".join("?" * len(rows[0]))
    values = [tuple(bool(v) if kinds[c] == "boolean" and v is not None else v for c, v in r.items()) for r in rows]
    bulk.execute_many(f'INSERT INTO "{name}" ({columns}) VALUES ({marks})', values)
    if "id" in kinds:
        most = f'(SELECT MAX(id) FROM "{name}")'
        database.db.execute_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {most})")


@contextmanager
def _dumped() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as old:
        old.executescript(DUMP.read_text())
        yield old


def _tables(old: sqlite3.Connection) -> list[str]:
    made = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [name for (name,) in old.execute(made)]


def _rows(found: Any) -> list[Row]:
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return bytes(value) if isinstance(value, memoryview) else value
