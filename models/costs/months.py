"""What a month has cost so far, day by day of a zone, and what it will have cost by its end.

Whoever asks gives the zone: a channel's own, UTC for the service. `channel_id` None: all channels and the service.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import peewee as pw

from engine.x.prices import Billed
from models.costs import ledger
from models.costs.ledger import Charge, ChargeDay, ChargeSum, Spent
from models.database import EPOCH

WEEK, DAY, LEAST = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
MONTH = timedelta(days=30)  # of what is reckoned a month
STEP = 2 * ledger.SLOT  # every zone's midnight lies on one, and its clock changes by some


@dataclass(frozen=True, slots=True)
class Week:
    """What the last seven days have cost, or the time `span` since there is anything to count."""

    kinds: Mapping[Billed, Spent]
    span: timedelta

    @property
    def cost(self) -> int:
        """Micro-dollars of all kinds."""
        return sum(of.cost for of in self.kinds.values())

    def a_month(self, *kinds: Billed) -> int:
        """What some kinds come to in thirty days, as this went: micro-dollars."""
        return round(sum(self.kinds[k].cost for k in kinds if k in self.kinds) * (MONTH / self.span))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a zone, up to now; all in micro-dollars. `before`: the whole of the month before it.

    `forecast`: what it will have cost by its end, at the pace of the last `span`.
    """

    first: date
    last: date
    today: int
    yesterday: int
    before: int
    kinds: Mapping[Billed, Spent]
    days: Mapping[date, Mapping[Billed, int]]
    forecast: int
    span: timedelta

    @property
    def spent(self) -> int:
        return sum(of.cost for of in self.kinds.values())


def began() -> datetime | None:
    """Since when anything is counted; None where nothing is yet."""
    first = [table.select(pw.fn.MIN(table.slot)).scalar() for table in (Charge, ChargeSum, ChargeDay)]
    slots = [slot for slot in first if slot is not None]
    return EPOCH + min(slots) * ledger.SLOT if slots else None


def week(channel_id: int | None, since: datetime, now: datetime) -> Week:
    """The last seven days. `since` when there is the channel: what it did not live through is no pace of its."""
    counted = began() or now
    span = min(WEEK, max(LEAST, now - max(since, counted)))
    return Week(ledger.by_kind(now - span, now, channel_id), span)


def month(channel_id: int | None, zone: ZoneInfo, since: datetime, now: datetime) -> Month:
    """This month of the zone."""
    today = now.astimezone(zone).date()
    first = today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    begins, ends = midnight(first, zone), midnight(following, zone)
    days: dict[date, dict[Billed, int]] = defaultdict(lambda: defaultdict(int))
    for at, kind, cost in ledger.by_time(begins, now, STEP, channel_id):
        days[at.astimezone(zone).date()][kind] += cost
    kinds = ledger.by_kind(begins, now, channel_id)
    pace = week(channel_id, since, now)
    return Month(
        first=first,
        last=following - DAY,
        today=sum(days[today].values()),
        yesterday=ledger.spent(midnight(today - DAY, zone), midnight(today, zone), channel_id),
        before=ledger.spent(midnight((first - DAY).replace(day=1), zone), begins, channel_id),
        kinds=kinds,
        days={day: dict(of) for day, of in days.items()},
        forecast=sum(of.cost for of in kinds.values()) + max(0, round(pace.cost * ((ends - now) / pace.span))),
        span=pace.span,
    )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day of a zone begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
