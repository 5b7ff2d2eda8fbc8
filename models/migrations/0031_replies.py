"""Replies, heard where a channel wants them, and from when on each kind is.

Also whether a sender's posts are protected, when X was asked for a sender's name, and what becomes of a long copy.
"""


def up(migrator, db):  # type: ignore[no-untyped-def]
    db.execute_sql("ALTER TABLE channel ADD COLUMN replies_on BOOLEAN NOT NULL DEFAULT FALSE")
    db.execute_sql("ALTER TABLE channel ADD COLUMN mentions_from BIGINT NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE channel ADD COLUMN replies_from BIGINT NOT NULL DEFAULT 0")
    db.execute_sql("ALTER TABLE message ADD COLUMN protected BOOLEAN")
    db.execute_sql("ALTER TABLE sender ADD COLUMN named_at BIGINT")
    db.execute_sql("ALTER TABLE channel_policy ADD COLUMN long_copies TEXT NOT NULL DEFAULT 'cut'")
