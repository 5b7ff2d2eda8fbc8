"""1,000 messages, 5 % of X's answers lost after acceptance, 5 % 5xx, doubled and shuffled events, ten kills."""

import tempfile
from pathlib import Path

from sandbox.stage import Stage
from tests.chaos.storm import storm


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        outcome = storm(stage, messages=1000, kills=10, seed=2026)
    return {
        "wanted": outcome.wanted,
        "lost": outcome.lost,
        "doubled": outcome.doubled,
        "unwanted": outcome.unwanted,
        "seconds": outcome.seconds,
    }
