"""What keeps the service from running is told before anything runs: all of it at once, each with a right example."""

import os
import re
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.checking import misspelt, worth_a_look
from models import checking, database
from models.settings import EXAMPLES, Settings, load, read, settings
from sandbox.forked import Process
from sandbox.ports import free_port
from sandbox.stage import sandbox_environment
from tests.channels import connected
from tests.tasks.nearby_x import nearby_x


def run(line: str, folder: Path, **environment: str) -> tuple[int, str]:
    """Run a line to its end, as the Procfile has them; its status, and what it said."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    known = {"PORT": str(free_port()), "SECRET_KEY": "", "X_CLIENT_ID": "", "PATH": path, **environment}
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".log") as output:
        status = Process("checked", line, {**os.environ, **known}, Path(output.name)).wait(120)
        return status, Path(output.name).read_text()


@pytest.fixture
def telegram_and_x(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The sandbox, as the address where both of them are."""
    with nearby_x(monkeypatch):
        yield settings().x_api_url.removesuffix("/x")


def test_all_that_is_wrong_is_told_in_one_list_with_examples(tmp_path: Path, telegram_and_x: str) -> None:
    (tmp_path / "data").write_text("a file")
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        wrong = {
            "TELEGRAM_TOKEN": "1:AAExampleExampleExampleExampleExample", "X_CLIENT_SECRET": "no", "X_BEARER_TOKEN": "no",
            "PORT": str(port), "DATA_DIR": str(tmp_path / "data"), "ADMIN_IDS": "ana", "RECONCILE_EVERY": "often",
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0",
        }  # fmt: skip
        status, said = run("python -m bot run", tmp_path, **sandbox_environment(telegram_and_x) | wrong)
    assert status == 2
    for sentence in (
        "ADMIN_IDS: must be Telegram ids, numbers separated by commas. Example: ADMIN_IDS=123456789,987654321",
        "RECONCILE_EVERY: must be a number with s, m, h or d behind it. Example: RECONCILE_EVERY=6h",
        f"DATA_DIR: {tmp_path / 'data'} is a file, and should be a folder. Example: DATA_DIR=data",
        "SECRET_KEY is not set: with PostgreSQL every machine must have the same. Example: SECRET_KEY=",
        "There is no way to the database (DATABASE_URL)",
        "Example: DATABASE_URL=postgresql://user:password@host:5432/canales",
        "REDIS_URL: there is no way to that Redis",
        "Example: REDIS_URL=redis://localhost:6379/0",
        f"PORT: another process listens on port {port}",
        f"Example: PORT={port + 1}",
        "X does not know the app by these two. Examples: X_CLIENT_ID=",
        "X_BEARER_TOKEN: X refuses it (Invalid or expired token). Example: X_BEARER_TOKEN=",
        "TELEGRAM_TOKEN: Telegram knows no bot of this token. Example: TELEGRAM_TOKEN=",
    ):
        assert sentence in said, said
    assert said.count("Canales can't start:") == 1
    assert "Traceback" not in said
    assert "AAExample" not in said.replace("AAExampleExampleExampleExampleExample  (", "")


