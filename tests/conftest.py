"""What tests share: databases of both kinds, a stage for real processes, the published specs where they are."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="canales-tests-"))
os.environ["SECRET_KEY"] = "a-key-for-the-tests-of-canales"
os.environ.setdefault("X_CLIENT_ID", "client-of-the-tests")
for name in ("TELEGRAM_TOKEN", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
    os.environ.pop(name, None)

from models import database
from models.moderation import passed
from models.settings import Settings, load
from sandbox.stage import ROOT, Stage

SPECS = ROOT.parent / "shared" / "specs"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories over real processes first: they wait much, and the quick tests fill the gaps at the end."""
    items.sort(key=lambda item: not {"story", "chaos", "sandbox"} & set(item.path.parts))


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server of the tests' own, from a wheel."""
    from pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="canales-pg-"))
    server = get_server(folder)
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """An empty database without tables, of each kind; the tables point at it."""
    if request.param == "postgres":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings = load()
    database.open_database(settings)
    passed.forget_recent()
    if request.param == "postgres":
        _drop_all()
    yield settings
    database.close_database()


@pytest.fixture
def db(fresh: Settings) -> Settings:
    """A database with today's tables, of each kind."""
    database.migrate(fresh)
    return fresh


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The sandbox and a migrated database; processes are started by the test."""
    with Stage(tmp_path / "stage") as ready:
        yield ready


def _drop_all() -> None:
    rows = database.db.execute_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    if rows:
        database.db.execute_sql(f"DROP TABLE {', '.join(name for (name,) in rows)}")
