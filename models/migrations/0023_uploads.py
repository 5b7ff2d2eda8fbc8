"""Uploads that X works on for ever, or does not describe; what of an album was left out of a draft."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    migrator.migrate(
        migrator.add_column("upload", "asked_since", pw.BigIntegerField(null=True)),
        migrator.add_column("upload", "undescribed", pw.BooleanField(default=False)),
        migrator.add_column("draft", "left_out", pw.IntegerField(default=0)),
    )
