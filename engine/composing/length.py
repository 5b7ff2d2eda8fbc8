"""A text cut to X's length where it hurts least: between words, never inside a link, an emoji or a letter."""

from collections.abc import Callable

import regex

from engine.on_x import LIMIT, fits, links
from engine.text import ELLIPSIS, LINK, MENTION

_PIECES = regex.compile(r"\s+|\S+")
_CLUSTERS = regex.compile(r"\X")


def shorten(text: str, limit: int = LIMIT) -> str:
    """The text, cut at a word with an ellipsis where it is too long."""
    return shorten_to(text, lambda cut: fits(cut, limit), limit)


def shorten_to(text: str, suits: Callable[[str], bool], most: int = LIMIT) -> str:
    """The text, cut at a word with an ellipsis until it `suits`, which shorter texts must do the more.

    Links, mentions and hashtags are words here, so they stay whole or go. A single word that is too long is cut
    between grapheme clusters, never inside an emoji, a combining sequence or a link that stands in it without spaces.
    `most` words or clusters never suit.
    """
    if suits(text):
        return text
    pieces = _first(_PIECES, text, 2 * most)
    count = most_that(len(pieces), lambda n: suits("".join(pieces[:n]).rstrip() + ELLIPSIS))
    kept = "".join(pieces[:count]).rstrip()
    if kept:
        whole = any(end == len(kept) for _, end in links(kept))
        return (kept if whole else kept.rstrip(",;:-–—")) + ELLIPSIS
    first = next((p for p in pieces if not p.isspace()), "")
    if MENTION.match(first) or (LINK.match(first) and not links(first)):
        return ELLIPSIS
    clusters = unbroken(first, most)
    count = most_that(len(clusters), lambda n: suits("".join(clusters[:n]) + ELLIPSIS))
    return "".join(clusters[:count]) + ELLIPSIS


def unbroken(word: str, most: int) -> list[str]:
    """The first parts of a word between which it may be cut: a link is one, as is all that is seen as one sign."""
    parts: list[str] = []
    at = 0
    for start, end in [*links(word), (len(word), len(word))]:
        if start > at:
            parts += _first(_CLUSTERS, word[at:start], most - len(parts))
        if len(parts) >= most:
            break
        if end > start:
            parts.append(word[start:end])
        at = end
    return parts


def _first(pattern: "regex.Pattern[str]", text: str, most: int) -> list[str]:
    return [m[0] for _, m in zip(range(most), pattern.finditer(text), strict=False)]


def most_that(count: int, fits: Callable[[int], bool]) -> int:
    """The largest n in 0..count for which `fits(n)` holds, where it holds for every smaller n too."""
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low
