"""Invitations of admins are found by when they end."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    db.execute_sql('CREATE INDEX pass_expires_at ON "pass" (expires_at)')
