"""X's length: 280 by twitter-text's weights. A link is 23 and an emoji 2, whatever either is made of.

Whatever is weighed costs its length, and whether it fits costs no more than what fits.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from engine.on_x.links import links
from engine.on_x.tables import Tables, tables

LIMIT = 280
LINK_WEIGHT = 23
LONGEST_EMOJI = 12  # signs; the longest of Unicode has ten
EMOJI_WEIGHT = HEAVY_WEIGHT = 2
_AS_PICTURE, _AS_TEXT = "\ufe0f", "\ufe0e"
_APART = re.compile(r"[ \n]*[^ \n]+|[ \n]+")  # neither a link nor an emoji goes across a space
#: A flag that is spelled out in tags, known to Unicode's list or not (Texas, say).
_TAG_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,31}\U000e007f")


def weighted_length(text: str) -> int:
    """The length as X counts it: a link is 23, CJK and emoji are 2."""
    return sum(_weights(text))


def fits(text: str, limit: int = LIMIT) -> bool:
    """Whether the length as X counts it is no more than this."""
    weight = 0
    for one in _weights(text):
        weight += one
        if weight > limit:
            return False
    return True


def is_emoji(text: str) -> bool:
    """Whether a text is one emoji that there is."""
    return " " not in text and f" {text} " in tables().emoji.get(text[:1], "")


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
    return end - start + (HEAVY_WEIGHT - 1) * len(tables().heavy.findall(text, start, end)) if start < end else 0


def _emoji(text: str) -> Iterator[tuple[int, int]]:
    """Where emoji begin and end, each with the sign that makes it a picture; the longest of those that begin alike."""
    if text.isascii():
        return
    known = tables()
    at = 0
    while (match := known.first.search(text, at)) is not None:
        start = match.start()
        end = _end_of_emoji(known, text, start)
        if end and text[end : end + 1] == _AS_PICTURE:
            end += 1
        if end and text[end : end + 1] != _AS_TEXT:
            yield start, end
        at = end or start + 1


def _end_of_emoji(known: Tables, text: str, start: int) -> int:
    flag = _TAG_FLAG.match(text, start)
    if flag is not None:
        return flag.end()
    emoji = known.emoji[text[start]]
    ends = range(min(start + LONGEST_EMOJI, len(text)), start, -1)
    return next((end for end in ends if f" {text[start:end]} " in emoji), 0)
