"""How a text is read: case, accents and signs that nobody sees don't matter, links and mentions are not words.

The rule of the original application: "choque" is "CHOQUE" is "Choqué". The ñ is a letter of its own in
Spanish, not an accented n ("año" is not "ano"), so it is kept.
"""

import re
import unicodedata
from dataclasses import dataclass

import regex

from engine.on_x import links
from engine.on_x.sites import site_of

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MENTION = re.compile(r"(?<!\w)[@＠](\w{1,15})")
#: Signs that nobody sees, in a word or around it: WhatsApp, Telegram and word processors put them in honestly.
UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_UNSEEN = re.compile(f"[{UNSEEN}]")
#: What may part words too: signs that nobody sees, numbers and letters in a frame (1️⃣, ①, Ⓜ️, ™), WhatsApp's italics.
_APART = re.compile(
    "[\u115f\u1160\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\u3164\ufeff\uffa0\u00b2\u00b3\u00b9\u2070-\u2079\u2120\u2122\u2139"
    r"\u2460-\u24ff\u2776-\u2793\u3297\u3299]|[0-9]\ufe0f?\u20e3|(?<![^\W_])_+|_+(?![^\W_])"
)
_FOLDED_AWAY = re.compile(f"[{UNSEEN}\u0488\u0489\u20d0-\u20ff]")  # and marks around a letter: circles, keycaps
_JOINER = re.compile(r"(?<=\w)\u200d(?=\w)")
_PICTURES = r"\u203c\u2049\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2934\u2935\u2b00-\u2bff\U0001f000-\U0001faff"
_SKIPPED = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)[@＠]\w{1,15}")
_TOKEN = re.compile(rf"[#＃]?\w+|[{_PICTURES}]|\|")
_PLACED = regex.compile(
    r"(?P<skipped>(?:https?://|www\.)\S+|(?<!\w)[@＠]\w{1,15})"
    rf"|(?P<word>[#＃]?[{UNSEEN}]*(?:(?![\u200d])[\w\p{{M}}{UNSEEN}]|(?<=\w)\u200d(?=\w))+|[{_PICTURES}])|(?P<bar>\|)",
    regex.IGNORECASE,
)
#: A link that does not say http, with more than its domain: no words stand in it.
_MAY_BE_BARE = re.compile(r"\.[^\W\d_][^\s/?:.]*[/?:]\S")
SHORT, MOST_MARKS = 500, 30
_MARKS = regex.compile(rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+")
_ENYE, _ENYE_MARK = re.compile("n[\u0300-\u0302\u0304-\u036f]*\u0303"), "\ue000"
_LONG, _LONG_MARK = "\ufdfa", "\ue001"  # would become a sentence of 18 letters: it stays as it is
BREAK = "|"
STAR = "*"
ELLIPSIS = "…"
MIN_STEM = 3
OPENING = 2000
_NO_LETTER = re.compile("[\0\ud800-\udfff]")


def storable(text: str) -> str:
    """A text that every database and every wire takes: NUL and halves of a letter, which are none, are replaced."""
    return _NO_LETTER.sub("\ufffd", text)


def opening(text: str, most: int = OPENING) -> str:
    """What of a text can matter for a post or a comparison: its first 2,000 signs, up to a space where one is near.

    A post has room for 280. Whatever costs more than reading sees no more than this of what a stranger wrote.
    """
    if len(text) <= most:
        return text
    first = text[: most + 1]
    end = max(first.rfind(" ", most // 2), first.rfind("\n", most // 2))
    if end < 0:
        end = most
        near = text[: 2 * most]
        for start, stop in sorted([*(m.span() for m in LINK.finditer(near)), *links(near)]):
            if start < end < stop:  # one that is cut leads elsewhere
                end = start
    return text[:end] + ELLIPSIS


def bare_of_marks(text: str) -> str:
    """A long text with at most thirty marks in a row, as in Unicode's stream-safe form: ordering many is slow."""
    return text if len(text) <= SHORT or text.isascii() else _MARKS.sub(r"\1", text)


def seen(text: str) -> str:
    """The text without the signs that nobody sees; what joins emoji, and makes pictures of them, stays."""
    return text if text.isascii() else _UNSEEN.sub(lambda m: m[0] if m[0] == "\ufe0f" else "", text)


def fold(text: str) -> str:
    """The text as it is compared: `"Vía Ñan\u200bDÚ"` becomes `"via ñandu"`. Folding twice changes nothing.

    Case, accents and signs that nobody sees don't matter.
    """
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    kept = unicodedata.normalize("NFD", bare_of_marks(_FOLDED_AWAY.sub("", lowered)))
    kept = _ENYE.sub(_ENYE_MARK, kept).replace(_LONG, _LONG_MARK)
    bare = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFC", bare.casefold()).replace(_ENYE_MARK, "ñ").replace(_LONG_MARK, _LONG)
    return _JOINER.sub("", folded).replace("\u200d", " ") if "\u200d" in folded else folded


@dataclass(frozen=True, slots=True)
class Words:
    """A folded text as a sequence of words; `haystack` is what the matcher scans.

    The first part of the haystack holds the words, hashtags without their sign; the second the hashtags alone, with it.
    Where signs may part words (`_APART`), the third has them parted. A link or a mention leaves a break that no
    phrase can cross.
    """

    words: tuple[str, ...]
    hashtags: tuple[str, ...]
    parted: tuple[str, ...] = ()

    @property
    def haystack(self) -> str:
        also = f" {BREAK} {' '.join(self.parted)}" if self.parted else ""
        return f" {' '.join(self.words)} {BREAK} {' '.join(self.hashtags)}{also} "


def read(text: str) -> Words:
    """Split a text into folded words and hashtags."""
    spoken = without_links(text)
    tokens = _TOKEN.findall(fold(spoken))
    words = tuple(t[1:] if t[0] in "#＃" else t for t in tokens)
    parted: tuple[str, ...] = ()
    if ("_" in spoken or not spoken.isascii()) and _APART.search(spoken):
        parted = tuple(t.lstrip("#＃") for t in _TOKEN.findall(fold(_APART.sub(" ", spoken))))
    tags = tuple("#" + t[1:] for t in tokens if t[0] in "#＃")
    return Words(words, tags, parted if parted != words else ())


def without_links(text: str) -> str:
    """The text with a break for each link and each mention.

    What says no http and has nothing behind its domain may be the end of a sentence (`choque.no hay paso`): it is
    read as words, whatever X makes of it.
    """
    for start, end in reversed(_bare_links(text)):
        text = f"{text[:start]} {BREAK} {text[end:]}"
    return _SKIPPED.sub(f" {BREAK} ", text)


def _bare_links(text: str) -> list[tuple[int, int]]:
    """Where links stand that say no http and lead to more than a domain."""
    if not _MAY_BE_BARE.search(text) or not _MAY_BE_BARE.search(LINK.sub(" ", text)):
        return []
    found = links(text)
    return [(a, b) for a, b in found if not LINK.match(text, a) and any(sign in text[a:b] for sign in "/?:")]


@dataclass(frozen=True, slots=True)
class Place:
    """A folded word and where it stands: `text[start:end]`. A link or a mention is a place whose word is the break."""

    start: int
    end: int
    word: str
    hashtag: bool = False


def places(text: str) -> list[Place]:
    """The words that `read` finds, in their order, with where they stand in the text."""
    found: list[Place] = []
    at = 0
    for start, end in _bare_links(text):
        found += [*_places(text[at:start], at), Place(start, end, BREAK)]
        at = end
    return found + _places(text[at:], at)


def _places(text: str, offset: int) -> list[Place]:
    found: list[Place] = []
    for match in _PLACED.finditer(text):
        start, end = match.start() + offset, match.end() + offset
        if match["word"] is None:
            found.append(Place(start, end, BREAK))
            continue
        for token in _TOKEN.findall(fold(match["word"])):
            hashtag = token[0] in "#＃"
            found.append(Place(start, end, token[1:] if hashtag else token, hashtag))
    return found


def pattern_of(keyword: str) -> str | None:
    """The keyword as it is looked for in a haystack, or None where it can match nothing.

    `choque` → `" choque "`, `"vía cerrada"` → `" via cerrada "`, `#metro` → `" #metro "`; a star at the end matches
    whatever the word goes on with: `choqu*` → `" choqu"`. A stem has at least three letters.
    """
    stripped = seen(keyword).strip()
    stem = stripped.endswith(STAR)
    bare = stripped[:-1] if stem else stripped
    if STAR in bare or (stem and (not bare or bare[-1].isspace())):
        return None
    found = read(bare)
    if BREAK in found.words:
        return site_pattern_of(keyword)
    if not found.words:
        return None
    end = "" if stem else " "
    if stem and len(found.words[-1]) < MIN_STEM:
        return site_pattern_of(keyword)
    if stripped[:1] in ("#", "＃") and len(found.words) == 1 and found.hashtags:
        return f" {found.hashtags[0]}{end}"
    return f" {' '.join(w.strip('_') or w for w in found.words)}{end}"  # pasted from WhatsApp: _choque_


def site_pattern_of(keyword: str) -> str | None:
    """For a keyword that is a link: what is looked for among where links lead (`" bit.ly "`); None for any other."""
    stripped = seen(keyword).strip()
    if "." not in stripped:
        return None
    site = site_of(stripped.removesuffix(STAR))
    return None if site is None else f" {site}{'' if stripped.endswith(STAR) else ' '}"
