"""What goes with a channel is found by an index, in each of the tables that grow: it is asked for with every bite."""


def up(migrator, db):  # type: ignore[no-untyped-def]
    db.execute_sql("CREATE INDEX notice_of_channel ON notice (channel_id) WHERE channel_id IS NOT NULL")
    db.execute_sql("CREATE INDEX upload_media ON upload (media_id)")
