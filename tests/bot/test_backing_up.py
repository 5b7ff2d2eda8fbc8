"""`backup`, `restore` and `channels`: what the operator reads at the terminal, and what becomes of the key."""

import errno
import getpass
import gzip
import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import __main__, backing_up, listing
from models import database, vault
from models.accounts.channels import Channel
from models.checking import reachable
from models.settings import Settings, load, settings
from sandbox.stage import ROOT
from tests.channels import connected

PHRASE = "cuatro palabras muy largas"
Go = Callable[[str], Settings]


@pytest.fixture(autouse=True)
def _settings(db: Settings) -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Go:
    """Another machine, with this SECRET_KEY."""

    def go(key: str) -> Settings:
        database.close_database()
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("SECRET_KEY", key)
        settings.cache_clear()
        return load()

    return go


def test_it_goes_to_another_machine_with_its_key(
    db: Settings, tmp_path: Path, elsewhere: Go, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected()
    key, file = db.secret_keys()[0], str(tmp_path / "a.backup")
    monkeypatch.setenv(backing_up.PASSPHRASE, PHRASE)
    assert backing_up.back_up(db, file, with_key=True) == backing_up.DONE
    assert "locked by the passphrase" in capsys.readouterr().out
    assert Path(file).stat().st_mode & 0o077 == 0
    there = elsewhere("")
    assert backing_up.restore(file, new_key=False) == backing_up.DONE
    told = capsys.readouterr().out
    assert "1 connected channels" in told
    assert "end the service" in told
    assert there.key_file.read_text().strip() == key
    assert there.key_file.stat().st_mode & 0o077 == 0
    assert vault.unseal(Channel.get().access_token) == "access-trafico"


def test_a_key_that_is_missing_or_another_is_told_before_anything_is_put_back(
    db: Settings, tmp_path: Path, elsewhere: Go, capsys: pytest.CaptureFixture[str]
) -> None:
    connected()
    file = str(tmp_path / "a.backup")
    assert backing_up.back_up(db, file, with_key=False) == backing_up.DONE
    assert "The key is not in it: keep SECRET_KEY somewhere else" in capsys.readouterr().out
    for key, said in (("", "is not here"), ("quite-another-key-than-that", "is another than")):
        there = elsewhere(key)
        assert backing_up.restore(file, new_key=False) == backing_up.NO
        told = capsys.readouterr().out
        assert said in told
        assert "SECRET_KEY=what-it-was" in told
        assert not there.key_file.exists()
        assert not database.has_tables()
    assert backing_up.restore(file, new_key=True) == backing_up.DONE
    assert "/connect" in capsys.readouterr().out


def test_each_refusal_says_what_is_wrong_and_what_to_do(
    db: Settings, tmp_path: Path, elsewhere: Go, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected()
    file, torn = tmp_path / "a.backup", tmp_path / "torn.backup"
    monkeypatch.setattr(sys, "stdin", open("/dev/null"))  # noqa: SIM115
    assert backing_up.back_up(db, str(file), with_key=True) == backing_up.USAGE
    assert "BACKUP_PASSPHRASE" in capsys.readouterr().err
    monkeypatch.setenv(backing_up.PASSPHRASE, "short")
    assert backing_up.back_up(db, str(file), with_key=True) == backing_up.USAGE
    assert "12 characters" in capsys.readouterr().err
    assert backing_up.back_up(db, str(tmp_path / "no" / "folder"), with_key=False) == backing_up.NO
    assert "could not be written" in capsys.readouterr().out
    assert backing_up.back_up(db, str(file), with_key=False) == backing_up.DONE
    assert backing_up.back_up(db, str(file), with_key=False) == backing_up.USAGE
    assert "not written over" in capsys.readouterr().out
    assert backing_up.restore(str(file), new_key=False) == backing_up.NO  # here, where it was made
    assert "something in the database already (channel" in capsys.readouterr().out
    torn.write_bytes(file.read_bytes()[:-20])
    elsewhere(db.secret_keys()[0])
    assert backing_up.restore(str(torn), new_key=False) == backing_up.NO
    assert "no whole backup" in capsys.readouterr().out
    assert backing_up.restore(str(tmp_path / "nowhere"), new_key=False) == backing_up.USAGE
    assert "can't be read" in capsys.readouterr().out
    assert sorted(p.name for p in tmp_path.glob("*.part*")) == []


def test_it_goes_onto_a_disk_that_knows_no_second_names_and_never_over_what_is_there(
    db: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_link(*_: object) -> None:
        raise PermissionError(errno.EPERM, "as vfat says")

    monkeypatch.setattr(os, "link", no_link)
    file = tmp_path / "a.backup"
    assert backing_up.back_up(db, str(file), with_key=False) == backing_up.DONE
    assert (file.stat().st_mode & 0o777, gzip.decompress(file.read_bytes())[:9]) == (0o600, b'{"canales')
    part, there = tmp_path / "part", tmp_path / "b.backup"
    part.touch()
    there.write_text("of somebody who was quicker")
    with pytest.raises(FileExistsError):
        backing_up._named(part, there)
    assert sorted(p.name for p in tmp_path.iterdir() if "backup" in p.name) == ["a.backup", "b.backup"]
    assert there.read_text() == "of somebody who was quicker"


def test_who_is_ended_while_it_writes_leaves_nothing(db: Settings, tmp_path: Path) -> None:
    program = f"""
import signal, sys, time
from bot import __main__, backing_up
signal.signal(signal.SIGINT, signal.default_int_handler)  # which who was begun in the background ignores
def hangs(options):
    with backing_up._new({str(tmp_path / "a.backup")!r}):
        print("writes", flush=True)
        while True:  # a pause that begins as the signal comes would have no end
            time.sleep(0.05)
__main__._do = hangs
sys.argv = ["bot", "backup", "x"]
sys.exit(__main__.main())
"""
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as it:
            assert it.stdout is not None
            assert it.stdout.readline() == b"writes\n"
            assert list(tmp_path.glob(".a.backup.part-*"))
            it.send_signal(number)
            assert b"Traceback" not in it.communicate()[1]
        assert it.returncode == 128 + number
        assert not [p for p in tmp_path.iterdir() if "backup" in p.name]


def test_a_passphrase_is_typed_twice_and_not_shown(
    db: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    typed = iter((PHRASE, "another one that is long"))
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))
    assert backing_up.back_up(db, str(tmp_path / "a.backup"), with_key=True) == backing_up.USAGE
    assert "not the same" in capsys.readouterr().err


def test_channels_are_listed_with_nothing_of_what_they_say(db: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert listing.channels(as_json=False) == 0
    assert "/connect" in capsys.readouterr().out
    channel = connected()
    listing.channels(as_json=False)
    told = capsys.readouterr().out
    assert "@trafico" in told
    assert "7 Ana" in told
    assert "on" in told
    listing.channels(as_json=True)
    assert json.loads(capsys.readouterr().out)[0]["id"] == channel.id


@pytest.mark.parametrize("command", [*__main__.ASKED_OF])
def test_a_command_about_a_database_makes_none_where_there_is_none(
    command: str, elsewhere: Go, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = elsewhere("")
    more = {"backup": [str(tmp_path / "a.backup")], "chat-keys": ["@trafico"]}.get(command, [])
    monkeypatch.setattr(sys, "argv", ["bot", command, *more])
    with pytest.raises(SystemExit, match="2"):
        __main__.main()
    assert "There is no database yet" in capsys.readouterr().err
    assert not list(there.data_dir.glob("*"))


def test_a_database_without_a_table_is_none_yet_and_the_sandbox_s_is_named(elsewhere: Go) -> None:
    there = elsewhere("")
    assert there.sqlite_path is not None
    there.sqlite_path.touch()  # as a check makes it
    (there.data_dir / "sandbox").mkdir()
    (said,) = reachable(there)
    assert "There is no database yet" in said
    assert f"DATA_DIR={there.data_dir}/sandbox python -m bot status" in said


def test_one_help_has_every_command_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    parser = __main__._parser()
    told = " ".join(parser.format_help().split())
    commands: dict[str, ArgumentParser] = parser._subparsers._group_actions[0].choices  # type: ignore
    assert {"run", "migrate", "check", "channels", "connect", "chat-keys", "backup", "restore", "rotate"} <= set(
        commands
    )
    for name, command in commands.items():
        assert f" {name} " in told
        assert command.description is not None
        assert command.description.split(". ")[0][:40] in told
        assert command.description.endswith(".")
