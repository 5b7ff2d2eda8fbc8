"""What a report is exact about: numbers, times, dates, prices, single letters, negations, names of streets.

A number stays one number, whatever stands between its digits: `1.024` is 1024 and neither 10 24 nor 10.24. Two that are
written in two ways are the same (`7:00` and `7`, `10,50` and `10.50`, `12/05` and `12-5`, `dos` and `2`), and no typo
makes one street of two.
"""

import re
import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import OSA

_NUMBER = re.compile(r"(?<![\w.,])(?P<minus>[-−])?(?P<digits>\d+(?:[.,:'/-]\d+)+|\d+)(?![\d])")
_THOUSANDS = re.compile(r"(\d{1,3}(?:[.,']\d{3})+)(?:[.,](\d{1,2}))?")
_BETWEEN = re.compile(r"[.,:'/-]")
_DIGIT = re.compile(r"\d")
_HALF_OF_DAY = re.compile(r"(\d)\s*([APap])\.?\s?[Mm]\b\.?")
_KILOMETRE = re.compile(r"\b[Kk][Mm]s?\.?(?=\d)")
_LETTER = re.compile(
    r" ([A-Z])(?<=[^\W\d_A-ZÁÉÍÓÚÑ] .)(?![\w.'’-])"
)  # of a tower, a line, a way: not in what is shouted
_NAMED_LETTER = re.compile(  # torre b, which is not torre c
    r"\b((?:torre|edificio|bloque|manzana|sector|l[ií]nea|ruta|puerta|apto|apartamento|fase|etapa|zona|entrada|and[eé]n|sala|tower|building|block"
    r"|line|route|gate|unit|phase|zone|exit|lane|terminal|room)\.? )([a-df-np-xz])(?![\w.'’-])",
    re.IGNORECASE,
)
_RAISED = re.compile(r"(?<=\d)(?=[²³¹⁰⁴-⁹①-⑳])|(?<=[²³¹⁰⁴-⁹①-⑳])(?=[\d①-⑳])")  # no digits of the number beside them
_FRACTION = re.compile("[¼-¾⅐-⅞]")
_DASHES = re.compile(r"(?<=\d)[‐-―−](?=\d)")
_MAY_BE_NOT = re.compile("[nN]['’ʼ´`][tT]")
_NOT = re.compile(r"\b(?:(ca)n|(wo)n|(\w+)n)['’ʼ´`]t\b", re.IGNORECASE)
_ITALICS = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")  # as WhatsApp writes them
_LONG_GROUP = 5
ROMAN = re.compile(r"[ivxlcdm]+")
_NUMBERS = """
dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince
dieciseis diecisiete dieciocho diecinueve veinte
"""
_NUMBERS_EN = """
two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty
"""
_TWENTIES = "veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve"
_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa cien"
_TENS_EN = "thirty forty fifty sixty seventy eighty ninety"
IN_DIGITS = {
    **{w: str(n) for words in (_NUMBERS, _NUMBERS_EN) for n, w in enumerate(words.split(), 2)},
    **{w: str(n) for n, w in enumerate(_TWENTIES.split(), 21)},
    **{w: str(10 * n) for words in (_TENS, _TENS_EN) for n, w in enumerate(words.split(), 3)},
    "veintiun": "21", "veintiuna": "21",
}  # fmt: skip
#: What makes another number of the one before it: `10 mil` is not 10.
_LARGE = "mil miles millon millones ciento cientos hundred thousand thousands million millions"
LARGE = frozenset(_LARGE.split())
_PLACES = """
calle carrera avenida plaza sector barrio urbanizacion via esquina edificio puente estacion parroquia municipio
pueblo colonia transversal vereda autopista carretera callejon pasaje paseo residencias quinta liceo hospital parque
street avenue road square neighborhood bridge station drive lane boulevard highway park san santa
"""
_CALENDAR = """
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
lunes martes miercoles jueves viernes sabado domingo primera segunda tercera cuarta quinta sexta
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""
_BEFORE_NAMES = frozenset(_PLACES.split())  # a name stands behind them
KNOWN = _BEFORE_NAMES | frozenset(_CALENDAR.split())  # none of these is another one with a typo
_SMALL = frozenset({"de", "del", "la", "las", "los", "el", "the", "of", "a", "al"})
_FROM, _TO = frozenset({"de", "del", "desde", "from"}), frozenset({"a", "al", "hacia", "hasta", "to"})
_SOUNDS = tuple(
    (re.compile(written), said)
    for written, said in (
        ("h", ""), ("v", "b"), ("z|x|c(?=[ei])", "s"), ("ll", "y"), ("qu(?=[ei])|k", "c"),
        ("g(?=[ei])", "j"), (r"(.)\1+", r"\1")
    )
)  # fmt: skip


def exact(text: str) -> str:
    """The text with each number as one word, and what is exact in it as words of their own."""
    plain = _ITALICS.sub(" ", text) if "_" in text else text
    plain = _NOT.sub(_unjoined, plain) if _MAY_BE_NOT.search(plain) else plain
    plain = _LETTER.sub(r" \1_", _NAMED_LETTER.sub(r"\1\2_", plain))
    if not plain.isascii():
        plain = _FRACTION.sub(lambda m: " " + unicodedata.normalize("NFKC", m[0]).replace("\u2044", "/"), plain)
        plain = _DASHES.sub("-", _RAISED.sub("_", plain))
    if not _DIGIT.search(plain):
        return plain
    plain = _KILOMETRE.sub("km ", _HALF_OF_DAY.sub(r"\1 \2m", plain))
    return _NUMBER.sub(lambda m: ("minus_" if m["minus"] else "") + _as_word(m["digits"]), plain)


def _unjoined(found: re.Match[str]) -> str:
    return f"{'can' if found[1] else 'will' if found[2] else found[3]} not"


def _as_word(number: str) -> str:
    thousands = _THOUSANDS.fullmatch(number)
    if thousands is not None:
        whole = _BETWEEN.sub("", thousands[1])
        cents = thousands[2]
        return f"{whole}_{cents}" if cents and cents.strip("0") else whole
    groups = _BETWEEN.split(number)
    if len(groups) == 1:
        return number.lstrip("0") if len(number) <= 2 and number.strip("0") else number
    if "/" in number or "-" in number:
        if any(len(g) >= _LONG_GROUP for g in groups):  # a number to call
            return "".join(groups)
        return "__".join(g.lstrip("0") or "0" for g in groups)
    if len(groups) == 2 and groups[1] == "00":
        return groups[0].lstrip("0") or "0"
    return "_".join([groups[0].lstrip("0") or "0", *groups[1:]])


def holds_digit(word: str) -> bool:
    return not word.isalpha() and any(c.isdigit() for c in word)


def may_be_joined(first: str, second: str) -> bool:
    """Whether two words may be one that was written apart: never where that would make a number of two."""
    return not (first[-1].isdigit() and second[0].isdigit()) and "_" not in first[-1] + second[0]


def names(words: Sequence[str]) -> frozenset[str]:
    """The words that are names of places: those behind `calle`, `plaza`, `San`."""
    found: set[str] = set()
    named = False
    for word in words:
        if named and word not in _SMALL:
            found.add(word)
        named = word in _BEFORE_NAMES or (named and word in _SMALL)
    return frozenset(found)


def is_slip(name: str, other: str) -> bool:
    """Whether two names are one that was written wrong: as it sounds, a letter twice, two letters swapped.

    Any other letter makes it another name: Marín is not Martín.
    """
    if len(name) == len(other) and sorted(name) == sorted(other) and OSA.distance(name, other) == 1:
        return True
    return _sound(name) == _sound(other)


def _sound(word: str) -> str:
    for pattern, becomes in _SOUNDS:
        word = pattern.sub(becomes, word)
    return word


def are_swapped(one: Sequence[str], other: Sequence[str], fillers: frozenset[str]) -> bool:
    """Whether both say the same of different things: `calle 8 con 12` and `12 con 8`, from here to there and back."""
    return _numbers_swapped(one, other, fillers) or _ways_swapped(one, other)


def _numbers_swapped(one: Sequence[str], other: Sequence[str], fillers: frozenset[str]) -> bool:
    mine = _beside_numbers(one)
    if len(mine) < 2:
        return False
    theirs = _beside_numbers(other)

    def stands_as(number: str, as_there: str) -> bool:
        return any(_same_place(a, b, fillers) for a in mine[number] for b in theirs[as_there])

    elsewhere = [n for n in mine.keys() & theirs.keys() if not stands_as(n, n)]
    return any(n != m and stands_as(n, m) and stands_as(m, n) for n in elsewhere for m in mine.keys() & theirs.keys())


def _beside_numbers(words: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for n, word in enumerate(words):
        if holds_digit(word):
            before = words[n - 1] if n else ""
            found.setdefault(word, []).append((before, words[n + 1] if n + 1 < len(words) else ""))
    return found


def _same_place(one: tuple[str, str], other: tuple[str, str], fillers: frozenset[str]) -> bool:
    before, there = one[0], other[0]
    if before and there and before not in fillers and there not in fillers:
        return before == there or (before[0] == there[0] and OSA.normalized_similarity(before, there) >= 0.7)
    if before and before == there:
        return True
    return bool(one[1]) and one[1] == other[1]


def _ways_swapped(one: Sequence[str], other: Sequence[str]) -> bool:
    from_one, to_one = _ends(one)
    if not from_one or not to_one:
        return False
    from_other, to_other = _ends(other)
    return bool((from_one & to_other) - to_one and (to_one & from_other) - from_one)


def _ends(words: Sequence[str]) -> tuple[set[str], set[str]]:
    """The words behind from and behind to."""
    start: set[str] = set()
    end: set[str] = set()
    into: set[str] | None = None
    for word in words:
        if word in _FROM:
            into = start
        elif word in _TO:
            into = end
        elif into is not None and word not in _SMALL:
            into.add(word)
            into = None
    return start, end
