"""The sandbox's X, files: sent in pieces, worked on for a second where they move, gone after a day."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.x_refusals import invalid, not_found

MEDIA_LIFE_S = 24 * 3600
MAX_BYTES = {"tweet_image": 5_000_000, "tweet_gif": 15_000_000, "tweet_video": 512_000_000}


@dataclass
class Media:
    """A file on its way, or there. `state` is `open`, `pending`, `succeeded` or `failed`.

    `error`: why X can't use it, which it may say whatever the state. `check_after`: what it says of when to ask again.
    """

    id: int
    owner_id: int
    category: str
    mime: str
    size: int
    started_at: float
    segments: dict[int, bytes] = field(default_factory=dict)
    state: str = "open"
    ready_at: float = 0.0
    alt: str = ""
    error: str = ""
    check_after: object = 1

    @property
    def key(self) -> str:
        return f"{ {'tweet_image': 3, 'tweet_video': 7, 'tweet_gif': 16}[self.category] }_{self.id}"

    @property
    def content(self) -> bytes:
        return b"".join(self.segments[n] for n in sorted(self.segments))


@dataclass
class Uploads:
    """All files."""

    new_id: Callable[[], int]
    items: dict[int, Media] = field(default_factory=dict)

    def begin(self, owner_id: int, category: str, mime: str, size: int) -> Media:
        """Open an upload. Raises Denied for a file that is too large."""
        if not 0 < size <= MAX_BYTES.get(category, 0):
            raise invalid("total_bytes", f"File size exceeds {MAX_BYTES.get(category, 0)} bytes.")
        item = Media(self.new_id(), owner_id, category, mime, size, time.time())
        self.items[item.id] = item
        return item

    def own(self, owner_id: int, media_id: int) -> Media:
        """A file of this account's. Raises Denied."""
        item = self.items.get(media_id)
        if item is None or item.owner_id != owner_id:
            raise not_found("media", str(media_id))
        return item

    def finish(self, item: Media, *, fails: str = "", works: str = "") -> None:
        """All is there: images at once, what moves after a second of work. Raises Denied where pieces are missing.

        `fails`: how X says that it can't use it; `works`: when X says to ask again, for ever.
        """
        there = sum(map(len, item.segments.values()))
        if there != item.size or sorted(item.segments) != list(range(len(item.segments))):
            raise invalid("media_id", "Segments do not add up to provided total file size.")
        if works:
            item.state, item.ready_at = "pending", math.inf
            item.check_after = None if works == "none" else works if works.isalpha() else int(works)
        elif fails.startswith("error"):
            item.state, item.ready_at = ("pending", math.inf) if fails == "error at work" else ("failed", 0.0)
            item.error = "file is currently unsupported"
        elif item.category == "tweet_image":
            if fails:
                raise invalid("media_id", "Media type unrecognized.")
            item.state = "succeeded"
        else:
            item.state, item.ready_at = ("failed" if fails else "pending"), time.time() + 1

    def check(self, author_id: int, media_ids: tuple[int, ...]) -> None:
        """Whether a post may show these. Raises Denied."""
        items = [self.items.get(i) for i in media_ids]
        now = time.time()
        for item in items:
            usable = item is not None and item.owner_id == author_id and item.state == "succeeded"
            if not usable or (item is not None and now - item.started_at > MEDIA_LIFE_S):
                raise invalid("media.media_ids", "Your media IDs are invalid.")
        if len(items) > 4 or (len(items) > 1 and any(i and i.category != "tweet_image" for i in items)):
            raise invalid("media.media_ids", "Your media IDs do not go together.")

    def forget_all(self) -> None:
        """Their day is over."""
        for item in self.items.values():
            item.started_at = 0.0
