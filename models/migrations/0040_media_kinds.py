"""Which media are attached to a message, where X says so."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.add_column("message", "media_kinds", pw.TextField(null=True)))
