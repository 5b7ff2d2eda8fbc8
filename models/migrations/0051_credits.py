"""What the app's credits at X were when somebody looked last, and when they were told to be low."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Credits(Table):
        id = pw.IntegerField(primary_key=True)
        there_were = pw.BigIntegerField()
        looked_at = pw.BigIntegerField()
        told_at = pw.BigIntegerField(null=True)

    db.create_tables([Credits])
