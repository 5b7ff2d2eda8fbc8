"""Days and moments: `mañana`, `el lunes de la semana que viene`, `en 3 días`, `navidad`; a weekday with its date."""

from datetime import datetime, timedelta, tzinfo

from dateutil.relativedelta import relativedelta

from engine.when import feasts
from engine.when.clocks import PART
from engine.when.dates import dated, day_of_month, year_after
from engine.when.found import Found, NotUnderstood, later
from engine.when.words import DAY, WEEKDAYS, N, match, number

UNIT = (
    r"(?P<unit>minutos?|minutes?|mins?|m|horas?|hours?|hrs?|hs?|dias?|days?|d|semanas?|sems?|weeks?|wks?|mes(?:es)?"
    r"|months?|anos?"
    r"|years?)\b\.?"
)
_AHEAD = r"(?:en|dentro\s+de|de\s+aqui\s+a|in|within)\s+"
_SOME_TIME = (
    ("media hora", 30), ("half an hour", 30), ("half hour", 30), ("a half hour", 30), ("un cuarto de hora", 15),
    ("cuarto de hora", 15), ("a quarter of an hour", 15), ("a quarter hour", 15), ("tres cuartos de hora", 45),
    ("three quarters of an hour", 45), ("hora y media", 90), ("una hora y media", 90), ("1 hora y media", 90),
    ("an hour and a half", 90), ("one and a half hours", 90), ("hora y cuarto", 75), ("una hora y cuarto", 75),
    ("una horita", 60),
)  # fmt: skip
_SOON = "(?:" + "|".join(words.replace(" ", r"\s+") for words, _ in sorted(_SOME_TIME, key=lambda s: -len(s[0]))) + ")"
_NEXT_WEEK = (
    r"(?:la\s+)?(?:semana\s+(?:que\s+(?:viene|entra)|proxima|siguiente)|(?:proxima|siguiente)\s+semana"
    r"|(?:the\s+)?(?:next|following)\s+week)"
)
_THIS_WEEK = r"(?:esta\s+(?:misma\s+)?semana|this\s+week)"
_WEEKEND = (
    r"(?P<which>el|este|the|this)?\s*(?:(?P<next>proximo|next)\s+)?(?:fin\s+de\s+semana|finde"
    r"|weekend)\b(?:\s+(?P<coming>que\s+viene|proximo))?"
)
_TOMORROW = r"manana|manan|manna|mnana|mnn|manyana|tomorrow|tmrw?|tmw|tomorow|tommorow|tommorrow|tomorro|2morrow|2moro"
_NAMED = (
    (rf"(?:pasado\s+(?:{_TOMORROW})|(?:the\s+)?day\s+after\s+tomorrow)\b", 2, ""),
    (rf"(?:(?:el\s+)?dia\s+de\s+)?(?:{_TOMORROW})\b(?:\s+mismo\b)?", 1, ""),
    (r"(?:(?:el\s+)?dia\s+de\s+)?(?:hoy|today)\b(?:\s+mismo\b)?", 0, ""),
    (r"(?:esta\s+(?:misma\s+)?noche|tonight|tonite|this\s+night)\b", 0, "noche"),
    (r"(?:esta\s+(?:misma\s+)?tarde|this\s+afternoon)\b", 0, "tarde"),
    (r"this\s+evening\b", 0, "evening"),
    (r"esta\s+(?:misma\s+)?manana\b", 0, "manana"),
    (r"this\s+morning\b", 0, "morning"),
    (r"(?:esta\s+(?:misma\s+)?madrugada)\b", 0, "madrugada"),
)
_GONE = (
    r"(?:ayer|anoche|anteayer|antier|(?:the\s+)?day\s+before\s+yesterday|antes\s+de\s+ayer|yesterday"
    r"|last\s+(?:night|week|month|year)|(?:la\s+)?semana\s+pasada)\b"
)
_AGO = rf"(?:hace\s+{N}\s+{UNIT}|{N}\s+{UNIT.replace('unit', 'unit2')}\s+ago\b)"


