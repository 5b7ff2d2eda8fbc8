"""People, channels and their sign-ins."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Person(Table):
        telegram_id = pw.BigIntegerField(primary_key=True)
        name = pw.TextField(default="")
        language = pw.TextField(default="en")
        channel_id = pw.IntegerField(null=True)
        dialogue = pw.TextField(default="")
        created_at = pw.BigIntegerField()

    class Channel(Table):
        x_user_id = pw.BigIntegerField(unique=True)
        handle = pw.TextField()
        name = pw.TextField(default="")
        owner_id = pw.BigIntegerField(index=True)
        connected = pw.BooleanField(default=True)
        is_on = pw.BooleanField(default=True)
        off_reason = pw.TextField(default="")
        mentions_on = pw.BooleanField(default=True)
        dms_on = pw.BooleanField(default=True)
        name_senders = pw.BooleanField(default=False)
        gap_s = pw.IntegerField(default=20)
        fresh_s = pw.IntegerField(default=900)
        ruleset_version = pw.IntegerField(default=1)
        auth = pw.TextField(default="oauth2")
        access_token = pw.TextField(default="")
        refresh_token = pw.TextField(default="")
        access_secret = pw.TextField(default="")
        token_version = pw.IntegerField(default=1)
        token_expires_at = pw.BigIntegerField(null=True)
        token_refreshed_at = pw.BigIntegerField(null=True)
        refresh_claimed_until = pw.BigIntegerField(null=True)
        hearing = pw.TextField(default="")
        mention_cursor = pw.BigIntegerField(default=0)
        dm_cursor = pw.BigIntegerField(default=0)
        mentions_polled_at = pw.BigIntegerField(default=0)
        dms_polled_at = pw.BigIntegerField(default=0)
        poll_claimed_until = pw.BigIntegerField(default=0)
        last_slot_at = pw.BigIntegerField(null=True)
        last_said_at = pw.BigIntegerField(null=True)
        hold_until = pw.BigIntegerField(null=True)
        holds_in_a_row = pw.IntegerField(default=0)
        last_problem = pw.TextField(default="")
        last_problem_at = pw.BigIntegerField(null=True)
        created_at = pw.BigIntegerField()

    class SignIn(Table):
        state_hash = pw.TextField(primary_key=True)
        person_id = pw.BigIntegerField(index=True)
        chat_id = pw.BigIntegerField()
        verifier = pw.TextField()
        expires_at = pw.BigIntegerField()
        used_at = pw.BigIntegerField(null=True)

    db.create_tables([Person, Channel, SignIn])
