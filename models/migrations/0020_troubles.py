"""A channel's troubles, a row a channel and kind; from when on its token is renewed, and when it was signed in."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Trouble(pw.Model):
        channel_id = pw.IntegerField()
        kind = pw.TextField()
        since = pw.BigIntegerField()
        met_at = pw.BigIntegerField()
        until = pw.BigIntegerField(null=True)
        tries = pw.IntegerField(default=1)
        said = pw.TextField(default="")
        holds = pw.BooleanField(default=True)
        relapses = pw.IntegerField(default=0)
        told_at = pw.BigIntegerField(null=True)
        ended_at = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            primary_key = pw.CompositeKey("channel_id", "kind")

    db.create_tables([Trouble])
    db.execute_sql("CREATE INDEX trouble_open ON trouble (kind, channel_id) WHERE ended_at IS NULL")
    migrator.migrate(
        migrator.add_column("channel", "renew_at", pw.BigIntegerField(null=True)),
        migrator.add_column("channel", "signed_in_at", pw.BigIntegerField(null=True)),
    )
    db.execute_sql("UPDATE channel SET renew_at = token_expires_at - 1800000000 - (id - id / 30 * 30) * 60000000")
    db.execute_sql("UPDATE channel SET signed_in_at = created_at")
