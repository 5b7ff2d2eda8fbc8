"""A cell as it may stand in a spreadsheet: never a live formula, and read back exactly the same.

Whatever a program would take for the beginning of a formula has an apostrophe before it, which spreadsheets know as the
sign of a text: where a cell begins, and where one would begin for a program that parts cells at semicolons or tabs
(https://owasp.org/www-community/attacks/CSV_Injection). One apostrophe more is put before those that are there already,
so that reading, which takes one away, gives what was written.
"""

import re

_LIVE = r"[ \"'\u00a0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]"
_PARTING_LINE = r"[ \t]*(?:-{3,}|={3,})[ \t]*(?:[\r\n]|\Z)"  # that of threads; no formula
_WITHIN_TO_GUARD = re.compile(rf"(?<=[;\t])(?={_LIVE})|(?<=[\r\n])(?={_LIVE})(?!{_PARTING_LINE})")
_WITHIN_GUARDED = re.compile(rf"(?<=[;\t\r\n])'(?={_LIVE})")
_BEGINS_LIVE = re.compile(_LIVE)
_ERROR = re.compile(
    r"#(?:REF|VALUE|NAME|DIV/0|NUM|NULL|N/A|N/D|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN|GETTING_DATA|ERROR|¡?REF|¡?VALOR"
    r"|¿?NOMBRE|¡?DIV/0|¡?NUM|¡?NULO|¡?DESBORDAMIENTO|¡?CALC|¡?CAMPO)[!?]?|#{3,}|Err:\d{3}",
    re.IGNORECASE,
)
_QUOTES = {"“": "”", "„": "“", "«": "»", "‘": "’", '"': '"'}


def guarded(text: str, *, prose: bool) -> str:
    """A cell as it is written. In `prose` an apostrophe or a quotation mark at its beginning belongs to it."""
    within = _WITHIN_TO_GUARD.sub("'", text)
    opens = not prose and text[:1] in ("'", *_QUOTES)
    return "'" + within if opens or _is_live(text) else within


def unguarded(cell: str, *, prose: bool) -> str:
    """The text of a cell, as it was given to `guarded`, or as a person means it who put it between quotation marks."""
    if "'" not in cell and (prose or cell[:1] not in _QUOTES):
        return cell
    text = _WITHIN_GUARDED.sub("", cell)
    if text[:1] == "'" and (not prose or _is_live(text[1:])):
        return text[1:]
    if not prose and len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        return text[1:-1].strip()
    return text


def _is_live(text: str) -> bool:
    return _BEGINS_LIVE.match(text) is not None or is_error(text.lstrip("'"))


def is_error(cell: str) -> bool:
    """Whether a spreadsheet says with it that it has no value."""
    return cell[:1] in ("#", "E", "e") and _ERROR.fullmatch(cell) is not None
