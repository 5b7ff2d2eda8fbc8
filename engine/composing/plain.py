"""Text made plain: what X or a reader would stumble over is taken out before anything is composed of it."""

import re

import regex

from engine.on_x import links
from engine.text import LINK, MENTION, bare_of_marks

_UNSAFE = regex.compile(r"(?!\n)[\p{Cc}\p{Cs}\ufffe\uffff\ufeff]")
_SPACES = regex.compile(r"[^\S\n]+")
_BEFORE_SIGN = regex.compile(r"(?<![^\S\n])[^\S\n]++([,.;:!?…])(?=\s|$)")


def clean(text: str) -> str:
    """Control characters and doubled spaces gone, at most one empty line and thirty marks on a letter."""
    plain = bare_of_marks(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = _UNSAFE.sub("", plain)
    lines = [_SPACES.sub(" ", line).strip() for line in kept.split("\n")]
    return str(regex.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip()


def unaddressed(text: str, own_handle: str = "") -> str:
    """Nobody is mentioned: a handle loses its @, and the channel's own goes.

    On self-serve plans posts by program that mention people are restricted (docs/x-and-telegram.md).
    """
    own = own_handle.lower()
    if "@" not in text and "＠" not in text:
        return text
    kept = [*links(text), *(m.span() for m in LINK.finditer(text))]

    def without_sign(found: re.Match[str]) -> str:
        if any(start <= found.start() < end for start, end in kept):
            return found[0]  # part of a link: `medium.com/@ana`
        return "" if own and found[1].lower() == own else found[1]

    bare = MENTION.sub(without_sign, text)
    bare = _BEFORE_SIGN.sub(r"\1", bare) if bare != text else bare
    return clean(bare).lstrip(" ,;:").strip() if bare != text else text
