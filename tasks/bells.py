"""Bells for the bot process: a notice waits, a message must be drawn anew. Lost ones are no harm."""

import redis
import structlog

from tasks.queues import PREFIX
from tasks.start import redis_client

log = structlog.get_logger()
NOTICES = f"{PREFIX}notices"
REDRAW = f"{PREFIX}redraw"
SUBSCRIPTIONS = f"{PREFIX}subscriptions"


def ring_notices() -> None:
    """Tell the bot that somebody is to be told something."""
    _push(NOTICES, "look")


def ring_redraw(tweet_id: int) -> None:
    """Tell the bot that this tweet's notice shows an old state."""
    _push(NOTICES, f"redraw:{tweet_id}")


def ring_subscriptions() -> None:
    """Tell who holds the stream that channels have changed."""
    try:
        redis_client().set(SUBSCRIPTIONS, 1)
    except redis.RedisError as error:
        log.warning("bell not rung", bell="subscriptions", error=type(error).__name__)


def subscriptions_rung() -> bool:
    """Whether channels changed since this was last asked."""
    return redis_client().delete(SUBSCRIPTIONS) == 1


def _push(key: str, word: str) -> None:
    try:
        pipe = redis_client().pipeline()
        pipe.rpush(key, word)
        pipe.ltrim(key, -1000, -1)
        pipe.execute()
    except redis.RedisError as error:
        log.warning("bell not rung", bell=key, error=type(error).__name__)
