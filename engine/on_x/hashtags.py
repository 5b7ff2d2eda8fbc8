"""Hashtags as X links them: never a number alone, never within a link, an address or a word."""

import regex

from engine.on_x.links import links

_INSIDE = (
    r"\p{L}\p{M}\p{Nd}_\u200c\u200d\ua67e\u05be\u05f3\u05f4\uff5e\u301c\u309b\u309c\u30a0\u30fb\u3003\u0f0b\u0f0c\xb7"
)
_HASHTAG = regex.compile(
    rf"(?:^|[\ufe0e\ufe0f]|(?<![{_INSIDE}&]))[#＃](?![\ufe0f\u20e3])(?P<tag>[{_INSIDE}]*+(?<=[\p{{L}}\p{{M}}][{_INSIDE}]*))"
    r"(?![#＃]|://)"
)


def hashtags(text: str) -> list[str]:
    """The hashtags of a text, without their sign, in their order."""
    if "#" not in text and "＃" not in text:
        return []
    taken = links(text)
    found = [m for m in _HASHTAG.finditer(text) if m["tag"]]
    return [m["tag"] for m in found if not any(start <= m.start() < end for start, end in taken)]
