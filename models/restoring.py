"""A restore: a backup's rows, and in the same transaction all that keeps them from being said, or told, as if new."""

from datetime import datetime

import peewee as pw

from models import database
from models.accounts.channels import Channel
from models.backup import Backup
from models.notifications.notices import Notice, NoticeStatus
from models.publishing.tweets import Tweet
from models.settings import Settings


def restore(backup: Backup, settings: Settings, now: datetime) -> int:
    """Put it into the empty database of these settings, and bring that to today's tables; the number of rows.

    All or nothing, and who dies over it may do it again. Raises what `Backup.into` does.
    """
    rows = backup.into(settings, lambda: _mark(backup.header.at, now))
    database.migrate(settings)
    return rows


def _mark(backed_up_at: datetime, now: datetime) -> None:
    """What began before is looked for on X before it is said (models/publishing/doubts/restored.py).

    What waits to be told may have been told: it is told, and says so.
    """
    last = pw.fn.COALESCE(Tweet.select(pw.fn.MAX(Tweet.id)), 0)
    Channel.update(backed_up_at=backed_up_at, restored_at=now, restored_tweet=last).execute()
    Notice.update(doubtful=True).where(Notice.status == NoticeStatus.PENDING).execute()
