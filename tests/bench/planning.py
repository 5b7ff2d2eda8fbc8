"""What a planning minute costs with 1,000, 100,000 and 1,000,000 schedules of which 100 are due, and its memory."""

import gc
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

SIZES = (1_000, 100_000, 1_000_000)
DUE = 100
ROUNDS = 5
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def figures(database_url: str) -> dict[str, float]:
    from engine.x.events import Account
    from models import bulk, connecting, database
    from models.accounts.channels import Auth, Channel
    from models.accounts.tokens import Tokens
    from models.database import to_stored
    from models.scheduling import planning
    from models.settings import Settings

    found: dict[str, float] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder:
            key = "a-key-for-the-bench-of-canales"
            settings = Settings(data_dir=Path(folder), secret_key=key, database_url=database_url)  # type: ignore[arg-type]
            database.open_database(settings)
            database.migrate(settings)
            _empty()
            tokens = Tokens(Auth.OAUTH1, "", access_secret="")
            for n in range(50):
                connecting.connect_channel(Account(n + 1, f"banco{n}", "Banco"), 1, tokens, NOW)
            channels = [c.id for c in Channel.select(Channel.id)]
            far = NOW + timedelta(days=30)
            cells, insert = _pattern(channels[0])
            with database.transaction():
                for start in range(0, size, 50_000):
                    rows = []
                    for n in range(start, min(size, start + 50_000)):
                        minute = n // DUE  # a hundred fall due in each of the first minutes, the rest far away
                        at = NOW + timedelta(minutes=minute) if minute < ROUNDS else far + timedelta(seconds=n)
                        wall = at.replace(tzinfo=None).isoformat()
                        mine = {
                            "channel_id": channels[n % 50],
                            "starts": wall,
                            "next_wall": wall,
                            "next_at": to_stored(at),
                        }
                        rows.append(tuple({**cells, **mine}.values()))
                    bulk.execute_many(insert, rows)
            if not database.is_sqlite():
                database.db.execute_sql("ANALYZE schedule")  # as autovacuum would have by then
            gc.collect()
            before = psutil.Process().memory_info().rss
            took = []
            for minute in range(ROUNDS):
                at = NOW + timedelta(minutes=minute) - timedelta(seconds=40)
                began = time.perf_counter()
                made = 0
                while planning.due(at):
                    made += len(planning.plan(at).queued)
                took.append(1000 * (time.perf_counter() - began))
                assert made == DUE, made
            found[f"minute_ms.{size}"] = statistics.median(took)
            found[f"memory_mib.{size}"] = (psutil.Process().memory_info().rss - before) / 2**20
            database.close_database()
    return found


def _empty() -> None:
    """Nothing of a size before."""
    from models.accounts.channels import Channel
    from models.publishing.tweets import Tweet
    from models.scheduling.schedules import Schedule

    for table in (Schedule, Tweet, Channel):
        table.delete().execute()


def _pattern(channel_id: int) -> tuple[dict[str, Any], str]:
    """The cells of a daily schedule as they are stored, and the statement that stores such."""
    from engine import posts
    from engine.when import When
    from models import database
    from models.scheduling import schedules

    when = When(NOW.replace(tzinfo=None), ("FREQ=DAILY;BYHOUR=12;BYMINUTE=0",))
    made = schedules.create(channel_id, 1, [posts.plain("hola {n}")], when, "es", NOW)
    stored = database.db.execute_sql("SELECT * FROM schedule")
    cells = dict(zip([column[0] for column in stored.description], stored.fetchone(), strict=True))
    made.delete_instance()
    del cells["id"]
    names = ", ".join(f'"{name}"' for name in cells)
    return cells, f"INSERT INTO schedule ({names}) VALUES ({', '.join('?' for _ in cells)})"
