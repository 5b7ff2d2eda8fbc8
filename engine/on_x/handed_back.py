"""How X hands a text back: composed letters, signs escaped, links wrapped; and whether it is the same text."""

import html
import re
import unicodedata
from collections.abc import Mapping

import regex

from engine.on_x.links import links
from engine.on_x.sites import led_to

NOT_TOLD: Mapping[str, str] = {}
MOST_ESCAPED = 3
_WRAPPED = re.compile(r"(?:https?://)?(?<![\w.-])t\.co/[A-Za-z0-9]+", re.IGNORECASE)
_UNSEEN = regex.compile(r"[\p{Cf}\ufe0e\ufe0f]")
_SPACES = re.compile(r"\s+")
_SCHEME = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
_END_OF_LINK = re.compile(r"/(?=\s|$)")
_LINK = "\ue002"


def unwrapped(text: str, told: Mapping[str, str]) -> str:
    """A text with its links as they were written; `told` says for each of X's own where it leads."""
    return _WRAPPED.sub(lambda m: told.get(m[0], m[0]), text) if told else text


def is_same(said: str, there: str, told: Mapping[str, str] = NOT_TOLD) -> bool:
    """Whether what stands on X is what was said. Where X does not tell what a link leads to, it may be any."""
    ours, theirs = _composed(said), _composed(there)
    if _bare(ours) == _bare(unwrapped(theirs, told)):
        return True
    text, leads = _parted(ours)
    as_there, leads_there = _parted(theirs)
    if text != as_there:
        return False
    return all(_leads_alike(a, told.get(b, b)) for a, b in zip(leads, leads_there, strict=True))


def _composed(text: str) -> str:
    for _ in range(MOST_ESCAPED):
        plain = html.unescape(text)
        if plain == text:
            break
        text = plain
    return unicodedata.normalize("NFC", text)


def _bare(text: str) -> str:
    """Without what X may add to a link, or leave out of a text."""
    return _seen(_END_OF_LINK.sub("", _SCHEME.sub("", text)))


def _seen(text: str) -> str:
    return _SPACES.sub(" ", str(_UNSEEN.sub("", text))).strip()


def _parted(text: str) -> tuple[str, list[str]]:
    """The text around its links, and the links."""
    short = [m.span() for m in _WRAPPED.finditer(text)]  # signs behind one may be those of the text
    others = [(a, b) for a, b in links(text) if not any(a < end and start < b for start, end in short)]
    found = sorted([*short, *others])
    edges = [0, *(edge for span in found for edge in span), len(text)]
    around = [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return _seen(_LINK.join(around)), [text[a:b] for a, b in found]


def _leads_alike(link: str, other: str) -> bool:
    if _WRAPPED.fullmatch(link) or _WRAPPED.fullmatch(other):
        return True
    return led_to(link) == led_to(other)
