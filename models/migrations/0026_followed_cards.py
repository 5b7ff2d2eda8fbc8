"""What a card in the chat showed of a post when it was drawn, null where nothing of it changes by itself any more; and
the language that a channel writes in, which until now was its owner's. Credits stand as they stood.
"""


def up(migrator, db):  # type: ignore[no-untyped-def]
    db.execute_sql("ALTER TABLE notice ADD COLUMN drawn_as TEXT")
    db.execute_sql("ALTER TABLE channel_policy ADD COLUMN language TEXT NOT NULL DEFAULT ''")
    db.execute_sql(
        "UPDATE channel_policy SET language = COALESCE((SELECT person.language FROM person JOIN channel"
        " ON channel.owner_id = person.telegram_id WHERE channel.id = channel_policy.channel_id), '')"
    )
    db.execute_sql("CREATE INDEX notice_followed ON notice (id) WHERE drawn_as IS NOT NULL")
