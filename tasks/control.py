"""How the running tasks are doing, for `/status`."""

from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from models.control import leases
from tasks.clock import now
from tasks.start import redis_client


@dataclass(frozen=True, slots=True)
class Health:
    """What runs: Redis and the stream. `connected_at` is None while the stream is down."""

    redis: bool
    stream_held: bool
    connected_at: datetime | None
    trouble: str
    events: int
    malformed: int


def health() -> Health:
    """Who holds the stream shows in its lease how it goes; and whether bells can be rung."""
    held = leases.read(leases.STREAM)
    is_held = held.is_held(now())
    state = held.state if is_held else {}
    since = state.get("connected_at")
    return Health(
        redis=_bells_ring(),
        stream_held=is_held,
        connected_at=datetime.fromtimestamp(since, UTC) if since else None,
        trouble=str(state.get("trouble", "")),
        events=int(state.get("events", 0)),
        malformed=int(state.get("malformed", 0)),
    )


def _bells_ring() -> bool:
    try:
        return bool(redis_client().ping())
    except redis.RedisError:
        return False
