"""What repeats: `cada lunes y jueves`, `every 3 hours from 8 to 20`, `el último viernes de cada mes`, and its end."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from engine.when import days
from engine.when.clocks import CLOCK, PART, read_clock
from engine.when.found import Found, NotUnderstood
from engine.when.words import (
    AND,
    DAY,
    DAY_LIST,
    DAYS,
    DAYS_LISTED,
    EVERY,
    MONTH,
    MONTHS,
    ORDINAL,
    ORDINALS,
    WEEKDAYS,
    N,
    by_day,
    match,
    number,
)

Read = Callable[[str, int, Found, datetime], int | None]
LEAST_MINUTES = 5
_WEEK = r"(?:dias?\s+(?:laborables?|habiles|de\s+semana)|laborables|entre\s+semana|weekdays?|working\s+days?)"
_WEEKEND = r"(?:fin(?:es)?\s+de\s+semana|weekends?)"
_MONTHLY = (
    rf"(?:(?:cada|every)\s+(?:(?P<n>{N}|other)\s+)?(?:mes(?:es)?|months?)\b|each\s+month\b|todos\s+los\s+meses\b|monthly\b"
    r"|mensual(?:mente)?\b|(?P<quarter>cada\s+trimestre|trimestral(?:mente)?|every\s+quarter|quarterly)\b)"
)
_OF_MONTH = rf"(?:\s+(?:(?:de|del|of|in)\s+)?(?:{_MONTHLY}|mes\b|the\s+month\b))"
_NUMBERED = r"(?:\d{1,2}(?:st|nd|rd|th|ro|º|°)?|(?:primero|first)\b)"
_DAYS_OF_MONTH = (
    rf"(?:dias?\s+|days?\s+)?(?P<numbers>{_NUMBERED}(?:{AND}(?:(?:el|the)\s+)?{_NUMBERED})*)(?![\d:.]|h\b|\s*[ap]\.?m)"
)
_NTHS = rf"(?P<nths>{ORDINAL}(?:{AND}(?:(?:el|the)\s+)?{ORDINAL})*)\s+(?P<day>{DAY}|dia\b|day\b)"


def repeating(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """How often; and what may follow that: the hours of something hourly, the days, every second week."""
    if found.has_day:
        return None
    if found.repeats:
        return _span(flat, at, found) or _days_after(flat, at, found) or _weeks_after(flat, at, found)
    for read in (_hourly, _monthly, _yearly, _weekly, _daily):
        end = read(flat, at, found)
        if end is not None:
            return end
    return None


def ending(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`hasta el 24 de diciembre`, `8 times`, `for 4 weeks`: only a date is an end; "hasta mañana" is a greeting."""
    return _times(flat, at, found) or _until(flat, at, found, now, days.dated)


