"""Shouted text becomes a sentence; short acronyms stay."""

import regex

from engine.on_x import links
from engine.text import fold

_PIECE = regex.compile(
    r"(?P<kept>(?i:https?://|www\.)\S+|(?<!\w)[@＠#＃][\w\p{M}]+)|(?P<word>[\w\p{M}]+)|(?P<end>[.!?…\n]+)"
)
MIN_LETTERS = 8
SHOUTED_SHARE = 0.7
LONG = 6
_VOWELS = set("aeiou")


def calm(text: str) -> str:
    """Where most of a text is in capitals, all of it is calmed; elsewhere, long words and runs of words that shout.

    A word with a digit, or of up to four letters without a vowel, is an acronym; so is one of up to five letters in
    a text that does not shout.
    """
    linked = links(text)
    pieces = [p for p in _PIECE.finditer(text) if not any(start <= p.start() < end for start, end in linked)]
    words = [p for p in pieces if p["word"]]
    letters = [c for p in words for c in p["word"] if c.isalpha() and c.upper() != c.lower()]
    if not letters:
        return text
    upper = sum(c.isupper() for c in letters)
    everything = len(letters) >= MIN_LETTERS and upper / len(letters) >= SHOUTED_SHARE
    calmed = {p.start() for p in words if _shouts(p["word"]) and not _is_acronym(p["word"])}
    if not everything:
        calmed &= _loud(words)
    if not calmed:
        return text
    parts: list[str] = []
    at, begins = 0, True
    for piece in pieces:
        parts.append(text[at : piece.start()])
        shown = piece[0]
        if piece["end"]:
            begins = True
        elif piece["word"]:
            if piece.start() in calmed:
                low = shown.lower()
                shown = low[:1].upper() + low[1:] if begins else low
            begins = False
        parts.append(shown)
        at = piece.end()
    return "".join(parts) + text[at:]


def _loud(words: "list[regex.Match[str]]") -> set[int]:
    """The words that shout in a text that does not: long ones, and those beside them in capitals."""
    loud: set[int] = set()
    run: list[regex.Match[str]] = []
    for word in [*words, None]:
        if word is not None and _shouts(word["word"]):
            run.append(word)
            continue
        if any(len(w["word"]) >= LONG for w in run) or len(run) > 3:
            loud |= {w.start() for w in run}
        run = []
    return loud


def _shouts(word: str) -> bool:
    return word.upper() == word and word.lower() != word


def _is_acronym(word: str) -> bool:
    bare = fold(word)
    return any(c.isdigit() for c in bare) or (1 < len(bare) <= 4 and not _VOWELS & set(bare) and bare != "y")
