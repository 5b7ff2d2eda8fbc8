"""The journal's files: each line once, in time order, no direct message in them."""

import os
import signal
import time
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import TextIO

import peewee as pw
import pytest

from engine.x.events import Account
from models import connecting
from models.accounts.channels import Auth
from models.accounts.tokens import Tokens
from models.database import rest
from models.notifications import journal
from models.notifications.journal import Entry, JournalEntry, JournalLane
from models.settings import Settings, load
from tasks import journal as tasks_journal
from tasks import journal_files, retention
from tests.conftest import NOW
from tests.programs import Program, told


@pytest.fixture
def writer(db: Settings, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(journal, "settings", load)
    for number in (1, 2):
        account, pair = Account(70 + number, f"canal{number}", ""), Tokens(Auth.OAUTH2, "a", "b")
        assert connecting.connect_channel(account, 7, pair, NOW).id == number
    monkeypatch.setattr(tasks_journal, "_lanes", {})
    monkeypatch.setattr(journal_files, "_left", {})
    return tasks_journal


def test_lines_are_written_once_even_if_the_writer_dies_before_it_notes_that(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note(
        Entry(1, NOW + timedelta(seconds=n), "ignored", {"rule": "off_topic", "text": f"número {n}"}) for n in range(5)
    )
    writer.write()
    JournalEntry.update(written=0).execute()  # as after a kill between the file and the database
    journal_files._left.clear()
    journal.note([Entry(1, NOW + timedelta(seconds=9), "sent", {})])
    writer.write()
    lines = journal.file_of(1).read_text().splitlines()
    assert [line.split()[1] for line in lines] == sorted({line.split()[1] for line in lines}, key=lambda i: int(i[1:]))
    assert len(lines) == 6
    assert lines == sorted(lines)
    assert journal.unwritten(10) == []


def test_each_channel_has_its_own_file_and_it_rotates(db: Settings, writer, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(journal_files, "FILE_BYTES", 2000)
    monkeypatch.setattr(journal_files, "AT_ONCE", 500)
    journal.note(Entry(1 + n % 2, NOW, "ignored", {"text": "x" * 100}) for n in range(60))
    writer.write()
    names = sorted(p.name for p in journal.file_of(1).parent.iterdir())
    assert {"channel-1.log", "channel-1.log.1", "channel-2.log"} <= set(names)


def test_a_line_break_in_a_message_does_not_break_the_line(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note([Entry(1, NOW, "ignored", {"text": "uno\ndos\r\n2026 #7 falso"})])
    writer.write()
    assert len(journal.file_of(1).read_text().splitlines()) == 1


def test_what_is_forgotten_leaves_no_file_even_while_it_is_written(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note([Entry(1, NOW, "ignored", {"text": "uno"}), Entry(2, NOW, "ignored", {"text": "dos"})])
    writer.write()
    connecting.forget_channel(1)
    assert not journal.file_of(1).exists()
    assert journal.file_of(2).exists()
    journal.note([Entry(1, NOW, "ignored", {"text": "it was on its way"})])
    writer.write()
    assert not journal.file_of(1).exists()


def test_files_that_another_machine_wrote_go_with_the_next_cleaning(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note([Entry(1, NOW, "ignored", {"text": "uno"})])
    writer.write()
    stray = journal.file_of(99)
    stray.write_text("of a channel that was forgotten elsewhere\n")
    retention.forget()
    assert not stray.exists()
    assert journal.file_of(1).exists()


# --- two who write, and a disk that is full ------------------------------------------------------------------------

WRITER = """
import sys
from tasks.start import start; start()
from tasks import journal
for _ in open(sys.argv[1]):
    journal.write()
"""
FULL = """
import resource, sys
from pathlib import Path
from tasks import journal_files
path = Path(sys.argv[1])
marked = []
lines = [(n, f"2026 #{n} " + "x" * 80) for n in range(1, 101)]
assert journal_files.append(path, lines[:10], 1e12, marked.extend) == 10
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 1000, resource.RLIM_INFINITY))
before = path.read_bytes()
try:
    journal_files.append(path, lines[10:], 1e12, marked.extend)
except OSError as error:
    print(error)
assert path.read_bytes() == before
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert marked == list(range(1, 11))
assert journal_files.append(path, lines[10:], 1e12, marked.extend) == 90
assert marked == [n for n, _ in lines]
"""


def numbers(channel_id: int) -> list[int]:
    """Of all lines of a channel, in every file of its; each must be whole."""
    found = []
    for file in journal.file_of(channel_id).parent.glob(f"channel-{channel_id}.log*"):
        raw = file.read_text()
        assert raw.endswith("\n")
        found += [int(line.split()[1].removeprefix("#")) for line in raw.splitlines()]
    return sorted(found)


def test_two_processes_and_one_that_is_killed_write_each_line_once_and_whole(  # type: ignore[no-untyped-def]
    db: Settings, writer, tmp_path: Path
) -> None:
    bells = (tmp_path / f"bell-{n}" for n in count())

    def begun() -> tuple[Program, TextIO]:
        bell = next(bells)
        os.mkfifo(bell)
        made = Program(tmp_path, WRITER, bell)
        return made, open(bell, "w", buffering=1)  # when it is there to read

    first, second = begun(), begun()
    for n in range(20):
        journal.note(Entry(1 + m % 2, NOW + timedelta(seconds=m), "ignored", {"text": "x" * 200}) for m in range(100))
        rest()
        for _, bell in (first, second):
            bell.write("\n")
        if n == 10:
            second[0].kill()
            assert second[0].ends() == -signal.SIGKILL
            second[1].close()
            second = begun()
    for one, bell in (first, second):
        bell.write("\n")
        bell.close()
        assert one.ends() == 0, one.printed
    writer.write()
    assert journal.unwritten(10) == []
    ids = [e.id for e in JournalEntry.select().order_by(JournalEntry.id)]
    assert sorted(numbers(1) + numbers(2)) == ids
    assert len(ids) == 2000


def test_a_full_disk_tears_no_line_and_nothing_is_lost_when_there_is_room_again(tmp_path: Path) -> None:
    assert "too large" in told(tmp_path, FULL, tmp_path / "channel-1.log")


def test_what_can_not_be_written_down_is_not_marked(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note([Entry(1, NOW, "ignored", {"text": "uno"})])
    journal.file_of(1).parent.mkdir(parents=True)
    journal.file_of(1).mkdir()  # no file can be opened there
    writer.write()
    assert len(journal.unwritten(10)) == 1
    journal.file_of(1).rmdir()
    writer.write()
    assert journal.unwritten(10) == []
    assert numbers(1) == [1]


def test_a_line_that_a_crash_tore_is_written_anew(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note([Entry(1, NOW, "ignored", {"text": "uno"})])
    writer.write()
    with journal.file_of(1).open("a") as file:
        file.write("2026-11-20T12:00:00.000000Z #2 ign")
    journal.note([Entry(1, NOW, "ignored", {"text": "dos"})])
    writer.write()
    assert numbers(1) == [1, 2]


def test_the_lines_of_a_channel_are_one_machines_until_it_is_gone(  # type: ignore[no-untyped-def]
    db: Settings, writer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    here, there = db, db.model_copy(update={"data_dir": tmp_path / "there"})
    journal.note([Entry(1, NOW, "ignored", {"text": "uno"})])
    writer.write()
    monkeypatch.setattr(journal, "settings", lambda: there)
    monkeypatch.setattr(writer, "_lanes", {})
    journal.note([Entry(1, NOW, "ignored", {"text": "dos"}), Entry(2, NOW, "ignored", {"text": "tres"})])
    writer.write()
    assert [e.channel_id for e in journal.unwritten(10)] == [1], "whose lane is held from here"
    assert numbers(2) == [3]
    JournalLane.update(held_until=NOW).execute()  # as long after
    writer.write()
    assert journal.unwritten(10) == []
    assert numbers(1) == [2]
    monkeypatch.setattr(journal, "settings", lambda: here)
    assert numbers(1) == [1]


def test_who_was_stopped_until_its_lane_lapsed_writes_nothing(tmp_path: Path) -> None:
    over = time.clock_gettime(journal_files.CLOCK) - 1
    marked: list[int] = []
    assert journal_files.append(tmp_path / "channel-1.log", [(1, "2026 #1 sent")], over, marked.extend) == 0
    assert marked == []
    assert (tmp_path / "channel-1.log").read_text() == ""


def test_lines_that_somebody_wrote_and_did_not_live_to_mark_are_marked_and_not_written_again(tmp_path: Path) -> None:
    path, marked = tmp_path / "channel-1.log", list[int]()
    path.write_text("2026 #1 sent\n2026 #2 sent\n")  # by one that is dead
    assert journal_files.append(path, [(3, "2026 #3 sent")], 1e12, marked.extend) == 1
    assert journal_files.append(path, [(1, "2026 #1 sent"), (2, "2026 #2 sent")], 1e12, marked.extend) == 2
    assert marked == [3, 1, 2]
    assert path.read_text().count("\n") == 3


def test_what_could_not_be_marked_is_found_in_the_file(tmp_path: Path) -> None:
    path, marked = tmp_path / "channel-1.log", list[int]()

    def is_away(_: list[int]) -> None:
        raise pw.OperationalError

    with pytest.raises(pw.OperationalError):
        journal_files.append(path, [(1, "2026 #1 sent")], 1e12, is_away)
    assert journal_files.append(path, [(1, "2026 #1 sent")], 1e12, marked.extend) == 1
    assert (marked, path.read_text()) == ([1], "2026 #1 sent\n")


def test_the_whole_log_comes_from_the_database_and_what_is_older_from_the_files(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note(Entry(1, NOW + timedelta(seconds=n), "ignored", {"text": f"número {n}"}) for n in range(6))
    journal.note([Entry(2, NOW, "sent", {})])
    from_rows = b"".join(tasks_journal.whole(1))
    assert from_rows.count(b"\n") == 6
    writer.write()
    path = journal.file_of(1)
    assert b"".join(tasks_journal.whole(1)) == from_rows == path.read_bytes()
    lines = path.read_bytes().splitlines(keepends=True)
    path.with_name(f"{path.name}.2").write_bytes(b"".join(lines[:2]))
    path.with_name(f"{path.name}.1").write_bytes(b"".join(lines[2:4]))
    path.write_bytes(b"".join(lines[4:]) + b"2026-11-20T12:00:09.000000Z #9999 torn")
    assert b"".join(tasks_journal.whole(1)) == from_rows
    JournalEntry.delete().where(JournalEntry.id <= 3).execute()  # past their age
    assert b"".join(tasks_journal.whole(1)) == from_rows
    JournalEntry.delete().execute()
    assert b"".join(tasks_journal.whole(1)) == from_rows


def test_what_is_forgotten_of_a_row_is_not_in_the_whole_log(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note([Entry(1, NOW, "ignored", {"message": 5, "text": "secreto"})])
    writer.write()
    journal.forget_text(1, 5, NOW - timedelta(days=1))
    assert b"secreto" not in b"".join(tasks_journal.whole(1))