def beginning(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`desde el 1 de diciembre`, `starting 2027-01-10`."""
    return _from(flat, at, found, now, days.dated)


def limit(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The same where nothing but limits is typed, so that any day is one: `hasta el viernes`."""
    return _times(flat, at, found) or _until(flat, at, found, now, days.day) or _from(flat, at, found, now, days.day)


# --- how often -----------------------------------------------------------------------------------------------


def _hourly(flat: str, at: int, found: Found) -> int | None:
    sharp = r"(?:\s+(?:en\s+punto|on\s+the\s+hour))?"
    every = match(
        rf"(?:{EVERY}\s+(?:(?P<n>{N}|other)\s+)?(?P<unit>horas?|hours?|minutos?|minutes?)|(?P<hourly>hourly)"
        rf"|(?:cada|every)\s+(?:(?P<half>media\s+hora|half\s+(?:an\s+)?hour)|(?P<quarter>cuarto\s+de\s+hora|quarter\s+(?:of\s+an\s+)?hour)))\b{sharp}",
        flat, at,
    )  # fmt: skip
    if every is None:
        return None
    if every["unit"]:
        minutes = _step(every["n"]) * (60 if every["unit"].startswith("h") else 1)
    else:
        minutes = 60 if every["hourly"] else 30 if every["half"] else 15
    if minutes < LEAST_MINUTES:
        raise NotUnderstood("hours")
    found.hourly = minutes
    return _span(flat, every.end(), found) or every.end()


def _span(flat: str, at: int, found: Found) -> int | None:
    """The hours of something hourly: `de 8 a 20`, `from 7am to 9am`."""
    if not found.hourly or found.span is not None:
        return None
    span = match(
        rf"\s*,?\s*(?:de|desde|from|between|entre)\s+(?:las\s+)?(?P<a>{CLOCK})\s*(?:a|hasta|to|until|and|y|-)\s+(?:las\s+)?"
        rf"(?P<b>{CLOCK})",
        flat, at,
    )  # fmt: skip
    if not span:
        return None
    first, last = read_clock(span["a"]), read_clock(span["b"])
    if first is None or last is None or last.at <= first.at:
        raise NotUnderstood("hours")
    found.span = (first.hour * 60 + first.minute, last.hour * 60 + last.minute)
    return span.end()


def _days_after(flat: str, at: int, found: Found) -> int | None:
    """Days said after the hours: `cada 3 horas de 8 a 20 los lunes`, `every 2 hours on weekdays`."""
    if not found.hourly or found.rule:
        return None
    after = match(rf"(?:(?:los|el|on|de|from)\s+)?(?:(?P<week>{_WEEK})|(?P<weekend>{_WEEKEND}))\b", flat, at)
    after = after or match(rf"(?:los|el|on|de|from)\s+(?P<days>{DAY_LIST})", flat, at)
    if not after:
        return None
    found.rule = _every("WEEKLY", 1, _days_said(after.groupdict()))
    return after.end()


def _weeks_after(flat: str, at: int, found: Found) -> int | None:
    """`los martes cada dos semanas`, `tuesdays every other week`."""
    if found.clocks or not found.rule.startswith("FREQ=WEEKLY;BYDAY"):
        return None
    weeks = match(rf"(?:cada|every)\s+(?P<n>{N}|other)\s+(?:semanas?|weeks?)\b", flat, at)
    if not weeks:
        return None
    found.rule = _every("WEEKLY", _step(weeks["n"]), found.rule.partition(";")[2])
    return weeks.end()


def _monthly(flat: str, at: int, found: Found) -> int | None:
    the = r"(?:(?:el|los|the|on)\s+)*"
    for pattern in (
        rf"{the}{_NTHS}{_OF_MONTH}",
        rf"{_MONTHLY},?\s+{the}{_NTHS}",
        rf"{the}{_DAYS_OF_MONTH}{_OF_MONTH}",
        rf"{_MONTHLY},?\s+{the}{_DAYS_OF_MONTH}",
    ):
        monthly = match(pattern, flat, at)
        if monthly:
            said = monthly.groupdict()
            step = 3 if said["quarter"] else _step(said["n"])
            found.rule = _every("MONTHLY", step, _in_month(said))
            return monthly.end()
    return None


def _in_month(said: dict[str, str]) -> str:
    if "numbers" in said:
        numbers = sorted({days.day_number(n) for n in re.findall(r"\d+|primero|first", said["numbers"])})
        if not all(1 <= n <= 31 for n in numbers):
            raise NotUnderstood("date")
        return f"BYMONTHDAY={','.join(map(str, numbers))}"
    nths = [ORDINALS[w] for w in re.findall(r"\w+", said["nths"]) if w in ORDINALS]
    day = said["day"].rstrip(".")
    if day in ("dia", "day"):
        return f"BYMONTHDAY={','.join(map(str, nths))}"
    return f"BYDAY={','.join(f'{nth:+d}{DAYS[WEEKDAYS[day]]}' for nth in nths)}"


def _yearly(flat: str, at: int, found: Found) -> int | None:
    day_and_month = (
        rf"(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<m>{MONTH})"
        rf"|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)(?![\d:])"
    )
    yearly = match(
        rf"(?:(?:cada|todos\s+los|every|each)\s+(?:anos?|year)|yearly|anualmente),?\s+(?:(?:el|on|the)\s+)*{day_and_month}",
        flat,
        at,
    ) or match(rf"(?:cada|every)\s+{day_and_month}", flat, at)
    if not yearly:
        return None
    month, day = MONTHS[(yearly["m"] or yearly["m2"]).rstrip(".")], int(yearly["d"] or yearly["d2"])
    days.date_of(2028, month, day)
    found.rule = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"
    return yearly.end()


def _weekly(flat: str, at: int, found: Found) -> int | None:
    on = rf"(?:\s*,?\s*(?:(?:el|los|on)\s+)?(?P<days>{DAY_LIST}))?"
    for pattern, step in (
        (rf"{EVERY}\s+(?:(?P<n>{N}|other)\s+)?(?:semanas?|weeks?)\b{on}", 1),
        (rf"(?:weekly|semanalmente)\b{on}", 1),
        (rf"(?:biweekly|fortnightly|quincenalmente|cada\s+quincena)\b{on}", 2),
        (rf"un\s+(?P<days>{DAY})\s+si\s+y\s+(?:otro|uno)\s+no\b", 2),
        (rf"(?:cada|every)\s+(?P<n>{N}|other|second|otro)\s+(?P<days>{DAY_LIST})", 1),
        (rf"(?:{EVERY}\s+|los\s+|on\s+|de\s+)?(?P<week>{_WEEK})\b", 1),
        (rf"(?:{EVERY}\s+|los\s+|on\s+)?(?P<weekend>{_WEEKEND})\b", 1),
        (rf"(?:{EVERY}|los)\s+(?P<days>{DAY_LIST})", 1),
        (rf"(?:(?:de|desde|from|on|el)\s+)?(?P<days>{DAYS_LISTED})", 1),
        (r"(?:on\s+)?(?P<days>(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", 1),
    ):
        weekly = match(pattern, flat, at)
        if weekly:
            said = weekly.groupdict()
            found.rule = _every("WEEKLY", max(step, _step(said.get("n"))), _days_said(said))
            return weekly.end()
    return None


def _daily(flat: str, at: int, found: Found) -> int | None:
    in_part = match(rf"(?:cada|todas\s+las|every|each)\s+(?P<part>{PART})s?\b", flat, at)
    if in_part:
        found.rule, found.part = "FREQ=DAILY", in_part["part"]
        return in_part.end()
    some = match(rf"(?:cada|every|todos\s+los)\s+(?P<n>{N}|other|otro)\s+(?:dias?|days?)\b", flat, at)
    some = some or match(r"un\s+dia\s+si\s+y\s+(?P<n>otro)\s+no\b", flat, at)
    if some:
        found.rule = _every("DAILY", _step(some["n"]), "")
        return some.end()
    daily = match(
        rf"(?:cada\s+dia|todos\s+los\s+dias|a\s+diario|diari(?:o|amente)|every\s*day|each\s+day|daily"
        rf"|(?P<a_day>{N})\s+(?:veces\s+(?:al|por)|times\s+(?:a|per))\s+(?:dia|day)|(?P<twice>twice)\s+(?:a|per)\s+day)\b",
        flat,
        at,
    )
    if daily:
        found.rule = "FREQ=DAILY"
        found.a_day = 2 if daily["twice"] else number(daily["a_day"]) if daily["a_day"] else 0
        return daily.end()
    return None


def _step(text: str | None) -> int:
    step = 2 if text in ("other", "second", "otro") else number(text)
    if step < 1:
        raise NotUnderstood("hours")
    return step


def _every(frequency: str, step: int, on: str) -> str:
    return f"FREQ={frequency}" + (f";INTERVAL={step}" if step > 1 else "") + (f";{on}" if on else "")


def _days_said(said: dict[str, str]) -> str:
    if said.get("week"):
        return "BYDAY=MO,TU,WE,TH,FR"
    if said.get("weekend"):
        return "BYDAY=SA,SU"
    return f"BYDAY={by_day(said['days'])}" if said.get("days") else ""


# --- from when, until when -----------------------------------------------------------------------------------


def _times(flat: str, at: int, found: Found) -> int | None:
    if not found.repeats:
        return None
    times = match(rf"(?:,?\s*(?:por|for)\s+)?(?P<n>{N})\s+(?:veces|times)\b", flat, at)
    if times:
        found.times = _step(times["n"])
        return times.end()
    lasting = match(
        rf",?\s*(?:durante|por|for)\s+(?P<n>{N})\s+(?P<unit>dias?|days?|semanas?|weeks?|mes(?:es)?|months?|anos?|years?)\b",
        flat,
        at,
    )
    if lasting:
        found.lasting = days.span_of(_step(lasting["n"]), lasting["unit"])
        return lasting.end()
    return None


def _until(flat: str, at: int, found: Found, now: datetime, day: Read) -> int | None:
    until = match(r",?\s*(?:hasta|until|till)\s+(?:(?:el|the)\s+)?", flat, at)
    if not until or not found.repeats:
        return None
    inner = Found()
    end = day(flat, until.end(), inner, now)
    if end is not None:
        found.last = _day_in(inner, now)
    return end


def _from(flat: str, at: int, found: Found, now: datetime, day: Read) -> int | None:
    start = match(r"(?:desde|a\s+partir\s+de|from|starting(?:\s+on)?)\s+(?:(?:el|the)\s+)?", flat, at)
    if not start or not found.repeats:
        return None
    inner = Found()
    end = day(flat, start.end(), inner, now)
    if end is not None:
        found.start = _day_in(inner, now)
    return end


def _day_in(found: Found, now: datetime) -> date | None:
    if found.weekday is None:
        return found.day
    return now.date() + timedelta(days=(found.weekday - now.weekday()) % 7)
