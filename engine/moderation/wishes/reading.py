"""A message read for what it asks: its words without what is around them, as they are seen behind disguises."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache

from engine.moderation.disguises import looks
from engine.moderation.wishes.clauses import clauses, is_meant, is_of_this
from engine.moderation.wishes.english import ENGLISH
from engine.moderation.wishes.grammar import Choice, Glued, Node, Words, is_made_of, read, vocabulary
from engine.moderation.wishes.spanish import SPANISH
from engine.moderation.wishes.words import listed
from engine.on_x import links
from engine.text import OPENING, fold

LANGUAGES = {"es": SPANISH, "en": ENGLISH}
MOST_WORDS, MOST_APART, LONGEST = 60, 80, 60


class Wish(StrEnum):
    """What is asked."""

    OUT = "out"
    IN = "in"


def _all(*lists: str) -> Node:
    """The lines of these lists, in every language: people mix them."""
    return Choice(tuple(read(getattr(w, name), w.names) for w in LANGUAGES.values() for name in lists))


_OUT, _ALONE, _PRIVATE, _BACK = _all("out"), _all("alone"), _all("alone", "private"), _all("back")
_THANKS, _COURTESIES = _all("thanks"), _all("thanks", "courtesies")
_PLEASE = [tuple(line.split()) for w in LANGUAGES.values() for line in w.please]
_SHORT = {short: word for w in LANGUAGES.values() for short, word in w.short.items()}
_KNOWN = frozenset(_SHORT).union(*map(vocabulary, (_OUT, _PRIVATE, _BACK, _COURTESIES))) | {
    w for p in _PLEASE for w in p
}
#: Words by which somebody speaks of themselves: what they ask is about them, whoever is named beside it.
_OF_ME = frozenset(listed("me, mi, mis, mio, nos, my, mine, us, i, im, id, unsubscribe, optout, baja, darme, hacerme"))
_OF_ME_TOO = re.compile(r"\w{4,}(?:me|nos)")
_X_SITES = re.compile(
    r"(?:https?://)?(?:www\.|mobile\.)?(?:t\.co|x\.com|twitter\.com|pic\.twitter\.com)(?:[/?#]|$)", re.I
)
_FIRST_NAMES = re.compile(r"(?:[\s.,:]*[@＠]\w{1,15}(?!\w))+")
_NAME = re.compile(r"(?<!\w)[@＠](\w{1,15})(?!\w)")
#: A first word that no list knows, written in plain letters: no request begins so.
_FIRST = re.compile(r"(?:[\s.,:]*@\w{1,15}(?!\w))*[\s\"«“¡¿(]*([A-Za-zÀ-ÿ]{2,})(?=[\s,!?:]|$)", re.ASCII)
#: The same anywhere in what is compared.
_PLAIN = re.compile(r"(?<![^\s\"«“¡¿(])[a-zñ]{2,}(?=[\s,!?;\")»”…]|[.:](?:\s|$)|$)")
_PICTURES = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff\ufe0f\u200d]+")
_APOSTROPHES = re.compile("['’‘`´ʼ＇′]")
_TOKEN = re.compile(r"[#＃]?[^\W_]+|@|\|")
_NUMBER = re.compile(r"[#＃](?=\d+\b)")  # no hashtag is of digits alone: "stop #14" is a bus stop
_QUESTION = re.compile(r"\?\W*\Z")  # "no repost?" misses one
_PREFIX = re.compile(r"\b(re|un)-(?=\w)")  # re-post, un-subscribe
_AGAIN = re.compile(r"(.)\1+")
_THRICE = re.compile(r"(.)\1{2,}")
_ASKS = "stop"  # what stands for a hashtag, or letters apart, that are a request


def wish_of(text: str, handle: str = "", *, private: bool = False, is_news: bool = False) -> Wish | None:
    """What the message asks; None for nearly all, at the cost of a glance.

    `handle` is the channel's own (without @), `private` says that it is a direct message, `is_news` that words stand in
    it which the channel is about: then a bare "stop" with hashtags is a report.
    """
    wish = _whole(text, handle, private, is_news)
    return Wish.OUT if wish is None and _in_a_clause(text[:OPENING], handle) else wish


def _in_a_clause(text: str, handle: str) -> bool:
    """Whether one clause is a request not to be reposted, whatever news or reasons stand beside it: "I'm a minor, don't
    repost me". Only what is plainly that, and of oneself; not what is said to somebody else.
    """
    first = _FIRST_NAMES.match(text)
    if handle and first is not None and handle.lower() not in map(str.lower, _NAME.findall(first[0])):
        return False
    for start, end in reversed(links(text)):
        text = f"{text[:start]}\n{text[end:]}"
    return any(_asks_it(clause.said, handle) and is_meant(clause, text) for clause in clauses(text))


def _asks_it(clause: str, handle: str) -> bool:
    return _is_all_known(clause) and any(
        is_of_this(said, of_me=_is_of_me(said)) and is_made_of(Words(said), len(said), _OUT, _COURTESIES)
        for said in _said(_without_names(clause, handle)[0])
    )


def _whole(text: str, handle: str, private: bool, is_news: bool) -> Wish | None:
    if not _is_all_known(text):
        return None
    text = text[:OPENING]
    named, others, linked = _without_names(text, handle)
    for said in _said(named):
        if not _is_of_me(said) and (
            others or linked or (is_news and "#" in text) or (len(said) < 3 and _QUESTION.search(text))
        ):
            continue
        wish = _asked(said, private=private)
        if wish is not None:
            return wish
    return None


def _is_all_known(text: str) -> bool:
    """Whether no word in plain letters is one that no list knows: a glance, for nearly all."""
    first = _FIRST.match(text)
    if first is not None and not _may_be(fold(first[1])):
        return False
    plain = _PLAIN.findall(fold(_APOSTROPHES.sub("", _FIRST_NAMES.sub("", text[:OPENING], count=1))))
    return all(map(_may_be, plain))


def _said(named: str) -> Iterator[list[str]]:
    """All that it may say, the channel's name left out or read as "this channel"."""
    for spoken in dict.fromkeys((named.replace("\ue000", " "), named.replace("\ue000", " este canal "))):
        yield from _readings(spoken)


