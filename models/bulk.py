"""Thousands of rows at once: few statements, whose text is the same however many rows there are.

To PostgreSQL a column of values goes as one array; SQLite is as quick row by row. Statements are written with `?`.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import peewee as pw

from models.database import db, is_sqlite

VALUES = re.compile(r"VALUES \(([^()]*\?[^()]*)\)")
TYPES = {bool: "boolean", int: "bigint", str: "text"}
Row = tuple[Any, ...]


@contextmanager
def unanswered() -> Iterator[None]:
    """Statements that return nothing: PostgreSQL is sent one after the other, and waited for at the end, once.

    Raises peewee's errors, at the latest there.
    """
    if is_sqlite():
        yield
        return
    with pw.__exception_wrapper__, db.connection().pipeline():  # type: ignore[attr-defined]
        yield


def execute_many(sql: str, rows: Sequence[Row]) -> None:
    """One statement over many rows. Raises peewee's errors, as everything else here does."""
    if not rows:
        return
    pw.logger.debug((sql, rows[0]))  # type: ignore[attr-defined]  # as peewee does with its own
    with pw.__exception_wrapper__:  # type: ignore[attr-defined]
        cursor = db.connection().cursor()
        if is_sqlite():
            cursor.executemany(sql, rows)
            return
        columns = list(zip(*rows, strict=True))
        types = [_type(column) for column in columns]
        inserts = VALUES.search(sql)
        if inserts is None or None in types:
            cursor.executemany(sql.replace("?", "%s"), rows)
            return
        names = [f"c{n}" for n in range(len(columns))]
        left = iter(names)
        selected = re.sub(r"\?", lambda _: next(left), inserts[1])
        given = f"SELECT {selected} FROM {_arrays(types)} AS given({', '.join(names)})"  # noqa: S608
        cursor.execute(sql.replace(inserts[0], given), [list(column) for column in columns])


def rows_for_pairs(sql: str, keys: list[tuple[int, Any]], *more: Any, size: int = 250) -> list[Row]:
    """The rows for pairs of values, which stand where the statement has `VALUES …`; `more` come after them.

    Write `WITH asked(…) AS (VALUES …) … FROM asked CROSS JOIN …`: SQLite uses no index for `(a, b) IN (VALUES …)`.
    """
    if not keys:
        return []
    if not is_sqlite():
        columns = list(zip(*keys, strict=True))
        pairs = f"SELECT * FROM {_arrays([_type(column) for column in columns])}"  # noqa: S608
        marked = sql.replace("VALUES …", pairs).replace("?", "%s")
        return list(db.execute_sql(marked, [*map(list, columns), *more]).fetchall())
    rows: list[Row] = []
    for at in range(0, len(keys), size):
        part = keys[at : at + size]
        marked = sql.replace("…", ", ".join("(?, ?)" for _ in part))
        rows += db.execute_sql(marked, [*(v for key in part for v in key), *more]).fetchall()
    return rows


def among(column: Any, values: Collection[Any]) -> pw.Expression:
    """Whether a column is one of these, for a statement (models/statements.py) that is given them as a whole."""
    if is_sqlite():
        each = pw.NodeList((pw.SQL("(SELECT value FROM json_each("), values, pw.SQL("))")), glue="")
        return pw.Expression(column, pw.OP.IN, each)
    return pw.Expression(column, pw.OP.EQ, pw.fn.ANY(values))


def as_a_whole(values: Collection[Any]) -> Any:
    """A list as one value of a statement."""
    return json.dumps(list(values)) if is_sqlite() else list(values)


def _type(column: Sequence[Any]) -> str | None:
    """What PostgreSQL calls values like these; None for what can't be told, or is not of one kind."""
    kinds = {type(value) for value in column if value is not None}
    return TYPES.get(kinds.pop()) if len(kinds) == 1 else None


def _arrays(types: Sequence[str | None]) -> str:
    return f"unnest({', '.join(f'%b::{kind}[]' for kind in types)})"