def relative(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`en 2 horas`, `dentro de hora y media`, `in 1h 30m`, `a week from now`; what has gone by is refused."""
    if found.has_day or found.repeats:
        return None
    if match(_GONE, flat, at) or match(_AGO, flat, at):
        raise NotUnderstood("past")
    soon = match(rf"{_AHEAD}(?:unos\s+|about\s+)?(?P<some>{_SOON})\b", flat, at)
    if soon:
        minutes = dict(_SOME_TIME)[" ".join(soon["some"].split())]
        found.moment = later(now, timedelta(minutes=minutes), found.zone)
        return soon.end()
    short = match(rf"{_AHEAD}(?P<h>\d{{1,2}})\s?h\s?(?P<m>[0-5]\d)\s?(?:m|min|mins)?\b", flat, at)
    if short:
        found.moment = later(now, timedelta(hours=int(short["h"]), minutes=int(short["m"])), found.zone)
        return short.end()
    parted = match(
        rf"{_AHEAD}(?:(?P<n>\d{{1,2}})[.,](?P<tenth>5)0?|(?P<m>{N})\s+and\s+a\s+half)\s*(?:hs?|hrs?|horas?|hours?)\b",
        flat,
        at,
    )
    if parted:
        hours = number(parted["n"] or parted["m"])
        found.moment = later(now, timedelta(hours=hours, minutes=30), found.zone)
        return parted.end()
    ahead = match(rf"{_AHEAD}(?:unos\s+|about\s+)?(?P<n>{N})\s*{UNIT}", flat, at)
    ahead = ahead or match(rf"{_AHEAD}(?P<n>\d{{1,3}})\s?(?P<unit>m|')(?!\w)", flat, at)
    ahead = ahead or match(rf"{_AHEAD}(?:(?P<n>{N})\s+)?(?P<unit>fortnight)\b", flat, at)
    ahead = ahead or match(rf"(?P<n>{N})\s*{UNIT}\s+(?:from\s+(?:now|today)|later)\b", flat, at)
    if ahead is None:
        return None
    count, unit, end = number(ahead["n"]), ahead["unit"], ahead.end()
    if unit[0] == "h" or unit in ("m", "'") or unit.startswith("mi"):
        minutes = count * (60 if unit[0] == "h" else 1)
        more = match(
            rf"\s*(?:,|y|and|con)?\s*(?:(?P<half>media|a\s+half)|(?P<quarter>cuarto|a\s+quarter)|(?P<n>{N})\s*(?:m|minutos?|mins?|minutes?))\b",
            flat,
            end,
        )
        if more and unit[0] == "h":
            minutes += 30 if more["half"] else 15 if more["quarter"] else number(more["n"])
            end = more.end()
        figures = match(r"\s+(?:y\s+)?(?P<n>[0-5]?\d)(?![\w:])", flat, end)
        if figures and not more and unit[0] == "h" and found.ends(flat, figures.end()):  # "en 1 hora 15"
            minutes += int(figures["n"])
            end = figures.end()
        if minutes < 1:
            raise NotUnderstood("past")
        found.moment = later(now, timedelta(minutes=minutes), found.zone)
    else:
        found.day = ahead_of(now, count, unit).date()
    return end


def ahead_of(now: datetime, count: int, unit: str) -> datetime:
    """So many days, weeks, months or years later. Raises NotUnderstood where no calendar has that."""
    try:
        ahead: datetime = now + span_of(count, unit)
        return ahead
    except (ValueError, OverflowError):
        raise NotUnderstood("date") from None


def span_of(count: int, unit: str) -> relativedelta:
    """So many days, weeks, months or years, by the unit's name in either language."""
    if unit.startswith("d"):
        return relativedelta(days=count)
    if unit == "fortnight":
        return relativedelta(weeks=2 * count)
    if unit[0] in "sw":
        return relativedelta(weeks=count)
    return relativedelta(years=count) if unit[0] in "ay" else relativedelta(months=count)


def day(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """A day by its name, its date or both, in either order, also with the time between them."""
    if found.moment is not None or found.repeats:
        return None
    if found.has_day:
        return year_after(flat, at, found) or _more_of_it(flat, at, found, now)
    return (
        _feast(flat, at, found, now)
        or _named(flat, at, found, now)
        or dated(flat, at, found, now)
        or _weekday(flat, at, found, now)
    )


def _more_of_it(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The date of a weekday, or the weekday of a date; where they contradict the outcome says so."""
    if found.weekday is not None and found.day is None:
        coming = now.date() + timedelta(days=(found.weekday - now.weekday()) % 7)
        named = match(rf"(?:dia\s+)?0?{coming.day}(?![\w:/.%]|-\d)", flat, at)
        if named and found.clocks and match(rf".*\b{DAY}\s*$", flat[max(0, at - 12) : at]):  # "a las 8 del lunes 30"
            found.day = coming
            return named.end()
        end = _checked(flat, at, found, now)
        if end is None and not found.clocks:
            end = day_of_month(r"(?:el\s+|the\s+)?(?:dia\s+)?", flat, at, found, now)
        return end
    if found.day is None:
        return None
    same = match(
        r"(?:a\s+)?(?:esta\s+(?:misma\s+)?hora|la\s+misma\s+hora)\b|(?:at\s+)?(?:this|the\s+same)\s+time\b", flat, at
    )
    if same and not found.clocks:
        found.moment = datetime.combine(found.day, now.time())
        return same.end()
    if found.weekday is not None:
        again = match(rf"(?:dia\s+)?0?{found.day.day}(?:st|nd|rd|th)?(?![\w:/.]|-\d)", flat, at)
        return again.end() if again and not found.clocks else None
    named = match(rf"\(?(?:(?:el|on|dia)\s+)?(?P<day>{DAY})\)?", flat, at)
    if named:
        weekday = WEEKDAYS[named["day"].rstrip(".")]
        agrees = any(c["day"].weekday() == weekday for e in found.either for c in e if "day" in c)
        if found.clocks and not agrees and found.day.weekday() != weekday:
            return None  # after the time it is the text: "mañana 8:00 lunes de rock"
        found.weekday = weekday
        return named.end()
    if found.clocks or found.either:
        return None
    inner = found.inner(clocks=found.clocks)
    end = dated(flat, at, inner, now)
    if end is not None and inner.day is not None and not inner.either:
        if inner.day != found.day:
            found.either.append(({"day": found.day}, {"day": inner.day}))
        return end
    return None


def _checked(flat: str, at: int, found: Found, now: datetime) -> int | None:
    inner = found.inner()
    end = dated(flat, at, inner, now)
    if end is None or inner.day is None:
        return None
    found.day, found.year_open = inner.day, inner.year_open
    found.either += inner.either
    if inner.either and not any(c["day"].weekday() == found.weekday for c in inner.either[0]):
        found.weekday = None  # neither is one: both are asked about
    return end


def _feast(flat: str, at: int, found: Found, now: datetime) -> int | None:
    today = now.date()
    named = feasts.feast(flat, at)
    if named is not None:
        the_day, end = named[0].next(today), named[1]
        year = match(r"\s+(?:de\s+|del\s+|of\s+|in\s+)?(?P<y>20\d\d)(?![:\d])", flat, end)
        if year:
            the_day, end = named[0].on(int(year["y"])), year.end()
        found.day = the_day
        return end
    public = feasts.holiday(flat, at, _country(found.zone), today)
    if public is None:
        return None
    found.day = public[0]
    return public[1]


def _country(zone: tzinfo | None) -> str:
    return feasts.country_of(getattr(zone, "key", ""))


def _named(flat: str, at: int, found: Found, now: datetime) -> int | None:
    for pattern, days, part in _NAMED:
        named = match(pattern, flat, at)
        if named:
            found.day, found.part = now.date() + timedelta(days=days), part or found.part
            found.tonight = part == "noche"
            return _part_after(flat, named.end(), found) or named.end()
    same = match(r"(?:a\s+)?(?:esta\s+(?:misma\s+)?hora|la\s+misma\s+hora)\s+(?:de\s+)?(?P<day>manana)\b", flat, at)
    same = same or match(r"(?:at\s+)?(?:this|the\s+same)\s+time\s+(?P<day>tomorrow)\b", flat, at)
    if same:
        found.moment = now + timedelta(days=1)
        return same.end()
    return None


def _part_after(flat: str, at: int, found: Found) -> int | None:
    of_it = match(rf"\s+(?:(?:por|en|de|a|in)\s+(?:la\s+|the\s+)?)?(?P<part>{PART})\b", flat, at)
    if not of_it or found.part:
        return None
    found.part = of_it["part"]
    return of_it.end()


def _weekday(flat: str, at: int, found: Found, now: datetime) -> int | None:
    today = now.date()
    monday = today - timedelta(days=today.weekday())
    for week, ahead in ((_NEXT_WEEK, 7), (_THIS_WEEK, 0)):
        in_week = match(rf"(?:(?:el|on)\s+)?(?P<day>{DAY}),?\s+(?:de\s+|of\s+)?{week}\b", flat, at) or match(
            rf"(?:de\s+|en\s+)?{week},?\s+(?:(?:el|on|en)\s+)?(?P<day>{DAY})", flat, at
        )
        if in_week:
            found.day = monday + timedelta(days=ahead + WEEKDAYS[in_week["day"].rstrip(".")])
            return in_week.end()
    after = match(
        rf"(?P<n>{N})\s+(?:weeks?|semanas?)\s+(?:from|after|desde\s+el)\s+(?P<day>{DAY}|tomorrow\b|manana\b)", flat, at
    )
    after = after or match(
        rf"(?:el\s+)?(?P<day>{DAY})\s+(?:dentro\s+de|en|in)\s+(?P<n>{N})\s+(?:semanas?|weeks?)\b", flat, at
    )
    if after:
        named_day = after["day"].rstrip(".")
        first = today + timedelta(days=(WEEKDAYS[named_day] - today.weekday()) % 7 or 7 if named_day in WEEKDAYS else 1)
        found.day = ahead_of(datetime.combine(first, now.time()), number(after["n"]), "week").date()
        return after.end()
    weekend = match(_WEEKEND, flat, at)
    if weekend:
        saturday = monday + timedelta(
            days=5 + (7 if weekend["next"] and weekend["next"] == "next" and today.weekday() > 4 else 0)
        )
        both: list[dict[str, object]] = [{"day": saturday}, {"day": saturday + timedelta(days=1)}]
        if weekend["which"] in (None, "el", "the") and not (weekend["next"] or weekend["coming"]):
            both.append({"day": None, "rule": "FREQ=WEEKLY;BYDAY=SA,SU"})
        found.either.append(tuple(both))
        found.day = saturday
        return weekend.end()
    if match(
        rf"(?:(?:el|the|on)\s+)?(?:{DAY}\s+(?:pasado|anterior|(?:de\s+)?la\s+semana\s+pasada|(?:of\s+)?last\s+week)\b|last\s+{DAY}(?!\s+(?:of|in|every)))",
        flat,
        at,
    ):
        raise NotUnderstood("past")
    weekday = match(
        rf"(?:(?:el|on|este|this|the)\s+)?(?P<next>(?:proximo|next|coming|siguiente)\s+)?(?P<day>{DAY})"
        rf"(?P<coming>\s+(?:que\s+(?:viene|entra)|proximo|siguiente))?",
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
