"""How a text is read: case and accents don't matter, links and mentions are not words.

The rule of the original application: "choque" is "CHOQUE" is "Choqué". The ñ is a letter of its own in
Spanish, not an accented n ("año" is not "ano"), so it is kept.
"""

import re
import unicodedata
from dataclasses import dataclass

import regex

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MENTION = re.compile(r"(?<!\w)[@＠](\w{1,15})")
_SKIPPED = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)[@＠]\w{1,15}")
_TOKEN = re.compile(r"[#＃]?\w+|[\u2600-\u27bf\U0001f000-\U0001faff]|\|")
_PLACED = regex.compile(
    r"(?P<skipped>(?:https?://|www\.)\S+|(?<!\w)[@＠]\w{1,15})"
    r"|(?P<word>[#＃]?(?:(?![\u200c\u200d])[\w\p{M}])+|[\u2600-\u27bf\U0001f000-\U0001faff])|(?P<bar>\|)",
    regex.IGNORECASE,
)
SHORT, MOST_MARKS = 500, 30
_MARKS = regex.compile(rf"(\p{{M}}{{{MOST_MARKS}}})\p{{M}}+")
_ENYE_MARK = "\ue000"
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


def opening(text: str) -> str:
    """What of a text can matter for a post or a comparison: its first 2,000 signs, up to a space where one is near.

    A post has room for 280. Whatever costs more than reading sees no more than this of what a stranger wrote.
    """
    if len(text) <= OPENING:
        return text
    first = text[: OPENING + 1]
    end = max(first.rfind(" ", OPENING // 2), first.rfind("\n", OPENING // 2))
    if end < 0:
        end = OPENING
        for link in LINK.finditer(text):  # one that is cut leads elsewhere
            if link.end() > OPENING:
                end = min(end, link.start())
                break
    return text[:end] + ELLIPSIS


def bare_of_marks(text: str) -> str:
    """A long text with at most thirty marks in a row, as in Unicode's stream-safe form: ordering many is slow."""
    return text if len(text) <= SHORT or text.isascii() else _MARKS.sub(r"\1", text)


def fold(text: str) -> str:
    """The text without case and accents: `"Vía ÑANDÚ"` becomes `"via ñandu"`. Folding twice changes nothing."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    kept = unicodedata.normalize("NFC", bare_of_marks(lowered)).replace("ñ", _ENYE_MARK).replace(_LONG, _LONG_MARK)
    bare = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFC", bare.casefold()).replace(_ENYE_MARK, "ñ").replace(_LONG_MARK, _LONG)
    return folded.replace("\ufe0f", "").replace("\u200d", " ")


@dataclass(frozen=True, slots=True)
class Words:
    """A folded text as a sequence of words; `haystack` is what the matcher scans.

    The first half of the haystack holds the words, hashtags without their sign; the second half the hashtags
    alone, with it. A link or a mention leaves a break that no phrase can cross.
    """

    words: tuple[str, ...]
    hashtags: tuple[str, ...]

    @property
    def haystack(self) -> str:
        return f" {' '.join(self.words)} {BREAK} {' '.join(self.hashtags)} "


def read(text: str) -> Words:
    """Split a text into folded words and hashtags."""
    tokens = _TOKEN.findall(fold(_SKIPPED.sub(f" {BREAK} ", text)))
    words = tuple(t[1:] if t[0] in "#＃" else t for t in tokens)
    return Words(words, tuple("#" + t[1:] for t in tokens if t[0] in "#＃"))


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
    for match in _PLACED.finditer(text):
        start, end = match.span()
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
    stripped = keyword.strip()
    stem = stripped.endswith(STAR)
    bare = stripped[:-1] if stem else stripped
    if STAR in bare or (stem and (not bare or bare[-1].isspace())):
        return None
    found = read(bare)
    if not found.words or BREAK in found.words:
        return None
    end = "" if stem else " "
    if stem and len(found.words[-1]) < MIN_STEM:
        return None
    if stripped[:1] in ("#", "＃") and len(found.words) == 1 and found.hashtags:
        return f" {found.hashtags[0]}{end}"
    return f" {' '.join(found.words)}{end}"
