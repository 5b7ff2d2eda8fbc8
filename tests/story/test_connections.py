"""All processes of a machine together have ten connections to PostgreSQL at most, also with plenty to do."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from sandbox.stage import Stage
from tests.given import connect_many, post_many
from tests.postgres import Server

DATABASE, CHANNELS, POSTS, MENTIONS = "connections", 20, 300, 600
SERVED = (
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
    " AND application_name <> 'the test'"
)


@contextmanager
def counted(server_url: str) -> Iterator[list[int]]:
    """How many connections the service has, looked at again and again."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        with psycopg.connect(server_url, autocommit=True, application_name="the test") as connection:
            while not over.wait(0.02):
                found = connection.execute(SERVED, [DATABASE]).fetchone()
                assert found is not None
                seen.append(found[0])

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def test_all_processes_together_have_ten_connections_at_most(postgres_server: Server, tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", database_url=postgres_server.empty(DATABASE)) as stage:
        handles = connect_many(stage, CHANNELS, ["choque"])
        with counted(postgres_server.url) as seen:
            stage.start("web", "streams", "worker", "voices", "journal")
            stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2 * CHANNELS, 60)
            stage.wait("the bot runs", lambda: "bot runs" in stage.log_text())
            post_many(stage, POSTS, time.time())
            texts = [[f"vecino{n}", f"choque número {n} @{handles[n % CHANNELS]}"] for n in range(MENTIONS)]
            stage.do("/sandbox/x/burst", messages=texts)
            stage.says("/status")
            stage.wait("all posts are said", lambda: len(stage.accepted("post")) >= POSTS, 120)
            stage.wait("all reposts are said", lambda: len(stage.accepted("repost")) >= MENTIONS, 120)
    assert 5 <= max(seen) <= 10
