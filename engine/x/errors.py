"""What X can answer besides yes, named after what happened; each error says what who asked needs to know.

The classes are the table, and the only one: whoever meets an error asks it whether it may pass, until when, whether X
may have acted, and whose fault it is. Source: docs/x-and-telegram.md, "Speaking" and "When X fails".
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, ClassVar

import requests
import tweepy

from engine.text import storable

LOCKED = (64, 326)  # the account is suspended; it must be unlocked by a person
LOCKED_IN_WORDS = ("account is temporarily locked", "your account is locked", "your account is suspended")
LONGEST_LIMIT = timedelta(hours=36)  # X's longest is that of a day
SAID_TWICE = ("duplicate content", "already retweeted", "already reposted", "already exists")


class Fault(StrEnum):
    """Whose an error is, so who else meets the same now."""

    POST = "post"  # what was asked for: nothing else is touched by it
    CHANNEL = "channel"  # this channel: whatever it asks
    APP = "app"  # our app: every channel
    WAY = "way"  # X's machines, or the way there: whoever passes


class Acted(StrEnum):
    """Whether X may have done what it was asked."""

    NO = "no"
    MAYBE = "maybe"  # now, though no good answer came
    RARELY = "rarely"  # X says that it has not; now and then it says so after it has
    BEFORE = "before"  # at an earlier try of the same, if there was one


class XError(Exception):
    """Anything that X or the way to it did wrong. `detail` is X's own sentence, safe to show.

    `reason` is the word under which it is stored. `passes`: the same may succeed later, from `until` on (aware UTC)
    where X named a moment. `renews`: with a new token. `other_form`: X wants none of this form, maybe another.
    """

    reason: ClassVar[str] = "refused"
    fault: ClassVar[Fault] = Fault.POST
    passes: ClassVar[bool] = False
    acted: ClassVar[Acted] = Acted.NO
    renews: ClassVar[bool] = False
    other_form: ClassVar[bool] = False

    def __init__(self, detail: str = "", until: datetime | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.until = until

    @property
    def holds(self) -> bool:
        """Whether it is of no use that the channel asks for anything else until this has passed."""
        return self.passes and not self.renews and self.fault in (Fault.CHANNEL, Fault.APP)

    def again_at(self, now: datetime, otherwise: timedelta) -> datetime:
        """When to try again: at the moment that X named, else after this time."""
        return self.until or now + otherwise


class TokenRevoked(XError):
    """401: the token is dead; a renewed one may live, else only the person can bring the access back."""

    reason, fault, passes, renews = "token", Fault.CHANNEL, True, True


class RateLimited(XError):
    """429: no more of this channel until `until` (None where X named no moment)."""

    reason, fault, passes = "limit", Fault.CHANNEL, True


class ChannelDayFull(XError):
    """429: the account's posts of the day are used up until `until`; the app's are not."""

    reason, fault, passes = "channel_day", Fault.CHANNEL, True


class AppDayFull(XError):
    """429: the app's posts of the day are used up until `until`, for every channel."""

    reason, fault, passes = "day_full", Fault.APP, True


class OutOfCredits(XError):
    """402: calls fail until someone pays."""

    reason, fault, passes = "credits", Fault.APP, True


class Duplicate(XError):
    """403: X has this text of this account already, or this repost."""

    reason, acted, other_form = "duplicate", Acted.BEFORE, True


class AccountLocked(XError):
    """403: X wants nothing from this account until a person has unlocked it there."""

    reason, fault, passes = "locked", Fault.CHANNEL, True


class Refused(XError):
    """400 or 403: X does not want this, asking again won't help."""

    acted, other_form = Acted.RARELY, True


class Gone(XError):
    """404: the post is not there."""

    reason, acted = "gone", Acted.RARELY


class ClientRefused(XError):
    """X does not take our app's id and secret, so it said nothing about the token: every channel's renewal."""

    reason, fault, passes, acted = "client", Fault.APP, True, Acted.NO


class KeyLost(XError):
    """Our own key does not open the channel's token, so X was never asked: it may, once SECRET_KEY holds that key."""

    reason, fault, passes = "key", Fault.CHANNEL, True


class Forgotten(XError):
    """The channel was deleted while it was its turn, so X was never asked."""

    reason, fault = "disconnected", Fault.CHANNEL


