"""When something is to be said, as people write it in Spanish and English: a moment, or an iCalendar RRULE.

`jueves 15:00 …`, `mañana 9:30 …`, `2026-12-24 20:00 …`, `every mon,wed 07:15 …`, `cada 3 horas de 8 a 20 …`,
`el último viernes de cada mes 18:00 …`. What is not about time is the rest: the text. Wall time only; a channel's zone
makes instants of it (engine/recurrence.py). What can mean several is never guessed: they are handed back to be asked.
"""

import re
from datetime import datetime, time, timedelta, tzinfo

from engine.when import clocks, days, hourly, limits, repeats
from engine.when.dates import order_of
from engine.when.doubts import doubtful
from engine.when.found import HORIZON, Found, Limits, NotUnderstood, Order, When, exists, first_of, outcome
from engine.when.words import DAY, DAYS, MONTH, N, flatten, match, number

__all__ = [
    "DAYS",
    "HORIZON",
    "Limits",
    "NotUnderstood",
    "Order",
    "When",
    "doubtful",
    "exists",
    "first_of",
    "left_over",
    "order_of",
    "understand",
    "understand_limits",
    "understand_time",
]  # fmt: skip

_FILL = (
    r"(?:[,;:&/+|]|\b(?:el|los|las|la|on|the|at|de|del|of|este|this|a|y|and|en|in|para|for|por)\b"
    r"|[-\u2013\u2014](?=\s))?\s*"
)
_JOINS = ("y", "and")
_SIGNS = ("&", "/", "+")
_NO_TIMES = ("en", "in")  # "in 1:20" is no time of day
_SEPARATORS = " ,;:|\u2192\u2013\u2014-\n\t"
_TELLING = (  # "programa para mañana a las 8 …": what the command says already
    r"(?:(?:por\s+favor|please)\s*,?\s+)?(?:(?:programa|publica|pon|envia|manda|tuitea|twittea)(?:r(?:lo|la)?|me|lo|la|melo|mela)?|poner(?:lo)?|que\s+salga"
    r"|(?:schedule|post|send|publish|tweet|put)(?:\s+(?:it|this))?)\s+(?:(?:esto|for|on|para)\s+)*(?=\S)"
)
MOST_CLOCKS = 24
MOST_READ = 500  # characters of a phrase; a text goes on behind it


def understand(
    typed: str, now: datetime, *, zone: tzinfo | None = None, order: Order | None = None
) -> tuple[When, str]:
    """When, and the rest of what was typed. `now` is naive wall time, in `zone`. Raises NotUnderstood.

    `order` is that of dates in figures, where something else than the phrase tells it.
    """
    skipped = len(typed) - len(typed.lstrip())
    typed = typed[skipped:]
    told = match(_TELLING, flatten(typed[:MOST_READ]))
    if told:
        try:
            return understand(typed[told.end() :], now, zone=zone, order=order)
        except NotUnderstood as error:
            if error.reason in ("nothing", "time"):
                raise NotUnderstood("nothing", rest=typed) from None
            raise
    found, end = _pieces(typed, flatten(typed[:MOST_READ]), now, zone, order)
    words, rest = typed[:end].strip(_SEPARATORS), typed[end:].lstrip(_SEPARATORS)
    try:
        return outcome(found, now), rest
    except NotUnderstood as error:
        raise NotUnderstood(error.reason, error.words or words, rest, error.choices) from None


def understand_time(
    words: str, typed: str, now: datetime, *, zone: tzinfo | None = None, order: Order | None = None
) -> tuple[When, str]:
    """The answer to "at what time?", where `words` of a day were understood before: `15:00`, `8 y media`, just `8`.

    An answer with a day of its own counts by itself. Raises NotUnderstood.
    """
    another_day = match(rf"\s*(?:(?:el|on|the)\s+)?{DAY}", flatten(typed[:MOST_READ]))
    for answer in (f"{words} {typed}", f"{words} a las {typed}") if words and not another_day else ():
        try:
            return understand(answer, now, zone=zone, order=order)
        except NotUnderstood as error:
            if error.choices:
                raise
    return understand(typed, now, zone=zone, order=order)


