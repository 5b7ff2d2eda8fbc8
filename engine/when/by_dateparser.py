"""A single moment in words that our own grammar does not know, through dateparser."""

import re
from datetime import datetime

MOST_WORDS = 9
_TIMED = re.compile(
    r"\d{1,2}[:.]\d{2}|t\d{2}:?\d{2}|\d\s?(?:h|hs|hrs|horas)?\b\s?(?:[ap]\.?\s?m\b)|\d\s?(?:h|hs|hrs)\b|minut|hour|hora"
)
_LAST = re.compile(
    r"\d.*[:./\-\w]|\b(?:am|pm|a\.m\.?|p\.m\.?|noon|midnight|mediodia|medianoche|minut\w*|min|hour\w*|hora\w*|h|hs|hrs|ago"
    r"|manana|tarde|noche|morning|afternoon|evening|night|today|tomorrow|hoy|\w+day|lunes|martes|miercoles|jueves|viernes"
    r"|sabado|domingo)$"
)


def moment(typed: str, flat: str, now: datetime) -> tuple[datetime, str] | None:
    """The moment at the beginning of a text and the rest of it, or None. `now` and the moment are naive wall time.

    `flat` is the text without case and accents, character by character.
    """
    words = list(re.finditer(r"\S+", flat))[:MOST_WORDS]
    if not words or not _TIMED.search(flat[: words[-1].end()]):
        return None
    import dateparser  # 20 MiB of languages: only who needs them pays for it

    settings = {
        "RELATIVE_BASE": now,
        "PREFER_DATES_FROM": "future",
        "DATE_ORDER": "DMY",
        "PARSERS": ["relative-time", "custom-formats", "absolute-time"],
    }
    for count in range(len(words), 0, -1):
        end = words[count - 1].end()
        last = words[count - 1][0].strip(",;:")
        if last.isdigit() or not _LAST.search(last) or not _TIMED.search(flat[:end]):
            continue  # a number alone begins the text: "24-12-2026 20:00 5 consejos"
        found = dateparser.parse(typed[:end].strip(" ,;:"), languages=["es", "en"], settings=settings)
        if found is not None and found.tzinfo is None:
            return found.replace(second=0, microsecond=0), typed[end:].lstrip(" ,;:\u2013\u2014-\n\t")
    return None
