"""What X can answer besides yes, named after what happened; each error says what who asked needs to know.

The classes are the table, and the only one: whoever meets an error asks it whether it may pass, until when, whether X
may have acted, and whose fault it is. Source: docs/x-and-telegram.md, "Speaking" and "When X fails".
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, ClassVar

import requests

from engine.text import storable
from engine.x import refusals as said

LONGEST_LIMIT = timedelta(hours=36)  # no limit of X's is longer: what names a later moment names none


class Fault(StrEnum):
    """Whose an error is, so who else meets the same now."""

    POST = "post"  # what was asked for: nothing else is touched by it
    CHANNEL = "channel"  # this channel: whatever it asks
    APP = "app"  # our app: every channel
    WAY = "way"  # X's machines, or the way there: whoever passes


class Acted(StrEnum):
    """Whether X may have done what it was asked. Where it may, that is read back before anything is told or tried."""

    NO = "no"  # it was never asked
    MAYBE = "maybe"  # no good answer came
    RARELY = "rarely"  # X says that it has not; now and then it says so after it has


class XError(Exception):
    """Anything that X or the way to it did wrong. `detail` is X's own sentence, safe to show.

    `reason` is the word under which it is stored. `passes`: the same may succeed later, from `until` on (aware UTC)
    where X named a moment, which is believed if it is no more than `longest` away. `renews`: with a new token.
    `other_form`: X wants none of this form, maybe another. `day_over`: what the same answer says of a day's limit.
    `lost`: what X said is, so it has acted, and billed it, as a rule.
    """

    reason: ClassVar[str] = "refused"
    fault: ClassVar[Fault] = Fault.POST
    passes: ClassVar[bool] = False
    acted: ClassVar[Acted] = Acted.RARELY
    longest: ClassVar[timedelta] = timedelta(hours=25)  # no limit of X's is longer than a day
    renews: ClassVar[bool] = False
    other_form: ClassVar[bool] = False
    lost: ClassVar[bool] = False

    def __init__(self, detail: str = "", until: datetime | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.until = until
        self.day_over: XError | None = None

    @property
    def holds(self) -> bool:
        """Whether it is of no use that the channel asks for anything else until this has passed."""
        return self.passes and not self.renews and self.fault in (Fault.CHANNEL, Fault.APP)

    def again_at(self, now: datetime, otherwise: timedelta) -> datetime:
        """When to try again: at the moment that X named, if that can be one, else after this time."""
        return self.named(now) or now + otherwise

    def named(self, now: datetime) -> datetime | None:
        """The moment that X named; None for none, one that has passed, or one further away than any limit."""
        until = self.until
        return until if until is not None and now < until <= now + self.longest else None


class TokenRevoked(XError):
    """401: the token is dead; a renewed one may live, else only the person can bring the access back."""

    reason, fault, passes, renews = "token", Fault.CHANNEL, True, True


class RateLimited(XError):
    """429: no more of this channel until `until` (None where X named no moment)."""

    reason, fault, passes = "limit", Fault.CHANNEL, True


class ChannelDayFull(XError):
    """429, or what a good answer's headers say: the account's posts of the day are used up until `until`."""

    reason, fault, passes = "channel_day", Fault.CHANNEL, True


class AppDayFull(XError):
    """The same of the app's posts of the day, for every channel."""

    reason, fault, passes = "day_full", Fault.APP, True


class OutOfCredits(XError):
    """402: calls fail until someone pays."""

    reason, fault, passes = "credits", Fault.APP, True


class AppStopped(XError):
    """403: X lets the app do nothing of the kind: its plan, its project, its suspension."""

    reason, fault, passes = "app_stopped", Fault.APP, True


class Duplicate(XError):
    """403: X has this text of this account already, or this repost."""

    reason, other_form = "duplicate", True


class AccountLocked(XError):
    """403: X wants nothing from this account until a person has unlocked it there."""

    reason, fault, passes = "locked", Fault.CHANNEL, True


class TakenForAutomated(XError):
    """403: X takes what the account does for a machine's, and wants a pause."""

    reason, fault, passes = "automated", Fault.CHANNEL, True


class AccessTooNarrow(XError):
    """403: the channel's access does not reach this; it must be signed in anew, with more permissions."""

    reason, fault, passes = "narrow", Fault.CHANNEL, True


class Refused(XError):
    """400 or 403: X's own words say that it does not want this; asking again won't help."""

    other_form = True


class MediaGone(XError):
    """400: X no longer has, or does not know, what the post shows: it is to be brought there once more."""

    reason = "media_gone"


class NoRoom(XError):
    """The app has as many subscriptions as X lets it have: this one is wanted when another has gone."""

    reason = "no_room"


class Gone(XError):
    """404: X's own words say that the post is not there."""

    reason = "gone"


