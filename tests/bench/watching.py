"""200 channels watch five accounts each, of which 300 are the same, on one connection, while rules change and it is lost.

Two processes listen by turns, and one is killed in the middle. What is expected is every post of every account that a
channel watches, once.
"""

import json
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sandbox.stage import Stage
from tests.bench.measuring import seconds_until
from tests.given import connect_many, watch_many
from tests.reading import rows

CHANNELS, EACH, SAME = 200, 5, 300
POSTS, PER_SECOND, CHANGES = 1_500, 50.0, 12


def figures(database_url: str) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="canales-bench-") as folder,
        Stage(Path(folder), world=True, database_url=database_url) as stage,
    ):
        connect_many(stage, CHANNELS, [])
        stage.do("/sandbox/x/act", act="limits", on=False)
        wanted = [(n // EACH, f"autor{n % EACH if n < SAME else n}") for n in range(CHANNELS * EACH)]
        authors = list(dict.fromkeys(handle for _, handle in wanted))
        ids = _known(stage, [*authors, "primero", *(f"nuevo{n}" for n in range(CHANGES))])
        watch_many(stage, [(0, ids["primero"], "primero")], quiet=True)
        stage.start("streams", "streams.2")
        stage.wait("somebody listens", lambda: stage.x()["filtered"]["connected"], 60)
        began = time.monotonic()
        watch_many(stage, [(at, ids[handle], handle) for at, handle in wanted])
        seconds_until(lambda: _brings(stage) == sorted([*(ids[a] for a in authors), ids["primero"]]))
        equal_s, before = time.monotonic() - began, _rules(stage)
        stage.wait("it is shown how long that took", lambda: _state(stage).get("rules") == len(before))
        equal_in_s, began = _state(stage)["equal_in_s"], time.monotonic()
        watch_many(stage, [(1, ids["nuevo0"], "nuevo0")])
        seconds_until(lambda: _brings(stage) == sorted(ids[a] for a in [*authors, "primero", "nuevo0"]))
        one_more_s, changed = time.monotonic() - began, len(_rules(stage) - before)
        said = [[authors[n % len(authors)], f"aviso {n}"] for n in range(POSTS)]
        with ThreadPoolExecutor(1) as meanwhile:
            unrest = meanwhile.submit(_unrest, stage, ids)
            sent = stage.do("/sandbox/x/flood", messages=said, per_second=PER_SECOND)["sent"]
            unrest.result()
        of = defaultdict(list)
        for (author, _), (x_id, _) in zip(said, sent, strict=True):
            of[author].append(int(x_id))
        expected = {(at, x_id) for at, handle in wanted for x_id in of[handle]}
        missing = seconds_until(lambda: not expected - _heard(stage), within=180)
        return {
            "watched": len(wanted),
            "accounts": len(authors),
            "rules": len(before),
            "equal_s": equal_s,
            "equal_in_s": equal_in_s,
            "one_more_s": one_more_s,
            "rules_changed_by_one_more": changed,
            "expected": len(expected),
            "lost": len(expected - _heard(stage)),
            "read_back": int(_state(stage).get("read_back", 0)),
            "doubled": rows(stage, "SELECT COUNT(*) FROM message")[0][0] - len(_heard(stage)),
            "unwanted": len(_heard(stage) - expected),
            "seconds": missing,
        }


def _unrest(stage: Stage, ids: dict[str, int]) -> None:
    """Rules change all the time; the connection is cut twice, and who listens is killed."""
    for n in range(1, CHANGES):
        watch_many(stage, [(n, ids[f"nuevo{n}"], f"nuevo{n}")])
        if n in (3, 8):
            stage.do("/sandbox/x/act", act="disconnect", stream="filtered")
        if n == 5:
            stage.kill("streams")
            stage.start("streams")


def _state(stage: Stage) -> dict[str, Any]:
    """What who listens shows of it."""
    found = rows(stage, "SELECT state FROM lease WHERE name = 'watching' AND state <> ''")
    return dict(json.loads(found[0][0])) if found else {}


def _known(stage: Stage, handles: list[str]) -> dict[str, int]:
    """Accounts that X has; their ids."""
    stage.do("/sandbox/x/act", act="list", owner=handles[0], name="todos", members=handles)
    users = stage.x()["users"]
    return {handle: int(users[handle]) for handle in handles}


def _rules(stage: Stage) -> set[str]:
    return {rule["value"] for rule in _filtered(stage)["rules"]}


def _brings(stage: Stage) -> list[int]:
    """The accounts that X's rules bring, each as often as they do."""
    words = (word for rule in _rules(stage) for word in rule.split() if "from:" in word)
    return sorted(int(word.strip("()").removeprefix("from:")) for word in words)


def _filtered(stage: Stage) -> dict[str, Any]:
    return dict(stage.x()["filtered"])


def _heard(stage: Stage) -> set[tuple[int, int]]:
    first = rows(stage, "SELECT MIN(id) FROM channel")[0][0]
    return {(c - first, x_id) for c, x_id in rows(stage, "SELECT channel_id, x_id FROM message WHERE kind = 'watched'")}
