"""The words of time in Spanish and English, without case and accents, and how they are matched in a text."""

import re
import unicodedata
from functools import cache

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lunes lun monday mondays mon", "martes mar tuesday tuesdays tue tues",
            "miercoles mie wednesday wednesdays wed", "jueves jue thursday thursdays thu thur thurs",
            "viernes vie friday fridays fri", "sabado sabados sab saturday saturdays sat",
            "domingo domingos dom sunday sundays sun",
        )
    )
    for name in names.split()
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene january jan", "febrero feb february", "marzo mar march", "abril abr april apr", "mayo may",
            "junio jun june", "julio jul july", "agosto ago august aug", "septiembre setiembre sep sept september",
            "octubre oct october", "noviembre nov november", "diciembre dic december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
NUMBERS = {
    "un": 1, "una": 1, "one": 1, "a": 1, "an": 1, "dos": 2, "two": 2, "tres": 3, "three": 3, "cuatro": 4, "four": 4,
    "cinco": 5, "five": 5, "seis": 6, "six": 6, "siete": 7, "seven": 7, "ocho": 8, "eight": 8, "nueve": 9, "nine": 9,
    "diez": 10, "ten": 10, "once": 11, "eleven": 11, "doce": 12, "twelve": 12, "quince": 15, "fifteen": 15,
    "veinte": 20, "twenty": 20, "veinticinco": 25, "treinta": 30, "thirty": 30,
}  # fmt: skip
ORDINALS = {
    "primer": 1, "primero": 1, "1er": 1, "first": 1, "1st": 1, "segundo": 2, "2do": 2, "second": 2, "2nd": 2,
    "tercer": 3, "tercero": 3, "3er": 3, "third": 3, "3rd": 3, "cuarto": 4, "4to": 4, "fourth": 4, "4th": 4,
    "ultimo": -1, "last": -1, "penultimo": -2,
}  # fmt: skip


def any_of(words: dict[str, int]) -> str:
    """A pattern of any of these words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


DAY = any_of(WEEKDAYS) + r"\b\.?"
MONTH = any_of(MONTHS) + r"\b\.?"
N = rf"(?:\d{{1,3}}|{any_of(NUMBERS)})"
ORDINAL = any_of(ORDINALS)
AND = r"\s*(?:,\s*(?:y|e|and)\b|[,&/]|\b(?:y|e|and)\b)\s*"
UP_TO = r"\s*(?:[-\u2013]|\b(?:al?|to|through|thru|hasta)\b)\s*"
EVERY = r"(?:cada|every|each|todos\s+los|todas\s+las|all)"
SOME_DAYS = rf"{DAY}(?:(?:{AND}|{UP_TO})(?:los\s+|el\s+|on\s+)?{DAY})"
DAY_LIST = SOME_DAYS + "*"
DAYS_LISTED = SOME_DAYS + "+"


def flatten(text: str) -> str:
    """The text without case and accents, character by character, so that places in it stay the same."""
    flat = []
    for char in text:
        bare = unicodedata.normalize("NFD", char.casefold())
        flat.append(bare[0] if bare else " ")
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
    return int(text) if text.isdecimal() else NUMBERS[text]


def weekdays_in(text: str) -> list[int]:
    """`lunes a viernes`, `mon,wed` as numbers, Monday 0, in the week's order."""
    days: list[int] = []
    ranged = False
    for piece in re.findall(rf"{DAY}|{UP_TO}", text):
        name = piece.strip().rstrip(".")
        if name not in WEEKDAYS:
            ranged = True
            continue
        day = WEEKDAYS[name]
        days += [(days[-1] + step) % 7 for step in range(1, (day - days[-1]) % 7 + 1)] if ranged and days else [day]
        ranged = False
    return sorted(set(days))


def by_day(text: str) -> str:
    """The same as the BYDAY of an RRULE."""
    return ",".join(DAYS[d] for d in weekdays_in(text))
