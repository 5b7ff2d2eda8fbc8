"""Times of day: `15:00`, `8pm`, `las 8 y media de la noche`, `half past eight`, `noon`; and parts of the day."""

import re

from engine.when.found import Clock, Found, NotUnderstood
from engine.when.words import any_of, match, number

_HOURS = {
    "una": 1, "one": 1, "dos": 2, "two": 2, "tres": 3, "three": 3, "cuatro": 4, "four": 4, "cinco": 5, "five": 5,
    "seis": 6, "six": 6, "siete": 7, "seven": 7, "ocho": 8, "eight": 8, "nueve": 9, "nine": 9, "diez": 10, "ten": 10,
    "once": 11, "eleven": 11, "doce": 12, "twelve": 12,
}  # fmt: skip
_MINUTES = {
    "cinco": 5, "five": 5, "diez": 10, "ten": 10, "cuarto": 15, "a quarter": 15, "quarter": 15, "veinte": 20,
    "twenty": 20, "veinticinco": 25, "twenty-five": 25, "media": 30, "half": 30,
}  # fmt: skip
PART = "(?:manana|tarde|noche|madrugada|morning|afternoon|evening|night)"
_AT = r"(?:(?:a|hacia|sobre)\s+las?|at|las|al?)\s+"
_SHARP = r"(?:\s*(?:en\s+punto|o.?clock|sharp)\b)?"
_HALF = r"(?:\s*(?P<half>[ap]\.?\s?m\b\.?))?"
_OF_PART = rf"(?:\s+(?:(?:de|por|en|in)\s+(?:la|the)|at)\s+(?P<part>{PART})\b)?(?![\w:/-])"
_FORMS = (
    rf"(?:{_AT})?(?:(?P<noon>mediodia|noon|midday)|(?P<midnight>medianoche|midnight))(?![\w:/-])",
    rf"(?:at\s+)?(?P<m>{any_of(_MINUTES)})\s+(?P<side>past|after|to|before)\s+(?P<hour>1[0-2]|0?[1-9]|{any_of(_HOURS)})\b{_HALF}{_OF_PART}",
    rf"{_AT}(?P<hour>1[0-2]|0?[1-9]|{any_of(_HOURS)})\s+(?P<side>y|menos)\s+(?P<m>{any_of(_MINUTES)})\b{_HALF}{_OF_PART}",
    rf"{_AT}(?P<hour>{any_of(_HOURS)})\b{_SHARP}{_HALF}{_OF_PART}",
    rf"(?:{_AT})?(?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d{{2}}))?(?:\s*(?:hs?|hrs|horas)\b)?{_SHARP}{_HALF}{_OF_PART}",
)
CLOCK = "(?:" + "|".join(re.sub(r"\?P<\w+>", "?:", form) for form in _FORMS) + ")"


def clock(flat: str, at: int, found: Found) -> int | None:
    """A time of day; a second one only after a comma or an "and". A number alone is none: "5 consejos"."""
    if found.clocks and not match(r".*(?:,|\by|\band|&)\s*$", flat[:at][-6:]):
        return None
    written = match(CLOCK, flat, at)
    more_to_come = 0 < len(found.clocks) < found.a_day  # "twice a day at 8 and 20"
    if written is None or (written[0].strip().isdigit() and not more_to_come):
        return None
    read = read_clock(written[0])
    if read is None:
        if ":" in written[0]:
            raise NotUnderstood("time")
        return None
    found.clocks.append(read)
    return written.end()


def part(flat: str, at: int, found: Found) -> int | None:
    """A part of the day before the time: `mañana por la tarde a las 5`, `saturday night at 9`."""
    if found.part or found.clocks or not (found.has_day or found.repeats):
        return None
    named = match(rf"(?:(?:por|en|de|a|in)\s+(?:la|the)\s+)?(?P<part>{PART})\b", flat, at)
    if named:
        found.part = named["part"]
        return named.end()
    early = match(r"(?:muy\s+|bien\s+)?temprano\b|early\b", flat, at)
    return early.end() if early else None


def read_clock(written: str) -> Clock | None:
    """One time of day; None where there is no such time."""
    form = next((m for m in (match(rf"{f}$", written.strip()) for f in _FORMS) if m), None)
    if form is None:
        return None
    said = {"noon": "", "midnight": "", "m": "", "side": "", "minute": "", "half": "", "part": "", **form.groupdict("")}
    if said["noon"]:
        return Clock(12)
    if said["midnight"]:
        return Clock(0)
    hour = _HOURS.get(said["hour"]) or number(said["hour"])
    minute = _MINUTES[said["m"]] if said["m"] else int(said["minute"] or 0)
    if said["side"] in ("to", "before", "menos"):
        hour, minute = (hour - 1 or 12), 60 - minute
    half = re.sub(r"[.\s]", "", said["half"])
    if half:
        if not 1 <= hour <= 12:
            return None
        return Clock(hour % 12 + (12 if half == "pm" else 0), minute)
    if hour > 23 or minute > 59:
        return None
    return Clock(hour, minute, open=1 <= hour <= 12).within(said["part"])
