"""Keywords, messages, tweets, notices and the journal."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Keyword(Table):
        channel_id = pw.IntegerField()
        role = pw.TextField()
        text = pw.TextField()
        pattern = pw.TextField()

        class Meta:
            indexes = ((("channel_id", "role", "pattern"), True),)

    class Message(Table):
        id = pw.BigAutoField()
        channel_id = pw.IntegerField()
        kind = pw.TextField()
        x_id = pw.BigIntegerField()
        sender_id = pw.BigIntegerField()
        sender_handle = pw.TextField(default="")
        sender_name = pw.TextField(default="")
        text = pw.TextField()
        at = pw.BigIntegerField()
        heard_at = pw.BigIntegerField()
        status = pw.TextField(default="received")
        rule = pw.TextField(default="")
        evidence = pw.TextField(default="")
        judged_at = pw.BigIntegerField(null=True)

        class Meta:
            indexes = ((("channel_id", "x_id"), True),)

    class Tweet(Table):
        id = pw.BigAutoField()
        channel_id = pw.IntegerField(index=True)
        message_id = pw.BigIntegerField(null=True, unique=True)
        form = pw.TextField()
        text = pw.TextField(default="")
        target_x_id = pw.BigIntegerField(null=True)
        status = pw.TextField(default="queued")
        reason = pw.TextField(default="")
        detail = pw.TextField(default="")
        due_at = pw.BigIntegerField()
        fresh_until = pw.BigIntegerField()
        attempts = pw.IntegerField(default=0)
        claim = pw.TextField(default="")
        claimed_until = pw.BigIntegerField(null=True)
        started_at = pw.BigIntegerField(null=True)
        x_id = pw.BigIntegerField(null=True)
        sent_at = pw.BigIntegerField(null=True)
        cost = pw.IntegerField(default=0)
        undo = pw.TextField(default="")
        undo_due_at = pw.BigIntegerField(null=True)
        undo_attempts = pw.IntegerField(default=0)

    class Notice(Table):
        id = pw.BigAutoField()
        person_id = pw.BigIntegerField()
        channel_id = pw.IntegerField(null=True)
        kind = pw.TextField()
        data = pw.TextField(default="{}")
        key = pw.TextField(null=True, unique=True)
        tweet_id = pw.BigIntegerField(null=True, index=True)
        status = pw.TextField(default="pending")
        due_at = pw.BigIntegerField()
        attempts = pw.IntegerField(default=0)
        telegram_message_id = pw.BigIntegerField(null=True)
        created_at = pw.BigIntegerField()
        delivered_at = pw.BigIntegerField(null=True)

        class Meta:
            indexes = ((("person_id", "kind", "delivered_at"), False),)

    class JournalEntry(Table):
        id = pw.BigAutoField()
        channel_id = pw.IntegerField()
        at = pw.BigIntegerField()
        event = pw.TextField()
        data = pw.TextField()
        written = pw.IntegerField(default=0)

        class Meta:
            indexes = ((("channel_id", "id"), False),)

    db.create_tables([Keyword, Message, Tweet, Notice, JournalEntry])
    db.execute_sql("CREATE INDEX message_received ON message (id) WHERE status = 'received'")
    db.execute_sql("CREATE INDEX tweet_queued ON tweet (due_at) WHERE status = 'queued'")
    db.execute_sql("CREATE INDEX tweet_unsettled ON tweet (claimed_until) WHERE status IN ('sending', 'unknown')")
    db.execute_sql("CREATE INDEX tweet_undo ON tweet (undo_due_at) WHERE undo = 'wanted'")
    db.execute_sql("CREATE INDEX notice_pending ON notice (due_at) WHERE status = 'pending'")
    db.execute_sql("CREATE INDEX journal_unwritten ON journal_entry (id) WHERE written = 0")
