"""Since when everything is paused by who runs the service: also what is connected or turned on later."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class AllPaused(Table):
        id = pw.IntegerField(primary_key=True)
        since = pw.BigIntegerField(null=True)

    db.create_tables([AllPaused])
