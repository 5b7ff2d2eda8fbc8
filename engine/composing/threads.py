"""A text that is too long for one post, as the posts of a thread: parted where it hurts least."""

from enum import StrEnum

import regex

from engine.composing.length import most_that, shorten, unbroken
from engine.on_x import LIMIT, fits
from engine.posts import MOST_POSTS
from engine.text import ELLIPSIS

_BREAKS = (
    regex.compile(r"\n\s*\n"),
    regex.compile(r"\n"),
    regex.compile(r"(?<=[.!?…])\s+"),
    regex.compile(r"(?<=[。！？])(?=\S)"),  # what is written without spaces
    regex.compile(r"(?<=[,;:])\s+"),
    regex.compile(r"(?<=[、，；：])(?=\S)"),
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
    first = _broken(parted(text, room)[0], room)[0]
    posts = [first, *(post for piece in parted(text[len(first) :].lstrip()) for post in _broken(piece, LIMIT))]
    if len(posts) > MOST_POSTS:
        posts = [*posts[: MOST_POSTS - 1], shorten(posts[MOST_POSTS - 1] + " " + ELLIPSIS)]
    return [shorten(post) for post in posts if post.strip()]


def _broken(piece: str, limit: int) -> list[str]:
    """A word that is too long for a post goes on in the next: nothing of a text without spaces is lost."""
    if fits(piece, limit):
        return [piece]
    signs = unbroken(piece, len(piece))
    count = most_that(len(signs), lambda n: fits("".join(signs[:n]), limit))
    if not count:
        return [piece]
    return ["".join(signs[:count]), *_broken("".join(signs[count:]), limit)]


def _last_fitting(text: str, places: list[tuple[int, int]], limit: int) -> tuple[int, int] | None:
    """The last of these places before which the text fits."""
    count = most_that(len(places), lambda n: fits(text[: places[n - 1][0]], limit))
    return places[count - 1] if count else None
