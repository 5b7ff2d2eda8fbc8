"""How X hands a text out: composed letters (NFC), links wrapped to t.co, signs escaped, long texts cut.

What is a link is twitter-text's to say, bare domains too. Its patterns need minutes for a hostile text of some thousand
letters and dots: a word with more of them than a domain has, and the words after many with dots, are links only where
they say http.
Source: docs/x-and-telegram.md, "Hearing" and "Speaking".
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import emoji
from twitter_text import extract_urls_with_indices, parse_tweet
from twitter_text.has_invalid_characters import has_invalid_characters

MAX_WEIGHT, MAX_LONG = 280, 25_000
LONGEST_WORD, MOST_DOTS, MOST_WORDS = 256, 12, 64
WORD = re.compile(r"\S+")
SAID_TO_BE_A_LINK = re.compile(r"https?://\S+", re.I)
HANDLE = re.compile(r"(?<![A-Za-z0-9_!#$%&*@＠])[@＠]([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@＠À-ʯ])")
TAG = re.compile(r"(?<![\w&#])#(\w*[^\W\d]\w*)")
#: Code points that weigh one; others weigh two (twitter-text's configuration, version 3).
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))

Named = Callable[[str], tuple[str, int] | None]


@dataclass(frozen=True, slots=True)
class Span:
    """Something in a text as it is handed out, and what it is."""

    start: int
    end: int
    kind: str
    told: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handed:
    """A text as X hands it out: maybe cut, the whole in `note`; `displayed` of its code points are shown."""

    text: str
    spans: tuple[Span, ...] = ()
    displayed: int = 0
    note: "Handed | None" = None

    @property
    def mentioned(self) -> list[int]:
        """The accounts that the whole text mentions."""
        return self.named_from(0)

    def named_from(self, start: int) -> list[int]:
        """The accounts that the whole text mentions from there on."""
        spans = (self.note or self).spans
        return list(dict.fromkeys(int(s.told["id"]) for s in spans if s.kind == "mentions" and s.start >= start))

    def entities(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for span in self.spans:
            found.setdefault(span.kind, []).append({"start": span.start, "end": span.end, **span.told})
        return found


def composed(text: str) -> str:
    """As X keeps a text."""
    return unicodedata.normalize("NFC", text.strip())


def handed(text: str, named: Named, *, media: dict[str, Any] | None = None) -> Handed:
    """A text as X hands it out. `named` tells of the account with a handle; `media`: the link to what is attached."""
    kept = composed(text)
    links = found_links(kept)
    whole = _wrapped(kept, links, named)
    if _weight(kept, links) <= MAX_WEIGHT:
        return _with_media(whole, media)
    end = _cut(links)
    short = _wrapped(kept[:end].rstrip() + "…", [link for link in links if link[2] <= end], named)
    return Handed(*_parts(_with_media(short, media)), whole)


def plain(text: str) -> Handed:
    """A direct message as X hands it out: links wrapped, no accounts."""
    kept = composed(text)
    return _wrapped(kept, found_links(kept), lambda _handle: None)


def found_links(text: str) -> list[tuple[str, int, int]]:
    """The links of a text, and where they are in it."""
    found, left = [], MOST_WORDS
    for word in WORD.finditer(text) if "." in text else ():
        if "." not in word[0]:
            continue
        left -= 1
        plain = len(word[0]) <= LONGEST_WORD and word[0].count(".") <= MOST_DOTS
        links = _links_of(word[0]) if plain and left >= 0 else _said_links(word[0])
        found += [(link, word.start() + start, word.start() + end) for link, start, end in links]
    return found


@lru_cache(4096)
def _links_of(word: str) -> tuple[tuple[str, int, int], ...]:
    return tuple((str(link["url"]), *link["indices"]) for link in extract_urls_with_indices(word))


def _said_links(word: str) -> tuple[tuple[str, int, int], ...]:
    said = SAID_TO_BE_A_LINK.search(word)
    return ((said[0], *said.span()),) if said is not None else ()


def may_be_posted(text: str, *, long: bool) -> bool:
    """Whether X takes this text; `long` ones it takes of people who pay."""
    kept = composed(text)
    if has_invalid_characters(kept) or not kept:
        return False
    if len(kept) <= MAX_WEIGHT // 2:
        return True
    if long:
        return len(kept) <= MAX_LONG
    links = found_links(kept)
    for link, _, _ in links:
        kept = kept.replace(link, "x" * 23, 1)
    kept = _emoji_as_one(kept)
    if any(len(word) > MAX_WEIGHT and word.isascii() for word in kept.split()) or len(kept) > 12 * MAX_WEIGHT:
        return False
    return bool(parse_tweet(kept.replace(".", "x")).valid)


def short(link: str) -> str:
    """The ten characters of a wrapped link."""
    return hashlib.sha256(link.encode()).hexdigest()[:10]


def _wrapped(text: str, links: list[tuple[str, int, int]], named: Named) -> Handed:
    marks: list[tuple[int, int, str, dict[str, Any]]] = [
        (start, end, "urls", link_told(link)) for link, start, end in links
    ]
    for found in HANDLE.finditer(text):
        account = named(found[1])
        if account is not None:
            marks.append((found.start(), found.end(), "mentions", {"username": account[0], "id": str(account[1])}))
    marks += [(found.start(), found.end(), "hashtags", {"tag": found[1]}) for found in TAG.finditer(text)]
    made, at, spans = "", 0, []
    for start, end, kind, told in sorted(marks, key=lambda m: (m[0], m[2] != "urls")):
        if start < at:
            continue  # inside a link
        made += html.escape(text[at:start], quote=False)
        shown = str(told["url"]) if kind == "urls" else html.escape(text[start:end], quote=False)
        spans.append(Span(len(made), len(made) + len(shown), kind, told))
        made += shown
        at = end
    made += html.escape(text[at:], quote=False)
    return Handed(made, tuple(spans), len(made))


def link_told(link: str) -> dict[str, Any]:
    """What entities say of a link."""
    if re.match(r"(https?://)?t\.co/", link, re.I):
        return {"url": link, "expanded_url": link, "display_url": link}
    whole = link if re.match(r"https?://", link, re.I) else "http://" + link
    bare = re.sub(r"^https?://(www\.)?", "", whole, flags=re.I).rstrip("/")
    shown = bare if len(bare) <= 27 else bare[:26] + "…"
    return {"url": "https://t.co/" + short(whole), "expanded_url": whole, "display_url": shown}


def _cut(links: list[tuple[str, int, int]]) -> int:
    """Up to where a long text is shown: near 280, a link counted as it is wrapped, none of them torn."""
    end = MAX_WEIGHT - 1
    for link, start, stop in links:
        if start >= end:
            break
        wrapped = len(link_told(link)["url"])
        if start + wrapped > end:
            return start
        end += stop - start - wrapped
    return end


def _with_media(said: Handed, media: dict[str, Any] | None) -> Handed:
    if media is None:
        return said
    gap = " " if said.text else ""
    start = len(said.text) + len(gap)
    text = said.text + gap + str(media["url"])
    return Handed(text, (*said.spans, Span(start, len(text), "urls", media)), said.displayed)


def _parts(said: Handed) -> tuple[str, tuple[Span, ...], int]:
    return said.text, said.spans, said.displayed


def _weight(text: str, links: list[tuple[str, int, int]]) -> int:
    """What a text weighs, as cheap as it gets."""
    if len(text) <= MAX_WEIGHT // 2:
        return len(text)
    saved = sum(end - start - 23 for _, start, end in links)
    if text.isascii():
        return len(text) - saved
    most = len(text) + _heavy(text) - saved
    if most <= MAX_WEIGHT:
        return most
    plain = _emoji_as_one(text)
    return len(plain) + _heavy(plain) - saved


def _heavy(text: str) -> int:
    return sum(not any(low <= ord(sign) <= high for low, high in LIGHT) for sign in text)


def _emoji_as_one(text: str) -> str:
    """Each emoji as a sign that weighs two, whatever it is made of."""
    return emoji.replace_emoji(text, "日")
