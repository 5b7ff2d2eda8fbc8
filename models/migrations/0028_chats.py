"""What comes encrypted by X Chat: events that wait to be read, keys of conversations and of who writes in them."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class Model(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class ChatEvent(Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        person_id = pw.BigIntegerField()
        sender_id = pw.BigIntegerField()
        digest = pw.TextField()
        event = pw.TextField()
        is_key = pw.BooleanField(default=False)
        status = pw.TextField(default="new")
        why = pw.TextField(default="")
        waits_for = pw.TextField(default="")
        needs = pw.TextField(default="")
        heard_at = pw.BigIntegerField(index=True)
        claimed_until = pw.BigIntegerField(default=0)
        tries = pw.IntegerField(default=0)

        class Meta:
            indexes = ((("channel_id", "digest"), True),)

    class ConversationKey(Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        person_id = pw.BigIntegerField()
        version = pw.TextField()
        sealed = pw.TextField()
        learnt_at = pw.BigIntegerField()

        class Meta:
            indexes = ((("channel_id", "person_id", "version"), True),)

    class Signer(Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        user_id = pw.BigIntegerField()
        keys = pw.TextField(default="")
        looked_at = pw.BigIntegerField(default=0)
        look_after = pw.BigIntegerField(default=0)
        until = pw.BigIntegerField(index=True)

        class Meta:
            indexes = ((("channel_id", "user_id"), True),)

    class ChatMessage(Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        sender_id = pw.BigIntegerField()
        signed_id = pw.TextField()
        sequence = pw.TextField()
        x_id = pw.BigIntegerField(null=True)
        legacy_id = pw.BigIntegerField(null=True)
        digest = pw.TextField(default="")
        at = pw.BigIntegerField()
        heard_at = pw.BigIntegerField(index=True)
        taken_back = pw.BooleanField(default=False)

        class Meta:
            indexes = (
                (("channel_id", "sender_id", "signed_id"), True),
                (("channel_id", "sender_id", "sequence"), False),
                (("channel_id", "sender_id", "at"), False),
                (("channel_id", "x_id"), True),
                (("channel_id", "legacy_id"), True),
            )

    class ChatConversation(Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        person_id = pw.BigIntegerField()
        read_upto = pw.BigIntegerField(default=0)
        look_after = pw.BigIntegerField(default=0)
        looks = pw.IntegerField(default=0)
        touched_at = pw.BigIntegerField(default=0, index=True)

        class Meta:
            indexes = ((("channel_id", "person_id"), True),)

    db.create_tables([ChatEvent, ConversationKey, Signer, ChatMessage, ChatConversation])
    db.execute_sql("CREATE INDEX chat_event_to_read ON chat_event (channel_id, claimed_until) WHERE status = 'new'")
    db.execute_sql("CREATE INDEX chat_event_waits ON chat_event (channel_id, waits_for, needs) WHERE status = 'waits'")
    db.execute_sql("CREATE INDEX chat_event_waits_for ON chat_event (waits_for, heard_at) WHERE status = 'waits'")
    db.execute_sql("CREATE INDEX chat_event_late ON chat_event (heard_at) WHERE status = 'waits'")
    db.execute_sql("CREATE INDEX chat_event_unread ON chat_event (channel_id, heard_at) WHERE status = 'unread'")
    migrator.migrate(migrator.add_column("channel", "chat_cursor", pw.BigIntegerField(default=0)))
