"""A worker's own hands: so many at once, the urgent first, nothing twice."""

import threading

from tasks.ringing.own_hands import OwnHands
from tests.tasks.nearby_x import soon


class Work:
    """What is done until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.most = 0
        self._at_once = 0
        self._guard = threading.Lock()
        self.go_on = threading.Event()

    def on(self, what: str) -> None:
        with self._guard:
            self.begun.append(what)
            self._at_once += 1
            self.most = max(self.most, self._at_once)
        self.go_on.wait(20)
        with self._guard:
            self._at_once -= 1


def take(hands: OwnHands, work: Work, what: str, priority: int = 0) -> bool:
    return hands.take(what, lambda: work.on(what), priority)


def test_no_more_are_done_at_once_than_there_are_hands() -> None:
    hands, work = OwnHands("trial", 3), Work()
    for n in range(20):
        assert take(hands, work, str(n))
    soon(lambda: len(work.begun) == 3)
    work.go_on.set()
    soon(lambda: len(work.begun) == 20)
    assert work.most == 3
    assert hands.end(10)


def test_the_urgent_goes_first() -> None:
    hands, work = OwnHands("trial", 1), Work()
    take(hands, work, "first come")
    soon(lambda: work.begun)
    take(hands, work, "later", 50)
    take(hands, work, "urgent", 100)
    take(hands, work, "urgent too", 100)
    work.go_on.set()
    soon(lambda: work.begun == ["first come", "urgent", "urgent too", "later"])


def test_what_is_asked_for_often_waits_once_and_is_done_once_more_after_what_is_being_done() -> None:
    hands, work = OwnHands("trial", 5), Work()
    take(hands, work, "judge")
    soon(lambda: work.begun)
    for _ in range(100):
        assert take(hands, work, "judge"), "it will be seen to"
    work.go_on.set()
    soon(lambda: not [t for t in threading.enumerate() if t.name == "hand-trial"])
    assert work.most == 1
    assert len(work.begun) <= 2


def test_what_breaks_costs_its_hand_nothing() -> None:
    hands, work = OwnHands("trial", 1), Work()
    work.go_on.set()
    hands.take("broken", lambda: 1 // 0)
    take(hands, work, "whole")
    soon(lambda: work.begun == ["whole"])


def test_at_the_end_what_is_being_done_is_waited_for_and_nothing_more_begun() -> None:
    hands, work = OwnHands("trial", 1), Work()
    take(hands, work, "begun")
    soon(lambda: work.begun)
    take(hands, work, "waits")
    assert not hands.end(0.01)
    assert not take(hands, work, "too late")
    work.go_on.set()
    assert hands.end(10)
    assert work.begun == ["begun"]
