"""What is to be said, as a value: a post has a text and attachments; a thread is posts that answer each other.

Written down by hand (in the chat, in a file) a line of `---` parts the posts of a thread, and a line of `===` the
threads that take turns. What is attached stands in a line of its own: `[photo 12: a description]`. A line of a text
that looks like one of these has a backslash before it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.media import MediaKind
from engine.placeholders import filled

MOST_POSTS = 10
_PART = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.MULTILINE)
_TURN = re.compile(r"^[ \t]*={3,}[ \t]*$", re.MULTILINE)
_ATTACHED = re.compile(r"^[ \t]*\[(photo|gif|video) (\d{1,9})(?::[ \t]*(.*?))?\][ \t]*$", re.MULTILINE)
_SPECIAL = r"[ \t]*(?:\\+[ \t]*)?(?:-{3,}|={3,}|\[(?:photo|gif|video) \d{1,9}(?::.*)?\])[ \t]*$"
_TO_ESCAPE = re.compile(rf"^(?={_SPECIAL})", re.MULTILINE)
_ESCAPED = re.compile(rf"^\\(?={_SPECIAL})", re.MULTILINE)
_MANY_ENDS = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored photo, GIF or video, with its description for who can't see it."""

    media_id: int
    kind: MediaKind
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One post. A text may be empty where something is attached."""

    text: str
    media: tuple[Attachment, ...] = ()


Thread = tuple[Post, ...]


def plain(text: str) -> Thread:
    """A thread of one post without attachments."""
    return (Post(text),)


def in_words(thread: Thread) -> str:
    """The texts of a thread, for lists and comparisons."""
    return "\n".join(p.text for p in thread if p.text)


def attached(thread: Thread) -> list[Attachment]:
    """All that is attached in a thread."""
    return [a for post in thread for a in post.media]


def filled_in(thread: Thread, wall: datetime, number: int, language: str) -> Thread:
    """The thread as it goes out at a wall time, for the so-manyth time (from 1)."""
    return tuple(Post(filled(p.text, wall, number, language), p.media) for p in thread)


# --- stored, and written down ----------------------------------------------------------------------------------


def to_json(threads: Sequence[Thread]) -> str:
    """Threads as they are stored."""
    return json.dumps(as_lists(threads), ensure_ascii=False)


def from_json(stored: str) -> list[Thread]:
    return from_lists(json.loads(stored))


def as_lists(threads: Sequence[Thread]) -> list[list[list[object]]]:
    """Threads in plain lists, for JSON: a post is its text and what is attached."""
    return [[[p.text, [[a.media_id, a.kind.value, a.alt] for a in p.media]] for p in t] for t in threads]


def from_lists(lists: Sequence[Sequence[Sequence[object]]]) -> list[Thread]:
    """The threads of `as_lists`."""
    found = []
    for thread in lists:
        posts = []
        for text, media in thread:
            assert isinstance(media, list)
            posts.append(Post(str(text), tuple(Attachment(int(m), MediaKind(k), str(a)) for m, k, a in media)))
        found.append(tuple(posts))
    return found


def write(threads: Sequence[Thread]) -> str:
    """Threads written down by hand."""
    return "\n===\n".join("\n---\n".join(_written(p) for p in thread) for thread in threads)


def read(text: str) -> list[Thread]:
    """Threads out of what was written down; empty posts are left out."""
    threads = [tuple(p for part in _PART.split(turn) if (p := _post(part)).text or p.media)
               for turn in _TURN.split(text)]  # fmt: skip
    return [t for t in threads if t]


def _written(post: Post) -> str:
    lines = [_TO_ESCAPE.sub(r"\\", post.text)] if post.text else []
    for item in post.media:
        alt = " ".join(item.alt.split())
        lines.append(f"[{item.kind.value} {item.media_id}{': ' + alt if alt else ''}]")
    return "\n".join(lines)


def _post(part: str) -> Post:
    media = tuple(Attachment(int(m[2]), MediaKind(m[1]), (m[3] or "").strip()) for m in _ATTACHED.finditer(part))
    text = _MANY_ENDS.sub("\n\n", _ATTACHED.sub("", part)).strip()
    return Post(_ESCAPED.sub("", text), media)
