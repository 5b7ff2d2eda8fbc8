"""A storm: 5 % of X's answers lost after acceptance, 5 % 5xx, 5 % refused before and 5 % after X acted, in any way, limits
and days that are over, doubled and shuffled events, kills of every process.

10,000 messages and 100 kills on SQLite; 3,000 and 40 on PostgreSQL, with two processes of each kind. What is said while
nobody listens is read back within X's limits, whose window is a quarter of an hour: so long it may take until all is there.
"""

import tempfile
from pathlib import Path

from sandbox.stage import Stage
from tests.chaos.mixed import mixed
from tests.chaos.storm import storm


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        if database_url:
            outcome = storm(stage, messages=3_000, kills=40, seed=2026, settle_s=1_200, each=2)
        else:
            outcome = storm(stage, messages=10_000, kills=100, seed=2026, settle_s=1_200)
    return {
        "wanted": outcome.wanted,
        "lost": outcome.lost,
        "doubled": outcome.doubled,
        "unwanted": outcome.unwanted,
        "untold": outcome.untold,
        "falsely": outcome.falsely,
        "repeated": outcome.repeated,
        "bill_difference": outcome.bill_difference,
        "seconds": outcome.seconds,
    }


def bill(database_url: str) -> dict[str, float]:
    """All that X bills, mixed: by how many micro-dollars the ledger differs from X's bill at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        of_all, _bill = mixed(stage, messages=1_000, kills=30, seed=2026)
    return {"difference": of_all}
