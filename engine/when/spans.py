"""For how long: `2 semanas`, `24 horas`, `una semana y media`, `hasta el viernes`, `until dec 24 8pm`, `for good`."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from dateutil.relativedelta import relativedelta

from engine.when import MOST_READ, NotUnderstood, doubtful, understand
from engine.when.days import UNIT, ahead_of
from engine.when.found import later
from engine.when.words import N, flatten, match, number

_SEPARATORS = " ,;:\u2013\u2014-\n\t"
_FOR_GOOD = (
    r"(?:(?:por|para)\s+siempre|siempre|forever|for\s+(?:good|ever)|always|permanente(?:mente)?|permanent(?:ly)?|de\s+por\s+vida"
    r"|indefinid[oa](?:mente)?|indefinitely|hasta\s+nuevo\s+aviso|until\s+further\s+notice|sin\s+fin|no\s+end)\b"
)
_FOR = r"(?:(?:for|por|durante|during)\s+)?(?:(?:the|los|las|unos|unas)\s+)?(?:(?:next|proxim[oa]s)\s+)?"
_HALVES = (
    (r"(?:media\s+hora|half\s+an\s+hour)\b", timedelta(minutes=30)),
    (r"(?:medio\s+dia|half\s+a\s+day)\b", timedelta(hours=12)),
    (r"(?:una\s+)?hora\s+y\s+media\b|an\s+hour\s+and\s+a\s+half\b", timedelta(minutes=90)),
    (r"(?:un\s+)?dia\s+y\s+medio\b|a\s+day\s+and\s+a\s+half\b", timedelta(hours=36)),
    (r"(?:una\s+)?quincena\b", timedelta(days=15)),
    (r"(?:a\s+)?fortnight\b", timedelta(days=14)),
)
_UNTIL = r"(?:hasta|until|till?)\s+(?:(?:el|la|las|the)\s+)?"
_SIZES = ("mi", "h", "d", "s", "w", "mes", "mo", "a", "y")  # units by their beginnings, from small to large
_TODAY = r"(?:(?:(?:solo|solamente|por|only|just|for)\s+)?(?:hoy|today))\b"


@dataclass(frozen=True, slots=True)
class Lasting:
    """Until when (naive wall time), or for how many whole days where only those were said; neither: for good."""

    until: datetime | None = None
    days: int | None = None


def understand_span(typed: str, now: datetime, *, zone: tzinfo | None = None) -> tuple[Lasting, str]:
    """For how long, and the rest of what was typed. `now` is naive wall time, in `zone`.

    Raises NotUnderstood: `nothing` where no length of time begins there, else what is wrong with the one that does.
    A day is meant to its end.
    """
    typed = typed.strip()
    flat = flatten(typed[:MOST_READ])
    good = match(_FOR_GOOD, flat)
    if good:
        return Lasting(), _rest(typed, good.end())
    if match(_UNTIL, flat):
        return _until(typed, flat, now, zone)
    today = match(_TODAY, flat)
    if today and today.end() == len(flat):
        return Lasting(datetime.combine(now.date(), time(23, 59))), ""
    head = match(_FOR, flat)
    at = head.end() if head else 0
    for pattern, span in _HALVES:
        half = match(pattern, flat, at)
        if half:
            return Lasting(later(now, span, zone), span.days if not span.seconds else None), _rest(typed, half.end())
    summed = _summed(flat, at, now, zone)
    return (summed[0], _rest(typed, summed[1])) if summed else _counted(typed, flat, at, now, zone)


def _rest(typed: str, end: int) -> str:
    """What follows. Raises NotUnderstood where that goes on about time: "2 semanas y 3 dias mas"."""
    rest = typed[end:].lstrip(_SEPARATORS)
    over = doubtful(rest)
    if over:
        raise NotUnderstood("span", over)
    return rest


def _size(unit: str) -> int:
    return 0 if unit in ("m", "m.") else next(n for n, begins in enumerate(_SIZES) if unit.startswith(begins))


def _summed(flat: str, at: int, now: datetime, zone: tzinfo | None) -> tuple[Lasting, int] | None:
    """`1 semana y 2 días`, `1h 30m`, `1h30`: several counts, the larger one first."""
    short = match(r"(?P<h>\d{1,3})\s?h\s?(?P<m>[0-5]\d)\s?(?:m|mins?)?(?!\w)", flat, at)
    if short:
        span = timedelta(hours=int(short["h"]), minutes=int(short["m"]))
        return Lasting(later(now, span, zone)), short.end()
    first = match(rf"(?P<n>{N})\s*{UNIT}", flat, at)
    more = match(rf"\s*(?:,|\by\b|\band\b|\bcon\b)?\s*(?P<n>{N})\s*{UNIT}", flat, first.end()) if first else None
    if first is None or more is None:
        return None
    kinds = [_size(unit) for unit in (first["unit"], more["unit"])]
    if kinds[0] <= kinds[1] or 0 in (number(first["n"]), number(more["n"])):
        return None
    until = now
    for piece in (first, more):
        unit, count = piece["unit"], number(piece["n"])
        hours, minutes = unit[0] == "h", unit in ("m", "m.") or unit.startswith("mi")
        if hours or minutes:
            until = later(until, timedelta(minutes=count * (60 if hours else 1)), zone)
        else:
            until = ahead_of(until, count, unit)
    whole = (until - now).days if not (until - now).seconds else None
    return Lasting(until, whole), more.end()


def _counted(typed: str, flat: str, at: int, now: datetime, zone: tzinfo | None) -> tuple[Lasting, str]:
    counted = match(rf"(?P<n>-?\d+(?:[.,]\d+)?|{N})\s*(?:{UNIT}|(?=\s|$|[,;:.]))", flat, at)
    if counted is None or (counted["unit"] is None and not counted["n"].lstrip("-").isdigit()):
        if match(r"-?\d", flat, at) or doubtful(typed):
            raise NotUnderstood("span", typed.split()[0] if typed else "")
        raise NotUnderstood("nothing")
    unit, end = counted["unit"] or "days", counted.end()
    if not counted["n"].isdecimal() and match(r"-?\d", counted["n"]):
        raise NotUnderstood("span", typed[at:end].strip())  # -5, 2.5
    count = number(counted["n"]) if len(counted["n"]) < 7 or not counted["n"].isdecimal() else 10**6
    half = match(r"\s+(?:y\s+medi[oa]|and\s+a\s+half)\b", flat, end)
    if half:
        end = half.end()
    if count == 0 or unit in ("m", "m."):
        raise NotUnderstood("span", typed[at:end].strip())
    if unit[0] == "h" or unit.startswith("mi"):
        minutes = count * (60 if unit[0] == "h" else 1) + (30 if half and unit[0] == "h" else 0)
        span = timedelta(minutes=min(minutes, 10**7))
        days = span.days if not span.seconds else None
        return Lasting(later(now, span, zone), days), _rest(typed, end)
    until = ahead_of(now, count, unit)
    if half:
        until += timedelta(days={"d": 0.5, "s": 3.5, "w": 3.5}.get(unit[0], 15 if unit.startswith("m") else 182))
    whole = (until - now).days if not (until - now).seconds else None
    return Lasting(until, whole), _rest(typed, end)


def _until(typed: str, flat: str, now: datetime, zone: tzinfo | None) -> tuple[Lasting, str]:
    head = match(r"(?:hasta|until|till?)\s+(?:and\s+including\s+)?", flat)
    assert head is not None
    said = typed[head.end() :]
    month = match(
        r"(?:a\s+)?(?:fin(?:al)?(?:es)?\s+de\s+(?:este\s+)?mes|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?month)\b",
        flat,
        head.end(),
    )
    if month:
        return Lasting(datetime.combine(now.date() + relativedelta(day=31), time(23, 59))), _rest(typed, month.end())
    try:
        when, rest = understand(said, now, zone=zone)
    except NotUnderstood as error:
        if error.reason != "time" or not error.words:
            raise NotUnderstood("span" if error.reason == "nothing" else error.reason, error.words or typed[:40], "",
                                error.choices) from None  # fmt: skip
        when, _ = understand(f"{error.words} 23:59", now)
        rest = error.rest
    if when.rules:
        raise NotUnderstood("span", typed[:40])
    if doubtful(rest):
        raise NotUnderstood("span", doubtful(rest))
    return Lasting(when.first), rest
