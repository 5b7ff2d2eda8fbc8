"""What can't be handled is kept with its reason, and the rest goes on."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class SetAside(pw.Model):
        id = pw.BigAutoField(constraints=never_twice)
        place = pw.TextField()
        item = pw.TextField()
        channel_id = pw.IntegerField(null=True, index=True)
        reason = pw.TextField()
        held = pw.TextField(default="")
        at = pw.BigIntegerField(index=True)
        tries = pw.IntegerField(default=1)
        status = pw.TextField(default="aside")
        told = pw.BooleanField(default=False)

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("place", "item"), True), (("status", "told"), False))

    db.create_tables([SetAside])
