"""What was understood of a phrase so far, and the moment or the RRULEs that it comes to. Wall time only."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import product
from typing import Any

from dateutil.relativedelta import relativedelta

from engine.recurrence import Plan
from engine.recurrence import after as coming
from engine.when.words import match

HORIZON = timedelta(days=366 * 5)
MOST_CHOICES = 4


class Order(StrEnum):
    """How a date in figures is written where both readings are dates."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class NotUnderstood(ValueError):
    """No time in it that can be understood.

    `reason` is `nothing`; `time` (of day is missing: `words` are those of the day, `rest` is what follows them);
    `which` (it can mean several: they are the `choices`); `weekday` (the date is another day of the week: `choices`);
    `clock`, `date` (there is none such, written as `words`); `gap` (clocks jump over it); `past`; `several` (times of a
    single day); `hours`; `never` (nothing is left of what repeats).
    """

    def __init__(self, reason: str, words: str = "", rest: str = "", choices: "tuple[When, ...]" = ()) -> None:
        super().__init__(reason)
        self.reason, self.words, self.rest, self.choices = reason, words, rest, choices


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
    midnight: bool = False

    def within(self, part: str) -> "Clock":
        """This time in a part of the day: nine at night is 21:00; twelve and two at night come after midnight.

        Raises NotUnderstood where that part of the day has no such time: 15:00 in the morning, ten in the afternoon.
        """
        hour = self.hour
        if not part:
            return self
        if not self.open:
            low, high = _HOURS_OF[part]
            if not (self.midnight or low <= hour <= high or (part in ("noche", "night") and hour <= 4)):
                raise NotUnderstood("clock", f"{hour}:{self.minute:02} {part}")
            return self
        if part in ("noche", "night"):
            if hour == 12 or hour <= 4:
                return replace(self, hour=hour % 12, open=False, after_midnight=True)
            if hour == 5:
                raise NotUnderstood("clock", f"{hour}:{self.minute:02} {part}")
            return replace(self, hour=hour + 12, open=False)
        if part == "evening":
            if hour < 4:
                raise NotUnderstood("clock", f"{hour}:{self.minute:02} {part}")
            return replace(self, hour=hour % 12 + 12 * (hour < 12), open=False, after_midnight=hour == 12)
        if part in ("mediodia", "dia") and hour not in (11, 12, 1, 2, 3):
            raise NotUnderstood("clock", f"{hour}:{self.minute:02} {part}")
        if part in ("mediodia", "dia") and hour == 11:
            return replace(self, open=False)
        if part in ("tarde", "afternoon", "mediodia", "dia"):
            if hour in (10, 11):
                raise NotUnderstood("clock", f"{hour}:{self.minute:02} {part}")
            return replace(self, hour=hour % 12 + 12, open=False)
        if part == "madrugada":
            return replace(self, hour=hour % 12, open=False)
        if part == "morning" and hour == 12:
            raise NotUnderstood("clock", f"{hour}:{self.minute:02} {part}")
        return replace(self, open=False)

    @property
    def at(self) -> time:
        return time(self.hour, self.minute)


_HOURS_OF = {
    "manana": (0, 12), "morning": (0, 11), "tarde": (12, 20), "afternoon": (12, 18), "evening": (16, 23),
    "noche": (18, 23), "night": (18, 23), "madrugada": (0, 7), "mediodia": (11, 15), "dia": (6, 18),
}  # fmt: skip


@dataclass
class Found:
    """The pieces of a phrase: a day or a rule, times of day, the hours of something hourly, an end.

    `either` are readings between which the phrase itself does not choose: attributes that take the place of these.
    `year_open` is the month and the day of a date whose year was not said.
    """

    zone: tzinfo | None = None
    order: Order | None = None
    typed: str = ""
    day: date | None = None
    moment: datetime | None = None
    weekday: int | None = None
    tonight: bool = False
    year_open: tuple[int, int] | None = None
    part: str = ""
    clocks: list[Clock] = field(default_factory=list)
    rule: str = ""
    a_day: int = 0
    hourly: int = 0
    span: tuple[int, int] | None = None
    left_out: list[str] = field(default_factory=list)
    only: str = ""
    start: date | None = None
    last: date | None = None
    lasting: relativedelta | None = None
    times: int | None = None
    either: list[tuple[dict[str, Any], ...]] = field(default_factory=list)

    def inner(self, **more: Any) -> "Found":
        """An empty one, for a piece within this."""
        return Found(self.zone, self.order, self.typed, **more)

    def ends(self, flat: str, at: int) -> bool:
        """Whether the phrase ends here: nothing but a mark comes before the end, the next line or a capital."""
        after = match(r"\s*[.,;:!]?\s*", flat, at)
        place = after.end() if after else at
        return place >= len(flat) or "\n" in flat[at:place] or self.typed[place : place + 1].isupper()

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
    whens: list[When] = []
    wrong: list[NotUnderstood] = []
    for reading in _readings(found):
        try:
            whens += [w for w in _outcomes(reading, now) if w not in whens]
        except NotUnderstood as error:
            wrong.append(error)
    if not whens:
        raise next((e for e in wrong if e.choices), wrong[0])
    if len(whens) > 1:
        whens.sort(key=lambda w: (bool(w.rules), w.first))
        raise NotUnderstood("which", choices=tuple(whens[:MOST_CHOICES]))
    return whens[0]


