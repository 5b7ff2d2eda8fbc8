"""A call to X has an end in all, however slowly its answer drips."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from engine.x import signin
from engine.x.client import UserToken, XClient, XSession
from engine.x.errors import NoAnswer
from engine.x.signin import App

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
Call = Callable[[XSession], object]


@contextmanager
def dripping(at_once: bytes) -> Iterator[str]:
    """Answers this, and then a byte again and again; its address."""
    over = threading.Event()

    def answer(taken: socket.socket) -> None:
        with taken:
            taken.recv(65536)
            try:
                taken.sendall(at_once)
                while not over.wait(0.02):
                    taken.sendall(b"x")
            except OSError:
                return

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                taken, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(taken,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()


def tokens(session: XSession) -> object:
    return signin.is_known(session, App("id", "secret", "", ""))


def post(session: XSession) -> object:
    return XClient(session, UserToken("t")).post("hola")


def upload(session: XSession) -> None:
    XClient(session, UserToken("t")).append_upload(1, 0, b"x" * 10)


@pytest.mark.parametrize("at_once", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", HEAD, HEAD + b'{"data": '])
@pytest.mark.parametrize("call", [tokens, post, upload])
def test_an_answer_that_drips_is_waited_for_no_longer_than_a_call_may_take(at_once: bytes, call: Call) -> None:
    with dripping(at_once) as url, pytest.raises(NoAnswer):
        call(XSession(url, within_s=0.15))


def test_a_stream_has_no_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    with dripping(head) as url, XSession(url, within_s=0) as session:
        answer = session.request("GET", url, stream=True)
        assert answer.raw._fp.fp.read(3) == b"xxx"
        answer.close()
        with pytest.raises(requests.RequestException):
            session.request("GET", url)
