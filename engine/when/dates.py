"""Dates: `2026-12-24`, `24/12`, `24 de dic de 2027`, `dec 24th`, `el primer lunes de enero`."""

import re
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from dateutil.relativedelta import weekday as nth_weekday

from engine.when.clocks import CLOCK
from engine.when.found import Found, NotUnderstood, Order
from engine.when.words import DAY, MONTH, MONTHS, ORDINAL, ORDINALS, SPELLED_DAYS, WEEKDAYS, any_of, match

_NUMBER = rf"(?:\d{{1,2}}(?:st|nd|rd|th|ero|ro|er|to|º|°|ª)?|{any_of(SPELLED_DAYS)})"
_YEAR = r"(?P<y>(?:19|20|21)\d\d)(?![:\d/]|\s*[ap]\.?m\b|\s*(?:hs?|hrs|horas)\b)"
_OF_YEAR = rf"(?:(?:,?\s+(?:de\s+|del\s+|of\s+|in\s+)?|,\s*|-|/|\.){_YEAR}|-(?P<short>\d{{2}})(?![\d:]))?"
_NOT_A_TIME = r"(?![:\d]|\s*[-\u2013]\s*\d{1,2}(?:st|nd|rd|th)?(?![\d:hap])|\.\d|\s*[ap]\.?\s?m\b|\s*(?:hs?|hrs)\b)"
_DAY_FIRST = (
    rf"(?:el\s+|the\s+|on\s+)?(?:proximo\s+|dia\s+)?(?P<d>{_NUMBER})(?:\s+(?:(?:dia\s+)?(?:de|of)\s+)?|-|/"
    rf"|\.)?(?P<m>{MONTH}){_OF_YEAR}"
)
_MONTH_FIRST = (
    rf"(?P<m>{MONTH})(?:\s+|-|/)?(?:the\s+|el\s+)?(?P<d>\d{{1,2}}(?:st|nd|rd|th)?|{any_of(SPELLED_DAYS)}){_NOT_A_TIME}(?!\s+(?:de\s+)?{MONTH})"
    rf"(?:,?\s+(?:of\s+|de\s+)?{_YEAR}|,\s*{_YEAR.replace('<y>', '<y2>')}|[-/]{_YEAR.replace('<y>', '<y3>')})?"
)
_NEXT_MONTH = r"(?:proximo\s+mes|mes\s+(?:proximo|que\s+viene|que\s+entra|siguiente)|next\s+month)"
_THIS_MONTH = r"(?:este\s+mes|presente\s+mes|(?:mes\s+)?(?:corriente|actual|en\s+curso)|this\s+month)"


