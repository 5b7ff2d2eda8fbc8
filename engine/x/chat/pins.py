"""What looks like the PIN of X Chat, which belongs into X's app or on the operator's terminal, and nowhere else. Pure.

Said with its name ("pin 1234", "la clave es dos cinco ocho cero") it is one wherever it is said, as long as there is
nothing else in the message: who tells the neighbours about a PIN says more. A bare number is one only `near` the
matter, where the keys were just spoken of; so is a number beside such a word among others.
"""

import re
import unicodedata

from engine.text import fold

MARK = "••••"  # stands where a PIN stood
FEWEST, MOST_DIGITS = 4, 8
MOST_WORDS = 14
LONGEST = 300


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


NAMED = _listed("pin pins nip pincode clave contraseña contrasena passcode password")
MAYBE_NAMED = NAMED | _listed("codigo code claves contraseñas contrasenas passwords key numero number")
AROUND = _listed(
    "mi my el la lo the es is it s was era de del of for para x chat xchat twitter canal channel cuenta account "
    "chatkeys aqui ahi va te here there please por favor tiene has un una a an y and en on in nuevo nueva new hola "
    "hi ok este esta this that que su your tu to no nro sera seria son are dm dms cifrados encrypted acceso access"
)
THANKS = _listed("gracias thanks thank you toma listo ya done take dale si yes sure claro este ese uso use")
SPOKEN = "cero zero oh|uno one|dos two|tres three|cuatro four|cinco five|seis six|siete seven|ocho eight|nueve nine"
DIGITS = {word: str(digit) for digit, words in enumerate(SPOKEN.split("|")) for word in words.split()}
TEENS = (
    "diez ten|once eleven|doce twelve|trece thirteen|catorce fourteen|quince fifteen|dieciseis sixteen|"
    "diecisiete seventeen|dieciocho eighteen|diecinueve nineteen|veinte twenty|veintiuno veintiun|veintidos|"
    "veintitres|veinticuatro|veinticinco|veintiseis|veintisiete|veintiocho|veintinueve"
)
TENS = "treinta thirty|cuarenta forty|cincuenta fifty|sesenta sixty|setenta seventy|ochenta eighty|noventa ninety"
PAIRS = {word: str(n) for n, words in enumerate(TEENS.split("|"), 10) for word in words.split()}
PAIRS |= {word: f"{n}0" for n, words in enumerate(TENS.split("|"), 3) for word in words.split()}
_SIGNS = re.compile("[\ufe0f\u20e3\u200b-\u200f\u2060]")  # of a digit that is drawn as a key, and what is not seen
_WORD = re.compile(r"@\w+|[^\W\d_]+|\d+")
_SPELT = re.compile(r"\bp\W{0,2}[i1]\W{0,2}n\b")
_MIXED = re.compile(r"(?=\w*\d)\w{4,20}")
_TOLD = re.compile(r"(?:[:=]|\b(?:es|is))\s*(\S+)\s*$")


def is_pin(text: str, *, near: bool) -> bool:
    """Whether somebody says a PIN with this. `near`: they were just shown how keys are had."""
    if not text or len(text) > LONGEST:
        return False
    plain = _plain(text)
    words = _WORD.findall(plain)
    if not words or len(words) > MOST_WORDS:
        return False
    digits, others = _digits(words)
    if plain.startswith("/") and others and others[0] not in NAMED:  # a command, before what is said with it
        others = others[1:]
    is_number = FEWEST <= len("".join(digits)) <= MOST_DIGITS
    if is_number and not set(others) - NAMED - AROUND and set(others) & NAMED:
        return True
    if not near:
        return False
    if is_number and not set(others) - MAYBE_NAMED - AROUND - THANKS:
        return True
    if not set(others) & MAYBE_NAMED:
        return False
    told = _TOLD.search(plain)
    return any(FEWEST <= len(d) <= MOST_DIGITS for d in digits) or bool(told and _MIXED.fullmatch(told[1]))


def _digits(words: list[str]) -> tuple[list[str], list[str]]:
    """The numbers among these words, in digits as they are said one by one or in pairs, and the other words."""
    digits: list[str] = []
    others: list[str] = []
    tens = False  # "forty" was said, and a digit may follow, after an "and"
    for word in words:
        said = DIGITS.get(word) or PAIRS.get(word) or (word if word.isdecimal() else "")
        if tens and word in DIGITS and said != "0":
            digits[-1] = digits[-1][0] + said
        elif said:
            digits.append(said)
        elif not word.startswith("@") and not (tens and word in ("y", "and")):
            others.append(word)
        tens = (word in PAIRS and said[1] == "0" and said != "10") or (tens and not said and word in ("y", "and"))
    return digits, others


def _plain(text: str) -> str:
    """Without case, accents and disguises: every kind of digit is an ordinary one."""
    seen = _SIGNS.sub("", unicodedata.normalize("NFKC", text))
    digits = "".join(str(unicodedata.decimal(c, c)) for c in seen)
    return _SPELT.sub("pin", fold(digits.replace("_", " ")))
