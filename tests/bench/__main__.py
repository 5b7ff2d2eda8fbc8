"""`make bench [ONLY=area]`: the figures, as a table and in bench.json. Each area runs on a stage of its own."""

import json
import sys
import time
from collections.abc import Callable

from sandbox.stage import ROOT
from tests.bench import chaos, hostile, latency, memory, pipeline, planning, rules, schedules

AREAS: dict[str, Callable[[], dict[str, float]]] = {
    "pipeline": pipeline.figures,
    "latency": latency.figures,
    "memory": memory.figures,
    "rules": rules.figures,
    "hostile": hostile.figures,
    "planning": planning.figures,
    "schedules": schedules.figures,
    "chaos": chaos.figures,
}


def main() -> int:
    wanted = sys.argv[1:] or list(AREAS)
    unknown = [name for name in wanted if name not in AREAS]
    if unknown:
        print(f"There is no area {', '.join(unknown)}. There are: {', '.join(AREAS)}. Example: make bench ONLY=rules")
        return 2
    file = ROOT / "bench.json"
    known: dict[str, float] = json.loads(file.read_text()) if file.exists() and sys.argv[1:] else {}
    for name in wanted:
        began = time.monotonic()
        figures = {f"{name}.{key}": value for key, value in AREAS[name]().items()}
        known |= figures
        for key, value in figures.items():
            print(f"{key:<44} {value:>14,.2f}")
        print(f"{'':<44} ({time.monotonic() - began:.0f} s)", flush=True)
        file.write_text(json.dumps(known, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