class ClientRefused(XError):
    """X does not take our app's id and secret, so it said nothing about the token: every channel's renewal."""

    reason, fault, passes, acted = "client", Fault.APP, True, Acted.NO


class KeyLost(XError):
    """Our own key does not open the channel's token, so X was never asked: it may, once SECRET_KEY holds that key."""

    reason, fault, passes, acted = "key", Fault.CHANNEL, True, Acted.NO


class Forgotten(XError):
    """The channel was deleted while it was its turn, so X was never asked."""

    reason, fault, acted = "disconnected", Fault.CHANNEL, Acted.NO


class OverBudget(XError):
    """No budget pays for it any more, or not before `until`: X was never asked."""

    reason, fault, passes, acted = "budget", Fault.CHANNEL, True, Acted.NO


class Unavailable(XError):
    """5xx, 408, a redirect, a page instead of X's own word: something failed. Whether X acted first is not known."""

    reason, fault, passes, acted = "x_down", Fault.WAY, True, Acted.MAYBE


class Garbled(XError):
    """X said yes in an answer that can't be read: cut, or not what X documents."""

    reason, fault, passes, acted, lost = "x_down", Fault.WAY, True, Acted.MAYBE, True


class NoAnswer(XError):
    """The connection broke or timed out after the request left. Whether X acted is not known."""

    reason, fault, passes, acted, lost = "x_down", Fault.WAY, True, Acted.MAYBE, True


class Unreachable(XError):
    """No connection: the request never left, so X has not acted."""

    reason, fault, passes, acted = "x_down", Fault.WAY, True, Acted.NO


def of_reason(reason: str) -> type[XError] | None:
    """The error that is stored under this word; None where the word is ours."""
    return next((kind for kind in XError.__subclasses__() if kind.reason == reason), None)


def from_response(response: requests.Response) -> XError:
    """Name any answer that is not 2xx. What is not X's own word, in its JSON and with a sentence, is no refusal."""
    status, detail = response.status_code, detail_of(response)
    if body_of(response) is None and response.content:
        return Unavailable(detail)  # a page of something on the way, whatever its status
    if status == 402:
        return OutOfCredits(detail)
    if status in (420, 429):
        return _limited(detail, response)
    about = _about(response)
    if status == 401:
        return about(detail) if about in (AccountLocked, AppStopped) else TokenRevoked(detail)
    if about is OutOfCredits:
        return OutOfCredits(detail)  # X has said it with a 503, too
    if status not in ITS_OWN_WORD or not sentence_of(response):
        return Unavailable(detail)
    if about is not None:
        return about(detail, reset_of(response) if about is RateLimited else None)
    return _not_there(detail, response) if status == 404 else Refused(detail)


def said_by(response: requests.Response) -> XError:
    """The same, with what its headers say of the limits of a day."""
    error = from_response(response)
    error.day_over = day_over(response)
    return error


def _about(response: requests.Response) -> type[XError] | None:
    """Whose a refusal is by X's numbers and words: the account's, the app's, X's own; None where it is this post's."""
    numbers, words = _numbers_of(response), _words_of(response)
    found = (error for known, in_words, error in BY_WORDS if numbers.intersection(known) or in_words.search(words))
    return next(found, None)


def _not_there(detail: str, response: requests.Response) -> XError:
    """A 404: of the post, where X says so; else it is what X is asked by, in an outage."""
    named = [str(source.get("resource_type", "")) for source in _sources(response)]
    thing = any(kind not in ("", "endpoint") for kind in named)
    gone = thing or _numbers_of(response).intersection(said.GONE) or said.GONE_IN_WORDS.search(_words_of(response))
    return Gone(detail) if gone else Unavailable(detail)


def from_requests(error: requests.RequestException) -> XError:
    """Name a failure of the network, by whether the request can have reached X."""
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return Unreachable(type(error).__name__)
    return NoAnswer(type(error).__name__)


def _limited(detail: str, response: requests.Response) -> XError:
    """Whose limit is used up, and until when: the first three headers look fine while a day's is."""
    day = day_over(response, detail)
    if day is not None:
        return day
    about = _about(response)
    if about in (AppDayFull, ChannelDayFull, OutOfCredits):
        return about(detail)
    return RateLimited(detail, reset_of(response) or _retry_after(response))


DayOver = ChannelDayFull | AppDayFull


def day_over(response: requests.Response, detail: str = "") -> DayOver | None:
    """What any answer's headers say of the limits of a day, a good one's too: whose is used up, if one is."""
    days: tuple[tuple[str, type[DayOver]], ...] = (
        ("x-app-limit-24hour", AppDayFull),
        ("x-user-limit-24hour", ChannelDayFull),
    )
    for limit, error in days:
        left = figure(response.headers.get(f"{limit}-remaining", ""))
        if left is not None and left <= 0:
            return error(detail, reset_of(response, limit))
    return None


