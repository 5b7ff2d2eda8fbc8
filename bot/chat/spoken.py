"""The names of commands as people say them: in both languages, in whatever case, with accents or without.

The list is `bot/commands.py`, which registers each here. A command is shown by its name in the reader's language: in
every sentence of the catalogs (`in_words`), so that no sentence has to know the other name.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

_TYPED = re.compile(r"\s*/(\s?)([^\s@/]+)(?:@(\w+))?(?:\s+(.*)|)\Z", re.S)
_SHOWN = re.compile(r"(?<![\w</.:@&])/([a-z]+)\b(?!/)")
TELEGRAMS_OWN = ("start",)  # what its own button sends, and a link with an invitation
CLOSE, MOST_MEANT, LEAST_BEGUN = 0.72, 3, 4

_named: dict[str, str] = {}  # each way of saying it, bare → the command
_shown: dict[str, dict[str, str]] = {"es": {}}  # language → the command → its name there
_hidden: set[str] = set()


class Example(str):
    """Something to type, put into a sentence: its command is shown by its name in the reader's language."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as it was typed: its `name` in the list ("" where there is none such), the `bot` that it was said to,
    and what stands after it, with its lines as they are.
    """

    name: str
    word: str
    bot: str
    rest: str


def known_as(name: str, spanish: str, others: tuple[str, ...] = (), *, hidden: bool = False) -> None:
    """Register a command with its Spanish name and other ways to say it. Raises ValueError where one is taken."""
    for word in (name, spanish, *others):
        if _named.setdefault(bare(word), name) != name:
            raise ValueError(f"/{word} is /{_named[bare(word)]} already")
    _shown["es"][name] = spanish
    if hidden:
        _hidden.add(name)


def parse(text: str) -> Typed | None:
    """What was typed, where it is a command or looks like one; None for any other text.

    After a slash with a space behind it only a command that there is. A name that is no bot's is what the command is
    about: `/block@pepe`.
    """
    found = _TYPED.match(text)
    if found is None:
        return None
    space, word, bot, rest = found[1], found[2], found[3] or "", found[4] or ""
    name = _named.get(bare(word), "")
    if not bare(word) or (space and not name):
        return None
    if bot and not bot.lower().endswith("bot"):
        bot, rest = "", f"@{bot} {rest}".strip()
    return Typed(name, word, bot, rest.strip())


def named(word: str) -> str:
    """The command that a word names; "" for none."""
    return _named.get(bare(word), "")


def ends_a_question(text: str) -> bool:
    """Whether this is a command, known or not: it ends what was asked. What may be meant for /cancel leaves it that."""
    said = parse(text)
    return said is not None and said.name != "cancel" and (bool(said.name) or "cancel" not in close_to(said.word))


def close_to(word: str, least: float = CLOSE) -> list[str]:
    """The commands that may have been meant by a word that names none, the likeliest first; `least` is 0 to 1."""
    said = bare(word)
    open_to_all = {w: n for w, n in _named.items() if n not in _hidden}
    begun = [
        n
        for w, n in sorted(open_to_all.items(), key=lambda kept: -len(kept[0]))
        if min(len(w), len(said)) >= LEAST_BEGUN and (said.startswith(w) or w.startswith(said)) and least <= CLOSE
    ]
    likeness = DamerauLevenshtein.normalized_similarity
    near = process.extract(said, list(open_to_all), scorer=likeness, score_cutoff=least, limit=2 * MOST_MEANT)
    return list(dict.fromkeys([*begun, *(open_to_all[w] for w, _, _ in near)]))[:MOST_MEANT]


def shown(language: str, name: str) -> str:
    """The name of a command in a language, without its slash."""
    return _shown.get(language, {}).get(name, name)


def in_words(language: str, sentence: str) -> str:
    """A sentence of ours with each command by its name in the language."""
    return _in_words(language, sentence) if "/" in sentence and _shown.get(language) else sentence


def bare(word: str) -> str:
    """A word without what does not matter in a name: case, accents, `_`, what ends a sentence."""
    flat = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in flat if c.isalnum())


@cache
def _in_words(language: str, sentence: str) -> str:
    return _SHOWN.sub(
        lambda found: found[0] if found[1] in TELEGRAMS_OWN else "/" + shown(language, found[1]), sentence
    )
