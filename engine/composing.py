"""What the channel says, within X's length: 280 by the twitter-text rules.

A native retweet has no text of ours. A direct message is said as a credited copy: the sender's name only where the
owner turned it on, and never an @: on self-serve plans posts by program that mention people are restricted
(facts/x-platform.md, "Rules of the house"), so a handle loses its sign.
"""

from collections.abc import Callable

import regex

from engine.text import LINK, MENTION

LIMIT = 280
ELLIPSIS = "…"
_UNSAFE = regex.compile(r"[\p{Cc}\p{Cs}\ufffe\uffff\ufeff]")
_SPACES = regex.compile(r"[^\S\n]+")
_PIECES = regex.compile(r"\s+|\S+")


def weighted_length(text: str) -> int:
    """The length as X counts it: a URL is 23, CJK and emoji are 2."""
    from twitter_text import parse_tweet  # 12 MiB of tables: only who composes pays for them

    return int(parse_tweet(text).weightedLength)


def has_link(text: str) -> bool:
    """Whether X will bill the post as one with a URL."""
    return LINK.search(text) is not None


def clean(text: str) -> str:
    """Text made plain: control characters and doubled spaces gone, at most one empty line."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = "".join(c for c in plain if c == "\n" or not _UNSAFE.match(c))
    lines = [_SPACES.sub(" ", line).strip() for line in kept.split("\n")]
    return str(regex.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip()


def shorten(text: str, limit: int = LIMIT) -> str:
    """The text, cut at a word with an ellipsis where it is too long.

    Links, mentions and hashtags are words here, so they stay whole or go. A single word longer than the limit
    is cut between grapheme clusters, never inside an emoji or a combining sequence.
    """
    if weighted_length(text) <= limit:
        return text
    pieces = _PIECES.findall(text)
    fits = _most(len(pieces), lambda n: weighted_length("".join(pieces[:n]).rstrip() + ELLIPSIS) <= limit)
    kept = "".join(pieces[:fits]).rstrip()
    if kept:
        return kept.rstrip(",;:-–—") + ELLIPSIS
    first = next(p for p in pieces if not p.isspace())
    if LINK.match(first) or MENTION.match(first):
        return ELLIPSIS
    clusters = regex.findall(r"\X", first)
    fits = _most(len(clusters), lambda n: weighted_length("".join(clusters[:n]) + ELLIPSIS) <= limit)
    return "".join(clusters[:fits]) + ELLIPSIS


def credited_copy(text: str, sender_name: str | None, limit: int = LIMIT) -> str:
    """The post that a direct message becomes: `vía Ana: …` with a name, the bare text without one."""
    credit = f"vía {_unaddressed(sender_name)}: " if sender_name else ""
    return shorten(credit + _unaddressed(text), limit)


def _unaddressed(text: str) -> str:
    return MENTION.sub(r"\1", clean(text))


def _most(count: int, fits: Callable[[int], bool]) -> int:
    """The largest n in 0..count for which `fits(n)` holds, where it holds for every smaller n too."""
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low
