"""Days that not every month has: a rule on the 31st goes out in seven months of twelve, which nobody expects."""

import re

_MONTHLY = re.compile(r"FREQ=MONTHLY(?:;INTERVAL=\d+)?;BYMONTHDAY=(?P<days>\d+(?:,\d+)*)(?=;|$)")
_LEAP = re.compile(r"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29(?=;|$)")


def day_that_is_lacking(rules: tuple[str, ...]) -> int:
    """The day (29 to 31) that some months, or years, don't have, and that is left out there; 0 where none is."""
    days = [int(d) for rule in rules if (m := _MONTHLY.match(rule)) for d in m["days"].split(",")]
    if any(_LEAP.match(rule) for rule in rules):
        days.append(29)
    return max((d for d in days if d > 28), default=0)


def with_last_day(rules: tuple[str, ...]) -> tuple[str, ...]:
    """The same, in a month without that day on its last one."""
    return tuple(r for rule in rules for r in _with_last_day(rule))


def _with_last_day(rule: str) -> list[str]:
    leap = _LEAP.match(rule)
    if leap:
        return [rule.replace("BYMONTHDAY=29", "BYMONTHDAY=-1")]
    monthly = _MONTHLY.match(rule)
    if monthly is None:
        return [rule]
    days = [int(d) for d in monthly["days"].split(",")]
    others = [str(d) for d in days if d <= 28] + (["-1"] if 31 in days else [])
    found = [rule.replace(f"BYMONTHDAY={monthly['days']}", f"BYMONTHDAY={','.join(others)}")] if others else []
    for day in (d for d in days if d in (29, 30)):
        upto = ",".join(map(str, range(28, day + 1)))
        found.append(rule.replace(f"BYMONTHDAY={monthly['days']}", f"BYMONTHDAY={upto};BYSETPOS=-1"))
    return found
