"""The queues, each a Huey instance of its own, and what a job is: a doorbell that says "look now".

The database is the truth. Ringing may fail, be doubled, or be forgotten with all of Redis; a clock in every
worker (tasks/clock.py) looks anyway. Importing this starts nothing: a worker's process starts when its consumer is
made, and Redis is looked for when a bell is rung.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, Generic, ParamSpec

import redis
import structlog
from huey import PriorityRedisExpireHuey
from huey.consumer import Consumer

from models.database import TROUBLE, rested
from tasks.start import redis_client, redis_pool, start

log = structlog.get_logger()
P = ParamSpec("P")
PREFIX = "canales:"
LISTEN_S = 1  # so late a worker sees at the latest that it is to stop


class Queue(PriorityRedisExpireHuey):  # type: ignore[misc]
    """A Huey queue that finds Redis when it is first needed, and knows its consumer, so that long jobs end with it.

    `tenths`: the share of its worker in the connections to PostgreSQL, of which the bot has three.
    """

    consumer: Consumer | None = None
    _storage: Any = None

    def __init__(self, name: str, tenths: int = 1) -> None:
        super().__init__(name, results=False)
        self._tenths = tenths

    def create_storage(self) -> None:
        """Nothing yet: this is called where a queue is defined."""

    @property
    def storage(self) -> Any:
        if self._storage is None:
            self._storage = self.get_storage(connection_pool=redis_pool(), read_timeout=LISTEN_S)
        return self._storage

    @storage.setter
    def storage(self, storage: Any) -> None:
        self._storage = storage

    def create_consumer(self, **options: Any) -> Consumer:
        """What `huey_consumer` calls: here a worker's process starts."""
        start(self._tenths)
        self.consumer = super().create_consumer(**options)
        return self.consumer

    def is_revoked(self, *_: Any, **__: Any) -> bool:
        """No job is ever taken back, the database says what is wanted: Redis isn't asked for each whether it was."""
        return False

    def delete(self, key: str) -> None:
        """Nothing is kept of a job that could be deleted after it."""

    @property
    def stopping(self) -> bool:
        return self.consumer is not None and bool(self.consumer.stop_flag.is_set())


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
        self._function = function
        self._task = queue.task(priority=priority, name=self.name)(self._run)
        if before is not None:
            before.task(priority=priority, name=self.name)(lambda *args: self._task(*args))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        self._function(*args, **kwargs)

    def ring_once(self, within_s: float, *args: P.args, **kwargs: P.kwargs) -> None:
        """Ask a worker to look now, unless the same bell was rung in the last `within_s` seconds and is not answered.

        A bell that can't be rung is no harm: the clock looks anyway.
        """
        try:
            if redis_client().set(self._key(args), 1, nx=True, px=int(within_s * 1000)):
                self._task(*args, **kwargs)
        except redis.RedisError as error:
            log.warning("bell not rung", job=self.name, error=type(error).__name__)

    def ring_for(self, within_s: float, items: Iterable[int]) -> None:
        """The same for many that a job is about: Redis is asked in one go which of their bells were rung already."""
        asked = list(items)
        if not asked:
            return
        pipe = redis_client().pipeline(transaction=False)
        for item in asked:
            pipe.set(self._key((item,)), 1, nx=True, px=int(within_s * 1000))
        try:
            for item, is_new in zip(asked, pipe.execute(), strict=True):
                if is_new:
                    self._task(item)
        except redis.RedisError as error:
            log.warning("bells not rung", job=self.name, error=type(error).__name__)

    def _run(self, *args: P.args, **kwargs: P.kwargs) -> None:
        started = time.monotonic()
        try:
            redis_client().delete(self._key(args))
        except redis.RedisError as error:
            log.warning("bell not cleared", job=self.name, error=type(error).__name__)
        try:
            with rested():
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
