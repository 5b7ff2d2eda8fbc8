"""What a text is to X: its length, its links, its hashtags, and whether what X hands back is what was said."""

import html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import composing
from engine.on_x import LIMIT, fits, has_link, hashtags, is_same, links, sites, weighted_length
from engine.on_x.handed_back import unwrapped
from engine.on_x.sites import site_of
from engine.x import prices
from engine.x.events import links_told
from sandbox import x_text
from tests.conftest import NOW

EMOJI = [
    "❗️", "⛔️", "⚡️", "⭐️", "❗", "⛔", "⚡", "⭐", "☺️", "☺", "⚠️", "⚠", "✅", "❤️", "▶️", "☎️", "ℹ️", "‼️", "⏰", "📍", "🕐", "🅰️", "🅿️",
    "1️⃣", "#️⃣", "*️⃣", "9⃣", "🇻🇪", "🇨🇴", "🇻", "🏳️‍🌈", "🏴‍☠️", "🏳️‍⚧️", "👨‍👩‍👧‍👦", "👩🏽‍🚒", "🧑🏽‍🤝‍🧑🏿", "👍🏽", "☝🏿", "⛹🏽‍♀️", "🕵️‍♂️",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁵󠁳󠁴󠁸󠁿", "🫶🏽", "🫠", "❤️‍🔥", "😮‍💨", "🐦‍🔥", "🧑‍🧑‍🧒", "🙂‍↔️", "🫩", "©️", "™️", "🚧️", "👮🏻‍♂️", "👩‍❤️‍💋‍👨",
]  # fmt: skip


@pytest.mark.parametrize("emoji", EMOJI, ids=ascii)
def test_every_emoji_counts_two_whatever_it_is_made_of(emoji: str) -> None:
    assert weighted_length(emoji) == 2
    assert weighted_length(f"{emoji} Choque {emoji}{emoji}") == 2 + len(" Choque ") + 4


def test_what_is_no_emoji_counts_its_signs() -> None:
    assert weighted_length("☎\ufe0e") == 4  # as text
    assert weighted_length("1\ufe0f") == 3  # no keycap
    assert weighted_length("🐱\u200d🐱") == 5  # no emoji that there is
    assert weighted_length("日本語 中") == 9


def test_alert_posts_are_not_parted() -> None:
    text = "❗️" * 140
    assert fits(text)
    assert composing.shorten(text) == text
    assert x_text.may_be_posted(text, long=False)
    assert not x_text.may_be_posted(text + "❗️", long=False)
    assert x_text.handed(text, lambda _: None).note is None


LINKS = [
    ("mira canales.com/abc ya", ["canales.com/abc"]),
    ("bit.ly/x", ["bit.ly/x"]),
    ("Mapa:bit.ly/3xYz, gracias", ["bit.ly/3xYz"]),
    ("canales.com", ["canales.com"]),
    ("CANALES.COM", ["CANALES.COM"]),
    ("es.wikipedia.org/wiki/Metro_(Caracas)", ["es.wikipedia.org/wiki/Metro_(Caracas)"]),
    ("ver t.co/abcdefghij", ["t.co/abcdefghij"]),
    ("youtu.be y goo.gl", ["youtu.be", "goo.gl"]),
    ("alcaldia.gob.ve", ["alcaldia.gob.ve"]),
    ("canales.com:8080/x?y=z#w", ["canales.com:8080/x?y=z#w"]),
    ("canales.com?x=1", ["canales.com"]),  # as twitter-text has it
    ("看看canales.com/abc吧", ["canales.com/abc"]),
    ("见https://例子.com/路", ["https://例子.com/"]),
    ("https://ñandú.com/x", ["https://ñandú.com/x"]),
    ("xn--fsqu00a.com", ["xn--fsqu00a.com"]),
    ("https://xn--80asehdb.xn--p1ai/", ["https://xn--80asehdb.xn--p1ai/"]),
    ("(canales.com)", ["canales.com"]),
    ("«https://canales.com/a»", ["https://canales.com/a"]),
    ("canales.com.", ["canales.com"]),
    ("a.co/d/1 b.ai", ["a.co/d/1", "b.ai"]),
    ("https://maps.app.goo.gl/aB3?g_st=ic", ["https://maps.app.goo.gl/aB3?g_st=ic"]),
    ("HTTPS://Canales.com/A", ["HTTPS://Canales.com/A"]),
]
NO_LINKS = [
    "ana@canales.com", "a las 7.30 en la av.", "versión 2.0", "fin.Empieza", "EE.UU.", "S.O.S", "p.ej. aquí", "1.000.000",
    "$canales.com", "#canales.com", "@canales.com", "hola...com", "foo.nope/x", "http://localhost/x", "-canales.com", "A.M.", "192.168.0.1/x",
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), LINKS)
def test_links_are_found_as_x_makes_them_and_priced(text: str, found: list[str]) -> None:
    assert [text[a:b] for a, b in links(text)] == found
    assert has_link(text)
    assert composing.has_link(unicodedata.normalize("NFD", text))
    assert weighted_length(text) == x_weight(text, found)
    assert prices.of_post(NOW, with_url=has_link(text)) == 200_000


def x_weight(text: str, found: list[str]) -> int:
    rest = text
    for link in found:
        rest = rest.replace(link, "", 1)
    return 23 * len(found) + sum(1 if ord(c) < 0x1100 else 2 for c in rest)


