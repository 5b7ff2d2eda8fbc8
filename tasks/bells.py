"""How the bells of what is written are rung, and those for who holds the stream. Lost ones are no harm."""

import threading
from collections.abc import Callable
from contextlib import suppress

import redis
import structlog

from models import doorbells
from models.doorbells import Doorbell
from tasks import journal
from tasks.living.watching import beat, rest, watched
from tasks.start import PREFIX, redis_client

log = structlog.get_logger()
NOTICES = f"{PREFIX}notices"
SUBSCRIPTIONS = f"{PREFIX}subscriptions"
PAUSE_S = 0.02


class Ringer:
    """Rings a bell from a thread of its own: at once, and then once for all that is asked while it pauses.

    Who writes thousands of rows a second waits for none of it, nor for a Redis that is slow. The thread begins with
    the first bell.
    """

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self._asked = threading.Event()
        self._begun = threading.Lock()

    def ask(self) -> None:
        """Ring soon."""
        self._asked.set()
        if self._begun.acquire(blocking=False):
            threading.Thread(target=self._run, name="ringer", daemon=True).start()

    def _run(self) -> None:
        with watched("ringer", until=lambda: False):
            self._go()

    def _go(self) -> None:
        pause = threading.Event()
        while True:
            rest()
            self._asked.wait()
            self._asked.clear()
            beat()
            try:
                self._ring()
            except redis.RedisError:  # the circuit says so for all
                pass
            except Exception:
                log.exception("bell not rung")
            pause.wait(PAUSE_S)


def connect() -> None:
    """From now on what this process writes rings: once a process, where it starts."""
    doorbells.connect(Doorbell.NOTICES, Ringer(_ring_notices).ask)
    doorbells.connect(Doorbell.JOURNAL, Ringer(_ring_journal).ask)


def _ring_notices() -> None:
    """Tell the bot that somebody is to be told something."""
    pipe = redis_client().pipeline()
    pipe.rpush(NOTICES, "look")
    pipe.ltrim(NOTICES, -1000, -1)
    pipe.execute()


def ring_subscriptions() -> None:
    """Tell who holds the stream that channels have changed, which it sees in a second or two by itself."""
    with suppress(redis.RedisError):
        redis_client().set(SUBSCRIPTIONS, 1)


def subscriptions_rung() -> bool:
    """Whether somebody has rung since this was last asked; nobody, where Redis is away."""
    try:
        return redis_client().delete(SUBSCRIPTIONS) == 1
    except redis.RedisError:
        return False


def _ring_journal() -> None:
    journal.write.ring_once(5)
