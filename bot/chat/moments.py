"""Moments and recurrences said back in words, in the reader's language."""

import re
from datetime import date, datetime

from babel.dates import format_date, get_day_names, get_month_names

from bot.chat.language import Speaker
from engine.when import DAYS, When

_DAY = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_NTH = rf"(?:\+?[1-4]|-[12]){_DAY}"
#: The rules that there are words for; a file of schedules may bring others.
_SAID = re.compile(
    rf"FREQ=DAILY(?:;INTERVAL=\d+)?|FREQ=WEEKLY(?:;INTERVAL=\d+)?(?:;BYDAY={_DAY}(?:,{_DAY})*)?"
    rf"|FREQ=MONTHLY(?:;INTERVAL=\d+)?;(?:BYDAY={_NTH}(?:,{_NTH})*|BYMONTHDAY=(?:-1|\d+(?:,\d+)*))"
    r"|FREQ=YEARLY;BYMONTH=\d+;BYMONTHDAY=\d+"
)
WEEKDAYS, WEEKEND = "MO,TU,WE,TH,FR", "SA,SU"


def said(say: Speaker, when: When) -> str:
    """`every Monday and Wednesday at 07:15`, `el jueves 26 de noviembre a las 15:00`."""
    if not when.rules:
        return say.t("{day} at {time}", day=day_of(say, when.first.date()), time=f"{when.first:%H:%M}")
    text = say.t("{days} at {times}", days=_days(say, when.rules[0]), times=_listed(say, _times(when.rules)))
    if when.last is not None:
        text = say.t("{text}, until {day}", text=text, day=day_of(say, when.last.date()))
    if when.times is not None:
        text = say.n("{text}, {count} time", "{text}, {count} times", when.times, text=text)
    return text


def day_of(say: Speaker, day: date) -> str:
    """`Thursday, November 26, 2026`, `jueves, 26 de noviembre de 2026`."""
    return str(format_date(day, "full", locale=say.language))


def moment(say: Speaker, wall: datetime) -> str:
    """Short, for lists: `Thu 26 Nov 15:00`."""
    return f"{format_date(wall.date(), 'EEE d MMM', locale=say.language)} {wall:%H:%M}"


def _days(say: Speaker, rule: str) -> str:
    if not _SAID.fullmatch(re.sub(r";BY(?:HOUR|MINUTE)=[^;]*", "", rule)):
        return say.t("by the calendar rule {rule}", rule=rule)
    parts = dict(p.split("=") for p in rule.split(";"))
    every = {"DAILY": _daily, "WEEKLY": _weekly, "MONTHLY": _monthly, "YEARLY": _yearly}[parts["FREQ"]]
    return every(say, parts, int(parts.get("INTERVAL", "1")))


def _daily(say: Speaker, parts: dict[str, str], step: int) -> str:
    return say.n("every day", "every {count} days", step)


def _weekly(say: Speaker, parts: dict[str, str], step: int) -> str:
    on = parts.get("BYDAY", "")
    if step > 1 or not on:
        weeks = say.n("every week", "every {count} weeks", step)
        return say.t("{weeks}, on {days}", weeks=weeks, days=_weekdays(say, on)) if on else weeks
    if on == WEEKDAYS:
        return say.t("from Monday to Friday")
    if on == WEEKEND:
        return say.t("every weekend, Saturday and Sunday,")
    return say.t("every {days}", days=_weekdays(say, on))


def _monthly(say: Speaker, parts: dict[str, str], step: int) -> str:
    if "BYDAY" in parts:
        days = _listed(say, [_nth(say, d) for d in parts["BYDAY"].split(",")])
        return say.n("{days} of every month", "{days} of every {count} months", step, days=days)
    numbers = parts["BYMONTHDAY"].split(",")
    if numbers == ["-1"]:
        return say.n("on the last day of every month", "on the last day of every {count} months", step)
    if len(numbers) == 1:
        return say.n(
            "on day {number} of every month", "on day {number} of every {count} months", step, number=numbers[0]
        )
    listed = _listed(say, numbers)
    return say.n("on days {listed} of every month", "on days {listed} of every {count} months", step, listed=listed)


def _nth(say: Speaker, nth: str) -> str:
    """`+1MO`, as the first Monday."""
    day = _name(say, DAYS.index(nth[-2:]))
    ordinals = {
        "1": say.t("the first {day}", day=day),
        "2": say.t("the second {day}", day=day),
        "3": say.t("the third {day}", day=day),
        "4": say.t("the fourth {day}", day=day),
        "-1": say.t("the last {day}", day=day),
        "-2": say.t("the last {day} but one", day=day),
    }
    return ordinals[nth[:-2].lstrip("+")]


def _yearly(say: Speaker, parts: dict[str, str], step: int) -> str:
    month = get_month_names("wide", locale=say.language)[int(parts["BYMONTH"])]
    return say.t("every year on {month} {day}", month=month, day=parts["BYMONTHDAY"])


def _weekdays(say: Speaker, on: str) -> str:
    return _listed(say, [_name(say, DAYS.index(d)) for d in on.split(",")])


def _name(say: Speaker, number: int) -> str:
    return str(get_day_names("wide", locale=say.language)[number])


def _times(rules: tuple[str, ...]) -> list[str]:
    times: list[str] = []
    for rule in rules:
        parts = dict(p.split("=") for p in rule.split(";"))
        times += [f"{int(h)}:{int(m):02}" for h in parts["BYHOUR"].split(",") for m in parts["BYMINUTE"].split(",")]
    return sorted(times, key=lambda t: tuple(map(int, t.split(":"))))


def _listed(say: Speaker, items: list[str]) -> str:
    if len(items) > 12:
        return say.t("{first}, {second} … {last}", first=items[0], second=items[1], last=items[-1])
    if len(items) == 1:
        return items[0]
    return say.t("{some} and {last}", some=", ".join(items[:-1]), last=items[-1])
