"""Desks: the groups, and the topics of forums, in which a channel's team works, and who did something there."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    never_again: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class DeskGroup(Table):
        id = pw.BigAutoField(constraints=never_again)
        chat_id = pw.BigIntegerField(unique=True)
        title = pw.TextField(default="")
        lost = pw.TextField(default="")
        seen_at = pw.BigIntegerField()

    class Desk(Table):
        channel_id = pw.IntegerField(primary_key=True)
        group_id = pw.BigIntegerField(index=True)
        topic = pw.BigIntegerField(null=True)
        closed = pw.BigIntegerField(null=True)
        held = pw.BooleanField(default=True)
        wrong = pw.BooleanField(default=True)
        posted = pw.BooleanField(default=False)
        private = pw.BooleanField(default=False)
        senders = pw.BooleanField(default=False)
        put_by = pw.BigIntegerField()
        put_at = pw.BigIntegerField()

    db.create_tables([DeskGroup, Desk])
    migrator.migrate(migrator.add_column("notice", "signed", pw.TextField(null=True)))
