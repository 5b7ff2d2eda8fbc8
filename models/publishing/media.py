"""Photos, GIFs and videos of a channel, and their way to X before the tweet that shows them is said.

wanted → uploading → ready        uploading → processing (X works on it) → ready        → wanted (again) | failed

An upload shows nothing to anybody, so one that broke off is simply begun anew; a claim lapses by itself. One that lacks
but its description is `processing` too, with `expires_at` known. What X has forgotten is brought there once more.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import peewee as pw

from engine.media import MediaKind
from engine.posts import Attachment
from models.database import EnumField, InstantField, Table
from models.publishing.tweets import Tweet, TweetStatus
from models.statements import as_rows, statement

CLAIM = timedelta(seconds=90)  # longer than the longest call: a piece that goes slowly
KEPT = timedelta(days=30)
MAX_ATTEMPTS = 24  # over an hour, with the pauses of tasks/media.py
MARGIN = timedelta(minutes=5)


class Media(Table):
    """A file that somebody gave the channel. `still`: a GIF that does not move."""

    id = pw.AutoField()
    channel_id = pw.IntegerField(index=True)
    kind = EnumField(MediaKind)
    mime = pw.TextField()
    size = pw.IntegerField()
    content = pw.BlobField()
    still = pw.BooleanField(default=False)
    created_at = InstantField()


class UploadStatus(StrEnum):
    """Where a file on its way to X stands. The values are stored, so they never change."""

    WANTED = "wanted"  # nothing of it is at X yet
    UPLOADING = "uploading"  # a worker brings it there
    PROCESSING = "processing"  # X has the bytes and works on them
    READY = "ready"  # a tweet can show it
    FAILED = "failed"  # X won't have it
    DROPPED = "dropped"  # its tweet no longer waits for it


class Upload(Table):
    """A file on its way to X for one tweet; `head_id` is the first of the tweet's thread. `due_at`: looked at then.

    `asked_since`: from when on X is waited for. `undescribed`: X did not take its description.
    """

    id = pw.BigAutoField()
    tweet_id = pw.BigIntegerField(index=True)
    head_id = pw.BigIntegerField(index=True)
    place = pw.IntegerField()
    media_id = pw.IntegerField()
    alt = pw.TextField(default="")
    status = EnumField(UploadStatus, default=UploadStatus.WANTED)
    claim = pw.TextField(default="")
    due_at = InstantField()
    attempts = pw.IntegerField(default=0)
    x_media_id = pw.BigIntegerField(null=True)
    x_media_key = pw.TextField(default="")
    expires_at = InstantField(null=True)
    asked_since = InstantField(null=True)
    undescribed = pw.BooleanField(default=False)

    @property
    def lacks_description(self) -> bool:
        """Whether X is done with it, and only its description is not there yet."""
        return self.status is UploadStatus.PROCESSING and self.expires_at is not None


@dataclass(frozen=True, slots=True)
class File:
    """What X has to know of a file before its bytes."""

    media_id: int
    kind: MediaKind
    mime: str
    size: int
    still: bool = False


# --- files -------------------------------------------------------------------------------------------------


def keep(channel_id: int, kind: MediaKind, mime: str, content: bytes, now: datetime, *, still: bool = False) -> int:
    """Store a file; its id."""
    what: dict[str, Any] = {"kind": kind, "mime": mime, "size": len(content), "content": content, "still": still}
    return int(Media.insert(channel_id=channel_id, **what, created_at=now).execute())


def file(media_id: int) -> File | None:
    """What a file is, without its bytes."""
    row = Media.select(Media.kind, Media.mime, Media.size, Media.still).where(Media.id == media_id).first()
    return None if row is None else File(media_id, MediaKind(row.kind), row.mime, row.size, row.still)


def chunk(media_id: int, start: int, size: int) -> bytes:
    """A piece of a file, from byte `start` (from 0); empty past its end."""
    piece = Media.select(pw.fn.SUBSTR(Media.content, start + 1, size)).where(Media.id == media_id).scalar()
    return bytes(piece or b"")


def owned(channel_id: int, media_ids: Iterable[int]) -> dict[int, MediaKind]:
    """Which of these files the channel has, and what they are."""
    rows = Media.select(Media.id, Media.kind).where((Media.channel_id == channel_id) & Media.id.in_(list(media_ids)))
    return {r.id: MediaKind(r.kind) for r in rows}


def kinds(channel_id: int) -> dict[int, MediaKind]:
    """What all files of the channel are."""
    rows = Media.select(Media.id, Media.kind).where(Media.channel_id == channel_id)
    return {r.id: MediaKind(r.kind) for r in rows}


def going() -> pw.Query:
    """The files that are on their way to X."""
    return Upload.select(Upload.media_id).where(_open())


_ANEW: dict[str, Any] = {
    "status": UploadStatus.WANTED, "attempts": 0, "claim": "", "x_media_id": None, "expires_at": None,
    "asked_since": None, "undescribed": False,
}  # fmt: skip

# --- to X --------------------------------------------------------------------------------------------------


def want(tweet_id: int, head_id: int, media: Sequence[Attachment], now: datetime) -> None:
    """The files of a tweet are to be at X; call it inside the transaction that makes the tweet."""
    for place, item in enumerate(media):
        Upload.insert(
            tweet_id=tweet_id, head_id=head_id, place=place, media_id=item.media_id, alt=item.alt, due_at=now
        ).execute()


def want_again(tweet_ids: Sequence[int], now: datetime) -> None:
    """Bring the files of these tweets to X once more; call it inside the transaction that makes them wait."""
    Upload.update(**_ANEW, due_at=now).where(Upload.tweet_id.in_(list(tweet_ids))).execute()


def due(now: datetime, limit: int = 50, but_of: Collection[int] = ()) -> list[int]:
    """Ids of uploads to be worked on: wanted, at X's work, or left in the middle; `but_of`: not of these channels."""
    rows = Upload.select(Upload.id).join(Tweet, on=(Tweet.id == Upload.tweet_id))
    rows = rows.where(_open() & (Upload.due_at <= now) & Tweet.channel_id.not_in(list(but_of)))
    return [u.id for u in rows.order_by(Upload.due_at).limit(limit)]


