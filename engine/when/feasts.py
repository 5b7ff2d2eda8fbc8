"""Days by their names: `navidad`, `viernes santo`, and a country's public holidays (through holidays)."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from dateutil.easter import easter
from dateutil.rrule import rrulestr

from engine.left_out import public_holidays
from engine.when.words import flatten, match

_DAY_OF = r"(?:(?:el\s+)?(?:dia|dias)\s+(?:internacional\s+)?(?:de|del)\s+(?:la\s+|los\s+|las\s+|el\s+)?)"


@dataclass(frozen=True, slots=True)
class Feast:
    """A day of each year: `rule` is its RRULE without a time, `key` names it among the days that are left out."""

    rule: str
    key: str

    def on(self, year: int) -> date:
        """The day in a year."""
        first = datetime(year, 1, 1)
        return date(*rrulestr(f"RRULE:{self.rule}", dtstart=first)[0].timetuple()[:3])

    def next(self, today: date) -> date:
        """The next one, from today on."""
        this = self.on(today.year)
        return this if this >= today else self.on(today.year + 1)


def _fixed(month: int, day: int) -> Feast:
    return Feast(f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}", f"{month:02}{day:02}")


def _easter(days: int) -> Feast:
    return Feast(f"FREQ=YEARLY;BYEASTER={days}", f"E{days}")


_FEASTS = (
    (rf"{_DAY_OF}?(?:nochebuena|noche\s+buena)|(?:la )?vispera\s+de\s+navidad|(?:christmas|xmas) eve", _fixed(12, 24)),
    (rf"{_DAY_OF}?navidad|(?:christmas|xmas)(?:\s+day)?(?!\s+(?:eve|tree|market|party|dinner|carol))", _fixed(12, 25)),
    (r"nochevieja|noche\s+vieja|(?:ano\s+viejo)|fin\s+de\s+ano|new\s+year'?s?\s+eve", _fixed(12, 31)),
    (rf"{_DAY_OF}?ano\s+nuevo|new\s+year'?s?(?:\s+day)?(?!\s+(?:eve|party|wish|resol))", _fixed(1, 1)),
    (rf"{_DAY_OF}?reyes(?:\s+magos)?|epiphany|three\s+kings'?\s+day", _fixed(1, 6)),
    (rf"{_DAY_OF}?(?:san\s+valentin|enamorados)|(?:saint\s+|st\.?\s+)?valentine'?s?(?:\s+day)?", _fixed(2, 14)),
    (r"(?:saint|st\.?)\s+patrick'?s?(?:\s+day)?", _fixed(3, 17)),
    (rf"{_DAY_OF}mujer|(?:international\s+)?women'?s\s+day", _fixed(3, 8)),
    (rf"{_DAY_OF}inocentes", _fixed(12, 28)),
    (r"halloween|noche\s+de\s+brujas", _fixed(10, 31)),
    (rf"{_DAY_OF}?todos\s+los\s+santos|all\s+saints'?(?:\s+day)?", _fixed(11, 1)),
    (rf"{_DAY_OF}(?:fieles\s+)?(?:muertos|difuntos)|day\s+of\s+the\s+dead|all\s+souls'?(?:\s+day)?", _fixed(11, 2)),
    (rf"{_DAY_OF}trabajador(?:es)?|{_DAY_OF}trabajo|may\s+day", _fixed(5, 1)),
    (r"lunes\s+de\s+carnaval|carnival\s+monday", _easter(-48)),
    (r"martes\s+de\s+carnaval|carnival\s+tuesday|mardi\s+gras|shrove\s+tuesday", _easter(-47)),
    (r"miercoles\s+de\s+ceniza|ash\s+wednesday", _easter(-46)),
    (r"domingo\s+de\s+ramos|palm\s+sunday", _easter(-7)),
    (r"lunes\s+santo|holy\s+monday", _easter(-6)),
    (r"martes\s+santo|holy\s+tuesday", _easter(-5)),
    (r"miercoles\s+santo|holy\s+wednesday", _easter(-4)),
    (r"jueves\s+santo|(?:maundy|holy)\s+thursday", _easter(-3)),
    (r"viernes\s+santo|good\s+friday", _easter(-2)),
    (r"sabado\s+(?:santo|de\s+gloria)|holy\s+saturday|easter\s+saturday", _easter(-1)),
    (r"lunes\s+de\s+pascua|easter\s+monday", _easter(1)),
    (r"domingo\s+de\s+(?:resurreccion|pascua)|easter(?:\s+sunday)?(?!\s+egg)|pascua\s+de\s+resurreccion", _easter(0)),
    (r"pentecostes|pentecost|whit\s+sunday", _easter(49)),
    (r"corpus(?:\s+christi)?", _easter(60)),
    (r"thanksgiving(?:\s+day)?|accion\s+de\s+gracias", Feast("FREQ=YEARLY;BYMONTH=11;BYDAY=+4TH", "")),
    (r"black\s+friday|viernes\s+negro", Feast("FREQ=YEARLY;BYMONTH=11;BYDAY=FR;BYMONTHDAY=23,24,25,26,27,28,29", "")),
)  # fmt: skip
_HOLY_WEEK = r"semana\s+santa|holy\s+week"
#: What may be the name of a public holiday, and is worth looking up.
_PERHAPS = (
    rf"{_DAY_OF}\w+|(?:\w+'?\s+){{1,4}}day\b|(?:natalicio|batalla|aniversario|declaracion|grito|birthday|battle)\s"
)
_EMPTY = re.compile(r"\b(?:dia|day|de|del|la|las|los|el|the|of|and|y)\b|\W")


def feast(flat: str, at: int) -> tuple[Feast, int] | None:
    """A day by its name, and where the name ends."""
    for pattern, found in _FEASTS:
        named = match(rf"(?:{pattern})\b", flat, at)
        if named:
            return found, named.end()
    return None


def holy_week(flat: str, at: int, today: date) -> tuple[date, date, int] | None:
    """The next Holy Week, from Palm Sunday to Easter Sunday."""
    named = match(rf"(?:(?:en|durante|toda)\s+(?:la\s+)?|(?:in|during)\s+)?(?:{_HOLY_WEEK})\b", flat, at)
    if not named:
        return None
    ends = easter(today.year) if easter(today.year) >= today else easter(today.year + 1)
    return ends - timedelta(days=7), ends, named.end()


def holiday(flat: str, at: int, country: str, today: date) -> tuple[date, int] | None:
    """A public holiday of a country (`VE`) by its name in Spanish or English: the next one, and where the name ends."""
    if not country or not match(_PERHAPS, flat, at):
        return None
    words = list(re.finditer(r"[\w']+", flat[at : at + 80]))[:9]
    names = _names(country, today.year) | _names(country, today.year + 1)
    for count in range(len(words), 0, -1):
        end = words[count - 1].end()
        days = [d for d in names.get(_bare(flat[at : at + end]), ()) if d >= today]
        if days:
            return min(days), at + end
    return None


@cache
def _names(country: str, year: int) -> dict[str, tuple[date, ...]]:
    """The names of a year's holidays, without what names have in common, in each language that the library has."""
    found: dict[str, tuple[date, ...]] = {}
    days = public_holidays(country)
    languages = [lang for lang in getattr(days, "supported_languages", ()) if lang[:2] in ("es", "en")] or [None]
    import holidays

    for language in languages if days is not None else ():
        for day, names in holidays.country_holidays(country, years=[year, year + 1], language=language).items():
            for name in re.split(r"[;(]", names):
                key = _bare(flatten(name))
                if key:
                    found[key] = tuple(sorted({*found.get(key, ()), day}))
    return found


def _bare(name: str) -> str:
    return "".join(_EMPTY.sub(" ", name).split())


@cache
def country_of(zone: str) -> str:
    """The country (`VE`) of a time zone (`America/Caracas`); "" of one that is no country's."""
    from babel.core import get_global

    return str(get_global("zone_territories").get(zone) or "").replace("001", "")
