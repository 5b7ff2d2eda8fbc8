"""Texts come back from X as the real one hands them out (docs/x-and-telegram.md, "Hearing" and "Speaking")."""

import html
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import x_text
from tests.sandbox.on_the_wire import Wired


def nobody(_handle: str) -> None:
    return None


@pytest.mark.parametrize(
    ("text", "link", "expanded"),
    [
        ("mira canales.com/abc ya", "canales.com/abc", "http://canales.com/abc"),
        ("mira https://canales.com/abc?x=1.", "https://canales.com/abc?x=1", "https://canales.com/abc?x=1"),
        ("mira (http://www.ejemplo.es), sí", "http://www.ejemplo.es", "http://www.ejemplo.es"),
        ("mira ejemplo.com, sí", "ejemplo.com", "http://ejemplo.com"),
    ],
)
def test_links_are_wrapped_bare_domains_too(text: str, link: str, expanded: str) -> None:
    handed = x_text.handed(text, nobody)
    (url,) = handed.entities()["urls"]
    assert handed.text == text.replace(link, url["url"])
    assert url["url"].startswith("https://t.co/")
    assert url["expanded_url"] == expanded
    assert handed.text[url["start"] : url["end"]] == url["url"]
    assert url["display_url"] == expanded.partition("://")[2].removeprefix("www.")


@pytest.mark.parametrize("text", ["a las 7.30 en la av.", "ana@ejemplo.com", "versión 2.0", "fin.Empieza"])
def test_what_is_no_link_stays(text: str) -> None:
    assert x_text.handed(text, nobody).text == text


def test_texts_are_composed_and_escaped_and_entities_say_where() -> None:
    said = unicodedata.normalize("NFD", "  Vía & día <b> 😀 @TraficoValle #Tráfico foo.com  ")
    handed = x_text.handed(said, lambda handle: ("TraficoValle", 5) if handle == "TraficoValle" else None)
    assert handed.text.startswith("Vía &amp; día &lt;b&gt; 😀 @TraficoValle #Tráfico https://t.co/")
    assert unicodedata.is_normalized("NFC", handed.text)
    found = {kind: handed.text[one["start"] : one["end"]] for kind, (one,) in handed.entities().items()}
    assert (found["mentions"], found["hashtags"]) == ("@TraficoValle", "#Tráfico")
    assert handed.mentioned == [5]


def test_a_handle_within_a_link_or_an_address_is_no_mention() -> None:
    def everybody(handle: str) -> tuple[str, int]:
        return handle, 5

    assert x_text.handed("https://x.com/@TraficoValle y ana@TraficoValle", everybody).mentioned == []
    assert x_text.handed(".@TraficoValle: hola", everybody).mentioned == [5]


async def test_long_posts_are_cut_and_whole_in_the_note() -> None:
    async with Wired() as wired:
        long = "Choque @TraficoValle " + "largo y tendido " * 30 + "al final https://ejemplo.com/" + "x" * 90
        event = wired.says(long)
        assert len(event["text"]) <= 280
        assert event["text"].endswith("…")
        assert event["text"][:-1] in long
        note = event["note_tweet"]
        (url,) = note["entities"]["urls"]
        assert html.unescape(note["text"]).endswith("al final " + url["url"])
        assert url["expanded_url"].endswith("x" * 90)
        assert "note_tweet" not in wired.says("Choque corto @TraficoValle")
        path = f"/2/users/{wired.channel.id}/mentions"
        unasked = await wired.x("GET", path)
        asked = await wired.x("GET", path, **{"post.fields": "note_post,created_at"})
        assert "note_post" not in unasked.body["data"][1]
        assert "created_at" not in unasked.body["data"][1]
        assert asked.body["data"][1]["note_post"]["text"] == note["text"]


async def test_channels_may_not_write_long_posts_and_links_count_23() -> None:
    async with Wired() as wired:
        assert (await wired.posts("a" * 281)).status == 403
        assert (await wired.posts("ejemplo.com/" + "x" * 200 + " " + "a" * 256)).status == 201
        assert (await wired.posts("ejemplo.com/" + "x" * 200 + " " + "a" * 257)).status == 403


async def test_what_differs_only_in_how_it_is_composed_is_said_twice() -> None:
    async with Wired() as wired:
        assert (await wired.posts("Vía cerrada")).body["data"]["text"] == "Vía cerrada"
        again = await wired.posts(unicodedata.normalize("NFD", "Vía cerrada"))
        assert (again.status, "duplicate" in again.body["detail"]) == (403, True)
        assert wired.told("Vía cerrada") == 1


async def test_direct_messages_have_their_links_wrapped_too() -> None:
    async with Wired() as wired:
        world = wired.sandbox.world
        dm = world.dm(world.user("maria_rdz").id, wired.channel.id, "mira canales.com & ya")
        answer = await wired.x("GET", "/2/dm_events")
        (told,) = answer.body["data"]
        (url,) = told["entities"]["urls"]
        assert told["text"] == dm.handed.text == f"mira {url['url']} &amp; ya"


@given(st.text(max_size=400))
def test_whatever_is_written_can_be_handed_out(text: str) -> None:
    handed = x_text.handed(text, nobody)
    for entities in handed.entities().values():
        assert all(0 <= one["start"] < one["end"] <= len(handed.text) for one in entities)
    assert handed.note is not None or "…" in text or not handed.text.endswith("…")
