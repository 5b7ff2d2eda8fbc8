"""The stream's loop against the sandbox: what X accepts and closes, and what drips, is no life."""

import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.x.stream import LONGEST_LINE, Backoff, Stream, TooLong, lines_of
from models.settings import settings
from sandbox.app import Sandbox
from sandbox.x_tokens import BEARER
from tests.tasks.nearby_x import nearby_x, soon


class Listening:
    """Notes what the stream tells."""

    def __init__(self) -> None:
        self.short_lived: list[int] = []
        self.lines: list[bytes] = []
        self.down: list[tuple[str, float]] = []

    def connected(self, short_lived: int) -> None:
        self.short_lived.append(short_lived)

    def line(self, data: bytes) -> None:
        self.lines.append(data)

    def too_long(self, size: int) -> None:
        raise AssertionError(size)

    def alive(self) -> None:
        return

    def disconnected(self, reason: str, wait_s: float) -> None:
        self.down.append((reason, wait_s))

    def locked_out(self) -> bool:
        return False

    def moving(self) -> None:
        return


@pytest.fixture
def x(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with nearby_x(monkeypatch) as sandbox:
        yield sandbox


@contextmanager
def listening(quiet_s: float = 25.0) -> Iterator[Listening]:
    """Somebody listens, and looks now and then whether the connection has gone quiet."""
    listener, stop = Listening(), threading.Event()
    stream = Stream(settings().x_api_url, BEARER, listener, stop, quiet_s)
    reader = threading.Thread(target=stream.run)

    def keep() -> None:
        while not stop.wait(0.02):
            stream.close_if_quiet()
        stream.close()

    keeper = threading.Thread(target=keep)
    reader.start()
    keeper.start()
    try:
        yield listener
    finally:
        stop.set()
        keeper.join(10)
        reader.join(10)
        assert not reader.is_alive()


def sends(text: str) -> None:
    """X puts this on the stream."""
    address = f"{settings().x_api_url.removesuffix('/x')}/sandbox/faults"
    body = json.dumps({"raw_lines": {"text": text}}).encode()
    urllib.request.urlopen(urllib.request.Request(address, body, {"Content-Type": "application/json"})).close()


def test_what_x_accepts_and_closes_is_waited_for_longer_each_time(x: Sandbox) -> None:
    x.faults.set("accept_then_close", 1)
    with listening() as listener:
        soon(lambda: len(listener.down) == 5)
    assert listener.short_lived[:5] == [0, 1, 2, 3, 4]
    assert [wait for _, wait in listener.down[:5]] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert x.stream.connection.connects <= 6


def test_bytes_that_drip_without_a_line_are_no_life(x: Sandbox) -> None:
    x.faults.set("trickle", 1, seconds=0.1)
    with listening(quiet_s=0.5) as listener:
        soon(lambda: x.stream.connection.connected)
        sends("." * 600)
        soon(lambda: listener.down)
    assert listener.down[0][0].startswith("no line for")
    assert listener.lines == []


def test_a_line_that_comes_byte_by_byte_but_in_time_is_heard(x: Sandbox) -> None:
    x.faults.set("trickle", 1, seconds=0.02)
    with listening(quiet_s=5) as listener:
        soon(lambda: x.stream.connection.connected)
        sends('{"hello": 1}\r\n')
        soon(lambda: listener.lines == [b'{"hello": 1}'])


def test_the_waits_grow_over_connections_that_did_not_live_and_begin_anew_after_one_that_did() -> None:
    backoff = Backoff()
    assert [backoff.network() for _ in range(70)][-1] == 16.0
    assert backoff.http(limited=False) == 5
    backoff.lived()
    assert (backoff.network(), backoff.http(limited=False)) == (0.0, 5)


def test_a_limit_is_waited_for_until_the_moment_that_x_names_a_quarter_of_an_hour_at_most() -> None:
    assert Backoff().http(limited=True, reset_s=400) == 400
    assert Backoff().http(limited=True, reset_s=-3) == 60
    assert Backoff().http(limited=True, reset_s=1e6) == 900


@given(st.lists(st.sampled_from([b"\r\n", b"a", b"bc\n", b"", b"\n", b"{}\r\n" * 3])))
def test_lines_are_the_same_in_whatever_pieces_they_come(pieces: list[bytes]) -> None:
    *whole, left = b"".join(pieces).split(b"\n")
    assert list(lines_of(pieces)) == [line.rstrip(b"\r") for line in whole] + ([left] if left else [])


def test_a_line_that_is_too_long_is_let_go_of_and_the_next_is_heard() -> None:
    piece = b"x" * (LONGEST_LINE // 10)
    assert list(lines_of([*[piece] * 20, b"\n{}\n"])) == [TooLong(20 * len(piece)), b"{}"]
