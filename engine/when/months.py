"""By the month and the year: `el último viernes de cada mes`, `the 1st and 15th`, `cada quincena`."""

import re
from datetime import datetime

from dateutil.relativedelta import relativedelta

from engine.when import dates, feasts
from engine.when.found import Found, NotUnderstood
from engine.when.words import (
    AND,
    AND_ALSO,
    DAY,
    DAY_LIST,
    DAYS,
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

STEP = rf"(?:{N}|other|otro|otra)"
_MONTHLY = (
    rf"(?:(?:cada|every)\s+(?:(?P<n>{STEP})\s+)?(?:mes(?:es)?|months?)\b|each\s+month\b|todos\s+los\s+meses\b"
    rf"|monthly\b"
    r"|(?:(?:una|1)\s+vez\s+)?(?:al|por)\s+mes\b|once\s+(?:a|per)\s+month\b|(?P<half>semestral(?:mente)?|cada\s+semestre)\b|(?P<two>bimestral(?:mente)?|cada\s+bimestre)\b"
    r"|mensual(?:mente)?\b|(?P<quarter>cada\s+trimestre|trimestral(?:mente)?|every\s+quarter|quarterly)\b)"
)
_OF_MONTH = (
    rf"(?:\s+(?:(?:de|del|of|in)\s+)?(?:{_MONTHLY}|mes\b(?!\s+(?:que|proxim|siguiente|pasado|entrante))"
    rf"|the\s+month\b|(?:a|per)\s+month\b))"
)
_NUMBERED = r"(?:\d{1,2}(?:st|nd|rd|th|ro|º|°)?|(?:primero|first)\b)"
_NUMBERS = (
    rf"(?P<numbers>{_NUMBERED}(?:{AND_ALSO}(?:(?:el|the)\s+)?(?:dia\s+)?{_NUMBERED}){{0,9}})(?![\d:.]|h\b|\s*[ap]\.?m)"
)
_DAYS_OF_MONTH = rf"(?:dias?\s+|days?\s+)?{_NUMBERS}"
_NTHS = rf"(?P<nths>{ORDINAL}(?:{AND}(?:(?:el|the)\s+)?{ORDINAL}){{0,4}})\s+(?P<day>{DAY}|dias?\b|days?\b)"
_THEN_A_TIME = r"(?=,?\s+(?:(?:a|para)\s+las?\b|al\s|at\b|@|\d{1,2}(?:[:.h]\d|\s*[ap]\.?\s?m\b|\s*hs?\b)))"
_MONTH_END = r"(?:fin(?:al(?:es)?|es)?\s+(?:de|del)\s+mes|(?:the\s+)?end\s+of\s+(?:the\s+)?month|month'?s?\s+end)"


def step_of(text: str | None) -> int:
    """How many at a time. Raises NotUnderstood for none."""
    step = 2 if text in ("other", "second", "otro", "otra") else number(text)
    if step < 1:
        raise NotUnderstood("hours")
    return step


def every(frequency: str, step: int, on: str) -> str:
    return f"FREQ={frequency}" + (f";INTERVAL={step}" if step > 1 else "") + (f";{on}" if on else "")


def days_said(said: dict[str, str]) -> str:
    if said.get("week"):
        return "BYDAY=MO,TU,WE,TH,FR"
    if said.get("weekend") or said.get("weekends"):
        return "BYDAY=SA,SU"
    return f"BYDAY={by_day(said['days'])}" if said.get("days") else ""


def monthly(flat: str, at: int, found: Found) -> int | None:
    the = r"(?:(?:el|los|the|on)\s+){0,2}"
    for pattern in (
        rf"{the}{_NTHS}{_OF_MONTH}",
        rf"{_MONTHLY},?\s+{the}{_NTHS}",
        rf"{the}{_DAYS_OF_MONTH}{_OF_MONTH}",
        rf"{_MONTHLY},?\s+{the}{_DAYS_OF_MONTH}",
        rf"(?:cada|todos\s+los|every|each)\s+(?!second\s)(?P<nths>{ORDINAL}(?:{AND}(?:(?:el"
        rf"|the)\s+)?{ORDINAL}){{0,4}})\s+(?P<day>{DAY}|dias?\b){_OF_MONTH}?",
        rf"(?:cada|todos\s+los|los)\s+{_NUMBERS}\s+de(?:l|\s+cada)?\s+mes\b(?!\s+(?:que|proxim|siguiente|pasado|entrante))",
        rf"(?:cada|todos\s+los|every|each)\s+(?:dias?\s+){_NUMBERS}(?![\w:/.]){_THEN_A_TIME}",
        r"(?:todos\s+los)\s+(?P<numbers>\d{1,2})(?![\w:/.])(?!\s+(?:de|dias|minutos|horas|semanas|meses)\b)",
        r"(?:every|each)\s+(?P<numbers>\d{1,2}(?:st|nd|rd|th))(?!\s+(?:of|day)\b)\b",
        rf"(?:{EVERY}|los)\s+(?P<end>fin(?:al(?:es)?|es)?\s+de\s+mes(?:es)?|month'?s?\s+end)\b",
        r"(?:(?:a|al|the|at\s+the|on\s+the)\s+)?(?P<end>fin(?:al(?:es)?)?\s+de\s+cada\s+mes|end\s+of\s+(?:each"
        r"|every)\s+month)\b",
    ):
        monthly = match(pattern, flat, at)
        if monthly and not _goes_on_as_date(flat, monthly):
            said = monthly.groupdict()
            step = (
                3
                if said.get("quarter")
                else 6
                if said.get("half")
                else 2
                if said.get("two")
                else step_of(said.get("n"))
            )
            found.rule = every("MONTHLY", step, _in_month(said))
            return monthly.end()
    return None


def _goes_on_as_date(flat: str, monthly: "re.Match[str]") -> bool:
    return match(rf"\s+(?:de|of|in)\s+(?:{MONTH})", flat, monthly.end()) is not None


def _in_month(said: dict[str, str]) -> str:
    if said.get("end"):
        return "BYMONTHDAY=-1"
    if "numbers" in said:
        numbers = sorted({dates.day_number(n) for n in re.findall(r"\d+|primero|first", said["numbers"])})
        if not all(1 <= n <= 31 for n in numbers):
            raise NotUnderstood("date")
        return f"BYMONTHDAY={','.join(map(str, numbers))}"
    nths = [ORDINALS[w] for w in re.findall(r"second\s+to\s+last|[\wº]+", said["nths"]) if w in ORDINALS]
    day = said["day"].rstrip(".")
    if day in ("dia", "day", "dias", "days"):
        return f"BYMONTHDAY={','.join(map(str, nths))}"
    return f"BYDAY={','.join(f'{nth:+d}{DAYS[WEEKDAYS[day]]}' for nth in nths)}"


def listed_days(flat: str, at: int, found: Found) -> int | None:
    """Several days without a month are of every month: `el 1 y el 15`, `los días 5, 10 y 20`, `the 1st and 15th`."""
    listed = match(rf"(?:(?:el|los|on\s+the|the)\s+)(?:dias?\s+|days?\s+)?{_NUMBERS}", flat, at) or match(
        rf"(?:(?:los\s+)?dias?\s+|days?\s+){_NUMBERS}", flat, at
    ) or match(rf"(?=\d{{1,2}}(?:st|nd|rd|th)\b){_NUMBERS}", flat, at)  # fmt: skip
    if listed is None or len(re.findall(r"\d+|primero|first", listed["numbers"])) < 2:
        return None
    if match(rf"\s+(?:(?:de|of)\s+)?(?:{MONTH})|\s+(?:de|of)\s+\w", flat, listed.end()):
        return None
    found.rule = every("MONTHLY", 1, _in_month(listed.groupdict()))
    return listed.end()


def month_end(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`a fin de mes`, `end of the month`, `el último día`: of this one, or of every one."""
    end = match(
        rf"(?:(?:a|al|el|en|the|at\s+the|at)\s+)?(?:{_MONTH_END}|ultimo\s+dia(?!\s+de)\b|last\s+day(?!\s+of)\b)",
        flat,
        at,
    )
    this = match(
        rf"(?:(?:a|al|el|the|at)\s+)?(?:(?:este\s+)fin\s+de\s+mes|{_MONTH_END.replace('the', 'this')}"
        rf"|fin(?:al)?\s+de\s+este\s+mes)",
        flat,
        at,
    )
    last = now.date() + relativedelta(day=31)
    if this and (not end or this.end() > end.end() or "this" in this[0] or "este" in this[0]):
        found.day = last
        return this.end()
    if not end:
        return None
    found.day = last
    found.either.append(({"day": last}, {"day": None, "rule": "FREQ=MONTHLY;BYMONTHDAY=-1"}))
    return end.end()


def quincena(flat: str, at: int, found: Found) -> int | None:
    """The 15th and the last day, when wages are paid; "cada quincena" may be every second week, too."""
    and_last = match(
        r"(?:(?:los|el|las|la|cada|todos\s+los|todas\s+las)\s+)?(?:dias?\s+)?(?:(?P<d>\d{1,2})|quincenas?)\s+y\s+(?:(?:el|los|a)\s+)?"
        r"(?:ultimos?|fin(?:al(?:es)?|es)?\s+de\s+(?:cada\s+)?mes)\b(?:\s+de(?:l|\s+cada)?\s+mes\b)?(?!\s+\w*dia\b)",
        flat,
        at,
    )
    if and_last and 1 <= int(and_last["d"] or 15) <= 31:
        found.rule = f"FREQ=MONTHLY;BYMONTHDAY={int(and_last['d'] or 15)},-1"
        return and_last.end()
    paid = match(
        r"(?:(?:en|los\s+dias\s+de|el\s+dia\s+de|dias?\s+de|las|los|todas\s+las|la)\s+)?(?:quincenas?"
        r"|pago\s+de\s+quincena)\b",
        flat,
        at,
    )
    if paid:
        found.rule = "FREQ=MONTHLY;BYMONTHDAY=15,-1"
        return paid.end()
    fortnight = match(r"(?:cada\s+quincena|quincenal(?:mente)?|cada\s+(?:15|quince)\s+dias)\b", flat, at)
    eight = match(r"cada\s+(?:8|ocho)\s+dias\b", flat, at)
    if eight:
        found.rule = "FREQ=DAILY;INTERVAL=8"
        found.either.append(({"rule": "FREQ=DAILY;INTERVAL=8"}, {"rule": "FREQ=WEEKLY"}))
        return eight.end()
    if not fortnight:
        return None
    days = match(rf"\s*,?\s*(?:(?:el|los)\s+)?(?P<days>{DAY_LIST})", flat, fortnight.end())
    if days:
        found.rule = every("WEEKLY", 2, days_said(days.groupdict()))
        return days.end()
    if "dias" in fortnight[0]:
        found.rule = "FREQ=DAILY;INTERVAL=15"
        found.either.append(({"rule": "FREQ=DAILY;INTERVAL=15"}, {"rule": "FREQ=WEEKLY;INTERVAL=2"}))
    else:
        found.rule = "FREQ=WEEKLY;INTERVAL=2"
        found.either.append(({"rule": "FREQ=WEEKLY;INTERVAL=2"}, {"rule": "FREQ=MONTHLY;BYMONTHDAY=15,-1"}))
    return fortnight.end()


def yearly(flat: str, at: int, found: Found) -> int | None:
    each = (
        r"(?:(?:cada|todos\s+los|every|each)\s+(?:anos?|year)|yearly|anualmente|annually),?\s+(?:(?:el|on|the"
        r"|en|por)\s+){0,2}"
    )
    head = match(rf"(?:{each}|(?:cada|todos\s+los|todas\s+las|every)\s+)", flat, at)
    if head:
        feast = feasts.feast(flat, head.end())
        if feast is not None:
            found.rule = feast[0].rule
            return feast[1]
    day_and_month = (
        rf"(?:(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<m>{MONTH})"
        rf"|(?P<m2>{MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?)(?![\d:])(?!\s*[ap]\.?m)"
    )
    yearly = match(rf"{each}{day_and_month}", flat, at) or match(
        rf"(?:cada|every|todos\s+los)\s+{day_and_month}", flat, at
    )
    if not yearly:
        return None
    month, day = MONTHS[(yearly["m"] or yearly["m2"]).rstrip(".")], int(yearly["d"] or yearly["d2"])
    dates.date_of(2028, month, day)
    found.rule = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"
    return yearly.end()


def holy_week(flat: str, at: int, found: Found, now: datetime) -> int | None:
    head = match(r"(?:todos\s+los\s+dias|cada\s+dia|every\s+day|daily)\s+(?:de|en|of|in)\s+(?:la\s+)?", flat, at)
    week = feasts.holy_week(flat, head.end() if head else at, now.date())
    if week is None:
        return None
    found.rule, found.start, found.last = "FREQ=DAILY", week[0], week[1]
    return week[2]
