"""Times of day: `15:00`, `8pm`, `las 8 y cuarenta y cinco de la noche`, `half past eight`, `noon`; parts of the day."""

import re
from dataclasses import replace

from engine.when.found import Clock, Found, NotUnderstood
from engine.when.words import DAY, SPELLED, SPELLED_DAYS, any_of, match

_HOURS = {name: n for name, n in SPELLED.items() if 1 <= n <= 23 and name not in ("un", "uno", "veintiun")}
_MINUTES = {name: n for name, n in SPELLED.items() if 1 <= n <= 59 and name not in ("un", "una")} | {
    "cuarto": 15, "un cuarto": 15, "a quarter": 15, "quarter": 15, "media": 30, "half": 30,
}  # fmt: skip
_TENS = {name: n for name, n in SPELLED.items() if n >= 10} | {
    f"oh {name}": n for name, n in SPELLED.items() if 1 <= n <= 9
}
PART = r"(?:manana|tarde|noche|madrugada|morning|afternoon|evening|night)"
AT = (
    r"(?:(?:(?:a|hacia|sobre|para|a\s+eso\s+de|como\s+a|cerca\s+de|tipo)\s+las?|alas?|tipo|at|around|about|las"
    r"|la(?=\s+una\b)|al?)\s+|(?:a\s?)?las(?=\d)|@\s*)"
)
_SHARP = r"(?:\s*,?\s*(?:en\s+punto|o.?clock|sharp|exactly|on\s+the\s+dot)\b)?"
_HALF = r"(?:\s*(?P<half>[ap]\.?\s?m\b\.?|(?<=\d)[ap](?=[\s,]|$)))?"
_NO_MORE = r"(?!\w|:\w|-\w|(?<=\d)/(?!\d{1,2}:\d))"  # "7am/7pm" and "8:00/9:00" are times, "7/12" is none
_OF_PART = (
    rf"(?:\s+(?:(?:de|por|en|in)\s+(?:la\s+|the\s+)?|at\s+)(?P<part>{PART})\b"
    rf"|\s+del?\s+(?P<noonish>mediodia|dia(?!\s+(?:de\b|\d|{any_of(SPELLED_DAYS)})))\b)?{_NO_MORE}{_SHARP}"
)
_HOUR = rf"(?P<hour>\d{{1,2}}|{any_of(_HOURS)}\b)"
_END = rf"{_SHARP}{_HALF}{_SHARP}{_OF_PART}"
_UNITS = r"(?:\s*(?:hs|h|hrs?|horas?|hours?)\b\.?)"
_FORMS = tuple(
    pattern.replace("AT_", AT)
    for pattern in (
        rf"(?:AT_)?(?:(?:las\s+)?(?:12|doce|twelve)\s+(?:del?\s+)?)?(?P<noon>medio\s?dia|noon|midday)(?![\w/]|:\w|-\w){_SHARP}",
        r"(?:AT_)?12(?::00)?\s?(?P<noon>m\b\.?)(?![\w/]|:\w|-\w)",  # 12 m. is noon in Latin America
        r"(?:AT_)?(?:(?:las\s+)?(?:12|doce|twelve)\s+(?:de\s+la\s+)?)?(?P<midnight>media\s?noche"
        r"|midnight)(?![\w/]|:\w|-\w)",
        rf"(?:at\s+)?(?P<m>{any_of(_MINUTES)}\b|\d{{1,2}}(?=\s+(?:min|past\b))|(?<=at )\d{{1,2}})"
        r"(?:\s+min(?:ute)?s?)?\s+"
        rf"(?P<side>past|after|to|before|till?)\s+{_HOUR}{_END}",
        rf"(?:AT_)?(?P<m>{any_of(_MINUTES)}\b|\d{{1,2}})(?:\s+min(?:uto)?s?)?\s+(?P<side>para|pasad[oa]s?(?:\s+de)?)\s+las?\s+{_HOUR}{_END}",
        rf"(?P<said>AT_)?{_HOUR}(?:\s+|(?<=\d)(?=y))(?P<side>y|menos|con)(?:\s+|(?<=\dy))(?P<m>{any_of(_MINUTES)}\b"
        rf"|\d{{1,2}}\b)(?:\s+min(?:uto)?s?\b)?{_END}",
        rf"(?P<said>AT_)?(?P<hour>{any_of(_HOURS)}|\d{{1,2}})[\s-]+(?P<m>{any_of(_TENS)})\b{_END}",
        rf"(?P<said>AT_)?(?P<hour>\d{{1,2}})\s+(?P<m>[0-5]\d){_UNITS}?{_END}",
        rf"(?P<said>AT_)?(?P<hour>{any_of(_HOURS)})\b{_UNITS}?{_END}",
        rf"(?P<said>AT_)?(?P<hour>\d{{1,2}})(?P<minute>[0-5]\d)(?P<unit>{_UNITS})?{_END}",
        rf"(?P<said>AT_)?(?P<hour>\d{{1,2}})(?!\d)(?:(?P<mark>\s?:\s?|[.h])(?P<minute>\d{{2}})(?::\d{{2}}(?:\.\d+)?)?)?"
        rf"(?P<unit>{_UNITS})?{_END}",
    )
)
CLOCK = "(?:" + "|".join(re.sub(r"\?P<\w+>", "?:", form) for form in _FORMS) + ")"
_A_WHILE = re.compile(r"\d{1,2}\s*(?:hrs|horas?|hours?)\b\.?", re.ASCII)
_FIGURES = re.compile(r"\d{1,2}(?:[:.h]\d{0,2})?\s*(?:[ap]\.?m\.?|h)?|al?\s+\d{1,2}(?:[:.]\d{2})?\s*(?:[ap]\.?m\.?|h)?")
_IN_WORDS = re.compile(
    r"\b(?:las?|del?|y|media\w*|medio|noon|mid\w+|in|at|menos|con"
    rf"|{any_of(name for name in _HOURS if name.isalpha())})\b"
)
_THEN_DAY = r"\s+(?:tonight|tomorrow|this\s+(?:morning|afternoon|evening))\b"
_WRONG = r"(?:AT_)?\d{1,3}\s?:\s?\d{1,3}(?!\d)".replace("AT_", AT)


