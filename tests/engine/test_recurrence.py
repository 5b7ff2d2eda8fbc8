"""Recurrence agrees with a brute-force oracle over clock changes, and a silence leads to what the design says."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.placeholders import filled
from engine.recurrence import Plan, after, instant_of, walk

ZONES = ("America/Caracas", "Europe/Madrid", "Pacific/Auckland")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STARTS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CLOCKS = st.tuples(st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))


def brute_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first minute of that UTC day or later whose wall clock is at or past this wall time, for the first time."""
    at = (wall - timedelta(hours=15)).replace(tzinfo=UTC)
    while at.astimezone(zone).replace(tzinfo=None) < wall:
        at += MINUTE
    return at


@settings(max_examples=150)
@given(STARTS, CLOCKS, st.sampled_from(ZONES))
def test_a_wall_time_is_its_first_instant_or_the_next_that_exists(day: date, clock: tuple[int, int], name: str) -> None:
    wall, zone = datetime.combine(day, time(*clock)), ZoneInfo(name)
    assert instant_of(wall, zone) == brute_instant(wall, zone)


@pytest.mark.parametrize(
    ("name", "wall", "utc"),
    [
        ("Europe/Madrid", "2027-03-28 02:30", "2027-03-28 01:00"),
        ("Europe/Madrid", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Europe/Madrid", "2026-07-01 15:00", "2026-07-01 13:00"),
        ("Europe/Madrid", "2026-12-01 15:00", "2026-12-01 14:00"),
        ("Pacific/Auckland", "2026-09-27 02:15", "2026-09-26 14:00"),
        ("Pacific/Auckland", "2027-04-04 02:15", "2027-04-03 13:15"),
        ("America/Caracas", "2026-03-08 02:30", "2026-03-08 06:30"),
    ],
)
def test_clock_changes_are_as_people_expect(name: str, wall: str, utc: str) -> None:
    assert instant_of(datetime.fromisoformat(wall), ZoneInfo(name)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def oracle(rule: dict[str, str], start: datetime, day: date) -> bool:
    """Whether a day belongs to a rule, by counting on the fingers."""
    step = int(rule.get("INTERVAL", "1"))
    on = [d for d in rule.get("BYDAY", "").split(",") if d]
    if rule["FREQ"] == "DAILY":
        return (day - start.date()).days % step == 0
    if rule["FREQ"] == "WEEKLY":
        monday = start.date() - timedelta(days=start.weekday())
        weeks = (day - monday).days // 7
        return weeks % step == 0 and DAYS[day.weekday()] in (on or [DAYS[start.weekday()]])
    if "BYMONTHDAY" in rule:
        number = int(rule["BYMONTHDAY"])
        return day.day == number if number > 0 else (day + timedelta(days=-number)).day == 1
    nth, name = int(on[0][:-2]), on[0][-2:]
    if DAYS[day.weekday()] != name:
        return False
    if nth > 0:
        return (day.day - 1) // 7 + 1 == nth
    return (day + timedelta(days=7)).month != day.month


RULES = st.one_of(
    st.integers(1, 5).map(lambda n: f"FREQ=DAILY;INTERVAL={n}"),
    st.tuples(st.integers(1, 3), st.sets(st.sampled_from(DAYS), min_size=1)).map(
        lambda p: f"FREQ=WEEKLY;INTERVAL={p[0]};BYDAY={','.join(sorted(p[1], key=DAYS.index))}"
    ),
    st.integers(1, 31).map(lambda n: f"FREQ=MONTHLY;BYMONTHDAY={n}"),
    st.just("FREQ=MONTHLY;BYMONTHDAY=-1"),
    st.tuples(st.sampled_from(("+1", "+2", "-1")), st.sampled_from(DAYS)).map(
        lambda p: f"FREQ=MONTHLY;BYDAY={p[0]}{p[1]}"
    ),
)


@settings(max_examples=120)
@given(RULES, STARTS, CLOCKS, st.sampled_from(ZONES))
def test_a_recurrence_agrees_with_the_oracle_over_clock_changes(
    rule: str, day: date, clock: tuple[int, int], name: str
) -> None:
    start = datetime.combine(day, time(*clock))
    plan = Plan((f"{rule};BYHOUR={clock[0]};BYMINUTE={clock[1]}",), start)
    parts = dict(p.split("=") for p in rule.split(";"))
    days = [day + timedelta(days=n) for n in range(400)]
    wanted = [datetime.combine(d, time(*clock)) for d in days if oracle(parts, start, d)]
    found = []
    for wall in after(plan, start - MINUTE):
        if wall > datetime.combine(days[-1], time(23, 59)):
            break
        found.append(wall)
    assert found == wanted
    zone = ZoneInfo(name)
    instants = [instant_of(w, zone) for w in found]
    assert instants == sorted(set(instants)), "none twice, none out of order"


# --- a silence ---------------------------------------------------------------------------------------------------

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOURLY = Plan(("FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0",), datetime(2026, 11, 20))
AHEAD, GRACE = timedelta(seconds=90), timedelta(minutes=15)


def silence(plan: Plan | None, first: datetime, now: datetime, left: int | None = None) -> tuple[int, list[str], str]:
    walked = walk(plan, first, ZoneInfo("UTC"), now, ahead=AHEAD, grace=GRACE, left=left)
    return (
        walked.skipped,
        [f"{i:%d %H:%M}" for i in walked.goes_out],
        f"{walked.next_wall:%d %H:%M}" if walked.next_wall else "",
    )


@pytest.mark.parametrize(
    ("down", "recurring", "single"),
    [
        (timedelta(minutes=10), (0, ["24 12:00"], "24 13:00"), (0, ["24 12:00"], "")),
        (timedelta(hours=2), (2, ["24 14:00"], "24 15:00"), (1, [], "")),
        (timedelta(days=1), (24, ["25 12:00"], "25 13:00"), (1, [], "")),
    ],
)
def test_after_a_silence_the_last_within_its_grace_goes_out_and_the_rest_is_skipped(
    down: timedelta, recurring: tuple[int, list[str], str], single: tuple[int, list[str], str]
) -> None:
    now = NOON + down + timedelta(seconds=1)
    assert silence(HOURLY, datetime(2026, 11, 24, 12, 0), now) == recurring
    assert silence(None, datetime(2026, 11, 24, 12, 0), now) == single


def test_a_count_and_a_last_day_end_it() -> None:
    first = datetime(2026, 11, 24, 12, 0)
    assert silence(HOURLY, first, NOON, left=1) == (0, ["24 12:00"], "")
    assert silence(HOURLY, first, NOON + timedelta(hours=5, minutes=30), left=3) == (3, [], "")
    ending = Plan(HOURLY.rules, HOURLY.start, datetime(2026, 11, 24, 12, 30))
    assert silence(ending, first, NOON) == (0, ["24 12:00"], "")


def test_nothing_goes_out_early() -> None:
    assert silence(None, datetime(2026, 11, 24, 12, 2), NOON) == (0, [], "24 12:02")
    assert silence(None, datetime(2026, 11, 24, 12, 1), NOON) == (0, ["24 12:01"], "")


def test_placeholders_are_filled_in_the_readers_language_and_other_braces_stay() -> None:
    wall = datetime(2026, 11, 24, 7, 5)
    assert (
        filled("{weekday} {date}, {time}: parte {n} {x} {}", wall, 3, "es")
        == "martes 24 de noviembre, 07:05: parte 3 {x} {}"
    )
    assert filled("{weekday} {date}", wall, 1, "en") == "Tuesday November 24"


DAY_PARTS = st.fixed_dictionaries(
    {"FREQ": st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])},
    optional={
        "INTERVAL": st.sampled_from(["2", "3", "5"]),
        "WKST": st.sampled_from(["SU", "WE"]),
        "BYDAY": st.sampled_from(["MO", "TU,SU", "FR,SA"]),
        "BYMONTH": st.sampled_from(["1", "2,11"]),
        "BYMONTHDAY": st.sampled_from(["1", "31", "-1", "15,29"]),
        "BYSETPOS": st.sampled_from(["1", "-1"]),
    },
).map(lambda parts: ";".join(f"{name}={value}" for name, value in parts.items()))


