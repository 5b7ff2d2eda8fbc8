"""Moments and recurrences said back in words, in the reader's language."""

import re
from datetime import date, datetime

from babel import Locale
from babel.dates import format_date, get_day_names, get_month_names

from bot.chat.language import N_, Speaker
from engine.left_out import bare, own_parts
from engine.when import DAYS, When

_DAY = r"(?:MO|TU|WE|TH|FR|SA|SU)"
_NTH = rf"(?:\+?[1-4]|-[12]){_DAY}"
_NUMBER = r"(?:\d+|-1|-2)"
_OR_LAST = r"28,29(?:,30)?;BYSETPOS=-1"
#: Days from Easter that have a name.
EASTER = {
    -48: N_("Carnival Monday"), -47: N_("Carnival Tuesday"), -46: N_("Ash Wednesday"), -7: N_("Palm Sunday"),
    -6: N_("Holy Monday"), -5: N_("Holy Tuesday"), -4: N_("Holy Wednesday"), -3: N_("Maundy Thursday"),
    -2: N_("Good Friday"), -1: N_("Holy Saturday"), 0: N_("Easter Sunday"), 1: N_("Easter Monday"),
    49: N_("Pentecost"), 60: N_("Corpus Christi"),
}  # fmt: skip
_EASTER = "(?:" + "|".join(str(days) for days in EASTER) + ")"
#: The rules that there are words for; a file of schedules may bring others.
_SAID = re.compile(
    rf"FREQ=DAILY(?:;INTERVAL=\d+)?|FREQ=WEEKLY(?:;INTERVAL=\d+)?(?:;BYDAY={_DAY}(?:,{_DAY})*)?"
    rf"|FREQ=MONTHLY(?:;INTERVAL=\d+)?;(?:BYDAY={_NTH}(?:,{_NTH})*|BYMONTHDAY=(?:{_NUMBER}(?:,{_NUMBER})*|{_OR_LAST}))"
    rf"|FREQ=YEARLY;BYMONTH=\d+;(?:BYMONTHDAY=(?:\d+|-1)|BYDAY={_NTH})|FREQ=YEARLY;BYEASTER={_EASTER}"
)
WEEKDAYS, WEEKEND = "MO,TU,WE,TH,FR", "SA,SU"


def said(say: Speaker, when: When) -> str:
    """`every Monday and Wednesday at 07:15`, `el jueves 26 de noviembre a las 15:00`."""
    if not when.rules:
        return say.t("{day} at {time}", day=day_of(say, when.first.date()), time=f"{when.first:%H:%M}")
    text = ""
    for rules in _by_days(when.rules):
        one = say.t("{days} at {times}", days=_days(say, rules[0]), times=_listed(say, _times(rules)))
        text = say.t("{some}; {more}", some=text, more=one) if text else one
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


def dated_moment(say: Speaker, wall: datetime) -> str:
    """Short, with its year, for a button: `Thu 26 Nov 2026 15:00`."""
    return f"{format_date(wall.date(), 'EEE d MMM y', locale=say.language)} {wall:%H:%M}"


def _by_days(rules: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Rules that differ in their hours alone stand together."""
    found: dict[str, list[str]] = {}
    for rule in rules:
        found.setdefault(re.sub(r";BY(?:HOUR|MINUTE)=[^;]*", "", rule), []).append(rule)
    return [tuple(r) for r in found.values()]


def _days(say: Speaker, rule: str) -> str:
    own = own_parts(rule)
    text = _days_of(say, bare(rule))
    if "ONLY" in own:
        text = say.t("{text}, only on {days},", text=text, days=_listed(say, [_day(say, d) for d in own["ONLY"]]))
    if "EXCEPT" in own:
        text = say.t("{text}, except {days},", text=text, days=_listed(say, [_day(say, d) for d in own["EXCEPT"]]))
    return text


def _day(say: Speaker, written: str) -> str:
    """A day that is left out or kept to, as engine/left_out.py writes it."""
    if written in DAYS:
        return _name(say, DAYS.index(written))
    if written[0] == "@":
        country = Locale(say.language).territories.get(written[1:], written[1:])
        return say.t("public holidays ({country})", country=country)
    if written[0] == "E":
        days = int(written[1:])
        return say.t(EASTER[days]) if days in EASTER else say.t("Easter {days}", days=f"{days:+}")
    if len(written) == 8:
        return day_of(say, date(int(written[:4]), int(written[4:6]), int(written[6:])))
    month = get_month_names("wide", locale=say.language)[int(written[:2])]
    return say.t("{month} {day}", month=month, day=int(written[2:]))


def _days_of(say: Speaker, rule: str) -> str:
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
    if "BYSETPOS" in parts:
        return say.n(
            "on day {number} of every month, or its last one,",
            "on day {number} of every {count} months, or its last one,",
            step, number=numbers[-1],
        )  # fmt: skip
    if (len(numbers) > 1 and "-1" in numbers) or "-2" in numbers:
        named = {"-1": say.t("the last day"), "-2": say.t("the last day but one")}
        days = _listed(say, [named.get(n) or say.t("day {number}", number=n) for n in numbers])
        return say.n("on {days} of every month", "on {days} of every {count} months", step, days=days)
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
    if "BYEASTER" in parts:
        return say.t("every year on {day}", day=say.t(EASTER[int(parts["BYEASTER"])]))
    month = get_month_names("wide", locale=say.language)[int(parts["BYMONTH"])]
    if "BYDAY" in parts:
        return say.t("every year on {day} of {month}", day=_nth(say, parts["BYDAY"]), month=month)
    if parts["BYMONTHDAY"] == "-1":
        return say.t("every year on the last day of {month}", month=month)
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
