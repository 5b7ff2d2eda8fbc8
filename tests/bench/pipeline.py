"""Messages a second that are heard, judged and recorded, one in twenty of them said; beside bare Huey.

The 2014 design chained one Celery task after another for each message and did 131 a second on a machine like this.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.stage import ROOT, NotSeen, Stage
from tests.given import connect_many

MESSAGES, CHANNELS, ONE_IN = 15_000, 150, 20
CELERY_2014 = 131.0
NOOPS = 10_000
NOOP = """
import sys, time
from tasks.queues import Queue
queue = Queue("canales.noop")
done = []
@queue.task()
def noop():
    done.append(1)
if __name__ == "__main__":
    count = int(sys.argv[1])
    for _ in range(count):
        noop()
    consumer = queue.create_consumer(workers=1, periodic=False)
    began = time.perf_counter()
    consumer.start()
    while len(done) < count:
        time.sleep(0.005)
    print(count / (time.perf_counter() - began))
    consumer.stop()
"""


def figures() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder, Stage(Path(folder)) as stage:
        noop = _noop_rate(stage)
        handles = connect_many(stage, CHANNELS, ["choque", *(f"palabra{n}" for n in range(20))])
        stage.do("/sandbox/x/act", act="keep_wire", on=False)
        stage.start("streams", "worker", "voices", "journal")
        stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2 * CHANNELS, 60)
        messages = [
            [
                f"vecino{n % 997}",
                f"{'choque' if n % ONE_IN == 0 else 'hola'} {n} en la avenida @{handles[n % CHANNELS]}",
            ]
            for n in range(MESSAGES)
        ]
        stage.do("/sandbox/x/flood", messages=messages[:500], per_second=500)
        _wait_judged(stage, 500)
        began = stage.do("/sandbox/x/burst", messages=messages[500:])["began"]
        ended = _wait_judged(stage, MESSAGES)
        said = len(messages[::ONE_IN])
        stage.wait("all are said", lambda: len(stage.accepted("repost")) >= said, 120)
        all_said = time.time()
        rate = (MESSAGES - 500) / (ended - began)
        return {
            "messages_per_second": rate,
            "messages_per_second_until_said": (MESSAGES - 500) / (all_said - began),
            "huey_noop_per_second": noop,
            "celery_2014_per_second": CELERY_2014,
            "times_2014": rate / CELERY_2014,
        }


def _wait_judged(stage: Stage, count: int) -> float:
    """Until so many messages have their verdict; the moment of the last one (Unix seconds)."""
    deadline = time.time() + 180
    with sqlite3.connect(f"file:{stage.folder}/data/canales.db?mode=ro", uri=True, timeout=15) as db:
        while db.execute("SELECT COUNT(judged_at) FROM message").fetchone()[0] < count:
            if time.time() > deadline:
                raise NotSeen(f"{count} are not judged")
            time.sleep(0.25)  # looking oftener would be a load of its own
        return float(db.execute("SELECT MAX(judged_at) FROM message").fetchone()[0]) / 1e6


def _noop_rate(stage: Stage) -> float:
    script = stage.folder / "noop.py"
    script.write_text(NOOP)
    environment = {**stage.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script), str(NOOPS)], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout.splitlines()[-1]))
