"""Where links lead: `https://www.Bit.ly/Abc?x=1` leads to `bit.ly`, and within it to `bit.ly/abc`."""

import re
import unicodedata

from engine.on_x.links import in_ascii, links

MOST_STEPS, LONGEST_STEP = 4, 100
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_ESCAPED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_PLACE = re.compile(r"(?:www\.)?(?P<site>[^/?#:]+)(?::[0-9]+)?(?P<path>[^?#]*)")


def sites(text: str) -> list[str]:
    """All that the links of a text lead to: for each its site, what that belongs to, and the steps of its path."""
    composed = unicodedata.normalize("NFC", text)
    return list(dict.fromkeys(name for start, end in links(composed) for name in _names(composed[start:end])))


def site_of(text: str) -> str | None:
    """What a text that is a link and nothing else leads to, as `sites` names it."""
    link = unicodedata.normalize("NFC", text.strip())
    if links(link) != [(0, len(link))]:
        return None
    names = _names(link)
    return max(names, key=len) if names else None


def led_to(link: str) -> tuple[str, str]:
    """The site of a link in ASCII without `www.`, and its path, with letters for `%65`; both without case."""
    plain = _ESCAPED.sub(lambda m: bytes.fromhex(m[0].replace("%", "")).decode(errors="replace"), link)
    found = _PLACE.match(_SCHEME.sub("", unicodedata.normalize("NFC", plain)))
    if found is None:
        return "", ""
    site = found["site"].casefold()
    return in_ascii(site) or site, found["path"].casefold().rstrip("/")


def _names(link: str) -> list[str]:
    site, path = led_to(link)
    labels = site.split(".")
    steps = [s[:LONGEST_STEP] for s in path.split("/")[1:] if s][:MOST_STEPS]
    names = [".".join(labels[n:]) for n in range(max(len(labels) - 1, 1))]
    return names + ["/".join([site, *steps[:n]]) for n in range(1, len(steps) + 1)]
