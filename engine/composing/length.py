"""X's length: 280 by the twitter-text rules, and cutting to it where it hurts least.

Whatever is weighed costs its length, and whether it fits costs no more than what fits.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import regex

from engine.composing.links import links
from engine.text import ELLIPSIS, LINK, MENTION

LIMIT = 280
LINK_WEIGHT = 23
EMOJI_WEIGHT = HEAVY_WEIGHT = 2
_PIECES = regex.compile(r"\s+|\S+")
_APART = re.compile(r"[ \n]*[^ \n]+|[ \n]+")  # neither a link nor an emoji goes across a space


@dataclass(frozen=True)
class _Tables:
    heavy: re.Pattern[str]
    first: re.Pattern[str]
    lengths: dict[str, tuple[int, ...]]
    emoji: frozenset[str]


@cache
def _tables() -> _Tables:
    """twitter-text's weights and emoji: 12 MiB, so only who composes pays for them."""
    from twitter_text.config import config
    from twitter_text.regexp.emoji import emoji_list

    light = "".join(rf"\U{r['start']:08x}-\U{r['end']:08x}" for r in config["defaults"]["ranges"])
    emoji = frozenset("".join(chr(int(c, 16)) for c in e.codepoint.split()) for e in emoji_list)
    lengths: dict[str, set[int]] = {}
    for one in emoji:
        lengths.setdefault(one[0], set()).add(len(one))
    first = "".join(re.escape(c) for c in lengths if not c.isascii())
    return _Tables(
        heavy=re.compile(f"[^{light}]"),
        first=re.compile(f"[{first}]|[0-9#*](?=[\ufe0f\u20e3])"),
        lengths={c: tuple(sorted(found, reverse=True)) for c, found in lengths.items()},
        emoji=emoji,
    )


def weighted_length(text: str) -> int:
    """The length as X counts it: a URL is 23, CJK and emoji are 2."""
    return sum(_weights(text))


def fits(text: str, limit: int = LIMIT) -> bool:
    """Whether the length as X counts it is no more than this."""
    weight = 0
    for one in _weights(text):
        weight += one
        if weight > limit:
            return False
    return True


def _weights(text: str) -> Iterator[int]:
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    if plain.isascii() and "." not in plain:
        yield len(plain)
        return
    for piece in _APART.finditer(plain):
        yield from _weights_in(piece[0])


def _weights_in(piece: str) -> Iterator[int]:
    if piece.isascii() and "." not in piece:
        yield len(piece)
        return
    at = 0
    for start, end, counts in _whole(piece):
        if start >= at:
            yield _signs(piece, at, start) + counts
            at = end
    yield _signs(piece, at, len(piece))


def _whole(piece: str) -> Iterable[tuple[int, int, int]]:
    """What counts as one, in its order, with its weight; a link before an emoji that begins with it."""
    found = [(start, end, LINK_WEIGHT) for start, end in links(piece)]
    emoji = ((start, end, EMOJI_WEIGHT) for start, end in _emoji(piece))
    return sorted([*found, *emoji], key=lambda f: (f[0], -f[2])) if found else emoji


def _signs(text: str, start: int, end: int) -> int:
    return end - start + (HEAVY_WEIGHT - 1) * len(_tables().heavy.findall(text, start, end)) if start < end else 0


def _emoji(text: str) -> Iterator[tuple[int, int]]:
    """Where emoji begin and end; of those that begin with one sign the longest."""
    if text.isascii():
        return
    tables = _tables()
    at = 0
    while (match := tables.first.search(text, at)) is not None:
        start = match.start()
        length = next((n for n in tables.lengths[text[start]] if text[start : start + n] in tables.emoji), 0)
        if length:
            yield start, start + length
        at = start + (length or 1)


def has_link(text: str) -> bool:
    """Whether X will bill the post as one with a URL."""
    return LINK.search(text) is not None


def shorten(text: str, limit: int = LIMIT) -> str:
    """The text, cut at a word with an ellipsis where it is too long."""
    return shorten_to(text, lambda cut: fits(cut, limit), limit)


def shorten_to(text: str, suits: Callable[[str], bool], most: int = LIMIT) -> str:
    """The text, cut at a word with an ellipsis until it `suits`, which shorter texts must do the more.

    Links, mentions and hashtags are words here, so they stay whole or go. A single word that is too long is cut
    between grapheme clusters, never inside an emoji or a combining sequence. `most` words or clusters never suit.
    """
    if suits(text):
        return text
    pieces = _first(_PIECES, text, 2 * most)
    count = most_that(len(pieces), lambda n: suits("".join(pieces[:n]).rstrip() + ELLIPSIS))
    kept = "".join(pieces[:count]).rstrip()
    if kept:
        return kept.rstrip(",;:-–—") + ELLIPSIS
    first = next((p for p in pieces if not p.isspace()), "")
    if not first or LINK.match(first) or MENTION.match(first):
        return ELLIPSIS
    clusters = _first(_CLUSTERS, first, most)
    count = most_that(len(clusters), lambda n: suits("".join(clusters[:n]) + ELLIPSIS))
    return "".join(clusters[:count]) + ELLIPSIS


_CLUSTERS = regex.compile(r"\X")


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
