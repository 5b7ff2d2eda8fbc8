"""A worker's own hands: so many at once, the urgent first, nothing twice."""

import threading

from tasks.queues import Queue, job
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


def test_listening_threads_and_own_hands_together_do_no_more_at_once_than_the_queue_has_workers() -> None:
    queue, work = Queue("canales.together"), Work()

    @job(queue)
    def together(n: int) -> None:
        work.on(str(n))

    queue._places, queue._hands = threading.Semaphore(2), OwnHands("together", 2)
    tasks = [together._task.s(n) for n in range(6)]
    listening = [threading.Thread(target=queue.execute, args=(task,)) for task in tasks[:3]]
    for thread in listening:
        thread.start()
    for task in tasks[3:]:
        queue.do_here(task)
    soon(lambda: len(work.begun) == 2)
    work.go_on.set()
    for thread in listening:
        thread.join(20)
    soon(lambda: len(work.begun) == 6)
    assert work.most == 2


def test_a_process_that_works_another_queue_leaves_it_to_the_clock_of_one_that_works_this() -> None:
    queue, work = Queue("canales.elsewhere"), Work()

    @job(queue)
    def elsewhere() -> None:
        work.on("here")

    queue.do_here(elsewhere._task.s())
    assert not [t for t in threading.enumerate() if t.name == "hand-canales.elsewhere"]
    assert work.begun == []
