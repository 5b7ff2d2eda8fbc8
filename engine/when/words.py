"""The words of time in Spanish and English, without case and accents, and how they are matched in a text."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lunes lun monday mondays mon", "martes mar tuesday tuesdays tue tues",
            "miercoles mie mier wednesday wednesdays wed weds", "jueves jue juev thursday thursdays thu thur thurs",
            "viernes vie vier friday fridays fri", "sabado sabados sab saturday saturdays sat",
            "domingo domingos dom sunday sundays sun",
        )
    )
    for name in names.split()
} | {
    name: number
    for number, misspelt in enumerate(
        (
            "lumes", "tuseday teusday", "miercole miercolez miercles miercols mierkoles wensday wednsday wendsday",
            "juebes juves jueve thrusday thursdy", "vienres biernes vierne viernez firday",
            "savado sabdo sadabo saterday satuday", "domigo domngo sundy",
        )
    )
    for name in misspelt.split()
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene january jan", "febrero feb february", "marzo mar march", "abril abr april apr", "mayo may",
            "junio jun june", "julio jul july", "agosto ago august aug", "septiembre setiembre sep sept set september",
            "octubre oct october", "noviembre nov november", "diciembre dic december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_SPANISH = [
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
    "trece", "catorce", "quince", "dieciseis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno",
    "veintidos", "veintitres", "veinticuatro", "veinticinco", "veintiseis", "veintisiete", "veintiocho",
    "veintinueve",
]  # fmt: skip
_ENGLISH = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_ORDINAL = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth",
]  # fmt: skip


def _tens(names: dict[str, int], ones: list[str], joints: tuple[str, ...]) -> dict[str, int]:
    found = dict(names)
    for name, tens in names.items():
        for one in range(1, 10):
            found |= {f"{name}{joint}{ones[one]}": tens + one for joint in joints}
    return found


SPELLED = (
    {name: n for n, name in enumerate(_SPANISH)}
    | {name: n for n, name in enumerate(_ENGLISH)}
    | _tens({"treinta": 30, "cuarenta": 40, "cincuenta": 50}, _SPANISH, (" y ",))
    | _tens({"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}, _ENGLISH, (" ", "-"))
    | {"una": 1, "un": 1, "veintiun": 21, "veintiuna": 21, "treinta y un": 31, "treinta y una": 31}
)
NUMBERS = SPELLED | {"a": 1, "an": 1, "a couple of": 2, "a couple": 2, "couple of": 2, "un par de": 2, "par de": 2}
SPELLED_DAYS = (
    {name: n for n, name in enumerate(_ORDINAL) if n}
    | {f"twenty{joint}{_ORDINAL[n]}": 20 + n for n in range(1, 10) for joint in (" ", "-")}
    | {name: n for name, n in SPELLED.items() if 2 < n <= 31}
    | {"twentieth": 20, "thirtieth": 30, "thirty first": 31, "thirty-first": 31, "primero": 1, "uno": 1, "dos": 2}
)
ORDINALS = {
    "primer": 1, "primero": 1, "primera": 1, "primeros": 1, "1er": 1, "1ro": 1, "1º": 1, "first": 1, "1st": 1,
    "segundo": 2, "segundos": 2, "2do": 2, "2º": 2, "second": 2, "2nd": 2, "tercer": 3, "tercero": 3, "terceros": 3,
    "3er": 3, "3ro": 3, "3º": 3, "third": 3, "3rd": 3, "cuarto": 4, "cuartos": 4, "4to": 4, "4º": 4, "fourth": 4,
    "4th": 4, "ultimo": -1, "ultimos": -1, "last": -1, "penultimo": -2, "penultimos": -2, "second to last": -2,
}  # fmt: skip


def any_of(words: Iterable[str]) -> str:
    """A pattern of any of these words, the longest first."""
    return "(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + ")"


DAY = any_of(WEEKDAYS) + r"\b\.?"
MONTH = any_of(MONTHS) + r"\b\.?"
N = rf"(?:\d{{1,4}}|{any_of(NUMBERS)}\b)"
ORDINAL = any_of(ORDINALS) + r"(?!\w)"
AND = r"\s*(?:,\s*(?:y|e|and)\b|[,&/+]|\b(?:y|e|and)\b)\s*"
AND_ALSO = AND.replace("&/+", "&+")
UP_TO = r"\s*(?:[-\u2013]|\b(?:al?|to|through|thru|hasta)\b)\s*"
EVERY = r"(?:cada|every|each|todos\s+los|todas\s+las|all)"
_ONE_DAY = rf"(?:los\s+|las\s+|el\s+|on\s+)?{DAY}"
SOME_DAYS = rf"{DAY}(?:(?:{AND}|{UP_TO}){_ONE_DAY})"
DAY_LIST = SOME_DAYS + "{0,9}"
DAYS_LISTED = SOME_DAYS + "{1,9}"


def flatten(text: str) -> str:
    """The text without case and accents, character by character, so that places in it stay the same."""
    flat = []
    for char in text:
        bare = unicodedata.normalize("NFD", char.casefold())
        flat.append("'" if char in "’‘´`" else bare[0] if bare else " ")
    return "".join(flat)


@cache
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern)


def match(pattern: str, flat: str, at: int = 0) -> "re.Match[str] | None":
    """What stands at this place of a flattened text."""
    return _compiled(pattern).match(flat, at)


def number(text: str | None) -> int:
    """`3`, `tres`, `three`; 1 where there is none."""
    if not text:
        return 1
    return int(text) if text.isdecimal() else NUMBERS[" ".join(text.split())]


def weekdays_in(text: str) -> list[int]:
    """`lunes a viernes`, `mon,wed` as numbers, Monday 0, in the week's order."""
    days: list[int] = []
    ranged = False
    listed = (
        re.search(rf"{DAY}\s*[-\u2013]\s*{DAY}\s*[-\u2013]\s*{DAY}", text) is not None
    )  # "lunes - miércoles - viernes"
    for piece in re.findall(rf"{DAY}|{UP_TO}", text):
        name = piece.strip().rstrip(".")
        if name not in WEEKDAYS:
            ranged = not listed
            continue
        day = WEEKDAYS[name]
        days += [(days[-1] + step) % 7 for step in range(1, (day - days[-1]) % 7 + 1)] if ranged and days else [day]
        ranged = False
    return sorted(set(days))


def by_day(text: str) -> str:
    """The same as the BYDAY of an RRULE."""
    return ",".join(DAYS[d] for d in weekdays_in(text))
