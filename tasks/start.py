"""The start of a process of the service, which its entry point calls: settings, logs, the database. And its Redis."""

import sys
from functools import cache
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from models.database import open_database
from models.settings import BadSettings, Settings, settings
from tasks import embedded_redis, logs

SWITCH_S = 0.0005  # most threads wait for others, with a connection in their hands: who is answered goes on at once


@cache
def start(tenths: int = 1) -> Settings:
    """Once a process, which has so many tenths of the connections to PostgreSQL (one at least).

    Ends it, with a sentence for each bad setting and no stack trace.
    """
    try:
        loaded = settings()
    except BadSettings as error:
        print("Canales can't start with these settings:", file=sys.stderr)  # noqa: T201
        for problem in error.problems:
            print(f"  {problem}", file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None
    logs.setup()
    sys.setswitchinterval(SWITCH_S)
    open_database(loaded, tenths)
    return loaded


@cache
def redis_pool() -> redis.ConnectionPool:
    """The connections to Redis of this process; the embedded server is started where none is set."""
    loaded = settings()
    url = loaded.redis_url.get_secret_value()
    options: dict[str, Any] = {
        "retry": Retry(ExponentialBackoff(cap=0.5, base=0.05), 2),
        "max_connections": 500,
        "socket_read_size": 4096,  # of the library's 64 KiB each thread that listens keeps its own
        "driver_info": None,  # or each connection reads the library's metadata
    }
    if url:
        return redis.ConnectionPool.from_url(url, socket_connect_timeout=5, health_check_interval=30, **options)
    path = embedded_redis.ensure(loaded.data_dir)
    return redis.ConnectionPool(connection_class=redis.UnixDomainSocketConnection, path=str(path), **options)


@cache
def redis_client() -> redis.Redis:
    """Redis, for leases and doorbells."""
    return redis.Redis(connection_pool=redis_pool())


def revive_redis() -> None:
    """Start the embedded server again if it died. Nothing to do for a server of somebody else's."""
    loaded = settings()
    if not loaded.redis_url.get_secret_value():
        embedded_redis.ensure(loaded.data_dir)
