"""100,000 lines of a stream that break whoever believes them, a good mention after each thousand, a line of 10 MB after
each ten thousand: what is heard and judged of the good ones, and what the process has grown by.

It runs as a process of its own (`python -m tests.bench.unkind`), whose memory is nobody else's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice

import psutil

from sandbox.stage import ROOT

LINES, BETWEEN, LONG_EVERY = 100_000, 1_000, 10_000
WARM = 10_000
CHANNEL = 70
PIECE = b"x" * 65_536


def figures(database_url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder:
        environment = {
            **os.environ,
            "DATA_DIR": folder,
            "DATABASE_URL": database_url,
            "SECRET_KEY": "a-key-for-the-bench-of-canales",
            "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody: the bells are not what is measured
        }
        command = [sys.executable, "-m", "tests.bench.unkind"]
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measured() -> dict[str, float]:
    from engine.moderation import Keyword, KeywordRole
    from engine.x.events import Account
    from engine.x.stream import TooLong, lines_of
    from models import aside, choosing, connecting, database
    from models.accounts.channels import Auth, Channel
    from models.accounts.tokens import Tokens
    from models.moderation import lists
    from models.settings import load
    from models.streaming.messages import Message, MessageStatus
    from tasks import moderation
    from tasks.clock import now
    from tasks.streaming.ear import Ear

    settings = load()
    database.open_database(settings)
    database.migrate(settings)
    channel = connecting.connect_channel(
        Account(CHANNEL, "banco", "Banco"), 1, Tokens(Auth.OAUTH1, "a", access_secret="b"), now()
    )
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(channel.id, now(), burst_most=0)
    Channel.update(gap_s=0, fresh_s=86_400).execute()
    ear = Ear("the bench")
    ear._directory.read()
    began, before, heard = time.monotonic(), 0, 0
    for line in lines_of(_chunks()):
        heard += 1
        if isinstance(line, TooLong):
            ear.too_long(line.size)
        else:
            ear.line(line)
        if heard % BETWEEN == 0:
            batch, ear._buffer = ear._buffer, []
            ear._store(batch)
        if heard % WARM == 0:
            moderation.judge()
            before = before or psutil.Process().memory_info().rss
    ear._store(ear._buffer)
    moderation.judge()
    good = Message.text.startswith("choque") & (Message.status == MessageStatus.APPROVED)
    return {
        "lines": heard,
        "good": LINES // BETWEEN,
        "lost": LINES // BETWEEN - Message.select().where(good).count(),
        "unjudged": Message.select().where(Message.status == MessageStatus.RECEIVED).count(),
        "set_aside": sum(aside.counts().values()),
        "seconds": time.monotonic() - began,
        "memory_mib": (psutil.Process().memory_info().rss - before) / 2**20,
    }


def _chunks() -> Iterator[bytes]:
    """The stream as it comes, in pieces of any size."""
    from engine.x.events import id_at
    from tasks.clock import now
    from tests import unkind

    hostile = unkind.lines(CHANNEL)
    for n in range(LINES // BETWEEN):
        for line in islice(hostile, BETWEEN):
            yield line.replace(b"\n", b" ") + b"\r\n"
        post = unkind.post(id_at(now()) + 10**6 + n, f"choque número {n} en la calle {n * 7}")
        yield unkind.line(CHANNEL, post) + b"\r\n"
        if n % (LONG_EVERY // BETWEEN) == 0:
            yield from [PIECE] * 160
            yield b"\r\n"


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(json.dumps(_measured()))
