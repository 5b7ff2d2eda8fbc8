"""Days that a rule leaves out, or keeps to.

Beside the parts of RFC 5545 (iCalendar RRULE) a rule may have `EXCEPT` and `ONLY`. Their days: a weekday (`SU`), a
date of each year (`1225`) or of one (`20261225`), days from Easter (`E-2`), or a country's public holidays (`@VE`).
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from dateutil.easter import easter

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
OWN_PARTS = ("EXCEPT", "ONLY")
A_DAY = re.compile(r"MO|TU|WE|TH|FR|SA|SU|(?:20\d\d)?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|E-?\d{1,3}|@[A-Z]{2}")
FRUITLESS = timedelta(days=366 * 8)
MOST_FRUITLESS = 50_000  # times in a row that are left out


def bare(rule: str) -> str:
    """The rule without the parts that are ours."""
    return _parted(rule)[0]


def own_parts(rule: str) -> dict[str, list[str]]:
    """`EXCEPT` and `ONLY` with their days, where a rule has them."""
    return _parted(rule)[1]


@cache
def public_holidays(country: str) -> Any:
    """A country's public holidays by their dates, as they are asked for; None where nobody knows them."""
    import holidays  # 10 MiB: only who needs them pays for it

    try:
        return holidays.country_holidays(country)
    except NotImplementedError:
        return None


def _parted(rule: str) -> tuple[str, dict[str, list[str]]]:
    own = dict(p.split("=", 1) for p in rule.split(";") if p.split("=", 1)[0] in OWN_PARTS)
    if not own:
        return rule, {}
    return ";".join(p for p in rule.split(";") if p.split("=", 1)[0] not in OWN_PARTS), {
        name: days.split(",") for name, days in own.items()
    }


def kept(rule: str, times: Iterator[datetime]) -> Iterator[datetime]:
    """The times of a rule that are not left out. It ends where none was kept for years, or in many in a row."""
    own = own_parts(rule)
    if not own:
        yield from times
        return
    left_out, only = own.get("EXCEPT", []), own.get("ONLY")
    since, skipped = None, 0
    for wall in times:
        since = since or wall
        day = wall.date()
        if not any(_is(d)(day) for d in left_out) and (only is None or any(_is(d)(day) for d in only)):
            since, skipped = wall, 0
            yield wall
            continue
        skipped += 1
        if wall - since > FRUITLESS or skipped > MOST_FRUITLESS:
            return


@cache
def _is(day: str) -> Callable[[date], bool]:
    if day in WEEKDAYS:
        number = WEEKDAYS.index(day)
        return lambda d: d.weekday() == number
    if day[0] == "E":
        ahead = timedelta(days=int(day[1:]))
        return lambda d: easter(d.year) + ahead == d
    if day[0] == "@":
        free = public_holidays(day[1:])
        return lambda d: free is not None and d in free
    return lambda d: f"{d:%Y%m%d}".endswith(day)
