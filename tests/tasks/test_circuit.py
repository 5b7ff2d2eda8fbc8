"""The circuit to Redis: one finds out whether it is back, and nobody else waits for it meanwhile."""

import threading
from collections.abc import Callable

import pytest
import redis
from structlog.testing import capture_logs

from tasks.ringing.circuit import Circuit, RedisAway


class Redis:
    """A Redis that is well or not, and counts who asks."""

    def __init__(self) -> None:
        self.is_well = False
        self.asked = 0
        self.answered = threading.Event()

    def ask(self) -> None:
        self.asked += 1
        if not self.is_well:
            raise redis.ResponseError("OOM command not allowed when used memory > 'maxmemory'.")
        self.answered.set()


def ask(circuit: Circuit, call: Callable[[], None]) -> None:
    with circuit.asking():
        call()


def test_after_a_failure_nobody_asks_but_who_knocks_until_it_is_well() -> None:
    there = Redis()
    knocked = Redis()
    circuit = Circuit(knocked.ask)
    with pytest.raises(redis.ResponseError):
        ask(circuit, there.ask)
    for _ in range(1000):
        with pytest.raises(RedisAway):
            ask(circuit, there.ask)
    assert there.asked == 1
    assert not circuit.wait(0.01)
    there.is_well = knocked.is_well = True
    assert circuit.wait(20)
    ask(circuit, there.ask)
    assert there.asked == 2


def test_many_threads_that_meet_it_have_one_who_knocks_and_one_line_of_log() -> None:
    there = Redis()
    circuit = Circuit(there.ask)
    all_at_it = threading.Barrier(50)

    def fail_together() -> None:
        all_at_it.wait()
        raise redis.ConnectionError("gone")

    def meet() -> None:
        with pytest.raises(redis.RedisError):
            ask(circuit, fail_together)

    threads = [threading.Thread(target=meet) for _ in range(50)]
    others = set(threading.enumerate())  # of tests before, whose Redis never comes
    with capture_logs() as said:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        knocking = [t for t in set(threading.enumerate()) - others if t.name == "redis"]
        assert len(knocking) == 1
        there.is_well = True
        assert circuit.wait(20)
        knocking[0].join(10)
    of_this = [line["event"] for line in said if line.get("detail", "gone") == "gone"]
    assert of_this == ["redis is away", "redis is back"]


def test_who_had_asked_before_it_came_back_says_nothing_of_how_it_is_now() -> None:
    there = Redis()
    circuit = Circuit(there.ask)
    slow = circuit.asking()
    slow.__enter__()
    circuit.open(redis.ConnectionError("gone"))
    there.is_well = True
    assert circuit.wait(20)
    late = redis.TimeoutError("of the one that hung")
    assert not slow.__exit__(type(late), late, None)
    assert circuit.is_closed


def test_a_redis_that_answers_the_knock_and_fails_everybody_else_is_asked_seldom() -> None:
    there = Redis()
    there.is_well = True
    circuit = Circuit(there.ask)
    pauses = []
    with capture_logs() as said:
        for _ in range(4):
            circuit.open(redis.ResponseError("WRONGTYPE"))
            pauses.append(circuit._pause_s)
            assert circuit.wait(20)
    assert pauses == sorted(set(pauses)), "it had not lived in between: each pause is longer"
    assert [line["event"] for line in said].count("redis is away") == 1


def test_who_asks_first_waits_for_one_that_has_yet_to_start_and_goes_on_without_one_that_does_not() -> None:
    there, nowhere = Redis(), Redis()
    there.is_well = True
    with capture_logs() as said:
        assert Circuit(there.ask).find(20)
    assert "redis is back" not in [line["event"] for line in said]
    late = Circuit(nowhere.ask)
    assert not late.find(0.05)
    with pytest.raises(RedisAway):
        ask(late, nowhere.ask)
    nowhere.is_well = True
    assert late.wait(20)
