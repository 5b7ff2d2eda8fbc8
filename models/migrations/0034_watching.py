"""What channels watch, what it brought and cost each day, up to where the filtered stream was heard, and of what a
message came.
"""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Watched(Table):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        kind = pw.TextField()
        key = pw.TextField()
        name = pw.TextField(default="")
        way = pw.TextField()
        triggers = pw.TextField(default="[]")
        most_posts = pw.IntegerField(null=True)
        most_cost = pw.BigIntegerField(null=True)
        status = pw.TextField(default="on")
        said = pw.TextField(default="")
        until = pw.BigIntegerField(null=True)
        cursor = pw.BigIntegerField(default=0)
        polled_at = pw.BigIntegerField(default=0)
        claimed_until = pw.BigIntegerField(default=0)
        added_by = pw.BigIntegerField(default=0)
        added_at = pw.BigIntegerField(default=0)

        class Meta:
            indexes = ((("channel_id", "kind", "key"), True),)

    class WatchedDay(Table):
        watched_id = pw.BigIntegerField()
        day = pw.IntegerField()
        channel_id = pw.IntegerField(index=True)
        posts = pw.IntegerField(default=0)
        cost = pw.BigIntegerField(default=0)

        class Meta:
            primary_key = pw.CompositeKey("watched_id", "day")

    class WatchStream(Table):
        id = pw.IntegerField(primary_key=True)
        heard_to = pw.BigIntegerField(default=0)

    db.create_tables([Watched, WatchedDay, WatchStream])
    migrator.migrate(migrator.add_column("message", "watched_id", pw.BigIntegerField(null=True)))
    db.execute_sql("CREATE INDEX message_watched ON message (watched_id, heard_at) WHERE watched_id IS NOT NULL")
    db.execute_sql("CREATE INDEX watched_day_age ON watched_day (day)")
    db.execute_sql("CREATE INDEX watched_polled ON watched (way, polled_at) WHERE status = 'on'")
    db.execute_sql("CREATE INDEX watched_until ON watched (until) WHERE status = 'ceiling'")
