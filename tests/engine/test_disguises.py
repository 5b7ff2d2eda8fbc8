"""Banned words behind a disguise are found; honest texts of any language are not hit; honest signs hide no trigger."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel import Locale

from engine.moderation import Keyword, KeywordRole, MessageKind, Policy, Ruleset, Said, compile_ruleset
from engine.moderation.disguises import seen_through
from engine.similarity import read_pairs
from engine.text import read
from sandbox.people import LINES

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_BANNED = """
casino apuestas porno sexo puta mierda coño cabrón pendejo idiota imbécil viagra bitcoin onlyfans estafa préstamo forex lotería
maldito culo zorra perra asesino sicario cocaína gratis narco marica verga muérete nazi suicidio arma droga
fuck shit bitch whore cunt scam crypto giveaway porn rape kill idiot
казино ставки кредит порно наркотик
"""
BANNED = _BANNED.split()
PHRASES = ["casa de apuestas", "gana dinero rápido", "vete a la mierda", "click here"]
SMALL = dict(zip("abcdefghijklmnopqrstuvwyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡʏᴢ", strict=True))
CYRILLIC = dict(zip("aceopxyisjkmh", "асеорхуіѕјкмһ", strict=True))
GREEK = dict(zip("aopvkiutxn", "αορνκιυτχη", strict=True))
LATIN = {c: latin for latin, c in CYRILLIC.items()}
LEET = dict(zip("aeio", "4310", strict=True))


def letters(table: dict[str, str]) -> Callable[[str], str]:
    return lambda word: "".join(table.get(c, c) for c in bare(word))


def bare(word: str) -> str:
    return word.translate(str.maketrans("áéíóú", "aeiou"))


def shifted(first: int) -> Callable[[str], str]:
    return lambda word: "".join(chr(first + ord(c) - 97) if "a" <= c <= "z" else c for c in bare(word))


def between(sign: str) -> Callable[[str], str]:
    return lambda word: " ".join(sign.join(w) for w in word.split())


def within(sign: str) -> Callable[[str], str]:
    return lambda word: word[:2] + sign + word[2:]


#: Each is a way to write a word so that who reads it reads the same.
UNSEEN = {
    f"U+{ord(sign):04X}": within(sign)
    for sign in "\u2062\u200b\u00ad\u200c\u200d\u2060\u2061\u2063\u2064\ufeff\u034f\u061c\u180e\u200e\u200f\u202a\u202c\u2066\u2069\u206a"
    "\ufe0f\ufe00\u3164\uffa0\u115f\ufff9\x08\x7f\U000e0020\U000e0100\U0001d173"
}
MARKS = {f"U+{ord(sign):04X}": between(sign) for sign in "\u0336\u0332\u0301\u0323\u20dd\u0489\u0335\u200b"}
LATIN_TRICKS: dict[str, Callable[[str], str]] = {
    "cyrillic": letters(CYRILLIC), "greek": letters(GREEK), "small capitals": letters(SMALL),
    "full width": shifted(0xFF41), "circled": shifted(0x24D0), "negative circled": shifted(0x1F150), "negative squared": shifted(0x1F170),
    "squared": shifted(0x1F130), "parenthesized": shifted(0x249C), "bold": shifted(0x1D41A), "script": shifted(0x1D4EA),
    "fraktur": shifted(0x1D586), "double-struck": shifted(0x1D552), "monospace": shifted(0x1D68A),
    "regional, apart": lambda w: "\u200b".join(shifted(0x1F1E6)(w)), "regional, spaced": lambda w: " ".join(shifted(0x1F1E6)(w)),
    "letters apart": lambda w: " ".join(bare(w)), "dots": lambda w: ".".join(bare(w)), "dashes": lambda w: "-".join(bare(w)),
    "stars": lambda w: "*".join(bare(w)), "again": lambda w: bare(w).replace(w[1], w[1] * 4, 1) if bare(w) == w else w,
    "backwards": lambda w: "\u202e" + bare(w)[::-1] + "\u202c", "upper": str.upper, "a dash": within("-"), "a stroke": within("|"),
}  # fmt: skip


def rules(words: list[str], role: KeywordRole = KeywordRole.FILTER) -> Ruleset:
    return compile_ruleset(1, [Keyword(role, w) for w in words], Policy())


def found(ruleset: Ruleset, text: str) -> list[str]:
    return [k.text for k in ruleset.read(Said(MessageKind.MENTION, text, NOW)).filters]


ALL = rules([*BANNED, *PHRASES])


@pytest.mark.parametrize("tricks", [UNSEEN, MARKS], ids=["unseen", "marks"])
def test_signs_that_nobody_sees_hide_no_banned_word(tricks: dict[str, Callable[[str], str]]) -> None:
    missed = [
        (n, w)
        for n, trick in tricks.items()
        for w in [*BANNED, *PHRASES]
        if w not in found(ALL, f"Mira: {trick(w)}, ya")
    ]
    assert missed == []


@pytest.mark.parametrize("trick", LATIN_TRICKS)
def test_lookalikes_hide_no_banned_word(trick: str) -> None:
    latin = [w for w in BANNED if "a" <= w[0] <= "z" and "ñ" not in w]
    missed = [(w, t) for w in latin if w not in found(ALL, f"Mira {(t := LATIN_TRICKS[trick](w))}, vecinos")]
    assert missed == []


def test_the_other_ways_hide_no_banned_word() -> None:
    for text, word in [
        ("la саsа dе аpuestas", "casa de apuestas"),
        ("vete a la m1erda", "vete a la mierda"),
        ("сlісk hеrе", "click here"),
        ("кaзинo онлайн", "казино"),
        ("бонус: cтaвки", "ставки"),
        ("сосаіnа", "cocaína"),
        ("coňo", "coño"),
        ("co\u0303n\u0303o", "coño"),
        ("🇵🇺🇹🇦", "puta"),
        ("ᎪᏒᎷᎪ", "arma"),
        ("pùtà", "puta"),
        ("pu7a", "puta"),
        ("mierd4", "mierda"),
        ("4sesino", "asesino"),
        ("c4$1n0", "casino"),
        ("b!tch", "bitch"),
        ("@canal рuта", "puta"),
        ("casin0", "casino"),
        ("put@", "puta"),
        ("super_casino_vip", "casino"),
        ("casa_de_apuestas", "casa de apuestas"),
        ("CASINO™️", "casino"),
        ("1️⃣casino", "casino"),
        ("p○rn○", "porno"),
        ("m¡erda", "mierda"),
        ("pu+a", "puta"),
        ("c🎰 a🎰 s🎰 i🎰 n🎰 o", "casino"),
        ("c\na\ns\ni\nn\no", "casino"),
        ("y c a s i n o y", "casino"),
    ]:
        assert word in found(ALL, text), text
    leet = [
        (w, t) for w in BANNED if w.isascii() and len(w) > 4 and w not in found(ALL, f"y {(t := letters(LEET)(w))} y")
    ]
    assert len(leet) <= 0.1 * len(BANNED), leet


def honest() -> list[str]:
    """Texts that nobody means ill with: reports, and the names of languages and places in languages of many scripts."""
    texts = [line.text for line in LINES]
    for file in ("likeness.txt", "likeness_unseen.txt"):
        texts += [t for pair in read_pairs((HERE / file).read_text().splitlines()) for t in pair[:2]]
    for name in ("ru", "uk", "el", "es", "fr", "pl", "vi", "hy", "ar", "th", "zh"):
        locale = Locale(name)
        texts += [*locale.territories.values(), *locale.languages.values(), *locale.days["format"]["wide"].values()]
    return [
        *texts,
        "Нос и рот: сор, сосна, кот, рост. Хор и сон!", "Привет, Wi-Fi и SMSка в Москве 100%", "Η ώρα είναι 7, ο τόπος και το νερό",
        "covid19 en A1 km23, RAV4 placa AB123CD, MP3, H2O, CO2, PM2.5, 3ros y 4to piso, bloque4, sector4, zona3, grupo5, nivel3, canal4",
        "ex-presidente, Valle-Coche, e-mail, wi-fi, sub-21, anti-polio, tod@s l@s vecin@s, 24/7, 10x, 2do", "🇵🇪🇳🇪 🇻🇪🇨🇴 🇪🇸🇲🇽🇦🇷",
        "V E H Í C U L O  R O B A D O", "D I S P U T A S", "I N V I T A C I Ó N   A L   A C T O", "● Agua ○ Luz ●Gas", "piso_4 y user_net",
        "S.O.S. en EE.UU., F.C.B. y U.C.V.: a, b y c; 1 2 3", "nooooo siiii goool jajajaja aaah", "Søren, Łódź, Đorđe, Þór, ß, œuvre, naïve, İzmir",
        "می‌شود و می‌خواهم", "क्‍ष त्र हिन्दी", "ภาษาไทย\u200bครับ", "\u2068María\u2069 dijo \u200ehola\u200e a +58\u00a0412", "👨‍👩‍👧‍👦 🏴‍☠️ 1️⃣ ❗️",
    ]  # fmt: skip


def test_no_honest_text_is_hit_behind_what_it_says() -> None:
    words = [
        *BANNED,
        *PHRASES,
        "cop",
        "het",
        "pene",
        "sos",
        "hoc",
        "poco",
        "dios",
        "bloquea",
        "rutas",
        "lotes",
        "grupos",
        "no",
        "si",
    ]
    ruleset = rules(words)
    plain = rules(words, KeywordRole.TRIGGER)  # triggers see nothing behind
    texts = honest()
    assert len(texts) > 8_000
    hit = {}
    for text in texts:
        if not seen_through(text, read(text).haystack) or not (there := found(ruleset, text)):
            continue
        said = plain.read(Said(MessageKind.MENTION, text, NOW)).triggers
        if behind := [w for w in there if w not in said]:
            hit[text] = behind
    assert sorted({w for words in hit.values() for w in words}) == ["no", "si", "sos"]  # nooooo, S.O.S.: what they say
    assert len(hit) == 2


#: What WhatsApp, Telegram and word processors put in, around words and in them.
HONESTLY = [
    "\u2068choque\u2069 en la A1", "\u200echoque\u200e", "\u200fchoque", "\u202achoque\u202c", "\u2066Choque\u2069\u2066vía cerrada\u2069", "\ufeffchoque",
    "cho\u00adque en la\u00a0A1", "cho\u2060que", "Ana\u2069choque", "hola\u200bchoque\u200bya", "⁨@ana⁩ choque", "~\u200echoque ", "#\u2068choque\u2069",
    "_choque_", "*_choque en la A1_*", "~__Choque__~", "1️⃣choque", "0\u20e3choque", "①choque", "➊choque", "ℹ️choque", "Ⓜ️choque", "choque™️", "㊗️choque",
    "choque¹", "choque\u200d", "CHOQUE\ufe0f", "choque\u0301", "choque\u3164", "\u202fchoque\u2009en", "*choque*", "¡choque!",
]  # fmt: skip


@pytest.mark.parametrize("text", HONESTLY, ids=ascii)
def test_triggers_are_found_whatever_was_put_in_honestly(text: str) -> None:
    triggers = rules(["choque", "vía cerrada", "choqu*"], KeywordRole.TRIGGER)
    assert "choque" in triggers.read(Said(MessageKind.MENTION, text, NOW)).triggers


def test_what_was_pasted_into_a_keyword_hides_it_neither() -> None:
    for typed in (
        "_choque_",
        "_vía cerrada_",
        "\u2068choque\u2069",
        "cho\u00adque",
        "\u200echoqu*\u2069",
        "vía\u00a0\u2068cerrada\u2069",
    ):
        triggers = rules([typed], KeywordRole.TRIGGER)
        assert triggers.read(Said(MessageKind.MENTION, "choque y vía cerrada", NOW)).triggers == (typed,)


def test_triggers_are_only_what_is_written() -> None:
    triggers = rules(["choque"], KeywordRole.TRIGGER)
    assert triggers.read(Said(MessageKind.MENTION, "сhоquе", NOW)).triggers == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [("pu.ta", "puta"), ("qué p.u.t.a", "puta"), ("ca.si.no gratis", "casino"), ("PU·TA", "puta"), ("ɐʇnd", "puta"),
     ("¡ɐpɹǝıɯ!", "mierda"), ("ouısɐɔ", "casino"), ("ʞɔnɟ", "fuck")],
)  # fmt: skip
def test_a_word_cut_by_points_or_turned_upside_down_is_read(text: str, word: str) -> None:
    assert word in seen_through(text, read(text).haystack).split()


@pytest.mark.parametrize(
    "text", ["choque.no hay paso", "EE.UU. y el Edo. Zulia", "a las 8 a.m. en la vía", "Sr. Pérez"]
)
def test_an_honest_point_makes_no_banned_word(text: str) -> None:
    assert not set(BANNED) & set(seen_through(text, read(text).haystack).split())