def clock(flat: str, at: int, found: Found) -> int | None:
    """A time of day; a second one only after a comma or an "and". A number alone is none: "5 consejos"."""
    if found.moment is not None:
        return None
    joined = match(r".*(?:[,&/+]|\by|\be|\band|\bo|\bor)\s*$", flat[max(0, at - 6) : at])
    if found.clocks and not joined and len(found.clocks) >= found.a_day:
        return None
    form = _longest(flat, at)
    if form is None:
        if match(_WRONG, flat, at) and (found.has_day or found.repeats):
            raise NotUnderstood("clock", flat[at : at + 6].strip())
        return None
    said = form.groupdict("")
    dayed = found.has_day or found.repeats
    compact = said.get("minute") and "mark" not in said and not (said["unit"] or said["half"] or said["part"])
    military = (
        compact and (dayed or said["said"]) and form[0].strip()[0] == "0" and not match(r"[\s-]*\d", flat, form.end())
    )
    if compact and not military and not (said["said"] and found.ends(flat, form.end())):
        return None  # "a las 1500 personas"
    if not dayed and (_A_WHILE.fullmatch(form[0]) or (said.get("noon", "")[:1] == "m" and form[0][:1].isdigit())):
        return None  # "3 horas sin luz", "12 m de cable"
    if not dayed and _is_bare_number(said, form[0]) and match(_THEN_DAY, flat, form.end()):
        found.clocks.append(Clock(_hour(said["hour"]), open=_hour(said["hour"]) <= 12))
        return form.end()
    if _is_bare_number(said, form[0]) and not military:
        listed = bool(found.clocks) or match(r"\s*(?:,|\by\b|\band\b)\s*\d", flat, form.end())
        more_to_come = listed and len(found.clocks) < found.a_day  # "twice a day at 8 and 20"
        alone = dayed and not found.clocks and not found.year_open and found.ends(flat, form.end())
        if not more_to_come and not alone:
            return None
    sayable = bool(said.get("said") or said.get("half") or said.get("part"))
    if said.get("m") and "side" not in said and not sayable and (not dayed or said["hour"].isdigit()):
        return None
    figures = re.fullmatch(r"[0-5]\d", said.get("m", "")) and "side" not in said
    if figures and not (said["half"] or said["part"]) and not (said["said"] and found.ends(flat, form.end())):
        form = _longest(flat, at, but=form)  # "a las 8 30 personas"
        if form is None or form[0].strip().isdigit():
            return None
        said = form.groupdict("")
    if (
        said.get("side") == "y"
        and not (sayable or dayed)
        and (said["m"] not in ("media", "cuarto", "un cuarto") or not found.ends(flat, form.end()))
    ):
        return None  # "8 y media toneladas"
    read = _read(form, sure=bool(said.get("said") or said.get("half") or dayed))
    if read is None:
        return None
    if said.get("side") == "y" and said["m"].isdigit() and 0 < read.minute < 24 and (found.repeats or found.clocks):
        return _two_or_minutes(said, read, found, form.end())
    found.clocks.append(read)
    return form.end()


