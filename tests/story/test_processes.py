"""The Procfile as it stands, under honcho; the webhook; and the page in a real Chromium."""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from sandbox.stage import ANA, ROOT, Stage
from tests.browser import browser


def answers(port: int) -> bool:
    """Whether the web process says how all of it is, well or not."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_the_procfile_runs_as_it_stands_with_honcho(stage: Stage) -> None:
    command = [
        str(Path(sys.executable).parent / "honcho"),
        "start",
        "--no-colour",
    ]
    log = (stage.folder / "honcho.log").open("wb")
    honcho = subprocess.Popen(command, cwd=ROOT, env=stage.environment, stdout=log, stderr=log, start_new_session=True)
    try:
        stage.wait("healthz", lambda: _listening(stage, honcho))
        stage.connect()
        stage.tell("/triggers add choque", "1 disparador")
        stage.mention("maria_rdz", "choque @TraficoValle")
        stage.bot_says("reposteó")
    finally:
        os.killpg(honcho.pid, signal.SIGTERM)
        honcho.wait(20)


def _listening(stage: Stage, honcho: "subprocess.Popen[bytes]") -> bool:
    assert honcho.poll() is None, (stage.folder / "honcho.log").read_text()
    return (
        bool(stage.get("/sandbox/x")["stream"]["connected"]) and "bot runs" in (stage.folder / "honcho.log").read_text()
    )


@pytest.fixture
def public(tmp_path: Path):  # type: ignore[no-untyped-def]
    with Stage(tmp_path / "stage", public=True) as stage:
        yield stage


def test_by_webhook_only_telegram_is_believed(public: Stage) -> None:
    public.start("web")
    public.wait("healthz", lambda: answers(public.port))
    public.tell("/start", "Canales")
    forged = urllib.request.Request(
        f"http://127.0.0.1:{public.port}/telegram/webhook", b"{}", {"X-Telegram-Bot-Api-Secret-Token": "guess"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(forged, timeout=5)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(f"http://127.0.0.1:{public.port}/x/callback?state=a&code=b", timeout=5)


def test_the_page_by_tapping_in_a_real_browser(public: Stage, tmp_path: Path) -> None:
    public.start("web", "streams", "worker", "voices", "journal")
    with browser(public.url, tmp_path / "profile") as page:
        page.chip("/start")
        page.wait_text("#chat", "Conectar una cuenta")
        page.tap("Conectar una cuenta")
        page.wait_text("#chat", "Abre X")
        page.tap("X ↗")
        assert "@TraficoValle es tuya" in page.authorize_in_new_window("Ana")
        page.wait_text("#chat", "¿Llevo esta cuenta para ti?")
        page.tap("Sí, conectar @TraficoValle")
        page.wait_text("#chat", "@TraficoValle está conectado")
        page.chip("/disparadores")
        page.wait_text("#chat", "7 disparadores")
        public.wait("subscribed", lambda: public.x()["subscriptions"] == 2)
        page.mention("Choque en la autopista")
        page.wait_count("article.own", 1)
        page.wait_text("#chat", "reposteó")
        page.tap("Deshacer")
        page.wait_count("article.own.gone", 1)
        page.wait_text("#chat", "Deshecho")
        assert len(public.accepted("unrepost")) == 1
        page.hold_phone_of("Ben")
        page.say("/start")
        page.wait_text("#chat", "runs an X account from this chat")
        assert page.errors() == []
    assert public.chat(ANA)
