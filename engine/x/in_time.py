"""What is asked of X leaves in time, or not at all: whoever asks has a claim, and after it somebody else may ask.

    with until(time.clock_gettime(CLOCK) + 5):
        x.post("…")

A process can be stopped anywhere, for any time. So the clock is looked at where the bytes leave, and again before the
last of them, without which X does nothing. What is left is the moment between that look and the kernel.
"""

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

CLOCK = time.CLOCK_BOOTTIME  # it goes on while a process is stopped, and while the machine sleeps

PIECE = 2**16  # bytes


class TooLate(Exception):
    """The moment was over before X was asked: it has not heard of it."""


class _Mine(threading.local):
    """Until when this thread may send, in seconds of `CLOCK`; None where it does not matter."""

    at: float | None = None
    over_at: float | None = None  # when a call of this thread has to be over (monotonic seconds)


_mine = _Mine()


@contextmanager
def until(at: float) -> Iterator[None]:
    """Inside this, nothing is sent after a moment, in seconds of `CLOCK`. Raises TooLate where something would be."""
    before, _mine.at = _mine.at, at
    try:
        yield
    finally:
        _mine.at = before


@contextmanager
def over_within(seconds: float) -> Iterator[None]:
    """A call that is made inside this is over by then, with a TimeoutError where X has not answered all of it."""
    before, _mine.over_at = _mine.over_at, time.monotonic() + seconds
    try:
        yield
    finally:
        _mine.over_at = before


def _look() -> None:
    if _mine.at is not None and time.clock_gettime(CLOCK) > _mine.at:
        raise TooLate


def _left_s(over_at: float) -> float:
    left = over_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long in all")
    return left


def _pieces(data: Any) -> Iterator[Any]:
    """What is large goes in pieces, so that who takes it slowly does not take it for ever."""
    if _mine.over_at is None or not isinstance(data, bytes) or len(data) <= PIECE:
        yield data
        return
    view = memoryview(data)
    for at in range(0, len(data), PIECE):
        _left_s(_mine.over_at)
        yield view[at : at + PIECE]


class _Dripping(io.RawIOBase):
    """What a socket brings, until the call must be over."""

    def __init__(self, raw: Any, sock: Any, over_at: float) -> None:
        self._raw, self._sock, self._over_at = raw, sock, over_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s, usual_s = _left_s(self._over_at), self._sock.gettimeout()
        self._sock.settimeout(left_s if usual_s is None else min(usual_s, left_s))
        try:
            return self._raw.readinto(buffer)  # type: ignore[no-any-return]
        finally:
            self._sock.settimeout(usual_s)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        if _mine.over_at is not None:
            raw: Any = self.fp.detach()
            self.fp = io.BufferedReader(_Dripping(raw, sock, _mine.over_at))


class _Connection(HTTPConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        for piece in _pieces(data):
            _look()
            super().send(piece)


class _SecureConnection(HTTPSConnection):
    response_class = _Answer

    def send(self, data: Any) -> None:
        for piece in _pieces(data):
            _look()
            super().send(piece)


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
