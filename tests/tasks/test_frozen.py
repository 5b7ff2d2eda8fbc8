"""A worker that is frozen, or kept waiting, past its claim says nothing: what it had is somebody else's by then."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.moderation import Form, MessageKind
from engine.x.client import XSession
from engine.x.events import Heard
from models.accounts.channels import Channel
from models.database import forget_connection, rest
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message
from tasks import accounts, publishing
from tasks.clock import now
from tests.channels import connected

MENTION = 61


@contextmanager
def an_x(asked: Callable[[], None]) -> Iterator[tuple[str, list[str]]]:
    """An X that has every mention, calls `asked` before it says so, and writes down what it was told."""
    told: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked()
            self._say({"data": [{"id": str(MENTION), "text": "choque"}]})

        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"])
            self._say({"data": {"id": "900", "text": told[-1]}})

        def _say(self, body: object) -> None:
            raw = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", told
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def tweet(db: Settings) -> Tweet:
    """A mention that is due to be said in its own words."""
    channel = connected(at=now())
    messages.hear(
        {70: channel.id}, [Heard(MessageKind.MENTION, 70, MENTION, 5, "pepe", "Pepe", "choque", now())], now()
    )
    Channel.update(gap_s=0).execute()
    made: Tweet = Tweet.create(
        channel_id=channel.id, message_id=Message.get().id, form=Form.COPY, text="vía @pepe: choque",
        any_hour=True, due_at=now(), fresh_until=now() + timedelta(hours=1),
    )  # fmt: skip
    return made


def said(tweet: Tweet, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> list[str]:
    monkeypatch.setattr(publishing, "SLOW_START", timedelta(0))
    with an_x(meanwhile) as (address, told):
        monkeypatch.setattr(accounts._local, "session", XSession(address, before_call=rest), raising=False)
        publishing.say(tweet.id)
    return told


def test_what_was_taken_over_while_x_was_asked_is_not_said(tweet: Tweet, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken_over() -> None:
        Tweet.update(status=TweetStatus.UNKNOWN, claim="another").execute()
        forget_connection()

    assert said(tweet, monkeypatch, taken_over) == []
    assert Tweet.get().claim == "another"


def test_what_is_still_ours_is_said(tweet: Tweet, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(tweet, monkeypatch, lambda: None) == ["vía @pepe: choque"]
    assert Tweet.get().status == TweetStatus.SENT