@settings(max_examples=60)
@given(DAY_PARTS, STARTS, st.integers(-400, 3000))
def test_a_rule_goes_on_as_if_it_had_been_walked_from_its_start(days: str, start: date, later: int) -> None:
    rule, begins = f"{days};BYHOUR=7,19;BYMINUTE=5", datetime.combine(start, time())
    wall = begins + timedelta(days=later, hours=8)
    found = list(islice(after(Plan((rule,), begins), wall), 4))
    every = rrulestr(f"RRULE:{rule};BYSECOND=0", dtstart=begins, forceset=True)
    assert found == list(islice(every.xafter(wall), len(found)))
    assert found or "BYMONTH" in days


@pytest.mark.parametrize(
    "days",
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=+9SU",
     "FREQ=WEEKLY;BYMONTHDAY=31;BYMONTH=4", "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
     "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", "FREQ=DAILY;BYSETPOS=300", "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2"],
)  # fmt: skip
def test_a_rule_that_never_comes_is_not_looked_for_up_to_the_year_9999(days: str) -> None:
    walked = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal walked
        walked += event == "call"

    plan = Plan((f"{days};BYHOUR=7;BYMINUTE=0",), datetime(2026, 11, 20))
    sys.setprofile(count)
    try:
        found = next(after(plan, datetime(2026, 11, 20, 12)), None)
    finally:
        sys.setprofile(None)
    assert (found, walked < 40_000) == (None, True)


def test_a_rule_that_comes_each_minute_since_long_ago_is_not_walked_from_its_start() -> None:
    minutes = f"FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))};BYMINUTE={','.join(map(str, range(60)))}"
    walked = after(Plan((minutes,), datetime(2000, 1, 1)), datetime(2026, 11, 20, 12))
    assert next(walked) == datetime(2026, 11, 20, 12, 1)


def test_leap_days_are_waited_for_over_a_century_without_one_and_in_steps() -> None:
    leap = "FREQ=YEARLY;{};BYMONTH=2;BYMONTHDAY=29;BYHOUR=7;BYMINUTE=0"
    assert next(after(Plan((leap.format("WKST=MO"),), datetime(2096, 3, 1)), datetime(2096, 3, 1))).year == 2104
    assert next(after(Plan((leap.format("INTERVAL=3"),), datetime(2027, 1, 1)), datetime(2027, 1, 1))).year == 2036
