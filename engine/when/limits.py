"""From when and until when something repeats, and how often: `hasta el 24 de diciembre`, `8 times`, `for 4 weeks`."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from engine.when import dates, days, feasts, repeats
from engine.when.found import Found, NotUnderstood
from engine.when.months import step_of
from engine.when.words import MONTH, N, match

Read = Callable[[str, int, Found, datetime], int | None]
_UNTIL = r",?\s*(?:hasta|until|till|through|ending(?:\s+on)?)\s+(?:(?:el|la|the)\s+)?"
_FROM = (
    r",?\s*(?:desde|a\s+partir\s+del?|comenzando|empezando|from|starting(?:\s+(?:on|from))?|beginning"
    r"|since)\s+(?:(?:el|the|on)\s+)?"
)


def ending(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`hasta el 24 de diciembre`, `8 times`, `for 4 weeks`. A weekday is an end where nothing follows it on its line.

    "Hasta mañana, vecinos" is a greeting.
    """
    return _times(flat, at, found) or _until(flat, at, found, now, _dated) or _until(flat, at, found, now, _closing)


def beginning(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`desde el 1 de diciembre`, `starting 2027-01-10`, `a partir de mañana`; `del 1 al 15 de diciembre`."""
    return (
        _from_to(flat, at, found, now)
        or _from(flat, at, found, now, dates.dated)
        or _from(flat, at, found, now, _closing)
    )


def limit(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """The same where nothing but limits is typed, so that any day is one: `hasta el viernes`."""
    few = match(r"(?:x\s?(?P<a>\d{1,4})|(?P<b>\d{1,4})\s?x|(?P<c>una|1)\s+vez|once)(?!\w)", flat, at)
    if few:
        found.times = step_of(few["a"] or few["b"])
        return few.end()
    return _times(flat, at, found) or _until(flat, at, found, now, days.day) or _from(flat, at, found, now, days.day)


def _dated(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """A day by its date, or by a name that comes once a year."""
    feast = feasts.feast(flat, at)
    if feast is not None:
        found.day = feast[0].next(now.date())
        return feast[1]
    return dates.dated(flat, at, found, now)


def _closing(flat: str, at: int, found: Found, now: datetime) -> int | None:
    end = days.day(flat, at, found, now)
    return end if end is not None and found.ends(flat, end) else None


def _times(flat: str, at: int, found: Found) -> int | None:
    if not found.repeats:
        return None
    for_ever = match(r",?\s*(?:(?:para|por)\s+siempre|forever|for\s+ever)\b", flat, at)
    if for_ever:
        return for_ever.end()
    times = match(rf"(?:,?\s*(?:por|for)\s+)?(?P<n>{N})\s+(?:veces|times)\b", flat, at)
    if times:
        found.times = step_of(times["n"])
        return times.end()
    lasting = match(
        rf",?\s*(?:durante|por|for)\s+(?:(?:los|las|the)\s+)?(?:(?:proxim[oa]s|next)\s+)?(?P<n>{N})\s+"
        r"(?P<unit>dias?|days?|semanas?|weeks?|mes(?:es)?|months?|anos?|years?)\b",
        flat,
        at,
    )
    if lasting:
        found.lasting = days.span_of(step_of(lasting["n"]), lasting["unit"])
        return lasting.end()
    return None


def _until(flat: str, at: int, found: Found, now: datetime, day: Read) -> int | None:
    until = match(_UNTIL, flat, at)
    if not until or not found.repeats:
        return None
    end, last = _day_at(flat, until.end(), found, now, day)
    if end is not None:
        found.last = last
    return end


def _from(flat: str, at: int, found: Found, now: datetime, day: Read) -> int | None:
    start = match(_FROM, flat, at)
    if not start:
        return None
    if not found.repeats:
        return None if found.has_day or found.clocks or found.start else _from_first(flat, start.end(), found, now)
    end, first = _day_at(flat, start.end(), found, now, day)
    if end is not None:
        found.start = first
    return end


def _from_first(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`a partir del lunes todos los días a las 8`: the start, where what repeats comes right after it."""
    end, first = _day_at(flat, at, found, now, days.day)
    if end is None:
        return None
    comma = match(r"\s*,?\s*", flat, end)
    if comma is None or repeats.repeating(flat, comma.end(), found.inner(), now) is None:
        return None
    found.start = first
    return end


def _day_at(flat: str, at: int, found: Found, now: datetime, day: Read) -> tuple[int | None, date | None]:
    """A day, also a weekday with its date. Raises NotUnderstood where it can be several."""
    inner = found.inner()
    end = day(flat, at, inner, now)
    if end is None:
        inner = found.inner()
        named = days.day(flat, at, inner, now)
        if named is not None and inner.weekday is not None:
            comma = match(r",?\s+", flat, named)
            end = days.day(flat, comma.end(), inner, now) if comma else None
            end = end if inner.day is not None else None
    if end is None:
        month = match(
            r"(?:fin(?:al)?\s+de\s+(?:este\s+)?mes|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?month)\b", flat, at
        )
        if month:
            return month.end(), now.date() + relativedelta(day=31)
        if match(r".*\b(?:el|the)\s+$", flat[max(0, at - 5) : at]):  # "hasta el 24"
            inner = found.inner()
            end = dates.day_of_month("", flat, at, inner, now)
    if end is None:
        return None, None
    if inner.either:
        choices = {c["day"] for c in inner.either[0]}
        raise NotUnderstood("date", " · ".join(f"{d:%Y-%m-%d}" for d in sorted(choices)))
    if inner.moment is not None:
        return end, inner.moment.date()
    if inner.day is not None and inner.weekday is not None and inner.day.weekday() != inner.weekday:
        raise NotUnderstood("weekday")
    return end, day_in(inner, now)


def day_in(found: Found, now: datetime) -> date | None:
    """The day that a piece names: a weekday's is the next one, from today on."""
    if found.weekday is None or found.day is not None:
        return found.day
    return now.date() + timedelta(days=(found.weekday - now.weekday()) % 7)


def _from_to(flat: str, at: int, found: Found, now: datetime) -> int | None:
    """`del 1 al 15 de diciembre`, `from dec 1 to dec 15`: every day, where nothing else was said."""
    if found.has_day or found.start or found.last:
        return None
    short = match(
        rf"(?:(?:del|desde\s+el|from(?:\s+the)?)\s+)?(?P<a>\d{{1,2}})(?:st|nd|rd|th)?\s*(?:al?|hasta\s+el"
        rf"|to(?:\s+the)?|-)\s*"
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<m>{MONTH})(?:\s+(?:de\s+"
        rf"|del\s+)?(?P<y>20\d\d)(?![:\d]))?",
        flat, at,
    )  # fmt: skip
    inner_a, inner_b = found.inner(), found.inner()
    if short:
        month = short["m"] + (f" {short['y']}" if short["y"] else "")
        dates.dated(f"{short['a']} {month}", 0, inner_a, now)
        dates.dated(f"{short['d']} {month}", 0, inner_b, now)
        end = short.end()
    else:
        head = match(r"(?:del?|desde(?:\s+el)?|from)\s+(?:the\s+)?", flat, at)
        middle = dates.dated(flat, head.end(), inner_a, now) if head else None
        to = (
            match(r"\s*(?:al?|hasta(?:\s+el)?|to|until|through|-|\u2013)\s+(?:the\s+)?", flat, middle)
            if middle
            else None
        )
        stop = dates.dated(flat, to.end(), inner_b, now) if to else None
        if stop is None:
            return None
        end = stop
    if inner_a.either or inner_b.either or inner_a.day is None or inner_b.day is None:
        return None
    found.start, found.last = inner_a.day, inner_b.day
    if found.start > found.last:  # it has begun already: "del 1 al 30 de noviembre" on the 24th
        if (found.start.month, found.start.day) > (found.last.month, found.last.day):
            raise NotUnderstood("date")
        found.start = found.start.replace(year=found.last.year)
    found.rule = found.rule or "FREQ=DAILY"
    return end
