"""What was understood of a phrase so far, and the moment or the RRULEs that it comes to. Wall time only."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from dateutil.rrule import rrulestr

HORIZON = timedelta(days=366 * 5)


class NotUnderstood(ValueError):
    """No time in it that can be understood.

    `reason` is `nothing`, `time`, `several` (times of a single day), `past`, `date`, `weekday` or `hours`. Where just
    the `time` of day is missing, `words` are those of the day and `rest` is what follows them.
    """

    def __init__(self, reason: str, words: str = "", rest: str = "") -> None:
        super().__init__(reason)
        self.reason, self.words, self.rest = reason, words, rest


@dataclass(frozen=True, slots=True)
class When:
    """`first` is naive wall time. `rules` are RRULEs without an end; `last` and `times` are the end, if any."""

    first: datetime
    rules: tuple[str, ...] = ()
    last: datetime | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """From when (naive wall time) and until when something repeats, how often, and how late it may be."""

    start: datetime | None = None
    last: datetime | None = None
    times: int | None = None
    endless: bool = False
    late: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as it was written. `open` where a part of the day may still say which half is meant."""

    hour: int
    minute: int = 0
    open: bool = False
    after_midnight: bool = False

    def within(self, part: str) -> "Clock":
        """This time in a part of the day: nine at night is 21:00; twelve and two at night come after midnight."""
        if not self.open or not part:
            return self
        if part in ("noche", "night"):
            if self.hour == 12 or self.hour <= 4:
                return Clock(self.hour % 12, self.minute, after_midnight=True)
            return Clock(self.hour + 12, self.minute)
        if part in ("tarde", "afternoon", "evening"):
            return Clock(self.hour % 12 + 12, self.minute)
        return Clock(self.hour % 12 if part == "madrugada" else self.hour, self.minute)

    @property
    def at(self) -> time:
        return time(self.hour, self.minute)


@dataclass
class Found:
    """The pieces of a phrase: a day or a rule, times of day, the hours of something hourly, an end."""

    day: date | None = None
    moment: datetime | None = None
    weekday: int | None = None
    part: str = ""
    clocks: list[Clock] = field(default_factory=list)
    rule: str = ""
    a_day: int = 0
    hourly: int = 0
    span: tuple[int, int] | None = None
    start: date | None = None
    last: date | None = None
    lasting: relativedelta | None = None
    times: int | None = None

    @property
    def has_day(self) -> bool:
        return self.day is not None or self.moment is not None or self.weekday is not None

    @property
    def repeats(self) -> bool:
        return bool(self.rule or self.hourly)

    @property
    def has_time(self) -> bool:
        """Whether what follows may be the text already."""
        return bool(self.clocks or self.hourly or self.moment)


def outcome(found: Found, now: datetime) -> When:
    """What the pieces come to, after `now` (naive wall time). Raises NotUnderstood."""
    if not found.repeats:
        return When(_single(found, now))
    rules = _hourly_rules(found) if found.hourly else _rules(found)
    start = datetime.combine(found.start, time()) if found.start else now
    first = first_of(rules, max(start, now))
    if first is None:
        raise NotUnderstood("past")
    last = found.last
    if found.lasting is not None:
        last = first.date() + found.lasting - timedelta(days=1)
    if last is not None and first.date() > last:
        raise NotUnderstood("past")
    return When(first, rules, datetime.combine(last, time(23, 59)) if last else None, found.times)


def first_of(rules: tuple[str, ...], after: datetime) -> datetime | None:
    """The first wall time of the rules strictly after this one; every second week or month is counted from there."""
    midnight = datetime.combine(after.date(), time())
    found = []
    for rule in rules:
        near = rule
        if "INTERVAL" in rule and "BY" in rule and not rule.startswith("FREQ=DAILY"):
            near = ";".join(p for p in rule.split(";") if not p.startswith("INTERVAL"))
        found.append(rrulestr(f"RRULE:{near};BYSECOND=0", dtstart=midnight).after(after))
    return min((f for f in found if f is not None), default=None)


def _rules(found: Found) -> tuple[str, ...]:
    if len(found.clocks) < max(found.a_day, 1):
        raise NotUnderstood("time")
    times = sorted({c.within(found.part).at for c in found.clocks})
    return tuple(f"{found.rule};BYHOUR={t.hour};BYMINUTE={t.minute}" for t in times)


def _hourly_rules(found: Found) -> tuple[str, ...]:
    low, high = found.span or (0, 24 * 60 - 1)
    if found.clocks and not found.span:
        begin = found.clocks[0].within(found.part)
        low = begin.hour * 60 + begin.minute
    by_minute: dict[int, list[int]] = {}
    for minute in range(low, high + 1, found.hourly):
        by_minute.setdefault(minute % 60, []).append(minute // 60)
    day = found.rule or "FREQ=DAILY"
    same_hours: dict[tuple[int, ...], list[int]] = {}
    for minute, hours in by_minute.items():
        same_hours.setdefault(tuple(hours), []).append(minute)
    return tuple(
        f"{day};BYHOUR={','.join(map(str, hours))};BYMINUTE={','.join(map(str, sorted(minutes)))}"
        for hours, minutes in sorted(same_hours.items(), key=lambda item: min(item[1]))
    )


def _single(found: Found, now: datetime) -> datetime:
    if found.moment is not None:
        return found.moment.replace(second=0, microsecond=0)
    if not found.clocks:
        raise NotUnderstood("time" if found.has_day else "nothing")
    if len(found.clocks) > 1:
        raise NotUnderstood("several")
    clock = found.clocks[0].within(found.part)
    at_end_of_today = found.day == now.date() and clock.at == time()
    night = timedelta(days=1) if clock.after_midnight or at_end_of_today else timedelta(0)
    if found.day is not None:
        moment = datetime.combine(found.day, clock.at) + night
    elif found.weekday is not None:
        ahead = timedelta(days=(found.weekday - now.weekday()) % 7)
        moment = datetime.combine(now.date() + ahead, clock.at) + night
        moment += timedelta(days=7) if moment <= now else timedelta(0)
    else:
        moment = datetime.combine(now.date(), clock.at)
        moment += timedelta(days=1) if moment <= now else timedelta(0)
    if moment <= now:
        raise NotUnderstood("past")
    if moment > now + HORIZON:
        raise NotUnderstood("date")
    return moment