def reset_of(response: requests.Response, limit: str = "x-rate-limit") -> datetime | None:
    """The moment named by the header of this limit, aware UTC; None where it names none, or one that no limit has."""
    value = figure(response.headers.get(f"{limit}-reset", ""))
    try:
        moment = datetime.fromtimestamp(value, UTC) if value is not None and value > 0 else None
        return moment if moment is None or moment - answered_at(response) < LONGEST_LIMIT else None
    except (OverflowError, OSError, ValueError):
        return None


def _retry_after(response: requests.Response) -> datetime | None:
    """The moment that an answer names by its seconds from now, as machines before X's do (RFC 9110, 10.2.3)."""
    seconds = figure(response.headers.get("retry-after", ""))
    within = seconds is not None and 0 < seconds < LONGEST_LIMIT.total_seconds()
    return answered_at(response) + timedelta(seconds=seconds or 0) if within else None


def figure(header: str) -> int | None:
    """The whole number that a header names, be it in decimals or twice; None for none."""
    found = re.match(r"\s*(-?[0-9]{1,18})(\.[0-9]*)?\s*(,|$)", header)
    return int(found[1]) if found else None


def answered_at(response: requests.Response) -> datetime:
    """The moment of an answer by X's own clock, by which it names others; by this machine's where it does not say."""
    try:
        return parsedate_to_datetime(response.headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return datetime.now(UTC)


def detail_of(response: requests.Response) -> str:
    """X's sentence about what was wrong, or the status; at most 300 characters."""
    return sentence_of(response) or f"HTTP {response.status_code}"


def sentence_of(response: requests.Response) -> str:
    """X's sentence about what was wrong, out of any of the error bodies that it uses; empty where there is none.

    What it says of one error tells more than what it says of all of them.
    """
    *each, whole = _sources(response) or [{}]
    for sources, keys in ((each, SENTENCES), ([whole], SENTENCES), ([*each, whole], TITLES)):
        for source in sources:
            for key in keys:
                if isinstance(source.get(key), str) and source[key]:
                    return storable(source[key][:300])
    return ""


def _sources(response: requests.Response) -> list[dict[str, Any]]:
    """What speaks of an error in X's own word: each of its errors, however they are wrapped, and the body itself."""
    body = body_of(response)
    return [] if body is None else [*_errors_in(body), body]


def _errors_in(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for wrapped in (body.get("errors"), body.get("error"), body.get("detail")):
        for error in wrapped if isinstance(wrapped, list) else [wrapped]:
            if isinstance(error, dict):
                yield error
            elif isinstance(error, str) and isinstance(wrapped, list):
                yield {"message": error}


def _numbers_of(response: requests.Response) -> set[int]:
    codes = (str(source.get("code", "")) for source in _sources(response))
    return {int(code) for code in codes if code.isascii() and code.isdecimal() and len(code) < 9}


def _words_of(response: requests.Response) -> str:
    keys = ("type", "reason", *SENTENCES, *TITLES)
    words = [source[k] for source in _sources(response) for k in keys if isinstance(source.get(k), str)]
    return "\n".join(words).lower()


def body_of(response: requests.Response) -> dict[str, Any] | None:
    """X's own word, which is always an object of JSON; None for a page of something on the way, or nothing."""
    try:
        body: Any = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


#: The statuses that X itself refuses with.
ITS_OWN_WORD = (400, 403, 404, 410, 413, 415, 422)
SENTENCES, TITLES = ("detail", "error_description", "message"), ("title", "error")
BY_WORDS: tuple[tuple[tuple[int, ...], "re.Pattern[str]", type[XError]], ...] = (
    (said.LOCKED, said.LOCKED_IN_WORDS, AccountLocked),
    (said.AUTOMATED, said.AUTOMATED_IN_WORDS, TakenForAutomated),
    (said.DAY_OVER, said.DAY_OVER_IN_WORDS, ChannelDayFull),
    (said.CREDITS, said.CREDITS_IN_WORDS, OutOfCredits),
    ((), said.USED_UP_IN_WORDS, AppDayFull),
    (said.APP_STOPPED, said.APP_STOPPED_IN_WORDS, AppStopped),
    (said.NARROW, said.NARROW_IN_WORDS, AccessTooNarrow),
    (said.NO_ACCESS, said.NO_ACCESS_IN_WORDS, TokenRevoked),
    (said.LIMITED, said.LIMITED_IN_WORDS, RateLimited),
    (said.SAID_TWICE, said.SAID_TWICE_IN_WORDS, Duplicate),
    (said.NO_MEDIA, said.NO_MEDIA_IN_WORDS, MediaGone),
    (said.ILL, said.ILL_IN_WORDS, Unavailable),
)


def _never_connected(error: requests.RequestException) -> bool:
    text = repr(error)
    return isinstance(error, requests.ConnectionError) and (
        "NewConnectionError" in text or "NameResolutionError" in text or "ConnectTimeoutError" in text
    )
