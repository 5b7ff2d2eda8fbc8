"""Photos, GIFs and videos of a channel, and their way to X before the tweet that shows them is said.

wanted → uploading → ready        uploading → processing (X works on it) → ready        → wanted (again) | failed

An upload shows nothing to anybody, so one that broke off is simply begun anew; a claim lapses by itself.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import peewee as pw

from engine.media import MediaKind
from engine.posts import Attachment
from models.database import InstantField, Table
from models.publishing.tweets import Tweet

CLAIM = timedelta(seconds=60)
KEPT = timedelta(days=30)
MAX_ATTEMPTS = 6
MARGIN = timedelta(minutes=5)


class Media(Table):
    """A file that somebody gave the channel."""

    id: Any = pw.AutoField()
    channel_id: Any = pw.IntegerField(index=True)
    kind: Any = pw.TextField()
    mime: Any = pw.TextField()
    size: Any = pw.IntegerField()
    content: Any = pw.BlobField()
    created_at: Any = InstantField()


class Upload(Table):
    """A file on its way to X for one tweet; `head_id` is the first of the tweet's thread. `due_at`: looked at then."""

    id: Any = pw.BigAutoField()
    tweet_id: Any = pw.BigIntegerField(index=True)
    head_id: Any = pw.BigIntegerField(index=True)
    place: Any = pw.IntegerField()
    media_id: Any = pw.IntegerField()
    alt: Any = pw.TextField(default="")
    status: Any = pw.TextField(default="wanted")
    claim: Any = pw.TextField(default="")
    due_at: Any = InstantField()
    attempts: Any = pw.IntegerField(default=0)
    x_media_id: Any = pw.BigIntegerField(null=True)
    x_media_key: Any = pw.TextField(default="")
    expires_at: Any = InstantField(null=True)


@dataclass(frozen=True, slots=True)
class File:
    """What X has to know of a file before its bytes."""

    media_id: int
    kind: MediaKind
    mime: str
    size: int


# --- files -------------------------------------------------------------------------------------------------


def keep(channel_id: int, kind: MediaKind, mime: str, content: bytes, now: datetime) -> int:
    """Store a file; its id."""
    return int(
        Media.insert(
            channel_id=channel_id, kind=kind.value, mime=mime, size=len(content), content=content, created_at=now
        ).execute()
    )


def file(media_id: int) -> File | None:
    """What a file is, without its bytes."""
    row = Media.select(Media.kind, Media.mime, Media.size).where(Media.id == media_id).first()
    return None if row is None else File(media_id, MediaKind(row.kind), row.mime, row.size)


def chunk(media_id: int, start: int, size: int) -> bytes:
    """A piece of a file, from byte `start` (from 0); empty past its end."""
    piece = Media.select(pw.fn.SUBSTR(Media.content, start + 1, size)).where(Media.id == media_id).scalar()
    return bytes(piece or b"")


def owned(channel_id: int, media_ids: Iterable[int]) -> dict[int, MediaKind]:
    """Which of these files the channel has, and what they are."""
    rows = Media.select(Media.id, Media.kind).where((Media.channel_id == channel_id) & Media.id.in_(list(media_ids)))
    return {r.id: MediaKind(r.kind) for r in rows}


def forget_unused(used: set[int], now: datetime) -> int:
    """Delete files that are a month old and that nothing uses (`used`) or is about to; how many."""
    going = Upload.select(Upload.media_id).where(Upload.status != "ready")
    old = (Media.created_at < now - KEPT) & Media.id.not_in(going)
    ids = [r.id for r in Media.select(Media.id).where(old) if r.id not in used]
    return int(Media.delete().where(Media.id.in_(ids)).execute()) if ids else 0


# --- to X --------------------------------------------------------------------------------------------------


def want(tweet_id: int, head_id: int, media: Sequence[Attachment], now: datetime) -> None:
    """The files of a tweet are to be at X; call it inside the transaction that makes the tweet."""
    for place, item in enumerate(media):
        Upload.insert(
            tweet_id=tweet_id, head_id=head_id, place=place, media_id=item.media_id, alt=item.alt, due_at=now
        ).execute()


