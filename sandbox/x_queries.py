"""X's language of searches and of rules: read, refused where X refuses it, and held against posts.

AND binds closer than OR, `-` turns one term over, brackets group. Words and phrases are whole words of the text, in any
capitals, their accents as they are written. Operators that only narrow (`is:`, `has:`, `lang:`) want something beside
them that can stand alone. Source: X's page "Build a query".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sandbox.x_text import Handed

TOKEN = re.compile(
    r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-(?=[^\s)]))|(?P<operator>[A-Za-z_]+):(?P<value>"[^"]*"|[^\s()"]*)'
    r'|"(?P<phrase>[^"]*)"(?:~(?P<near>[1-6])(?=[\s)]|\Z))?|(?P<word>[^\s()"]+))'
)
WORDS = re.compile(r"\w+")
LANGUAGES = re.compile(
    "am|ar|bg|bn|ca|ckb|cs|da|de|el|en|es|et|eu|fa|fi|fr|gu|hi|ht|hu|hy|in|is|it|iw|ja|ka|km|kn|ko|lo|lt|lv|ml|mr|my|"
    "ne|nl|no|or|pa|pl|ps|pt|ro|ru|sd|si|sl|sr|sv|ta|te|th|tl|tr|ug|uk|ur|vi|zh|und|qam|qct|qht|qme|qst|zxx"
)
NARROWING = ("is", "has", "lang")
IS = ("retweet", "reply", "quote", "verified")
HAS = ("hashtags", "cashtags", "links", "mentions", "media", "images", "videos", "video_link", "geo")
MOST_DEEP = 20
LAST_OF_PUNCTUATION = 0x20FF
SPANISH = re.compile(r"\b(?:el|la|los|las|un|una|de|del|en|por|para|con|que|hay|sin|al|se|y|vía|está)\b", re.I)
ENGLISH = re.compile(r"\b(?:the|an?|of|in|on|at|for|with|that|there|is|are|and|to|by|near|road)\b", re.I)


class WrongQuery(Exception):
    """What X says of a query that it does not take; `at` counts the signs before the place, from 1."""

    def __init__(self, detail: str, at: int) -> None:
        super().__init__(f"{detail} (at position {at})")


class Person(Protocol):
    id: int
    handle: str


class Written(Protocol):
    """What of a post the language asks for."""

    handed: Handed
    media: bool
    media_ids: tuple[int, ...]
    answers: int | None
    repost_of: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A post with what stands around it: its author, whom it answers and whose post it repeats."""

    post: Written
    author: Person
    answered: Person | None
    repeated: Person | None

    @property
    def whole(self) -> Handed:
        return self.post.handed.note or self.post.handed


