"""A switch has a row of its own where it was turned, and no longer a column."""

import peewee as pw

WERE = {
    "senders_on": True,
    "followers_only": False,
    "triggers_on": True,
    "filters_on": True,
    "no_links": False,
    "no_media": False,
    "no_sensitive": False,
    "repeats_on": True,
    "hours_on": False,
    "fallback": True,
    "calm_capitals": False,
    "hashtags_scheduled": False,
}


def up(migrator, db):  # type: ignore[no-untyped-def]
    class ChannelSwitch(pw.Model):
        channel_id = pw.IntegerField()
        name = pw.TextField()
        is_on = pw.BooleanField()

        class Meta:
            database = db
            legacy_table_names = False
            primary_key = pw.CompositeKey("channel_id", "name")

    db.create_tables([ChannelSwitch])
    for name, default in WERE.items():
        turned = f"SELECT channel_id, '{name}', {name} FROM channel_policy WHERE {name} <> {default}"  # noqa: S608
        db.execute_sql(f"INSERT INTO channel_switch (channel_id, name, is_on) {turned}")
    migrator.migrate(*(migrator.drop_column("channel_policy", name) for name in WERE))
