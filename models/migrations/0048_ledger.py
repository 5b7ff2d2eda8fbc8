"""What X bills: lines, their sums, and what it has billed of a day."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Charge(Table):
        id = pw.BigAutoField(constraints=never_twice)
        channel = pw.IntegerField()
        kind = pw.TextField()
        slot = pw.IntegerField()
        count = pw.IntegerField()
        cost = pw.BigIntegerField()

    class ChargeSum(Table):
        channel = pw.IntegerField()
        slot = pw.IntegerField()
        kind = pw.TextField()
        count = pw.BigIntegerField()
        cost = pw.BigIntegerField()

        class Meta:
            primary_key = pw.CompositeKey("channel", "slot", "kind")
            indexes = ((("slot",), False),)

    class ChargeDay(Table):
        channel = pw.IntegerField()
        slot = pw.IntegerField()
        kind = pw.TextField()
        count = pw.BigIntegerField()
        cost = pw.BigIntegerField()

        class Meta:
            primary_key = pw.CompositeKey("channel", "slot", "kind")
            indexes = ((("slot",), False),)

    class BilledRead(Table):
        day = pw.IntegerField()
        resource = pw.TextField()
        x_id = pw.BigIntegerField()

        class Meta:
            primary_key = pw.CompositeKey("day", "resource", "x_id")
            without_rowid = isinstance(db, pw.SqliteDatabase)

    db.create_tables([Charge, ChargeSum, ChargeDay, BilledRead])
