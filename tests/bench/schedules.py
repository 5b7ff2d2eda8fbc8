"""How punctual schedules are: a hundred of one instant, alone; while videos go up; beside a channel whose calls take ten
seconds; and with two workers of each kind, one of them killed before and at the instant. One after the other, on one stage.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from sandbox.stage import Stage
from tests.bench.measuring import percentile, seconds_until
from tests.given import connect_many, post_many, schedule_many, video_many
from tests.reading import rows

SCHEDULES, AHEAD_S, SETTLED_S = 100, 25.0, 90.0
JUST_BEFORE_S = 2.0
VIDEOS, VIDEO_BYTES = 20, 15_000_000
OTHERS, SLOW_POSTS, SLOW_S = 21, 40, 10
PROCESSES = ("worker", "voices")


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        connect_many(stage, SCHEDULES + OTHERS, ["choque"])  # the schedules are the first hundred's
        stage.do("/sandbox/x/act", act="keep_wire", on=False)
        stage.start(*PROCESSES, "journal")
        videos = _Videos(stage)
        late = {
            "": _late(stage, 0, lambda _instant: nullcontext()),
            ".videos": _late(stage, 1, videos.go_up, 2 * AHEAD_S),  # 300 MB are put into the database before
            ".slow_channel": _late(stage, 2, lambda instant: _slow_channel(stage, instant)),
            ".killed": _late(stage, 3, lambda _instant: _killed(stage)),
        }
        told = {text: n for text, n in stage.accepted("post").items() if "programado" in text}
    found: dict[str, float] = {
        "early": sum(s < 0 for seconds in late.values() for s in seconds),
        "missing": len(late) * SCHEDULES - sum(map(len, late.values())),
        "doubled": sum(n > 1 for n in told.values()),
        "videos_up_s": videos.took,
    }
    for name, seconds in late.items():
        found |= {
            f"on_time_percent{name}": 100 * sum(0 <= s <= 1 for s in seconds) / SCHEDULES,
            f"late_p50_ms{name}": 1000 * percentile(seconds, 50),
            f"late_max_ms{name}": 1000 * max(seconds),
        }
    return found


def _late(
    stage: Stage, turn: int, meanwhile: Callable[[float], AbstractContextManager[None]], ahead_s: float = AHEAD_S
) -> list[float]:
    """How many seconds after the instant X was asked for each that it was asked for."""
    instant = float(int(time.time() + ahead_s))
    texts = schedule_many(stage, SCHEDULES, instant, f"programado {turn}")
    with meanwhile(instant):
        deadline = instant + SETTLED_S
        while time.time() < deadline:
            posts = {p["text"]: p["id"] for p in stage.x()["posts"] if p["text"] in texts}
            if len(posts) == SCHEDULES:
                break
            time.sleep(0.5)
    moments = stage.do("/sandbox/x/act", act="moments")["posts"]
    return [moments[x_id] - instant for x_id in posts.values()]


class _Videos:
    """Twenty videos of twenty other channels, which go up while the hundred are due."""

    def __init__(self, stage: Stage) -> None:
        self.took = 0.0
        self._stage = stage

    @contextmanager
    def go_up(self, instant: float) -> Iterator[None]:
        video_many(self._stage, VIDEOS, VIDEO_BYTES, instant - JUST_BEFORE_S, first_channel=SCHEDULES)
        yield
        ready = "SELECT COUNT(*) FROM upload WHERE status = 'ready'"
        seconds_until(lambda: rows(self._stage, ready)[0][0] >= VIDEOS, 120)
        self.took = time.time() - (instant - JUST_BEFORE_S)


@contextmanager
def _slow_channel(stage: Stage, instant: float) -> Iterator[None]:
    """One channel's calls take long, and it has plenty to say."""
    handle = f"canal{SCHEDULES + OTHERS - 1:03}"
    stage.faults(slow_calls={"rate": 1, "seconds": SLOW_S, "whose": handle})
    post_many(stage, SLOW_POSTS, instant - JUST_BEFORE_S, first_channel=SCHEDULES + OTHERS - 1, channels=1)
    yield
    stage.faults(slow_calls={"rate": 0})


@contextmanager
def _killed(stage: Stage) -> Iterator[None]:
    """A second process of each kind; one after the other is killed and started again, every few seconds."""
    names = [f"{name}{which}" for name in PROCESSES for which in ("", ".2")]
    stage.start(*(name for name in names if name not in stage.processes))
    stop = threading.Event()

    def kill() -> None:
        turn = 0
        while not stop.wait(4):
            name = names[turn % len(names)]
            turn += 1
            stage.kill(name)
            stage.start(name)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        stop.set()
        killer.join()
