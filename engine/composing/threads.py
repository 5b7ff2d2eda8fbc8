"""A text that is too long for one post, as the posts of a thread: parted where it hurts least."""

import regex

from engine.composing.length import LIMIT, weighted_length

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
    if weighted_length(text) <= limit:
        return [text]
    for mark in _BREAKS:
        places = [m.span() for m in mark.finditer(text)]
        fitting = [(start, end) for start, end in places if start > 0 and weighted_length(text[:start]) <= limit]
        if fitting:
            start, end = fitting[-1]
            if mark is _BREAKS[-1] or weighted_length(text[:start]) >= limit // 3:
                return [text[:start].rstrip(), *parted(text[end:].lstrip(), limit)]
    first = _BREAKS[-1].search(text)
    if first is None or first.start() == 0:
        return [text]
    return [text[: first.start()], *parted(text[first.end() :], limit)]
