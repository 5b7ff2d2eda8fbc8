"""Logs: one line an event, as text or JSON, ids in fields; never a token, never a direct message.

What is an error is also kept for a moment, for who runs the service (models/control/errors.py).
"""

import json
import logging
import re
import sys
import threading
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any

import redis
import structlog

from models import aside
from models.control.errors import Seen
from models.settings import LogFormat, LogLevel

_SECRETS = re.compile(
    r"(?i)(?P<head>bot|\b)\d{6,}:[\w-]{20,}|(?P<scheme>bearer|basic|oauth)\s+[\w\-.~+/=]{8,}"
    r"|(?P<name>(?:access_token|refresh_token|client_secret|code_verifier|oauth_\w+|code|pass(?:word|wd)?|pwd|secret_key|api_key|token)=[\"']?)[^&\s\"',]+"
    r"|(?P<url>\b\w[\w+.-]*://[^\s:/@]*:)[^\s/]+(?=@)"
    r"|(?P<pin>\bpin\b[\"']?\s*[=:]?\s*[\"']?)\d+"
)
#: What looks like a key of X Chat: 32 bytes or more in base64 or hex, or any bytes as Python shows them.
_KEYS = re.compile(
    r"(?<![\w+/.-])(?=[\w+-]*[A-Z])(?=[\w+/-]*[a-z])(?=[\w+/-]*\d)[\w+-][\w+/-]{42,}={0,2}"
    r"|(?<!\w)[0-9a-f]{64,}(?!\w)"
    r"|\b(?:bytearray\()?b(?P<quote>['\"])(?:(?!(?P=quote)).)*\\x(?:\\.|(?!(?P=quote)).)*(?P=quote)\)?"
)

_NUMBERS = re.compile(r"\d+")
_CLASS = re.compile(r"[\w.]*")
GRAVE = ("warning", "error", "exception", "critical")
ERRORS = ("error", "exception", "critical")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0
MOST_KEPT, MOST_SEEN = 500, 50
Key = tuple[str, str, str]
_log = structlog.get_logger()


@dataclass(slots=True)
class Held:
    """How often an error has come since it was told last."""

    told_at: float
    pause_s: float = FIRST_PAUSE_S
    more: int = 0
    in_s: float = 0.0
    last_at: float = 0.0


class Repeats:
    """Which errors were told lately. The first is told at once; while it repeats, again after pauses that grow to ten
    minutes, with how often it has come meanwhile. One that has not come for twice its pause begins anew.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: dict[Key, Held] = {}

    def told(self, key: Key, at: float) -> Held | None:
        """Whether to tell it now, and how many were not told before it; None where it is only counted."""
        with self._guard:
            held = self._held.get(key)
            if held is None or (at - held.last_at > 2 * held.pause_s and not held.more):
                if len(self._held) >= MOST_KEPT:
                    self._held.pop(next(iter(self._held)))
                self._held[key] = Held(at, last_at=at)
                return Held(at)
            held.last_at = at
            if at - held.told_at < held.pause_s:
                held.more += 1
                return None
            return self._next(held, at)

    def due(self, at: float) -> list[tuple[Key, Held]]:
        """What was only counted, and does not come again to be told with the next."""
        with self._guard:
            late = [(k, h) for k, h in self._held.items() if h.more and at - h.told_at >= h.pause_s]
            return [(key, self._next(held, at)) for key, held in late]

    @staticmethod
    def _next(held: Held, at: float) -> Held:
        told = Held(at, held.pause_s, held.more, at - held.told_at)
        held.told_at, held.more, held.pause_s = at, 0, min(held.pause_s * 2, LONGEST_PAUSE_S)
        return told


class SeenErrors:
    """How often each error has come since they were taken last; of so many different ones at once the rest is one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._seen: dict[tuple[str, str], int] = {}

    def note(self, event: str, reason: str) -> None:
        with self._guard:
            key = (scrub(event), scrub(reason))
            if key not in self._seen and len(self._seen) >= MOST_SEEN:
                key = ("other errors", "")
            self._seen[key] = self._seen.get(key, 0) + 1

    def take(self) -> list[Seen]:
        with self._guard:
            seen, self._seen = self._seen, {}
        return [Seen(event, reason, count) for (event, reason), count in seen.items()]


_repeats = Repeats()
_seen = SeenErrors()


