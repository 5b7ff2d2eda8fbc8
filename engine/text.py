"""How a text is read: case and accents don't matter, links and mentions are not words.

The rule of the original application: "choque" is "CHOQUE" is "Choqué". The ñ is a letter of its own in
Spanish, not an accented n ("año" is not "ano"), so it is kept.
"""

import re
import unicodedata
from dataclasses import dataclass

LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
MENTION = re.compile(r"(?<!\w)[@＠](\w{1,15})")
_SKIPPED = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)[@＠]\w{1,15}")
_TOKEN = re.compile(r"[#＃]?\w+|[\u2600-\u27bf\U0001f000-\U0001faff]|\|")
_ENYE_MARK = "\ue000"
BREAK = "|"


def fold(text: str) -> str:
    """The text without case and accents: `"Vía ÑANDÚ"` becomes `"via ñandu"`. Folding twice changes nothing."""
    lowered = text.casefold()
    if lowered.isascii():
        return lowered
    kept = unicodedata.normalize("NFC", lowered).replace("ñ", _ENYE_MARK)
    bare = "".join(c for c in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(c))
    folded = unicodedata.normalize("NFC", bare.casefold()).replace(_ENYE_MARK, "ñ")
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


def pattern_of(keyword: str) -> str | None:
    """The keyword as it is looked for in a haystack, or None where it holds no word at all.

    `choque` → `" choque "`, `"vía cerrada"` → `" via cerrada "`, `#metro` → `" #metro "`.
    """
    found = read(keyword)
    stripped = keyword.strip()
    if stripped[:1] in ("#", "＃") and len(found.words) == 1 and found.hashtags:
        return f" {found.hashtags[0]} "
    words = [w for w in found.words if w != BREAK]
    return f" {' '.join(words)} " if words and len(words) == len(found.words) else None
