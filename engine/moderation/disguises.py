"""Words behind their disguise: what a banned word is made to look like, read as whoever sees it reads it.

Lookalikes of other scripts and of none (Unicode's confusables, small capitals, circles, squares), digits for letters,
signs between letters, letters apart, letters again and again, text that runs backwards. Only filters look here, and
only as whole words, so that an honest word is hit only where it looks the same as a banned one: a word of one script
stays what it is unless nothing around it shows that it is meant so.
"""

import re
import unicodedata
from functools import lru_cache

import ahocorasick_rs

from engine.on_x.weight import is_emoji
from engine.text import BREAK, OPENING, UNSEEN, fold, without_links

PARTED = f" {BREAK} "
_PLAIN = "\n\r\t -~¡¿«»·ªº°–—‘’“”•…áéíóúàèìòùâêîôûäëïöüãõçñÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÄËÏÖÜÃÕÇÑ\ufe0f"
_PICTURES = "\u200d\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001f3fa\U0001f400-\U0001faff\U0001f3fb-\U0001f3ff"
_ODD = re.compile(f"[^{_PLAIN}{_PICTURES}]")
_LETTER = r"[^\W\d_]"
_SIGNS = f"0-9@$€!¡|+*_~^=`´{_PICTURES}-"
#: A sign or a digit between letters, before them or behind them (c4sino, pu-ta, 4sesino, mierd4).
_SIGN = re.compile(
    rf"[{_SIGNS}](?:(?<={_LETTER}.)[{_SIGNS}]{{0,2}}{_LETTER}|(?<!\w.)(?<=[0-9$]){_LETTER}{{3}}|(?<=[^\W\d_aeiouAEIOU][034@])(?!\w))"
)
_ALONE = re.compile(r" \w (?:\W )?\w (?:\W )?\w ")  # among words: c a s i n o, c 🎰 a 🎰 s
_AGAIN_AND_AGAIN = ahocorasick_rs.AhoCorasick([3 * c for c in "abcdefghijklmnñopqrstuvwxyz"])
_WORD = re.compile(r"\w+")
_DRESSED = re.compile(rf"[\w@$€!¡|+*~^=`´{_PICTURES}-]+")
_BETWEEN = re.compile(rf"[|+*_~^=`´{_PICTURES}-]+")
_APART = re.compile(r"(?<!\w)\w([^\w\n|]{1,3}|\n)\w(?!\w)(?:\1\w(?!\w)){1,40}")
_WORDS_OF_ONE = frozenset("aeiouykqxn0123456789")  # may stand beside letters that are apart: y c a s i n o
MOST_BESIDE = 2
#: A word cut by points into short bits (pu.ta): a sentence ends with a longer word, or a space follows.
_DOTTED = re.compile(r"(?<![\w.@])[^\W\d_]{1,3}(?:[.·•][^\W\d_]{1,3}){1,6}(?![\w.@])")
#: Letters upside down, of a text that is read from its end.
_TURNED = re.compile("[ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ]")
_UPRIGHT = str.maketrans("ɐqɔpǝɟƃɥᴉıɾʞʅɯudbɹʇnʌʍʎ", "abcdefghiijklmnpqrtuvwy")
_AGAIN = re.compile(r"(.)\1{2,}")
_FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]{2,}")
MOST_FLAGS, MOST_JOINED, LONGEST = 2, 200, 200  # flags in a row, words of letters apart, letters of a word
_BACKWARDS = re.compile("\u202e([^\u202c\n]+)")

_UNSEEN = re.compile(  # and what is hardly seen
    f"[{UNSEEN}\u200d\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u2006\u2008-\u200a\u202f\u205f\u2800\ufffc\ufffd]"
)
_LEET = str.maketrans("03457@$€!¡|+", "oeastaseiiit")
_ROUND = re.compile(rf"(?<={_LETTER})[○◯●◉◎◌☉⊙⊚⚪⚫⭕🔴🔵🔘]")  # in a word an o, before it a point of a list
#: Letters of other scripts that are written as Latin ones. A word of these alone is honest beside others of its script.
_AS_LATIN = {
    "CYRILLIC": frozenset("асеорхуіїјѕԁԛԝһкмтвнгбзьӏүґӓӧєѐёйџ"),
    "GREEK": frozenset("αορνυικτχγεηωβμσςρϲϳ"),
    "ARMENIAN": frozenset("օսոհքցյԁզէգ"),
}
_BARELY_WRITTEN = frozenset(["CHEROKEE", "LISU", "COPTIC", "DESERET", "OSAGE", "WARANG", "VAI", "CANADIAN", "RUNIC"])
_AS_CYRILLIC = str.maketrans("aceopxyijskmthb3640", "асеорхуіјѕкмтнвзбчо")
_ENYE = re.compile("[ńňņǹṅṇṉɲŋᶇƞɳŃŇŅǸṄṆṈƝŊ]")


