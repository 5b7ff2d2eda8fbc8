"""Messages a second that are heard, judged and recorded, one in twenty of them said; beside bare Huey. And posts."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sandbox.stage import ROOT, NotSeen, Stage
from tests.bench.measuring import settle
from tests.bench.posts import posts_per_second
from tests.given import connect_many
from tests.reading import rows

MESSAGES, WARM, CHANNELS, ONE_IN = 15_000, 500, 150, 20
NOOPS = 10_000
NOOP = """
import sys, time
from huey import PriorityRedisExpireHuey
from tasks.start import redis_client, start
start()
queue = PriorityRedisExpireHuey("canales.noop", results=False, connection_pool=redis_client().connection_pool, read_timeout=1)
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


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        noop = _noop_rate(stage)
        handles = connect_many(stage, CHANNELS, ["choque", *(f"palabra{n}" for n in range(20))])
        stage.do("/sandbox/x/act", act="keep_wire", on=False)
        stage.start("streams", "worker", "voices", "journal")
        subscribed = settle(stage, CHANNELS)
        messages = [
            [
                f"vecino{n % 997}",
                f"{'choque' if n % ONE_IN == 0 else 'hola'} {n} en la avenida @{handles[n % CHANNELS]}",
            ]
            for n in range(MESSAGES)
        ]
        stage.do("/sandbox/x/flood", messages=messages[:WARM], per_second=WARM)
        _wait_judged(stage, WARM)
        began = stage.do("/sandbox/x/burst", messages=messages[WARM:])["began"]
        ended = _wait_judged(stage, MESSAGES)
        said = len(messages[::ONE_IN])
        stage.wait("all are said", lambda: len(stage.accepted("repost")) >= said, 120)
        all_said = time.time()
        rate = (MESSAGES - WARM) / (ended - began)
        found = {
            "messages_per_second": rate,
            "messages_per_second_until_said": (MESSAGES - WARM) / (all_said - began),
            "huey_noop_per_second": noop,
            "messages_per_noop": rate / noop,
            "subscribing_s.150": subscribed,
        }
        return found | posts_per_second(stage)


def _wait_judged(stage: Stage, count: int) -> float:
    """Until so many messages have their verdict; the moment of the last one (Unix seconds)."""
    deadline = time.time() + 180
    while rows(stage, "SELECT COUNT(judged_at) FROM message")[0][0] < count:
        if time.time() > deadline:
            raise NotSeen(f"{count} are not judged")
        time.sleep(0.25)  # looking oftener would be a load of its own
    return float(rows(stage, "SELECT MAX(judged_at) FROM message")[0][0]) / 1e6


def _noop_rate(stage: Stage) -> float:
    script = stage.folder / "noop.py"
    script.write_text(NOOP)
    environment = {**stage.environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(script), str(NOOPS)], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return float(json.loads(done.stdout.splitlines()[-1]))
