"""What a deleted schedule was, for who puts it back."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    migrator.migrate(migrator.add_column("schedule", "was", pw.TextField(default="")))
