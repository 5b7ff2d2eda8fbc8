"""Each trouble of tests/chaos/troubles.py on a stage of its own: lost, doubled, untold, and how long until all was well."""

import math

from tests.chaos.enduring import endure
from tests.chaos.troubles import TROUBLES


def figures(database_url: str) -> dict[str, float]:
    """By trouble; those that this machine can't make are left out. `lost`, `doubled` and `untold` are over all."""
    found: dict[str, float] = {}
    for name, trouble in TROUBLES.items():
        if ("postgres" if database_url else "sqlite") not in trouble.on:
            continue
        endured = endure(trouble, database_url)
        if endured is None:
            print(f"  {name}: this machine can't make it", flush=True)
            continue
        print(f"  {name}: {endured}", flush=True)
        found |= {
            f"{name}.wanted": endured.wanted,
            f"{name}.lost": endured.lost,
            f"{name}.doubled": endured.doubled,
            f"{name}.untold": endured.untold,
            f"{name}.well_s": endured.well_s if math.isfinite(endured.well_s) else -1,
        }
    for what in ("lost", "doubled", "untold"):
        found[what] = sum(value for key, value in found.items() if key.endswith(f".{what}"))
    return found
