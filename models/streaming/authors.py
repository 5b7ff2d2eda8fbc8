"""The authors whose deletions X brings, and since when without a gap.

    (nothing) → since the subscription stands → (nothing) as soon as it may not

What nobody heard, X does not send again: after each connection of the stream all of them begin anew. So a post that was
copied after `since` was not deleted as long as nothing was heard of it, and every other one is looked at again.
"""

from collections.abc import Collection
from datetime import datetime

import peewee as pw

from models.database import InstantField, Table, as_tuples, transaction


class HeardAuthor(Table):
    author_id = pw.BigIntegerField(primary_key=True)
    since = InstantField()


def begin(author_ids: Collection[int], now: datetime) -> None:
    """X brings their deletions from now on; those of whom it does already stay as they are."""
    if author_ids:
        rows = [{"author_id": i, "since": now} for i in sorted(author_ids)]
        HeardAuthor.insert_many(rows).on_conflict_ignore().execute()


def end(author_ids: Collection[int]) -> None:
    """X may no longer bring them. Call it before X is told so."""
    HeardAuthor.delete().where(HeardAuthor.author_id.in_(list(author_ids))).execute()


def only(author_ids: Collection[int], asked_at: datetime, now: datetime) -> None:
    """X said, when it was asked, that it brings the deletions of these; those of nobody else but who began since."""
    others = HeardAuthor.author_id.not_in(list(author_ids)) & (HeardAuthor.since < asked_at)
    with transaction():
        HeardAuthor.delete().where(others).execute()
        begin(author_ids, now)


def begin_anew(now: datetime) -> None:
    """There may have been a gap until now."""
    HeardAuthor.update(since=now).where(HeardAuthor.since < now).execute()


def heard_since(author_ids: Collection[int]) -> dict[int, datetime]:
    """Since when those of them are heard that are."""
    rows = HeardAuthor.select(HeardAuthor.author_id, HeardAuthor.since)
    return dict(as_tuples(rows.where(HeardAuthor.author_id.in_(list(author_ids)))))