def understand_limits(typed: str, now: datetime) -> Limits:
    """`hasta el 24 de diciembre`, `8 times`, `from dec 1`, `no end`, `45 min late`. Raises NotUnderstood."""
    flat = flatten(typed[:MOST_READ]).strip(" .")
    if re.fullmatch(r"(?:sin\s+fin(?:al)?|para\s+siempre|siempre|no\s+end|never\s+ends?|for\s*ever|always)", flat):
        return Limits(endless=True)
    late = re.fullmatch(
        rf"(?P<n>{N})\s*(?P<unit>min(?:uto|ute)?s?|h|horas?|hours?)(?:\s+(?:de\s+)?(?:tarde|retraso|late|lateness))?",
        flat,
    )
    if late:
        unit = timedelta(minutes=1) if late["unit"].startswith("m") else timedelta(hours=1)
        return Limits(late=number(late["n"]) * unit)
    found, at = Found(rule="any"), 0
    while at < len(flat):
        end = limits.limit(flat, at, found, now)
        if end is None:
            raise NotUnderstood("nothing")
        at = end + len(flat[end:]) - len(flat[end:].lstrip(" ,;y"))
    if at == 0:
        raise NotUnderstood("nothing")
    start, last = found.start, found.last
    if found.lasting is not None:
        last = (start or now.date()) + found.lasting - timedelta(days=1)
    return Limits(
        datetime.combine(start, time()) if start else None,
        datetime.combine(last, time(23, 59)) if last else None,
        found.times,
    )


def _pieces(typed: str, flat: str, now: datetime, zone: tzinfo | None, order: Order | None) -> tuple[Found, int]:
    """Piece after piece from the beginning, and where what is understood ends."""
    calm = "" if _loud(typed[: len(flat)]) else typed
    found, end, at = Found(zone, order, calm), 0, 0
    while at < len(flat) and not _text_begins(typed, flat, end, at, found):
        if len(found.clocks) > (MOST_CLOCKS if found.repeats or not found.has_day else 1):
            break
        count = len(found.clocks)
        piece = _one(flat, at, found, now)
        if piece is None:
            fill = match(_FILL, flat, at)
            after = fill.end() if fill else at
            joint = fill[0].strip() if fill is not None else ""
            only_times = (joint in _JOINS and found.has_day) or (joint in _SIGNS and bool(found.clocks))
            if after > at:
                piece = clocks.clock(flat, after, found) if only_times else _one(flat, after, found, now)
                if fill is not None and fill[0].strip() in _NO_TIMES and len(found.clocks) > count:
                    raise NotUnderstood("clock", flat[at : at + 12].strip())
        if piece is None or piece <= at:
            break
        end = at = piece
        while at < len(flat) and flat[at].isspace():
            at += 1
    whole_day = not found.clocks and not found.hourly and found.has_day
    if (whole_day and hourly.between(flat, at)) or (found.clocks and hourly.goes_on(flat, end)):
        raise NotUnderstood("several", typed[:end].strip(_SEPARATORS), typed[end:].lstrip(_SEPARATORS))
    return found, end


def _text_begins(typed: str, flat: str, end: int, at: int, found: Found) -> bool:
    """After a time, a new line, a colon, a dash or a capital begins the text: "15:00 Hoy no hay agua".

    Not the capital of a Monday or a May, and none where all was written in capitals.
    """
    if not found.has_time:
        return False
    if "\n" in typed[end:at] or match(r"[:;|\u2013\u2014]|-\s", flat, at):
        return True
    if not typed[at].isupper() or match(rf"{DAY}|{MONTH}", flat, at):
        return False
    return not _loud(typed[:end])


def _loud(words: str) -> bool:
    """Whether words are written in capitals throughout: another one says nothing then."""
    letters = [c for c in words if c.isalpha()]
    return len(letters) > 2 and all(c.isupper() for c in letters)


def left_over(typed: str, rest: str, *, timeless: bool = False) -> str:
    """The words of the rest that look like time all the same, as they are written; "" where it plainly is the text.

    `timeless`: no time of day was understood before, so that a figure may be one: `lunes 9;30`.
    """
    figure = re.match(r"\d{1,4}(?:[;',.:-]\d{1,2})?(?!\w)", rest) if timeless else None
    end = len(typed) - len(rest)
    gap = typed[len(typed[:end].rstrip(_SEPARATORS)) : end]
    if "\n" in gap:  # "lunes 30 8am", and on the next line "martes 1 9am"
        line = rest.splitlines()[0].strip() if rest else ""
        return line if re.search(r"\d", line) and doubtful(line, calm=False) == line else ""
    if any(c in gap for c in ":;|\u2192\u2013\u2014-"):
        return ""
    behind = re.match(r"\w+\s+(?:\d{1,2}:\d\d|\d{1,2}\s*[ap]\.?m\b)\S*(?=\s+\S)", rest) if timeless else None
    if behind:  # "mañana prontito 6am"
        return behind[0]
    joined = re.match(r"(?:y|e|and|&|\+|o|or)\s+\d{1,2}(?=\s|$)", rest) if end else None
    if joined:
        return joined[0]
    return doubtful(rest, calm=not _loud(typed[:end])) or (figure[0] if figure else "")


def _one(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The end of what could be understood at this place, or None."""
    for read in (repeats.repeating, limits.ending, limits.beginning, days.relative, days.day):
        end = read(flat, at, found, now)
        if end is not None:
            return end
    return clocks.part(flat, at, found) or clocks.clock(flat, at, found)
