"""Roles of the team, what a change needs to be taken back, and channels that are being handed over."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    for table in ("member", "invitation"):  # who helped until now decided on what is held
        migrator.migrate(migrator.add_column(table, "roles", pw.TextField(default="moderator")))
    migrator.migrate(migrator.add_column("undo", "needs", pw.IntegerField(default=8)))
    db.execute_sql(
        "UPDATE undo SET needs = 2 WHERE person_id <> (SELECT owner_id FROM channel WHERE channel.id = undo.channel_id)"
    )

    class Handover(pw.Model):
        channel_id = pw.IntegerField(primary_key=True)
        from_id = pw.BigIntegerField()
        to_id = pw.BigIntegerField()
        expires_at = pw.BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Handover])