def waiting(channel_id: int) -> bool:
    """Whether something of the channel is on its way to X."""
    mine = Tweet.select(Tweet.id).where((Tweet.channel_id == channel_id) & (Tweet.status == TweetStatus.WAITING))
    return bool(Upload.select().where(_open() & Upload.tweet_id.in_(mine)).exists())


def channel_of(upload_id: int) -> int | None:
    """The channel of an upload; None where it, or its tweet, is gone."""
    mine = Upload.select(Upload.tweet_id).where(Upload.id == upload_id)
    row = Tweet.select(Tweet.channel_id).where(Tweet.id == mine).first()
    return row.channel_id if row is not None else None


def claim(upload_id: int, now: datetime) -> Upload | None:
    """Take an upload; None where it is not due, or somebody else's. Of one whose tweet is over nothing is done."""
    token = secrets.token_hex(8)
    mine = (Upload.id == upload_id) & (Upload.due_at <= now)
    waiting = Upload.tweet_id.in_(Tweet.select(Tweet.id).where(Tweet.status == TweetStatus.WAITING))
    values: dict[str, Any] = {"claim": token, "due_at": now + CLAIM}
    again = Upload.update(status=UploadStatus.UPLOADING, **values, attempts=Upload.attempts + 1)
    if again.where(mine & Upload.status.in_([UploadStatus.WANTED, UploadStatus.UPLOADING]) & waiting).execute() != 1:
        asked = Upload.update(**values).where(mine & (Upload.status == UploadStatus.PROCESSING) & waiting)
        if asked.execute() != 1:
            over = mine & Upload.tweet_id.not_in(Tweet.select(Tweet.id).where(Tweet.status == TweetStatus.WAITING))
            Upload.update(status=UploadStatus.DROPPED).where(
                over & Upload.status.in_([UploadStatus.WANTED, UploadStatus.UPLOADING, UploadStatus.PROCESSING])
            ).execute()
            return None
    return Upload.get_or_none((Upload.id == upload_id) & (Upload.claim == token))


def renew(upload: Upload, now: datetime) -> bool:
    """Keep the claim while the bytes go; False where it lapsed."""
    return _change(upload, due_at=now + CLAIM)


def processing(upload: Upload, x_media_id: int, x_media_key: str, since: datetime, check_at: datetime) -> bool:
    """X has the bytes and works on them, `since` then; asked again at `check_at`."""
    at_x: dict[str, Any] = {"x_media_id": x_media_id, "x_media_key": x_media_key}
    return _change(upload, status=UploadStatus.PROCESSING, **at_x, asked_since=since, due_at=check_at)


