"""A worker that is frozen, or kept waiting, past its claim says nothing: what it had is somebody else's by then."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.hashtags import Hashtag
from engine.moderation import Form, MessageKind
from engine.x import in_time
from engine.x.client import READ_TIMEOUT_S, XSession
from engine.x.events import Heard
from models.accounts import tokens
from models.accounts.channels import Channel
from models.database import forget_connection, rest
from models.publishing import hashtags, saying, settling
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message
from tasks import accounts, publishing
from tasks.clock import now
from tests.channels import connected
from tests.programs import Program

MENTION = 61
LIVES_S = 0.3  # so long after its renewal is X asked at the latest, there
WORKER = """
import os, signal, sys
from tasks.start import start; start()
from engine.x.client import XSession
from models.database import rest
from tasks import accounts, publishing
address, tweet_id, stops_at, within = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
calls = []
def before_call():
    rest()
    calls.append(1)
    if len(calls) == stops_at:
        os.kill(os.getpid(), signal.SIGSTOP)
publishing.SEND_WITHIN_S = within
accounts._local.session = XSession(address, before_call=before_call)
publishing.say(tweet_id)
"""


@contextmanager
def an_x(asked: Callable[[], None]) -> Iterator[tuple[str, list[str]]]:
    """An X that has every mention, calls `asked` before it says so, and writes down what it was told."""
    told: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked()
            post = {"id": str(MENTION), "text": "choque", "author_id": "5"}
            pepe = {"id": "5", "username": "pepe", "name": "Pepe", "protected": False}
            self._say({"data": [post], "includes": {"users": [pepe]}})

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


def a_stopped_worker(folder: Path, address: str, tweet: Tweet, stops_at: int, within_s: float) -> Program:
    """A process that says a tweet, and has stopped itself before its so-manyth call to X."""
    worker = Program(folder, WORKER, address, tweet.id, stops_at, within_s)
    worker.stops()
    return worker


def said_by_another(tweet: Tweet) -> str:
    """Half a minute later the claim has lapsed: X is read, does not have it, and another says it; what it says."""
    later = now() + timedelta(seconds=30)
    assert settling.recover(later) == [tweet.id]
    doubtful = settling.claim(tweet.id, later)
    assert doubtful is not None
    settling.requeue_unsaid(doubtful[0], later)
    claimed = saying.claim(tweet.id, later)
    assert claimed is not None
    again = hashtags.add_to(claimed[0], later)
    assert saying.renew_claim(again, later)
    assert saying.sent(again, 900, later)
    rest()
    return again.text


BEFORE_IT_IS_LOOKED_FOR, BEFORE_IT_IS_SAID = 1, 2


@pytest.mark.parametrize("stops_at", [BEFORE_IT_IS_LOOKED_FOR, BEFORE_IT_IS_SAID])
def test_a_process_that_was_stopped_past_its_claim_says_nothing_whatever_was_added(
    tweet: Tweet, stops_at: int, tmp_path: Path
) -> None:
    hashtags.put(tweet.channel_id, Hashtag("metro"))
    with an_x(lambda: None) as (address, told):
        worker = a_stopped_worker(tmp_path, address, tweet, stops_at, LIVES_S)
        over = time.clock_gettime(in_time.CLOCK) + LIVES_S
        assert said_by_another(tweet) == "vía @pepe: choque #metro"
        while time.clock_gettime(in_time.CLOCK) < over:
            time.sleep(0.01)
        worker.send_signal(signal.SIGCONT)
        assert worker.ends() == 0, worker.printed
    assert told == []
    after = Tweet.get()
    assert (after.status, after.x_id, after.text) == (TweetStatus.SENT, 900, "vía @pepe: choque #metro")


def test_one_that_was_stopped_for_less_says_it_once_with_what_was_added(tweet: Tweet, tmp_path: Path) -> None:
    hashtags.put(tweet.channel_id, Hashtag("metro"))
    with an_x(lambda: None) as (address, told):
        worker = a_stopped_worker(tmp_path, address, tweet, BEFORE_IT_IS_SAID, 60)
        worker.send_signal(signal.SIGCONT)
        assert worker.ends() == 0, worker.printed
    assert told == ["vía @pepe: choque #metro"]
    assert Tweet.get().status == TweetStatus.SENT


def test_a_call_is_over_before_its_claim_is() -> None:
    assert saying.SENDING_CLAIM.total_seconds() > publishing.SEND_WITHIN_S + READ_TIMEOUT_S
    assert tokens.REFRESH_CLAIM.total_seconds() > accounts.REFRESH_WITHIN_S + READ_TIMEOUT_S


def test_nothing_leaves_after_the_moment_not_even_the_rest_of_what_has_begun(tweet: Tweet) -> None:
    with an_x(lambda: None) as (address, told):
        session = XSession(address)
        with in_time.until(time.clock_gettime(in_time.CLOCK) + 60):
            session.post(f"{address}/2/tweets", json={"text": "uno"})
        with pytest.raises(in_time.TooLate), in_time.until(time.clock_gettime(in_time.CLOCK) - 1):
            session.post(f"{address}/2/tweets", json={"text": "dos"})
        session.post(f"{address}/2/tweets", json={"text": "tres"})
    assert told == ["uno", "tres"]
