"""The words with which people ask a channel to leave them out, or to take them in again: a list a language.

A line is a whole request, in words as they are compared (small letters, no accents, no apostrophes; the ñ stays).
`(a|b c)` is one of these, `[a|b c]` one of these or nothing, `<name>` what that name stands for. Courtesies may stand
before, between and behind requests. What is said of others, of the road, or as a complaint that nobody reposts them is
no line here: "no me repostean" wants to be reposted.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A language's. `out` and `back` are requests; `alone` those that are too short to stand beside more than a thank
    you, `private` those that mean it in a direct message only, as in a text message. `courtesies` mean nothing here,
    nor does `please`, which may stand in the middle of a request. `short` are words as they are written in haste, with
    what they stand for.
    """

    names: Mapping[str, str]
    out: tuple[str, ...]
    alone: tuple[str, ...]
    private: tuple[str, ...]
    back: tuple[str, ...]
    please: tuple[str, ...]
    thanks: tuple[str, ...]
    courtesies: tuple[str, ...]
    short: Mapping[str, str]


def any_of(words: str) -> str:
    return "|".join(words.split())


def each(endings: str, stems: str) -> str:
    """Each stem with each ending."""
    return "|".join(stem + end for stem in stems.split() for end in endings.split())


def listed(words: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in words.replace("\n", ",").split(",") if line.strip())