def taken(upload: Upload, x_media_id: int, x_media_key: str, expires_at: datetime, since: datetime) -> bool:
    """X is done with it until `expires_at`, and is yet to be told what is to be seen; the claim goes on."""
    at_x: dict[str, Any] = {"x_media_id": x_media_id, "x_media_key": x_media_key, "expires_at": expires_at}
    won = _change(upload, status=UploadStatus.PROCESSING, **at_x, asked_since=since)
    if won:
        upload.status, upload.x_media_id, upload.x_media_key = UploadStatus.PROCESSING, x_media_id, x_media_key
        upload.expires_at, upload.asked_since = expires_at, since
    return won


def ready(
    upload: Upload, x_media_id: int, x_media_key: str, expires_at: datetime, *, undescribed: bool = False
) -> bool:
    """It may be posted, until `expires_at`; `undescribed` where X did not take its description."""
    at_x: dict[str, Any] = {"x_media_id": x_media_id, "x_media_key": x_media_key, "expires_at": expires_at}
    return _change(upload, status=UploadStatus.READY, **at_x, undescribed=undescribed)


def later(upload: Upload, at: datetime, *, counted: bool = True, anew: bool = False) -> bool:
    """It did not work; from its beginning at this moment. False where it was tried too often, or is not ours.

    What X works on is only asked about again, unless X has lost it (`anew`).
    """
    if counted and upload.attempts >= MAX_ATTEMPTS:
        return False
    attempts = Upload.attempts if counted else Upload.attempts - 1
    if upload.status != UploadStatus.PROCESSING:
        return _change(upload, status=UploadStatus.WANTED, due_at=at, attempts=attempts)
    if anew:
        return _change(upload, status=UploadStatus.WANTED, due_at=at, x_media_id=None, expires_at=None)
    return _change(upload, due_at=at)


def failed(upload: Upload) -> bool:
    """X won't have it."""
    return _change(upload, status=UploadStatus.FAILED)


def give_up(upload_id: int) -> Upload | None:
    """→ failed for what can't be handled, whoever has the claim; None where it is over already."""
    begun = Upload.status.in_([UploadStatus.WANTED, UploadStatus.UPLOADING, UploadStatus.PROCESSING])
    gone = Upload.update(status=UploadStatus.FAILED).where((Upload.id == upload_id) & begun).returning(Upload)
    return next(iter(gone.execute()), None)


def tweets_of(upload_id: int) -> list[int]:
    """The first tweet of the thread that an upload is for, and the tweet itself; none where it is gone."""
    row = Upload.get_or_none(Upload.id == upload_id)
    return [] if row is None else [row.head_id, row.tweet_id]


@statement
def _of_tweet(tweet_id: int) -> pw.Query:
    return Upload.select().where(Upload.tweet_id == tweet_id).order_by(Upload.place)


def of_tweet(tweet_id: int) -> list[Upload]:
    """What a tweet shows, in its order."""
    return as_rows(Upload, _of_tweet.rows(tweet_id))


def described(tweet_id: int) -> int:
    """How many files a tweet shows with a description."""
    return sum(bool(u.alt) for u in of_tweet(tweet_id))


def count_of(tweet_id: int) -> int:
    """How many files a tweet shows."""
    return int(Upload.select().where(Upload.tweet_id == tweet_id).count())


def undescribed(tweet_ids: Iterable[int]) -> int:
    """How many files X shows in these tweets without the description that they have here."""
    mine = Upload.tweet_id.in_(list(tweet_ids)) & Upload.undescribed & (Upload.status == UploadStatus.READY)
    return int(Upload.select().where(mine).count())


def expired(uploads: Sequence[Upload], now: datetime) -> bool:
    """Whether X may have forgotten one of them by now."""
    return any(u.expires_at is not None and u.expires_at < now + MARGIN for u in uploads)


def _open() -> pw.Expression:
    return Upload.status.literally(UploadStatus.WANTED, UploadStatus.UPLOADING, UploadStatus.PROCESSING)


def _change(upload: Upload, **values: Any) -> bool:
    won = Upload.update(**values).where((Upload.id == upload.id) & (Upload.claim == upload.claim)).execute()
    return bool(won == 1)
