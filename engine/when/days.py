"""Days and moments: `mañana`, `el lunes de la semana que viene`, `dec 24`, `en 3 días`, `the 24th`."""

from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from engine.when.clocks import CLOCK, PART
from engine.when.found import Found, NotUnderstood
from engine.when.words import DAY, MONTH, MONTHS, ORDINALS, WEEKDAYS, N, match, number

_UNIT = r"(?P<unit>minutos?|minutes?|min|horas?|hours?|h|dias?|days?|semanas?|weeks?|mes(?:es)?|months?|anos?|years?)\b"
_NEXT_WEEK = r"(?:la\s+)?(?:semana\s+que\s+viene|(?:proxima|siguiente)\s+semana|semana\s+proxima|next\s+week)"
_NAMED = (
    (r"(?:pasado\s+manana|(?:the\s+)?day\s+after\s+tomorrow)\b", 2, ""),
    (r"(?:manana|tomorrow)\b", 1, ""),
    (r"(?:hoy|today)\b", 0, ""),
    (r"(?:esta\s+noche|tonight)\b", 0, "noche"),
    (r"(?:esta\s+tarde|this\s+(?:evening|afternoon))\b", 0, "tarde"),
    (r"(?:esta\s+manana|this\s+morning)\b", 0, "manana"),
)


