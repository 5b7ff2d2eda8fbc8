"""One writes to SQLite at a time: first come first served in a process, and processes one after the other."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import peewee as pw
import pytest

from models import database
from models.database import db, transaction
from models.one_writer import OneWriter
from models.settings import Settings
from tests.models.test_pool import until

HOLDS = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_who_came_first_writes_first(tmp_path: Path) -> None:
    writer, wrote = OneWriter(tmp_path / "turn", 20), []

    def write(name: int) -> None:
        with writer.turn():
            wrote.append(name)

    with ThreadPoolExecutor(5) as others:
        with writer.turn():
            for name in range(5):
                others.submit(write, name)
                until(lambda name=name: len(writer._threads._line) == name + 1)  # type: ignore[misc]
        others.shutdown()
    assert wrote == [0, 1, 2, 3, 4]


def test_another_process_is_waited_for_and_its_death_gives_up_the_turn(tmp_path: Path) -> None:
    writer, patient = OneWriter(tmp_path / "turn", 0.01), OneWriter(tmp_path / "turn", 20)
    command = [sys.executable, "-c", HOLDS, str(tmp_path / "turn")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(pw.OperationalError), writer.turn():
            pytest.fail("it was another's turn")
        with ThreadPoolExecutor(1) as later:
            mine = patient.turn()
            waits = later.submit(mine.__enter__)
            other.kill()
            waits.result()
    with pytest.raises(pw.OperationalError), writer.turn():
        pytest.fail("it was the patient one's turn")
    mine.__exit__(None, None, None)
    with writer.turn():
        pass


def test_a_transaction_has_the_turn_and_one_inside_it_asks_for_none(db_of_ours: Settings) -> None:
    writer = db.obj.writer
    with transaction(), transaction():
        assert not writer._threads.take(0)
    assert writer._threads.take(0)
    writer._threads.give()
    with pytest.raises(ZeroDivisionError), transaction():
        _ = 1 / 0
    assert writer._threads.take(0)
    writer._threads.give()


@pytest.fixture
def db_of_ours(db: Settings) -> Settings:
    if db.sqlite_path is None:
        pytest.skip("PostgreSQL locks rows")
    return db


def test_who_opens_the_database_has_a_turn_of_its_own(db_of_ours: Settings) -> None:
    assert (db_of_ours.data_dir / "canales.db.turn").exists()
    database.close_database()


def test_the_log_is_copied_once_it_is_long_and_never_within_what_is_to_be_short(tmp_path: Path) -> None:
    path = tmp_path / "canales.db"
    database.open_database(Settings(database_url=f"sqlite:///{path}"))  # type: ignore[arg-type]
    db.execute_sql("CREATE TABLE t (x TEXT)")
    database.forget_connection()  # the file has it
    short = path.stat().st_size

    def write(rows: int) -> int:
        with transaction():
            for _ in range(rows):
                db.execute_sql("INSERT INTO t VALUES (?)", ["x" * 100])
        return path.stat().st_size

    assert [write(400), write(400)] == [short, short]
    with database.copied_after():
        assert write(400) == short
    assert path.stat().st_size > short
    copied = path.stat().st_size
    assert write(900) == copied
    assert write(200) > copied
    database.close_database()
