"""Which notices a person does not want of a channel."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class NoticeSetting(pw.Model):
        person_id = pw.BigIntegerField()
        channel_id = pw.IntegerField(index=True)
        setting = pw.TextField()
        wanted = pw.BooleanField()

        class Meta:
            database = db
            legacy_table_names = False
            primary_key = pw.CompositeKey("person_id", "channel_id", "setting")

    db.create_tables([NoticeSetting])