class Unavailable(XError):
    """5xx, 408, a redirect, a page instead of X's own word: something failed. Whether X acted first is not known."""

    reason, fault, passes, acted = "x_down", Fault.WAY, True, Acted.MAYBE


class Garbled(XError):
    """X said yes in an answer that can't be read: cut, or not what X documents."""

    reason, fault, passes, acted = "x_down", Fault.WAY, True, Acted.MAYBE


class NoAnswer(XError):
    """The connection broke or timed out after the request left. Whether X acted is not known."""

    reason, fault, passes, acted = "x_down", Fault.WAY, True, Acted.MAYBE


class Unreachable(XError):
    """No connection: the request never left, so X has not acted."""

    reason, fault, passes = "x_down", Fault.WAY, True


def from_tweepy(error: tweepy.HTTPException) -> XError:
    """Name an HTTP refusal that tweepy met."""
    return from_response(error.response)


def from_response(response: requests.Response) -> XError:
    """Name any answer that is not 2xx."""
    status, detail = response.status_code, detail_of(response)
    if status == 401:
        return TokenRevoked(detail)
    if status == 402:
        return OutOfCredits(detail)
    if status == 429:
        return _limited(detail, response)
    if status < 400 or status == 408 or status >= 500 or body_of(response) is None:
        return Unavailable(detail)
    if status == 404:
        return Gone(detail)
    if status == 403 and _is_locked(response, detail):
        return AccountLocked(detail)
    if status == 403 and any(words in detail.lower() for words in SAID_TWICE):
        return Duplicate(detail)
    return Refused(detail)


def from_requests(error: requests.RequestException) -> XError:
    """Name a failure of the network, by whether the request can have reached X."""
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return Unreachable(type(error).__name__)
    return NoAnswer(type(error).__name__)


def _limited(detail: str, response: requests.Response) -> XError:
    """Whose limit is used up, and until when: the first three headers look fine while a day's is."""
    for limit, error in (("x-app-limit-24hour", AppDayFull), ("x-user-limit-24hour", ChannelDayFull)):
        if response.headers.get(f"{limit}-remaining", "").strip() == "0":
            return error(detail, reset_of(response, limit))
    body = body_of(response) or {}
    if str(body.get("type", "")).endswith("usage-capped") or body.get("title") == "UsageCapExceeded":
        return AppDayFull(detail)
    return RateLimited(detail, reset_of(response))


def _is_locked(response: requests.Response, detail: str) -> bool:
    body = body_of(response) or {}
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return any(source.get("code") in LOCKED for source in (body, first)) or any(
        words in detail.lower() for words in LOCKED_IN_WORDS
    )


def reset_of(response: requests.Response, limit: str = "x-rate-limit") -> datetime | None:
    """The moment named by the header of this limit, aware UTC; None where it names none, or one that no limit has."""
    value = response.headers.get(f"{limit}-reset", "")
    try:
        moment = datetime.fromtimestamp(int(value), UTC) if value.isdecimal() else None
    except (OverflowError, OSError, ValueError):
        return None
    return moment if moment is None or moment < answered_at(response) + LONGEST_LIMIT else None


def answered_at(response: requests.Response) -> datetime:
    """The moment of an answer by X's own clock, by which it names others; by this machine's where it does not say."""
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return datetime.now(UTC)


def detail_of(response: requests.Response) -> str:
    """X's sentence about what was wrong, out of any of the error bodies that it uses; at most 300 characters."""
    body = body_of(response)
    if body is None:
        return f"HTTP {response.status_code}"
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    for source in (body, first):
        for key in ("detail", "error_description", "message", "title", "error"):
            if isinstance(source.get(key), str) and source[key]:
                return storable(source[key][:300])
    return f"HTTP {response.status_code}"


def body_of(response: requests.Response) -> dict[str, Any] | None:
    """X's own word, which is always an object of JSON; None for a page of something on the way, or nothing."""
    try:
        body: Any = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _never_connected(error: requests.RequestException) -> bool:
    text = repr(error)
    return isinstance(error, requests.ConnectionError) and (
        "NewConnectionError" in text or "NameResolutionError" in text or "ConnectTimeoutError" in text
    )