def _two_or_minutes(said: dict[str, str], read: Clock, found: Found, end: int) -> int:
    """Every day "a las 8 y 20": twenty past eight, or at eight and at twenty."""
    first, second = Clock(_hour(said["hour"]), open=True), Clock(int(said["m"]), open=int(said["m"]) <= 12)
    if said["part"] or said["half"]:
        part = said["part"] or ("manana" if said["half"][0] == "a" else "tarde")
        second = second.within(part) if second.open else second
        first = first.within(part)
    if found.clocks or found.a_day >= 2:  # a list: "a las 8, 12 y 20"
        found.clocks += [first, second]
        return end
    found.either.append(({"clocks": [*found.clocks, read]}, {"clocks": [*found.clocks, first, second]}))
    found.clocks.append(read)
    return end


def part(flat: str, at: int, found: Found) -> int | None:
    """A part of the day before the time: `mañana por la tarde a las 5`, `saturday night at 9`; or just "early"."""
    ahead = match(rf"(?:(?:en|de|por)\s+)?la\s+(?P<part>{PART})\s+(?:de|del)\s+(?=\w)", flat, at)
    if ahead and not found.part and not found.clocks and not found.has_day and not found.repeats:
        found.part = ahead["part"]
        return ahead.end()
    said_first = match(rf"(?:por|en|a)\s+la\s+(?P<part>{PART})\s*,?\s+(?=a\s+las?\s)", flat, at)
    if said_first and not found.part and not found.clocks and not found.has_day and not found.repeats:
        found.part = said_first["part"]
        return said_first.end()
    if found.moment is not None or not (found.has_day or found.repeats):
        return None
    if found.clocks:  # "7:00 el domingo por la tarde": then it is said of the day
        after = match(rf"(?:por|en|de|a|in)\s+(?:la|the)\s+(?P<part>{PART})\b", flat, at)
        if after is None and re.search(rf"\b{DAY}\s+$", flat[max(0, at - 12) : at]):  # "at 9 on sunday morning"
            after = match(r"(?P<part>morning|afternoon|evening|night)\b(?!\w|'|\s+of\b)", flat, at)
        if after is None or found.part:
            return None
        found.part = after["part"]
        return after.end()
    named = match(rf"(?:(?:por|en|de|a|in)\s+(?:la\s+|las\s+|the\s+)?)?(?P<part>{PART})s?\b", flat, at)
    if named and not found.part:
        found.part = named["part"]
        return named.end()
    early = match(
        r"(?:(?:muy|bien|very|a)\s+)?(?:temprano\b|tempranito\b|early\b|primera\s+hora\b|ultima\s+hora\b|first\s+thing\b)"
        r"(?:\s+(?:de|in)\s+(?:la|the)\s+(?:manana|morning|tarde)\b)?",
        flat,
        at,
    )
    return early.end() if early else None


def read_clock(written: str) -> Clock | None:
    """One time of day, whole; None where there is no such time."""
    text = written.strip()
    forms = (m for m in (match(rf"(?:{f})$", text) for f in _FORMS) if m)
    form = next(forms, None)
    try:
        return None if form is None else _read(form, sure=True)
    except NotUnderstood:
        return None


