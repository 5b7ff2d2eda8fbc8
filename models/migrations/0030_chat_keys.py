"""A channel's keys for X Chat: the pair sealed, what X has of it, and which scopes a sign-in was begun for."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class ChatKeys(pw.Model):
        channel_id = pw.IntegerField(primary_key=True)
        state = pw.TextField(default="")
        sealed = pw.TextField(default="")
        version = pw.TextField(default="")
        public_key = pw.TextField(default="")
        registration = pw.TextField(default="")
        at_x = pw.TextField(default="")
        refusal = pw.TextField(default="")
        said = pw.TextField(default="")
        tries = pw.IntegerField(default=0)
        look_at = pw.BigIntegerField(null=True)
        looked_at = pw.BigIntegerField(null=True)
        by_id = pw.BigIntegerField(null=True)
        made_at = pw.BigIntegerField(null=True)
        ready_at = pw.BigIntegerField(null=True)

        class Meta:
            database = db
            legacy_table_names = False

    db.create_tables([ChatKeys])
    db.execute_sql("CREATE INDEX chat_keys_to_ask ON chat_keys (look_at) WHERE look_at IS NOT NULL")
    columns = "state, sealed, version, public_key, registration, at_x, refusal, said"
    nothing = ", ".join(["''"] * len(columns.split(",")))
    db.execute_sql(
        f"INSERT INTO chat_keys (channel_id, {columns}, tries, look_at)"  # noqa: S608, names of ours
        f" SELECT id, {nothing}, 0, 0 FROM channel WHERE connected"
    )
    migrator.migrate(
        migrator.add_column("sign_in", "scopes", pw.TextField(default="")),
        migrator.add_column("person", "keys_shown_at", pw.BigIntegerField(null=True)),
    )
