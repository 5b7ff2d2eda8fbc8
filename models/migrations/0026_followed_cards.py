"""What a card in the chat showed of a post when it was drawn; null where nothing of it changes by itself any more."""


def up(migrator, db):  # type: ignore[no-untyped-def]
    db.execute_sql("ALTER TABLE notice ADD COLUMN drawn_as TEXT")
    db.execute_sql("CREATE INDEX notice_followed ON notice (id) WHERE drawn_as IS NOT NULL")