def _is_of_me(said: Sequence[str]) -> bool:
    return bool(_OF_ME.intersection(said)) or any(map(_OF_ME_TOO.fullmatch, said))


def _may_be(word: str) -> bool:
    return word in _KNOWN or _THRICE.search(word) is not None or _squeezed(word) in _KNOWN


def _without_names(text: str, handle: str) -> tuple[str, bool, bool]:
    """The text with a mark for the channel's own name; whether others are named in it, and whether it leads away."""
    away = False
    for start, end in reversed(links(text)):
        away |= _X_SITES.match(text, start) is None
        text = f"{text[:start]} {text[end:]}"
    first = _FIRST_NAMES.match(text)
    if first is not None:
        text = text[first.end() :]
    others = False

    def named(found: re.Match[str]) -> str:
        nonlocal others
        if found[1].lower() == handle.lower():
            return "\ue000"
        others = True
        return " "

    return _NAME.sub(named, text), others, away


def _readings(text: str) -> Iterator[list[str]]:
    """The words that the text may be read as: as it is written, and as it looks where a word is disguised."""
    plain = _NUMBER.sub("", _APOSTROPHES.sub("", text))
    tokens = _TOKEN.findall(_PREFIX.sub(r"\1", fold(plain).replace("_", " ")))
    if not tokens or len(tokens) > MOST_APART:
        return
    tags = [t for t in tokens if t[0] in "#＃"]
    for said in (tokens, [t for t in tokens if t not in tags] if tags else None):
        if said is not None and (words := _words(said)) is not None:
            yield words
    if all(t in _KNOWN for t in tokens):
        return
    seen = [next((r for r in readings if r in _KNOWN), readings[0]) for readings in looks(_PICTURES.sub(" ", plain))]
    if (words := _words(seen)) is not None:
        yield words


def _words(tokens: Sequence[str]) -> list[str] | None:
    """Words of the lists, politeness left out; None where one is none of theirs."""
    words: list[str] = []
    for token in _together(tokens):
        word = token if token in _KNOWN else _known(token)
        if word is None:
            return None
        words.append(_SHORT.get(word, word))
    words = _less_polite(words)
    return words if 0 < len(words) <= MOST_WORDS else None


@lru_cache(1024)
def _known(token: str) -> str | None:
    """The word of the lists that it is: a hashtag of one, one with letters too many, or a whole request in one word."""
    bare = token.lstrip("#＃")
    for word in (bare, _THRICE.sub(r"\1", bare), _THRICE.sub(r"\1\1", bare), _squeezed(bare)):
        if word in _KNOWN:
            return word
    if 6 <= len(bare) <= LONGEST and is_made_of(Glued(bare), len(bare), _OUT, _THANKS):
        return _ASKS
    return None


def _squeezed(word: str) -> str:
    return _AGAIN.sub(r"\1", word)


def _together(tokens: Sequence[str]) -> Iterator[str]:
    """Letters that stand apart, three at least, are one word: s t o p."""
    apart: list[str] = []
    for token in [*tokens, ""]:
        if len(token) == 1 and token.isalpha():
            apart.append(token)
            continue
        yield from ["".join(apart)] if len(apart) > 2 else apart
        apart = []
        if token:
            yield token


def _less_polite(words: list[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(words):
        size = next((len(p) for p in _PLEASE if tuple(words[at : at + len(p)]) == p), 0)
        if not size:
            kept.append(words[at])
        at += size or 1
    return kept


def _asked(words: list[str], *, private: bool) -> Wish | None:
    said, size = Words(words), len(words)
    if is_made_of(said, size, _OUT, _COURTESIES):
        return Wish.OUT
    if is_made_of(said, size, _PRIVATE if private else _ALONE, _THANKS):
        return Wish.OUT
    return Wish.IN if is_made_of(said, size, _BACK, _COURTESIES) else None
