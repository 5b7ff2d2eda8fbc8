"""Promoted hashtags and their uses."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Hashtag(Table):
        channel_id = pw.IntegerField()
        tag = pw.TextField()
        tag_key = pw.TextField()
        window = pw.TextField(default="")
        first = pw.TextField(default="")
        last = pw.TextField(default="")
        most = pw.IntegerField(null=True)
        most_day = pw.IntegerField(null=True)
        is_on = pw.BooleanField(default=True)

        class Meta:
            indexes = ((("channel_id", "tag_key"), True),)

    class HashtagUse(Table):
        hashtag_id = pw.IntegerField()
        tweet_id = pw.BigIntegerField(index=True)

        class Meta:
            primary_key = pw.CompositeKey("hashtag_id", "tweet_id")

    db.create_tables([Hashtag, HashtagUse])
    migrator.migrate(
        migrator.add_column("channel_policy", "hashtags_each", pw.IntegerField(default=1)),
        migrator.add_column("channel_policy", "hashtags_scheduled", pw.BooleanField(default=False)),
        migrator.add_column("channel_policy", "slots", pw.TextField(default="")),
    )
