"""The moderation desk: policies, senders, the texts let pass lately, teams, and what a held or edited message needs."""

import peewee as pw
from playhouse.sqlite_ext import AutoIncrementField


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ChannelPolicy(Table):
        channel_id = pw.IntegerField(primary_key=True)
        zone = pw.TextField(default="UTC")
        senders_on = pw.BooleanField(default=True)
        followers_only = pw.BooleanField(default=False)
        burst_most = pw.IntegerField(default=5)
        burst_minutes = pw.IntegerField(default=10)
        triggers_on = pw.BooleanField(default=True)
        filters_on = pw.BooleanField(default=True)
        no_links = pw.BooleanField(default=False)
        no_media = pw.BooleanField(default=False)
        no_sensitive = pw.BooleanField(default=False)
        repeats_on = pw.BooleanField(default=True)
        near = pw.IntegerField(default=80)
        hours_on = pw.BooleanField(default=False)
        outside = pw.TextField(default="wait")
        mention_hours = pw.TextField(default="")
        dm_hours = pw.TextField(default="")
        review = pw.TextField(default="off")
        mention_form = pw.TextField(default="repost")
        fallback = pw.BooleanField(default=True)
        credit = pw.TextField(default="vía {name}: {text}")
        calm_capitals = pw.BooleanField(default=False)

    class Sender(Table):
        id = pw.BigAutoField()
        channel_id = pw.IntegerField()
        sender_id = pw.BigIntegerField(null=True)
        handle = pw.TextField(default="")
        handle_key = pw.TextField(default="")
        name = pw.TextField(default="")
        standing = pw.TextField(default="")
        blocked_until = pw.BigIntegerField(null=True)
        reason = pw.TextField(default="")
        source = pw.TextField(default="")
        heard = pw.IntegerField(default=0)
        approved = pw.IntegerField(default=0)
        last_heard_at = pw.BigIntegerField(null=True)
        follows = pw.BooleanField(null=True)
        follows_at = pw.BigIntegerField(null=True)
        counted_from = pw.BigIntegerField(null=True)

        class Meta:
            indexes = ((("channel_id", "sender_id"), True), (("channel_id", "handle_key"), False))

    class PassedText(Table):
        id = (
            AutoIncrementField() if isinstance(db, pw.SqliteDatabase) else pw.BigAutoField()
        )  # ids are never used again
        channel_id = pw.IntegerField()
        message_id = pw.BigIntegerField(unique=True)
        origin_id = pw.BigIntegerField()
        words = pw.TextField()
        at = pw.BigIntegerField(index=True)

        class Meta:
            indexes = ((("channel_id", "id"), False),)

    class Member(Table):
        channel_id = pw.IntegerField()
        person_id = pw.BigIntegerField(index=True)
        added_at = pw.BigIntegerField()

        class Meta:
            primary_key = pw.CompositeKey("channel_id", "person_id")

    class Invitation(Table):
        code_hash = pw.TextField(primary_key=True)
        channel_id = pw.IntegerField(index=True)
        expires_at = pw.BigIntegerField()
        used_at = pw.BigIntegerField(null=True)

    class Snapshot(Table):
        id = pw.AutoField()
        channel_id = pw.IntegerField(index=True)
        policy = pw.TextField()
        lists = pw.TextField()
        taken_at = pw.BigIntegerField()

    db.create_tables([ChannelPolicy, Sender, PassedText, Member, Invitation, Snapshot])
    migrator.migrate(
        migrator.add_column("keyword", "applies", pw.TextField(default="")),
        migrator.add_column("keyword", "block_days", pw.IntegerField(null=True)),
        migrator.add_column("keyword", "becomes", pw.TextField(default="")),
        migrator.add_column("message", "origin_id", pw.BigIntegerField(default=0)),
        migrator.add_column("message", "media", pw.BooleanField(default=False)),
        migrator.add_column("message", "sensitive", pw.BooleanField(default=False)),
        migrator.add_column("message", "useful_until", pw.BigIntegerField(null=True)),
        migrator.add_column("message", "decided_by", pw.BigIntegerField(null=True)),
        migrator.add_column("message", "decided_at", pw.BigIntegerField(null=True)),
        migrator.add_column("tweet", "fell_back", pw.TextField(default="")),
        migrator.add_column("tweet", "any_hour", pw.BooleanField(default=False)),
        migrator.add_column("notice", "message_id", pw.BigIntegerField(null=True)),
        migrator.add_column("notice", "redraw_at", pw.BigIntegerField(null=True)),
    )
    db.execute_sql("CREATE INDEX sender_standing ON sender (channel_id, standing) WHERE standing <> ''")
    db.execute_sql("CREATE INDEX message_of_sender ON message (channel_id, sender_id, at)")
    db.execute_sql("CREATE INDEX message_edited ON message (channel_id, origin_id) WHERE origin_id <> x_id")
    db.execute_sql("CREATE INDEX message_held ON message (useful_until) WHERE status IN ('held', 'asking')")
    db.execute_sql("CREATE INDEX notice_message ON notice (message_id) WHERE message_id IS NOT NULL")
    db.execute_sql("CREATE INDEX notice_redraw ON notice (redraw_at) WHERE redraw_at IS NOT NULL")
    db.execute_sql("UPDATE message SET origin_id = x_id WHERE origin_id = 0")
