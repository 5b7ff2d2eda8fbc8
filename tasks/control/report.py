"""The whole service in one value, for who runs it: `/system`, `python -m bot status` and `/metrics` show the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from models.accounts.troubles import Trouble
from models.control import alarms, all_paused, credits, depths, limits, overview
from models.control.credits import Left
from models.control.depths import Database
from models.control.limits import SeenLimit
from models.control.waiting import Work
from models.costs import ledger
from models.publishing.allowance import Day
from models.settings import Settings, settings
from tasks import embedded_redis
from tasks.control.health import Health, health, judged, kept

MOST_LIMITS = 4
ANSWER_S = 2.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the database tells of the service beside its health. `limits`: X's, the scarcest; `alarms` that go on.

    `billed`: micro-dollars by kind, of this UTC day. `credits`: those at X; None where nobody has said what there was.
    `all_paused`: since when everything is paused; None where it is not.
    """

    database: Database
    waiting: Mapping[Work, int]
    channels: Mapping[str, int]
    day: Day
    limits: Sequence[SeenLimit]
    alarms: Sequence[Trouble]
    billed: Mapping[str, int]
    credits: Left | None = None
    all_paused: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How the service is at a moment. `facts` is None where the database gave no answer."""

    health: Health
    facts: Facts | None

    @property
    def disks(self) -> Mapping[str, tuple[int, int]]:
        """Free bytes and all of them where the data lies, by machine, as the process that looked last says."""
        known = self.health.kept.processes if self.health.kept is not None else []
        running = sorted((p for p in known if p.runs(self.health.at) and p.disk_size), key=lambda p: p.beat_at)
        return {p.host: (p.disk_free, p.disk_size) for p in running}


def report(now: datetime) -> Report:
    """Ask everybody, here and now. Raises TROUBLE."""
    return Report(health(now), facts(now))


def from_outside(now: datetime) -> Report:
    """The same by who is no process of the service, so nothing is started for it. Raises TROUBLE."""
    return Report(judged(kept(now), redis_answers_as_it_is(settings()), now), facts(now))


def facts(now: datetime) -> Facts:
    """Ask the database. Raises TROUBLE."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Facts(
        depths.database(),
        depths.waiting(),
        depths.channels(),
        overview.day(now),
        limits.scarce(now, MOST_LIMITS),
        alarms.standing(),
        {str(kind): spent.cost for kind, spent in ledger.by_kind(midnight, now).items()},
        credits.left(now),
        all_paused.since(),
    )


def redis_answers_as_it_is(loaded: Settings) -> bool:
    """Whether Redis is there; the embedded one is not started where it is not."""
    url = loaded.redis_url.get_secret_value() or f"unix://{embedded_redis.socket_path(loaded.data_dir)}"
    try:
        client = redis.Redis.from_url(
            url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S, retry=Retry(NoBackoff(), 0)
        )
        return bool(client.ping())
    except (redis.RedisError, OSError, ValueError):
        return False