def seen_through(text: str, haystack: str) -> str:
    """The words that are not what they are written as, parted by spaces; nothing where none is disguised.

    Phrases stay together: beside a word that is disguised the others stand as they are. `haystack` is what the text's
    words are read as (`engine.text.read`).
    """
    text = text[:OPENING]
    sign = _SIGN.search(text)
    if not (
        _ODD.search(text)
        or _DOTTED.search(text)
        or _ALONE.search(haystack)
        or _AGAIN_AND_AGAIN.find_matches_as_indexes(haystack)
    ):
        if sign is None:
            return ""
        if all(m[0][0] == "-" for m in _SIGN.finditer(text)):  # the usual: Valle-Coche
            return " ".join(_WORD.findall(fold(without_links(text).replace("-", ""))))
    spoken = without_links(text)
    bare = _undressed(spoken)
    lines = [_read(bare, known=fold(spoken))]
    if "_" in bare:
        lines.append(_read(bare.replace("_", " "), known=fold(spoken)))
    lines += [_read(_undressed(m[1][::-1])) for m in _BACKWARDS.finditer(spoken)]
    lines += [fold(m[0]).replace(".", "").replace("·", "").replace("•", "") for m in _DOTTED.finditer(spoken)]
    if _TURNED.search(spoken):
        lines.append(" ".join(_WORD.findall(spoken.casefold()[::-1].translate(_UPRIGHT))))
    if _ENYE.search(spoken):
        lines.append(_read(_undressed(_ENYE.sub("ñ", spoken))))
    return PARTED.join(line for line in lines if line)


def looks(text: str) -> list[list[str]]:
    """For each word of a short text, what it may be read as, the likeliest first; signs that are none are left out."""
    bare = _undressed(text[:OPENING])
    honest = _scripts_meant(bare)
    found: list[list[str]] = []
    for written in _DRESSED.findall(bare):
        pieces = _WORD.findall(written)
        if len(pieces) == 1 and (pieces[0].isascii() and pieces[0].isalpha()):
            found.append([pieces[0], *_readings(written, honest)])
        elif readings := _readings(written, honest):
            found.append([*readings, *pieces[:1]])
        else:
            found += [[piece] for piece in pieces]
    return found


def _undressed(text: str) -> str:
    """Lower-case, without marks and signs that nobody sees; signs that are drawn letters are letters."""
    bare = _UNSEEN.sub("", text if text.isascii() else _FLAGS.sub(_no_flags, text))
    if bare.isascii():
        return bare.lower()
    bare = _ROUND.sub("o", bare)
    return fold("".join(c if c.isascii() or c.isalpha() else _drawn(c) for c in bare))


def _no_flags(found: re.Match[str]) -> str:
    """Flags are none of the letters that they are made of; a row of letters that make no flags is a word."""
    pairs = [found[0][n : n + 2] for n in range(0, len(found[0]), 2)]
    return " " if len(pairs) <= MOST_FLAGS and all(map(is_emoji, pairs)) else found[0]


def _read(text: str, known: str = "") -> str:
    """The words of a text that is lower-case, each as it looks; nothing where they are those that are known already."""
    honest = _scripts_meant(text)
    words: list[str] = []
    also: list[str] = []
    changed = text != known
    for match in _DRESSED.finditer(text):
        written = match[0]
        if written.isascii() and written.isalpha() and not _AGAIN.search(written):
            words.append(written)
            continue
        readings = _readings(written, honest)
        if readings:
            changed = True
            words.append(readings[0])
            also += readings[1:]
        else:
            words += [BREAK] if written == BREAK else _WORD.findall(written)
    joined = [word for m in _APART.finditer(text) for word in _parts("".join(_WORD.findall(m[0])))]
    joined += [r for j in joined[:MOST_JOINED] for r in _readings(j, honest)]
    lines = ([" ".join(words)] if changed else []) + [w for w in (*also, *joined) if w]
    return PARTED.join(lines)


