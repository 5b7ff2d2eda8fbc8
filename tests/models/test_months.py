"""A month is cut where its zone has midnight, and its end is reckoned by the pace of the last days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.x.prices import Billed
from models.costs import ledger, months
from models.settings import Settings

ANA, BEN = 1, 2
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", ["UTC", "America/Caracas", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Auckland"]
)
@pytest.mark.parametrize("month", [4, 10])
def test_each_day_of_a_zone_has_what_was_charged_between_its_midnights(db: Settings, zone: str, month: int) -> None:
    at = ZoneInfo(zone)
    days = [date(2026, month, 1) + n * DAY for n in range(-1, 20)]
    for place, day in enumerate(days):
        ledger.charge(ANA, Billed.POST, months.midnight(day, at).astimezone(UTC), 1 + place)
        ledger.charge(ANA, Billed.UNDO, months.midnight(day + DAY, at).astimezone(UTC) - timedelta(minutes=15))
    ledger.charge(BEN, Billed.LINK, months.midnight(days[3], at))
    now = months.midnight(days[-1], at).astimezone(UTC) + 23.9 * HOUR
    found = months.month(ANA, at, LONG_AGO, now)
    posts = {day: 15_000 * (1 + place) for place, day in enumerate(days)}
    assert found.days == {day: {Billed.POST: posts[day], Billed.UNDO: 10_000} for day in days[1:]}
    assert (found.today, found.yesterday) == (posts[days[-1]] + 10_000, posts[days[-2]] + 10_000)
    assert (found.before, found.spent) == (posts[days[0]] + 10_000, sum(posts[d] + 10_000 for d in days[1:]))
    assert (found.first.day, (found.last + DAY).day) == (1, 1)


def test_the_end_of_the_month_is_reckoned_by_the_last_week_or_by_what_there_is(db: Settings) -> None:
    now = datetime(2026, 11, 16, 0, 0, tzinfo=UTC)
    utc = ZoneInfo("UTC")
    assert months.month(ANA, utc, LONG_AGO, now).forecast == 0
    for hour in range(24):
        ledger.charge(ANA, Billed.REPOST, now - DAY + hour * HOUR)
    young = months.month(ANA, utc, LONG_AGO, now)
    assert (young.span, young.forecast) == (DAY, 24 * 15_000 * 16), "the ledger has one day: fifteen more like it"
    ledger.charge(BEN, Billed.POST, now - 20 * DAY)
    old = months.month(ANA, utc, LONG_AGO, now)
    assert (old.span, old.forecast) == (7 * DAY, 24 * 15_000 + round(24 * 15_000 / 7 * 15))
    new = months.month(ANA, utc, now - 2 * DAY, now)
    assert (new.span, new.forecast) == (2 * DAY, 24 * 15_000 + 12 * 15_000 * 15), "a channel of two days"
    minutes_old = months.month(ANA, utc, now - timedelta(minutes=5), now)
    assert minutes_old.span == HOUR
    everybody = months.month(None, utc, LONG_AGO, now)
    assert everybody.spent == 24 * 15_000
    assert everybody.before == 15_000
    assert months.week(ANA, now - 2 * DAY, now).a_month(Billed.REPOST, Billed.DM) == 12 * 15_000 * 30
