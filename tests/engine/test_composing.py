"""What a channel says fits into X, and is never cut where it hurts."""

import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.composing import ELLIPSIS, LIMIT, Style, clean, shorten, weighted_length
from engine.moderation import MessageKind

NAMED = Style(name_dms=True)


def credited_copy(text: str, name: str | None) -> str:
    style = NAMED if name else Style()
    return style.copy_of(MessageKind.DM, text, name or "", "")


PIECES = st.sampled_from(
    ["choque", "en", "la", "autopista", "👩‍👩‍👧‍👦", "🚧", "é", "e\u0301", "ñandú", "日本語", "https://ejemplo.com/a/b?c=d", "@maria", "#vía",
     "palabra" * 12, "x" * 300, "🇻🇪" * 150]
)  # fmt: skip
TEXTS = st.lists(PIECES, min_size=1, max_size=90).map(" ".join)


@settings(max_examples=60)
@given(TEXTS)
def test_a_post_never_exceeds_280_weighted(text: str) -> None:
    assert weighted_length(shorten(text)) <= LIMIT
    assert weighted_length(credited_copy(text, "Ana Pérez")) <= LIMIT


@settings(max_examples=60)
@given(TEXTS)
def test_a_cut_never_goes_through_a_link_an_emoji_or_a_combining_sequence(text: str) -> None:
    cut = shorten(text)
    if cut == text:
        return
    kept = cut.removesuffix(ELLIPSIS)
    assert text.startswith(kept)
    assert regex.findall(r"\X", text)[: len(regex.findall(r"\X", kept))] == regex.findall(r"\X", kept)
    links = [w for w in text.split() if w.startswith("http")]
    assert [w for w in kept.split() if w.startswith("http")] == links[
        : len([w for w in kept.split() if w.startswith("http")])
    ]


def test_a_text_that_fits_is_left_alone() -> None:
    assert shorten("a" * 280) == "a" * 280
    assert shorten("日" * 140) == "日" * 140


def test_a_long_text_is_cut_at_a_word() -> None:
    cut = shorten("palabra " * 60)
    assert cut.endswith("palabra" + ELLIPSIS)
    assert weighted_length(cut) > LIMIT - 10


def test_a_url_counts_23_whatever_its_length() -> None:
    assert weighted_length("https://ejemplo.com/" + "a" * 200) == 23


def test_a_direct_message_names_its_sender_only_where_wanted() -> None:
    assert credited_copy("Choque en la A1", None) == "Choque en la A1"
    assert credited_copy("Choque en la A1", "Ana") == "vía Ana: Choque en la A1"


def test_a_copy_mentions_nobody() -> None:
    assert "@" not in credited_copy("@alcaldia mire esto @TraficoValle", "@ana")


def test_control_characters_and_doubled_spaces_go() -> None:
    assert clean("  hola\x00\u202a  mundo \r\n\n\n\n fin ") == "hola\u202a mundo\n\nfin"