def _readings(found: Found) -> Iterator[Found]:
    for chosen in product(*found.either):
        values: dict[str, Any] = {}
        for some in chosen:
            values |= some
        yield replace(found, **values)


def _outcomes(found: Found, now: datetime) -> list[When]:
    if not found.repeats:
        return [When(m) for m in _single(found, now)]
    if any(c.midnight for c in found.clocks) and not found.rule.startswith("FREQ=DAILY"):
        raise NotUnderstood("clock", "medianoche · midnight")  # that of which day?
    rules = _hourly_rules(found) if found.hourly else _rules(found)
    own = (f";EXCEPT={','.join(found.left_out)}" if found.left_out else "") + (
        f";ONLY={found.only}" if found.only else ""
    )
    rules = tuple(rule + own for rule in rules)
    start = datetime.combine(found.start, time()) if found.start else now
    first = first_of(rules, max(start, now))
    if first is None:
        raise NotUnderstood("past")
    last = found.last
    if found.lasting is not None:
        last = first.date() + found.lasting - timedelta(days=1)
    if last is not None and first.date() > last:
        raise NotUnderstood("past")
    if first > now + 2 * HORIZON:
        raise NotUnderstood("date")
    return [When(first, rules, datetime.combine(last, time(23, 59)) if last else None, found.times)]


def first_of(rules: tuple[str, ...], after: datetime) -> datetime | None:
    """The first wall time of the rules strictly after this one; every second week or month is counted from there."""
    midnight = datetime.combine(after.date(), time())
    found = []
    for rule in rules:
        near = rule
        if "INTERVAL" in rule and "BY" in rule and not rule.startswith("FREQ=DAILY"):
            near = ";".join(p for p in rule.split(";") if not p.startswith("INTERVAL"))
        found.append(next(coming(Plan((near,), midnight), after), None))
    return min((f for f in found if f is not None), default=None)


def _rules(found: Found) -> tuple[str, ...]:
    if len(found.clocks) < max(found.a_day, 1):
        raise NotUnderstood("time")
    clocks = [c.within(found.part) for c in found.clocks]
    if any(c.after_midnight for c in clocks) and "BYDAY" in found.rule and found.rule.startswith("FREQ=WEEKLY"):
        return tuple(
            f"{_days_on(found.rule) if c.after_midnight else found.rule};BYHOUR={c.hour};BYMINUTE={c.minute}"
            for c in sorted(set(clocks), key=lambda c: (c.after_midnight, c.at))
        )
    times = sorted({c.at for c in clocks})
    return tuple(f"{found.rule};BYHOUR={t.hour};BYMINUTE={t.minute}" for t in times)


def _days_on(rule: str) -> str:
    """A weekly rule a day later: what is said of a Friday night, after its midnight."""
    names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    head, _, days = rule.partition("BYDAY=")
    later = sorted((names.index(d) + 1) % 7 for d in days.split(","))
    return f"{head}BYDAY={','.join(names[d] for d in later)}"


def _hourly_rules(found: Found) -> tuple[str, ...]:
    low, high = found.span or (0, 24 * 60 - 1)
    if found.clocks and not found.span:
        begin = found.clocks[0].within(found.part)
        low = begin.hour * 60 + begin.minute
    day = found.rule or "FREQ=DAILY"
    minutes = range(low, high + 1, found.hourly)
    rules = _by_hour(day, [m for m in minutes if m < 24 * 60])
    over = [m - 24 * 60 for m in minutes if m >= 24 * 60]
    if not over:
        return rules
    if "BYDAY" in day and day.startswith("FREQ=WEEKLY"):
        return (*rules, *_by_hour(_days_on(day), over))
    return _by_hour(day, sorted({m % (24 * 60) for m in minutes}))


