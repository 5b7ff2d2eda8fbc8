"""What people sent is done once, each one's in their order, by whichever process is there."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from models import inbox
from models.accounts import people
from models.accounts.people import Person
from models.database import rest, transaction
from models.inbox import CLAIM, Inbox, TakenOver, Update
from models.settings import Settings
from tests.conftest import NOW

ANA, BEN = 7, 8
LATER = NOW + CLAIM + timedelta(seconds=1)


def came(*updates: tuple[int, int]) -> int:
    return inbox.store([Update(number, person, f'{{"n": {number}}}') for number, person in updates], NOW)


def taken(token: str = "a", now: datetime = NOW) -> list[inbox.Taken]:
    return inbox.claim(token, 10, now, {})


def numbers(taken: list[inbox.Taken]) -> list[int]:
    return [t.update_id for t in taken]


def test_one_persons_updates_come_in_their_order_and_different_peoples_at_once(db: Settings) -> None:
    came((3, ANA), (1, ANA), (2, BEN))
    first = taken()
    assert numbers(first) == [1, 2]
    assert taken() == taken("another") == []
    inbox.done(first[0], NOW)
    assert numbers(taken("another")) == [3]


def test_what_telegram_sends_again_is_done_once(db: Settings) -> None:
    assert came((1, ANA), (2, ANA)) == 2
    assert came((2, ANA), (1, ANA)) == 0
    assert inbox.done(taken()[0], NOW)
    assert came((1, ANA)) == 0
    assert numbers(taken()) == [2]


def test_what_was_written_is_forgotten_once_it_is_done_and_that_it_came_after_two_days(db: Settings) -> None:
    came((1, ANA))
    one = taken()[0]
    one.once("made", int, lambda: 4)
    inbox.done(one, NOW)
    row = Inbox.get()
    assert (row.payload, row.kept, row.claim) == ("", "", "")
    assert inbox.forget_some(NOW + timedelta(days=1), 0, 9).gone == 0
    assert inbox.forget_some(NOW + timedelta(days=3), 0, 9).gone == 1


def test_what_a_dead_process_had_is_taken_over_and_counts_no_more_for_the_dead(db: Settings) -> None:
    came((1, ANA), (2, ANA))
    dead = taken("dead")[0]
    assert taken("alive", LATER - timedelta(seconds=2)) == []
    alive = taken("alive", LATER)[0]
    assert (alive.update_id, alive.tries) == (1, 2)
    with pytest.raises(TakenOver):
        dead.once("spoken", type(None), lambda: people.person(99, "Made by a dead one", "en", NOW) and None)
    assert Person.select().count() == 0
    assert not inbox.done(dead, LATER)
    assert not inbox.later(dead, LATER)
    inbox.renew("dead", [1], LATER + timedelta(hours=1))
    assert Inbox.get_by_id(1).claimed_until == LATER + CLAIM
    assert inbox.done(alive, LATER)


def test_a_process_that_takes_up_its_own_again_has_it_once(db: Settings) -> None:
    came((1, ANA))
    frozen = taken()[0]
    again = taken(now=LATER)[0]
    assert not inbox.done(frozen, LATER)
    assert inbox.done(again, LATER)


def test_a_claim_is_held_as_long_as_the_turn_lasts(db: Settings) -> None:
    came((1, ANA))
    inbox.renew("a", numbers(taken()), LATER)
    assert taken("another", LATER) == []


def test_what_was_done_once_is_not_done_again_and_its_result_is_what_it_was(db: Settings) -> None:
    came((1, ANA))
    counted: list[int] = []

    def count() -> int:
        counted.append(0)
        return len(counted)

    dead = taken()[0]
    assert [dead.once("counted", int, count) for _ in range(2)] == [1, 2]
    alive = taken("alive", LATER)[0]
    assert [alive.once("counted", int, count) for _ in range(3)] == [1, 2, 3]


def test_what_is_taken_back_is_not_remembered_as_done(db: Settings) -> None:
    came((1, ANA))
    one = taken()[0]

    def break_off() -> None:
        with transaction():
            one.once("spoken", int, lambda: 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    one.once("spoken", int, lambda: 2)
    with transaction():
        one.once("spoken", int, lambda: 3)
        one.once("heard", int, lambda: 4)
    again = taken("alive", LATER)[0]
    assert again.kept == {"spoken 1": 2, "spoken 2": 3, "heard 0": 4}


def test_what_came_late_waits_for_what_is_being_done(db: Settings) -> None:
    """Telegram delivers to several connections at once: an earlier update may come second."""
    came((5, ANA))
    five = taken()[0]
    came((4, ANA))
    assert taken("another") == []
    assert numbers(taken("another", LATER)) == [5]
    assert not inbox.done(five, LATER)


def test_what_is_put_off_keeps_what_came_after_it_waiting(db: Settings) -> None:
    came((1, ANA), (2, ANA))
    inbox.later(taken()[0], NOW + timedelta(seconds=5))
    assert taken(now=NOW + timedelta(seconds=4)) == []
    assert numbers(taken(now=NOW + timedelta(seconds=6))) == [1]


def test_who_was_served_longest_ago_comes_first(db: Settings) -> None:
    came((1, ANA), (2, BEN), (3, 9))
    assert numbers(inbox.claim("a", 2, NOW, {ANA: 2.0, BEN: 1.0})) == [3, 2]


def test_who_ends_gives_back_what_it_had(db: Settings) -> None:
    came((1, ANA))
    one = taken()[0]
    assert inbox.let_go("a") == 1
    assert not inbox.done(one, NOW)
    assert numbers(taken("another")) == [1]


def test_of_many_who_take_at_once_each_update_has_one_and_each_person_their_order(db: Settings) -> None:
    people, each, takers = 6, 8, 6
    came(*[(n * people + p, p) for n in range(each) for p in range(people)])
    done: dict[int, list[int]] = defaultdict(list)
    at_work: set[int] = set()
    guard = threading.Lock()

    def work(token: str) -> None:
        while inbox.waiting():
            for one in inbox.claim(token, 3, NOW, {}):
                with guard:
                    assert one.person_id not in at_work
                    at_work.add(one.person_id)
                rest()
                with guard:
                    done[one.person_id].append(one.update_id)
                    at_work.discard(one.person_id)
                assert inbox.done(one, NOW)
        rest()

    with ThreadPoolExecutor(takers) as pool:
        list(pool.map(work, map(str, range(takers))))
    assert {p: sorted(u) for p, u in done.items()} == dict(done)
    assert sum(map(len, done.values())) == people * each


def test_what_was_waited_for_is_waited_for_again_where_an_update_is_done_again(db: Settings) -> None:
    people.person(ANA, "Ana", "es", NOW)
    people.remember_dialogue(ANA, "asked", 1)
    people.remember_dialogue(ANA, "", 2)
    people.remember_dialogue(ANA, "asked for something else", 2)
    people.begin_again(people.known(ANA), 1)
    assert people.known(ANA).dialogue == "asked for something else"
    people.begin_again(people.known(ANA), 2)
    assert people.known(ANA).dialogue == "asked"