def relative(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`en 2 horas`, `dentro de hora y media`, `in 3 days`, `a week from now`."""
    if found.has_day or found.repeats:
        return None
    half = match(
        r"(?:en|dentro\s+de|in)\s+(?:(?P<half>media\s+hora|half\s+an\s+hour)|(?P<more>(?:una\s+)?hora\s+y\s+media"
        r"|an\s+hour\s+and\s+a\s+half)|(?P<quarter>un\s+cuarto\s+de\s+hora|a\s+quarter\s+of\s+an\s+hour))\b",
        flat, at,
    )  # fmt: skip
    if half:
        found.moment = now + timedelta(minutes=30 if half["half"] else 90 if half["more"] else 15)
        return half.end()
    ahead = match(rf"(?:en|dentro\s+de|in)\s+(?P<n>{N})\s+{_UNIT}", flat, at)
    ahead = ahead or match(rf"(?P<n>{N})\s+{_UNIT}\s+from\s+(?:now|today)\b", flat, at)
    if ahead is None:
        return None
    count, unit, end = number(ahead["n"]), ahead["unit"], ahead.end()
    if unit.startswith("mi"):
        found.moment = now + timedelta(minutes=count)
    elif unit[0] == "h":
        found.moment = now + timedelta(hours=count)
        more = match(rf"\s*(?:,|y|and|con)?\s*(?P<n>{N})\s*(?:minutos?|min|minutes?)\b", flat, end)
        if more:
            found.moment += timedelta(minutes=number(more["n"]))
            end = more.end()
    else:
        found.day = (now + span_of(count, unit)).date()
    if (found.moment or now) < now + timedelta(minutes=1) and found.day is None:
        raise NotUnderstood("past")
    return end


def span_of(count: int, unit: str) -> relativedelta:
    """So many days, weeks, months or years, by the unit's name in either language."""
    if unit.startswith("d"):
        return relativedelta(days=count)
    if unit[0] in "sw":
        return relativedelta(weeks=count)
    return relativedelta(years=count) if unit[0] in "ay" else relativedelta(months=count)


def day(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """A day by its name, its date or both."""
    if found.weekday is not None and found.day is None:
        return _date_of_weekday(flat, at, found, now)
    if found.has_day or found.repeats:
        return None
    return _named(flat, at, found, now) or dated(flat, at, found, now) or _weekday(flat, at, found, now)


def dated(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """A day by its date alone: `2026-12-24`, `24/12`, `24 de dic`, `dec 24th`, `the 24th at …`."""
    today = now.date()
    iso = match(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)", flat, at)
    if iso:
        found.day = date_of(int(iso["y"]), int(iso["m"]), int(iso["d"]))
        return iso.end()
    month = match(
        rf"(?:el\s+|the\s+)?(?:dia\s+)?(?P<d>\d{{1,2}}|primero|first)(?:st|nd|rd|th|ro|º|°)?\s+(?:de\s+|of\s+)?(?P<m>{MONTH})(?:,?\s+(?:de\s+|del\s+|of\s+)?(?P<y>\d{{4}})(?!:))?",
        flat, at,
    ) or match(
        rf"(?P<m>{MONTH})\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![:\d])(?:,?\s+(?P<y>\d{{4}})(?!:))?",
        flat, at,
    )  # fmt: skip
    if month:
        found.day = _coming(month["y"], MONTHS[month["m"].rstrip(".")], day_number(month["d"]), today)
        return month.end()
    slashed = match(r"(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<y>\d{4}|\d{2}))?(?![\d:])", flat, at)
    if slashed and not match(r"\d{1,2}\.\d{2}(?!\.)", slashed[0]):
        found.day = _coming(slashed["y"], int(slashed["m"]), int(slashed["d"]), today)
        return slashed.end()
    return _day_of_month(r"(?:(?:el|(?:on\s+)?the)\s+(?:dia\s+)?|dia\s+)", flat, at, found, now)


def day_number(text: str) -> int:
    """`24`, or `primero`, `first`."""
    return int(text) if text.isdecimal() else ORDINALS[text]


def _named(flat: str, at: int, found: Found, now: datetime) -> int | None:
    for pattern, days, part in _NAMED:
        named = match(pattern, flat, at)
        if named:
            found.day, found.part = now.date() + timedelta(days=days), part or found.part
            of_it = match(rf"\s+(?:(?:por|en|de|a|in)\s+(?:la|the)\s+)?(?P<part>{PART})\b", flat, named.end())
            if of_it and not found.part:
                found.part = of_it["part"]
                return of_it.end()
            return named.end()
    return None


def _weekday(flat: str, at: int, found: Found, now: datetime) -> int | None:
    today = now.date()
    monday = today + timedelta(days=7 - today.weekday())
    in_next_week = match(rf"(?:(?:el|on)\s+)?(?P<day>{DAY}),?\s+(?:de\s+|of\s+)?{_NEXT_WEEK}\b", flat, at) or match(
        rf"{_NEXT_WEEK},?\s+(?:(?:el|on)\s+)?(?P<day>{DAY})", flat, at
    )
    if in_next_week:
        found.day = monday + timedelta(days=WEEKDAYS[in_next_week["day"].rstrip(".")])
        return in_next_week.end()
    weekday = match(
        rf"(?:(?:el|on|este|this)\s+)?(?P<next>proximo\s+|next\s+)?(?P<day>{DAY})(?P<coming>\s+(?:que\s+viene|proximo))?",
        flat, at,
    )  # fmt: skip
    if weekday is None:
        return None
    named = WEEKDAYS[weekday["day"].rstrip(".")]
    if weekday["next"] or weekday["coming"]:
        found.day = today + timedelta(days=(named - today.weekday()) % 7 or 7)
    else:
        found.weekday = named
    return weekday.end()


def _date_of_weekday(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The date after a weekday, which must be one: `jueves 26 de noviembre`, `Thursday, 26 November`, `jueves 26`."""
    inner = Found()
    end = dated(flat, at, inner, now) or _day_of_month(r"(?:dia\s+)?", flat, at, inner, now)
    if end is None or inner.day is None or found.clocks:
        return None
    if inner.day.weekday() != found.weekday:
        raise NotUnderstood("weekday")
    found.day, found.weekday = inner.day, None
    return end


def _day_of_month(before: str, flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The next day of a month with this number, where the time follows: `el 24 a las 20:00`."""
    numbered = match(rf"{before}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?=,?\s+(?P<clock>{CLOCK}))", flat, at)
    if numbered is None or numbered["clock"].strip().isdigit():
        return None
    today = now.date()
    for months in range(12):
        try:
            found.day = (today + relativedelta(months=months)).replace(day=int(numbered["d"]))
        except ValueError:
            continue
        if found.day >= today:
            return numbered.end()
    raise NotUnderstood("date")


def _coming(year: str | None, month: int, day_: int, today: date) -> date:
    if year:
        return date_of(int(year) + (2000 if len(year) == 2 else 0), month, day_)
    this = today + relativedelta(month=month, day=min(day_, 31))
    if this.day != day_:  # the 29th of February waits for a leap year; the 31st of June never comes
        this = date_of(today.year + -today.year % 4, month, day_)
    later: date = this + relativedelta(years=4 if (month, day_) == (2, 29) else 1)
    return this if this >= today else later


def date_of(year: int, month: int, day_: int) -> date:
    """The date. Raises NotUnderstood where there is none."""
    try:
        return date(year, month, day_)
    except ValueError:
        raise NotUnderstood("date") from None
