"""Who asked not to be reposted, and a post or a direct message that answers somebody."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class OptOut(pw.Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        sender_id = pw.BigIntegerField(null=True)
        handle = pw.TextField(default="")
        handle_key = pw.TextField(default="")
        name = pw.TextField(default="")
        is_out = pw.BooleanField()
        asked_by = pw.TextField()
        asked_at = pw.BigIntegerField()
        message_id = pw.BigIntegerField(null=True)
        answered_at = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("channel_id", "sender_id"), True), (("channel_id", "handle_key"), False))

    db.create_tables([OptOut])
    db.execute_sql("ALTER TABLE tweet ADD COLUMN answers_x_id BIGINT")
    db.execute_sql("ALTER TABLE tweet ADD COLUMN answers_sender BIGINT")
