"""Who lives long is watched: who ends, or stands still, ends the process; who waits, rests or is frozen does not."""

import sqlite3
import threading
from pathlib import Path

import pytest

from tasks.living.watching import STATUS, WITHIN_S, Watch
from tests.programs import Program, told

ENDS = """
import sys, threading
from tasks.logs import setup; setup()
from tasks.living import watching
from tasks.living.watching import beat, watched

def work():
    with watched("clock of tweets", until=lambda: False):
        beat()
        {does}

watching.begin(lambda reason: print("told:", reason, flush=True))
threading.Thread(target=work, daemon=True).start()
threading.Event().wait(30)
"""


def pass_time(watch: Watch, seconds: float) -> str:
    """The watcher lives on for so long, second by second; why it would end the process, if it would."""
    for _ in range(int(seconds)):
        if (dead := watch.look(1.0)) is not None:
            return dead.died
    return ""


def test_who_beats_lives_and_who_stands_still_does_not() -> None:
    watch = Watch()
    with watch.watched("delivery", until=lambda: True) as pulse:
        for _ in range(5):
            assert pass_time(watch, WITHIN_S - 1) == ""
            watch.beat(pulse, WITHIN_S)
        assert pass_time(watch, WITHIN_S + 2) == f"delivery has not moved for {WITHIN_S + 1:.0f} s"


def test_who_does_what_takes_long_says_so_and_who_rests_may_wait_for_ever() -> None:
    watch = Watch()
    with watch.watched("worker", until=lambda: True) as pulse:
        watch.beat(pulse, 1800.0)
        assert pass_time(watch, 1799) == ""
        assert "worker has not moved" in pass_time(watch, 3)
    with watch.watched("ringer", until=lambda: True) as pulse:
        watch.beat(pulse, float("inf"))
        assert pass_time(watch, 100_000) == ""


def test_a_process_that_was_frozen_is_given_the_time_back() -> None:
    watch = Watch()
    with watch.watched("clock", until=lambda: True):
        assert watch.look(3600.0) is None, "it was frozen for an hour, and the clock with it"
        assert pass_time(watch, WITHIN_S - 3) == ""


def test_who_ends_before_it_may_has_died_and_who_ends_in_time_is_forgotten() -> None:
    watch, stopping = Watch(), threading.Event()
    with pytest.raises(ZeroDivisionError), watch.watched("writer", until=stopping.is_set):
        raise ZeroDivisionError
    assert pass_time(watch, 1) == "writer ended: ZeroDivisionError()"
    watch = Watch()
    with watch.watched("polling", until=stopping.is_set):
        stopping.set()
    assert pass_time(watch, 1000) == ""
    stopping.clear()
    with watch.watched("polling", until=stopping.is_set):
        pass  # it returned, which it never should
    assert pass_time(watch, 1) == "polling ended"


def test_what_is_wrong_with_who_goes_on_is_told_until_it_is_well() -> None:
    watch = Watch()
    with watch.watched("polling", until=lambda: True) as pulse:
        pulse.trouble = "Conflict"
        assert watch.troubles() == {"polling": "Conflict"}
        pulse.trouble = ""
        assert watch.troubles() == {}
        pass_time(watch, WITHIN_S / 2 + 1)
        assert watch.troubles() == {"polling": f"has not moved for {WITHIN_S / 2 + 1:.0f} s"}
        watch.beat(pulse, WITHIN_S)
        assert watch.troubles() == {}


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("1 / 0", "clock of tweets ended: ZeroDivisionError('division by zero')"),
        ("return", "clock of tweets ended"),
        ("beat(within_s=0.5); threading.Event().wait()", "clock of tweets has not moved for"),
        ("sys.exit(0)", "clock of tweets ended: SystemExit(0)"),
    ],
)
def test_the_process_ends_with_the_reason(does: str, said: str, tmp_path: Path) -> None:
    program = Program(tmp_path, ENDS.format(does=does))
    assert program.ends() == STATUS, program.printed
    assert f"told: {said}" in program.printed
    assert said in program.printed.replace(f"told: {said}", ""), "in its log"


MIGRATES = """
from models import database
from models.settings import load
database.open_database(load())
database.migrate(load())
"""
WORKER_DIES = """
from tasks.queues import job, tweets
from tasks.start import start; start()

@job(tweets)
def dies():
    raise SystemExit("as no job should")

consumer = tweets.create_consumer(workers=1)
dies.ring_once(1)
consumer.run()
"""


def test_a_worker_s_thread_that_ends_ends_its_process_and_its_row_says_why(tmp_path: Path) -> None:
    told(tmp_path, MIGRATES, DATA_DIR=str(tmp_path))
    worker = Program(tmp_path, WORKER_DIES, DATA_DIR=str(tmp_path))
    assert worker.ends() == STATUS, worker.printed
    assert "this process ends: a part of it is dead" in worker.printed
    with sqlite3.connect(tmp_path / "canales.db") as found:
        assert found.execute("SELECT kind, ended FROM process").fetchall() == [("worker", "Worker-1 ended")]
