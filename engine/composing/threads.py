"""A text that is too long for one post, as the posts of a thread: parted where it hurts least."""

import regex

from engine.composing.length import most_that
from engine.on_x import LIMIT, fits

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


def _last_fitting(text: str, places: list[tuple[int, int]], limit: int) -> tuple[int, int] | None:
    """The last of these places before which the text fits."""
    count = most_that(len(places), lambda n: fits(text[: places[n - 1][0]], limit))
    return places[count - 1] if count else None
