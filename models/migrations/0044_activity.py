"""What each of a team did."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class Deed(pw.Model):
        id = pw.BigAutoField(constraints=never_twice)
        channel_id = pw.IntegerField()
        person_id = pw.BigIntegerField()
        at = pw.BigIntegerField()
        did = pw.TextField()
        about = pw.TextField(default="")

        class Meta:
            database = db
            legacy_table_names = False
            indexes = ((("channel_id", "id"), False), (("channel_id", "person_id", "id"), False))

    db.create_tables([Deed])
