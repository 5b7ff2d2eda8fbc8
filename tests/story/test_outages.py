"""When Redis or we ourselves break, or X keeps the stream for a dead process: somebody takes over, and nothing is lost."""

import pytest

from sandbox.stage import ANA, Stage
from tests.reading import stream_state
from tests.story.test_trouble import ready, reposts


@pytest.mark.world
def test_a_spare_takes_the_stream_over(stage: Stage) -> None:
    ready(stage)
    stage.world(x_tail_share=0)  # X's own seconds are none of ours
    stage.start("streams.2")
    stage.mention("maria_rdz", "choque antes @TraficoValle")
    reposts(stage, 1)
    assert stage.x()["stream"]["connects"] == 1
    stage.do("/sandbox/x/act", act="linger", seconds=600)  # X goes on counting the dead connection
    stage.kill("streams")
    stage.mention("maria_rdz", "choque en medio @TraficoValle")
    stage.wait("the spare listens", lambda: stage.x()["stream"]["connects"] == 2)
    reposts(stage, 2)


@pytest.mark.world
def test_a_connection_that_lingers_at_x_is_cleared(stage: Stage) -> None:
    ready(stage, "web", "worker", "voices", "journal", "streams")
    stage.kill("streams")
    stage.do("/sandbox/x/act", act="linger", seconds=600)
    stage.start("streams")
    stage.wait("locked out", lambda: stage.x()["stream"]["refusals"] >= 1)
    stage.wait("cleared", lambda: "stale stream connections closed" in stage.log_text())
    stage.wait("connected", lambda: stage.x()["stream"]["connected"])


@pytest.mark.world
def test_redis_is_flushed_and_killed_and_nothing_is_lost(stage: Stage) -> None:
    ready(stage)
    for n in range(30):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
        if n % 10 == 5:
            stage.redis().flushall()
    reposts(stage, 30)
    stage.redis().shutdown(nosave=True)
    for n in range(30, 40):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    reposts(stage, 40)


def test_a_channel_of_oauth1_tokens_is_polled_and_posts(stage: Stage) -> None:
    stage.start("web", "streams", "worker", "voices")
    stage.tell("/start", "Canales")
    pair = stage.do("/sandbox/x/act", act="pair", handle="LluviaYa")
    assert "Missing: X_ACCESS_TOKEN" in stage.command("bot", "connect", "--owner", str(ANA), check=False)
    assert "does not accept" in stage.command(
        "bot", "connect", "--owner", str(ANA), check=False, X_ACCESS_TOKEN=pair["token"], X_ACCESS_SECRET="wrong"
    )
    settings = {"X_ACCESS_TOKEN": pair["token"], "X_ACCESS_SECRET": pair["secret"]}
    assert "@LluviaYa is connected" in stage.command("bot", "connect", "--owner", str(ANA), **settings)
    stage.tell("/triggers add granizo", "1 disparador")
    stage.mention("maria_rdz", "granizo en el norte @LluviaYa")
    stage.dm("maria_rdz", "LluviaYa", "granizo en el sur")
    reposts(stage, 1)
    stage.wait("the DM too", lambda: stage.accepted("post"), 90)  # DMs are asked for every 65 s: X allows no more


@pytest.mark.world
def test_each_process_ends_within_10_seconds_of_sigterm(stage: Stage) -> None:
    ready(stage)
    took = {name: stage.stop(name) for name in ("web", "streams", "worker", "voices", "journal")}
    assert max(took.values()) < 10, took
    stage.wait("X sees the stream closed", lambda: not stage.x()["stream"]["connected"])
    assert stream_state(stage) == {}, "the lease was given back"


def test_a_key_is_rotated_while_channels_stay_connected(stage: Stage) -> None:
    ready(stage)
    old = (stage.folder / "data" / "secret.key").read_text().strip()
    for name in ("web", "streams", "worker", "voices", "journal"):
        stage.stop(name)
    stage._settings = {"SECRET_KEY": f"the-new-key-of-this-service,{old}"}
    assert "tokens encrypted anew: 1" in stage.command("bot", "rotate")
    stage._settings = {"SECRET_KEY": "the-new-key-of-this-service"}
    stage.start("streams", "worker", "voices", "journal")
    stage.mention("maria_rdz", "choque con clave nueva @TraficoValle")
    reposts(stage, 1)


def test_a_bad_setting_ends_the_start_with_a_sentence(stage: Stage) -> None:
    said = stage.command("bot", "web", check=False, X_API_URL="api.x.com")
    assert "X_API_URL: must be an address" in said
    assert "Example: X_API_URL=https://api.x.com" in said
    assert "Traceback" not in said
    said = stage.command("bot", "run", check=False, X_CLIENT_ID="", X_API_KEY="")
    assert "X_CLIENT_ID is not set" in said
