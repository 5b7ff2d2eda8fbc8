"""A lane for each person who is told something, and what nobody knows whether it was told."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class NoticeLane(pw.Model):
        person_id = pw.BigIntegerField(primary_key=True)
        holder = pw.TextField(default="")
        held_until = pw.BigIntegerField(default=0)
        due_at = pw.BigIntegerField(default=0)
        failures = pw.IntegerField(default=0)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([NoticeLane])
    db.execute_sql("ALTER TABLE notice ADD COLUMN doubtful BOOLEAN NOT NULL DEFAULT FALSE")
    db.execute_sql("DROP INDEX notice_pending")
    waits = "WHERE status IN ('pending', 'sending')"
    db.execute_sql(f"CREATE INDEX notice_pending ON notice (person_id, id, due_at, kind) {waits}")
