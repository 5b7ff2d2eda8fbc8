"""What was taken back by who wrote it, whose deletions X brings, and which copies were looked at again."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    never_again: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class TakenBack(Table):
        id = pw.BigAutoField(constraints=never_again)
        x_id = pw.BigIntegerField()
        author_id = pw.BigIntegerField()
        at = pw.BigIntegerField(index=True)
        looks = pw.IntegerField(default=0)
        look_at = pw.BigIntegerField(null=True)

        class Meta:
            indexes = ((("x_id", "author_id"), True),)

    class HeardAuthor(Table):
        author_id = pw.BigIntegerField(primary_key=True)
        since = pw.BigIntegerField()

    db.create_tables([TakenBack, HeardAuthor])
    migrator.migrate(
        migrator.add_column("message", "taken_back_at", pw.BigIntegerField(null=True)),
        migrator.add_column("tweet", "looked_at", pw.BigIntegerField(null=True)),
        migrator.add_column("channel", "looks_at", pw.BigIntegerField(default=0)),
        migrator.add_column("channel_policy", "looked_after", pw.IntegerField(default=24)),
    )
    db.execute_sql("CREATE INDEX taken_back_open ON taken_back (look_at) WHERE look_at IS NOT NULL")
    copies = "WHERE form = 'copy' AND message_id IS NOT NULL"
    db.execute_sql(f"CREATE INDEX tweet_copied ON tweet (sent_at) {copies}")
