"""Texts that a stranger may write to keep a machine busy: each is a pattern, drawn out to any length."""

import itertools
import random
import string
from collections.abc import Callable
from datetime import datetime
from operator import getitem

from engine.composing import style_of
from engine.moderation import Keyword, KeywordRole, MessageKind, Policy, Said, Writer, compile_ruleset
from engine.moderation.crowds import NO_CROWDS
from engine.similarity import RecentTexts, compared, normal

LENGTHS = (280, 2_000, 25_000)
LONGEST = LENGTHS[-1]  # X's longest post


def _again(piece: str) -> Callable[[int], str]:
    return lambda length: (piece * (length // len(piece) + 1))[:length]


def _counting(form: str) -> Callable[[int], str]:
    """A pattern with a number or a word of its own in each round."""

    def drawn(length: int) -> str:
        parts: list[str] = []
        so_far = 0
        for number in itertools.count():
            parts.append(form.format(number=number, word=_word(number)))
            so_far += len(parts[-1])
            if so_far >= length:
                return "".join(parts)[:length]
        raise AssertionError

    return drawn


def _word(number: int) -> str:
    """A word of four letters or more that no other number has."""
    letters = string.ascii_lowercase
    found = ""
    for _ in range(4):
        number, place = divmod(number, 26)
        found += letters[place]
    return found + (letters[number] if number else "")


PATTERNS: dict[str, Callable[[int], str]] = {
    "dotted": _again("a."),
    "dotted words": _again("choque."),
    "dots": _again("."),
    "domains": _again("a.com "),
    "domains joined": _again("a.com"),
    "domains of every length": lambda n: " ".join(("a" * k + ".com") for k in range(1, 250))[:n].ljust(n, "b"),
    "dashed": _again("a-"),
    "dashed domain": lambda n: ("a-" * n)[: n - 4] + ".com",
    "underscored": _again("a_."),
    "punycode": _again("xn--a."),
    "one word": _again("a"),
    "one word of a kind": _counting("{word}"),
    "different words": _counting("{word} "),
    "different words, reversed": lambda n: " ".join(reversed(_counting("{word} ")(n).split(" "))),
    "alike words": _counting("carretera{number} "),
    "alike words without numbers": _counting("carr{word} "),
    "numbers": _counting("{number} "),
    "letters": _again("a b c d e f "),
    "joined words": _counting("{word}{word} "),
    "at signs": _again("@"),
    "mentions": _again("@a "),
    "mentions joined": _again("@a"),
    "mentions of a kind": _counting("@u{number} "),
    "hash signs": _again("#"),
    "hashtags": _counting("#t{number} "),
    "hashtags joined": _again("#a"),
    "protocols": _again("http://"),
    "links": _again("http://a.b/ "),
    "links joined": _again("https://a.com/"),
    "link with parentheses": lambda n: ("https://a.com/" + "(a" * n)[:n],
    "link with balanced parentheses": lambda n: ("https://a.com/" + "(a)" * n)[:n],
    "link with a query": lambda n: ("https://a.com/?" + "a=b&" * n)[:n],
    "link with a query that ends badly": lambda n: ("https://a.com/?" + "!" * n)[:n],
    "link with a long path": lambda n: ("https://a.com/" + "a/" * n)[:n],
    "link with a bad path": lambda n: ("https://a.com/" + "." * n)[:n],
    "ports": _again("a.com:1"),
    "short links": _again("https://t.co/a"),
    "www": _again("www."),
    "parentheses": _again("("),
    "quotes": _again("\"'"),
    "spaces": _again(" "),
    "spaces before a dot": lambda n: "@a" + " " * (n - 4) + "x.",
    "newlines": _again("\n"),
    "newlines and spaces": _again(" \n"),
    "carriage returns": _again("\r\n"),
    "tabs": _again("\t"),
    "line separators": _again("\u2028"),
    "spaces of all kinds": _again("\u00a0\u2003\u3000 "),
    "sentences": _again("a. "),
    "commas": _again("a, "),
    "combining marks": lambda n: "e" + "\u0301" * (n - 1),
    "combining marks of two classes": lambda n: "e" + ("\u0301\u0323" * n)[: n - 1],
    "combining marks out of order": lambda n: "e" + "\u0301" * (n // 2) + "\u0323" * (n - 1 - n // 2),
    "combining marks alone": _again("\u0301"),
    "composed letters": _again("ǖ"),
    "letters that grow": _again("\ufdfa"),
    "letters that grow by case": _again("ΐ"),
    "ligatures": _again("ﬃ"),
    "sharp s": _again("ß"),
    "zero width": _again("\u200b"),
    "joiners": _again("\u200d"),
    "variation selectors": _again("\ufe0f"),
    "words with joiners": _again("a\u200d"),
    "emoji": _again("🚧"),
    "emoji with tones": _again("👍🏽"),
    "families": _again("👩‍👩‍👧‍👦"),
    "emoji joined for ever": _again("👩\u200d"),
    "flags": _again("🇻🇪"),
    "half flags": _again("🇻"),
    "keycaps": _again("1️⃣"),
    "tag flags": _again("🏴\U000e0067\U000e0062"),
    "tags": lambda n: "🏴" + "\U000e0067" * (n - 1),
    "cjk": _again("日本語"),
    "cjk with a dot": lambda n: "日" * (n - 1) + ".",
    "cjk labels": lambda n: (("".join(chr(0x4E00 + k) for k in range(59)) + ".") * n)[: n - 3] + "com",
    "squared words": _again("㌖"),
    "cjk with spaces": _again("日 "),
    "cjk domains": _again("日本語.com"),
    "hangul jamo": _again("\u1100\u1161\u11a8"),
    "leading jamo": _again("\u1100"),
    "confusables": _again("сhоquе "),
    "fullwidth": _again("＠ｃｈｏｑｕｅ＃"),
    "mathematical": _again("𝐜𝐡𝐨𝐪𝐮𝐞 "),
    "rtl marks": _again("\u202e\u200f"),
    "arabic": _again("حادث "),
    "thai": _again("กำ"),
    "devanagari": _again("क्षि"),
    "surrogates": _again("\ud83d"),
    "noncharacters": _again("\ufffe\uffff"),
    "controls": _again("\x00\x1b"),
    "private use": _again("\ue000"),
    "shouted": _again("CHOQUE "),
    "shouted, a word of it": _again("A1"),
    "pipes": _again("|"),
    "braces": _again("{text}"),
    "ellipses": _again("…"),
    "phrases that begin": _again("via "),
    "enye": _again("ñ"),
    "n and its tilde": _again("n\u0303"),
}  # fmt: skip


def behind(name: str, first: str, length: int) -> str:
    """A pattern at a length, behind a word that matters."""
    return (first + PATTERNS[name](length))[:length]


class Desk:
    """A channel that looks at everything: stems, replacements of all kinds, and 200 texts that passed lately."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        words = [Keyword(KeywordRole.TRIGGER, w) for w in ("choque", "cho*", "aaa*", "a", "via via")]
        self._rules = compile_ruleset(1, [*words, Keyword(KeywordRole.FILTER, "promo")], Policy(turned=_ALL))
        self._style = style_of(
            [
                Keyword(KeywordRole.REPLACEMENT, "av.", into="avenida"),
                Keyword(KeywordRole.REPLACEMENT, "a", into="z" * 100),
                Keyword(KeywordRole.REPLACEMENT, "via " * 12 + "x", into="paso"),
                Keyword(KeywordRole.EMPHASIS, "choqu*"),
            ],
            name_dms=True,
            calm_capitals=True,
        )
        warm = self._style.copy_of(MessageKind.DM, "é a.com 🚧", "", "")  # the tables of links and emoji
        assert warm

    def judged(self, text: str) -> str:
        """Read, judged beside 200 texts that are nearly the same, and composed; the copy."""
        recent = self.recent(text)
        return self.judged_beside(text, recent)

    def recent(self, text: str) -> RecentTexts:
        """Two hundred texts that share half of their words with this one; the others have a typo."""
        dice = random.Random(5)
        words = [(w, w[:-1] + "w" + w[-1:]) for w in normal(text)]
        recent = RecentTexts()
        for key in range(200):
            other = tuple(map(getitem, words, dice.choices((0, 1), k=len(words))))
            recent.add(key, compared(other), self._now)
        return recent

    def judged_beside(self, text: str, recent: RecentTexts) -> str:
        """The same beside given texts: a mention that is copied, which every rule looks at."""
        said = Said(MessageKind.MENTION, text, self._now)
        self._rules.judge(said, self._rules.read(said), Writer(), self._now, recent)
        return self._style.copy_of(said.kind, text, text, "maria")


_ALL = frozenset({NO_CROWDS})