def want_again(tweet_ids: Sequence[int], now: datetime) -> None:
    """Bring the files of these tweets to X once more; call it inside the transaction that makes them wait."""
    Upload.update(status="wanted", due_at=now, attempts=0, claim="", x_media_id=None).where(
        Upload.tweet_id.in_(list(tweet_ids))
    ).execute()


def due(now: datetime, limit: int = 50) -> list[int]:
    """Ids of uploads to be worked on: wanted, at X's work, or left in the middle."""
    mine = Upload.status.in_(["wanted", "uploading", "processing"]) & (Upload.due_at <= now)
    return [u.id for u in Upload.select(Upload.id).where(mine).order_by(Upload.due_at).limit(limit)]


def claim(upload_id: int, now: datetime) -> Upload | None:
    """Take an upload; None where it is not due, or somebody else's. Of one whose tweet is over nothing is done."""
    token = secrets.token_hex(8)
    mine = (Upload.id == upload_id) & (Upload.due_at <= now)
    waiting = Upload.tweet_id.in_(Tweet.select(Tweet.id).where(Tweet.status == "waiting"))
    values = {"claim": token, "due_at": now + CLAIM}
    again = Upload.update(status="uploading", **values, attempts=Upload.attempts + 1)
    if again.where(mine & Upload.status.in_(["wanted", "uploading"]) & waiting).execute() != 1:
        asked = Upload.update(**values).where(mine & (Upload.status == "processing") & waiting)
        if asked.execute() != 1:
            over = mine & Upload.tweet_id.not_in(Tweet.select(Tweet.id).where(Tweet.status == "waiting"))
            Upload.update(status="dropped").where(
                over & Upload.status.in_(["wanted", "uploading", "processing"])
            ).execute()
            return None
    found: Upload | None = Upload.get_or_none((Upload.id == upload_id) & (Upload.claim == token))
    return found


def renew(upload: Upload, now: datetime) -> bool:
    """Keep the claim while the bytes go; False where it lapsed."""
    return _change(upload, due_at=now + CLAIM)


def processing(upload: Upload, x_media_id: int, x_media_key: str, check_at: datetime) -> bool:
    """X has the bytes and works on them; asked again at `check_at`."""
    return _change(upload, status="processing", x_media_id=x_media_id, x_media_key=x_media_key, due_at=check_at)


def ready(upload: Upload, x_media_id: int, x_media_key: str, expires_at: datetime) -> bool:
    """It may be posted, until `expires_at`."""
    return _change(upload, status="ready", x_media_id=x_media_id, x_media_key=x_media_key, expires_at=expires_at)


def later(upload: Upload, at: datetime, *, counted: bool = True) -> bool:
    """It did not work; from its beginning at this moment. False where it was tried too often, or is not ours."""
    if counted and upload.attempts >= MAX_ATTEMPTS:
        return False
    attempts = Upload.attempts if counted else Upload.attempts - 1
    if upload.status == "processing":
        return _change(upload, due_at=at)
    return _change(upload, status="wanted", due_at=at, attempts=attempts)


def failed(upload: Upload) -> bool:
    """X won't have it."""
    return _change(upload, status="failed")


def of_tweet(tweet_id: int) -> list[Upload]:
    """What a tweet shows, in its order."""
    return list(Upload.select().where(Upload.tweet_id == tweet_id).order_by(Upload.place))


def count_of(tweet_id: int) -> int:
    """How many files a tweet shows."""
    return int(Upload.select().where(Upload.tweet_id == tweet_id).count())


def expired(uploads: Sequence[Upload], now: datetime) -> bool:
    """Whether X may have forgotten one of them by now."""
    return any(u.expires_at is not None and u.expires_at < now + MARGIN for u in uploads)


def _change(upload: Upload, **values: Any) -> bool:
    won = Upload.update(**values).where((Upload.id == upload.id) & (Upload.claim == upload.claim)).execute()
    return bool(won == 1)
