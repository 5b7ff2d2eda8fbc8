"""A worker's threads: few listen at first, as many as are needed are begun, never more than there may be."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from huey import MemoryHuey

from tasks.living.consumers import SPARE, LivingConsumer

MOST = SPARE + 5


@pytest.fixture
def consumer() -> Iterator[LivingConsumer]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    made = LivingConsumer(MemoryHuey("canales.trial"), workers=MOST)
    made.start()
    yield made
    made.stop(graceful=True)
    for number, handler in before.items():
        signal.signal(number, handler)


def listening(consumer: LivingConsumer) -> int:
    return sum(thread.is_alive() for _, thread in consumer.worker_threads)


def test_a_thread_is_begun_for_each_that_has_work_until_all_are(consumer: LivingConsumer) -> None:
    assert listening(consumer) == SPARE
    with ExitStack() as jobs:
        for n in range(1, MOST + 3):
            jobs.enter_context(consumer.at_work())
            assert listening(consumer) == min(SPARE + n, MOST)
    with consumer.at_work():
        assert listening(consumer) == MOST


def test_none_is_begun_once_it_is_to_end(consumer: LivingConsumer) -> None:
    consumer.stop_flag.set()
    with consumer.at_work():
        assert len(consumer.worker_threads) == SPARE


def test_a_worker_of_few_has_them_all(consumer: LivingConsumer) -> None:
    few = LivingConsumer(MemoryHuey("canales.few"), workers=3)
    few.start()
    with few.at_work():
        assert listening(few) == 3
    few.stop(graceful=True)
