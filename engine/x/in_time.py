"""What is asked of X leaves in time, or not at all: whoever asks has a claim, and after it somebody else may ask.

    with until(time.clock_gettime(CLOCK) + 5):
        x.post("…")

A process can be stopped anywhere, for any time. So the clock is looked at where the bytes leave, and again before the
last of them, without which X does nothing. What is left is the moment between that look and the kernel.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

CLOCK = time.CLOCK_BOOTTIME  # it goes on while a process is stopped, and while the machine sleeps


class TooLate(Exception):
    """The moment was over before X was asked: it has not heard of it."""


class _Mine(threading.local):
    """Until when this thread may send, in seconds of `CLOCK`; None where it does not matter."""

    at: float | None = None


_mine = _Mine()


@contextmanager
def until(at: float) -> Iterator[None]:
    """Inside this, nothing is sent after a moment, in seconds of `CLOCK`. Raises TooLate where something would be."""
    before, _mine.at = _mine.at, at
    try:
        yield
    finally:
        _mine.at = before


def _look() -> None:
    if _mine.at is not None and time.clock_gettime(CLOCK) > _mine.at:
        raise TooLate


class _Connection(HTTPConnection):
    def send(self, data: Any) -> None:
        _look()
        super().send(data)


class _SecureConnection(HTTPSConnection):
    def send(self, data: Any) -> None:
        _look()
        super().send(data)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class InTime(HTTPAdapter):
    """The connections of a process, or of a session, that look at the clock."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager
