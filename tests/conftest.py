"""What tests share: databases of both kinds, a stage for real processes, the published specs where they are."""

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
import structlog
from hypothesis import settings as properties

gc.disable()  # until all tests are collected, see below

MEMORY = Path("/dev/shm")
ROOMY = 2**31  # bytes: a run has some hundred million there at a time


def _has_room(folder: Path) -> bool:
    """Whether we may write and start something there, and much of it."""
    if not os.access(folder, os.W_OK) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(folder).free > ROOMY


if "TMPDIR" not in os.environ and _has_room(MEMORY):  # thousands of databases for a moment each: no disk need see them
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="canales-tests-")  # of this process alone
os.environ["SECRET_KEY"] = "a-key-for-the-tests-of-canales"
os.environ.setdefault("X_CLIENT_ID", "client-of-the-tests")
os.environ["X_API_URL"] = "http://127.0.0.1:9"  # nobody listens there: who wants an X has one of the sandbox
os.environ |= {"SIGN_UP": "open", "LIMITS": "none"}  # who tests the door, or an end, sets its own
for name in ("ADMIN_IDS", "TELEGRAM_TOKEN", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL"):
    os.environ.pop(name, None)

from engine.x import prices
from models import database
from models.moderation import passed
from models.settings import Settings, load, settings
from sandbox.stage import ROOT, Stage
from tasks import start
from tests import postgres

SPECS = ROOT.parent / "shared" / "specs"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
# how long an example takes says how busy the machine is
properties.register_profile("canales", deadline=None)
properties.load_profile("canales")
# a drawing of a stack trace with all its variables takes half a second of a processor, and nobody looks at it
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
LONG = {"test_planned.py", "test_threads.py", "test_day.py", "test_health.py"}  # of the stories
QUICK_A_STORY = 4  # modules: what eight workers have to do keeps two cores busy from the first minute to the last
SMALL = 2**17  # bytes of a table
_made_on_sqlite: list[bytes] = []
_made_on_postgres: set[str] = set()
_read: dict[tuple[str | None, ...], Settings] = {}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: nobody looks through it for garbage again and again."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    shutil.rmtree(settings().data_dir, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories over real processes first, each with some quick tests behind it: stories wait much, the quick never.

    Before all others those that wait for a whole minute of the clock.
    """
    modules = dict.fromkeys(item.path for item in items)
    long = [path for path in modules if path.name in LONG]
    stories = [path for path in modules if path.name not in LONG and {"story", "chaos", "sandbox"} & set(path.parts)]
    quick = iter([path for path in modules if path not in {*long, *stories}])
    mixed = [path for story in stories for path in (story, *islice(quick, QUICK_A_STORY))]
    place = {path: nth for nth, path in enumerate([*long, *mixed, *quick])}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(autouse=True)
def as_the_process_began() -> Iterator[None]:
    """Environment, settings and Redis are a process's own: a test that changes them leaves them as it found them.

    Two that are undone in another order than they were done, or what is made once with a test's own folder, would
    make the tests behind it hold or fall with the order.
    """
    environment, kept, bells = os.environ.copy(), settings(), start.redis_client()
    yield
    for name in {*environment, *os.environ} - {"PYTEST_CURRENT_TEST"}:
        if name not in environment:
            del os.environ[name]
        elif os.environ.get(name) != environment[name]:
            os.environ[name] = environment[name]
    if settings() is not kept:
        settings.cache_clear()
        settings()
    if start.redis_client() is not bells:
        start._redis.cache_clear()
        start.redis_client()


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[postgres.Server]:
    """A real PostgreSQL server of this run's own; it lives as long as that does, so nothing of it need be safe.

    What it plans follows from what a test writes and counts, not from when it last looked at a table by itself.
    """
    folder = Path(tempfile.gettempdir(), f"canales-pg-{testrun_uid}")  # its own user must come there
    off = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
    with postgres.server(*off, folder=folder) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_url(postgres_server: postgres.Server, worker_id: str) -> str:
    """A database there of this process's own."""
    return postgres_server.empty(f"tests_{worker_id}")


@pytest.fixture(params=["sqlite", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A database of each kind, in whatever state the test before left it; the tables point at it."""
    if request.param == "postgres":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings = _settings(tmp_path)
    database.open_database(settings)
    passed.forget_recent()
    yield settings
    database.close_database()
    database.db.obj = None  # a test that asked for none finds none that another left


@pytest.fixture
def fresh(opened: Settings) -> Settings:
    """An empty database without tables, of each kind."""
    if opened.sqlite_path is None:
        _drop_all()
    return opened


@pytest.fixture
def db(opened: Settings) -> Settings:
    """An empty database with today's tables, of each kind: they are made once, then copied or emptied."""
    path = opened.sqlite_path
    if path is None:
        if _made_on_postgres and _tables() == _made_on_postgres:
            _empty()
        else:
            _drop_all()
            database.migrate(opened)
            _made_on_postgres.update(_tables())
        return opened
    if not _made_on_sqlite:
        database.migrate(opened)
        database.forget_connection()  # what stands in its log goes into the file
        _made_on_sqlite.append(path.read_bytes())
    path.write_bytes(_made_on_sqlite[0])
    return opened


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """The sandbox and a migrated database; processes are started by the test. In the world, where it is marked so."""
    with Stage(tmp_path / "stage", world=request.node.get_closest_marker("world") is not None) as ready:
        yield ready


def _settings(folder: Path) -> Settings:
    """What `load` reads with this DATA_DIR. Of the same environment it is read once, and copied."""
    others = tuple(os.environ.get(name.upper()) for name in Settings.model_fields if name != "data_dir")
    if others not in _read:
        _read[others] = load()
    prices.take(_read[others].x_prices)
    return _read[others].model_copy(update={"data_dir": folder}, deep=True)


def _tables() -> set[str]:
    rows = database.db.execute_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def _empty() -> None:
    """What is small is deleted, in a tenth of the time that it takes to make new files of all tables."""
    sizes = database.db.execute_sql(
        "SELECT relname, pg_relation_size(oid) FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
    ).fetchall()
    for name, size in sizes:
        if name != "schema_migration":
            database.db.execute_sql(f'DELETE FROM "{name}"' if size < SMALL else f'TRUNCATE "{name}"')
    database.db.execute_sql(
        "SELECT setval(quote_ident(sequencename)::regclass, start_value, false) FROM pg_sequences"
        " WHERE schemaname = 'public' AND last_value IS NOT NULL"
    ).fetchall()


def _drop_all() -> None:
    _made_on_postgres.clear()
    if names := _tables():
        database.db.execute_sql(f"DROP TABLE {', '.join(names)}")