def test_where_all_is_there_nothing_is_wrong_and_who_is_away_refuses_nothing(
    tmp_path: Path, telegram_and_x: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox_environment(telegram_and_x).items():
        monkeypatch.setenv(name, value)
    here, away = str(tmp_path), "http://127.0.0.1:1"
    known = sandbox_environment(telegram_and_x) | {"DATA_DIR": here}
    well = "Everything is there, and nobody refuses it.\n"
    assert run("python -m bot check --before-release", tmp_path, **known) == (0, well)
    assert run("python -m bot check", tmp_path, **known) == (0, well)  # nothing has run yet: its tables are to come
    gone = known | {"X_API_URL": away, "TELEGRAM_API_URL": away}
    assert run("python -m bot check --before-release", tmp_path, **gone) == (0, well)


@pytest.mark.parametrize(
    "line", ["python -m bot web", "huey_consumer tasks.workers.tweets -w 1 -q"], ids=["web", "worker"]
)
def test_a_process_of_another_release_than_its_database_does_not_run(tmp_path: Path, line: str) -> None:
    here = str(tmp_path)
    assert run("python -m bot migrate", tmp_path, DATA_DIR=here)[0] == 0
    with sqlite3.connect(tmp_path / "canales.db") as found:
        found.execute("INSERT INTO schema_migration (name, applied) VALUES ('0999_ahead', '2030-01-01')")
    status, said = run(line, tmp_path, DATA_DIR=here)
    assert status == 2
    assert "was brought to a newer release than this one (0999_ahead)" in said
    assert "Traceback" not in said
    status, said = run("python -m bot migrate", tmp_path, DATA_DIR=here)
    assert (status, "newer release" in said) == (2, True)


def test_a_database_that_is_not_migrated_is_told_with_the_command(
    fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MIGRATED_WITHIN_S", 0)
    (said,) = checking.problems(fresh, 1)
    assert "python -m bot migrate" in said
    assert checking.problems(fresh, 1, migrated=False) == []
    database.migrate(fresh)
    assert checking.problems(fresh, 1) == []


def test_a_release_that_is_under_way_is_waited_for(fresh: Settings) -> None:
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(checking._database, fresh, migrated=True)
        database.migrate(fresh)
        assert waiting.result(60) == []


def test_a_key_that_is_lost_or_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "")
    key = tmp_path / "secret.key"
    assert checking._key(load()) == []
    assert len(load().secret_keys()[0]) > 40
    assert (key.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (0o600, [key])
    key.write_text("\n")
    assert "is empty" in checking._key(load())[0]
    with pytest.raises(Exception, match="is empty"):
        load().secret_keys()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
    key.write_text("what-was-made-here")
    assert f"Set it to what is in {key}" in checking._key(load())[0]
    key.unlink()
    assert "SECRET_KEY is not set" in checking._key(load())[0]


def test_a_database_that_is_none_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    (tmp_path / "canales.db").write_bytes(b"no database at all, but long enough to be read as one" * 100)
    (said,) = checking.problems(load(), 1)
    assert "There is no way to the database" in said


def test_a_second_sandbox_does_not_take_the_first_ones_place(tmp_path: Path) -> None:
    kept = tmp_path / "sandbox" / "kept"
    kept.parent.mkdir()
    kept.touch()
    with socket.socket() as first:
        first.bind(("0.0.0.0", 0))
        first.listen()
        known = {"TELEGRAM_TOKEN": "", "DATA_DIR": str(tmp_path), "PORT": str(first.getsockname()[1])}
        status, said = run("python -m bot run", tmp_path, **known)
    assert status == 2
    assert "PORT: another process listens" in said
    assert kept.exists(), "it was emptied under the first one"


def test_the_sandbox_and_its_service_can_t_have_one_port(tmp_path: Path) -> None:
    status, said = run(
        "python -m bot run", tmp_path, TELEGRAM_TOKEN="", DATA_DIR=str(tmp_path), PORT="8090", SANDBOX_PORT="8090"
    )
    assert status == 2
    assert "8090 is the sandbox's page. Choose another one. Example: PORT=8080" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"X_CLIENT_ID": "an-id"}, "X_CLIENT_SECRET is not set, and X_CLIENT_ID is"),
        ({"X_API_SECRET": "a-secret"}, "X_API_KEY is not set, and X_API_SECRET is"),
        ({"PUBLIC_URL": "http://canales.example.org"}, "PUBLIC_URL: Telegram can't call"),
        ({"PUBLIC_URL": "https://localhost"}, "PUBLIC_URL: Telegram can't call"),
        ({"PUBLIC_URL": "https://192.168.1.7"}, "PUBLIC_URL: Telegram can't call"),
        ({"PUBLIC_URL": "https://canales.example.org:8080"}, "PUBLIC_URL: Telegram can't call"),
        ({"PUBLIC_URL": "https://canales.example.org:8443"}, ""),
        ({"PUBLIC_URL": "https://canales.example.org"}, ""),
    ],
)
def test_what_stops_nothing_and_is_wrong_all_the_same_is_worth_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in {"DATA_DIR": str(tmp_path), "X_CLIENT_ID": "", **given}.items():
        monkeypatch.setenv(name, value)
    database.open_database(load())
    found = worth_a_look(load())
    assert [said in sentence and "Example: " in sentence for sentence in found] == ([True] if said else [])
    database.close_database()


def test_a_name_that_is_nearly_a_setting_is_told_and_others_are_not(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("TELEGRAM_TOKE=1:a\nADMIN_ID=7\nPOSTGRES_PASSWORD=x\nDOMAIN=y\nPORT=1\n")
    assert [line.partition(" ")[0] for line in misspelt(file)] == ["ADMIN_ID", "TELEGRAM_TOKE"]
    assert misspelt(tmp_path / "nowhere") == []


def test_a_key_that_opens_no_access_and_too_few_places_are_told(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.cache_clear()
    connected()
    monkeypatch.setenv("X_CLIENT_ID", "")
    assert worth_a_look(load()) == []
    monkeypatch.setenv("SECRET_KEY", "another-key-that-is-long-enough")
    monkeypatch.setenv("DATABASE_CONNECTIONS", "100000")
    settings.cache_clear()
    found = worth_a_look(load())
    settings.cache_clear()
    assert "SECRET_KEY does not open the access of @trafico." in found[0]
    assert len(found) == (1 if db.sqlite_path is not None else 2)


WRONG = {"X_POSTS_A_DAY": "0", "DATABASE_CONNECTIONS": "4", "SECRET_KEY": "short", "PORT": "70000"}
FREE = {"TELEGRAM_TOKEN", "X_CLIENT_ID", "X_CLIENT_SECRET", "X_BEARER_TOKEN", "X_API_KEY", "X_API_SECRET", "DATA_DIR"}


@pytest.mark.parametrize("name", sorted({n.upper() for n in Settings.model_fields} - FREE))
def test_each_setting_that_can_not_be_used_is_named_with_a_right_example_that_can(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, WRONG.get(name, "¿nonsense?"))
    (told,) = read()[1]
    assert told.startswith(f"{name}: ")
    assert "Input should" not in told  # the library's words, which say nothing to who runs this
    secret = Settings.model_fields[name.lower()].annotation is SecretStr
    assert not secret or not {"nonsense", "short"} & set(re.findall(r"\w+", told))
    example = EXAMPLES[name.lower()]
    assert f" Example: {example}" in told
    monkeypatch.setenv(name, example.partition("=")[2].partition("  ")[0])
    assert read()[1] == []
