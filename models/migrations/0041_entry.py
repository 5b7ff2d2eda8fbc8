"""Who runs the service, who may come in, and how much one person may have. Whoever owns a channel already is in."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class Admin(pw.Model):
        person_id = pw.BigIntegerField(primary_key=True)
        made_at = pw.BigIntegerField()
        made_by = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    class AdminLink(pw.Model):
        code_hash = pw.TextField(primary_key=True)
        made_at = pw.BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False

    class Entrance(pw.Model):
        id = pw.IntegerField(primary_key=True)
        sign_up = pw.TextField(default="")

        class Meta:
            database = db
            legacy_table_names = False

    class Admission(pw.Model):
        person_id = pw.BigIntegerField(primary_key=True)
        standing = pw.TextField()
        at = pw.BigIntegerField(index=True)
        by_id = pw.BigIntegerField(null=True)
        username = pw.TextField(default="")
        words = pw.TextField(default="")

        class Meta:
            database = db
            legacy_table_names = False

    class Pass(pw.Model):
        code_hash = pw.TextField(primary_key=True)
        made_by = pw.BigIntegerField()
        expires_at = pw.BigIntegerField()
        used_at = pw.BigIntegerField(null=True)
        used_by = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    class Allowed(pw.Model):
        person_id = pw.BigIntegerField(primary_key=True)
        channels = pw.BigIntegerField(null=True)
        schedules = pw.BigIntegerField(null=True)
        keywords = pw.BigIntegerField(null=True)
        money = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([Admin, AdminLink, Entrance, Admission, Pass, Allowed])
    db.execute_sql(
        "INSERT INTO admission (person_id, standing, at, username, words)"
        " SELECT owner_id, 'in', MIN(created_at), '', '' FROM channel WHERE owner_id > 0 GROUP BY owner_id"
    )
