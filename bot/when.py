"""Moments and recurrences said back in words, in the reader's language."""

from datetime import date, datetime

from babel.dates import format_date, get_day_names, get_month_names

from bot.language import Speaker
from engine.when import DAYS, When

WEEKDAYS, WEEKEND = "MO,TU,WE,TH,FR", "SA,SU"


def said(say: Speaker, when: When) -> str:
    """`every Monday and Wednesday at 07:15`, `el jueves 26 de noviembre a las 15:00`."""
    if not when.rules:
        return say.t("{day} at {time}", day=day_of(say, when.first.date()), time=f"{when.first:%H:%M}")
    parts = dict(p.split("=") for p in when.rules[0].split(";"))
    text = say.t("{days} at {times}", days=_days(say, parts), times=_listed(say, _times(when.rules)))
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


def _days(say: Speaker, parts: dict[str, str]) -> str:
    step = int(parts.get("INTERVAL", "1"))
    on = parts.get("BYDAY", "")
    if parts["FREQ"] == "DAILY":
        return say.t("every day") if step == 1 else say.n("every {count} day", "every {count} days", step)
    if parts["FREQ"] == "WEEKLY":
        if step > 1:
            weeks = say.n("every {count} week", "every {count} weeks", step)
            return say.t("{weeks}, on {days}", weeks=weeks, days=_weekdays(say, on)) if on else weeks
        if on == WEEKDAYS:
            return say.t("from Monday to Friday")
        if on == WEEKEND:
            return say.t("every weekend, Saturday and Sunday,")
        return say.t("every {days}", days=_weekdays(say, on)) if on else say.t("every week")
    if parts["FREQ"] == "MONTHLY" and on:
        day = _name(say, DAYS.index(on[-2:]))
        ordinals = {
            "+1": say.t("the first {day} of every month", day=day),
            "+2": say.t("the second {day} of every month", day=day),
            "+3": say.t("the third {day} of every month", day=day),
            "+4": say.t("the fourth {day} of every month", day=day),
            "-1": say.t("the last {day} of every month", day=day),
            "-2": say.t("the last {day} but one of every month", day=day),
        }
        return ordinals[on[:-2]]
    if parts["FREQ"] == "MONTHLY":
        number = parts["BYMONTHDAY"]
        if number.startswith("-"):
            return say.t("on the last day of every month")
        return say.t("on day {number} of every month", number=number)
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
