"""`make bench [ONLY="area …"]`: the figures, as a table beside their targets and in bench.json.

Each is measured in the world profile where X or Telegram have a part in it, on SQLite and on PostgreSQL (a column each),
beside bare Huey in the same run. `ONLY="pipeline postgres"` runs one area, on one of the two.
"""

import json
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from sandbox.stage import ROOT
from tests import postgres
from tests.bench import (
    chaos,
    chats,
    conversation,
    growth,
    hostile,
    isolation,
    latency,
    memory,
    notices,
    pipeline,
    planning,
    rules,
    schedules,
    table,
    troubles,
    unkind,
    watching,
)
from tests.bench.table import SUFFIX, Column

#: Areas that are measured on each database, whose address they are given (empty: SQLite).
ON_BOTH: dict[str, Callable[[str], dict[str, float]]] = {
    "pipeline": pipeline.figures,
    "latency": latency.figures,
    "isolation": isolation.figures,
    "conversation": conversation.figures,
    "notices": notices.figures,
    "schedules": schedules.figures,
    "planning": planning.figures,
    "chaos": chaos.figures,
    "bill": chaos.bill,
    "chats": chats.figures,
    "growth": growth.figures,
    "unkind": unkind.figures,
    "watching": watching.figures,
    "troubles": troubles.figures,
}
#: Areas that the kind of database makes no difference to.
ONCE: dict[str, Callable[[], dict[str, float]]] = {
    "memory": memory.figures,
    "rules": rules.figures,
    "hostile": hostile.figures,
}
FILE = ROOT / "bench.json"


def main(words: list[str]) -> int:
    columns = [column for column in Column if column.value in words] or list(Column)
    wanted = [word for word in words if word not in list(Column)] or [*ON_BOTH, *ONCE]
    unknown = [name for name in wanted if name not in ON_BOTH | ONCE]
    if unknown:
        there = ", ".join([*ON_BOTH, *ONCE])
        print(f'There is no area {", ".join(unknown)}. There are: {there}. Example: make bench ONLY="rules latency"')
        return 2
    found: dict[str, float] = json.loads(FILE.read_text()) if words and FILE.exists() else {}
    broken: list[str] = []
    found |= {"machine.cores": os.cpu_count() or 1, "machine.load_before": os.getloadavg()[0]}
    found["machine.measured_at"] = int(time.time())
    with postgres.server("synchronous_commit") as server:  # as safe as SQLite is kept: a crash of the machine may
        for name in wanted:  # lose the last moments, and tears nothing
            for column in columns if name in ON_BOTH else [Column.SQLITE]:
                url = server.empty(f"bench_{name}") if column is Column.POSTGRES else ""
                began = time.monotonic()
                print(f"{name} on {column.value} …" if name in ON_BOTH else f"{name} …", flush=True)
                try:
                    measured = ON_BOTH[name](url) if name in ON_BOTH else ONCE[name]()
                except Exception:  # noqa: BLE001  # the other areas are measured all the same
                    traceback.print_exc()
                    broken.append(f"{name} on {column.value}")
                    continue
                found |= {f"{name}.{key}{SUFFIX[column]}": float(value) for key, value in measured.items()}
                FILE.write_text(json.dumps(found, indent=1) + "\n")
                print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    print("\n".join(["", *table.lines(found, wanted)]))
    if broken:
        print(f"Not measured: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder:
        os.environ.setdefault("DATA_DIR", str(Path(folder)))
        os.environ |= {"SIGN_UP": "open", "LIMITS": "none"}
        sys.exit(main([word for argument in sys.argv[1:] for word in argument.split()]))
