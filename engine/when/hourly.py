"""What goes out several times a day: `cada 3 horas de 8 a 20`, `every 30 minutes from 22:00 to 2:00`."""

import re
from datetime import timedelta

from engine.when.clocks import CLOCK, read_clock
from engine.when.found import Clock, Found, NotUnderstood
from engine.when.words import EVERY, N, match, number

LEAST_MINUTES = 5
A_DAY = timedelta(days=1) // timedelta(minutes=1)
_FROM_TO = (
    rf"(?:(?:de|desde|from|between|entre)\s+)(?:las\s+)?(?P<a>{CLOCK})\s*(?:a|hasta|to|until|till|through|and|y|-|\u2013)\s*(?:las\s+)?"
    rf"(?P<b>{CLOCK})"
)
_IN_FIGURES = r"\d{1,2}(?::\d\d)?\s*(?:[ap]\.?m\.?|hs?)?"
_DASHED = rf"(?P<a2>{_IN_FIGURES})\s*(?:[-\u2013]|\b(?:a|to|hasta)\b)\s*(?P<b2>{_IN_FIGURES})(?![\w:/-])"


def every(flat: str, at: int, found: Found) -> int | None:
    """`cada 3 horas`, `every half hour`, `cada hora y media`, with its hours if they follow."""
    sharp = r"(?:\s+(?:en\s+punto|on\s+the\s+hour))?"
    said = match(
        rf"(?:{EVERY}\s+(?:(?P<n>{N}|other)\s*)?(?P<unit>horas?|hours?|hrs?|hs?|minutos?|minutes?|mins?)(?P<more>\s+y\s+media|\s+and\s+a\s+half)?"
        rf"|(?P<hourly>hourly)"
        rf"|(?:cada|every)\s+(?:(?P<half>media\s+hora|half\s+(?:an\s+)?hour)|(?P<quarter>(?:un\s+)?cuarto\s+de\s+hora|quarter\s+(?:of\s+an\s+)?hour)))\b{sharp}",
        flat, at,
    )  # fmt: skip
    if said is None:
        return None
    if said["unit"]:
        minutes = (2 if said["n"] == "other" else number(said["n"])) * (60 if said["unit"].startswith("h") else 1)
        minutes += 30 if said["more"] else 0
    else:
        minutes = 60 if said["hourly"] else 30 if said["half"] else 15
    if not LEAST_MINUTES <= minutes <= A_DAY:
        raise NotUnderstood("hours")
    found.hourly = minutes
    return span(flat, said.end(), found) or said.end()


def span(flat: str, at: int, found: Found) -> int | None:
    """The hours of something hourly: `de 8 a 20`, `from 7am to 9am`, `de 22:00 a 2:00`."""
    if not found.hourly or found.span is not None:
        return None
    said = match(rf"\s*,?\s*(?:{_FROM_TO}|{_DASHED})", flat, at)
    if not said:
        return _since(flat, at, found)
    first, last = read_clock(said["a"] or said["a2"]), read_clock(said["b"] or said["b2"])
    if first is None or last is None:
        raise NotUnderstood("hours")
    found.span = _span_of(first, last)
    return said.end()


def _since(flat: str, at: int, found: Found) -> int | None:
    """`cada 6 horas desde las 6am`: until the day ends."""
    said = match(
        rf"\s*,?\s*(?:desde|from|starting(?:\s+at)?|(?:empezando|comenzando)(?:\s+a)?|a\s+partir\s+de)\s+(?:las?\s+)?(?P<a>{CLOCK})",
        flat,
        at,
    )
    first = read_clock(said["a"]) if said else None
    if said is None or first is None or match(r"\s+(?:de|of)\s", flat, said.end()):
        return None
    found.span = (first.hour * 60 + first.minute, A_DAY - 1)
    return said.end()


def between(flat: str, at: int) -> int | None:
    """The end of "from 8 to 10", which is no time of a single day."""
    said = match(_FROM_TO, flat, at)
    return said.end() if said else None


def goes_on(flat: str, at: int) -> bool:
    """Whether a time goes on to another one: `9:30 - 11:00`, `8am to 1pm`."""
    said = match(rf"\s*(?:-|\u2013|\ba\b|\bhasta\b|\bto\b|\buntil\b|\btill\b)\s*(?:las?\s+)?(?P<b>{CLOCK})", flat, at)
    return said is not None and re.search(r":|\d\s*h|[ap]\.?\s?m\b|\blas?\b|noche|tarde", said[0]) is not None


def _span_of(first: Clock, last: Clock) -> tuple[int, int]:
    """Minutes from midnight on; over midnight where it can only be that: from 22:00 to 2:00, but not "from 9 to 5"."""
    low, high = first.hour * 60 + first.minute, last.hour * 60 + last.minute
    if last.midnight or last.after_midnight:
        high = A_DAY - 1
    if high <= low and first.open and last.open:
        raise NotUnderstood("hours")
    if high == low:
        raise NotUnderstood("hours")
    return low, high if high > low else high + A_DAY
