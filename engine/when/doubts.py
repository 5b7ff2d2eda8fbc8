"""Words that look like time where the text should begin: what was left over is asked about, never said in silence."""

import re

from engine.when.words import MONTHS, SPELLED, WEEKDAYS, flatten

_NAMES = {*WEEKDAYS, *MONTHS}
_LONG_ENOUGH = {"june", "july", "mayo", "lun", "jue", "vie"}
_SHORT = {name for name in _NAMES if len(name) <= 4} - _LONG_ENOUGH
_ABBREVIATED = {
    "mon", "tue", "tues", "wed", "thu", "fri", "dom", "sab", "mie", "dic", "dec", "ene", "feb", "oct", "nov",
}  # fmt: skip
_CERTAIN = (_NAMES - _SHORT) | {
    "manana", "tarde", "noche", "madrugada", "morning", "afternoon", "evening", "night", "tonight", "hoy", "ayer",
    "anoche", "today", "tomorrow", "yesterday", "mediodia", "medianoche", "noon", "midnight", "am", "pm", "hs",
    "hrs", "horas", "hours", "minutos", "minutes", "utc", "gmt", "est", "edt", "cst", "cdt", "pst", "pdt", "cet",
    "cest", "bst", "feriados", "feriado", "festivos", "festivo", "holidays", "quincena", "weekdays", "weekends",
    "weekend", "daily", "weekly", "monthly", "yearly", "diario", "diariamente", "oclock", "punto", "pronto",
    "mediados", "habil", "habiles", "overnight", "tempranito",
}  # fmt: skip
_UNITS = {
    "dia", "dias", "day", "days", "semana", "semanas", "week", "weeks", "mes", "meses", "month", "months", "ano",
    "anos", "year", "years", "hora", "horas", "hour", "hours", "minuto", "minutos", "minute", "minutes", "min",
    "mins", "h", "d", "s", "media", "cuarto", "half", "quarter", "pico",
}  # fmt: skip
_COUNTS = set(SPELLED) - {"un", "una", "uno", "one"}
_BEFORE_UNITS = {
    "este", "esta", "this", "proximo", "proxima", "next", "cada", "every", "otra", "otro", "last", "ultimo", "fin",
    "a", "un", "una", "par",
}  # fmt: skip
_LEAVING_OUT = {
    "menos", "excepto", "salvo", "except", "but", "excluyendo",
}  # fmt: skip
_LINKS = _BEFORE_UNITS | _LEAVING_OUT | {
    "y", "e", "and", "o", "or", "al", "las", "los", "la", "el", "the", "de", "del", "of", "on", "in", "en", "at",
    "por", "para", "hasta", "until", "till", "desde", "from", "to", "todos", "todas", "each", "all", "dentro",
    "within", "partir", "before", "after", "antes", "despues", "no", "not", "que", "viene", "es", "primer",
    "primera", "segundo", "tercer", "first", "second", "third", "unos", "about", "past", "between",
    "through", "thru", "by", "since", "hacia", "sobre", "durante", "during", "for",
    "starting", "empezando", "comenzando", "faltando", "faltan", "&", "+", "/", "@",
    "principio", "principios", "finales", "final", "times", "veces", "con", "mismo",
}  # fmt: skip
_CLOCK = r"\d{1,2}(?:[:.h]\d{2})?"
_FIGURES = re.compile(
    rf"{_CLOCK}(?:am|pm|h)?(?:[-–/]\d{{1,2}}(?:[:.h]\d{{2}}(?:am|pm|h)?|am|pm|h))+|\d{{1,2}}[:.h]\d{{1,2}}[a-z]*|\d{{1,2}}:\d+"
    r"|\d{1,2}(?:am|pm|h|hs|hrs)|(?:19|20)\d\d-\d{1,2}-\d{1,2}|\d{1,2}[/]\d{1,2}(?:/\d{2,4})?"
    r"|\d{1,2}(?::\d{2})?ish|\d{1,2}-\d{1,2}-\d{2,4}|\d{1,2}(?:st|nd|rd|th)|20[2-9]\d"
)
_ZONES = {
    "utc", "gmt", "est", "edt", "cst", "cdt", "pst", "pdt", "cet", "cest", "bst", "ist", "mst", "mdt", "brt", "clt",
    "vet", "cot", "art", "ast", "wet", "eet", "am", "pm",
}  # fmt: skip
_ENGLISH_NAMES = {name for name in _NAMES if name.endswith("day") or name in ("january", "february", "march", "april",
                  "june", "july", "august", "september", "october", "november", "december")}  # fmt: skip
