"""What a year of use asks for: an index for each look of the clocks and panels, sums by day, lanes for the journal."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ChannelDay(Table):
        channel_id = pw.IntegerField()
        day = pw.IntegerField()
        heard = pw.IntegerField(default=0)
        ignored = pw.IntegerField(default=0)
        blocked = pw.IntegerField(default=0)
        said = pw.IntegerField(default=0)
        expired = pw.IntegerField(default=0)
        failed = pw.IntegerField(default=0)
        cost = pw.BigIntegerField(default=0)

        class Meta:
            primary_key = pw.CompositeKey("channel_id", "day")

    class JournalLane(Table):
        channel_id = pw.IntegerField(primary_key=True)
        holder = pw.TextField(default="")
        held_until = pw.BigIntegerField(default=0)

    db.create_tables([ChannelDay, JournalLane])
    migrator.migrate(
        migrator.add_column("tweet", "unknown_since", pw.BigIntegerField(null=True)),
        migrator.add_column("schedule", "ended_at", pw.BigIntegerField(null=True)),
    )
    db.execute_sql("ALTER TABLE hashtag ADD COLUMN used_before INTEGER NOT NULL DEFAULT 0")
    db.execute_sql("CREATE INDEX message_heard ON message (channel_id, heard_at)")
    held = "WHERE status IN ('held', 'asking')"
    db.execute_sql(f"CREATE INDEX message_held_of_channel ON message (channel_id, useful_until) {held}")
    old = "WHERE redraw_at IS NOT NULL"
    db.execute_sql(f"CREATE INDEX notice_redraw_of_person ON notice (person_id, redraw_at) {old}")
    db.execute_sql("CREATE INDEX tweet_of_channel_due ON tweet (channel_id, due_at)")
    db.execute_sql("CREATE INDEX tweet_of_channel_sent ON tweet (channel_id, sent_at) WHERE sent_at IS NOT NULL")
    db.execute_sql("CREATE INDEX tweet_of_channel_at_x ON tweet (channel_id, x_id) WHERE x_id IS NOT NULL")
    db.execute_sql("CREATE INDEX sender_blocked ON sender (blocked_until) WHERE blocked_until IS NOT NULL")
    db.execute_sql("CREATE INDEX schedule_ended ON schedule (ended_at) WHERE ended_at IS NOT NULL")
    db.execute_sql(
        "CREATE INDEX schedule_over ON schedule (id) WHERE status IN ('done', 'deleted') AND ended_at IS NULL"
    )
    db.execute_sql("CREATE INDEX media_created ON media (created_at)")
    db.execute_sql("CREATE INDEX sign_in_expires ON sign_in (expires_at)")
