"""100,000 lines of X's stream that break whoever believes them, a good mention after each thousand and a line of 10 MB
after each ten thousand; then as many posts and direct messages in the pages that are read back. By the processes: what of
the good ones was reposted, and what the process that hears them has grown by.
"""

import tempfile
import time
from itertools import count, islice
from pathlib import Path

import psutil

from engine.x.events import id_at
from sandbox.stage import Stage
from tasks.clock import now
from tests import unkind
from tests.given import connect_many
from tests.reading import rows

LINES, BETWEEN, LONG_EVERY = 100_000, 1_000, 10_000
GOOD = LINES // BETWEEN
PAGES = 10  # different ones; X gives them over and over
TRIGGER = "choque"
KINDS = ("web", "streams", "worker", "voices", "journal")
SETTLE_S = 300.0


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        (handle,) = connect_many(stage, 1, [TRIGGER])
        stage.do("/sandbox/x/act", act="limits", on=False)
        stage.start(*KINDS)
        stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2, 60)
        found = _by_stream(stage, handle) | _read_back(stage, handle)
        aside = rows(stage, "SELECT COUNT(*) FROM set_aside")[0][0]
        unjudged = rows(stage, "SELECT COUNT(*) FROM message WHERE status = 'received'")[0][0]
        lost = found["stream.lost"] + found["read_back.lost"]
        return {"lines": LINES, "good": GOOD, **found, "lost": lost, "set_aside": aside, "unjudged": unjudged}


def _by_stream(stage: Stage, handle: str) -> dict[str, float]:
    hostile, began, before = unkind.lines(stage.x()["users"][handle]), time.monotonic(), 0.0
    for n in range(GOOD):
        stage.raw(*(line.replace(b"\n", b" ") + b"\r\n" for line in islice(hostile, BETWEEN)))
        if n % (LONG_EVERY // BETWEEN) == 0:
            stage.raw(b"x" * 10_000_000 + b"\r\n")
        _say(stage, handle, n)
        if n == 9:
            _until(stage, 10)
            before = _memory_mib(stage)
    _until(stage, GOOD)
    return {
        "stream.lost": GOOD - len(stage.accepted("repost")),
        "stream.seconds": time.monotonic() - began,
        "stream.memory_mib": _memory_mib(stage) - before,
    }


def _read_back(stage: Stage, handle: str) -> dict[str, float]:
    said = len(stage.accepted("repost"))
    stage.stop("streams")
    ids = (id_at(now()) + n for n in count(1))
    posts, dms = unkind.posts(ids), unkind.dms(ids)
    for what, hostile in (("mentions", posts), ("dms", dms)):
        pages = [list(islice(hostile, BETWEEN)) for _ in range(PAGES)]
        stage.do("/sandbox/x/act", act="odd", what=what, pages=pages)
    for n in range(GOOD):
        _say(stage, handle, GOOD + n)
    began = time.monotonic()
    stage.start("streams")
    stage.wait("it hears", lambda: stage.x()["stream"]["connected"], 60)
    before = _memory_mib(stage)
    _until(stage, said + GOOD)
    return {
        "read_back.lost": said + GOOD - len(stage.accepted("repost")),
        "read_back.seconds": time.monotonic() - began,
        "read_back.memory_mib": _memory_mib(stage) - before,
    }


def _say(stage: Stage, handle: str, n: int) -> None:
    stage.mention(f"vecino{n}", f"{TRIGGER} número {n} en la calle {n * 7} @{handle}")


def _until(stage: Stage, many: int) -> None:
    deadline = time.monotonic() + SETTLE_S
    while len(stage.accepted("repost")) < many and time.monotonic() < deadline:
        time.sleep(0.2)


def _memory_mib(stage: Stage) -> float:
    """Of the process that hears."""
    return float(psutil.Process(stage.processes["streams"].pid).memory_info().rss) / 2**20
