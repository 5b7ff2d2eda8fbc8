"""The connections to PostgreSQL: no more than the share, first come first served, and no broken one is handed on."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from models import database, pool
from models.accounts import people
from models.accounts.people import Person
from models.pool import Places
from models.settings import Settings
from tests.conftest import NOW


def until(seen: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not seen():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def few(db: Settings, monkeypatch: pytest.MonkeyPatch) -> int:
    """So few connections, for which nobody waits long."""
    if db.sqlite_path is not None:
        pytest.skip("SQLite has a connection for everybody")
    database.close_database()
    monkeypatch.setattr(database, "WAIT_FOR_CONNECTION_S", 0.01)
    database.open_database(db, tenths=2)
    return 2


def my_backend() -> int:
    """The server's process for this thread's connection."""
    return int(database.db.execute_sql("SELECT pg_backend_pid()").fetchone()[0])


def terminate(backend: int) -> None:
    """The server ends a connection, and has ended it."""
    assert database.db.execute_sql("SELECT pg_terminate_backend(%s, 20000)", [backend]).fetchone()[0]


def test_a_place_goes_to_who_has_waited_longest() -> None:
    places, had = Places(1), []
    assert places.take(0)

    def wait(name: int) -> None:
        assert places.take(20)
        had.append(name)
        places.give()

    with ThreadPoolExecutor(5) as others:
        for name in range(5):
            others.submit(wait, name)
            until(lambda name=name: len(places._line) == name + 1)  # type: ignore[misc]
        assert not places.take(0)  # who comes later does not get in before them
        places.give()
    assert had == [0, 1, 2, 3, 4]
    assert places.take(0)
    assert not places.take(0)


def test_who_waited_in_vain_stands_in_nobodys_way() -> None:
    places = Places(1)
    assert places.take(0)
    assert not places.take(0.001)
    places.give()
    assert places.take(0)


def test_a_process_never_has_more_connections_than_its_share(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.db.obj, "_wait_s", 20)

    def use(_: int) -> int:
        found = my_backend()
        database.rest()
        return found

    with ThreadPoolExecutor(12) as others:
        assert 1 <= len(set(others.map(use, range(200)))) <= few


def test_who_finds_no_connection_free_in_time_meets_trouble_of_the_database(few: int) -> None:
    all_have_one, may_rest = threading.Barrier(few + 1), threading.Event()

    def hold() -> None:
        my_backend()
        all_have_one.wait(20)
        may_rest.wait(20)
        database.rest()

    with ThreadPoolExecutor(few) as others:
        held = [others.submit(hold) for _ in range(few)]
        all_have_one.wait(20)
        with pytest.raises(database.TROUBLE):
            my_backend()
        may_rest.set()
        for one in held:
            one.result()
    my_backend()


def test_a_thread_that_ended_with_a_connection_keeps_it_from_nobody(few: int) -> None:
    for _ in range(2 * few):
        ends = threading.Thread(target=my_backend)
        ends.start()
        ends.join()
    my_backend()


def test_a_connection_that_the_server_closed_is_not_handed_out_again(few: int) -> None:
    broken = my_backend()
    with ThreadPoolExecutor(1) as other:
        other.submit(terminate, broken).result()
        with pytest.raises(database.TROUBLE):
            my_backend()
        database.rest()
        assert my_backend() != broken
        other.submit(database.rest).result()


def test_a_connection_that_was_left_in_the_middle_of_something_is_not_handed_out_again(few: int) -> None:
    left = my_backend()
    database.db.connection().execute("BEGIN")
    database.rest()
    assert my_backend() != left


def test_one_that_was_idle_is_asked_before_it_is_handed_out(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ASK_AFTER_S", 0)
    closed = my_backend()
    with ThreadPoolExecutor(1) as other:
        other.submit(my_backend).result()
        database.rest()
        other.submit(terminate, closed).result()
        assert my_backend() != closed
        other.submit(database.rest).result()


def test_who_is_frozen_in_a_transaction_keeps_its_rows_from_nobody(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.db.obj, "_frozen_s", 0.05)
    database.db.close_idle()
    people.person(7, "Ana", "es", NOW)
    holds, other_has_it = threading.Event(), threading.Event()

    def freezes() -> None:
        with database.transaction():
            Person.update(name="Eva").execute()
            holds.set()
            other_has_it.wait()

    with ThreadPoolExecutor(1) as frozen:
        asked = frozen.submit(freezes)
        holds.wait()
        Person.update(name="Ben").execute()
        other_has_it.set()
        with pytest.raises(database.TROUBLE):
            asked.result()
    assert Person.get().name == "Ben"
