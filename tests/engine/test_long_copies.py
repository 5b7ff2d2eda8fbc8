"""A copy that is too long for one post: cut, or a thread that says all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import composing
from engine.composing import LIMIT, Long, Style
from engine.composing.threads import posts_of
from engine.moderation import Form, MessageKind
from engine.on_x import fits
from engine.posts import MOST_POSTS

CUTTING = Style(mention_form=Form.COPY)
THREADING = Style(mention_form=Form.COPY, long_copies=Long.THREAD)
SENTENCE = "Choque múltiple en la autopista Valle-Coche, sentido oeste, con dos canales cerrados. "
MENTION, DM = MessageKind.MENTION, MessageKind.DM


def of(style: Style, text: str, kind: MessageKind = MENTION) -> tuple[str, ...]:
    return style.copies_of(kind, text, "María", "maria_rdz")


def test_what_fits_is_one_post_either_way() -> None:
    assert of(CUTTING, SENTENCE) == of(THREADING, SENTENCE) == (f"vía María: {SENTENCE.strip()}",)
    nearly = SENTENCE * 3
    assert of(THREADING, nearly) == (f"vía María: {nearly.strip()}",)


def test_what_does_not_is_cut_or_said_whole_with_the_credit_in_front() -> None:
    text = "".join(f"{n}. {SENTENCE}" for n in range(1, 13))
    (cut,) = of(CUTTING, text)
    assert cut.endswith("…")
    thread = of(THREADING, text)
    assert thread[0].startswith("vía María: 1. Choque")
    assert " ".join(thread).removeprefix("vía María: ").split() == text.split()
    assert all(fits(post) for post in thread)


def test_a_credit_behind_the_text_stands_in_the_first_post_too() -> None:
    style = Style(mention_form=Form.COPY, long_copies=Long.THREAD, credit="{text} (vía {name})")
    thread = of(style, SENTENCE * 8)
    assert thread[0].endswith("(vía María)")
    assert not any("María" in post for post in thread[1:])


def test_a_thread_has_an_end() -> None:
    thread = of(THREADING, SENTENCE * 400)
    assert len(thread) == MOST_POSTS
    assert thread[-1].endswith("…")


def test_links_of_its_end_are_seen_and_stay_whole() -> None:
    text = SENTENCE * 8 + "https://example.com/" + "a" * 60
    assert composing.has_link(of(THREADING, text)[-1])
    assert "https://example.com/" + "a" * 60 in of(THREADING, text)[-1]


def test_a_dm_names_nobody_in_any_of_its_posts() -> None:
    assert not any("María" in post for post in of(THREADING, SENTENCE * 8, DM))


LETTERS = st.sampled_from(
    [*list("aé.@# \n\t"), "日本", "🚧", "https://a.com/b ", "a.com", "\u200d", "…", "palabra ", "x" * 300]
)


@given(st.lists(LETTERS, max_size=80).map("".join))
def test_whatever_it_says_every_post_fits(text: str) -> None:
    thread = of(THREADING, text * 6)
    assert 1 <= len(thread) <= MOST_POSTS
    assert all(fits(post, LIMIT) for post in thread)
    assert len(thread) == 1 or all(post.strip() for post in thread)


@pytest.mark.parametrize(
    "sign", ["漢", "漢字。", "日本語、", "👨‍👩‍👧‍👦", "x", "a\u0301", "🇻🇪", "https://example.com/a,"], ids=ascii
)
@pytest.mark.parametrize("room", [280, 150])
def test_of_a_text_without_spaces_nothing_is_lost(sign: str, room: int) -> None:
    text = sign * 180
    said = posts_of(text, room)
    whole = len(said) < MOST_POSTS
    assert "".join(said) == text if whole else text.startswith("".join(said).rstrip("…"))
    assert fits(said[0], room)
    assert all(fits(post) for post in said)
