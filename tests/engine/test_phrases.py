"""Phrases of time in both languages with their meaning, written by hand in `phrases.txt`: all at once, in milliseconds.

`25 8:30` is a moment from the 24th of November 2026 on, `D`, `W`, `M`, `MN`, `Y` are daily to yearly rules, `ask` is
what must be asked: it can mean several, or there is no such time.
"""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.when import NotUnderstood, When, left_over, understand

NOW = datetime(2026, 11, 24, 10, 0)  # a Tuesday
CARACAS = ZoneInfo("America/Caracas")
_RULE = re.compile(
    r"(?P<kind>D|W|MN|M|Y)(?:/(?P<step>\d+))?(?: (?P<on>\S*[A-Z=\d,-]))? (?P<hours>[\d,]+):(?P<minute>[\d,]+)(?P<own> (?:EXCEPT|ONLY)=\S+)?$"
)
_FREQUENCY = {"D": "DAILY", "W": "WEEKLY", "M": "MONTHLY", "MN": "MONTHLY", "Y": "YEARLY"}
_ON = {"D": "", "W": ";BYDAY=", "M": ";BYMONTHDAY=", "MN": ";BYDAY=", "Y": ";"}


def moment(written: str) -> datetime:
    day, clock = written.split(" ")
    *before, number = map(int, day.split("-"))
    hour, minute = map(int, clock.split(":"))
    if len(before) == 2:
        return datetime(before[0], before[1], number, hour, minute)
    month = before[0] if before else 11
    return datetime(2026 if month >= 11 else 2027, month, number, hour, minute)


def rule(written: str) -> str:
    said = _RULE.fullmatch(written)
    assert said is not None, written
    step = f";INTERVAL={said['step']}" if said["step"] else ""
    on = _ON[said["kind"]] + (said["on"] or "")
    own = (said["own"] or "").replace(" ", ";")
    minutes = ",".join(str(int(m)) for m in said["minute"].split(","))
    return f"FREQ={_FREQUENCY[said['kind']]}{step}{on};BYHOUR={said['hours']};BYMINUTE={minutes}{own}"


def as_written(when: When) -> tuple[object, ...]:
    return (set(when.rules), when.last) if when.rules else (when.first,)


def wanted(meaning: str) -> tuple[object, ...]:
    if not re.match(r"[DWMY]", meaning):
        return (moment(meaning),)
    rules, _, last = meaning.partition(" until ")
    return {rule(r) for r in rules.split(" + ")}, datetime.fromisoformat(f"{last} 23:59") if last else None


def lines() -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "phrases.txt").read_text()
    return [(a, b) for a, _, b in (x.partition(" = ") for x in text.splitlines() if x and x[0] != "#")]


def test_phrases_mean_what_they_mean() -> None:
    wrong, unheard, meant = [], [], 0
    for phrase, meaning in lines():
        meant += meaning != "ask"
        for typed, text in ((phrase, ""), (f"{phrase} Reunión en la plaza", "Reunión en la plaza")):
            try:
                when, rest = understand(typed, NOW, zone=CARACAS)
                if meaning == "ask" and left_over(typed, rest):
                    continue  # it is asked whether that is time
            except NotUnderstood as error:
                if meaning != "ask" and (typed, meaning) not in unheard:
                    unheard.append((typed, f"{meaning} ({error.reason})"))
                continue
            if meaning == "ask" or (as_written(when), rest) != (wanted(meaning), text):
                wrong.append(f"{typed}: {when}, {rest!r} instead of {meaning}")
    assert not wrong, "\n".join(wrong)
    assert not unheard, unheard
    assert meant >= 400
