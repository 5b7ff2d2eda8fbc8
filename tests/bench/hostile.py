"""What the worst of hostile texts costs the processor: read, judged beside 200 like it, and composed."""

import statistics
import time
from datetime import UTC, datetime

from engine.similarity import RecentTexts
from tests.engine import hostile

ROUNDS = 3
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def figures() -> dict[str, float]:
    """The worst and the median, in milliseconds of the processor; of each text the best of three rounds."""
    desk = hostile.Desk(NOW)
    costs: dict[str, float] = {}
    for length in hostile.LENGTHS:
        for name in hostile.PATTERNS:
            text = hostile.behind(name, "choque ", length)
            recent = desk.recent(text)
            costs[f"{name}, {length}"] = min(_cost(desk, text, recent) for _ in range(ROUNDS))
    worst = max(costs, key=lambda name: costs[name])
    print(f"the worst text is: {worst}")
    return {"worst_ms": costs[worst], "median_ms": statistics.median(costs.values()), "texts": len(costs)}


def _cost(desk: hostile.Desk, text: str, recent: RecentTexts) -> float:
    began = time.process_time()
    desk.judged_beside(text, recent)
    return 1000 * (time.process_time() - began)
