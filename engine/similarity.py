"""How alike two texts are: whether a message says again what was said already.

Read as words, without case, accents, mentions, links and emoji, in any order. A typo is the same word, a greeting
hardly counts, and what makes it other news weighs most: a number, a direction, a "no", a cause or a place that differs.
Measured on labelled pairs in Spanish and English (tests/engine/likeness.txt, likeness_details.txt; docs/figures.md).
Of a long text only the beginning is compared, so that two texts cost no more than two posts of 280.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import process
from rapidfuzz.distance import OSA

from engine.particulars import (
    IN_DIGITS,
    KNOWN,
    LARGE,
    ROMAN,
    are_swapped,
    exact,
    holds_digit,
    is_slip,
    may_be_joined,
    names,
)
from engine.text import BREAK, opening, read

Normal = tuple[str, ...]
TYPO = 0.74
LONG_ENOUGH = 4
FEW = 12
FILLER_WEIGHT, WORD_WEIGHT = 0.25, 1.0
OTHER_NEWS = 0.7
CANDIDATES = 40
SHARED_LEAST = 0.4
COMPARED_WORDS, COMPARED_LETTERS = 140, 400  # more than a post of 280 can hold
# Articles, prepositions, courtesy and alarm, in Spanish and in English.
_FILLERS = """
a al ante con de del desde e el en entre es esta este estan esto estos estas esa ese y o u la las lo los le les me
mi mis nos para por que se su sus un una unos unas muy mas hay ha han he son ser hola buenos buenas dias tardes noches
favor gracias saludos ojo cuidado atencion urgente ahora aqui alla difundan difundir compartan comparte esperamos
reporten reporto informan aviso avisen ayuda ultima hora
the an of at on in to for from by with and or is are was were be been it its this that there here my your our we they
you i please thanks thank hello hi hey now just currently right breaking alert attention share says say near around
"""
# A word that is there or not turns the news around.
_DECISIVE = """
no ni sin nunca ya falso falsa tampoco nadie nada jamas ningun ninguno ninguna apenas casi excepto salvo menos
ambos ambas despejada despejado abierta abierto reabierta reabierto llego regreso aparecio aparece encontrado encontrada
apagado apagada controlado controlada reparado reparada suspendida suspendido resuelto resuelta fin retiraron
norte sur este oeste oriente occidente noreste noroeste nororiente sureste suroeste sudeste sudoeste suroriente
not never without nobody nothing neither nor pm hardly barely almost except unless both longer none
back again resumed lifted fixed repaired removed found cancelled canceled safe off
north south east west northeast northwest southeast southwest
northbound southbound eastbound westbound left right up down open closed
"""
_NOT = "dont doesnt didnt isnt arent wasnt werent cant wont hasnt havent couldnt wouldnt shouldnt"
FILLERS = frozenset(_FILLERS.split())
DECISIVE = frozenset(_DECISIVE.split()) | LARGE
SAME = {
    "av": "avenida", "avda": "avenida", "ave": "avenue", "cll": "calle", "ctra": "carretera", "autop": "autopista",
    "urb": "urbanizacion", "dir": "direccion", "km": "kilometro", "edif": "edificio", "mun": "municipio",
    "st": "street", "rd": "road", "hwy": "highway", "blvd": "boulevard", "bldg": "building", "dr": "drive",
    "q": "que", "k": "que", "x": "por", "xq": "porque", "pls": "please", "plz": "please", "u": "you",
    "canceled": "cancelled", "cannot": "not",
    **dict.fromkeys(_NOT.split(), "not"),
    **IN_DIGITS,
}  # fmt: skip


def normal(text: str) -> Normal:
    """The words that are compared, in their order: the first of the text, no more than an ordinary post has."""
    words = [SAME.get(w, w) for w in read(exact(opening(text))).words if w != BREAK]
    spoken = tuple(w for w in words if w[0].isalnum() or w[0] == "_")
    return compared(spoken or tuple(words))


def compared(words: Normal) -> Normal:
    """The first words, 140 at most and of 400 letters together."""
    if len(words) <= COMPARED_WORDS and sum(map(len, words)) <= COMPARED_LETTERS:
        return words
    left = COMPARED_LETTERS
    kept: list[str] = []
    for word in words[:COMPARED_WORDS]:
        kept.append(word[:left])
        left -= len(word)
        if left <= 0:
            break
    return tuple(kept)


def likeness(one: Normal, other: Normal) -> float:
    """0 to 1: the share of the two texts that is the same; 1 only where both are equal word for word.

    Where each has something of its own that carries meaning, it is other news: at most 0.7 of that share is left.
    """
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    called = names(one) | names(other)
    mine, theirs = Counter(one), Counter(other)
    rest_mine, rest_theirs = list((mine - theirs).elements()), list((theirs - mine).elements())
    same = sum(_weight(w) * n for w, n in (mine & theirs).items())
    same += _pair_joined(rest_mine, rest_theirs) + _pair_joined(rest_theirs, rest_mine)
    same += _pair_typos(rest_mine, rest_theirs, called)
    own = sum(map(_weight, rest_mine))
    own_theirs = sum(map(_weight, rest_theirs))
    score = 2 * same / (2 * same + own + own_theirs) if same else 0.0
    if _turns(rest_mine, rest_theirs) or _turns(rest_theirs, rest_mine) or are_swapped(one, other, FILLERS):
        score *= OTHER_NEWS
    return min(score, 0.999)


def _weight(word: str) -> float:
    return FILLER_WEIGHT if word in FILLERS and word not in DECISIVE else WORD_WEIGHT


def _turns(rest: list[str], others: list[str]) -> bool:
    """Whether these words make it other news: they turn it around, or stand where the other text has its own."""
    if any((w in DECISIVE and w not in ("este", "down", "right")) or holds_digit(w) for w in rest):
        return True
    content = [w for w in rest if w not in FILLERS]
    return bool(content) and any(w not in FILLERS or w in DECISIVE for w in others)


def _pair_typos(mine: list[str], theirs: list[str], called: frozenset[str]) -> float:
    """Take out of both what is one word with a typo; the weight of it. Numbers and short words have none.

    Of what is `called` so, the name of a street, only what can't be another name is one.
    """
    same = 0.0
    others = [w for w in theirs if _may_have_typo(w)]
    for word in list(mine):
        if not others or not _may_have_typo(word):
            continue
        score, best = max(_near(word, others), default=(0.0, ""))
        if best and best[0] == word[0] and _may_be_one(word, best, called):
            mine.remove(word)
            theirs.remove(best)
            others.remove(best)
            same += score * _weight(word)
    return same


def _may_be_one(word: str, other: str, called: frozenset[str]) -> bool:
    if word in KNOWN and other in KNOWN:
        return False
    return not called & {word, other} or is_slip(word, other)


def _near(word: str, others: list[str]) -> list[tuple[float, str]]:
    """Those that are as near as a typo; among many they are looked for in one go, which costs more for a few."""
    if len(others) <= FEW:
        found = [(OSA.normalized_similarity(word, w, score_cutoff=TYPO), w) for w in others]
        return [f for f in found if f[0]]
    near = process.extract(word, others, scorer=OSA.normalized_similarity, score_cutoff=TYPO, limit=len(others))
    return [(score, w) for w, score, _ in near]


def _pair_joined(mine: list[str], theirs: list[str]) -> float:
    """Take out what one wrote in one word and the other in two: `cleanup`, `clean up`."""
    if len(theirs) < 2:
        return 0.0
    same = 0.0
    lengths = {len(w) for w in theirs}
    there = set(theirs)
    for word in list(mine):
        if len(word) < LONG_ENOUGH:
            continue
        halves = [(word[:n], word[n:]) for n in lengths if word[:n] in there and word[n:] in there]
        halves = [(a, b) for a, b in halves if a != b and may_be_joined(a, b)]
        if halves:
            mine.remove(word)
            for half in min(halves, key=lambda h: theirs.index(h[0])):
                theirs.remove(half)
            there = set(theirs)
            same += WORD_WEIGHT
    return same


def _may_have_typo(word: str) -> bool:
    return len(word) >= LONG_ENOUGH and word.isalpha() and word not in DECISIVE and not ROMAN.fullmatch(word)


@dataclass(frozen=True, slots=True)
class Like:
    """An earlier text that is like this one."""

    key: int
    likeness: float


@dataclass(frozen=True, slots=True)
class _Kept:
    origin: int
    words: Normal
    telling: int
    at: datetime


class RecentTexts:
    """The texts that a channel let pass lately. Finding the likest looks only at those that share words."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._with: dict[str, set[int]] = {}
        self._equal: dict[Normal, list[int]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, key: int, words: Normal, at: datetime, *, origin: int = 0) -> None:
        """Remember a text under its key, in the order of time. `origin` is the post that it is an edit of."""
        if not words or key in self._kept:
            return
        telling = _telling(words)
        self._kept[key] = _Kept(origin, words, len(telling), at)
        self._equal.setdefault(words, []).append(key)
        for word in telling:
            self._with.setdefault(word, set()).add(key)

    def forget_before(self, moment: datetime) -> None:
        """Let go of what is older."""
        while self._kept:
            key, kept = next(iter(self._kept.items()))
            if kept.at >= moment:
                return
            self.forget(key)

    def forget(self, key: int) -> None:
        """Let go of one, if it is there."""
        kept = self._kept.pop(key, None)
        if kept is None:
            return
        self._equal[kept.words].remove(key)
        if not self._equal[kept.words]:
            del self._equal[kept.words]
        for word in _telling(kept.words):
            self._with[word].discard(key)
            if not self._with[word]:
                del self._with[word]

    def likest(self, text: str, threshold: float, since: datetime, *, origin: int = 0) -> Like | None:
        """The likest of what was said at `since` or later, at least as like as `threshold`; never an edit's origin."""
        return self.likest_to(normal(text), threshold, since, origin=origin) if self._kept else None

    def likest_to(self, words: Normal, threshold: float, since: datetime, *, origin: int = 0) -> Like | None:
        """The same for a text of which the words are known."""

        def counts(key: int) -> bool:
            kept = self._kept[key]
            return kept.at >= since and (not origin or kept.origin != origin)

        equal = [k for k in self._equal.get(words, ()) if counts(k)]
        if equal:
            return Like(equal[-1], 1.0)
        if threshold >= 1:
            return None
        shared: Counter[int] = Counter()
        telling = _telling(words)
        for word in telling:
            shared.update(self._with.get(word, ()))
        best: Like | None = None
        for key, common in shared.most_common(CANDIDATES):
            if common >= SHARED_LEAST * max(self._kept[key].telling, len(telling)) and counts(key):
                score = likeness(words, self._kept[key].words)
                if score >= threshold and (best is None or score > best.likeness):
                    best = Like(key, score)
        return best


@dataclass(frozen=True, slots=True)
class Lately:
    """What passed lately, for one message: the likest that was found before, and what passed since."""

    words: Normal
    found: Like | None
    since_then: RecentTexts

    def likest(self, text: str, threshold: float, since: datetime, *, origin: int = 0) -> Like | None:
        """The likest of both. The message is the one that was looked for before, with this threshold."""
        newer = self.since_then.likest_to(self.words, threshold, since, origin=origin)
        if newer is None or (self.found is not None and self.found.likeness > newer.likeness):
            return self.found
        return newer


def _telling(words: Iterable[str]) -> set[str]:
    return {w for w in words if w not in FILLERS} or set(words)


def read_pairs(lines: Iterable[str]) -> list[tuple[str, str, bool]]:
    """Labelled pairs as they are written down: `=` a text, `+` a near-repeat of it, `-` other news."""
    pairs: list[tuple[str, str, bool]] = []
    first = ""
    for line in lines:
        sign, text = line[:1], line[1:].strip()
        if sign == "=":
            first = text
        elif sign in ("+", "-") and text:
            pairs.append((first, text, sign == "+"))
    return pairs
