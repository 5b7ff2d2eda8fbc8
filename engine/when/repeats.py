"""What repeats: `cada lunes y jueves`, `every 3 hours from 8 to 20`, `el último viernes de cada mes`."""

import re
from datetime import datetime

from dateutil.relativedelta import relativedelta

from engine.left_out import public_holidays
from engine.when import dates, feasts, hourly, months
from engine.when.clocks import PART
from engine.when.found import Found, NotUnderstood
from engine.when.months import STEP, days_said, every, step_of
from engine.when.words import (
    AND,
    DAY,
    DAY_LIST,
    DAYS,
    DAYS_LISTED,
    EVERY,
    MONTH,
    MONTHS,
    N,
    match,
    number,
)

WEEK = (
    r"(?:dias?\s+(?:laborables?|laborales|habiles|habil|de\s+semana|de\s+trabajo)|laborables|entre\s+semana|weekdays?"
    r"|(?:working|work|business)\s*days?)"
)
WEEKEND = r"(?:fin(?:es)?\s+de\s+semana|findes?|weekends?)"
HOLIDAYS = (
    r"(?:(?:dias?\s+)?(?:feriados?|festivos?)(?:\s+nacionales)?|(?:public\s+|bank\s+"
    r"|national\s+)?holidays?(?!\s+\w*(?:market|party|sale)))"
)


