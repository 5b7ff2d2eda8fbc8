"""The right time is gone by, whatever this machine's clock shows, and what is wrong is told."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.x.client import UserTokenPair, XClient, XSession
from engine.x.errors import XError
from models.settings import Settings, settings
from tasks.living.right_time import Clock, Keeper, date_of
from tests.chaos.clocks import Clocks

HOUR = timedelta(hours=1)


class Peer:
    """A server whose clock is so far off. It `hangs`, or `drips`, where it is told to, until the end."""

    def __init__(self) -> None:
        self.ahead, self.hangs, self.drips = timedelta(), False, False
        self.heads: list[dict[str, str]] = []
        self.over = threading.Event()

    @contextmanager
    def listening(self) -> Iterator[str]:
        peer = self

        class Answers(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                peer.heads.append(dict(self.headers))
                if peer.hangs:
                    peer.over.wait(30)
                if peer.drips:
                    self._drip()
                self.send_response(404)
                self.end_headers()

            def _drip(self) -> None:
                with suppress(OSError):
                    self.wfile.write(b"HTTP/1.1 404 Not Found\r\nX-Slow: ")
                    while not peer.over.wait(0.05):
                        self.wfile.write(b"x")

            do_POST = do_HEAD

            def date_time_string(self, timestamp: float | None = None) -> str:
                return format_datetime(datetime.now(UTC) + peer.ahead, usegmt=True)

            def log_message(self, *_: object) -> None:
                return

        with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            try:
                yield f"http://127.0.0.1:{server.server_port}"
            finally:
                self.over.set()
                server.shutdown()


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Peer, Peer]]:
    """Telegram and X, as far as their clocks go."""
    telegram, x = Peer(), Peer()
    with telegram.listening() as of_telegram, x.listening() as of_x:
        monkeypatch.setenv("TELEGRAM_API_URL", of_telegram)
        monkeypatch.setenv("X_API_URL", of_x)
        settings.cache_clear()
        yield telegram, x
    settings.cache_clear()


def looked(within_s: float = 3.0) -> tuple[float, str]:
    """How far ahead of this machine's clock is gone by after a look, in hours, and what is told."""
    clock = Clock()
    said = Keeper(lambda: True, clock).look(within_s)
    return round(clock.ahead_s() / 3600, 2), said


def test_where_all_agree_nothing_is_told(db: Settings, peers: tuple[Peer, Peer]) -> None:
    assert looked() == (0, "")


def test_a_machine_whose_clock_nobody_agrees_with_is_told_and_not_gone_by(
    opened: Settings, peers: tuple[Peer, Peer]
) -> None:
    for peer in peers:
        peer.ahead = -HOUR
    ahead, said = looked()
    assert (ahead, said.partition(" clock")[0]) == (-1, "this machine's" if opened.sqlite_path else "the database's")
    assert "this machine's clock is 3600 s ahead of Telegram's" in said


def test_one_who_is_alone_with_its_clock_is_told_and_not_gone_by(db: Settings, peers: tuple[Peer, Peer]) -> None:
    peers[1].ahead = HOUR
    ahead, said = looked()
    assert (ahead, said.partition(" s ")[0]) == (0, "X's clock is 3600")


def test_who_hangs_holds_up_nobody_and_is_not_asked_twice_at_once(db: Settings, peers: tuple[Peer, Peer]) -> None:
    telegram, x = peers
    x.hangs = True
    clock = Clock()
    keeper = Keeper(lambda: True, clock)
    while len(telegram.heads) < 2:
        assert keeper.look(0.2) == ""
    assert len(x.heads) == 1


def test_who_answers_a_byte_at_a_time_for_ever_is_left_and_asked_again(db: Settings, peers: tuple[Peer, Peer]) -> None:
    _, x = peers
    x.drips = True
    keeper = Keeper(lambda: True, Clock())
    keeper.look(0.1)
    asking = keeper._asked["X's"]
    asking.join(30)
    assert not asking.is_alive()
    x.drips = False
    keeper.look(3.0)
    assert len(x.heads) == 2


def test_an_answer_that_somebody_kept_or_that_has_no_moment_tells_nothing() -> None:
    written = "Fri, 20 Nov 2026 12:00:00 GMT"
    assert date_of({"Date": written}) == datetime(2026, 11, 20, 12, 0, 0, 500_000, tzinfo=UTC)
    assert date_of({"Date": written, "Age": "30"}) is None
    for strange in (
        "",
        "yesterday",
        "Fri, 99 Nov 2026 12:00:00 GMT",
        "Fri, 20 Nov 99999999 12:00:00 GMT",
        "\x00",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 +1200",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ):
        assert date_of({"Date": strange}) is None
    assert date_of({}) is None


def test_what_is_signed_with_a_time_is_signed_with_the_right_one(peers: tuple[Peer, Peer]) -> None:
    x = peers[1]
    session = XSession(settings().x_api_url, clock=lambda: 1_763_640_000.7)
    with pytest.raises(XError):
        XClient(session, UserTokenPair("a", "b", "c", "d")).post("hola")
    assert 'oauth_timestamp="1763640000"' in x.heads[0]["Authorization"]


STORY = """
import threading
from models.database import open_database
from models.settings import settings
from tasks.living import right_time
open_database(settings())
keeper = right_time.Keeper(threading.Event().is_set)
keeper.begin()
for _ in range(2):
    print(">", right_time.now().timestamp(), keeper._told or "well", flush=True)
    input()
"""


def test_a_clock_that_is_off_at_the_start_or_set_while_a_process_runs_moves_nothing(
    tmp_path: Path, peers: tuple[Peer, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    clocks = Clocks(tmp_path)
    line = clocks.line_of("story", f"{sys.executable} -c '{STORY}'")
    clocks.set(HOUR, "story")
    with subprocess.Popen(line, shell=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as story:
        assert story.stdin is not None

        def told() -> tuple[bool, str]:
            line = next(line for line in story.stdout or () if line.startswith(">"))  # others are of the log
            _, shown, said = line.strip().split(" ", 2)
            return abs(float(shown) - time.time()) < 30, said.partition(":")[0]

        assert told() == (True, "this machine's clock is 3600 s ahead of Telegram's")
        clocks.set(-2 * HOUR, "story")
        story.stdin.write("\n")
        story.stdin.flush()
        assert told()[0]
        story.stdin.write("\n")
        story.stdin.close()
