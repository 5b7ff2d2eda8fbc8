"""Up to where the filtered stream was heard: one row for the app, moved on while nothing before it can be missing."""

import peewee as pw

from models.database import Table, transaction

ONLY = 1


class WatchStream(Table):
    """`heard_to`: everything up to this X id that its rules brought has been stored."""

    id = pw.IntegerField(primary_key=True)
    heard_to = pw.BigIntegerField(default=0)


def heard_to() -> int:
    """Up to where it was heard; 0 where it never was."""
    return int(WatchStream.select(WatchStream.heard_to).where(WatchStream.id == ONLY).scalar() or 0)


def heard(x_id: int) -> None:
    """Everything up to this X id is stored. It never goes back."""
    with transaction():
        made = WatchStream.insert(id=ONLY, heard_to=x_id)
        made.on_conflict(
            conflict_target=[WatchStream.id],
            update={WatchStream.heard_to: x_id},
            where=WatchStream.heard_to < x_id,
        ).execute()
