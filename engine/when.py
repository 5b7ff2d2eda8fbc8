"""When something is to be said, as people write it in Spanish and English: a moment, or an iCalendar RRULE.

`jueves 15:00 …`, `mañana 9:30 …`, `2026-12-24 20:00 …`, `every mon,wed 07:15 …`, `cada 3 horas de 8 a 20 …`,
`el último viernes de cada mes 18:00 …`. What is not about time is the rest: the text. Wall time only; a channel's zone
makes instants of it (engine/recurrence.py).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

from engine import dates

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HORIZON = timedelta(days=366 * 5)
_WEEKDAYS = {
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
_MONTHS = {
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
_NUMBERS = {
    "un": 1, "una": 1, "one": 1, "a": 1, "dos": 2, "two": 2, "other": 2, "tres": 3, "three": 3, "cuatro": 4, "four": 4,
    "cinco": 5, "five": 5, "seis": 6, "six": 6, "ocho": 8, "eight": 8, "diez": 10, "ten": 10, "doce": 12, "twelve": 12,
    "quince": 15, "fifteen": 15, "treinta": 30, "thirty": 30,
}  # fmt: skip
_ORDINALS = {
    "primer": 1, "primero": 1, "first": 1, "segundo": 2, "second": 2, "tercer": 3, "tercero": 3, "third": 3,
    "cuarto": 4, "fourth": 4, "ultimo": -1, "last": -1, "penultimo": -2,
}  # fmt: skip
_DAY = "(?:" + "|".join(sorted(_WEEKDAYS, key=len, reverse=True)) + r")\b\.?"
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_N = r"(?:\d{1,3}|" + "|".join(_NUMBERS) + ")"
_ORDINAL = "(?:" + "|".join(_ORDINALS) + ")"
_CLOCK = (
    r"(?:(?:a\s+las?|al|at|las)\s+)?(?:(?P<noon>mediodia|noon|midday)|(?P<midnight>medianoche|midnight)"
    r"|(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?(?:\s*(?P<half>[ap]\.?\s?m\b\.?)|\s*(?:hs?|hrs|horas)\b)?)"
    r"(?:\s+(?:de|por|en|in)\s+(?:la|the)\s+(?P<part>manana|tarde|noche|madrugada|morning|afternoon|evening))?(?![\w:/-])"
)
_BARE_CLOCK = re.compile(r"^\d{1,2}$")
_DAY_LIST = rf"{_DAY}(?:\s*(?:,|y|e|and|&|-|a|to)\s*(?:los\s+|el\s+)?{_DAY})*"
_WEEK = r"(?:dias?\s+(?:laborables?|habiles|de\s+semana)|laborables|entre\s+semana|weekdays?|working\s+days?)"
_WEEKEND = r"(?:fin(?:es)?\s+de\s+semana|weekends?)"
_OF_MONTH = r"(?:(?:de|del|of)\s+)?(?:cada\s+mes|todos\s+los\s+meses|mes|(?:every|each|the)\s+month)"
_EVERY = r"(?:cada|every|each|todos\s+los|todas\s+las|all)"
_FILL = re.compile(r"(?:[,;:]|\b(?:el|los|las|la|on|the|at|de|del|of|este|this|a|y|and)\b)?\s*")


class NotUnderstood(ValueError):
    """No time in it that can be understood. `reason` is `nothing`, `time`, `past`, `date`, `weekday` or `hours`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class When:
    """`first` is naive wall time. `rules` are RRULEs without an end; `last` and `times` are the end, if any."""

    first: datetime
    rules: tuple[str, ...] = ()
    last: datetime | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From when (naive wall time) and until when something repeats, how often, and how late it may be."""

    start: datetime | None = None
    last: datetime | None = None
    times: int | None = None
    endless: bool = False
    late: timedelta | None = None


@dataclass
class _Found:
    day: date | None = None
    moment: datetime | None = None
    clocks: list[time] = field(default_factory=list)
    rule: str = ""
    span: tuple[int, int] | None = None
    hourly: int = 0
    last: date | None = None
    start: date | None = None
    times: int | None = None
    weekday: int | None = None
    part: str = ""


def understand(typed: str, now: datetime) -> tuple[When, str]:
    """When, and the rest of what was typed. `now` is naive wall time. Raises NotUnderstood."""
    flat = flatten(typed)
    try:
        return _understood(typed, flat, now)
    except NotUnderstood as error:
        other = dates.moment(typed, flat, now) if error.reason in ("nothing", "time", "date") else None
        if other is None:
            raise
        if other[0] <= now:
            raise NotUnderstood("past") from None
        if other[0] > now + HORIZON:
            raise NotUnderstood("date") from None
        return When(other[0]), other[1]


def _understood(typed: str, flat: str, now: datetime) -> tuple[When, str]:
    found = _Found()
    at = len(flat) - len(flat.lstrip())
    while at < len(flat):
        end = _one(flat, at, found, now)
        if end is None:
            fill = _FILL.match(flat, at)
            after = fill.end() if fill else at
            end = _one(flat, after, found, now) if after > at else None
        if end is None:
            break
        at = end
        while at < len(flat) and flat[at].isspace():
            at += 1
    rest = typed[at:].lstrip(" ,;:–—-\n\t")
    return _when(found, now), rest


def understand_limits(typed: str, now: datetime) -> Limits:
    """`hasta el 24 de diciembre`, `8 times`, `from dec 1`, `no end`, `45 min late`. Raises NotUnderstood."""
    flat = flatten(typed).strip(" .")
    if re.fullmatch(r"(?:sin\s+fin(?:al)?|para\s+siempre|siempre|no\s+end|never\s+ends?|for\s*ever|always)", flat):
        return Limits(endless=True)
    late = re.fullmatch(
        rf"(?P<n>{_N})\s*(?P<unit>min(?:uto|ute)?s?|h|horas?|hours?)(?:\s+(?:de\s+)?(?:tarde|retraso|late|lateness))?",
        flat,
    )
    if late:
        unit = timedelta(minutes=1) if late["unit"].startswith("m") else timedelta(hours=1)
        return Limits(late=_number(late["n"]) * unit)
    found, at = _Found(rule="any"), 0
    while at < len(flat):
        end = _ending(flat, at, found, now) or _beginning(flat, at, found, now)
        if end is None:
            raise NotUnderstood("nothing")
        at = end + len(flat[end:]) - len(flat[end:].lstrip(" ,;y"))
    if at == 0:
        raise NotUnderstood("nothing")
    last = datetime.combine(found.last, time(23, 59)) if found.last else None
    return Limits(datetime.combine(found.start, time()) if found.start else None, last, found.times)


def flatten(text: str) -> str:
    """The text without case and accents, character by character, so that places in it stay the same."""
    flat = []
    for char in text:
        bare = unicodedata.normalize("NFD", char.casefold())
        flat.append(bare[0] if bare else " ")
    return "".join(flat)


# --- one piece at a time -----------------------------------------------------------------------------------


def _one(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    """The end of what could be understood at this place, or None."""
    for read in (_recurring, _ending, _beginning, _relative, _date, _part, _clock):
        end = read(flat, at, found, now)
        if end is not None:
            return end
    return None


def _match(pattern: str, flat: str, at: int) -> "re.Match[str] | None":
    return re.compile(pattern).match(flat, at)


def _recurring(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    if found.rule or found.hourly:
        return _span(flat, at, found) or _days_after(flat, at, found)
    hourly = _match(rf"{_EVERY}\s+(?:(?P<n>{_N})\s+)?(?P<unit>horas?|hours?|minutos?|minutes?)\b", flat, at)
    if hourly:
        step = _number(hourly["n"]) * (60 if hourly["unit"].startswith("h") else 1)
        if step < 5:
            raise NotUnderstood("hours")
        found.hourly, end = step, hourly.end()
        return _span(flat, end, found) or end
    ordinal = _match(rf"(?:(?:el|the)\s+)?(?P<nth>{_ORDINAL})\s+(?P<day>{_DAY}|dia|day)\s*{_OF_MONTH}\b", flat, at)
    ordinal = ordinal or _match(
        rf"(?:cada\s+mes|every\s+month|monthly|mensual(?:mente)?),?\s+(?:(?:el|on|the)\s+)*(?P<nth>{_ORDINAL})\s+(?P<day>{_DAY}|dia|day)\b",
        flat, at,
    )  # fmt: skip
    if ordinal:
        nth, day = _ORDINALS[ordinal["nth"]], ordinal["day"].rstrip(".")
        found.rule = (
            f"FREQ=MONTHLY;BYMONTHDAY={nth}"
            if day in ("dia", "day")
            else f"FREQ=MONTHLY;BYDAY={nth:+d}{DAYS[_WEEKDAYS[day]]}"
        )
        return ordinal.end()
    monthly = _match(rf"(?:(?:el|the)\s+)?(?:dia\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+{_OF_MONTH}\b", flat, at)
    monthly = monthly or _match(
        r"(?:cada\s+mes|every\s+month|monthly|mensual(?:mente)?),?\s+(?:(?:el|on|the|dia|day)\s+)*(?P<d>\d{1,2})(?:st|nd|rd|th)?(?![\d:])",
        flat, at,
    )  # fmt: skip
    if monthly:
        if not 1 <= int(monthly["d"]) <= 31:
            raise NotUnderstood("date")
        found.rule = f"FREQ=MONTHLY;BYMONTHDAY={int(monthly['d'])}"
        return monthly.end()
    yearly = _match(
        rf"(?:(?:cada|todos\s+los|every|each)\s+(?:anos?|year)|yearly|anualmente),?\s+(?:(?:el|on|the)\s+)?(?:(?P<d>\d{{1,2}})\s+(?:de\s+|of\s+)?(?P<m>{_MONTH})|(?P<m2>{_MONTH})\s+(?P<d2>\d{{1,2}}))(?:st|nd|rd|th)?",
        flat, at,
    )  # fmt: skip
    if yearly:
        month, day_ = _MONTHS[(yearly["m"] or yearly["m2"]).rstrip(".")], int(yearly["d"] or yearly["d2"])
        _date_of(2028, month, day_)
        found.rule = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day_}"
        return yearly.end()
    weeks = _match(
        rf"{_EVERY}\s+(?:(?P<n>{_N})\s+)?(?:semanas?|weeks?)\b(?:\s*,?\s*(?:el|los|on)?\s*(?P<days>{_DAY_LIST}))?",
        flat,
        at,
    )
    weeks = weeks or _match(
        rf"(?:(?P<n>weekly)|semanalmente)(?:\s*,?\s*(?:el|los|on)?\s*(?P<days>{_DAY_LIST}))?", flat, at
    )
    if weeks:
        step = 1 if (weeks["n"] or "") == "weekly" else _number(weeks["n"])
        on = f";BYDAY={_day_rule(weeks['days'])}" if weeks["days"] else ""
        found.rule = f"FREQ=WEEKLY;INTERVAL={step}{on}" if step > 1 else f"FREQ=WEEKLY{on}"
        return weeks.end()
    some_days = _match(rf"{_EVERY}\s+(?P<n>{_N})\s+(?:dias|days?)\b", flat, at)
    if some_days and some_days["n"] not in ("un", "una", "one", "a"):
        found.rule = f"FREQ=DAILY;INTERVAL={_number(some_days['n'])}"
        return some_days.end()
    week = _match(rf"(?:{_EVERY}\s+|los\s+|on\s+)?{_WEEK}\b", flat, at)
    if week:
        found.rule = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
        return week.end()
    weekend = _match(rf"(?:{_EVERY}\s+|los\s+|on\s+)?{_WEEKEND}\b", flat, at)
    if weekend:
        found.rule = "FREQ=WEEKLY;BYDAY=SA,SU"
        return weekend.end()
    daily = _match(
        r"(?:cada\s+dia|todos\s+los\s+dias|a\s+diario|diari(?:o|amente)|every\s*day|each\s+day|daily)\b", flat, at
    )
    if daily:
        found.rule = "FREQ=DAILY"
        return daily.end()
    weekly = _match(rf"(?:{_EVERY}|los)\s+(?P<days>{_DAY_LIST})", flat, at)
    weekly = weekly or _match(r"(?:on\s+)?(?P<days>(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", flat, at)
    if weekly:
        found.rule = f"FREQ=WEEKLY;BYDAY={_day_rule(weekly['days'])}"
        return weekly.end()
    return None


def _span(flat: str, at: int, found: _Found) -> int | None:
    """The hours of something hourly: `de 8 a 20`, `from 7am to 9am`."""
    if not found.hourly or found.span is not None:
        return None
    clock = _plain(_CLOCK)
    span = _match(
        rf"\s*,?\s*(?:de|desde|from|between|entre)\s+(?:las\s+)?(?P<a>{clock})\s*(?:a|hasta|to|until|and|y)\s+(?:las\s+)?"
        rf"(?P<b>{clock})",
        flat,
        at,
    )
    if not span:
        return None
    first, last = _read_clock(span["a"]), _read_clock(span["b"])
    if first is None or last is None or last <= first:
        raise NotUnderstood("hours")
    found.span = (first.hour * 60 + first.minute, last.hour * 60 + last.minute)
    return span.end()


def _days_after(flat: str, at: int, found: _Found) -> int | None:
    """Days said after the recurrence: `cada 3 horas de 8 a 20 los lunes`, `every 2 hours on weekdays`."""
    if "BYDAY" in found.rule or "MONTH" in found.rule:
        return None
    days = _match(rf"(?:los|el|on|de|from)\s+(?:(?P<days>{_DAY_LIST})|(?P<week>{_WEEK})|(?P<end>{_WEEKEND}))", flat, at)
    days = days or _match(rf"(?P<days>$.)|(?P<week>{_WEEK})\b|(?P<end>{_WEEKEND})\b", flat, at)
    if not days:
        return None
    on = _day_rule(days["days"]) if days["days"] else "MO,TU,WE,TH,FR" if days["week"] else "SA,SU"
    found.rule = f"{found.rule.replace('FREQ=DAILY', 'FREQ=WEEKLY') or 'FREQ=WEEKLY'};BYDAY={on}"
    return days.end()


def _ending(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    times = _match(rf"(?:,?\s*(?:por|for)\s+)?(?P<n>{_N})\s+(?:veces|times)\b", flat, at)
    if times and (found.rule or found.hourly):
        found.times = _number(times["n"])
        return times.end()
    until = _match(r"(?:hasta|until|till)\s+(?:el\s+|the\s+)?", flat, at)
    if not until or not (found.rule or found.hourly):
        return None
    inner = _Found()
    end = _date(flat, until.end(), inner, now)
    if end is None or inner.day is None:
        raise NotUnderstood("date")
    found.last = inner.day
    return end


def _beginning(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    start = _match(r"(?:desde|a\s+partir\s+de|from|starting(?:\s+on)?)\s+(?:el\s+|the\s+)?", flat, at)
    if not start or not (found.rule or found.hourly):
        return None
    inner = _Found()
    end = _date(flat, start.end(), inner, now)
    if end is None or inner.day is None:
        return None
    found.start = inner.day
    return end


def _relative(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    if found.day or found.moment or found.rule:
        return None
    half = _match(
        r"(?:en|dentro\s+de|in)\s+(?:(?P<half>media\s+hora|half\s+an\s+hour)|(?P<an>an\s+hour|(?:una\s+)?hora\s+y\s+media"
        r"|an\s+hour\s+and\s+a\s+half)|(?P<quarter>un\s+cuarto\s+de\s+hora|a\s+quarter\s+of\s+an\s+hour))\b(?P<more>\s+and\s+a\s+half\b)?",
        flat, at,
    )  # fmt: skip
    if half:
        minutes = 30 if half["half"] else 15 if half["quarter"] else 90 if "medi" in half["an"] or half["more"] else 60
        found.moment = now + timedelta(minutes=minutes)
        return half.end()
    ahead = _match(
        rf"(?:en|dentro\s+de|in)\s+(?P<n>{_N})\s+(?P<unit>minutos?|min|minutes?|horas?|hours?|h\b|dias?|days?|semanas?|weeks?|mes(?:es)?|months?)\b",
        flat, at,
    )  # fmt: skip
    if not ahead:
        return None
    number, unit = _number(ahead["n"]), ahead["unit"]
    if unit.startswith("mi"):
        found.moment = now + timedelta(minutes=number)
    elif unit[0] == "h":
        found.moment = now + timedelta(hours=number)
        more = _match(rf"\s*(?:,|y|and|con)?\s*(?P<n>{_N})\s*(?:minutos?|min|minutes?)\b", flat, ahead.end())
        if more:
            found.moment += timedelta(minutes=_number(more["n"]))
            return more.end()
    elif unit.startswith("d"):
        found.day = (now + timedelta(days=number)).date()
    elif unit[0] in "sw":
        found.day = (now + timedelta(weeks=number)).date()
    else:
        found.day = (now + relativedelta(months=number)).date()
    return ahead.end()


def _date(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    if found.weekday is not None and not found.day:
        return _date_of_weekday(flat, at, found, now)
    if found.day or found.moment or found.rule or found.hourly:
        return None
    today = now.date()
    for pattern, days in (
        (r"(?:pasado\s+manana|the\s+day\s+after\s+tomorrow|day\s+after\s+tomorrow)\b", 2),
        (r"(?:manana|tomorrow)\b", 1),
        (r"(?:hoy|today)\b", 0),
    ):
        named = _match(pattern, flat, at)
        if named:
            found.day = today + timedelta(days=days)
            return named.end()
    tonight = _match(
        r"(?:esta\s+noche|tonight|esta\s+tarde|this\s+(?:evening|afternoon)|esta\s+manana|this\s+morning)\b", flat, at
    )
    if tonight:
        found.day = today
        return tonight.end()
    weekday = _match(
        rf"(?:(?:el|on|este|this)\s+)?(?P<next>proximo\s+|next\s+)?(?P<day>{_DAY})(?P<coming>\s+(?:que\s+viene|proximo))?(?!\s*(?:,|y|and)\s*{_DAY})",
        flat, at,
    )  # fmt: skip
    iso = _match(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)", flat, at)
    slashed = _match(r"(?P<d>\d{1,2})[/.](?P<m>\d{1,2})(?:[/.](?P<y>\d{4}|\d{2}))?(?![\d:])", flat, at)
    named_month = _match(
        rf"(?:el\s+|the\s+)?(?:dia\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<m>{_MONTH})(?:,?\s+(?:de\s+|del\s+|of\s+)?(?P<y>\d{{4}})(?!:))?",
        flat, at,
    ) or _match(
        rf"(?P<m>{_MONTH})\s+(?:the\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![:\d])(?:,?\s+(?P<y>\d{{4}})(?!:))?",
        flat, at,
    )  # fmt: skip
    if iso:
        found.day = _date_of(int(iso["y"]), int(iso["m"]), int(iso["d"]))
        return iso.end()
    if named_month:
        found.day = _coming(named_month["y"], _MONTHS[named_month["m"].rstrip(".")], int(named_month["d"]), today)
        return named_month.end()
    if slashed and not re.match(r"\d{1,2}\.\d{2}(?!\.)", flat[at : slashed.end()]):
        found.day = _coming(slashed["y"], int(slashed["m"]), int(slashed["d"]), today)
        return slashed.end()
    if weekday:
        found.weekday = _WEEKDAYS[weekday["day"].rstrip(".")]
        if weekday["next"] or weekday["coming"]:
            ahead = (found.weekday - today.weekday()) % 7 or 7
            found.day, found.weekday = today + timedelta(days=ahead), None
        return weekday.end()
    return None


def _date_of_weekday(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    """The date after a weekday, which must be one: `jueves 26 de noviembre`, `Thursday, 26 November 2026`."""
    inner = _Found()
    end = _date(flat, at, inner, now)
    if end is None or inner.day is None:
        return None
    if inner.day.weekday() != found.weekday:
        raise NotUnderstood("weekday")
    found.day, found.weekday = inner.day, None
    return end


def _part(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    """A part of the day before the time: `mañana por la tarde a las 5`."""
    if found.part or found.clocks or not (found.day or found.weekday is not None or found.rule):
        return None
    part = _match(
        r"(?:por|en|de|a|in)\s+(?:la|the)\s+(?P<p>manana|tarde|noche|madrugada|morning|afternoon|evening)\b", flat, at
    )
    if not part:
        return None
    found.part = part["p"]
    return part.end()


def _clock(flat: str, at: int, found: _Found, now: datetime) -> int | None:
    if found.clocks and not _match(r"", flat, at):
        return None
    clock = _match(_CLOCK, flat, at)
    if not clock:
        return None
    bare = _BARE_CLOCK.match(clock[0].strip())
    if bare and not found.clocks:
        return None  # a number alone is no time: "5 consejos"
    read = _read_clock(clock[0])
    if read is None:
        if ":" in clock[0]:
            raise NotUnderstood("time")
        return None
    if found.clocks and not _match(r".*(?:,|\by|\band|&)\s*$", flat[:at][-6:], 0):
        return None
    if bare and found.clocks:
        return None
    if found.part in ("tarde", "noche", "afternoon", "evening") and 1 <= read.hour < 12:
        read = read.replace(hour=read.hour + 12)
    found.clocks.append(read)
    return clock.end()


# --- what it comes to ----------------------------------------------------------------------------------------


def _when(found: _Found, now: datetime) -> When:
    if found.hourly:
        rules = _hourly_rules(found)
    elif found.rule:
        if not found.clocks:
            raise NotUnderstood("time")
        rules = tuple(f"{found.rule};BYHOUR={c.hour};BYMINUTE={c.minute}" for c in sorted(set(found.clocks)))
    else:
        return When(_single(found, now))
    last = datetime.combine(found.last, time(23, 59)) if found.last else None
    start = datetime.combine(found.start, time()) if found.start else now
    first = first_of(rules, max(start, now))
    if first is None or (last is not None and first > last):
        raise NotUnderstood("past")
    return When(first, rules, last, found.times)


def _single(found: _Found, now: datetime) -> datetime:
    if found.moment is not None:
        return found.moment.replace(second=0, microsecond=0)
    if not found.clocks:
        raise NotUnderstood("time" if found.day or found.weekday is not None else "nothing")
    clock = found.clocks[0]
    if found.day is not None:
        moment = datetime.combine(found.day, clock)
    elif found.weekday is not None:
        moment = datetime.combine(now.date() + timedelta(days=(found.weekday - now.weekday()) % 7), clock)
        moment += timedelta(days=7) if moment <= now else timedelta(0)
    else:
        moment = datetime.combine(now.date(), clock)
        moment += timedelta(days=1) if moment <= now else timedelta(0)
    if moment <= now:
        raise NotUnderstood("past")
    if moment > now + HORIZON:
        raise NotUnderstood("date")
    return moment


def _hourly_rules(found: _Found) -> tuple[str, ...]:
    low, high = found.span or (0, 24 * 60 - 1)
    if found.clocks and not found.span:
        low = found.clocks[0].hour * 60 + found.clocks[0].minute
    by_minute: dict[int, list[int]] = {}
    for minute in range(low, high + 1, found.hourly):
        by_minute.setdefault(minute % 60, []).append(minute // 60)
    day = found.rule or "FREQ=DAILY"
    same_hours: dict[tuple[int, ...], list[int]] = {}
    for minute, hours in by_minute.items():
        same_hours.setdefault(tuple(hours), []).append(minute)
    return tuple(
        f"{day};BYHOUR={','.join(map(str, hours))};BYMINUTE={','.join(map(str, sorted(minutes)))}"
        for hours, minutes in sorted(same_hours.items(), key=lambda item: min(item[1]))
    )


def first_of(rules: tuple[str, ...], after: datetime) -> datetime | None:
    """The first wall time of the rules strictly after this one. Weeks and days are counted from there."""
    midnight = datetime.combine(after.date(), time())
    found = [rrulestr(f"RRULE:{r};BYSECOND=0", dtstart=midnight).after(after) for r in rules]
    return min((f for f in found if f is not None), default=None)


def _read_clock(text: str) -> time | None:
    found = re.match(_CLOCK, text.strip())
    if not found:
        return None
    if found["noon"]:
        return time(12)
    if found["midnight"]:
        return time(0)
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").replace(".", "").replace(" ", "")
    part = found["part"] or ""
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif part in ("tarde", "noche", "afternoon", "evening") and 1 <= hour < 12:
        hour += 12
    if hour > 23 or minute > 59:
        return None
    return time(hour, minute)


def _number(text: str | None) -> int:
    if not text:
        return 1
    number = int(text) if text.isdigit() else _NUMBERS[text]
    if number < 1:
        raise NotUnderstood("hours")
    return number


def _day_rule(text: str) -> str:
    """`lunes a viernes`, `mon,wed` as the BYDAY of a rule."""
    days: list[int] = []
    pieces = re.findall(rf"{_DAY}|-|\ba\b|\bto\b", text)
    ranged = False
    for piece in pieces:
        if piece in ("-", "a", "to"):
            ranged = True
            continue
        number = _WEEKDAYS[piece.rstrip(".")]
        if ranged and days:
            days += [(days[-1] + step) % 7 for step in range(1, (number - days[-1]) % 7 + 1)]
        else:
            days.append(number)
        ranged = False
    return ",".join(DAYS[d] for d in sorted(set(days)))


def _coming(year: str | None, month: int, day: int, today: date) -> date:
    if year:
        return _date_of(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this = _date_of(today.year, month, day)
    return this if this >= today else _date_of(today.year + 1, month, day)


def _date_of(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotUnderstood("date") from None


def _plain(pattern: str) -> str:
    """A pattern without its names, so that it can stand in another twice."""
    return re.sub(r"\?P<\w+>", "?:", pattern)
