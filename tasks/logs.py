"""Logs: one line an event, ids in fields; never a token, never a direct message."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import redis
import structlog

_SECRETS = re.compile(
    r"(?i)(?P<head>bot)\d{6,}:[\w-]{20,}|(?P<scheme>bearer|basic|oauth)\s+[\w\-.~+/=]{8,}"
    r"|(?P<name>(?:access_token|refresh_token|client_secret|code_verifier|oauth_\w+|code)=[\"']?)[^&\s\"',]+"
)

AGAIN_S = 10.0
_said_at: dict[str, float] = {}


def setup(level: int = logging.INFO) -> None:
    """Set up this process's logs, ours and the libraries'."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _scrubbed,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.addFilter(_scrub_record)
    for name in ("httpx", "httpcore", "tweepy", "urllib3", "oauthlib", "requests_oauthlib", "apscheduler"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # a stack trace for each answer of a Telegram that is away; who asked says so in a line
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)


def scrub(text: str) -> str:
    """The text without anything that looks like a token."""
    return _SECRETS.sub(lambda m: (m["head"] or m["scheme"] or m["name"] or "") + "[secret]", text)


def _scrubbed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {k: scrub(v) if isinstance(v, str) else v for k, v in event.items()}


def _told_already(record: logging.LogRecord) -> bool:
    """Whether it is Redis that is away, as another of many threads has just said. It is said in one line."""
    error = record.exc_info[1] if record.exc_info else None
    if not isinstance(error, redis.RedisError):
        return False
    record.exc_info = record.exc_text = None
    record.msg, record.args = f"{record.getMessage()}: {error}", ()
    last = _said_at.get(record.name, -AGAIN_S)
    if record.created - last < AGAIN_S:
        return True
    _said_at[record.name] = record.created
    return False


def _scrub_record(record: logging.LogRecord) -> bool:
    if _told_already(record):
        return False
    record.msg = scrub(record.getMessage())
    record.args = ()
    if record.exc_info:
        record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
    return True
