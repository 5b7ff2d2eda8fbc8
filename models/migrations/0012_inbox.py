"""What people send to the bot is a row before Telegram is told so, and what is done again begins as it began."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class Inbox(pw.Model):
        update_id = pw.BigIntegerField(primary_key=True)
        person_id = pw.BigIntegerField()
        payload = pw.TextField()
        received_at = pw.BigIntegerField()
        claim = pw.TextField(default="")
        claimed_until = pw.BigIntegerField(default=0)
        tries = pw.IntegerField(default=0)
        kept = pw.TextField(default="")
        done_at = pw.BigIntegerField(null=True, index=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Inbox])
    db.execute_sql("CREATE INDEX inbox_waiting ON inbox (person_id, update_id) WHERE done_at IS NULL")
    db.execute_sql("CREATE UNIQUE INDEX inbox_one_at_once ON inbox (person_id) WHERE claim <> ''")
    migrator.migrate(
        migrator.add_column("person", "dialogue_was", pw.TextField(default="")),
        migrator.add_column("person", "dialogue_by", pw.BigIntegerField(null=True)),
    )
