"""Statements that pass thousands of times a minute: written like any other, made SQL of once.

    @statement
    def _of_channel(channel_id: int, before: datetime) -> pw.Query:
        return Tweet.select(Tweet.id).where((Tweet.channel_id == channel_id) & (Tweet.due_at < before))

    _of_channel.rows(7, now)

The function runs once for each kind of database, with marks in place of its arguments: it says where they go, and must
not look at them.
"""

import inspect
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Any, Generic, ParamSpec, TypeVar

import peewee as pw

from models.bulk import as_a_whole
from models.database import db, to_stored

P = ParamSpec("P")
M = TypeVar("M", bound=pw.Model)


class _Mark(pw.Node):
    """Where an argument goes."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __sql__(self, ctx: Any) -> Any:
        return ctx.value(self.name, self._itself)

    def _itself(self, _: str) -> "_Place":
        return _Place(self.name)


class _Place(str):
    """The name of an argument among the values of a statement."""

    __slots__ = ()


class Statement(Generic[P]):
    """See the module. What runs it says what it wants of it: rows, one row, or how many it changed."""

    def __init__(self, written: Callable[P, pw.Query]) -> None:
        self._written: Callable[..., pw.Query] = written
        self._names = tuple(inspect.signature(written).parameters)
        self._made: dict[type, tuple[str, list[Any]]] = {}

    def rows(self, *args: P.args, **kwargs: P.kwargs) -> list[tuple[Any, ...]]:
        """The rows, as the database has them."""
        return list(self._run(args, kwargs).fetchall())

    def first(self, *args: P.args, **kwargs: P.kwargs) -> tuple[Any, ...] | None:
        """The first row."""
        rows = self._run(args, kwargs).fetchall()
        return rows[0] if rows else None

    def changed(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """How many rows it changed; for what returns none."""
        return int(self._run(args, kwargs).rowcount)

    def _run(self, args: Any, kwargs: Any) -> Any:
        sql, values = self._made.get(type(db.obj)) or self._make()
        given = {**dict(zip(self._names, args, strict=False)), **kwargs}
        return db.execute_sql(sql, [_stored(given[v]) if type(v) is _Place else v for v in values])

    def _make(self) -> tuple[str, list[Any]]:
        marks = {name: _Mark(name) for name in self._names}
        sql, values = self._written(**marks).sql()
        made = self._made[type(db.obj)] = (sql, list(values))
        return made


def statement(written: Callable[P, pw.Query]) -> Statement[P]:
    """Make SQL of it once, when it is first run."""
    return Statement(written)


def as_row(table: type[M], found: tuple[Any, ...] | None) -> M | None:
    """What a statement found, all columns of a table, as a row of it; None where it found nothing."""
    return None if found is None else as_rows(table, [found])[0]


def as_rows(table: type[M], found: Iterable[tuple[Any, ...]]) -> list[M]:
    """The same for several."""
    fields = table._meta.sorted_fields
    return [
        table(__no_default__=1, **{f.name: f.python_value(value) for f, value in zip(fields, row, strict=True)})
        for row in found
    ]


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return to_stored(value)
    if isinstance(value, Enum):
        return value.value
    return as_a_whole(value) if isinstance(value, list | set | frozenset) else value
