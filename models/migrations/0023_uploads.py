"""Uploads that X works on for ever, or does not describe; GIFs that stand still; what of an album was left out."""


def up(migrator, db):  # type: ignore[no-untyped-def]
    db.execute_sql("ALTER TABLE upload ADD COLUMN asked_since BIGINT")
    db.execute_sql("ALTER TABLE upload ADD COLUMN undescribed BOOLEAN NOT NULL DEFAULT FALSE")
    db.execute_sql("ALTER TABLE media ADD COLUMN still BOOLEAN NOT NULL DEFAULT FALSE")
    db.execute_sql("ALTER TABLE draft ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0")
