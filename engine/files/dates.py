"""Dates as spreadsheets rewrite them, brought into the one form that has no two meanings: `2026-12-24 20:00`.

Whether `1/5/2027` is in May or in January no cell says for itself, but a `12/24/2026` beside it does. Dates are also
numbers of days, since 1900 or, on old Macs, 1904.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from engine.when.words import MONTH, MONTHS, flatten

EPOCH = datetime(1899, 12, 30)  # the day 0 of 1900's dates, which have a 29th of February that was none
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERED = re.compile(r"(?<![\w/.:-])(\d{1,2})(?:([/.-])(\d{1,2})\2(\d{4}|\d{2})|/(\d{1,2}))(?![\w/-]|[.:]\d)")
_YEAR_FIRST = re.compile(r"(?<![\w/.:-])(\d{4})([/.])(\d{1,2})\2(\d{1,2})(?![\w/-]|[.:]\d)")
_NAMED = re.compile(rf"(?<![\w/.:-])(\d{{1,2}})[-/.]({MONTH[:-3]})(?:\.?[-/. ](\d{{4}}|\d{{2}}))?(?![\w/-]|[.:]\d)")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ]+(\d\d:\d\d)(?::\d\d(?:[.,]\d+)?)?\s?([Zz]|UTC|[+-]\d\d:?\d\d)?")
_DAYS = re.compile(r"(\d{5})(?:[.,](\d{1,12}))?")
_PART_OF_DAY = re.compile(r"0?[.,](\d{1,12})")
_SECONDS = re.compile(r"(?<![\d:])(\d{1,2}:\d\d):\d\d(?:[.,]\d{1,6})?(?![\d:])")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[t,]? ?(\d{1,2})[:.](\d\d)(?: ?h| ?([ap])\.? ?m\.?)?)?")
_FIRST, _LAST = 36_526, 73_051  # the years from 2000 to 2099
_MINUTE = timedelta(minutes=1)


class Order(StrEnum):
    """Whether the day or the month stands first in `1/5/2027`."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class Dates:
    """How the dates of one file are read. `order` is None where it has both orders, so that what may be either is
    neither. `epoch` is the day 0 of its numbers, `zone` that of wall times.
    """

    order: Order | None = Order.DAY_FIRST
    epoch: datetime = EPOCH
    zone: tzinfo = UTC


class TwoOrders(ValueError):
    """A date that may be read in two ways, in a file whose others are read in both."""


def order_in(cells: Iterable[str], chosen: Order | None = None) -> tuple[Order | None, str]:
    """The order that the dates of a file show; without one the one that was chosen, or days first and a date that may
    be read in two ways, as it stands there.
    """
    shown: set[Order] = set()
    doubt = ""
    for cell in cells:
        for found in _NUMBERED.finditer(cell):
            first, second = int(found[1]), int(found[3] or found[5])
            if first > 12 >= second:
                shown.add(Order.DAY_FIRST)
            elif second > 12 >= first:
                shown.add(Order.MONTH_FIRST)
            elif first != second and first <= 12:
                doubt = doubt or found[0]
    if shown:
        return (shown.pop() if len(shown) == 1 else None), ""
    return chosen or Order.DAY_FIRST, "" if chosen else doubt


def number_of(doubt: str, order: Order) -> tuple[int, int]:
    """The day and the month of a date of `order_in`, read in this order."""
    first, second = map(int, re.findall(r"\d+", doubt)[:2])
    return (first, second) if order is Order.DAY_FIRST else (second, first)


def plain(cell: str, dates: Dates) -> str:
    """A cell with its dates as `2026-12-24`; a moment is the wall time of the channel. Raises TwoOrders."""
    text = " ".join(cell.split())
    if numbered := _DAYS.fullmatch(text):
        return _of_days(numbered[1], numbered[2] or "", dates.epoch) or text
    if share := _PART_OF_DAY.fullmatch(text):
        return f"{datetime.min + _rounded(timedelta(days=float('0.' + share[1]))):%H:%M}"
    if instant := _INSTANT.fullmatch(text):
        return _of_instant(instant, dates.zone) or text
    text = _SECONDS.sub(r"\1", text)
    text = _YEAR_FIRST.sub(lambda m: f"{m[1]}-{int(m[3]):02}-{int(m[4]):02}", text)
    text = _NUMBERED.sub(lambda m: _of_numbers(m, dates.order), text)
    flat = flatten(text)
    return text if not _NAMED.search(flat) else _NAMED.sub(_of_name, flat)


def moment_of(cell: str, dates: Dates) -> tuple[datetime, bool] | None:
    """The wall time that a cell is, and whether it has a time of day; None where it is none. Raises TwoOrders."""
    found = _MOMENT.fullmatch(plain(cell, dates).casefold())
    if found is None:
        return None
    hour, half = int(found[2] or 0), found[4]
    if half and not 1 <= hour <= 12:
        return None
    try:
        day = datetime.fromisoformat(found[1])
        return day.replace(hour=hour % 12 + 12 * (half == "p") if half else hour, minute=int(found[3] or 0)), bool(
            found[2]
        )
    except ValueError:
        return None


def _of_days(days: str, share: str, epoch: datetime) -> str:
    if not _FIRST <= int(days) + (epoch - EPOCH).days < _LAST:
        return ""
    moment = epoch + _rounded(timedelta(days=float(f"{days}.{share or 0}")))
    return f"{moment:%Y-%m-%d %H:%M}" if share else f"{moment:%Y-%m-%d}"


def _rounded(span: timedelta) -> timedelta:
    """To the minute: a third of a day is no finite number."""
    return (span + _MINUTE / 2) // _MINUTE * _MINUTE


def _of_instant(found: re.Match[str], zone: tzinfo) -> str:
    offset = (found[3] or "").upper().replace("UTC", "Z")
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}")
        wall = moment.astimezone(zone).replace(tzinfo=None) if offset else moment
    except (ValueError, OverflowError):
        return ""
    return f"{wall:%Y-%m-%d %H:%M}"


def _of_numbers(found: re.Match[str], order: Order | None) -> str:
    first, second = int(found[1]), int(found[3] or found[5])
    if order is None and first != second and first <= 12 and second <= 12:
        raise TwoOrders(found[0])
    month_first = second > 12 if order is None else order is Order.MONTH_FIRST
    day, month = (second, first) if month_first else (first, second)
    if found[4]:
        return f"{_year(found[4])}-{month:02}-{day:02}"
    return f"{day} {_ENGLISH[month - 1]}" if 1 <= month <= 12 else found[0]


def _of_name(found: re.Match[str]) -> str:
    month = MONTHS[found[2]]
    if found[3]:
        return f"{_year(found[3])}-{month:02}-{int(found[1]):02}"
    return f"{int(found[1])} {_ENGLISH[month - 1]}"


def _year(text: str) -> str:
    return text if len(text) == 4 else f"20{text}"
