"""The queues, each a Huey instance of its own, and what a job is: a doorbell that says "look now".

The database is the truth. Ringing may fail, be doubled, or be forgotten with all of Redis; a clock in every
worker (tasks/clock.py) looks anyway. What it rings for while Redis is away, its process does itself
(tasks/ringing/own_hands.py). Importing this starts nothing: a worker's process starts when its consumer is made, and
Redis is looked for when a bell is rung.
"""

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from typing import Any, Generic, ParamSpec

import redis
import structlog
from huey import PriorityRedisExpireHuey
from huey.api import Task
from huey.consumer import Consumer

from models.aside import Again, Item, Place
from models.database import TROUBLE, rested
from tasks.living.consumers import LivingConsumer, job_begins
from tasks.ringing.own_hands import OwnHands
from tasks.ringing.signed_jobs import SignedJobs
from tasks.start import PREFIX, redis_client, start

log = structlog.get_logger()
P = ParamSpec("P")
LISTEN_S = 1  # so late a worker sees at the latest that it is to stop, or that Redis is back
SAY_DROPPED_EVERY_S = 10.0


class Queue(PriorityRedisExpireHuey):  # type: ignore[misc]
    """A Huey queue that finds Redis when it is first needed, and knows its consumer, so that long jobs end with it.

    `tenths`: the share of its worker in the connections to PostgreSQL, of which the bot has three.
    """

    consumer: LivingConsumer | None = None
    _storage: Any = None
    _hands: OwnHands | None = None
    _places: threading.Semaphore | None = None  # whether its threads run a job or its own hands do: no more at once

    def __init__(self, name: str, tenths: int = 1) -> None:
        super().__init__(name, results=False, serializer=SignedJobs())
        self._tenths = tenths
        self._at_start: list[Callable[[], None]] = []
        self._dropped, self._say_dropped_at = 0, 0.0
        self.on_shutdown(name="own hands")(self._end_hands)

    def create_storage(self) -> None:
        """Nothing yet: this is called where a queue is defined."""

    @property
    def storage(self) -> Any:
        if self._storage is None:
            client = redis_client()
            storage = self.get_storage(connection_pool=client.connection_pool, read_timeout=LISTEN_S)
            storage.conn = client
            self._storage = storage
        return self._storage

    @storage.setter
    def storage(self, storage: Any) -> None:
        self._storage = storage

    def at_start(self, call: Callable[[], None]) -> None:
        """Call this once, where a worker's process starts."""
        self._at_start.append(call)

    def create_consumer(self, **options: Any) -> Consumer:
        """What `huey_consumer` calls: here a worker's process starts."""
        start(self._tenths)
        self.consumer = LivingConsumer(self, **options)
        self._places = threading.Semaphore(self.consumer.workers)
        self._hands = OwnHands(self.name, self.consumer.workers)
        for call in self._at_start:
            call()
        return self.consumer

    def enqueue(self, task: Task) -> None:
        """Put it into Redis; where that can't be, see `do_here`."""
        try:
            super().enqueue(task)
        except redis.RedisError:
            self.do_here(task)

    def do_here(self, task: Task) -> None:
        """Let this process do it, if it works this queue. In any other it is left to the clock of one that does."""
        if self._hands is not None:
            self._hands.take((task.name, task.args), lambda: self.execute(task), task.priority or 0)

    def dequeue(self) -> Task | None:
        """The next job; None after a second at the latest. What can't be read ends no thread: it is dropped."""
        try:
            if not redis_client().circuit.wait(LISTEN_S):
                return None
            data = self.storage.dequeue()
        except redis.RedisError:  # the circuit says so for all
            return None
        if data is None:
            return None
        try:
            return self.deserialize_task(data)
        except Exception as error:  # noqa: BLE001, whatever it was: the clock rings for what is to be done
            self._drop(error)
            return None

    def execute(self, task: Task, timestamp: Any = None) -> Any:
        with self._places or nullcontext(), self.consumer.at_work() if self.consumer else nullcontext():
            return super().execute(task, timestamp)

    def read_schedule(self, *_: Any) -> list[Task]:
        """Nothing is ever put off in Redis, the database says when: it isn't asked each second."""
        return []

    def is_revoked(self, *_: Any, **__: Any) -> bool:
        """No job is ever taken back, the database says what is wanted: Redis isn't asked for each whether it was."""
        return False

    def delete(self, key: str) -> None:
        """Nothing is kept of a job that could be deleted after it."""

    @property
    def stopping(self) -> bool:
        return self.consumer is not None and bool(self.consumer.stop_flag.is_set())

    def _end_hands(self) -> None:
        if self._hands is not None and self.consumer is not None:
            self._hands.end(self.consumer.shutdown_timeout)

    def _drop(self, error: Exception) -> None:
        self._dropped += 1
        at = time.monotonic()
        if at >= self._say_dropped_at:
            self._say_dropped_at = at + SAY_DROPPED_EVERY_S
            log.error("job dropped: it can't be read", queue=self.name, error=str(error)[:200], dropped=self._dropped)


