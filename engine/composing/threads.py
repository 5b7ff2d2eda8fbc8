"""A text that is too long for one post, as the posts of a thread: parted where it hurts least."""

from enum import StrEnum

import regex

from engine.composing.length import most_that, shorten
from engine.on_x import LIMIT, fits
from engine.posts import MOST_POSTS
from engine.text import ELLIPSIS

_BREAKS = (
    regex.compile(r"\n\s*\n"),
    regex.compile(r"\n"),
    regex.compile(r"(?<=[.!?…])\s+"),
    regex.compile(r"(?<=[,;:])\s+"),
    regex.compile(r"\s+"),
)


def parted(text: str, limit: int = LIMIT) -> list[str]:
    """The text in pieces that each fit: whole paragraphs, else lines, sentences, clauses, words.

    A single word that is too long stays whole, in a piece that does not fit.
    """
    if fits(text, limit):
        return [text]
    for mark in _BREAKS:
        place = _last_fitting(text, [m.span() for m in mark.finditer(text) if m.start() > 0], limit)
        if place is None:
            continue
        start, end = place
        if mark is _BREAKS[-1] or not fits(text[:start], limit // 3 - 1):
            return [text[:start].rstrip(), *parted(text[end:].lstrip(), limit)]
    first = _BREAKS[-1].search(text)
    if first is None or first.start() == 0:
        return [text]
    return [text[: first.start()], *parted(text[first.end() :], limit)]


class Long(StrEnum):
    """What becomes of a copy that is too long for one post."""

    CUT = "cut"
    THREAD = "thread"


def posts_of(text: str, room: int) -> list[str]:
    """The text as the posts of a thread, as many as one may have, the first within `room`: what is left is cut off."""
    first = parted(text, room)[0]
    posts = [first, *parted(text[len(first) :].lstrip())]
    if len(posts) > MOST_POSTS:
        posts = [*posts[: MOST_POSTS - 1], shorten(posts[MOST_POSTS - 1] + " " + ELLIPSIS)]
    return [shorten(post) for post in posts if post.strip()]


def _last_fitting(text: str, places: list[tuple[int, int]], limit: int) -> tuple[int, int] | None:
    """The last of these places before which the text fits."""
    count = most_that(len(places), lambda n: fits(text[: places[n - 1][0]], limit))
    return places[count - 1] if count else None
