"""What a planning minute costs with 1,000, 100,000 and 1,000,000 schedules of which 100 are due, and its memory."""

import gc
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

SIZES = (1_000, 100_000, 1_000_000)
DUE = 100
ROUNDS = 5
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
INSERT = (
    'INSERT INTO schedule (channel_id, person_id, texts, language, rules, starts, last, "left", used, grace_s, in_queue, status,'
    " next_wall, next_at, created_at) VALUES (?, 1, '[[[\"hola {n}\", []]]]', 'es', 'FREQ=DAILY;BYHOUR=12;BYMINUTE=0', ?, '', NULL, 0,"
    " 900, 0, 'on', ?, ?, 0)"
)


def figures() -> dict[str, float]:
    from engine.x.events import Account
    from models import accounts, database, scheduling
    from models.accounts import Channel, Tokens
    from models.database import to_stored
    from models.settings import Settings

    found: dict[str, float] = {}
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder:
            settings = Settings(data_dir=Path(folder), secret_key="a-key-for-the-bench-of-canales")  # type: ignore[arg-type]
            database.open_database(settings)
            database.migrate(settings)
            tokens = Tokens("oauth1", "", access_secret="")
            for n in range(50):
                accounts.connect_channel(Account(n + 1, f"banco{n}", "Banco"), 1, tokens, NOW)
            channels = [c.id for c in Channel.select(Channel.id)]
            far = NOW + timedelta(days=30)
            with database.transaction():
                for start in range(0, size, 50_000):
                    rows = []
                    for n in range(start, min(size, start + 50_000)):
                        minute = n // DUE  # a hundred fall due in each of the first minutes, the rest far away
                        at = NOW + timedelta(minutes=minute) if minute < ROUNDS else far + timedelta(seconds=n)
                        wall = at.replace(tzinfo=None).isoformat()
                        rows.append((channels[n % 50], wall, wall, to_stored(at)))
                    database.execute_many(INSERT, rows)
            gc.collect()
            before = psutil.Process().memory_info().rss
            took = []
            for minute in range(ROUNDS):
                at = NOW + timedelta(minutes=minute) - timedelta(seconds=40)
                began = time.perf_counter()
                made = 0
                while scheduling.due(at):
                    made += len(scheduling.plan(at).queued)
                took.append(1000 * (time.perf_counter() - began))
                assert made == DUE, made
            found[f"minute_ms.{size}"] = statistics.median(took)
            found[f"memory_mib.{size}"] = (psutil.Process().memory_info().rss - before) / 2**20
            database.forget_connection()
    return found
