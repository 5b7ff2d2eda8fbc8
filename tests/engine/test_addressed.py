"""What a post is to a channel, by the post alone: whatever X leaves out, and whatever a stranger writes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.moderation import MessageKind
from engine.x import events
from engine.x.addressed import is_repost, kind_of, own_words
from tests.conftest import NOW, SPECS

MENTION, REPLY = MessageKind.MENTION, MessageKind.REPLY
CHANNEL, OTHER = 1, 9


def named(*places: tuple[int, int]) -> dict[str, Any]:
    return {"mentions": [{"start": start, "end": start + 6, "id": str(of)} for start, of in places]}


def answer(text: str, to: int | None = CHANNEL, hidden: int | None = None, **more: Any) -> dict[str, Any]:
    post: dict[str, Any] = {"text": text, "referenced_tweets": [{"type": "replied_to", "id": "7"}], **more}
    if to is not None:
        post["in_reply_to_user_id"] = str(to)
    if hidden is not None:
        post["display_text_range"] = [hidden, len(text)]
    return post


POSTS: dict[str, tuple[dict[str, Any], MessageKind | None]] = {
    "a post": ({"text": "@canal choque", "entities": named((0, CHANNEL))}, MENTION),
    "a post of which X says next to nothing": ({"text": "choque"}, MENTION),
    "an answer": (answer("@canal choque", entities=named((0, CHANNEL)), hidden=7), REPLY),
    "an answer, not where it begins": (answer("@canal choque", entities=named((0, CHANNEL))), REPLY),
    "an answer, as X's sample has it": (answer("@canal choque", entities=named((0, CHANNEL)), hidden=8), REPLY),
    "an answer, not whom it names": (answer("@canal choque", hidden=7), REPLY),
    "an answer without any name": (answer("choque", entities={}), REPLY),
    "an answer that names it": (answer("@canal choque @canal", entities=named((0, CHANNEL), (14, CHANNEL)), hidden=7), MENTION),
    "an answer that names it first": (
        answer("@canal @canal choque", entities=named((0, CHANNEL), (7, CHANNEL)), hidden=7),
        MENTION,
    ),
    "an answer that hides nothing": (answer("@canal choque", entities=named((0, CHANNEL)), hidden=0), MENTION),
    "an answer that names somebody": (
        answer("@canal choque @luisa", entities=named((0, CHANNEL), (14, OTHER)), hidden=7),
        REPLY,
    ),
    "an answer that names somebody X does not tell": (answer("@canal choque @canal", hidden=7), MENTION),
    "an answer to another": (answer("@luisa @canal qué", OTHER, entities=named((0, OTHER), (7, CHANNEL)), hidden=14), None),
    "an answer to another, not where it begins": (
        answer("@luisa @canal qué", OTHER, entities=named((0, OTHER), (7, CHANNEL))),
        None,
    ),
    "an answer to another that names it": (
        answer("@luisa @canal qué", OTHER, entities=named((0, OTHER), (7, CHANNEL)), hidden=7),
        MENTION,
    ),
    "an answer to nobody knows whom": (answer("@canal qué", None, entities=named((0, CHANNEL)), hidden=7), REPLY),
    "an answer to nobody knows whom, another first": (
        answer("@luisa @canal qué", None, entities=named((0, OTHER), (7, CHANNEL)), hidden=14),
        None,
    ),
    "a long answer": (
        answer("@canal choq…", entities=named((0, CHANNEL)), hidden=7, note_tweet={"text": "@canal choque " + "a" * 300}),
        REPLY,
    ),
    "a long answer that names it at its end": (
        answer(
            "@canal choq…", entities=named((0, CHANNEL)), hidden=7,
            note_post={"text": "@canal choque y @canal", "entities": named((0, CHANNEL), (16, CHANNEL))},
        ),
        MENTION,
    ),
    "a quote": ({"text": "@canal", "referenced_posts": [{"type": "quoted", "id": "7"}], "entities": named((0, CHANNEL))}, MENTION),
    "a repost": ({"text": "RT @canal: choque", "referenced_tweets": [{"type": "retweeted", "id": "7"}]}, None),
    "a bare repost": ({"text": "RT @canal: choque"}, None),
    "a bare repost behind spaces": ({"text": " \u200eRT  @canal choque"}, None),
    "a bare repost, wide": ({"text": "RT ＠canal choque", "referenced_posts": []}, None),
    "no repost": ({"text": "ART @canal"}, MENTION),
    "no repost, in the middle": ({"text": "choque RT @canal: choque"}, MENTION),
    "a quote that begins like one": (
        {"text": "RT @canal, porfa", "referenced_posts": [{"type": "quoted", "id": "7"}]},
        MENTION,
    ),
}  # fmt: skip


@pytest.mark.parametrize("post", POSTS)
def test_what_a_post_is(post: str) -> None:
    found, kind = POSTS[post]
    assert kind_of(found, CHANNEL) is kind


@pytest.mark.parametrize("post", [p for p, (found, _) in POSTS.items() if "display_text_range" in found])
@pytest.mark.parametrize("said", [MENTION, REPLY])
def test_what_says_where_it_begins_is_the_same_whatever_x_brings_it_as(post: str, said: MessageKind) -> None:
    found, kind = POSTS[post]
    expected = REPLY if kind is None and said is REPLY and "in_reply_to_user_id" not in found else kind
    assert kind_of(found, CHANNEL, said=said) is expected


def test_x_s_word_counts_where_the_post_leaves_it_open() -> None:
    to_another, _ = POSTS["an answer to another, not where it begins"]
    assert kind_of(to_another, CHANNEL, said=MENTION) is MENTION
    assert kind_of({"text": "choque"}, CHANNEL, said=REPLY) is REPLY


@pytest.mark.skipif(not SPECS.exists(), reason="the published specs are not beside this checkout")
def test_x_s_own_sample_of_a_reply_is_one_whose_sender_is_not_told() -> None:
    (heard,) = events.parse_line((SPECS / "x-events" / "post.reply.create.json").read_bytes(), NOW)
    assert isinstance(heard, events.Heard)
    assert (heard.kind, heard.sender_handle, heard.protected) == (REPLY, "", None)
    assert heard.sender_id == 2222222222222222222
    assert heard.text == "Great post — thanks for sharing!"


def test_the_names_that_x_puts_before_an_answer_are_none_of_its_words() -> None:
    for text, hidden, said in (
        ("@canal @luisa choque", 14, "choque"),
        ("@canal @luisa choque", 7, "@luisa choque"),
        ("@canal @luisa choque", None, "@canal @luisa choque"),
        ("@canal  choque", 9, "choque"),
        ("choque @canal", 9, "choque @canal"),
        ("@canal", 6, ""),
        ("@canal &lt;choque", 7, "&lt;choque"),
    ):
        assert own_words(answer(text, hidden=hidden), {"text": text}) == said
    assert (
        own_words({"text": "@canal choque", "display_text_range": [7, 13]}, {"text": "@canal choque"})
        == "@canal choque"
    )


ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.lists(st.none() | st.integers(), max_size=3)
NAMES = st.fixed_dictionaries({}, optional={"start": ODD, "end": ODD, "id": ODD, "username": ODD})
PARTS = {
    "text": ODD | st.text(alphabet="RT @＠abc\u200e\n", max_size=60),
    "entities": ODD | st.fixed_dictionaries({"mentions": ODD | st.lists(NAMES | ODD, max_size=4)}),
    "display_text_range": ODD,
    "in_reply_to_user_id": ODD,
    "referenced_tweets": ODD | st.lists(ODD | st.fixed_dictionaries({"type": ODD}), max_size=3),
    "note_tweet": ODD | st.fixed_dictionaries({}, optional={"text": ODD, "entities": ODD}),
}


@given(st.fixed_dictionaries({"id": st.just("5"), "author_id": st.just("2")}, optional=PARTS))
def test_whatever_x_sends_is_an_event_or_malformed_and_no_other_error(post: dict[str, Any]) -> None:
    for kind in events.POST_EVENTS:
        data = {"event_type": kind, "filter": {"user_id": "1"}, "payload": post}
        line = json.dumps({"data": data}).encode()
        try:
            events.parse_line(line, NOW)
        except events.MalformedEvent:
            continue


def test_a_text_without_an_end_costs_its_length() -> None:
    hostile = "@a " * 100_000 + "@" * 100_000 + " " * 100_000
    for post in (answer(hostile, hidden=2), answer(hostile), {"text": hostile}, {"text": "RT" + " " * 300_000}):
        kind_of(post, CHANNEL)
        is_repost(post)


def page(*posts: dict[str, Any], users: list[dict[str, Any]] | None = None) -> events.Page:
    return events.mentions_of_page({"data": list(posts), "includes": {"users": users or []}}, CHANNEL, NOW)


def test_a_page_says_up_to_where_it_goes_whatever_stands_on_it() -> None:
    repost = {"id": "30", "author_id": "2", "text": "RT @canal: choque"}
    unreadable = {"id": "40", "author_id": None, "text": "choque @canal"}
    to_come = {"id": str(events.id_at(NOW) * 2), "author_id": "2", "text": "choque @canal"}
    found = page(to_come, unreadable, repost, {"id": "20", "author_id": "2", "text": "choque @canal"})
    assert ([h.x_id for h in found.heard], found.unreadable, found.newest, found.oldest) == ([20], 2, 40, 20)
    assert (page().newest, page().oldest) == (0, 0)


def test_whether_an_account_is_protected_is_known_where_x_says_it() -> None:
    post = {"id": "20", "author_id": "2", "text": "choque @canal"}
    for said, known in (
        ({"protected": True}, True),
        ({"protected": False}, False),
        ({}, None),
        ({"protected": "no"}, None),
    ):
        (heard,) = page(post, users=[{"id": "2", "username": "ana", **said}]).heard
        assert heard.protected is known
    (heard,) = page(post).heard
    assert heard.protected is None
