"""`{date}`, `{weekday}`, `{time}`, `{n}` in a scheduled text: X refuses repeats, these make each time its own."""

import re
from datetime import datetime

NAMES = ("date", "weekday", "time", "n")
_FIELD = re.compile(r"\{(date|weekday|time|n)\}")
_WEEKDAYS = {
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = {
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December"),
}  # fmt: skip


def filled(text: str, wall: datetime, number: int, language: str) -> str:
    """The text as it goes out at a wall time, for the so-manyth time (from 1). Anything else in braces stays."""
    names = language if language in _WEEKDAYS else "en"
    month = _MONTHS[names][wall.month - 1]
    values = {
        "date": f"{wall.day} de {month}" if names == "es" else f"{month} {wall.day}",
        "weekday": _WEEKDAYS[names][wall.weekday()],
        "time": f"{wall:%H:%M}",
        "n": str(number),
    }
    return _FIELD.sub(lambda m: values[m[1]], text)
