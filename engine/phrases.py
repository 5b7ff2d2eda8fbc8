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


class Phrasebook(Generic[T]):
    """Phrases as triggers match them (case, accents, stems), each with a value. The cost follows the text.

    Where two begin at one word the longer wins; found ones never overlap, and never cross a link or a mention.
    """

    def __init__(self, phrases: Iterable[tuple[str, T]] = ()) -> None:
        self._whole: dict[tuple[str, ...], T] = {}
        self._stems: dict[tuple[str, ...], T] = {}
        for phrase, value in phrases:
            pattern = pattern_of(phrase)
            if pattern is not None:
                kept = self._whole if pattern.endswith(" ") else self._stems
                kept[tuple(pattern.split())] = value
        self._longest = max((len(k) for k in (*self._whole, *self._stems)), default=0)

    def __bool__(self) -> bool:
        return self._longest > 0

    def find(self, text: str, *, in_hashtags: bool = True) -> list[Found[T]]:
        """What is found, from left to right. `in_hashtags` lets a plain word match its hashtag too."""
        if not self:
            return []
        words = places(text)
        found: list[Found[T]] = []
        at = 0
        while at < len(words):
            step = 1
            for length in range(min(self._longest, len(words) - at), 0, -1):
                some = words[at : at + length]
                value = self._of(some, in_hashtags)
                if value is not None:
                    found.append(Found(some[0].start, some[-1].end, value[0]))
                    step = length
                    break
            at += step
        return found

    def _of(self, some: list[Place], in_hashtags: bool) -> tuple[T] | None:
        if any(p.word == BREAK for p in some):
            return None
        if len(some) == 1 and some[0].hashtag:
            tagged = self._match(("#" + some[0].word,))
            if tagged is not None or not in_hashtags:
                return tagged
        elif not in_hashtags and any(p.hashtag for p in some):
            return None
        return self._match(tuple(p.word for p in some))

    def _match(self, words: tuple[str, ...]) -> tuple[T] | None:
        if words in self._whole:
            return (self._whole[words],)
        if self._stems:
            *before, last = words
            for end in range(len(last), MIN_STEM - 1, -1):
                stem = (*before, last[:end])
                if stem in self._stems:
                    return (self._stems[stem],)
        return None
