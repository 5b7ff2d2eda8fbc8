"""A row for each process that runs, and up to where each channel was compared with what X has."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class Process(pw.Model):
        name = pw.TextField(primary_key=True)
        kind = pw.TextField()
        host = pw.TextField()
        pid = pw.IntegerField()
        version = pw.TextField()
        since = pw.BigIntegerField()
        beat_at = pw.BigIntegerField()
        said = pw.TextField(default="")
        ended = pw.TextField(default="")

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Process])
    for kind in ("mention", "dm"):
        migrator.migrate(migrator.add_column("channel", f"{kind}_sure", pw.BigIntegerField(default=0)))
    db.execute_sql("UPDATE channel SET mention_sure = mention_cursor, dm_sure = dm_cursor")