def dated(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """A day by its date alone: `2026-12-24`, `24/12`, `24 de dic`, `dec 24th`, `the 24th at …`."""
    return (
        _year_first(flat, at, found)
        or _nth_of_month(flat, at, found, now)
        or _with_month(flat, at, found, now)
        or _figures(flat, at, found, now)
        or _of_this_or_next(flat, at, found, now)
        or day_of_month(
            r"(?:(?:del?\s+)?(?:el|on\s+the|the)\s+(?:dia\s+)?|del\s+(?:dia\s+)?|dia\s+)", flat, at, found, now
        )
    )


def year_after(flat: str, at: int, found: Found) -> int | None:
    """The year of a date, said after the time: `24 de diciembre a las 20:00 de 2027`."""
    if found.year_open is None or found.day is None:
        return None
    year = match(rf"(?P<of>(?:de|del|of|in)\s+)?{_YEAR}", flat, at)
    if not year or not (year["of"] or found.ends(flat, year.end())):
        return None
    found.day = date_of(int(year["y"]), *found.year_open)
    found.year_open = None
    return year.end()


def day_number(text: str) -> int:
    """`24`, `24th`, or `primero`, `twenty-fourth`."""
    flat = " ".join(text.split())
    return SPELLED_DAYS[flat] if flat in SPELLED_DAYS else int(re.sub(r"\D", "", flat[:2]))


def date_of(year: int, month: int, day: int) -> date:
    """The date. Raises NotUnderstood where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        raise NotUnderstood("date") from None


def _year_first(flat: str, at: int, found: Found) -> int | None:
    iso = match(
        r"(?P<y>(?:19|20|21)\d\d)(?P<mark>[-/.])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})(?!\d)(?:t(?=\d))?", flat, at
    )
    if iso is None:
        return None
    found.day = date_of(int(iso["y"]), int(iso["m"]), int(iso["d"]))
    return iso.end()


def _with_month(flat: str, at: int, found: Found, now: datetime) -> int | None:
    spelled = match(_DAY_FIRST, flat, at) or match(_MONTH_FIRST, flat, at)
    if spelled is None:
        return None
    said = spelled.groupdict()
    year = said["y"] or said.get("y2") or said.get("y3") or said.get("short")
    month, day = MONTHS[spelled["m"].rstrip(".")], day_number(spelled["d"])
    found.day = _coming(year, month, day, now.date())
    found.year_open = None if year else (month, day)
    if said["m"] == "mar" and not year and spelled[0].startswith("mar"):  # martes, or March
        tuesday = now.date() + timedelta(days=(1 - now.weekday()) % 7)
        near = [d for w in range(5) if (d := tuesday + timedelta(weeks=w)).day == day]
        if near:
            found.either.append(({"day": near[0]}, {"day": found.day}))
    return spelled.end()


def _figures(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`24/12/2026`, `12/25`, `24-12-26`. Where both readings are dates, those are two."""
    slashed = match(
        r"(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?:(?P=mark)(?P<y>(?:19|20|21)\d\d|\d{2}))?(?![\d:/]|-\d|\s*(?:h|hrs?|hours?|hora)\b)",
        flat,
        at,
    )
    if slashed is None or (not slashed["y"] and (slashed["mark"] == "." or not _in_order(slashed))):
        return None
    a, b, year, today = int(slashed["a"]), int(slashed["b"]), slashed["y"], now.date()
    can_be = {Order.DAY_FIRST: (b, a), Order.MONTH_FIRST: (a, b)}
    if a > 12 or b > 12 or a == b:
        order = Order.MONTH_FIRST if b > 12 else Order.DAY_FIRST
        month, day = can_be[order]
    elif found.order is not None:
        month, day = can_be[found.order]
    else:
        both = [_coming(year, *can_be[order], today) for order in (Order.DAY_FIRST, Order.MONTH_FIRST)]
        found.either.append(tuple({"day": d} for d in both))
        found.day = both[0]
        return slashed.end()
    found.day = _coming(year, month, day, today)
    found.year_open = None if year else (month, day)
    return slashed.end()


def _in_order(slashed: "re.Match[str]") -> bool:
    """A dash alone may stand for "to": `8-10`. A day over 12 makes a date of it: `24-12`."""
    return slashed["mark"] == "/" or int(slashed["a"]) > 12 >= int(slashed["b"])


def order_of(text: str) -> Order | None:
    """Which order a text's date in figures shows by itself: `12/24/2026` is month first. None where it shows none."""
    for a, b in re.findall(r"(?<![\d/.-])(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})(?![\d/])", text):
        if int(a) > 12 >= int(b):
            return Order.DAY_FIRST
        if int(b) > 12 >= int(a):
            return Order.MONTH_FIRST
    return None


def _nth_of_month(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`el primer lunes de diciembre`, `last day of february`, `2nd fri in feb`, `el último día de este mes`."""
    nth = match(
        rf"(?:(?:el|the|on)\s+)*(?P<nth>{ORDINAL})\s+(?P<day>{DAY}|dia\b|day\b)\s+(?:(?:de|del|of|in)\s+)?"
        rf"(?:(?P<next>(?:el\s+)?{_NEXT_MONTH})|(?P<this>{_THIS_MONTH})|(?P<m>{MONTH}){_OF_YEAR})",
        flat, at,
    )  # fmt: skip
    if nth is None:
        return None
    today = now.date()
    first = today.replace(day=1)
    if nth["m"]:
        first = date(int(nth["y"] or today.year), MONTHS[nth["m"].rstrip(".")], 1)
    elif nth["next"]:
        first += relativedelta(months=1)
    found.day = _nth_in(nth["nth"], nth["day"], first)
    if found.day < today and nth["m"] and not nth["y"]:
        found.day = _nth_in(nth["nth"], nth["day"], first + relativedelta(years=1))
    return nth.end()


def _nth_in(ordinal: str, day: str, first: date) -> date:
    nth = ORDINALS[" ".join(ordinal.split())]
    name = day.rstrip(".")
    if name in ("dia", "day"):
        found = first + relativedelta(months=1, days=nth) if nth < 0 else first + timedelta(days=nth - 1)
    else:
        begin = first if nth > 0 else first + relativedelta(day=31)
        found = begin + relativedelta(weekday=nth_weekday(WEEKDAYS[name])(nth))
    return found


def _of_this_or_next(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`el 5 del próximo mes`, `the 15th of this month`."""
    of = match(
        rf"(?:(?:el|the|on)\s+)*(?:dia\s+)?(?P<d>{_NUMBER})\s+(?:de|del"
        rf"|of)\s+(?:el\s+)?(?:(?P<next>{_NEXT_MONTH})|{_THIS_MONTH})\b",
        flat, at,
    )  # fmt: skip
    if of is None:
        return None
    first = now.date().replace(day=1) + relativedelta(months=1 if of["next"] else 0)
    found.day = date_of(first.year, first.month, day_number(of["d"]))
    return of.end()


def day_of_month(before: str, flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The next day of a month with this number, where the time follows or went before: `el 24 a las 20:00`."""
    numbered = match(rf"{before}(?P<d>\d{{1,2}})(?:st|nd|rd|th|ro|º)?(?![\w:/.º%]|-\d)", flat, at)
    numbered = numbered or match(r"(?P<d>\d{1,2})(?:st|nd|rd|th)(?=,?\s+(?:at\s+|@\s*)?\d)(?![\w:/.º%]|-\d)", flat, at)
    if numbered is None:
        return None
    if int(numbered["d"]) <= 12 and match(r"\s+(?:al?|to|hasta|until|till|[yo]|and|or)\s+\d", flat, numbered.end()):
        return None  # "viernes 8 a 9 pm"
    if match(r"\s+para\s+las?\s", flat, numbered.end()) and "dia" not in numbered[0]:
        return None  # "jueves 20 para las 3"
    clock = match(rf",?\s+(?:(?:por|en)\s+la\s+\w+\s+)?(?P<clock>{CLOCK})", flat, numbered.end())
    if clock is not None and clock["clock"].strip().isdigit():
        clock = None
    if clock is None and not found.ends(flat, numbered.end()):
        return None
    today, day = now.date(), int(numbered["d"])
    for months in range(60):
        try:
            found_day = (today + relativedelta(months=months)).replace(day=day)
        except ValueError:
            continue
        if found.weekday is not None and months >= 12:
            break
        if found_day >= today and (found.weekday is None or found_day.weekday() == found.weekday or months > 1):
            found.day = found_day
            return numbered.end()
    raise NotUnderstood("date", numbered["d"])


def _coming(year: str | None, month: int, day: int, today: date) -> date:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        raise NotUnderstood("date")
    if year:
        return date_of(int(year) + (2000 if len(year) == 2 else 0), month, day)
    this = today + relativedelta(month=month, day=day)
    if this.day != day:  # the 29th of February waits for a leap year; the 31st of June never comes
        this = date_of(today.year + -today.year % 4, month, day)
    later: date = this + relativedelta(years=4 if (month, day) == (2, 29) else 1)
    return this if this >= today else later