_SPAN = (
    r"(?:semanas?|mes|meses|anos?|quincena|trimestre|temporada|dias|horas|minutos|weeks?|months?|years?|days|hours|minutes"
    r"|quarter|season)"
)
_SPELLED_OUT = re.compile(
    r"(?:(?:la|el|the|este|esta|this|en|in|a|al|at|de|del|por|for)\s+){0,3}"
    rf"(?:{_SPAN}\s+(?:que\s+(?:viene|entra)|proxim[oa]|siguiente|pasad[oa])"
    r"|(?:proxim[oa]s?|siguientes?|pasad[oa]s?|next|last|past|coming|upcoming|following|current|previous)\s+(?:\w+\s+)?"
    rf"{_SPAN}|hora\s+(?:de\s+[a-z]+|local|oficial)|(?:your|my|our|local)\s+time"
    r"|(?:de\s+)?por\s+medio(?!\s+de\b)|(?:on\s+the\s+)?half\s+hour"
    r"|(?:(?:hasta|until|till?|a)\s+)?(?:el\s+|the\s+)?(?:fin(?:al)?\s+del?\s+(?:mes|ano|semana)|end\s+of\s+(?:the\s+)?(?:week|month|year))"
    r"|mas\s+tarde|after\s+next|later\s+today|en\s+un\s+rato"
    r"|dia\s+(?:mundial\s+)?(?:de|del)\s+(?:la\s+|los\s+)?(?:madre|padre|nino|mujer|amor)s?"
    r"|(?:mother|father)'?s'?\s+day)\b"
)
_WORD = re.compile(r"\s*[,(;]?\s*([^\s,;()]+)[,;)]*")
_MOST_WORDS = 12
_LINKS_IN_A_ROW = 4


def doubtful(rest: str, *, calm: bool = True) -> str:
    """The words at the beginning of a text that look like time, as they are written; "" where there are none.

    A capital, a new line or any sign but a comma begins a text of its own; `calm` is whether capitals say anything,
    which they don't where all is written in them.
    """
    if not rest or "\n" in rest[: len(rest) - len(rest.lstrip())]:
        return ""
    flat = flatten(rest[:200])
    plain = _SPELLED_OUT.match(flat)
    at = end = plain.end() if plain and not (calm and rest[0].isupper()) else 0
    links = 0
    before = ""
    for _ in range(_MOST_WORDS):
        found = _WORD.match(flat, at)
        if found is None or "\n" in flat[at : found.start(1)]:
            break
        word = found[1].strip(".:!?'")
        first = rest[found.start(1)]
        if (
            calm
            and first.isupper()
            and not _though_capital(word, rest[found.start(1) : found.end(1)], first_word=not end and not links)
        ):
            break
        written = rest[found.start(1) : found.end(1)].strip(".()")
        kind = "time" if word in _ZONES and written.isupper() else _kind(word, before)
        if kind == "time":
            end, links = found.end(1), 0
        elif kind == "link" and links < _LINKS_IN_A_ROW:
            links += 1
        else:
            break
        before = word
        at = found.end()
        if found[1][-1] in ":.!?" and word not in WEEKDAYS and len(word) > 3:
            break
    words = rest[:end].strip()
    return "" if words[:1] == "(" and ")" not in words else words


def _though_capital(word: str, written: str, *, first_word: bool) -> bool:
    """English writes days, months and zones with a capital; and "Menos domingos" is hardly a text."""
    if word in _ENGLISH_NAMES or (word in _ZONES and written.strip(".()").isupper()):
        return True
    return first_word and word in _LEAVING_OUT


def _kind(word: str, before: str) -> str:
    counted = before.isdigit() or before in _COUNTS
    if word in _ZONES and word in ("art", "vet", "wet", "ist", "cot"):
        return ""
    if word in _CERTAIN or _FIGURES.fullmatch(word):
        return "time"
    if re.fullmatch(r"\d+(?:h|hs|hrs|am|pm|d|min|mins)", word):
        return "time"
    if word in _UNITS and (counted or before in _BEFORE_UNITS or before in ("y", "menos", "and", "past", "con")):
        return "time"
    if word in _SHORT and (counted or word in _ABBREVIATED):
        return "time"
    if (word.isdigit() or word in _COUNTS) and before in (
        "las",
        "at",
        "menos",
        "until",
        "till",
        "hasta",
        "past",
        "to",
        "through",
        "thru",
        "o",
        "or",
        "del",
    ):
        return "time"
    if word in _COUNTS and before in _COUNTS:
        return "time"
    if word in ("m", "a.m", "p.m") or word in _ZONES:
        return "time"
    if word.isdigit() or word in _COUNTS or word in _LINKS or word in _UNITS or word in _SHORT:
        return "link"
    return ""
