"""What the tests of the chat share: SQLite unless a test asks for both, and people who run a channel."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from models.settings import Settings
from tests.bot.conversation import Conversation
from tests.bot.impatient import ImpatientLoop
from tests.bot.on_x import connected
from tests.once import once


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "both_databases: this test of the chat runs on PostgreSQL too")


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "opened" in metafunc.fixturenames and metafunc.definition.get_closest_marker("both_databases") is None:
        alone = pytest.mark.parametrize("opened", ["sqlite"], indirect=True, ids=[pytest.HIDDEN_PARAM])
        metafunc.definition.add_marker(alone)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"impatient": ImpatientLoop}


@pytest.fixture(autouse=True)
def nobody_at_x(monkeypatch: pytest.MonkeyPatch) -> None:
    """X is away, unless a test brings one."""
    monkeypatch.setenv("X_API_URL", "http://127.0.0.1:9/x")


@pytest.fixture(params=["es", "en"])
def newcomer(request: pytest.FixtureRequest, db: Settings) -> Conversation:
    """Ana, who has no channel yet, in both languages."""
    return Conversation(db, language=request.param)


@pytest.fixture
def ana(newcomer: Conversation, db: Settings) -> Conversation:
    """Ana, who runs @TraficoValle, in both languages; she signs it in once, then the file is copied."""
    once(db, f"TraficoValle of Ana in {newcomer.language}", lambda: connected("TraficoValle", newcomer))
    return newcomer


@pytest.fixture
def ben(ana: Conversation) -> Conversation:
    """Ben, who runs @LluviaYa, and speaks the language that Ana does not."""
    other = ana.another(language=ana.t("en", "es"))
    connected("LluviaYa", other)
    return other