@pytest.mark.parametrize("text", NO_LINKS)
def test_what_x_makes_no_link_of_is_none(text: str) -> None:
    assert not has_link(text)


def test_alt_text_has_its_price() -> None:
    assert prices.of_post(NOW, with_url=False, described=2) == 25_000


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Choque #Metro #vía_cerrada #2026 #a1", ["Metro", "vía_cerrada", "a1"]),
        ("canales.com/#metro https://canales.com/a#metro", []),
        ("a#metro &#metro #metro#metro #metro://x", []),
        ("＃metro ️#metro #️⃣", ["metro", "metro"]),
        ("¡#Metro! (#Sur) #日本語", ["Metro", "Sur", "日本語"]),
    ],
)
def test_hashtags_are_those_of_x(text: str, found: list[str]) -> None:
    assert hashtags(text) == found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("https://www.Bit.ly/Abc?x=1", ["bit.ly", "bit.ly/abc"]),
        ("m.canales.com", ["m.canales.com", "canales.com"]),
        ("canales.com:80/a/b", ["canales.com", "canales.com/a", "canales.com/a/b"]),
        ("http://ñandú.com", ["xn--and-6ma2c.com"]),
        ("https://T.me/%65stafa%2Fx", ["t.me", "t.me/estafa", "t.me/estafa/x"]),
        ("nada", []),
    ],
)
def test_where_links_lead(text: str, names: list[str]) -> None:
    assert sites(text) == names


def test_only_a_link_leads_somewhere() -> None:
    assert site_of(" https://T.me/Canal ") == "t.me/canal"
    assert site_of("mira t.me/canal") is None
    assert site_of("choque") is None


SAID = [
    "Mapa en canales.com/abc y bit.ly/x",
    "Vía & día <b> 'x' \"y\" &amp; canales.com?a=1&b=2",
    "❗️⛔️ Choque en la A1 https://canales.com/ñ/vía",
    "看看canales.com/abc吧",
    "Dos  espacios\n\ny una línea  ",
    "choque.no hay paso",
    "https://ñandú.com/x#y",
    "#metro @alguien 7.30",
    "https://canales.com/",
    "t.co/abcdefghij",
    "Wi\u200dFi ⁦x⁩ a\u00adb",
]


@pytest.mark.parametrize("text", SAID)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("told", [True, False])
def test_what_x_hands_back_is_recognised(text: str, form: str, told: bool) -> None:
    said = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    handed = x_text.handed(said, lambda _: None)
    leads = links_told({"entities": handed.entities()}) if told else {}
    assert is_same(said, html.unescape(handed.text), leads)
    assert is_same(said, handed.text, leads)
    assert not is_same(said + " otra", html.unescape(handed.text), leads)


@given(st.text(st.sampled_from("aé ñ.com/&<;@#日❗️\n"), max_size=40))
def test_any_text_is_recognised(text: str) -> None:
    handed = x_text.handed(text, lambda _: None)
    assert is_same(text, html.unescape(handed.text), links_told({"entities": handed.entities()}))


def test_texts_that_differ_only_in_where_their_links_lead_are_not_the_same() -> None:
    handed = x_text.handed("Mapa: canales.com/a", lambda _: None)
    leads = links_told({"entities": handed.entities()})
    assert is_same("Mapa: https://www.canales.com/a/", handed.text, leads)
    assert not is_same("Mapa: canales.com/b", handed.text, leads)
    assert not is_same("Mapa: otros.com/a", handed.text, leads)
    assert is_same("Mapa: canales.com/b", handed.text)  # X did not say where it leads
    assert not is_same("Mapa: canales.com/a y b", handed.text, leads)


def test_what_x_adds_to_a_link_changes_nothing() -> None:
    assert is_same("ejemplo.com/ñ", "https://t.co/a", {"https://t.co/a": "http://ejemplo.com/%C3%B1"})
    assert is_same("http://ñandú.com", "https://t.co/a", {"https://t.co/a": "http://xn--and-6ma2c.com/"})
    assert is_same("nuevo.nombrenuevo/x", "https://t.co/a", {"https://t.co/a": "http://nuevo.nombrenuevo/x"})


def test_links_come_back_as_they_were_written() -> None:
    leads = {"https://t.co/a": "http://canales.com/abc", "https://t.co/ab": "https://otro.com"}
    assert (
        unwrapped("mira https://t.co/ab y https://t.co/a.", leads) == "mira https://otro.com y http://canales.com/abc."
    )
    assert (
        links_told(
            {"entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://x.com/p", "media_key": "3_1"}]}}
        )
        == {}
    )
    assert links_told({"entities": {"urls": [None, {"url": 5}, {"url": "a", "expanded_url": None}]}}) == {}
    assert links_told({"entities": []}) == {}


def test_a_link_within_a_word_is_never_cut() -> None:
    text = "日" * 130 + "https://canales.com/abc" + "日" * 100
    cut = composing.shorten(text)
    assert cut == "日" * 130 + "…"
    assert composing.shorten("日" * 120 + "canales.com/abc" + "日" * 100).startswith("日" * 120 + "canales.com/abc日")
    assert composing.shorten("https://canales.com/abc- " + "x" * 270).removesuffix("…") == "https://canales.com/abc-"
    assert weighted_length(composing.shorten("palabra " * 80 + "canales.com/x")) <= LIMIT
