"""The activity stream: one persistent connection for the whole app, by a loop of our own.

Why not tweepy's: docs/decisions/own-stream-loop.md.

Discipline (docs/x-and-telegram.md): at once the first time, then 250 ms more each time up to 16 s for network
errors; 5 s doubling up to 320 s for HTTP errors; from 60 s doubling for 429. No byte for 20 s means reconnect.
Where X counts a dead connection of ours and has just cleared it for us, a second is enough.
"""

import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Event as Flag
from typing import Any, Protocol

import requests
import urllib3

from engine.x.client import XSession

HEARTBEAT_TIMEOUT_S = 21.0
NETWORK_STEP_S, NETWORK_CEILING_S = 0.25, 16.0
HTTP_START_S, HTTP_CEILING_S = 5.0, 320.0
LIMITED_START_S = 60.0
CLEARED_S = 1.0
CHUNK = 65_536
LONGEST_LINE = 1_000_000  # of bytes; an event of X's has some thousands


@dataclass
class Backoff:
    """How long to stay away before the next connect; `reset` after a good one."""

    network_s: float = 0.0
    http_s: float = 0.0

    def reset(self) -> None:
        self.network_s = self.http_s = 0.0

    def network(self) -> float:
        """The wait after a network error: none the first time, then a quarter of a second more each time."""
        wait = self.network_s
        self.network_s = min(self.network_s + NETWORK_STEP_S, NETWORK_CEILING_S)
        return wait

    def http(self, *, limited: bool) -> float:
        """The wait after an HTTP error."""
        start = LIMITED_START_S if limited else HTTP_START_S
        wait = max(self.http_s, start)
        self.http_s = min(wait * 2, HTTP_CEILING_S)
        return min(wait, HTTP_CEILING_S)


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
    """What wants to know what the stream does. All calls come on the stream's thread."""

    def connected(self) -> None: ...
    def line(self, data: bytes) -> None: ...
    def too_long(self, size: int) -> None: ...
    def alive(self) -> None: ...
    def disconnected(self, reason: str, wait_s: float) -> None: ...
    def locked_out(self) -> bool: ...


class ActivityStream:
    """Keeps the app's activity stream open until `stop` is set."""

    def __init__(self, api_url: str, bearer: str, listener: Listener, stop: Flag) -> None:
        self._session = XSession(api_url)
        self._url = f"{self._session.api_url}/2/activity/stream"
        self._headers = {"Authorization": f"Bearer {bearer}"}
        self._listener = listener
        self._stop = stop
        self._backoff = Backoff()
        self._response: requests.Response | None = None

    def run(self) -> None:
        """Connect, read, reconnect, until stopped. Raises nothing of the network's."""
        while not self._stop.is_set():
            wait = self._once()
            if self._stop.wait(wait):
                return

    def close(self) -> None:
        """End the connection from another thread; `run` returns if the stop flag is set."""
        response = self._response
        if response is not None:
            _shut(response)

    def _once(self) -> float:
        try:
            with self._session.request(
                "GET", self._url, headers=self._headers, stream=True, timeout=(5.0, HEARTBEAT_TIMEOUT_S)
            ) as response:
                if response.status_code != 200:
                    return self._refused(response)
                self._response = response
                self._backoff.reset()
                self._listener.connected()
                self._read(response)
                reason = "closed by X"
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, AttributeError) as error:
            reason = type(error).__name__
        finally:
            self._response = None
        wait = self._backoff.network()
        if not self._stop.is_set():
            self._listener.disconnected(reason, wait)
        return wait

    def _read(self, response: requests.Response) -> None:
        for line in lines_of(response.iter_content(CHUNK)):
            if isinstance(line, TooLong):
                self._listener.too_long(line.size)
            elif line:
                self._listener.line(line)
            else:
                self._listener.alive()
            if self._stop.is_set():
                return

    def _refused(self, response: requests.Response) -> float:
        limited = response.status_code == 429
        wait = self._backoff.http(limited=limited)
        if limited and "TooManyConnections" in response.text and self._listener.locked_out():
            self._backoff.reset()
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
