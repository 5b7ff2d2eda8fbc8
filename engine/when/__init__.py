"""When something is to be said, as people write it in Spanish and English: a moment, or an iCalendar RRULE.

`jueves 15:00 …`, `mañana 9:30 …`, `2026-12-24 20:00 …`, `every mon,wed 07:15 …`, `cada 3 horas de 8 a 20 …`,
`el último viernes de cada mes 18:00 …`. What is not about time is the rest: the text. Wall time only; a channel's zone
makes instants of it (engine/recurrence.py).
"""

import re
from datetime import datetime, time, timedelta

from engine.when import by_dateparser, clocks, days, repeats
from engine.when.found import HORIZON, Found, Limits, NotUnderstood, When, first_of, outcome
from engine.when.words import DAY, DAYS, MONTH, N, flatten, match, number

__all__ = ["DAYS", "Limits", "NotUnderstood", "When", "first_of", "understand", "understand_limits", "understand_time"]

_FILL = r"(?:[,;:]|\b(?:el|los|las|la|on|the|at|de|del|of|este|this|a|y|and)\b)?\s*"
_SEPARATORS = " ,;:\u2013\u2014-\n\t"


def understand(typed: str, now: datetime) -> tuple[When, str]:
    """When, and the rest of what was typed. `now` is naive wall time. Raises NotUnderstood."""
    flat = flatten(typed)
    try:
        return _understood(typed, flat, now)
    except NotUnderstood as error:
        other = by_dateparser.moment(typed, flat, now) if error.reason in ("nothing", "time", "date") else None
        if other is None:
            raise
        if other[0] <= now:
            raise NotUnderstood("past") from None
        if other[0] > now + HORIZON:
            raise NotUnderstood("date") from None
        return When(other[0]), other[1]


def understand_time(words: str, typed: str, now: datetime) -> tuple[When, str]:
    """The answer to "at what time?", where `words` of a day were understood before: `15:00`, `8 y media`, just `8`.

    An answer with a day of its own counts by itself. Raises NotUnderstood.
    """
    for answer in (f"{words} {typed}", f"{words} a las {typed}") if words else ():
        try:
            return understand(answer, now)
        except NotUnderstood:
            continue
    return understand(typed, now)


def understand_limits(typed: str, now: datetime) -> Limits:
    """`hasta el 24 de diciembre`, `8 times`, `from dec 1`, `no end`, `45 min late`. Raises NotUnderstood."""
    flat = flatten(typed).strip(" .")
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
        end = repeats.limit(flat, at, found, now)
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


def _understood(typed: str, flat: str, now: datetime) -> tuple[When, str]:
    found, end = _pieces(typed, flat, now)
    rest = typed[end:].lstrip(_SEPARATORS)
    try:
        return outcome(found, now), rest
    except NotUnderstood as error:
        raise NotUnderstood(error.reason, typed[:end].strip(_SEPARATORS), rest) from None


def _pieces(typed: str, flat: str, now: datetime) -> tuple[Found, int]:
    """Piece after piece from the beginning, and where what is understood ends."""
    found, end = Found(), 0
    at = len(flat) - len(flat.lstrip())
    while at < len(flat) and not _text_begins(typed, flat, end, at, found):
        piece = _one(flat, at, found, now)
        if piece is None:
            fill = match(_FILL, flat, at)
            after = fill.end() if fill else at
            piece = _one(flat, after, found, now) if after > at else None
        if piece is None:
            break
        end = at = piece
        while at < len(flat) and flat[at].isspace():
            at += 1
    return found, end


def _text_begins(typed: str, flat: str, end: int, at: int, found: Found) -> bool:
    """After a time, a new line or a capital begins the text: "15:00 Hoy no hay agua". Not that of a Monday or a May."""
    if not found.has_time:
        return False
    return "\n" in typed[end:at] or (typed[at].isupper() and not match(rf"{DAY}|{MONTH}", flat, at))


def _one(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The end of what could be understood at this place, or None."""
    for read in (repeats.repeating, repeats.ending, repeats.beginning, days.relative, days.day):
        end = read(flat, at, found, now)
        if end is not None:
            return end
    return clocks.part(flat, at, found) or clocks.clock(flat, at, found)