Test = Callable[[Seen], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """A test, and whether it can stand alone."""

    test: Test
    alone: bool


def read(query: str, *, longest: int) -> Test:
    """What tells whether a post matches. Raises WrongQuery."""
    if len(query) > longest:
        raise WrongQuery(f"Rule length exceeds the maximum of {longest} characters: {len(query)}", longest + 1)
    reader = _Reader(query)
    term = reader.either(0)
    if reader.at < len(reader.tokens):
        raise WrongQuery(f"no viable alternative at input '{reader.tokens[reader.at][0]}'", reader.place())
    if not term.alone:
        raise WrongQuery("Rules must contain at least one positive, standalone operator", 1)
    return term.test


def language(text: str) -> str:
    """What X would take it for; in the sandbox Spanish, English or undetermined."""
    spanish, english = len(SPANISH.findall(text)), len(ENGLISH.findall(text))
    return "und" if spanish == english else "es" if spanish > english else "en"


class _Reader:
    def __init__(self, query: str) -> None:
        self.at = 0
        self.tokens: list[tuple[str, re.Match[str], int]] = []
        place, end = 0, len(query.rstrip())
        while place < end:
            found = TOKEN.match(query, place)
            if found is None:
                raise WrongQuery("mismatched character '<EOF>' expecting '\"'", place + 1)
            text = found[0].strip()
            self.tokens.append((text, found, found.end() - len(text) + 1))
            place = found.end()

    def place(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else 1

    def either(self, deep: int) -> Term:
        terms = [self.all_of(deep)]
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "OR":
            self.at += 1
            terms.append(self.all_of(deep))
        if len(terms) == 1:
            return terms[0]
        return Term(lambda seen: any(t.test(seen) for t in terms), all(t.alone for t in terms))

    def all_of(self, deep: int) -> Term:
        terms = []
        while self.at < len(self.tokens) and self.tokens[self.at][0] not in ("OR", ")"):
            terms.append(self.one(deep))
        if not terms:
            raise WrongQuery("no viable alternative at input '<EOF>'", self.place())
        return Term(lambda seen: all(t.test(seen) for t in terms), any(t.alone for t in terms))

    def one(self, deep: int) -> Term:
        if deep > MOST_DEEP:
            raise WrongQuery("too many nested groups", self.place())
        text, found, place = self.tokens[self.at]
        self.at += 1
        if found["minus"]:
            if self.at >= len(self.tokens):
                raise WrongQuery("no viable alternative at input '-'", place)
            turned = self.one(deep + 1)
            return Term(lambda seen: not turned.test(seen), False)
        if found["open"]:
            inner = self.either(deep + 1)
            if self.at >= len(self.tokens) or self.tokens[self.at][0] != ")":
                raise WrongQuery("missing ')' at '<EOF>'", place)
            self.at += 1
            return inner
        if found["operator"]:
            return _operator(found["operator"].lower(), found["value"].strip('"'), text, place)
        if found["near"]:
            return Term(_near(found["phrase"], int(found["near"]), place), True)
        return Term(_words(found["phrase"] if found["phrase"] is not None else text, place), True)


def _operator(name: str, value: str, text: str, place: int) -> Term:
    if not value:
        raise WrongQuery(f"no viable alternative at input '{text}'", place)
    wanted = value.lower().lstrip("@")
    people: dict[str, Callable[[Seen], Person | None]] = {
        "from": lambda seen: seen.author,
        "to": lambda seen: seen.answered,
        "retweets_of": lambda seen: seen.repeated,
    }
    if name in people:
        if not re.fullmatch(r"\w{1,19}", wanted, re.A):
            raise WrongQuery(f"'{value}' is no username", place)
        return Term(lambda seen: _is(people[name](seen), wanted), True)
    if name == "url":
        return Term(lambda seen: any(wanted in str(u.get("expanded_url")).lower() for u in _told(seen, "urls")), True)
    if name == "is" and wanted in IS:
        kinds: dict[str, Test] = {
            "retweet": lambda seen: seen.post.repost_of is not None,
            "reply": lambda seen: seen.post.answers is not None,
        }
        return Term(kinds.get(wanted, lambda _seen: False), False)
    if name == "has" and wanted in HAS:
        return Term(lambda seen: _has(seen, wanted), False)
    if name == "lang" and LANGUAGES.fullmatch(wanted):
        return Term(lambda seen: language(seen.whole.text) == wanted, False)
    if name in NARROWING:
        raise WrongQuery(f"invalid value '{value}' for operator '{name}'", place)
    told = f"Reference to invalid operator '{name}'. Operator is not available in current product or product packaging."
    raise WrongQuery(told, place)


def _words(text: str, place: int) -> Test:
    if text.startswith("@") and len(text) > 1:
        wanted = text[1:].lower()
        return lambda seen: any(str(m["username"]).lower() == wanted for m in _told(seen, "mentions"))
    if text.startswith("#") and len(text) > 1:
        tag = text[1:].lower()
        return lambda seen: any(str(h["tag"]).lower() == tag for h in _told(seen, "hashtags"))
    words = WORDS.findall(text.lower())
    if not words and any(ord(sign) > LAST_OF_PUNCTUATION for sign in text):  # an emoji
        return lambda seen: text in seen.whole.text
    if not words:
        raise WrongQuery(f"no viable alternative at input '{text}'", place)

    def stands_in(seen: Seen) -> bool:
        said = WORDS.findall(seen.whole.text.lower())
        return any(said[i : i + len(words)] == words for i in range(len(said) - len(words) + 1))

    return stands_in


def _near(phrase: str, most: int, place: int) -> Test:
    """Its words stand so close to each other, in any order: so many others between them at most."""
    words = set(WORDS.findall(phrase.lower()))
    if not words:
        raise WrongQuery("no viable alternative at input '\"\"'", place)
    window = len(words) + most

    def stand_close(seen: Seen) -> bool:
        said = WORDS.findall(seen.whole.text.lower())
        return any(words <= set(said[i : i + window]) for i in range(max(1, len(said) - len(words) + 1)))

    return stand_close


def _is(person: Person | None, wanted: str) -> bool:
    return person is not None and wanted in (person.handle.lower(), str(person.id))


def _told(seen: Seen, kind: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = seen.whole.entities().get(kind, [])
    return found


def _has(seen: Seen, what: str) -> bool:
    if what in ("media", "images", "videos", "video_link"):
        return seen.post.media
    return bool(_told(seen, {"links": "urls"}.get(what, what)))
