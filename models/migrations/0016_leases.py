"""Who holds what one process alone may have, such as X's stream: in the database, since Redis may be away."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Lease(pw.Model):
        name = pw.TextField(primary_key=True)
        holder = pw.TextField(default="")
        until = pw.BigIntegerField(default=0)
        state = pw.TextField(default="")

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Lease])
