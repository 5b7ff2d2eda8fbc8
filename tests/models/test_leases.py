"""A lease is one process's at a time, on both databases, and lapses by itself, whatever the clocks say."""

import threading
from datetime import timedelta

from models import database
from models.control import leases
from models.control.leases import LENGTH, STREAM
from models.settings import Settings
from tests.conftest import NOW

SECOND = timedelta(seconds=1)


def test_of_many_who_take_it_at_once_one_has_it(db: Settings) -> None:
    ready, won = threading.Barrier(8), list[str]()

    def take(holder: str) -> None:
        ready.wait()
        with database.rested():
            if leases.take(STREAM, holder, NOW):
                won.append(holder)

    threads = [threading.Thread(target=take, args=(f"worker {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [leases.read(STREAM).holder]


def test_one_that_is_renewed_stays_and_one_that_lapsed_is_taken_over(db: Settings) -> None:
    assert leases.take(STREAM, "ana", NOW)
    assert leases.renew(STREAM, "ana", NOW + LENGTH, {})
    assert not leases.take(STREAM, "ben", NOW + LENGTH + SECOND)
    assert leases.take(STREAM, "ben", NOW + 2 * LENGTH)
    assert not leases.renew(STREAM, "ana", NOW + 2 * LENGTH, {})
    assert leases.read(STREAM).holder == "ben"


def test_one_that_lapsed_and_nobody_took_is_still_its_holder_s(db: Settings) -> None:
    leases.take(STREAM, "ana", NOW)
    assert not leases.read(STREAM).is_held(NOW + 2 * LENGTH)
    assert leases.renew(STREAM, "ana", NOW + 2 * LENGTH, {})
    assert leases.read(STREAM).is_held(NOW + 2 * LENGTH)


def test_given_back_it_is_free_at_once_and_by_its_holder_alone(db: Settings) -> None:
    leases.take(STREAM, "ana", NOW)
    assert not leases.give_back(STREAM, "ben")
    assert not leases.take(STREAM, "ben", NOW)
    assert leases.give_back(STREAM, "ana")
    assert leases.take(STREAM, "ben", NOW)


def test_of_a_holder_whose_clock_was_ahead_it_is_taken_once_it_is_seen_not_to_move(db: Settings) -> None:
    leases.take(STREAM, "ana", NOW + timedelta(hours=1))
    seen = leases.read(STREAM).until
    assert not leases.take(STREAM, "ben", NOW)
    leases.renew(STREAM, "ana", NOW + timedelta(hours=1) + SECOND, {})
    assert not leases.take(STREAM, "ben", NOW, unmoved=seen), "it moved after all"
    assert leases.take(STREAM, "ben", NOW, unmoved=leases.read(STREAM).until)


def test_its_holder_shows_how_it_goes_and_nothing_is_left_of_that_behind_it(db: Settings) -> None:
    assert leases.read(STREAM).state == {}
    leases.take(STREAM, "ana", NOW)
    leases.renew(STREAM, "ana", NOW, {"trouble": "HTTP 429", "connects": 2})
    assert leases.read(STREAM).state == {"trouble": "HTTP 429", "connects": 2}
    leases.take(STREAM, "ben", NOW + 2 * LENGTH)
    assert leases.read(STREAM).state == {}