def in_figures(flat: str) -> str:
    """A flattened text with its times in words as figures: `8 de la mañana a 5 y media de la tarde`, `8:00 a 17:30`.

    An hour whose half of the day is not said stays bare: `ocho` is `8`. Raises NotUnderstood where there is no such
    time.
    """
    if not _IN_WORDS.search(flat):
        return flat
    found, at = "", 0
    while at < len(flat):
        begins = flat[at].isalnum() and not (at and flat[at - 1].isalnum())
        form = _longest(flat, at) if begins else None
        said = form.groupdict("") if form else {}
        two = said.get("m", "").isdigit() and said.get("side", "y") == "y"  # "8-12 14-18", "8 y 20"
        if form is None or two or _FIGURES.fullmatch(form[0]):
            found, at = found + flat[at], at + 1
            continue
        if said.get("side") in ("to", "before", "till", "til"):  # from ten to nine
            found, at = found + flat[at], at + 1
            continue
        read = _read(form, sure=True)
        figures = (
            "" if read is None else f"{read.hour}" if read.open and not read.minute else f"{read.hour}:{read.minute:02}"
        )
        if read is not None and (read.midnight or read.after_midnight):
            figures = (
                "24:00"
                if found.strip() and re.search(r"(?:-|\b(?:a|al|to|hasta|until|y|and))\s*$", found + _linked(form[0]))
                else "0:00"
            )
        found += _linked(form[0]) + (figures or form[0])
        at = form.end()
    return found


def _linked(written: str) -> str:
    """A time after "a las" may be where another one ends: "8 a las 17"."""
    return "a " if re.match(r"al?\s", written) else ""


def _longest(flat: str, at: int, but: "re.Match[str] | None" = None) -> "re.Match[str] | None":
    """What reaches furthest; of two that reach as far the first."""
    best = None
    for pattern in _FORMS:
        form = match(pattern, flat, at)
        if form and (but is None or form.re is not but.re) and (best is None or form.end() > best.end()):
            best = form
    return best


def _is_bare_number(said: dict[str, str], written: str) -> bool:
    text = written.strip()
    return text.isdigit() or (text in _HOURS and not said.get("said"))


def _hour(text: str) -> int:
    return int(text) if text.isdecimal() else _HOURS[text]


def _read(form: "re.Match[str]", *, sure: bool) -> Clock | None:
    """The time of a form; None where it may be something else. Raises NotUnderstood where there is no such time."""
    said = {"noon": "", "midnight": "", "m": "", "side": "", "minute": "", "half": "", "part": "", "noonish": "",
            "mark": "", "unit": ""} | form.groupdict("")  # fmt: skip
    if said["noon"]:
        return Clock(12)
    if said["midnight"]:
        return Clock(0, midnight=True)
    hour = _hour(said["hour"])
    minute = _minutes(said["m"]) if said["m"] else int(said["minute"] or 0)
    sure = sure or ":" in said["mark"]
    wrong = NotUnderstood("clock", form[0].strip())
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        if sure and not (said["mark"] == "." and hour > 24):
            raise wrong
        return None
    if said["side"] in ("to", "before", "till", "til", "menos", "para"):
        if not 1 <= hour <= 12 or minute == 0:
            raise wrong
        hour, minute = (hour - 1 or 12), 60 - minute
    elif said["side"] and not 1 <= hour <= 23:
        raise wrong
    half = re.sub(r"[.\s]", "", said["half"])
    if half:
        if said["minute"] and half[0] == "p" and 12 < hour < 24:
            return Clock(hour, minute)
        if not 1 <= hour <= 12:
            raise wrong
        return Clock(hour % 12 + (12 if half[0] == "p" else 0), minute)
    if hour == 24:
        return Clock(0, after_midnight=True)
    clock = Clock(hour, minute, open=1 <= hour <= 12)
    named = said["part"] or said["noonish"]
    return replace(clock.within(named), open=False) if named else clock


def _minutes(text: str) -> int:
    flat = " ".join(text.split())
    return int(flat) if flat.isdecimal() else _MINUTES[flat] if flat in _MINUTES else _TENS[flat]
