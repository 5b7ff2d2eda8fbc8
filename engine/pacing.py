"""When a tweet goes out: a gap between posts, freshness, and how long to stay away after a refusal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_RETRY_CEILING = timedelta(minutes=5)
_HOLD_STEP = timedelta(minutes=5)
_HOLD_CEILING = timedelta(hours=1)
_OUTAGE_STEP = timedelta(seconds=15)
_OUTAGE_CEILING = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Slot:
    """The moment a tweet may go out, and whether it would be stale by then."""

    due_at: datetime
    stale: bool


def reserve(now: datetime, last_slot: datetime | None, gap: timedelta, fresh_until: datetime) -> Slot:
    """The first moment at least `gap` after the channel's last reserved slot. A stale slot is not reserved."""
    due = now if last_slot is None else max(now, last_slot + gap)
    return Slot(due, stale=due > fresh_until)


def retry_delay(attempt: int) -> timedelta:
    """How long to wait after the attempt-th failure (from 1) that may pass: 2 s, doubling, up to 5 minutes."""
    return min(timedelta(seconds=float(2 ** min(attempt, 10))), _RETRY_CEILING)


def barred_delay(in_a_row: int) -> timedelta:
    """How long to stay away where a person must mend it, who may be at it now: 15 s, doubling, up to an hour."""
    return min(timedelta(seconds=15.0 * 2 ** min(max(in_a_row, 1) - 1, 10)), _HOLD_CEILING)


def probe_delay(in_a_row: int) -> timedelta:
    """How long to stay away from machines of X's that fail: 5 s, doubling, up to 5 minutes. `1` is the first time."""
    return min(timedelta(seconds=5.0 * 2 ** min(max(in_a_row, 1) - 1, 10)), _RETRY_CEILING)


def hold_delay(holds_in_a_row: int) -> timedelta:
    """How long a channel holds where X names no reset: 5 minutes, 10, 15 … up to an hour. `1` is the first."""
    return min(_HOLD_STEP * max(holds_in_a_row, 1), _HOLD_CEILING)


def renewal_delay(tries: int) -> timedelta:
    """How long to leave X's sign-in alone after so many tries in a row: 15 s, doubling, up to 5 minutes."""
    return min(_OUTAGE_STEP * (1 << min(max(tries, 1) - 1, 10)), _OUTAGE_CEILING)
