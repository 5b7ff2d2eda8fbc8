"""Thousands of lines and pages that break whoever believes them: every good message between them is heard and judged."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.x.events import id_at
from engine.x.stream import LONGEST_LINE, TooLong, lines_of
from models import aside, choosing
from models.accounts.channels import Channel
from models.database import rest
from models.moderation import lists
from models.settings import Settings, settings
from models.streaming.messages import Message, MessageStatus
from tasks import accounts, moderation
from tasks.clock import now
from tasks.streaming import catching_up
from tasks.streaming import ear as listening
from tasks.streaming.ear import Ear
from tests import unkind
from tests.channels import connected
from tests.tasks.test_ear import Silent

GOOD, BETWEEN = 30, 100
CHANNEL = 70


@pytest.fixture
def channel(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Channel:
    made = connected(CHANNEL, at=now())
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(made.id, now(), burst_most=0)
    Channel.update(gap_s=0, fresh_s=86400).execute()
    for kept in (moderation._rules, moderation._had_turn, moderation._unprepared, moderation._resting):
        kept.clear()
    for module in (listening, catching_up):
        monkeypatch.setattr(module, "judge", Silent())
    return Channel.get_by_id(made.id)


def good(n: int) -> dict[str, object]:
    return unkind.post(id_at(now()) + 10**6 + n, f"choque número {n} en la calle {n * 7}")


def judged_good() -> int:
    return int(
        Message.select().where(Message.text.startswith("choque") & (Message.status == MessageStatus.APPROVED)).count()
    )


def test_every_good_line_of_a_stream_is_heard_and_judged_whatever_stands_between(channel: Channel) -> None:
    ear = Ear("who listens")
    ear._directory.read()
    hostile = unkind.lines(CHANNEL)
    for n in range(GOOD):
        for line in unkind.some(hostile, BETWEEN):
            ear.line(line)
        ear.line(unkind.line(CHANNEL, good(n)))
    ear._stop.set()
    ear._write()
    moderation.judge()
    assert judged_good() == GOOD
    assert Message.select().where(Message.status == MessageStatus.RECEIVED).count() == 0
    assert ear._connection.seen["malformed"] > GOOD * BETWEEN / 3
    assert aside.listed(10) == [], "what comes in is cleaned or refused, so that nothing has to be set aside"
    at = [m.at for m in Message.select(Message.at)]
    assert max(at) <= now()
    assert min(at).year >= 2010


def test_every_good_post_of_a_page_is_read_back_whatever_stands_between(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = unkind.posts(id_at(now()) + n for n in range(10**6))
    pages = [[*unkind.some(hostile, BETWEEN), good(n)] for n in range(GOOD)]
    with x_that_answers(pages) as address:
        monkeypatch.setenv("X_API_URL", address)
        settings.cache_clear()
        monkeypatch.setattr(accounts, "_local", threading.local())
        catching_up.catch_up(channel, MessageKind.MENTION)
        rest()
    settings.cache_clear()
    moderation.judge()
    assert judged_good() == GOOD
    assert Message.select().where(Message.status == MessageStatus.RECEIVED).count() == 0
    assert aside.listed(10) == []
    assert Channel.get_by_id(channel.id).mention_cursor < id_at(now()) + 10**7, "no id led it into the future"


def test_of_a_line_that_is_too_long_nothing_is_kept_and_the_next_one_is_read() -> None:
    chunk = b"x" * 65_536
    chunks = [
        b"first\r\n",
        *[chunk] * 160,
        b"end\r\nsecond\r",
        b"\n\r\nthi",
        b"rd\n" + b"y" * LONGEST_LINE,
        b"\n",
        b"rest",
    ]
    read = list(lines_of(chunks))
    assert read == [b"first", TooLong(160 * 65_536 + 4), b"second", b"", b"third", b"y" * LONGEST_LINE, b"rest"]


@contextmanager
def x_that_answers(pages: list[list[object]]) -> Iterator[str]:
    """X, as far as mentions: these pages, one after the other."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = int(self.path.partition("pagination_token=")[2].partition("&")[0] or 0)
            more = {"next_token": str(page + 1)} if page + 1 < len(pages) else {}
            includes = {"users": [unkind.SENDER, *unkind.ODD]}
            body = json.dumps({"data": pages[page], "meta": more, "includes": includes}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join(5)
