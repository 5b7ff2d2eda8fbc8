"""What a channel watches, by the chat and over the real processes: an account that does not know of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stage import Stage


@pytest.fixture(params=["sqlite", "postgres"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    url = request.getfixturevalue("postgres_server").empty("watching") if request.param == "postgres" else ""
    with Stage(tmp_path / "stage", database_url=url) as ready:
        yield ready


def test_what_an_account_says_is_reposted_up_to_its_ceiling_and_beyond_it_when_that_is_raised(stage: Stage) -> None:
    def posts(text: str) -> str:
        return str(stage.do("/sandbox/x/say", handle="inameh", kind="post", text=text)["id"])

    def reposted(post: str) -> bool:
        return any(key.endswith(f":{post}") for key in stage.accepted("repost"))

    def rules() -> bool:
        return bool(stage.x()["filtered"]["rules"])

    stage.start("web", "streams", "worker", "voices", "journal")
    stage.connect()
    stage.tell("/intervalo 0", "Ritmo de")
    offer = stage.tell("/vigilar @inameh lluvia tope 0.01", "¿vigilar @inameh")  # at first it says that X is asked
    stage.press(offer, "Vigilar")
    stage.bot_says("Se oye: ⚡")
    stage.wait("the stream is on", lambda: stage.x()["filtered"]["connected"])
    dull, first = posts("sol en la costa"), posts("lluvia en el valle")
    stage.wait("it is reposted", lambda: reposted(first))
    told = stage.bot_says("no vigila más a @inameh por hoy: trajo 2 publicaciones, por \\$0.01")
    stage.wait("its rule is gone: what X brings until then is heard where there is room", lambda: not rules())
    posts("lluvia que nadie oye")
    stage.press(told, "Hasta \\$0.02 al día")
    stage.bot_says("Se oye: ⚡.*\\$0.02 al día")
    stage.wait("its rule is back", rules)
    later = posts("lluvia en la montaña")
    stage.wait("it is heard again", lambda: reposted(later))
    assert not reposted(dull)
    assert "3 publicaciones · 🔁 2 · $0.015 de $0.02" in stage.tell("/vigilar", "Lo que vigila")["text"]
