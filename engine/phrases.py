"""Words and phrases looked up in a text, with where they stand: for marking what decided, and for rewriting."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.text import BREAK, MIN_STEM, Place, pattern_of, places

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What stands at `text[start:end]`."""

    start: int
    end: int
    value: T


class _Node(Generic[T]):
    """Where the phrases stand that begin with the same words. `value` is that of the phrase which ends here."""

    __slots__ = ("after", "longest", "stems", "value")

    def __init__(self) -> None:
        self.after: dict[str, _Node[T]] = {}
        self.value: tuple[T] | None = None
        self.stems: dict[str, tuple[T]] = {}
        self.longest = 0

    def stem_of(self, word: str) -> tuple[T] | None:
        """The value of the longest stem that the word begins with."""
        if not self.stems:
            return None
        ends = range(min(len(word), self.longest), MIN_STEM - 1, -1)
        return next((self.stems[word[:n]] for n in ends if word[:n] in self.stems), None)

    def match(self, word: str) -> tuple[T] | None:
        """The value of the phrase that ends with this word."""
        node = self.after.get(word)
        return node.value if node is not None and node.value is not None else self.stem_of(word)


class Phrasebook(Generic[T]):
    """Phrases as triggers match them (case, accents, stems), each with a value. The cost follows the text.

    Where two begin at one word the longer wins; found ones never overlap, and never cross a link or a mention.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]] = ()) -> None:
        self._root: _Node[T] = _Node()
        for phrase, value in phrases:
            pattern = pattern_of(phrase)
            if pattern is not None:
                self._add(pattern.split(), value, stem=not pattern.endswith(" "))

    def __bool__(self) -> bool:
        return bool(self._root.after or self._root.stems)

    def _add(self, words: list[str], value: T, *, stem: bool) -> None:
        node = self._root
        for word in words[:-1] if stem else words:
            node = node.after.setdefault(word, _Node())
        if stem:
            node.stems[words[-1]] = (value,)
            node.longest = max(node.longest, len(words[-1]))
        else:
            node.value = (value,)

    def find(self, text: str, *, in_hashtags: bool = True) -> list[Found[T]]:
        """What is found, from left to right. `in_hashtags` lets a plain word match its hashtag too."""
        if not self:
            return []
        words = places(text)
        found: list[Found[T]] = []
        at = 0
        while at < len(words):
            length, value = self._longest_at(words, at, in_hashtags)
            if value is not None:
                found.append(Found(words[at].start, words[at + length - 1].end, value[0]))
            at += length
            while value is not None and at < len(words) and words[at].start < words[at - 1].end:
                at += 1  # one written word can be read as several
        return found

    def _longest_at(self, words: list[Place], at: int, in_hashtags: bool) -> tuple[int, tuple[T] | None]:
        """How many words the longest phrase has that begins here, and its value; one and None where none does."""
        best: tuple[int, tuple[T] | None] = (1, None)
        if words[at].hashtag:
            best = (1, self._root.match("#" + words[at].word))
        tagged = best[1] is not None
        node = self._root
        for ahead in range(at, len(words)):
            place = words[ahead]
            if place.word == BREAK or (place.hashtag and not in_hashtags):
                break
            value = None if ahead == at and tagged else node.match(place.word)
            if value is not None:
                best = (ahead - at + 1, value)
            deeper = node.after.get(place.word)
            if deeper is None:
                break
            node = deeper
        return best
