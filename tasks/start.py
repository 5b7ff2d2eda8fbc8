"""The start of a process of the service, which its entry point calls: settings, logs, the database. And its Redis."""

import sys
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from models import checking
from models.settings import BadSettings, Settings, settings
from tasks import embedded_redis, logs
from tasks.ringing.circuit import Circuit, GuardedRedis

SWITCH_S = 0.0005  # most threads wait for others, with a connection in their hands: who is answered goes on at once
PREFIX = "canales:"
SILENT_S = 3.0  # a Redis that says nothing for so long is away; who listens for a bell gets an answer each second
FIRST_WITHIN_S = 5.0  # whoever asks first waits so long for the embedded server
_first = threading.Lock()


@cache
def start(tenths: int = 1, *, migrated: bool = True) -> Settings:
    """Once a process, which has so many tenths of the connections to PostgreSQL (one at least).

    Ends it where it can't run (models/checking.py), with a sentence for each reason and no stack trace.
    """
    try:
        loaded = settings()
    except BadSettings as error:
        raise refused(error.problems) from None
    logs.setup(loaded.log_level, loaded.log_format)
    sys.setswitchinterval(SWITCH_S)
    if problems := checking.problems(loaded, tenths, migrated=migrated):
        raise refused(problems)
    return loaded


def refused(problems: Sequence[str]) -> SystemExit:
    """Says why nothing can run; what ends the process then."""
    print("\n  ".join(["Canales can't start:", *problems]), file=sys.stderr)  # noqa: T201
    return SystemExit(2)


@cache
def _redis() -> GuardedRedis:
    """Made once. Where none is set the embedded server is started; one that does not come is as away as any other."""
    loaded = settings()
    url = loaded.redis_url.get_secret_value()
    options: dict[str, Any] = {
        "retry": Retry(
            NoBackoff(), 1, (redis.ConnectionError,)
        ),  # a connection that was lost meanwhile; no waiting twice
        "socket_connect_timeout": 2,
        "socket_timeout": SILENT_S,
        "max_connections": 500,
        "socket_read_size": 4096,  # of the library's 64 KiB each thread that listens keeps its own
        "driver_info": None,  # or each connection reads the library's metadata
    }
    if url:
        pool = redis.ConnectionPool.from_url(url, health_check_interval=30, **options)
        return GuardedRedis(pool, Circuit(lambda: _knock(pool)))
    path = str(embedded_redis.socket_path(loaded.data_dir))
    pool = redis.ConnectionPool(connection_class=redis.UnixDomainSocketConnection, path=path, **options)

    def revive_and_knock() -> None:
        embedded_redis.ensure(loaded.data_dir)
        _knock(pool)

    circuit = Circuit(revive_and_knock)
    circuit.find(within_s=FIRST_WITHIN_S)
    return GuardedRedis(pool, circuit)


def redis_client() -> GuardedRedis:
    """Redis, for bells and nothing else: everything in it may be gone at any moment, and so may Redis itself."""
    with _first:
        return _redis()


def _knock(pool: redis.ConnectionPool) -> None:
    """Whether it can be written to: a Redis that is full, or a replica, answers and carries no bell all the same."""
    redis.Redis(connection_pool=pool).set(f"{PREFIX}knock", 1, px=1000)
