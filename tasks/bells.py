"""How the bells of what is written are rung, and those for who holds the stream. Lost ones are no harm."""

import redis
import structlog

from models import doorbells
from models.doorbells import Doorbell
from tasks import journal
from tasks.queues import PREFIX
from tasks.start import redis_client

log = structlog.get_logger()
NOTICES = f"{PREFIX}notices"
SUBSCRIPTIONS = f"{PREFIX}subscriptions"


def connect() -> None:
    """From now on what this process writes rings: once a process, where it starts."""
    doorbells.connect(Doorbell.NOTICES, _ring_notices)
    doorbells.connect(Doorbell.JOURNAL, _ring_journal)


def _ring_notices() -> None:
    """Tell the bot that somebody is to be told something."""
    try:
        pipe = redis_client().pipeline()
        pipe.rpush(NOTICES, "look")
        pipe.ltrim(NOTICES, -1000, -1)
        pipe.execute()
    except redis.RedisError as error:
        log.warning("bell not rung", bell="notices", error=type(error).__name__)


def ring_subscriptions() -> None:
    """Tell who holds the stream that channels have changed."""
    try:
        redis_client().set(SUBSCRIPTIONS, 1)
    except redis.RedisError as error:
        log.warning("bell not rung", bell="subscriptions", error=type(error).__name__)


def subscriptions_rung() -> bool:
    """Whether channels changed since this was last asked."""
    return redis_client().delete(SUBSCRIPTIONS) == 1


def _ring_journal() -> None:
    journal.write.ring_once(5)
