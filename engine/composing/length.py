"""X's length: 280 by the twitter-text rules, and cutting to it where it hurts least."""

from collections.abc import Callable

import regex

from engine.text import LINK, MENTION

LIMIT = 280
ELLIPSIS = "…"
_PIECES = regex.compile(r"\s+|\S+")


def weighted_length(text: str) -> int:
    """The length as X counts it: a URL is 23, CJK and emoji are 2."""
    from twitter_text import parse_tweet  # 12 MiB of tables: only who composes pays for them

    return int(parse_tweet(text).weightedLength)


def has_link(text: str) -> bool:
    """Whether X will bill the post as one with a URL."""
    return LINK.search(text) is not None


def shorten(text: str, limit: int = LIMIT) -> str:
    """The text, cut at a word with an ellipsis where it is too long."""
    return shorten_to(text, lambda cut: weighted_length(cut) <= limit)


def shorten_to(text: str, fits: Callable[[str], bool]) -> str:
    """The text, cut at a word with an ellipsis until it `fits`, which shorter texts must do the more.

    Links, mentions and hashtags are words here, so they stay whole or go. A single word that is too long is cut
    between grapheme clusters, never inside an emoji or a combining sequence.
    """
    if fits(text):
        return text
    pieces = _PIECES.findall(text)
    count = most_that(len(pieces), lambda n: fits("".join(pieces[:n]).rstrip() + ELLIPSIS))
    kept = "".join(pieces[:count]).rstrip()
    if kept:
        return kept.rstrip(",;:-–—") + ELLIPSIS
    first = next((p for p in pieces if not p.isspace()), "")
    if not first or LINK.match(first) or MENTION.match(first):
        return ELLIPSIS
    clusters = regex.findall(r"\X", first)
    count = most_that(len(clusters), lambda n: fits("".join(clusters[:n]) + ELLIPSIS))
    return "".join(clusters[:count]) + ELLIPSIS


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
