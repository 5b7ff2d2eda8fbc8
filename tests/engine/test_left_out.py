"""A rule's days that are left out or kept to, and days that not every month has."""

from datetime import date, datetime
from itertools import islice

import pytest

from engine.recurrence import Plan, after
from engine.when.month_ends import day_that_is_lacking, with_last_day

NOON = ";BYHOUR=12;BYMINUTE=0"


def days(rule: str, since: str, count: int) -> list[date]:
    start = datetime.fromisoformat(since)
    return [w.date() for w in islice(after(Plan((rule + NOON,), start), start), count)]


@pytest.mark.parametrize(
    ("rule", "since", "wanted"),
    [
        ("FREQ=DAILY;EXCEPT=SU", "2026-11-27", ["2026-11-27", "2026-11-28", "2026-11-30"]),
        ("FREQ=DAILY;EXCEPT=1225,0101", "2026-12-24", ["2026-12-24", "2026-12-26", "2026-12-27"]),
        ("FREQ=DAILY;EXCEPT=20261225", "2026-12-24", ["2026-12-24", "2026-12-26", "2026-12-27"]),
        ("FREQ=DAILY;EXCEPT=E-2,E0", "2027-03-25", ["2027-03-25", "2027-03-27", "2027-03-29"]),
        ("FREQ=WEEKLY;BYDAY=TH;EXCEPT=@VE", "2026-12-17", ["2026-12-17", "2027-01-07", "2027-01-14"]),
        ("FREQ=DAILY;ONLY=@VE", "2026-12-20", ["2026-12-24", "2026-12-25", "2026-12-31"]),
        ("FREQ=DAILY;ONLY=@ES;EXCEPT=SU", "2026-12-01", ["2026-12-08", "2026-12-25", "2027-01-01"]),
    ],
)
def test_days_are_left_out_and_kept_to(rule: str, since: str, wanted: list[str]) -> None:
    assert [f"{d}" for d in days(rule, since, 3)] == wanted


@pytest.mark.parametrize("rule", ["FREQ=DAILY;ONLY=@QQ", "FREQ=DAILY;EXCEPT=MO,TU,WE,TH,FR,SA,SU"])
def test_a_rule_of_which_nothing_is_left_ends(rule: str) -> None:
    assert days(rule, "2026-11-24", 1) == []


def test_several_rules_are_one_row_of_times() -> None:
    rules = (f"FREQ=DAILY;EXCEPT=SU{NOON}", f"FREQ=DAILY{NOON}", "FREQ=DAILY;BYHOUR=8;BYMINUTE=0")
    start = datetime(2026, 11, 28)
    found = [f"{w:%d %H}" for w in islice(after(Plan(rules, start), start), 5)]
    assert found == ["28 08", "28 12", "29 08", "29 12", "30 08"]


@pytest.mark.parametrize(
    ("rules", "lacking", "instead"),
    [
        (("FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0",), 31, ("FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0",)),
        (
            ("FREQ=MONTHLY;BYMONTHDAY=15,30;BYHOUR=9;BYMINUTE=0",), 30,
            ("FREQ=MONTHLY;BYMONTHDAY=15;BYHOUR=9;BYMINUTE=0",
             "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1;BYHOUR=9;BYMINUTE=0"),
        ),
        (
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=9;BYMINUTE=0",), 29,
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0",),
        ),
        (("FREQ=MONTHLY;BYMONTHDAY=28;BYHOUR=9;BYMINUTE=0",), 0, ("FREQ=MONTHLY;BYMONTHDAY=28;BYHOUR=9;BYMINUTE=0",)),
        (("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0",), 0,
         ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31;BYHOUR=9;BYMINUTE=0",)),
    ],
)  # fmt: skip
def test_a_day_that_some_months_lack_is_known_and_can_be_their_last(
    rules: tuple[str, ...], lacking: int, instead: tuple[str, ...]
) -> None:
    assert day_that_is_lacking(rules) == lacking
    assert with_last_day(rules) == instead


def test_the_30th_or_the_last_day_is_one_day_a_month() -> None:
    start = datetime(2027, 1, 1)
    rules = with_last_day((f"FREQ=MONTHLY;BYMONTHDAY=30{NOON}",))
    assert [f"{w:%m-%d}" for w in islice(after(Plan(rules, start), start), 4)] == ["01-30", "02-28", "03-30", "04-30"]
