"""What an alarm is about, the errors that came last, X's limits as last seen, and what a process uses."""

import peewee as pw


def up(migrator, db):  # type: ignore[no-untyped-def]
    never_twice: list[pw.Node] = [pw.SQL("AUTOINCREMENT")] if isinstance(db, pw.SqliteDatabase) else []

    class LoggedError(pw.Model):
        id = pw.BigAutoField(constraints=never_twice)
        at = pw.BigIntegerField(index=True)
        kind = pw.TextField()
        host = pw.TextField()
        event = pw.TextField()
        reason = pw.TextField(default="")
        count = pw.IntegerField(default=1)

        class Meta:
            database = db
            legacy_table_names = False

    class SeenLimit(pw.Model):
        call = pw.TextField(primary_key=True)
        most = pw.IntegerField()
        left = pw.IntegerField()
        until = pw.BigIntegerField(null=True)
        seen_at = pw.BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([LoggedError, SeenLimit])
    (index,) = (i.name for i in db.get_indexes("set_aside") if i.columns == ["status", "told"])
    db.execute_sql(f'DROP INDEX "{index}"')
    db.execute_sql("ALTER TABLE set_aside DROP COLUMN told")
    db.execute_sql("CREATE INDEX setaside_status ON set_aside (status)")
    for column in ("disk_free", "disk_size", "memory"):
        migrator.migrate(migrator.add_column("process", column, pw.BigIntegerField(default=0)))
    migrator.migrate(migrator.add_column("lease", "let_go", pw.BooleanField(default=False)))
    migrator.migrate(migrator.add_column("trouble", "subject", pw.TextField(default="")))
    if not isinstance(db, pw.SqliteDatabase):
        db.execute_sql("ALTER TABLE trouble DROP CONSTRAINT trouble_pkey, ADD PRIMARY KEY (channel_id, kind, subject)")
        return

    class Trouble(pw.Model):
        channel_id = pw.IntegerField()
        kind = pw.TextField()
        since = pw.BigIntegerField()
        met_at = pw.BigIntegerField()
        until = pw.BigIntegerField(null=True)
        tries = pw.IntegerField(default=1)
        said = pw.TextField(default="")
        holds = pw.BooleanField(default=True)
        relapses = pw.IntegerField(default=0)
        told_at = pw.BigIntegerField(null=True)
        ended_at = pw.BigIntegerField(null=True)
        subject = pw.TextField(default="")

        class Meta:
            database = db
            legacy_table_names = False
            primary_key = pw.CompositeKey("channel_id", "kind", "subject")

    for statement in ("ALTER TABLE trouble RENAME TO trouble_before", "DROP INDEX trouble_open"):
        migrator.database.execute_sql(statement)
    db.create_tables([Trouble])
    for statement in (
        "INSERT INTO trouble (channel_id, kind, since, met_at, until, tries, said, holds, relapses, told_at, ended_at, "
        "subject) SELECT channel_id, kind, since, met_at, until, tries, said, holds, relapses, told_at, ended_at, '' "
        "FROM trouble_before",
        "DROP TABLE trouble_before",
        "CREATE INDEX trouble_open ON trouble (kind, channel_id) WHERE ended_at IS NULL",
    ):
        migrator.database.execute_sql(statement)
