"""How punctual schedules are: 500 on mixed minutes, alone, with two workers, and with a worker killed every 20 s."""

import tempfile
import threading
import time
from pathlib import Path

from sandbox.stage import Stage
from tests.given import connect_many, schedule_many

SCHEDULES, CHANNELS, MINUTES = 500, 100, 5


def figures() -> dict[str, float]:
    found: dict[str, float] = {}
    for name, workers, killed in (("one", 1, False), ("two", 2, False), ("killed", 2, True)):
        late = punctuality(workers=workers, killed=killed, schedules=SCHEDULES, minutes=MINUTES)
        suffix = "" if name == "one" else f".{name}"
        found |= {
            f"on_time_percent{suffix}": 100 * sum(0 <= s <= 1 for s in late) / SCHEDULES,
            f"early{suffix}": sum(s < 0 for s in late),
            f"missing{suffix}": SCHEDULES - len(late),
            f"late_p50_ms{suffix}": 1000 * sorted(late)[len(late) // 2],
            f"late_max_ms{suffix}": 1000 * max(late),
        }
    return found


def punctuality(*, workers: int, killed: bool, schedules: int, minutes: int) -> list[float]:
    """How many seconds after its instant each was on X; each once, or it is an error."""
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder, Stage(Path(folder)) as stage:
        connect_many(stage, min(CHANNELS, schedules), ["choque"])
        stage.do("/sandbox/x/act", act="keep_wire", on=False)
        names = ["worker", "worker.2", "voices", "voices.2"][:: 3 - workers]
        stage.start(*names, "journal")
        first = (time.time() // 60 + 2) * 60
        schedule_many(stage, schedules, first, minutes)
        stop = threading.Event()
        killer = threading.Thread(target=_kill, args=(stage, names, stop))
        if killed:
            killer.start()
        stage.wait("all are said", lambda: len(stage.accepted("post")) >= schedules, 60 * minutes + 150)
        stop.set()
        if killed:
            killer.join()
        assert max(stage.accepted("post").values()) == 1, "said twice"
        late = []
        for post in stage.x()["posts"]:
            number = int(post["text"].rpartition(" ")[2])
            late.append(post["at"] - (first + 60 * (number % minutes)))
        return late


def _kill(stage: Stage, names: list[str], stop: threading.Event) -> None:
    turn = 0
    while not stop.wait(20):
        name = names[turn % len(names)]
        turn += 1
        stage.kill(name)
        stage.start(name)
