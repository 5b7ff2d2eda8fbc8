"""No text of a stranger's costs more than its length, whatever it is made of; what is ordinary is read as before."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twitter_text import parse_tweet

from engine.composing import ELLIPSIS, LIMIT, weighted_length
from engine.on_x import fits
from engine.phrases import Found, Phrasebook
from engine.similarity import COMPARED_LETTERS, COMPARED_WORDS, Lately, Like, RecentTexts, likeness, normal
from engine.text import MOST_MARKS, OPENING, bare_of_marks, fold, opening
from tests.conftest import NOW
from tests.engine import hostile
from tests.engine.hostile import LONGEST, PATTERNS

SECOND = 1.0  # of the processor: forty times what a text may cost; what is quadratic takes minutes

PIECES = st.sampled_from(
    ["a", "choque", "é", "e\u0301", "ñ", "日", "ſ", "ı", "K", "com", "COM", "co", "uk", "中国", "公司", "москва", "vermögensberater",
     "xn--p1ai", "t.co/", "https://", "http://", "HTTPS://", "www.", ".", "..", "-", "_", "/", "?", "=", "&", "(", ")", "((a)b)",
     "@", "＠", "#", "$", "!", ",", ":", ":80", ";", "'", "~", "|", " ", "\n", "\r\n", "…", "—", "👩‍👩‍👧‍👦", "👍🏽", "🇻🇪", "🇻", "1️⃣",
     "\ufe0f", "\u200d", "\u20e3", "\u0301", "\u202e", "\ufeff", "\x1c", "\xa0", "%", "*", "+", "[", "]", "^", "0", "1",
     "a.com", "ejemplo.com/a?b=c", "x" * 63, "y" * 64, "©", "™", "مصر", "ß", "\u00ad"]
)  # fmt: skip
MIXED = st.lists(PIECES, max_size=60).map(lambda pieces: "".join(pieces)[:400])
DRAWN = st.builds(
    lambda parts: " ".join(PATTERNS[name](length) for name, length in parts)[:LONGEST],
    st.lists(st.tuples(st.sampled_from(sorted(PATTERNS)), st.integers(8, LONGEST)), min_size=1, max_size=4),
)


def cost(of: Callable[[], object]) -> float:
    """Seconds of the processor."""
    began = time.process_time()
    of()
    return time.process_time() - began


@settings(max_examples=300)
@given(MIXED | st.text(max_size=100))
def test_a_length_is_what_twitter_text_says(text: str) -> None:
    plain = text.replace("\ufe0f", "")  # of that it knows less than X does
    assert weighted_length(plain) == parse_tweet(plain).weightedLength


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("a.com", 23),
        ("http://a.com/b(c)d", 23),
        ("ét.co y ét.co", 1 + 23 + 3 + 23),  # at the very beginning a link may begin with the second letter
        ("日本.com", 8),
        ("日本a.com", 4 + 23),
        ("x@a.com", 7),
        ("-a.com", 6),
        ("https://t.co/abc", 23),
        ("a.b.c.nope", 10),
        ("a.com.nope", 23 + 5),
        ("👩‍👩‍👧‍👦", 2),
        ("e\u0301", 1),
        ("1️⃣ ©", 5),
        ("\r\n", 1),
    ],
)
def test_links_emoji_and_signs_weigh_as_on_x(text: str, weight: int) -> None:
    if text:
        assert parse_tweet(text).weightedLength == weight
    assert weighted_length(text) == weight


@settings(max_examples=100)
@given(MIXED, st.integers(0, 300))
def test_what_fits_is_what_weighs_no_more(text: str, limit: int) -> None:
    assert fits(text, limit) == (weighted_length(text) <= limit)


@pytest.mark.parametrize("name", PATTERNS)
def test_judging_and_composing_of_any_text_end_at_once(name: str) -> None:
    desk = hostile.Desk(NOW)
    for text in (hostile.behind(name, "choque ", LONGEST), PATTERNS[name](OPENING), PATTERNS[name](LIMIT)):
        assert cost(lambda text=text: desk.judged(text)) < SECOND  # type: ignore[misc]


@settings(max_examples=60)
@given(DRAWN)
def test_no_mixture_of_hostile_texts_costs_more(text: str) -> None:
    desk = hostile.Desk(NOW)
    assert cost(lambda: desk.judged(text)) < SECOND
    assert weighted_length(desk.judged(text)) <= LIMIT


@settings(max_examples=60)
@given(DRAWN)
def test_what_is_compared_has_an_end(text: str) -> None:
    words = normal(text)
    assert len(words) <= COMPARED_WORDS
    assert sum(map(len, words)) <= COMPARED_LETTERS
    assert likeness(words, words) == 1


@pytest.mark.parametrize("length", [10, OPENING])
def test_a_text_that_a_post_can_hold_is_not_cut(length: int) -> None:
    text = ("choque en la autopista " * OPENING)[:length]
    assert opening(text) == text


def test_a_long_text_is_cut_at_a_space_that_is_near_and_never_inside_a_link() -> None:
    assert opening("palabra " * 1000) == "palabra " * (OPENING // 8 - 1) + "palabra" + ELLIPSIS
    assert opening("日" * 3000) == "日" * OPENING + ELLIPSIS
    assert opening("新闻 " + "日" * 3000) == "新闻 " + "日" * (OPENING - 3) + ELLIPSIS
    assert opening("mira https://ejemplo.com/" + "a" * 3000) == "mira " + ELLIPSIS


def test_marks_without_end_are_taken_off_a_letter() -> None:
    assert bare_of_marks("e" + "\u0301\u0323" * 5000) == "e" + "\u0301\u0323" * (MOST_MARKS // 2)
    assert fold("E" + "\u0301\u0323" * 5000) == "e"
    assert fold("ﷺ") == "ﷺ"


def test_a_word_that_is_read_as_several_is_found_once() -> None:
    book = Phrasebook([("a", None)])
    assert book.find("🅰\ufe0f a") == [Found(3, 4, None)]
    letters = Phrasebook([("l", None), ("a", None)])
    assert letters.find("ŀa a") == [Found(0, 2, None), Found(3, 4, None)]  # folded that is l·a


def test_of_what_was_found_before_and_what_passed_since_the_likest_counts() -> None:
    fresh = RecentTexts()
    words = normal("choque en la calle Pez")
    assert Lately(words, Like(1, 0.9), fresh).likest("", 0.8, NOW) == Like(1, 0.9)
    fresh.add(2, normal("choque en la calle Pez"), NOW)
    assert Lately(words, Like(1, 0.9), fresh).likest("", 0.8, NOW) == Like(2, 1.0)
    assert Lately(words, Like(1, 1.0), fresh).likest("", 0.8, NOW) == Like(2, 1.0)
    assert Lately(words, None, fresh).likest("", 0.8, NOW, origin=0) == Like(2, 1.0)
