"""A month's money: what of it is left for whom, and what stops first where it is used up.

What stops last has its money kept from what stops before it. So near the end one kind after the other stops by
itself, and the last is what a person planned or wrote.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from engine import recurrence

STEPS = (50, 80, 100)  # percent, told once each a month
MICROS = 1_000_000
LEAST, MOST = 10_000, 100_000 * MICROS  # micro-dollars a month
CENTS = 10_000
SHARE_KEPT = 20  # a twentieth of the budget at most is kept for what is heard or reposted
_MONEY = re.compile(
    r"(?:usd?)?\s*\$?\s*([1-9]\d{0,2}(?:[., ]\d{3})+|\d{1,6})(?:[.,](\d{1,6}))?"
    r"\s*(?:us)?(?:\$|d|dollars?|d[oó]lares|d[oó]lar)?",
    re.ASCII,
)


class Pays(StrEnum):
    """What costs money, as an owner sees it. The values are stored, so they never change."""

    LINKS = "links"  # copies that hold a link
    REPOSTS = "reposts"  # all other copies, reposts, and answers to people
    HEARING = "hearing"  # mentions, replies, messages, what is watched, and whatever X is asked for
    PLANNED = "planned"  # what a person planned or wrote: always the last


FIRST_STOPPED = (Pays.LINKS, Pays.REPOSTS, Pays.HEARING)
Keeps = Mapping[Pays, int]


class NoMoney(ValueError):
    """What was typed is no amount of dollars a month."""


@dataclass(frozen=True, slots=True)
class Month:
    """From a zone's midnight to that of the next month's first day, aware UTC."""

    begins: datetime
    ends: datetime


def month_of(now: datetime, zone: ZoneInfo) -> Month:
    """The month of a zone in which an instant lies."""
    wall = now.astimezone(zone)
    first = datetime(wall.year, wall.month, 1)  # a wall time of the zone
    begins = recurrence.instant_of(first, zone)
    if now < begins:  # clocks changed at its first midnight
        first = _before(first)
        begins = recurrence.instant_of(first, zone)
    return Month(begins.astimezone(UTC), recurrence.instant_of(_after(first), zone).astimezone(UTC))


def order_of(stored: str) -> tuple[Pays, ...]:
    """The order in which things stop, out of what is stored; what is missing comes in its place by default."""
    chosen = [Pays(name) for name in dict.fromkeys(stored.split(",")) if name in set(FIRST_STOPPED)]
    return (*chosen, *(pays for pays in FIRST_STOPPED if pays not in chosen), Pays.PLANNED)


def kept_from(pays: Pays, order: Collection[Pays], keeps: Keeps) -> int:
    """How much of what is left is not for this, but for what stops after it; micro-dollars."""
    after = list(order)[list(order).index(pays) + 1 :]
    return sum(keeps.get(later, 0) for later in after)


def fits(pays: Pays, cost: int, left: int, order: Collection[Pays], keeps: Keeps) -> bool:
    """Whether so much may be spent on it of what is left."""
    return cost + kept_from(pays, order, keeps) <= left


def stopped(left: int, order: Collection[Pays], keeps: Keeps, prices: Mapping[Pays, int]) -> frozenset[Pays]:
    """What has stopped with so much left; `prices`: what one of each costs at least."""
    return frozenset(pays for pays in order if not fits(pays, prices[pays], left, order, keeps))


def still_stopped(
    was: Collection[Pays], left: int, most: int, order: Collection[Pays], keeps: Keeps, prices: Mapping[Pays, int]
) -> frozenset[Pays]:
    """What had stopped and has no good deal more money by now: a cent that comes back starts nothing."""
    return frozenset(was) & stopped(left - most // SHARE_KEPT, order, keeps, prices)


def step_of(spent: int, most: int, gone: Collection[Pays]) -> int:
    """The last of the steps that is reached: all of it where nothing more is reposted or planned for want of money."""
    if Pays.PLANNED in gone:
        return STEPS[-1]
    percent = spent * 100 // max(1, most)
    return max((step for step in STEPS if percent >= step), default=0)


def money_of(typed: str) -> int:
    """Dollars as people write them (`30`, `$30`, `7,50`, `1.200`, `12 dólares`), in micro-dollars.

    Raises NoMoney for what is none, or not from a cent to a hundred thousand dollars.
    """
    match = _MONEY.fullmatch(typed.strip().lower())
    if match is None:
        raise NoMoney(typed)
    whole, part = re.sub(r"\D", "", match[1]), match[2] or ""
    micros = int(whole) * MICROS + int((part + "000000")[:6])
    if not LEAST <= micros <= MOST:
        raise NoMoney(typed)
    return micros


def _after(first: datetime) -> datetime:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def _before(first: datetime) -> datetime:
    return first.replace(year=first.year - (first.month == 1), month=(first.month - 2) % 12 + 1)