streaming = Queue("canales.streaming", tenths=2)
tweets = Queue("canales.tweets", tenths=2)
publishing = Queue("canales.publishing", tenths=2)
logging = Queue("canales.logging", tenths=1)


class Job(Generic[P]):
    """A function that a worker runs. `ring_once` asks for it; calling it runs it here and now.

    Jobs that wait in Redis while a release is put in place are found by their names, "tasks.queues.<function>"; what
    waits in the queue that was theirs `before` goes on to the one that is.
    """

    def __init__(self, queue: Queue, function: Callable[P, None], priority: int, before: Queue | None) -> None:
        self.name = function.__name__
        self._queue = queue
        self._function = function
        self._again = Again(Item(Place.JOB, self.name))
        self._task = queue.task(priority=priority, name=self.name)(self._run)
        if before is not None:
            before.task(priority=priority, name=self.name)(lambda *args: self._task(*args))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self._function(*args, **kwargs)

    def ring_once(self, within_s: float, *args: P.args, **kwargs: P.kwargs) -> None:
        """Ask a worker to look now, unless the same bell was rung in the last `within_s` seconds and is not answered.

        A bell that can't be rung is no harm: the clock looks anyway, and what it finds its own process does.
        """
        try:
            is_new = redis_client().set(self._key(args), 1, nx=True, px=int(within_s * 1000))
        except redis.RedisError:  # the circuit says so for all
            self._queue.do_here(self._task.s(*args, **kwargs))
        else:
            if is_new:
                self._task(*args, **kwargs)

    def ring_for(self, within_s: float, items: Iterable[int]) -> None:
        """The same for many that a job is about: Redis is asked in one go which of their bells were rung already."""
        asked = list(items)
        if not asked:
            return
        pipe = redis_client().pipeline(transaction=False)
        for item in asked:
            pipe.set(self._key((item,)), 1, nx=True, px=int(within_s * 1000))
        try:
            are_new = pipe.execute()
        except redis.RedisError:
            for item in asked:
                self._queue.do_here(self._task.s(item))
            return
        for item, is_new in zip(asked, are_new, strict=True):
            if is_new:
                self._task(item)

    def _run(self, *args: P.args, **kwargs: P.kwargs) -> None:
        started = time.monotonic()
        job_begins()
        with suppress(redis.RedisError):  # then it is not rung again for a moment
            redis_client().delete(self._key(args))
        try:
            with rested(), self._again.tried():
                self._function(*args, **kwargs)
        except TROUBLE as error:
            log.error("database trouble", job=self.name, args=args, error=str(error))
        except Exception:
            log.exception("job failed", job=self.name, args=args, took=round(time.monotonic() - started, 3))

    def _key(self, args: tuple[Any, ...]) -> str:
        return f"{PREFIX}bell:{self.name}:{':'.join(map(str, args))}"


def job(queue: Queue, *, priority: int = 0, before: Queue | None = None) -> Callable[[Callable[P, None]], Job[P]]:
    """Make a function a job of this queue; the higher priority goes first. `before`: where it was a release ago."""

    def made(function: Callable[P, None]) -> Job[P]:
        return Job(queue, function, priority, before)

    return made
