"""Threads, photos and videos; schedules that came in a file; what the channel's token may do."""

import json

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Media(Table):
        channel_id = pw.IntegerField(index=True)
        kind = pw.TextField()
        mime = pw.TextField()
        size = pw.IntegerField()
        content = pw.BlobField()
        created_at = pw.BigIntegerField()

    class Upload(Table):
        id = pw.BigAutoField()
        tweet_id = pw.BigIntegerField(index=True)
        head_id = pw.BigIntegerField(index=True)
        place = pw.IntegerField()
        media_id = pw.IntegerField()
        alt = pw.TextField(default="")
        status = pw.TextField(default="wanted")
        claim = pw.TextField(default="")
        due_at = pw.BigIntegerField()
        attempts = pw.IntegerField(default=0)
        x_media_id = pw.BigIntegerField(null=True)
        x_media_key = pw.TextField(default="")
        expires_at = pw.BigIntegerField(null=True)

    class Schedule(Table):
        id = pw.AutoField()
        texts = pw.TextField()

    db.create_tables([Media, Upload])
    migrator.migrate(
        migrator.add_column("tweet", "thread_id", pw.BigIntegerField(null=True)),
        migrator.add_column("tweet", "after_id", pw.BigIntegerField(null=True)),
        migrator.add_column("schedule", "import_id", pw.BigIntegerField(null=True)),
        migrator.add_column("schedule", "replaced_by", pw.BigIntegerField(null=True)),
        migrator.add_column("channel", "scopes", pw.TextField(default="")),
    )
    for row in list(Schedule.select()):
        posts = [[[text, []]] for text in json.loads(row.texts)]
        Schedule.update(texts=json.dumps(posts, ensure_ascii=False)).where(Schedule.id == row.id).execute()
    db.execute_sql("CREATE INDEX tweet_thread ON tweet (thread_id) WHERE thread_id IS NOT NULL")
    db.execute_sql("CREATE INDEX tweet_after ON tweet (after_id) WHERE after_id IS NOT NULL")
    db.execute_sql("CREATE INDEX tweet_waiting ON tweet (due_at) WHERE status = 'waiting'")
    db.execute_sql("CREATE INDEX upload_open ON upload (due_at) WHERE status IN ('wanted', 'uploading', 'processing')")
