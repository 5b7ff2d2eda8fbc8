"""Undo and drafts have tables of their own; a sign-in may wait for its person; a kind without hours follows the other.

No id is ever used again: SQLite gave the id of a row that was deleted to the next one.
"""

import re
from typing import Any

import peewee as pw

NAMED = ("channel", "message", "tweet", "schedule", "hashtag", "media")  # whose ids stand in other tables, as tweet_id


def up(migrator: Any, db: Any) -> None:
    sqlite: bool = isinstance(db, pw.SqliteDatabase)

    class Table(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Undo(Table):
        id = pw.BigAutoField()
        channel_id = pw.IntegerField(index=True)
        person_id = pw.BigIntegerField()
        parts = pw.TextField()
        back = pw.TextField(default="")
        made_at = pw.BigIntegerField(index=True)

    class Draft(Table):
        id = pw.BigAutoField()
        channel_id = pw.IntegerField(index=True)
        person_id = pw.BigIntegerField()
        way = pw.TextField()
        turns = pw.TextField(default="[]")
        planned = pw.TextField(default="")
        day = pw.TextField(default="")
        schedule_id = pw.IntegerField(null=True)
        message_id = pw.BigIntegerField(null=True)
        credit = pw.TextField(default="")
        source_id = pw.BigIntegerField(null=True)
        album = pw.TextField(default="")
        shown_id = pw.BigIntegerField(null=True)
        version = pw.IntegerField(default=1)
        changed_at = pw.BigIntegerField(index=True)

        class Meta:
            indexes = ((("person_id", "changed_at"), False),)

    db.create_tables([Undo, Draft])
    db.execute_sql("DROP TABLE snapshot")
    migrator.migrate(
        migrator.add_column("sign_in", "account", pw.TextField(default="")),
        migrator.add_column("sign_in", "pair", pw.TextField(default="")),
        migrator.add_column("sign_in", "confirm_hash", pw.TextField(default="")),
    )
    db.execute_sql("CREATE INDEX sign_in_confirm ON sign_in (confirm_hash) WHERE confirm_hash <> ''")
    on = "hours_on = 1" if sqlite else "hours_on"
    for column in ("mention_hours", "dm_hours"):  # empty meant none; from now on it means those of the other kind
        db.execute_sql(f"UPDATE channel_policy SET {column} = 'never' WHERE {column} = '' AND {on}")  # noqa: S608
    db.execute_sql("UPDATE person SET dialogue = ''")
    if sqlite:
        for name, sql in db.execute_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
            if re.search(r"\bid\W+\w+ NOT NULL PRIMARY KEY\b(?! AUTOINCREMENT)", sql, re.IGNORECASE):
                _never_again(db, name, sql)
        for name in NAMED:
            _after_what_is_named(db, name)
    db.execute_sql("DELETE FROM hashtag_use WHERE hashtag_id NOT IN (SELECT id FROM hashtag)")


def _never_again(db: Any, name: str, sql: str) -> None:
    """The table anew, with ids that SQLite never gives twice; its rows and indexes stay."""
    indexes = db.execute_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (name,)
    ).fetchall()
    made = re.sub(r"(\bid\W+)\w+ NOT NULL PRIMARY KEY\b", r"\1INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", sql, count=1)
    made = re.sub(rf'^CREATE TABLE (?:IF NOT EXISTS )?"?{name}"?', f'CREATE TABLE "{name}_anew"', made)
    columns = ", ".join(f'"{row[1]}"' for row in db.execute_sql(f'PRAGMA table_info("{name}")').fetchall())
    db.execute_sql(made)
    db.execute_sql(f'INSERT INTO "{name}_anew" ({columns}) SELECT {columns} FROM "{name}"')  # noqa: S608
    db.execute_sql(f'DROP TABLE "{name}"')
    db.execute_sql(f'ALTER TABLE "{name}_anew" RENAME TO "{name}"')
    for (index,) in indexes:
        db.execute_sql(index)


def _after_what_is_named(db: Any, name: str) -> None:
    """The next id is none that another row still names: its own row may be gone, as of a hashtag with its uses."""
    most = 0
    for (table,) in db.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if any(row[1] == f"{name}_id" for row in db.execute_sql(f'PRAGMA table_info("{table}")').fetchall()):
            (named,) = db.execute_sql(f'SELECT MAX("{name}_id") FROM "{table}"').fetchone()  # noqa: S608
            most = max(most, named or 0)
    db.execute_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ? AND seq < ?", (most, name, most))