def _parts(letters: str) -> list[str]:
    """What letters that stand apart may be: all of them, or those without the words of one letter beside them.

    Never some from their middle: who writes V E H Í C U L O means no other word.
    """
    size = len(letters)
    first, last = 0, size
    while first < MOST_BESIDE and letters[first] in _WORDS_OF_ONE:
        first += 1
    while size - last < MOST_BESIDE and letters[last - 1] in _WORDS_OF_ONE:
        last -= 1
    shorter = (letters[a:b] for a in range(first + 1) for b in range(last, size + 1) if 4 <= b - a < size)
    return [letters, *shorter]


def _readings(written: str, honest: frozenset[str]) -> list[str]:
    """What a word may be read as, other than it is written, the likeliest first."""
    if len(written) > LONGEST:
        return []
    words = [written]
    if not written.isascii():
        latin, cyrillic = _latin(written, honest), _cyrillic(written)
        if not latin and not cyrillic and written.isalpha() and not _AGAIN.search(written):
            return []
        words += [cyrillic, latin] if "CYRILLIC" in honest else [latin, cyrillic]
    words += [_BETWEEN.sub("", w) for w in words]
    words += [r for w in dict.fromkeys(words) for r in _without_digits(w)]
    words += [r for w in dict.fromkeys(words) for r in (_AGAIN.sub(r"\1", w), _AGAIN.sub(r"\1\1", w))]
    return [w for w in dict.fromkeys(words) if w != written and w.isalnum()]


def _without_digits(word: str) -> list[str]:
    """With letters for digits and signs, where the word has enough letters of its own."""
    letters = sum(c.isalpha() for c in word)
    if letters == len(word) or letters * 3 < len(word) or letters < 2:
        return []
    plain = word.strip("!|+*~^=`´-")
    last = plain[-1:]
    if last.isdigit() and (len(plain) < 4 or last not in "034" or plain[-2:-1] in "aeiou0123456789"):
        return []
    if plain[:1].isdigit() and len(plain) < 5:
        return []
    read = plain.translate(_LEET)
    return [read.replace("1", "i"), read.replace("1", "l"), read.replace("1", "i").replace("i", "l", 1)]


def _scripts_meant(text: str) -> frozenset[str]:
    """The scripts of which the text has letters that are not written as Latin ones."""
    if text.isascii():
        return frozenset()
    letters = {c for c in text if not c.isascii() and c.isalpha()}
    return frozenset(s for c in letters if c not in _AS_LATIN.get(s := _script(c), {c}))


def _latin(word: str, honest: frozenset[str]) -> str:
    """The word in Latin letters, if it looks like one and is not honestly of another script."""
    scripts = {_script(c) for c in word if c.isalpha()}
    others = scripts - {"LATIN"}
    if len(others) == 1 and "LATIN" not in scripts:
        (script,) = others
        may_be = script in _BARELY_WRITTEN or (script in _AS_LATIN and script not in honest)
        if not may_be or (script in _AS_LATIN and not set(filter(str.isalpha, word)) <= _AS_LATIN[script]):
            return ""
    read = "".join(c if c.isascii() or c == "ñ" else _lookalike(c) for c in word)
    return read if read.replace("ñ", "n").isascii() else ""


def _cyrillic(word: str) -> str:
    """The word in Cyrillic letters, where it is mixed with lookalikes from Latin."""
    if "CYRILLIC" not in {_script(c) for c in word if not c.isascii()}:
        return ""
    read = word.translate(_AS_CYRILLIC)
    return read if not any(c.isascii() and c.isalnum() for c in read) else ""


@lru_cache(4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


@lru_cache(4096)
def _lookalike(letter: str) -> str:
    """The Latin letters that a letter is taken for; itself where there are none."""
    from decancer_py import parse

    try:
        read = str(parse(letter))
    except ValueError:  # nothing of it is left
        return letter
    return read if read.isascii() and read.isalpha() >= letter.isalpha() else letter


@lru_cache(4096)
def _drawn(sign: str) -> str:
    """The letter that a sign is a drawing of (`🅰`, `Ⓐ`, a regional indicator alone); itself where it is none."""
    kind = unicodedata.category(sign)
    if kind == "Sc" and sign not in "$€":
        return _lookalike(sign)
    if kind not in ("So", "No", "Sk", "Lm", "Nl"):
        return sign
    letter = re.search(r"(?:LETTER|LATIN CAPITAL LETTER|LATIN SMALL LETTER) ([A-Z])$", unicodedata.name(sign, ""))
    return letter[1].lower() if letter else sign
