"""A year at 5,000 messages a day: what it takes of the disk, how long its retention holds the lock, what looks cost then."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models import database
from models.one_writer import OneWriter
from models.settings import Settings

A_DAY, CHANNELS, DAYS, STEP = 5_000, 5, 365, 7
ROUNDS = 20
BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def figures(database_url: str) -> dict[str, float]:
    from engine.x.events import Account
    from models import connecting, retention
    from models.accounts import people
    from models.accounts.channels import Auth, Channel
    from models.accounts.tokens import Tokens
    from models.control import overview
    from models.publishing import history
    from tasks import journal, scheduling, workers
    from tasks.living import heart
    from tests import a_year

    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder:
        key = "a-key-for-the-bench-of-canales"
        settings = Settings(data_dir=Path(folder), secret_key=key, database_url=database_url)  # type: ignore[arg-type]
        database.open_database(settings)
        database.migrate(settings)
        people.person(7, "Ana", "es", BEGINS)
        for n in range(CHANNELS):
            connecting.connect_channel(Account(n + 1, f"banco{n}", "Banco"), 7, Tokens(Auth.OAUTH1, ""), BEGINS)
        channels = [c.id for c in Channel.select(Channel.id)]
        holds = _holds(settings)
        gone, bites = 0, list[float]()
        for week in range(-(-DAYS // STEP)):  # retention comes along, as it does
            now = BEGINS + (week + 1) * STEP * DAY
            a_year.fill(channels, now, STEP, A_DAY)
            heart.look_through_no_more()  # as each process of the service does
            holds()  # what the year was written with
            gone += sum(taken.gone for taken in retention.bites(now))
            bites += holds()
        a_year.analyze()
        found["database_mib"] = _size(settings.sqlite_path) / 2**20
        found["forgotten_rows"] = gone
        found["bite_p99_ms"] = statistics.quantiles(bites, n=100)[98]
        found["bite_max_ms"] = max(bites)

        def status() -> None:
            for channel in channels:
                overview.overview(channel, now)
            overview.pending_notices(7)
            overview.day(now)

        def looks() -> None:
            workers._last[scheduling.count_planned.name] = now
            for name in (workers.tweets.name, workers.publishing.name):
                workers._last[name] = BEGINS
            workers.look_for_tweets(now)
            workers.look_for_calls(now)
            journal.look(now)

        found["status_ms"] = _median(status)
        found["panel_ms"] = _median(lambda: overview.overview(channels[0], now))
        found["history_ms"] = _median(lambda: history.ended(channels[0], 9, 0))
        found["looks_ms"] = _median(looks)
        database.close_database()
    return found


def _holds(settings: Settings) -> Callable[[], list[float]]:
    """How long each bite held what it locks, in milliseconds: on SQLite the turn to write, on PostgreSQL a transaction.

    What it looked for before, and waited for, nobody else waits for.
    """
    opened = database.db.obj
    if settings.sqlite_path is None:
        return _timed(opened)
    turns = opened.writer = TimedTurns(settings.sqlite_path.with_name("turns"), database.WAIT_TO_WRITE_S)
    return turns.lasted


class TimedTurns(OneWriter):
    """Turns to write, each with how long it lasted."""

    def __init__(self, path: Path, wait_s: float) -> None:
        super().__init__(path, wait_s)
        self._lasted: list[float] = []

    @contextmanager
    def turn(self, wait_s: float | None = None) -> Iterator[None]:
        with super().turn(wait_s):
            began = time.perf_counter()
            yield
            self._lasted.append(1000 * (time.perf_counter() - began))

    def lasted(self) -> list[float]:
        """In milliseconds, since this was asked last."""
        found, self._lasted = self._lasted, []
        return found


def _timed(postgres: Any) -> Callable[[], list[float]]:
    """Let its transactions be timed, from when each has begun until it has ended; what asks how long they lasted."""
    begin, commit = postgres.begin, postgres.commit
    lasted, began = list[float](), 0.0

    def begins(*args: Any) -> None:
        nonlocal began
        begin(*args)
        began = time.perf_counter()

    def commits() -> None:
        commit()
        lasted.append(1000 * (time.perf_counter() - began))

    def told() -> list[float]:
        found = lasted.copy()
        lasted.clear()
        return found

    vars(postgres).update(begin=begins, commit=commits)
    return told


def _median(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def _size(path: Path | None) -> int:
    from models.database import db

    if path is None:
        return int(db.execute_sql("SELECT pg_database_size(current_database())").fetchone()[0])
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))
