"""Redis is a doorbell: without one everything is heard, judged, said, planned and told all the same, a little later."""

from datetime import UTC, datetime, timedelta

from sandbox.ports import free_port
from sandbox.stage import Stage
from tests.reading import rows, stream_state
from tests.story.test_trouble import ready, reposts
from tests.tasks.test_embedded_redis import servers

NAMES = ("web", "streams", "worker", "voices", "journal")


def test_where_redis_never_was_all_goes_on_by_the_clocks_alone(stage: Stage) -> None:
    stage._settings = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    ready(stage)
    at = (datetime.now(UTC) + timedelta(seconds=75)).replace(second=0, microsecond=0)
    word = "hoy" if at.date() == datetime.now(UTC).date() else "mañana"
    stage.press(stage.tell(f"/schedule {word} {at:%H:%M} Puente cerrado", "dirá, "), "Programar")
    stage.bot_says("✅ Programado|⏳")
    for n in range(40):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    reposts(stage, 40)
    told = "SELECT 1 FROM notice WHERE kind = 'posted' AND status = 'delivered'"
    stage.wait("all are told", lambda: len(rows(stage, told)) == 40)
    stage.press(stage.tell("/post Dicho a mano", "diga esto"), "Publicar ya")
    stage.bot_says("dijo esto.*Dicho a mano")
    stage.tell("/status", "Escuchando a X.*Redis no responde")
    stage.wait("the journal is written", lambda: not rows(stage, "SELECT 1 FROM journal_entry WHERE written = 0"))
    stage.wait("the schedule goes out", lambda: len(stage.accepted("post")) == 2, 120)
    assert set(stage.accepted("post").values()) | set(stage.accepted("repost").values()) == {1}
    assert stage.x()["stream"]["connects"] == 1
    assert not rows(stage, "SELECT 1 FROM tweet WHERE status <> 'sent'")
    about_redis = [line for line in stage.log_text().splitlines() if "redis" in line.lower()]
    assert len(about_redis) <= 6 * len(NAMES), about_redis
    took = {name: stage.stop(name) for name in NAMES}
    assert max(took.values()) < 10, took
    assert stream_state(stage) == {}, "the lease was given back"


def test_without_redis_a_spare_takes_the_stream_over(stage: Stage) -> None:
    stage._settings = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    ready(stage)
    stage.start("streams.2")
    stage.mention("maria_rdz", "choque antes @TraficoValle")
    reposts(stage, 1)
    assert stage.x()["stream"]["connects"] == 1
    stage.kill("streams")
    stage.mention("maria_rdz", "choque en medio @TraficoValle")
    stage.wait("the spare listens", lambda: stage.x()["stream"]["connects"] == 2)
    reposts(stage, 2)


def test_redis_that_hangs_in_the_middle_loses_nothing(stage: Stage) -> None:
    ready(stage)
    for n in range(40):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
        if n == 20:
            servers(stage.folder / "data")[0].suspend()
    reposts(stage, 40)
    stage.wait("another one was started", lambda: stage.redis().ping())
