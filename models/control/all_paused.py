"""Whether everything is paused by who runs the service, and since when: the one row that says so.

Whoever turns a channel on, or pauses or resumes all, takes it first (before the row of any channel) and until their
transaction ends: so of the two each is wholly before the other, and no channel comes between.
"""

from datetime import datetime

import peewee as pw

from models.database import InstantField, Table

THE_ONE = 1


class AllPaused(Table):
    """`since` None: not everything is paused."""

    id = pw.IntegerField(primary_key=True)
    since = InstantField(null=True)


def since() -> datetime | None:
    """Since when everything is paused, as it is shown; None where it is not. Who goes by it takes it (`taken`)."""
    found: AllPaused | None = AllPaused.get_or_none(AllPaused.id == THE_ONE)
    return None if found is None else found.since


def taken() -> datetime | None:
    """The same, and the row is the caller's until their transaction ends."""
    made = AllPaused.insert(id=THE_ONE).on_conflict(conflict_target=[AllPaused.id], update={AllPaused.id: AllPaused.id})
    row: AllPaused = next(iter(made.returning(AllPaused).execute()))
    return row.since


def begin(now: datetime) -> None:
    """Everything is paused, since now, or as long as it was. Call it in the transaction that pauses all."""
    if taken() is None:
        AllPaused.update(since=now).where((AllPaused.id == THE_ONE) & AllPaused.since.is_null()).execute()


def end() -> bool:
    """It is no longer so; False where it was not. Call it in the transaction that lets all go on."""
    taken()
    ended = AllPaused.update(since=None).where((AllPaused.id == THE_ONE) & AllPaused.since.is_null(False))
    return bool(ended.execute() == 1)
