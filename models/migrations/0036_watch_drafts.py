"""What somebody is about to have watched, until they confirm it."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class WatchDraft(pw.Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField(index=True)
        person_id = pw.BigIntegerField()
        kind = pw.TextField()
        key = pw.TextField(default="")
        name = pw.TextField(default="")
        way = pw.TextField()
        triggers = pw.TextField(default="[]")
        most_posts = pw.IntegerField(null=True)
        most_cost = pw.BigIntegerField(null=True)
        sample = pw.TextField(default="")
        made_at = pw.BigIntegerField(index=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([WatchDraft])
