"""What a post shows is brought to X once more where X no longer knows it; what X takes nothing from for now is held."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Outage(pw.Model):
        id = pw.IntegerField(primary_key=True)
        kind = pw.TextField(default="")
        until = pw.BigIntegerField(default=0)
        in_a_row = pw.IntegerField(default=0)
        probe = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Outage])
    db.execute_sql("ALTER TABLE tweet ADD COLUMN uploaded_again BOOLEAN NOT NULL DEFAULT FALSE")
    db.execute_sql("ALTER TABLE app_day ADD COLUMN full_at BIGINT NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE channel ADD COLUMN held_for TEXT NOT NULL DEFAULT ''")
    db.execute_sql("ALTER TABLE channel ADD COLUMN probe BIGINT")
