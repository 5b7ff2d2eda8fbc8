"""Schedules, and the tweets that are said at a planned moment or by hand."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Schedule(Table):
        channel_id = pw.IntegerField(index=True)
        person_id = pw.BigIntegerField()
        texts = pw.TextField()
        language = pw.TextField(default="en")
        rules = pw.TextField(default="")
        starts = pw.TextField()
        last = pw.TextField(default="")
        left = pw.IntegerField(null=True)
        used = pw.IntegerField(default=0)
        grace_s = pw.IntegerField(default=900)
        status = pw.TextField(default="on")
        next_wall = pw.TextField(default="")
        next_at = pw.BigIntegerField(null=True)
        in_queue = pw.BooleanField(default=False)
        created_at = pw.BigIntegerField()

    db.create_tables([Schedule])
    migrator.migrate(
        migrator.add_column("tweet", "schedule_id", pw.IntegerField(null=True)),
        migrator.add_column("tweet", "planned_at", pw.BigIntegerField(null=True)),
        migrator.add_column("tweet", "person_id", pw.BigIntegerField(null=True)),
    )
    db.execute_sql("CREATE INDEX schedule_due ON schedule (next_at) WHERE status = 'on'")
    db.execute_sql(
        "CREATE UNIQUE INDEX tweet_of_schedule ON tweet (schedule_id, planned_at) WHERE schedule_id IS NOT NULL"
    )
