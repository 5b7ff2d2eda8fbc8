"""Budgets of a month, and what of them is reserved for calls that are on their way."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Budget(Table):
        channel_id = pw.IntegerField()
        person_id = pw.BigIntegerField()
        most = pw.BigIntegerField(null=True)
        begins = pw.BigIntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
        ends = pw.BigIntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
        base = pw.BigIntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
        base_to = pw.BigIntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
        told = pw.IntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
        stopped = pw.TextField(default="", constraints=[pw.SQL("DEFAULT ''")])
        stop_order = pw.TextField(default="", constraints=[pw.SQL("DEFAULT ''")])
        keeps = pw.TextField(default="{}", constraints=[pw.SQL("DEFAULT '{}'")])
        waits = pw.BooleanField(default=False, constraints=[pw.SQL("DEFAULT FALSE")])

        class Meta:
            primary_key = pw.CompositeKey("channel_id", "person_id")

    class Reservation(Table):
        id = pw.BigAutoField(constraints=[pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else [])
        channel_id = pw.IntegerField(index=True)
        person_id = pw.BigIntegerField(default=0, constraints=[pw.SQL("DEFAULT 0")])
        cost = pw.BigIntegerField()
        until = pw.BigIntegerField(null=True)

    db.create_tables([Budget, Reservation])
    db.execute_sql("ALTER TABLE tweet ADD COLUMN reservation BIGINT")
    db.execute_sql("ALTER TABLE channel ADD COLUMN hears BOOLEAN NOT NULL DEFAULT TRUE")
