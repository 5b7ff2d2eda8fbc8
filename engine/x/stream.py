"""X's streams, activities and what rules match: one persistent connection each for the whole app, by our own loop.

Why not tweepy's: docs/decisions/own-stream-loop.md.

Discipline (docs/x-and-telegram.md): at once the first time, then 250 ms more each time up to 16 s for network
errors; 5 s doubling up to 320 s for HTTP errors; from 60 s doubling for 429, or until X's own reset. The waits grow
until a connection has *lived*: a minute, with lines or heartbeats to its end. No line and no heartbeat for 25 s means
that it is dead, whatever bytes drip in meanwhile. Where X counts a dead connection of ours and has just cleared it, a
second is enough.
"""

import math
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Event as Flag
from typing import Any, Protocol

import requests
import urllib3

from engine.x.client import XSession
from engine.x.errors import answered_at, reset_of

ACTIVITY = "/2/activity/stream"
QUIET_S = 25.0
LIVED_S = 60.0
NETWORK_STEP_S, NETWORK_CEILING_S = 0.25, 16.0
HTTP_START_S, HTTP_CEILING_S = 5.0, 320.0
LIMITED_START_S, LIMITED_CEILING_S = 60.0, 900.0
CLEARED_S = 1.0
LOOK_S = 5.0
CHUNK = 65_536
LONGEST_LINE = 1_000_000  # of bytes; an event of X's has some thousands


@dataclass
class Backoff:
    """How long to stay away before the next connect. `short_lived`: so many connections in a row have not lived."""

    network_s: float = 0.0
    http_s: float = 0.0
    short_lived: int = 0

    def lived(self) -> None:
        """A connection has lived: what was before it is forgotten."""
        self.network_s = self.http_s = 0.0
        self.short_lived = 0

    def network(self) -> float:
        """The wait after a network error: none the first time, then a quarter of a second more each time."""
        wait = self.network_s
        self.network_s = min(self.network_s + NETWORK_STEP_S, NETWORK_CEILING_S)
        return wait

    def http(self, *, limited: bool, reset_s: float = 0.0) -> float:
        """The wait after an HTTP error. `reset_s`: so far ahead X named the moment from which it answers again."""
        start = LIMITED_START_S if limited else HTTP_START_S
        wait = max(self.http_s, start)
        self.http_s = min(wait * 2, HTTP_CEILING_S)
        return max(min(wait, HTTP_CEILING_S), min(reset_s, LIMITED_CEILING_S))


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line that was let go of as it came, of so many bytes."""

    size: int


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes | TooLong]:
    """The lines of a stream, without their ends; of one that is too long nothing is kept."""
    begun, let_go = bytearray(), 0
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            size = let_go + len(begun) + len(piece)
            yield TooLong(size) if let_go or size > LONGEST_LINE else bytes(begun + piece).rstrip(b"\r")
            begun.clear()
            let_go = 0
        if let_go or len(begun) + len(rest) > LONGEST_LINE:
            let_go += len(begun) + len(rest)
            begun.clear()
        else:
            begun += rest
    if begun:
        yield bytes(begun)


class Listener(Protocol):
    """What wants to know what the stream does. All calls come on the stream's thread.

    `connected`: so many connections before this one did not live. `moving` is called now and then, whatever happens.
    """

    def connected(self, short_lived: int) -> None: ...
    def line(self, data: bytes) -> None: ...
    def too_long(self, size: int) -> None: ...
    def alive(self) -> None: ...
    def disconnected(self, reason: str, wait_s: float) -> None: ...
    def locked_out(self) -> bool: ...
    def moving(self) -> None: ...


class Stream:
    """Keeps one of the app's streams open until `stop` is set: the activities, or another `route`."""

    def __init__(
        self, api_url: str, bearer: str, listener: Listener, stop: Flag, quiet_s: float = QUIET_S,
        route: str = ACTIVITY, params: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._session = XSession(api_url)
        self._url = f"{self._session.api_url}{route}"
        self._params = dict(params or {})
        self._headers = {"Authorization": f"Bearer {bearer}"}
        self._listener = listener
        self._stop = stop
        self._quiet_s = quiet_s
        self._backoff = Backoff()
        self._response: requests.Response | None = None
        self._waits_since = math.inf  # for a line, which may be on its way byte by byte
        self._was_quiet = False

    def run(self) -> None:
        """Connect, read, reconnect, until stopped. Raises nothing of the network's."""
        while not self._stop.is_set():
            self._stay_away(self._once())

    def close(self) -> None:
        """End the connection from another thread; `run` returns if the stop flag is set."""
        response = self._response
        if response is not None:
            _shut(response)

    def close_if_quiet(self) -> bool:
        """End, from another thread, a connection on which no line has ended for too long; whether it was one."""
        if self._response is None or time.monotonic() - self._waits_since <= self._quiet_s:
            return False
        self._was_quiet = True
        self.close()
        return True

    def _stay_away(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._stop.wait(min(left, LOOK_S)):
            self._listener.moving()

    def _once(self) -> float:
        """One connection, to its end; how long to stay away after it."""
        self._listener.moving()
        self._waits_since, self._was_quiet = math.inf, False
        try:
            with self._session.request(
                "GET", self._url, params=self._params, headers=self._headers, stream=True, timeout=(5.0, self._quiet_s)
            ) as response:
                if response.status_code != 200:
                    return self._refused(response)
                self._response = response
                self._listener.connected(self._backoff.short_lived)
                self._backoff.short_lived += 1
                self._read(response)
                reason = "closed by X"
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, AttributeError) as error:
            reason = type(error).__name__
        finally:
            self._response = None
        if self._was_quiet:
            reason = f"no line for {self._quiet_s:.0f} s"
        wait = self._backoff.network()
        if not self._stop.is_set():
            self._listener.disconnected(reason, wait)
        return wait

    def _read(self, response: requests.Response) -> None:
        began = self._waits_since = time.monotonic()
        for line in lines_of(response.iter_content(CHUNK)):
            self._waits_since = math.inf  # what is done with it may take its time
            if isinstance(line, TooLong):
                self._listener.too_long(line.size)
            elif line:
                self._listener.line(line)
            else:
                self._listener.alive()
            if self._stop.is_set():
                return
            self._waits_since = time.monotonic()
            if self._waits_since - began >= LIVED_S:
                self._backoff.lived()
            self._listener.moving()

    def _refused(self, response: requests.Response) -> float:
        limited = response.status_code == 429
        reset = reset_of(response) if limited else None
        reset_s = (reset - answered_at(response)).total_seconds() if reset is not None else 0.0
        wait = self._backoff.http(limited=limited, reset_s=reset_s)
        if limited and "TooManyConnections" in response.text and self._listener.locked_out():
            wait = CLEARED_S
        self._listener.disconnected(f"HTTP {response.status_code}", wait)
        return wait


def _shut(response: requests.Response) -> None:
    """Close the socket under a blocked read; closing the response alone would wait for the next byte."""
    connection: Any = getattr(response.raw, "_connection", None) or getattr(response.raw, "connection", None)
    sock = getattr(connection, "sock", None)
    if sock is not None:
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
