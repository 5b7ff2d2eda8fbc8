"""What is past its time goes in bites: so few rows at once that nobody notices, each bite a transaction of its own.

Whoever dies over it leaves the rest to the next, and two at once take nothing twice: what a bite sums up is what it
deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import peewee as pw

from models.database import as_tuples, transaction


@dataclass(frozen=True, slots=True)
class Bite:
    """How many rows are gone, and the id up to which was looked; None where there is nothing more to look at."""

    gone: int
    upto: int | None


Forget = Callable[[datetime, int, int], Bite]  # now, the id up to which was looked, at most so many rows
NOTHING = Bite(0, None)


def in_order(table: type[pw.Model], at: Any, before: datetime, after: int, most: int) -> tuple[list[int], int | None]:
    """Ids of rows that are older than an instant, where ids and ages go together, and the id up to which was looked.

    Nothing is locked: who deletes them says once more what they must be.
    """
    key: Any = table._meta.primary_key
    rows = as_tuples(table.select(key, at).where(key > after).order_by(key).limit(most))
    old = [i for i, instant in rows if instant < before]
    return old, rows[-1][0] if old and len(rows) == most else None


def by_age(table: type[pw.Model], at: Any, before: datetime, most: int) -> Bite:
    """Delete the oldest rows, found by the index of their age."""
    key: Any = table._meta.primary_key
    ids = [i for (i,) in as_tuples(table.select(key).where(at < before).order_by(at).limit(most))]
    if not ids:
        return NOTHING
    gone = taken(table.delete().where(key.in_(ids) & (at < before)))
    return Bite(gone, 0 if len(ids) == most and gone else None)


def taken(query: Any) -> int:
    """Run what deletes or marks a bite, in its turn; how many rows."""
    with transaction():
        return int(query.execute())
