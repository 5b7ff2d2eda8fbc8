"""The posts of the app's day: counted by hour and channel, those that are planned, and when X said that it is full."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class SaidHour(Table):
        hour = pw.IntegerField()
        channel = pw.IntegerField()
        used = pw.IntegerField(default=0)
        granted = pw.IntegerField(default=0)
        refused_until = pw.BigIntegerField(default=0)

        class Meta:
            primary_key = pw.CompositeKey("hour", "channel")

    class PlannedHour(Table):
        hour = pw.IntegerField()
        channel_id = pw.IntegerField()
        posts = pw.IntegerField()

        class Meta:
            primary_key = pw.CompositeKey("hour", "channel_id")

    class AppDay(Table):
        id = pw.IntegerField(primary_key=True)
        full_until = pw.BigIntegerField(default=0)
        told_nearly_at = pw.BigIntegerField(default=0)
        told_full_at = pw.BigIntegerField(default=0)

    db.create_tables([SaidHour, PlannedHour, AppDay])
    migrator.migrate(migrator.add_column("tweet", "counted_at", pw.BigIntegerField(null=True)))
