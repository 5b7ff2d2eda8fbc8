"""Photos, GIFs and videos: what X takes, and what a file is. Sizes in bytes, lengths in seconds.

X: up to four photos, or one GIF, or one video in a post (docs/x-and-telegram.md, "Speaking"; the sizes are those of X's
media guide). A bot gets files of at most 20 MB from Telegram.
"""

from collections.abc import Sequence
from enum import StrEnum

MB = 1_000_000
MOST_PHOTOS = 4
MAX_ALT = 1000
SHORTEST_S, LONGEST_S = 0.5, 140
FROM_TELEGRAM = 20 * MB


class MediaKind(StrEnum):
    """What X makes of a file. The values are stored and written into files, so they never change."""

    PHOTO = "photo"
    GIF = "gif"
    VIDEO = "video"


LIMITS = {MediaKind.PHOTO: 5 * MB, MediaKind.GIF: 15 * MB, MediaKind.VIDEO: FROM_TELEGRAM}
CATEGORIES = {MediaKind.PHOTO: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.VIDEO: "tweet_video"}
_SIGNS = (
    (b"\xff\xd8\xff", 0, MediaKind.PHOTO, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, MediaKind.PHOTO, "image/png"),
    (b"WEBP", 8, MediaKind.PHOTO, "image/webp"),
    (b"GIF8", 0, MediaKind.GIF, "image/gif"),
    (b"ftypqt", 4, MediaKind.VIDEO, "video/quicktime"),
    (b"ftyp", 4, MediaKind.VIDEO, "video/mp4"),
)


class BadMedia(ValueError):
    """Something that X does not take. `reason` is `kind`, `size`, `length`, `mixed` or `many`; `most` is the limit."""

    def __init__(self, reason: str, most: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.most = most


def recognised(content: bytes) -> tuple[MediaKind, str]:
    """The kind and the MIME type of a file, by its own first bytes. Raises BadMedia."""
    for sign, at, kind, mime in _SIGNS:
        if content[at : at + len(sign)] == sign:
            return kind, mime
    raise BadMedia("kind")


def check(kind: MediaKind, size: int, seconds: float | None = None) -> None:
    """Whether X takes a file of this kind, size and length. Raises BadMedia."""
    if size > LIMITS[kind]:
        raise BadMedia("size", LIMITS[kind])
    if kind is MediaKind.VIDEO and seconds is not None and not SHORTEST_S <= seconds <= LONGEST_S:
        raise BadMedia("length", LONGEST_S)


def check_together(kinds: Sequence[MediaKind]) -> None:
    """Whether these may stand in one post. Raises BadMedia."""
    if len(kinds) > 1 and any(k is not MediaKind.PHOTO for k in kinds):
        raise BadMedia("mixed")
    if len(kinds) > MOST_PHOTOS:
        raise BadMedia("many", MOST_PHOTOS)
