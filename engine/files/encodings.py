"""The text of a file, whatever encoding its program chose, or why it is none.

Understood are UTF-8, UTF-16 and -32 (with a mark or without), Windows' encoding and the old Mac's, also after lines in
UTF-8. Nothing is raised.
"""

import codecs
import re
from dataclasses import dataclass

from engine.files.problems import Problem, Wrong

_LOST = "\ufffd"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_NO_TEXT = (
    b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b",
    b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"SQLite format", b"BM\x1a", b"RIFF", b"OggS",
)  # fmt: skip
_MARKUP = re.compile(r"\s*(?:<(?:!doctype|html|\?xml|table|head|body|meta)\b|\{\s*\"|\[\s*[{\[])", re.IGNORECASE)
_DAY = r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4}"
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?\s?m\.?)?"
_SAID = re.compile(
    rf"\u200e?(?:\[{_DAY},?\s+{_CLOCK}\]\s*\S|{_DAY},?\s+{_CLOCK}\s+[-\u2013]\s\S|[^,\[\]]{{1,60}},\s\[{_DAY},?\s{_CLOCK}\])",
    re.IGNORECASE,
)
_LOOKED_AT = 50
_NO_ASCII = re.compile(r"[^\x00-\x7f]")
_LETTERS = frozenset("áéíóúüñÁÉÍÓÚÜÑàèòçãõâêôÀÈÒÇ")
_SHORTENED = re.compile(r"(?:s|t|m|d|re|ll|ve)\b", re.IGNORECASE)
_MOST_WEIGHED, _SENTENCE = 5_000, 200


@dataclass(frozen=True, slots=True)
class Text:
    """A file decoded. `unreadable` are the characters that only a fault can have put there."""

    text: str
    unreadable: str

    def spoilt(self, line: str) -> bool:
        """Whether a line holds such a character."""
        return any(c in line for c in self.unreadable)


def open_text(content: bytes) -> Text | Problem:
    """The text of a file, or why there is none."""
    if content.startswith(_NO_TEXT) or content[4:8] == b"ftyp":
        return Problem(1, Wrong.NO_TEXT)
    source = _decoded(content)
    if _MARKUP.match(source.text):
        return Problem(1, Wrong.NO_TEXT)
    return source


def a_chat(source: Text) -> bool:
    """Whether its lines are those of a chat that WhatsApp or Telegram wrote down."""
    lines = [line for line in source.text[:20_000].splitlines() if line.strip()][:_LOOKED_AT]
    return 0 < len(lines) <= 3 * sum(_SAID.match(line.strip()) is not None for line in lines)


def _decoded(content: bytes) -> Text:
    mark, encoding = next(((m, e) for m, e in _MARKS if content.startswith(m)), (b"", _without_mark(content)))
    plain = content[len(mark) :]
    if encoding != "utf-8":
        return Text(plain.decode(encoding, "replace"), "\0" + _LOST)
    try:
        return Text(plain.decode("utf-8"), "\0")
    except UnicodeDecodeError:
        # Programs append lines in another encoding than the file's: each line is what it can be.
        lines = plain.splitlines(keepends=True)
        other = _eight_bits(b"".join(line for line in lines if not _is_utf8(line)))
        decoded = (line.decode("utf-8" if _is_utf8(line) else other, "replace") for line in lines)
        return Text("".join(decoded), "\0" + _LOST)


def _without_mark(content: bytes) -> str:
    """The encoding of a file that does not say it: UTF-16 shows in every other byte being 0."""
    pairs = len(content) // 2
    even, odd = content[0::2].count(0), content[1::2].count(0)
    if odd * 10 > pairs * 4 and even * 10 < pairs:
        return "utf-16-le"
    return "utf-16-be" if even * 10 > pairs * 4 and odd * 10 < pairs else "utf-8"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _eight_bits(content: bytes) -> str:
    """Windows' encoding or the old Mac's: in the wrong one "acción" has a dash among its letters."""
    windows, mac = content.decode("cp1252", "replace"), content.decode("mac-roman")
    return "mac-roman" if _likely(mac) > _likely(windows) else "cp1252"


def _likely(text: str) -> int:
    """How much the signs beyond ASCII look like Spanish or English."""
    score = 0
    for count, found in enumerate(_NO_ASCII.finditer(text)):
        if count == _MOST_WEIGHED:
            break
        at, sign = found.start(), found[0]
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        within = before.isalpha() and after.isalpha()
        if sign in _LETTERS:
            odd = (before.islower() and sign.isupper()) or (sign.islower() and after.isupper())
            score += -2 if odd else 2 if before.isalpha() or after.isalpha() else -1
        elif sign in "¿¡":
            closed = {"¿": "?", "¡": "!"}[sign] in text[at : at + _SENTENCE]
            score += (3 if closed else 2) if after.isalpha() or after in "¿¡" else -1
        elif sign in "ºª°":
            score += 2 if before.isalnum() or before == "." else -1
        elif sign in "‘’":
            score += (3 if _SHORTENED.match(text, at + 1) else -1) if within else 1
        elif sign in "–—“”«»":
            score += -1 if within else 1
        else:
            score += 1 if sign in "…€•·" else -2
    return score
