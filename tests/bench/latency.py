"""From the event on the wire to X having the repost, in milliseconds, at a rate of mentions X would deliver."""

import tempfile
from pathlib import Path

from sandbox.stage import Stage
from tests.bench.measuring import percentile, settle
from tests.given import connect_many

MESSAGES, CHANNELS, PER_SECOND = 600, 40, 20.0


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        handles = connect_many(stage, CHANNELS, ["choque"])
        stage.start("web", "streams", "worker", "voices", "journal")
        settle(stage, CHANNELS)
        messages = [[f"vecino{n}", f"choque {n} @{handles[n % CHANNELS]}"] for n in range(MESSAGES)]
        sent = stage.do("/sandbox/x/flood", messages=messages, per_second=PER_SECOND)["sent"]
        stage.wait("all are said", lambda: len(stage.accepted("repost")) >= MESSAGES, 60)
        moments = stage.do("/sandbox/x/act", act="moments")["moments"]
        waits = [1000 * (moments[x_id] - at) for x_id, at in sent]
        return {"p50_ms": percentile(waits, 50), "p99_ms": percentile(waits, 99), "max_ms": max(waits)}