def _by_hour(day: str, minutes: list[int]) -> tuple[str, ...]:
    by_minute: dict[int, list[int]] = {}
    for minute in minutes:
        by_minute.setdefault(minute % 60, []).append(minute // 60)
    same_hours: dict[tuple[int, ...], list[int]] = {}
    for minute, hours in by_minute.items():
        same_hours.setdefault(tuple(hours), []).append(minute)
    return tuple(
        f"{day};BYHOUR={','.join(map(str, hours))};BYMINUTE={','.join(map(str, sorted(minutes)))}"
        for hours, minutes in sorted(same_hours.items(), key=lambda item: min(item[1]))
    )


# --- a single moment -----------------------------------------------------------------------------------------


def _single(found: Found, now: datetime) -> list[datetime]:
    """The moment; two where it is a midnight of a day, which either begins or ends it. Raises NotUnderstood."""
    if found.moment is not None:
        return [found.moment.replace(second=0, microsecond=0)]
    if not found.clocks:
        raise NotUnderstood("time" if found.has_day else "nothing")
    if len(found.clocks) > 1:
        raise NotUnderstood("several")
    clock = found.clocks[0].within(found.part)
    if found.day is not None and found.weekday is not None and found.day.weekday() != found.weekday:
        raise NotUnderstood("weekday", choices=_despite_weekday(found, clock, now))
    moments = _moments(found, clock, now)
    coming = [m for m in moments if now < m <= now + HORIZON]
    if not coming:
        half_a_day = moments[-1] + timedelta(hours=12)
        if clock.open and not found.part and found.day == now.date() and now < half_a_day and half_a_day.hour >= 12:
            raise NotUnderstood("past", choices=(When(half_a_day),))  # "hoy a las 5", said at ten: 17:00?
        raise NotUnderstood("past" if moments[-1] <= now else "date")
    if found.zone is not None:
        there = [m for m in coming if exists(m, found.zone)]
        if not there:
            raise NotUnderstood("gap", f"{coming[0]:%H:%M}")
        return there
    return coming


def _moments(found: Found, clock: Clock, now: datetime) -> list[datetime]:
    day = timedelta(days=1)
    night = day if clock.after_midnight else timedelta(0)
    if found.day is not None:
        moment = datetime.combine(found.day, clock.at) + night
        if clock.midnight and (found.day == now.date() or found.tonight):
            return [moment + day]
        if clock.midnight:
            return [moment, moment + day]
        if clock.at == time() and found.day == now.date() and not night:
            return [moment + day]
        return [moment]
    moment = datetime.combine(now.date(), clock.at) + night
    if found.weekday is not None:
        moment += day * ((found.weekday - now.weekday()) % 7)
        if clock.midnight:
            return [m + day * 7 if m <= now else m for m in (moment, moment + day)]
        return [moment + day * 7 if moment <= now else moment]
    if moment - day > now:
        return [moment - day]
    return [moment + day if moment <= now else moment]


def _despite_weekday(found: Found, clock: Clock, now: datetime) -> tuple[When, ...]:
    """What may be meant where date and weekday contradict: the date, or the weekday that is nearest to it."""
    assert found.day is not None
    assert found.weekday is not None
    ahead = (found.weekday - found.day.weekday()) % 7
    near = found.day + timedelta(days=ahead if ahead <= 3 else ahead - 7)
    if near < now.date():
        near += timedelta(days=7)
    night = timedelta(days=1) if clock.after_midnight else timedelta(0)
    both = [datetime.combine(d, clock.at) + night for d in sorted((found.day, near))]
    return tuple(When(m) for m in both if now < m <= now + HORIZON)


def exists(wall: datetime, zone: tzinfo) -> bool:
    """Whether clocks in a zone show this naive wall time at all: in spring they jump over an hour."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


def later(now: datetime, ahead: timedelta, zone: tzinfo | None) -> datetime:
    """The wall time so much later: as time goes by, also where clocks change meanwhile."""
    if zone is None:
        return now + ahead
    return (now.replace(tzinfo=zone).astimezone(UTC) + ahead).astimezone(zone).replace(tzinfo=None)
