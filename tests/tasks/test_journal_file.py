"""The journal's files: each line once, in time order, no direct message in them."""

from datetime import timedelta

import pytest

from engine.x.events import Account
from models import connecting
from models.accounts.channels import Auth
from models.accounts.tokens import Tokens
from models.notifications import journal
from models.notifications.journal import Entry, JournalEntry
from models.settings import Settings, load
from tasks import journal as tasks_journal
from tests.conftest import NOW


@pytest.fixture
def writer(db: Settings, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr(journal, "settings", load)
    for number in (1, 2):
        account, pair = Account(70 + number, f"canal{number}", ""), Tokens(Auth.OAUTH2, "a", "b")
        assert connecting.connect_channel(account, 7, pair, NOW).id == number
    monkeypatch.setattr(tasks_journal, "_seen_tail", {})
    return tasks_journal


def test_lines_are_written_once_even_if_the_writer_dies_before_it_notes_that(db: Settings, writer) -> None:  # type: ignore[no-untyped-def]
    journal.note(
        Entry(1, NOW + timedelta(seconds=n), "ignored", {"rule": "off_topic", "text": f"número {n}"}) for n in range(5)
    )
    writer.write()
    JournalEntry.update(written=0).execute()  # as after a kill between the file and the database
    writer._seen_tail.clear()
    journal.note([Entry(1, NOW + timedelta(seconds=9), "sent", {})])
    writer.write()
    lines = journal.file_of(1).read_text().splitlines()
    assert [line.split()[1] for line in lines] == sorted({line.split()[1] for line in lines}, key=lambda i: int(i[1:]))
    assert len(lines) == 6
    assert lines == sorted(lines)
    assert journal.unwritten(10) == []


def test_each_channel_has_its_own_file_and_it_rotates(db: Settings, writer, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(writer, "FILE_BYTES", 2000)
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
    writer.forget()
    assert not stray.exists()
    assert journal.file_of(1).exists()
