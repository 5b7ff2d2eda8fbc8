"""The words that people read: whole sentences in English in the code, in Spanish in the catalog.

What comes from X or from a person is put in as text: it is escaped, and never a format string or markup.
"""

import gettext
import html
import io
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from babel.dates import format_timedelta, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.chat import spoken
from bot.chat.spoken import Example

LOCALE = Path(__file__).parent.parent / "locale"
LANGUAGES = {"en": "English", "es": "Español"}
#: Telegram's codes of those that we speak to in a language of ours; None is for everybody else.
LANGUAGE_CODES: dict[str | None, str] = {None: "en", "es": "es", "ca": "es", "gl": "es", "eu": "es"}


def N_(text: str) -> str:
    """Marks a sentence for the catalog where it is said elsewhere."""
    return text


class Sentence(str):
    """A sentence of ours with its values escaped: it can stand in another as it is."""

    __slots__ = ()


class Speaker:
    """Says things in one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._catalog = _catalog(self.language)

    def t(self, text: str, /, **values: object) -> str:
        """The sentence with its values escaped for Telegram's HTML."""
        said = spoken.in_words(self.language, self._catalog.gettext(text))
        return Sentence(said.format_map(self._escaped(values)))

    def n(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The sentence in the right number; `{count}` is in its values."""
        said = spoken.in_words(self.language, self._catalog.ngettext(one, many, count))
        return Sentence(said.format_map(self._escaped({"count": count, **values})))

    def _escaped(self, values: dict[str, object]) -> dict[str, str]:
        return {name: self._as_text(value) for name, value in values.items()}

    def _as_text(self, value: object) -> str:
        if isinstance(value, Sentence):
            return value
        said = spoken.in_words(self.language, value) if isinstance(value, Example) else str(value)
        return html.escape(said, quote=False)

    def ago(self, moment: datetime, now: datetime) -> str:
        """`3 minutes ago`, `hace 3 minutos`; just now is a second ago, as none would be said to come."""
        return str(format_timedelta(min(moment - now, timedelta(seconds=-1)), add_direction=True, locale=self.language))

    def day_names(self) -> tuple[str, ...]:
        """`mon`…`sun`, `lun`…`dom`, as they are typed too."""
        names = get_day_names("abbreviated", locale=self.language)
        return tuple(str(names[day]).lower().rstrip(".") for day in range(7))

    def lasting(self, span: timedelta) -> str:
        """`15 minutes`, `15 minutos`."""
        return str(format_timedelta(span, threshold=1.2, locale=self.language))


def person(name: str) -> Sentence:
    """Who of the team did something, as it stands in a sentence about it: nothing of X's or a channel's looks so."""
    return Sentence(f"<b>{html.escape(name, quote=False)}</b>")


def signed(text: str, name: str) -> str:
    """What is read at a desk, with who did something by it last, where a sentence of it does not say so anyway.

    A name may stand there by chance too: in what was said, in who wrote it.
    """
    if not name or person(name) in text:
        return text
    return f"{text}\n<i>👤 {html.escape(name, quote=False)}</i>"


def language_of(code: str | None) -> str:
    """Ours for a Telegram language code."""
    return LANGUAGE_CODES.get((code or "").lower()[:2], LANGUAGE_CODES[None])


@cache
def _catalog(language: str) -> gettext.NullTranslations:
    file = LOCALE / language / "LC_MESSAGES" / "canales.po"
    if not file.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as opened:
        write_mo(compiled, read_po(opened, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
