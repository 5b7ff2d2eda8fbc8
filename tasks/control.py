"""How the running tasks are doing, for `/status`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import redis

from tasks.queues import PREFIX
from tasks.start import redis_client

STREAM_STATE = f"{PREFIX}stream"


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
    """Ask Redis; it may be away."""
    try:
        raw = redis_client().get(STREAM_STATE)
    except redis.RedisError:
        return Health(False, False, None, "", 0, 0)
    state = json.loads(raw) if isinstance(raw, bytes) else {}
    since = state.get("connected_at")
    return Health(
        redis=True,
        stream_held=bool(state),
        connected_at=datetime.fromtimestamp(since, UTC) if since else None,
        trouble=str(state.get("trouble", "")),
        events=int(state.get("events", 0)),
        malformed=int(state.get("malformed", 0)),
    )
