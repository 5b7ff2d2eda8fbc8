"""Threads of the bot: so many at once, and no process waits for one that hangs."""

import subprocess
import sys
import threading

import pytest

from bot.chat.crew import Crew
from models import database
from models.settings import Settings

HANGS = "import threading; from bot.chat.crew import Crew; Crew('a', 1).submit(threading.Event().wait)"


def test_a_process_ends_while_a_thread_of_it_hangs() -> None:
    assert subprocess.run([sys.executable, "-c", HANGS], check=False).returncode == 0


def test_what_comes_while_all_are_busy_is_done_by_the_first_who_is_free(db: Settings) -> None:
    crew, go_on, who = Crew("of two", 2), threading.Event(), list[int]()

    def work() -> int:
        who.append(threading.get_ident())
        go_on.wait()
        return len(who)

    asked = [crew.submit(work) for _ in range(5)]
    go_on.set()
    assert max(one.result() for one in asked) == 5
    assert len(set(who)) <= 2
    crew.shutdown()


def test_whoever_asked_hears_what_went_wrong_and_no_connection_is_kept(db: Settings) -> None:
    crew, after = Crew("of one", 1), list[bool]()

    def breaks() -> None:
        database.db.execute_sql("SELECT 1")
        raise ValueError("broke")

    with pytest.raises(ValueError, match="broke"):
        crew.submit(breaks).result()
    crew.submit(lambda: after.append(database.db.is_closed())).result()
    assert after == [True]
    crew.shutdown()
