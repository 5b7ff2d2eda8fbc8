"""A link that Telegram hides behind words is seen before it is posted, and a post is priced as X prices it."""

import pytest

from bot.incoming import with_links
from models.publishing.tweets import Tweet
from tests.bot.conversation import Conversation


def link(offset: int, length: int, url: str = "https://ejemplo.com/x") -> dict[str, object]:
    return {"type": "text_link", "offset": offset, "length": length, "url": url}


@pytest.mark.parametrize(
    ("text", "entities", "shown"),
    [
        ("Lee aquí", [link(4, 4)], "Lee aquí https://ejemplo.com/x"),
        ("Lee aquí. Ya", [link(4, 4)], "Lee aquí https://ejemplo.com/x. Ya"),
        ("Lee aquí ya", [link(4, 5)], "Lee aquí https://ejemplo.com/x ya"),
        ("Leeaquíya", [link(3, 4)], "Leeaquí https://ejemplo.com/x ya"),
        ("🚧🚧 Lee aquí 🚧", [link(9, 4)], "🚧🚧 Lee aquí https://ejemplo.com/x 🚧"),
        ("🔗", [link(0, 2)], "🔗 https://ejemplo.com/x"),
        ("uno dos", [link(0, 3, "https://a.com"), link(4, 3, "https://b.com")], "uno https://a.com dos https://b.com"),
        ("ejemplo.com/x y ya", [link(0, 13)], "ejemplo.com/x y ya"),
        ("banco.com", [link(0, 9)], "banco.com https://ejemplo.com/x"),  # it leads elsewhere than it says
        (
            "@ana y #metro",
            [link(0, 4, "https://x.com/ana"), link(7, 6, "https://x.com/hashtag/metro")],
            "@ana y #metro",
        ),
        (
            "#vía y @ana",
            [link(0, 4, "https://x.com/hashtag/v%C3%ADa"), link(7, 4, "https://youtube.com/@Ana")],
            "#vía y @ana",
        ),
        ("@ana", [link(0, 4)], "@ana https://ejemplo.com/x"),  # no page of hers
        ("Ana", [link(0, 3, "tg://user?id=5")], "Ana"),
        ("Ana", [link(0, 9), link(-1, 2), {"type": "text_link"}, None, link(0, 0)], "Ana"),
    ],
)
def test_what_is_hidden_is_written_out(text: str, entities: list[object], shown: str) -> None:
    assert with_links(text, entities)[0] == shown


def test_what_stands_behind_is_where_it_is_then() -> None:
    bold = {"type": "bold", "offset": 9, "length": 2}
    text, entities = with_links("Lee aquí ya", [link(4, 4), bold])
    (found,) = entities
    assert text[found["offset"] : found["offset"] + found["length"]] == "ya"


async def test_a_hidden_link_is_shown_and_priced_before_it_is_said(ana: Conversation) -> None:
    shown = await ana.does(
        ana._phones.say(ana.person, 'Mapa <a href="https://ejemplo.com/mapa">aquí</a>', forwarded="Vecina", html=True)
    )
    assert "Mapa aquí https://ejemplo.com/mapa" in shown.text
    assert "$0.200" in shown.text
    await ana.taps("Publicar ya", "Post now")
    (tweet,) = Tweet.select()
    assert tweet.text == "Mapa aquí https://ejemplo.com/mapa"


async def test_of_a_command_too(ana: Conversation) -> None:
    shown = await ana.does(
        ana._phones.say(ana.person, '/post Mapa <a href="https://ejemplo.com/mapa">aquí</a>, vecinos', html=True)
    )
    assert "Mapa aquí https://ejemplo.com/mapa, vecinos" in shown.text


async def test_a_bare_domain_is_priced(ana: Conversation) -> None:
    assert "$0.200" in (await ana.types("Mapa en canales.com/abc")).text
    assert "$0.015" in (await ana.types("Choque a las 7.30 en la av. Sur")).text
