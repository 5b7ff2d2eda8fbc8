"""A draft of what is to be watched is over without being forgotten: its look was paid for, and counts for a day."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    migrator.migrate(migrator.add_column("watch_draft", "is_over", pw.BooleanField(default=False)))
