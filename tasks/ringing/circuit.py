"""The circuit to Redis: whoever meets a Redis that fails opens it for all; one thread alone finds out when it is well.

While it is open nobody in this process asks Redis or waits for it: what would have, raises RedisAway at once, and the
work goes on without. A Redis that refuses to write (full, a replica) is as away as one that is dead or hangs.
"""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
import structlog
from redis.client import Pipeline

from tasks.living.watching import beat, watched

log = structlog.get_logger()
FIRST_S, LONGEST_S = 0.1, 4.0  # the pauses between two knocks grow from one to the other
LIVED_S = 10.0  # a circuit that opens sooner after it was closed goes on with the pause that it had
SAY_AGAIN_S, SAY_AT_LEAST_EVERY_S = 10.0, 600.0
SAY_SELDOMER = 4


class RedisAway(redis.ConnectionError):
    """Redis has failed somebody, and was not asked again yet."""


class Circuit:
    """Closed while Redis is well. `knock` asks it for something, as anybody would, and raises what it meets."""

    def __init__(self, knock: Callable[[], object]) -> None:
        self._knock = knock
        self._changed = threading.Condition()
        self._is_open = False
        self._closings = 0
        self._closed_at = self._opened_at = -math.inf
        self._pause_s = FIRST_S
        self._say_at, self._say_pause_s, self._said = 0.0, SAY_AGAIN_S, False

    @property
    def is_closed(self) -> bool:
        return not self._is_open

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around whatever Redis is asked. Raises RedisAway at once while the circuit is open, else what is met."""
        closings = self._closings
        if self._is_open:
            raise RedisAway("Redis is away")
        try:
            yield
        except redis.RedisError as error:
            if closings == self._closings:  # what was asked before Redis came back says nothing of it now
                self.open(error)
            raise

    def wait(self, seconds: float) -> bool:
        """Until Redis is well, or for so long; whether it is."""
        if not self._is_open:
            return True
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_open, seconds)

    def find(self, within_s: float) -> bool:
        """Knock for the first time, before anybody asks, and wait so long for an answer; whether it came."""
        with self._changed:
            self._pause_s = 0.0
            self._begin_to_knock()
        return self.wait(within_s)

    def open(self, error: Exception) -> None:
        """Nobody asks Redis any more, until a knock is answered."""
        with self._changed:
            if self._is_open:
                return
            at = time.monotonic()
            if at - self._closed_at >= LIVED_S:
                self._pause_s, self._say_at, self._say_pause_s = FIRST_S, at, SAY_AGAIN_S
            self._said = False
            self._say(error)
            self._begin_to_knock()

    def _begin_to_knock(self) -> None:
        try:
            threading.Thread(target=self._knock_until_answered, name="redis", daemon=True).start()
        except RuntimeError:  # the machine has no place for a thread: the next who meets it tries again
            return
        self._is_open, self._opened_at = True, time.monotonic()

    def _knock_until_answered(self) -> None:
        is_over = False
        with watched("way back to redis", until=lambda: is_over):
            self._go_on_knocking()
            is_over = True

    def _go_on_knocking(self) -> None:
        pause = threading.Event()
        while True:
            beat()
            pause.wait(self._pause_s)
            self._pause_s = min(max(self._pause_s * 2, FIRST_S), LONGEST_S)
            try:
                self._knock()
            except Exception as error:  # noqa: BLE001, whatever it is: this thread is the only way back
                self._say(error)
            else:
                break
        with self._changed:
            self._closed_at = time.monotonic()
            self._closings += 1
            self._is_open = False
            self._changed.notify_all()
        if self._said:
            log.info("redis is back", after_s=round(self._closed_at - self._opened_at, 1))

    def _say(self, error: Exception) -> None:
        """That it is away: at once, and then seldomer and seldomer."""
        at = time.monotonic()
        if at >= self._say_at:
            log.warning("redis is away", error=type(error).__name__, detail=str(error)[:200])
            self._said, self._say_at = True, at + self._say_pause_s
            self._say_pause_s = min(self._say_pause_s * SAY_SELDOMER, SAY_AT_LEAST_EVERY_S)


class GuardedRedis(redis.Redis):
    """Redis as all of this process ask it: through the circuit."""

    def __init__(self, pool: redis.ConnectionPool, circuit: Circuit) -> None:
        super().__init__(connection_pool=pool)
        self.circuit = circuit

    def execute_command(self, *args: Any, **options: Any) -> Any:
        with self.circuit.asking():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        pipe = _GuardedPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        pipe.circuit = self.circuit
        return pipe


class _GuardedPipeline(Pipeline):
    circuit: Circuit

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        with self.circuit.asking():
            return super().execute(raise_on_error)
