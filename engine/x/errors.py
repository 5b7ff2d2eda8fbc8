"""What X can answer besides yes, named after what happened."""

from datetime import UTC, datetime
from typing import Any

import requests
import tweepy

SAID_TWICE = ("duplicate content", "already retweeted", "already reposted", "already exists")


class XError(Exception):
    """Anything that X or the way to it did wrong. `detail` is X's own sentence, safe to show."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class TokenRevoked(XError):
    """401: the token is dead; only the person can bring it back."""


class RateLimited(XError):
    """429: no more until `until` (aware UTC; None where X named no moment)."""

    def __init__(self, detail: str = "", until: datetime | None = None) -> None:
        super().__init__(detail)
        self.until = until


class Duplicate(XError):
    """403: X has this text of this account already, or this repost."""


class Refused(XError):
    """400 or 403: X does not want this, asking again won't help."""


class Gone(XError):
    """404: the post is not there."""


class OutOfCredits(XError):
    """402: calls fail until someone pays."""


class Unavailable(XError):
    """5xx: X failed. Whether it acted first is not known."""


class NoAnswer(XError):
    """The connection broke or timed out after the request left. Whether X acted is not known."""


class Unreachable(XError):
    """No connection: the request never left, so X has not acted."""


def from_tweepy(error: tweepy.HTTPException) -> XError:
    """Name an HTTP refusal. Source: facts/x-platform.md, "Speaking"."""
    response = error.response
    detail = detail_of(response)
    status = response.status_code
    if status == 401:
        return TokenRevoked(detail)
    if status == 402:
        return OutOfCredits(detail)
    if status == 429:
        return RateLimited(detail, reset_of(response))
    if status == 404:
        return Gone(detail)
    if status >= 500:
        return Unavailable(detail)
    if status == 403 and any(words in detail.lower() for words in SAID_TWICE):
        return Duplicate(detail)
    return Refused(detail)


def from_requests(error: requests.RequestException) -> XError:
    """Name a failure of the network, by whether the request can have reached X."""
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return Unreachable(type(error).__name__)
    return NoAnswer(type(error).__name__)


def reset_of(response: requests.Response) -> datetime | None:
    """The moment named by `x-rate-limit-reset`, aware UTC."""
    value = response.headers.get("x-rate-limit-reset", "")
    return datetime.fromtimestamp(int(value), UTC) if value.isdigit() else None


def detail_of(response: requests.Response) -> str:
    """X's sentence about what was wrong, out of any of the error bodies that it uses; at most 300 characters."""
    try:
        body: Any = response.json()
    except ValueError:
        return f"HTTP {response.status_code}"
    if not isinstance(body, dict):
        return f"HTTP {response.status_code}"
    first = next(iter(body.get("errors") or []), None)
    for source in (body, first if isinstance(first, dict) else {}):
        for key in ("detail", "error_description", "message", "title", "error"):
            if isinstance(source.get(key), str) and source[key]:
                return str(source[key])[:300]
    return f"HTTP {response.status_code}"


def _never_connected(error: requests.RequestException) -> bool:
    text = repr(error)
    return isinstance(error, requests.ConnectionError) and (
        "NewConnectionError" in text or "NameResolutionError" in text or "ConnectTimeoutError" in text
    )
