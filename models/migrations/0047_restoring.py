"""What a channel was restored from, and when X was last seen not to have a tweet that may have been said before."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_column("channel", "backed_up_at", pw.BigIntegerField(null=True)),
        migrator.add_column("channel", "restored_at", pw.BigIntegerField(null=True)),
        migrator.add_column("channel", "restored_tweet", pw.BigIntegerField(default=0)),
        migrator.add_column("tweet", "unsaid_at", pw.BigIntegerField(null=True)),
    )
