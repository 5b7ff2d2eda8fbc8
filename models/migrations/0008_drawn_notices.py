"""When a delivered notice was last drawn anew, so that an older drawing never stays on top of it."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    migrator.migrate(migrator.add_column("notice", "drawn_at", pw.BigIntegerField(null=True)))
