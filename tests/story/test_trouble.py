"""When X or Telegram break, in the world as it is: nothing lost, nothing said twice, people told once."""

import pytest

from sandbox.stage import ANA, BEN, PATIENCE_S, Stage
from tests.reading import rows, stream_state

pytestmark = pytest.mark.world


def ready(stage: Stage, *processes: str) -> None:
    """Ana's channel is connected with a trigger and no gap."""
    stage.start(*(processes or ("web", "streams", "worker", "voices", "journal")))
    stage.connect()
    stage.tell("/triggers add choque", "1 disparador")
    stage.tell("/gap 0", "Sin pausa")
    stage.tell("/burst off", "más de ∞ mensajes")
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2)


def reposts(stage: Stage, count: int, within: float = PATIENCE_S) -> None:
    stage.wait(
        f"{count} reposts, each once",
        lambda: len(stage.accepted("repost")) == count and max(stage.accepted("repost").values()) == 1,
        within,
    )


def test_a_limit_at_x_holds_the_channel_and_tells_the_counts_once(stage: Stage) -> None:
    ready(stage)
    stage.mention("maria_rdz", "choque uno @TraficoValle")
    stage.wait("X said yes", lambda: rows(stage, "SELECT 1 FROM tweet WHERE status = 'sent'"))
    stage.faults(limit_429={"rate": 1, "times": 1, "seconds": 600, "on": "repost"})
    stage.mention("maria_rdz", "choque en la bajada @TraficoValle")
    stage.bot_says("X pide una pausa.*1 en el último día, 1 en la última hora, 1 en los últimos 15")
    for n in range(3):
        stage.mention("maria_rdz", f"choque {n} más @TraficoValle")
    stage.wait("all wait", lambda: rows(stage, "SELECT count(*) FROM tweet WHERE status = 'queued'") == [(4,)])
    stage.tell("/status", "en pausa|oye")
    told = [m for m in stage.chat() if "pide una pausa" in str(m.get("text")) and "último día" in str(m.get("text"))]
    assert len(told) == 1, "what /status says of it is another matter"
    assert list(stage.accepted("repost").values()) == [1]


def test_a_short_limit_at_x_is_waited_for_and_all_goes_on_by_itself(stage: Stage) -> None:
    ready(stage)
    stage.faults(limit_429={"rate": 1, "times": 1, "seconds": 4, "on": "repost"})
    for n in range(4):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    reposts(stage, 4)


def test_a_revoked_access_turns_the_channel_off_with_a_way_back(stage: Stage) -> None:
    ready(stage)
    stage.do("/sandbox/x/act", act="revoke", handle="TraficoValle")
    told = stage.bot_says("X ya no acepta el acceso")
    stage.tell("/status", "apagado: X ya no acepta su acceso")
    before = stage.last_id()
    stage.press(told, "Reconectar")
    asked = stage.bot_says("Abre X", after=before)
    stage.tell(stage.authorize(asked, "TraficoValle"), "está conectado")
    stage.mention("maria_rdz", "choque después @TraficoValle")
    reposts(stage, 1)


def test_a_no_of_x_s_after_it_has_acted_is_not_told_as_not_posted(stage: Stage) -> None:
    ready(stage)
    stage.faults(refuse_after={"rate": 1, "times": 1, "answer": "403", "on": "repost"})
    stage.mention("maria_rdz", "choque uno @TraficoValle")
    stage.bot_says("reposteó.*choque uno")
    for answer in ("403", "404", "401"):
        stage.faults(refuse_after={"rate": 1, "times": 1, "answer": answer, "on": "post"})
        stage.press(stage.tell(f"/post Tras un {answer}", "diga esto"), "Publicar ya")
        stage.bot_says(f"dijo esto.*Tras un {answer}")
    assert set(stage.accepted("post").values()) | set(stage.accepted("repost").values()) == {1}
    assert len(stage.accepted("post")) == 3, "no copy of what was reposted"
    assert not [m for m in stage.chat() if "no pudo publicar" in str(m.get("text"))]


def test_a_locked_account_is_told_once_and_all_that_waits_goes_on_when_its_owner_has_unlocked_it(stage: Stage) -> None:
    ready(stage)
    stage.faults(locked={"rate": 1, "whose": "@TraficoValle"})
    for n in range(3):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    stage.bot_says("X bloqueó @TraficoValle.*Entra a x.com")
    stage.faults(locked=0)
    reposts(stage, 3, 60)
    stage.bot_says("@TraficoValle ya no está bloqueada")
    assert len([m for m in stage.chat() if "X bloqueó" in str(m.get("text"))]) == 1


def test_expired_tokens_are_refreshed_without_anybody_noticing(stage: Stage) -> None:
    ready(stage)
    stage.do("/sandbox/x/act", act="expire_tokens")
    for n in range(4):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    reposts(stage, 4)
    assert not [m for m in stage.chat() if "ya no acepta" in str(m.get("text"))]


def test_telegram_down_delays_notices_and_a_burst_is_one_message(stage: Stage) -> None:
    ready(stage)
    stage.faults(telegram_down=1)
    for n in range(12):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    reposts(stage, 12)
    before = stage.last_id()
    stage.faults(telegram_down=0)
    delivered = "SELECT 1 FROM notice WHERE kind = 'posted' AND status = 'delivered'"
    stage.wait("all are told", lambda: len(rows(stage, delivered)) == 12)
    told = [m for m in stage.chat() if m["message_id"] > before and m["from"]["is_bot"]]
    text = "\n".join(str(m["text"]) for m in told)
    assert len(told) <= 3
    assert all(f"choque {n} @" in text for n in range(12))
    last = next(m for m in reversed(told) if "mensajes" in m["text"])
    stage.press(last, "↩️ 1$")
    stage.wait("one undone", lambda: len(stage.accepted("unrepost")) == 1)


def test_a_blocked_bot_stops_telling_and_nothing_else(stage: Stage) -> None:
    ready(stage)
    stage.do("/sandbox/telegram/act", act="block", person=ANA)
    stage.mention("maria_rdz", "choque @TraficoValle")
    reposts(stage, 1)
    stage.wait("dropped", lambda: rows(stage, "SELECT status FROM notice") == [("dropped",)])


def test_junk_doubled_and_shuffled_lines_stop_nothing(stage: Stage) -> None:
    ready(stage)
    stage.faults(malformed=0.5, doubled=1, shuffled=0.5)
    for n in range(20):
        stage.mention("maria_rdz", f"choque {n} @TraficoValle")
    reposts(stage, 20)
    assert "malformed stream line" in stage.log_text()
    stage.wait("junk was counted", lambda: stream_state(stage).get("malformed"))
    stage.wait("it is shown as connected", lambda: stream_state(stage).get("connected_at"))
    stage.tell("/status", "ilegible")


def test_our_own_posts_and_other_channels_of_the_service_are_never_heard(stage: Stage) -> None:
    ready(stage)
    stage.connect("LluviaYa", BEN)
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 4)
    stage.mention("LluviaYa", "choque con lluvia @TraficoValle")
    stage.mention("TraficoValle", "choque mío @TraficoValle @LluviaYa")
    stage.mention("maria_rdz", "choque de verdad @TraficoValle")
    reposts(stage, 1)
    assert rows(stage, "SELECT text FROM message") == [("choque de verdad @TraficoValle",)]