def setup(level: LogLevel = LogLevel.INFO, form: LogFormat = LogFormat.TEXT) -> None:
    """Set up this process's logs, ours and the libraries': what is below a level is not told."""
    as_json = form is LogFormat.JSON
    number = logging.getLevelNamesMapping()[level.upper()]
    rendered: Any = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    if as_json:
        rendered = structlog.processors.JSONRenderer(_as_json)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            _kept,
            _not_again,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _scrubbed,
            rendered,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    theirs = max(number, logging.WARNING)
    logging.basicConfig(level=theirs, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("huey").handlers.clear()  # its program has given it one of its own
    for handler in logging.getLogger().handlers:
        if as_json:
            handler.setFormatter(_JsonLines())
        handler.addFilter(_keep_theirs)
        handler.addFilter(_not_again_in_their_logs)
        handler.addFilter(_scrub_record)
    for name in ("httpx", "httpcore", "tweepy", "urllib3", "oauthlib", "requests_oauthlib", "apscheduler"):
        logging.getLogger(name).setLevel(theirs)
    # a stack trace for each answer of a Telegram that is away; who asked says so in a line
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)
    if as_json:
        sys.excepthook = _uncaught
        threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def errors_seen() -> list[Seen]:
    """The errors that this process has logged since this was asked last."""
    return _seen.take()


def scrub(text: str) -> str:
    """The text without anything that looks like a token, a key or a PIN."""
    named = _SECRETS.sub(
        lambda m: "".join(filter(None, m.group("head", "scheme", "name", "url", "pin"))) + "[secret]", text
    )
    return _KEYS.sub("[secret]", named)


def _scrubbed(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {k: _shown(v) for k, v in event.items()}


def _shown(value: Any) -> Any:
    """A value of a line: bytes are never of use there."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    return scrub(value) if isinstance(value, str) else value


def _kept(_logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Remember what is an error: its words as they stand in our code, and what broke, without anybody else's."""
    if method in ERRORS:
        error = _error_of(event)
        said = str(event.get("error") or event.get("reason") or "")
        reason = aside.reason_of(error) if isinstance(error, BaseException) else aside.without_words(said)
        where = " ".join(str(event[name]) for name in ("job", "place", "thread", "queue") if name in event)
        _seen.note(aside.without_words(str(event.get("event"))), ": ".join(filter(None, (where, reason))))
    return event


def _keep_theirs(record: logging.LogRecord) -> bool:
    """The same of what libraries tell: of their words those that stand in their code."""
    if record.levelno >= logging.ERROR:
        error = record.exc_info[1] if record.exc_info else None
        _seen.note(record.name, aside.reason_of(error) if error is not None else aside.without_words(str(record.msg)))
    return True


_as_json = partial(json.dumps, ensure_ascii=False, default=str)


class _JsonLines(logging.Formatter):
    """A line of a library's as JSON, with the names that ours have."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line = {"timestamp": at, "level": record.levelname.lower(), "event": record.getMessage(), "logger": record.name}
        if record.exc_info or record.exc_text:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)  # type: ignore[arg-type]
        return _as_json(line)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """What nobody has caught is a line too."""
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    _log.critical("an error that nobody caught", exc_info=(kind, error, trace))


def _not_again(_logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An error that was told a moment ago is counted instead."""
    kind = _kind_of_error(event)
    if method not in GRAVE or not kind:
        return event
    held = _repeats.told((str(event.get("event")), str(event.get("job", "")), kind), time.monotonic())
    if held is None:
        raise structlog.DropEvent
    if held.more:
        event["more"], event["in_s"] = held.more, round(held.in_s)
    return event


def _kind_of_error(event: MutableMapping[str, Any]) -> str:
    """The class of what went wrong, as far as it is told, without what differs from one to the next."""
    error = _error_of(event)
    if isinstance(error, BaseException):
        return type(error).__name__
    said = str(event.get("error") or event.get("reason") or "")
    word = _CLASS.match(said)
    return said[: max(word.end() if word is not None else 0, 1)]


def _error_of(event: MutableMapping[str, Any]) -> object:
    info = event.get("exc_info")
    return sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info


def _not_again_in_their_logs(record: logging.LogRecord) -> bool:
    """The same for what libraries tell. Of a Redis that is away no stack is told: one line says it."""
    error = record.exc_info[1] if record.exc_info else None
    if record.levelno < logging.WARNING:
        return True
    said = _NUMBERS.sub("…", record.getMessage())[:100]
    key = (record.name, said, type(error).__name__ if error is not None else "")
    held = _repeats.told(key, time.monotonic())
    if held is None:
        return False
    if isinstance(error, redis.RedisError):
        record.exc_info = record.exc_text = None
        record.msg, record.args = f"{record.getMessage()}: {error}", ()
    if held.more:
        record.msg, record.args = f"{record.getMessage()} (and {held.more} more in {held.in_s:.0f} s)", ()
    return True


def say_what_was_held_back() -> None:
    """Say how often errors have come since they were told last; now and then, by whoever lives long."""
    for (name, *_, kind), held in _repeats.due(time.monotonic()):
        _log.warning("the same again", what=name, error=kind, more=held.more, in_s=round(held.in_s))


def _scrub_record(record: logging.LogRecord) -> bool:
    record.msg = scrub(record.getMessage())
    record.args = ()
    if record.exc_info:
        record.exc_text = scrub(logging.Formatter().formatException(record.exc_info))
    return True
