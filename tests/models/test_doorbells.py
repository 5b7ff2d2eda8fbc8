"""Bells are rung for what is written: once, after the commit, and never for what was rolled back."""

import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from models import doorbells
from models.database import after_commit, forget_connection, transaction
from models.doorbells import Doorbell
from models.notifications import journal
from models.notifications.journal import Entry, JournalEntry
from models.settings import Settings
from tests.conftest import NOW

LINE = Entry(1, NOW, "ignored", {"text": "uno"})


class Bell:
    """Counts, and remembers how much somebody else could read when it was rung."""

    def __init__(self) -> None:
        self.rung: list[int] = []

    def ring(self) -> None:
        counted: list[int] = []

        def look() -> None:
            counted.append(JournalEntry.select().count())
            forget_connection()

        other = threading.Thread(target=look)
        other.start()
        other.join()
        self.rung += counted


def write_and_fail() -> None:
    with transaction():
        journal.note([LINE])
        raise ZeroDivisionError


@pytest.fixture
def bell(db: Settings) -> Iterator[Bell]:
    made = Bell()
    doorbells.connect(Doorbell.JOURNAL, made.ring)
    yield made
    doorbells.disconnect(Doorbell.JOURNAL)


def test_a_bell_is_rung_when_others_can_read_what_it_is_rung_for(bell: Bell) -> None:
    with transaction():
        journal.note([LINE])
        assert bell.rung == []
    assert bell.rung == [1]


def test_outside_of_a_transaction_it_is_rung_at_once(bell: Bell) -> None:
    journal.note([LINE])
    assert bell.rung == [1]


def test_what_is_rolled_back_rings_nothing(bell: Bell) -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert bell.rung == []
    with transaction():
        pass
    assert bell.rung == [], "nor is it left for the next transaction"


def test_transactions_in_one_another_ring_once_after_the_outermost(bell: Bell) -> None:
    with transaction():
        journal.note([LINE])
        with transaction():
            journal.note([LINE, LINE])
        with transaction():
            journal.note([LINE])
            with transaction():
                journal.note([LINE])
        assert bell.rung == []
    assert bell.rung == [5]


def test_a_part_that_is_rolled_back_rings_nothing_though_the_rest_stands(bell: Bell) -> None:
    with transaction(), suppress(ZeroDivisionError):
        write_and_fail()
    assert bell.rung == []
    with transaction():
        journal.note([LINE])
        with suppress(ZeroDivisionError):
            write_and_fail()
    assert bell.rung == [1]


def test_a_return_out_of_a_transaction_commits_and_rings(bell: Bell) -> None:
    def write() -> None:
        with transaction():
            journal.note([LINE])
            return

    write()
    assert bell.rung == [1]


def test_each_call_runs_once_and_one_that_fails_takes_nothing_back(db: Settings) -> None:
    called: list[str] = []

    def one() -> None:
        called.append("one")
        raise RuntimeError("nobody is at home")

    def two() -> None:
        called.append("two")

    with transaction():
        for call in (one, two, one, two):
            after_commit(call)
        journal.note([LINE])
    assert called == ["one", "two"]
    assert JournalEntry.select().count() == 1


def test_who_writes_in_another_thread_does_not_wait_for_this_one(bell: Bell) -> None:
    def write() -> None:
        after_commit(lambda: bell.rung.append(-1))
        forget_connection()

    with transaction():
        other = threading.Thread(target=write)
        other.start()
        other.join()
        assert bell.rung == [-1]


def test_a_journal_without_lines_rings_nothing_and_a_bell_of_nobody_is_silent(bell: Bell) -> None:
    journal.note([])
    assert bell.rung == []
    doorbells.disconnect(Doorbell.JOURNAL)
    journal.note([LINE])
    assert bell.rung == []