def repeating(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """How often; and what may follow that: the hours of something hourly, the days, what is left out."""
    if found.has_day:
        return None
    if found.repeats:
        return (
            hourly.span(flat, at, found)
            or _days_after(flat, at, found)
            or _weeks_after(flat, at, found)
            or _month_after(flat, at, found, now)
            or _left_out(flat, at, found, now)
            or _hourly_on_days(flat, at, found)
        )
    for read in (hourly.every, months.quincena, months.monthly, months.listed_days, months.yearly, _weekly, _daily):
        end = read(flat, at, found)
        if end is not None:
            return end
    return months.month_end(flat, at, found, now) or months.holy_week(flat, at, found, now)


# --- what follows --------------------------------------------------------------------------------------------


def _hourly_on_days(flat: str, at: int, found: Found) -> int | None:
    """`de lunes a viernes cada 3 horas`: the days came first."""
    if found.hourly or found.clocks or found.a_day or not found.rule.startswith(("FREQ=DAILY", "FREQ=WEEKLY")):
        return None
    return hourly.every(flat, at, found)


def _days_after(flat: str, at: int, found: Found) -> int | None:
    """Days said after the hours: `cada 3 horas de 8 a 20 los lunes`, `daily mon to fri`."""
    daily = found.rule == "FREQ=DAILY" and not found.clocks
    if not (found.hourly and not found.rule) and not daily:
        return None
    after = match(rf"(?:(?:los|el|on|de|from)\s+)?(?:(?P<week>{WEEK})|(?P<weekend>{WEEKEND}))\b", flat, at)
    after = after or match(rf"\(?(?:los|el|on|de|from)\s+(?P<days>{DAY_LIST})\)?", flat, at)
    after = after or match(rf"\(?(?P<days>{DAYS_LISTED})\)?", flat, at)
    if not after:
        return None
    found.rule = every("WEEKLY", 1, days_said(after.groupdict()))
    return after.end()


def _weeks_after(flat: str, at: int, found: Found) -> int | None:
    """`los martes cada dos semanas`, `tuesdays every other week`; `cada 15 días los viernes`."""
    if found.clocks:
        return None
    if found.either:
        on = match(rf"(?:los|el|on)\s+(?P<days>{DAY_LIST})", flat, at)
        if on and found.rule.startswith("FREQ=DAILY;INTERVAL"):
            found.rule, found.either = every("WEEKLY", 2 if "15" in found.rule else 1, days_said(on.groupdict())), []
            return on.end()
        return None
    if not found.rule.startswith("FREQ=WEEKLY;BYDAY"):
        return None
    weeks = match(rf"(?:cada|every)\s+(?P<n>{STEP})\s+(?:semanas?|weeks?)\b", flat, at)
    weeks = weeks or match(r"(?:cada\s+)?(?P<n>quincena|15\s+dias|quince\s+dias)\b", flat, at)
    if not weeks:
        return None
    step = 2 if "quin" in weeks["n"] or "15" in weeks["n"] else step_of(weeks["n"])
    found.rule = every("WEEKLY", step, found.rule.partition(";")[2])
    return weeks.end()


def _month_after(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`todos los lunes de diciembre`, `every day in january`: of the month that comes, or goes on."""
    if found.start or found.last or not found.rule.startswith(("FREQ=WEEKLY", "FREQ=DAILY")):
        return None
    month = match(
        rf"(?:de|en|durante|of|in|during)\s+(?:(?P<this>este\s+mes|this\s+month)"
        rf"|(?P<m>{MONTH}))(?:\s+(?:de\s+)?(?P<y>20\d\d)(?!:))?",
        flat,
        at,
    )
    if not month:
        return None
    first = now.date().replace(day=1)
    if month["m"]:
        number_of = MONTHS[month["m"].rstrip(".")]
        year = int(month["y"]) if month["y"] else first.year + (number_of < first.month)
        first = first.replace(year=year, month=number_of)
    found.start, found.last = first, first + relativedelta(day=31)
    return month.end()


def _left_out(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`menos domingo`, `except saturdays and sundays`, `salvo feriados`, `excepto navidad`."""
    but = match(
        r",?\s*\(?(?:(?:menos|excepto|salvo|exceptuando|excluyendo|quitando|sin|pero\s+no|except(?:\s+for)?"
        r"|excluding|but(?:\s+not)?|minus"
        r"|apart\s+from|other\s+than)\s+)(?:(?:los|las|el|la|on|in|en|de|the)\s+){0,3}",
        flat, at,
    )  # fmt: skip
    if not but:
        return None
    end = _one_left_out(flat, but.end(), found, now)
    while end is not None:
        more = match(rf"{AND}(?:(?:los|las|el|la|on|the)\s+){{0,2}}", flat, end)
        next_end = _one_left_out(flat, more.end(), found, now) if more else None
        if next_end is None:
            break
        end = next_end
    return end + 1 if end is not None and flat[end : end + 1] == ")" else end


def _one_left_out(flat: str, at: int, found: Found, now: datetime) -> int | None:
    feast = feasts.feast(flat, at)
    if feast is not None and feast[0].key:
        found.left_out.append(feast[0].key)
        return feast[1]
    if named := match(rf"{HOLIDAYS}\b", flat, at):
        found.left_out.append(f"@{_country(found)}")
        return named.end()
    some = match(rf"(?:(?P<week>{WEEK})|(?P<weekend>{WEEKEND}))\b", flat, at) or match(
        rf"(?P<days>{DAY_LIST})", flat, at
    )
    if some:
        _take_out(found, days_said(some.groupdict()).removeprefix("BYDAY=").split(","))
        return some.end()
    inner = found.inner()
    end = dates.dated(flat, at, inner, now)
    if end is None or inner.day is None or inner.either:
        return None
    found.left_out.append(f"{inner.day:%m%d}" if inner.year_open else f"{inner.day:%Y%m%d}")
    return end


def _take_out(found: Found, days: list[str]) -> None:
    """Weekdays that are left out leave the rule itself, where it names its weekdays."""
    simple = re.fullmatch(
        r"FREQ=(?:DAILY|WEEKLY(?P<step>;INTERVAL=\d+)?;BYDAY=(?P<on>[A-Z,]+))", found.rule or "FREQ=DAILY"
    )
    if simple is None:
        found.left_out += days
        return
    on = simple["on"].split(",") if simple["on"] else list(DAYS)
    kept = [d for d in on if d not in days]
    if not kept:
        raise NotUnderstood("never")
    found.rule = f"FREQ=WEEKLY{simple['step'] or ''};BYDAY={','.join(kept)}"


def _country(found: Found) -> str:
    """The country whose public holidays are meant. Raises NotUnderstood where the zone is no country's."""
    country = feasts.country_of(getattr(found.zone, "key", ""))
    if not country or public_holidays(country) is None:
        raise NotUnderstood("holidays")
    return country


# --- by the week and the day ---------------------------------------------------------------------------------


def _weekly(flat: str, at: int, found: Found) -> int | None:
    on = rf"(?:\s*,?\s*(?:(?:el|los|on)\s+)?(?P<days>{DAY_LIST}))?"
    for pattern, step in (
        (rf"{EVERY}\s+(?:(?P<n>{STEP})\s+)?(?:semanas?|weeks?)\b{on}", 1),
        (
            rf"(?:weekly|semanal(?:mente)?|(?:(?:una|1)\s+vez|once)\s+(?:a|por|per)\s+(?:la\s+)?(?:semana|week))\b{on}",
            1,
        ),
        (rf"(?:biweekly|bi-weekly|fortnightly|every\s+fortnight|each\s+fortnight)\b{on}", 2),
        (rf"(?:cada\s+|los\s+)?(?P<days>{DAY})\s+(?:de\s+)?por\s+medio\b(?!\s+de\b)", 2),
        (r"(?P<week>l\s?(?:-|a)\s?v|m\s?-\s?f)(?=,?\s+(?:a\s+las\s+|at\s+|@\s*)?\d)", 1),
        (rf"(?P<days>{DAY}(?:\s+{DAY}){{2,6}})(?=,?\s+(?:a\s+las\s+|at\s+|@\s*)?\d)", 1),
        (rf"(?:on\s+|the\s+)?(?P<days>{DAY})\s+(?P<part>morning|afternoon|evening|night)s\b", 1),
        (rf"un\s+(?P<days>{DAY})\s+si\s+y\s+(?:otro|uno)\s+no\b", 2),
        (rf"(?:cada|every)\s+(?P<n>{STEP}|second)\s+(?P<days>{DAY_LIST})", 1),
        (rf"(?:{EVERY}\s+|los\s+|on\s+|de\s+|en\s+)?(?P<week>{WEEK})\b", 1),
        (
            rf"(?:(?:{EVERY}\s+|los\s+|on\s+)(?P<weekend>{WEEKEND})|(?P<weekends>fines\s+de\s+semana|findes|weekends))\b",
            1,
        ),
        (rf"(?:{EVERY}|los|all)\s+(?:dias\s+)?(?P<days>{DAY_LIST})", 1),
        (rf"(?:(?:de|desde|from|on|el)\s+)?(?P<days>{DAYS_LISTED})", 1),
        (r"(?:on\s+)?(?P<days>(?:mon|tues|wednes|thurs|fri|satur|sun)days|sabados|domingos)\b", 1),
        (
            rf"(?:{N}|twice)\s+(?:veces\s+)?(?:times\s+)?(?:por|a|per)\s+(?:la\s+)?(?:semana"
            rf"|week)\s*,?\s*(?:(?:el|los|on)\s+)?(?P<days>{DAYS_LISTED})",
            1,
        ),
    ):
        weekly = match(pattern, flat, at)
        if weekly:
            found.part = weekly.groupdict().get("part") or found.part
            said = weekly.groupdict()
            found.rule = every("WEEKLY", max(step, step_of(said.get("n"))), days_said(said))
            return weekly.end()
    holidays = match(rf"(?:{EVERY}\s+|los\s+|on\s+|en\s+)(?:los\s+|the\s+)?{HOLIDAYS}\b", flat, at) or match(
        r"(?:dias\s+)?(?:feriados|festivos)\b", flat, at
    )
    if holidays:
        found.rule, found.only = "FREQ=DAILY", f"@{_country(found)}"
        return holidays.end()
    return None


def _daily(flat: str, at: int, found: Found) -> int | None:
    in_part = match(
        rf"(?:(?:cada|todas\s+las|every|each|all)\s+|(?:por\s+|en\s+)?las\s+(?=\w+s\b))(?P<part>{PART})s?\b", flat, at
    )
    if in_part:
        found.rule, found.part = "FREQ=DAILY", in_part["part"]
        return in_part.end()
    some = match(rf"(?:cada|every|todos\s+los)\s+(?P<n>{STEP}|second|third)\s+(?:dias?|days?)\b", flat, at)
    some = some or match(r"un\s+dia\s+si\s+y\s+(?:el\s+)?(?P<n>otro)\s+no\b", flat, at)
    some = some or match(r"dia\s+(?:por\s+medio|de\s+por\s+medio)()\b|(?:cada\s+)?tercer\s+dia\b", flat, at)
    if some:
        found.rule = every("DAILY", _days_step(some.groupdict().get("n")), "")
        return some.end()
    daily = match(
        rf"(?:cada\s+dia|c/\s?dia|todos\s+los\s+(?:santos\s+)?dias|a\s+diario|diari(?:o|amente)"
        rf"|every\s*(?:single\s+)?day(?:\s+of\s+the\s+week)?"
        rf"|each\s+(?:and\s+every\s+)?day|all\s+days|daily|toda\s+la\s+semana|all\s+week(?:\s+long)?"
        rf"|(?P<a_day>{N})\s+(?:veces\s+(?:al|por)|times\s+(?:a|per))\s+(?:dia|day)|(?P<twice>twice)\s+(?:a|per)\s+day"
        rf"|(?:una\s+vez|once)\s+(?:al|a|por|per)\s+(?:dia|day)"
        rf"|(?:(?:durante|por|en|for|in)\s+)?(?:los\s+)?(?:(?:the\s+)?next|proximos"
        rf"|siguientes)\s+(?P<span>{N})\s+(?:dias|days))\b",
        flat,
        at,
    )
    if daily:
        found.rule = "FREQ=DAILY"
        found.a_day = 2 if daily["twice"] else number(daily["a_day"]) if daily["a_day"] else 0
        if daily["span"]:
            found.lasting = relativedelta(days=step_of(daily["span"]))
        return daily.end()
    return None


def _days_step(text: str | None) -> int:
    return 3 if text == "third" else 2 if text is None else step_of(text)
