"""Texts cut to what there is room for: at a word where one ends near, never inside a letter or an emoji.

Room is counted in cells, as a phone draws: an emoji and a wide letter take two. A button's label has a row of a phone;
where several share one and don't fit, they get more rows (`laid_out`).
"""

import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

import regex

ROW = 40  # cells of a button that has a phone's row to itself
SHARED = {1: ROW, 2: 18, 3: 12, 4: 8, 5: 6, 6: 5, 7: 4, 8: 4}
NEAR = 0.6  # so much of the room is used where it is cut at a word
ELLIPSIS = "…"
_LETTERS = regex.compile(r"\X")
T = TypeVar("T")


def width(text: str) -> int:
    """How many cells a text takes."""
    return sum(_cells(letter) for letter in _LETTERS.findall(text))


def fit(text: str, most: int) -> str:
    """The text in so many cells, in one line."""
    flat = " ".join(text.split())
    return flat if width(flat) <= most else _cut(flat, most)


def cut(text: str, most: int) -> str:
    """The same for a text whose lines stay as they are."""
    shown = text.strip()
    return shown if len(shown) <= most // 2 or width(shown) <= most else _cut(shown, most)


def fit_before(text: str, tail: str, most: int = ROW) -> str:
    """A text with what matters behind it: the text is cut, and its tail stays."""
    return fit(text, max(4, most - width(tail))) + tail


def laid_out(row: Sequence[T], label_of: Callable[[T], str]) -> list[list[T]]:
    """The buttons of a row in as many rows as their labels need: as few as they can, none cut that a row would hold."""
    for each in range(len(row), 1, -1):
        room = SHARED.get(each, SHARED[8])
        if all(width(label_of(button)) <= room for button in row):
            return [list(row[at : at + each]) for at in range(0, len(row), each)]
    return [[button] for button in row]


def _cut(text: str, most: int) -> str:
    kept, used = "", 0
    for letter in _LETTERS.findall(text):
        used += _cells(letter)
        if used > most - 1:
            break
        kept += letter
    at_word = max(kept.rfind(" "), kept.rfind("\n"))
    rest = text[len(kept) : len(kept) + 1]
    if rest and not rest.isspace() and at_word > len(kept) * NEAR:
        kept = kept[:at_word]
    return kept.rstrip(" \n,;:·-–—(“\"'") + ELLIPSIS


def _cells(letter: str) -> int:
    """Of one letter as a person sees it, whatever it is made of."""
    first = letter[0]
    wide = unicodedata.east_asian_width(first) in "WF" or "\ufe0f" in letter or ord(first) >= 0x1F000
    return 2 if wide else 0 if unicodedata.combining(first) or unicodedata.category(first) in ("Cf", "Mn") else 1
