"""What a channel's rules were before something replaced them as a whole, so that it can be undone."""

import json
from datetime import datetime, timedelta

import peewee as pw

from engine import lists
from models.accounts import choices
from models.database import InstantField, Table, transaction
from models.moderation import lists as stored

KEPT = timedelta(days=7)


class Snapshot(Table):
    id = pw.AutoField()
    channel_id = pw.IntegerField(index=True)
    policy = pw.TextField()
    lists = pw.TextField()
    taken_at = InstantField()


def take(channel_id: int, now: datetime) -> int:
    """Keep the rules as they are, for a week; the snapshot's id. Call it inside the transaction that changes them."""
    Snapshot.delete().where(Snapshot.taken_at < now - KEPT).execute()
    content = lists.write_file(stored.entries(channel_id)).decode("utf-8-sig")
    return int(
        Snapshot.insert(
            channel_id=channel_id, policy=json.dumps(choices.values_of(channel_id)), lists=content, taken_at=now
        ).execute()
    )


def restore(channel_id: int, snapshot_id: int, now: datetime) -> bool:
    """Bring the rules back to a snapshot; False where it is gone, or was used."""
    with transaction():
        gone = list(
            Snapshot.delete()
            .where((Snapshot.id == snapshot_id) & (Snapshot.channel_id == channel_id))
            .returning(Snapshot)
            .execute()
        )
        if not gone:
            return False
        read = lists.read_file(gone[0].lists.encode(), None, now)
        stored.store(channel_id, read.entries, now, replacing=lists.LISTS)
        choices.choose(channel_id, **json.loads(gone[0].policy))
    return True
