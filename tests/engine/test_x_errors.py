"""The table of X's errors: what each answer is called, and what each error says to who asked."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import tweepy
from hypothesis import given
from hypothesis import strategies as st

from engine.x import errors, uploads
from engine.x.app import AppClient
from engine.x.client import MOST_PAGES, UserToken, XClient, XSession, call
from engine.x.errors import Acted, Fault, XError
from engine.x.signin import SCOPES, App, TokenPair, exchange, refresh
from tests.conftest import NOW

TABLE = {  # reason, fault, passes, acted, renews, holds, other form
    errors.TokenRevoked: ("token", Fault.CHANNEL, True, Acted.RARELY, True, False, False),
    errors.RateLimited: ("limit", Fault.CHANNEL, True, Acted.RARELY, False, True, False),
    errors.ChannelDayFull: ("channel_day", Fault.CHANNEL, True, Acted.RARELY, False, True, False),
    errors.AppDayFull: ("day_full", Fault.APP, True, Acted.RARELY, False, True, False),
    errors.AccountLocked: ("locked", Fault.CHANNEL, True, Acted.RARELY, False, True, False),
    errors.TakenForAutomated: ("automated", Fault.CHANNEL, True, Acted.RARELY, False, True, False),
    errors.AccessTooNarrow: ("narrow", Fault.CHANNEL, True, Acted.RARELY, False, True, False),
    errors.AppStopped: ("app_stopped", Fault.APP, True, Acted.RARELY, False, True, False),
    errors.MediaGone: ("media_gone", Fault.POST, False, Acted.RARELY, False, False, False),
    errors.OutOfCredits: ("credits", Fault.APP, True, Acted.RARELY, False, True, False),
    errors.OverBudget: ("budget", Fault.CHANNEL, True, Acted.NO, False, True, False),
    errors.Duplicate: ("duplicate", Fault.POST, False, Acted.RARELY, False, False, True),
    errors.Refused: ("refused", Fault.POST, False, Acted.RARELY, False, False, True),
    errors.NoRoom: ("no_room", Fault.POST, False, Acted.RARELY, False, False, False),
    errors.Gone: ("gone", Fault.POST, False, Acted.RARELY, False, False, False),
    errors.ClientRefused: ("client", Fault.APP, True, Acted.NO, False, True, False),
    errors.KeyLost: ("key", Fault.CHANNEL, True, Acted.NO, False, True, False),
    errors.Forgotten: ("disconnected", Fault.CHANNEL, False, Acted.NO, False, False, False),
    errors.Unavailable: ("x_down", Fault.WAY, True, Acted.MAYBE, False, False, False),
    errors.Garbled: ("x_down", Fault.WAY, True, Acted.MAYBE, False, False, False),
    errors.NoAnswer: ("x_down", Fault.WAY, True, Acted.MAYBE, False, False, False),
    errors.Unreachable: ("x_down", Fault.WAY, True, Acted.NO, False, False, False),
}
HTML = b"<html><body>Forbidden</body></html>"
REFUSALS = [  # status, body, what it is
    (301, b"", errors.Unavailable),
    (302, HTML, errors.Unavailable),
    (307, b"{}", errors.Unavailable),
    (400, {"detail": "One or more parameters to your request was invalid."}, errors.Refused),
    (400, HTML, errors.Unavailable),
    (401, {"title": "Unauthorized"}, errors.TokenRevoked),
    (401, b"", errors.TokenRevoked),
    (402, {"title": "CreditsDepleted"}, errors.OutOfCredits),
    (
        403,
        {"code": 326, "message": "To protect our users …, this account is temporarily locked."},
        errors.AccountLocked,
    ),
    (403, {"errors": [{"code": 326, "message": "Log in to unlock your account."}]}, errors.AccountLocked),
    (403, {"detail": "Your account is suspended and is not permitted to access this feature."}, errors.AccountLocked),
    (403, {"code": 226, "message": "This request looks like it might be automated."}, errors.TakenForAutomated),
    (403, {"errors": [{"code": 64, "message": "Your account is suspended."}]}, errors.AccountLocked),
    (403, {"detail": "To unlock your account, log in at x.com."}, errors.AccountLocked),
    (403, {"code": 185, "message": "User is over daily status update limit."}, errors.ChannelDayFull),
    (403, {"code": 344, "message": "You have reached your daily limit for sending Tweets."}, errors.ChannelDayFull),
    (403, {"code": 453, "message": "You currently have access to a subset of X API V2 endpoints"}, errors.AppStopped),
    (
        403,
        {
            "title": "Client Forbidden",
            "detail": "This request must be made using an approved developer account.",
            "reason": "client-not-enrolled",
            "type": "https://api.x.com/2/problems/client-forbidden",
        },
        errors.AppStopped,
    ),
    (
        403,
        {
            "title": "Forbidden",
            "detail": "Your client app is not configured with the appropriate oauth1 app permissions"
            " for this endpoint.",
            "type": "https://api.x.com/2/problems/oauth1-permissions",
        },
        errors.AccessTooNarrow,
    ),
    (
        403,
        {
            "title": "Unsupported Authentication",
            "detail": "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
            "type": "https://api.x.com/2/problems/unsupported-authentication",
        },
        errors.AccessTooNarrow,
    ),
    (400, {"errors": [{"message": "Your media IDs are invalid."}], "title": "Invalid Request"}, errors.MediaGone),
    (400, {"code": 324, "message": "The validation of media ids failed."}, errors.MediaGone),
    (404, {"detail": "Could not find media with id: [1]."}, errors.MediaGone),
    (400, {"detail": "Your media IDs do not go together."}, errors.Refused),
    (403, {"detail": "You have been blocked from retweeting this user's tweets at their request."}, errors.Refused),
    (403, {"detail": "Retweet is not permissible for this status."}, errors.Refused),
    (403, {}, errors.Unavailable),
    (404, {"title": "Not Found", "type": "about:blank", "status": 404}, errors.Unavailable),
    (404, {"detail": "Not Found", "resource_type": "endpoint", "title": "Not Found Error"}, errors.Unavailable),
    (404, {"detail": "Could not find tweet with id: [1].", "resource_type": "tweet"}, errors.Gone),
    (401, HTML, errors.Unavailable),
    (402, HTML, errors.Unavailable),
    (409, {"detail": "Conflict"}, errors.Unavailable),
    (420, {"title": "Enhance Your Calm"}, errors.RateLimited),
    (403, {"detail": "You are not permitted to perform this action."}, errors.Refused),
    (403, {"detail": "You are not allowed to create a Tweet with duplicate content."}, errors.Duplicate),
    (403, {"errors": [{"message": "You have already retweeted this Tweet."}]}, errors.Duplicate),
    (403, HTML, errors.Unavailable),
    (403, b"", errors.Unavailable),
    (403, ["a list"], errors.Unavailable),
    (404, {"errors": [{"detail": "Could not find tweet"}]}, errors.Gone),
    (404, HTML, errors.Unavailable),
    (408, {"title": "Request Timeout"}, errors.Unavailable),
    (413, {"title": "Payload Too Large"}, errors.Refused),
    (429, {"title": "Too Many Requests"}, errors.RateLimited),
    (429, HTML, errors.Unavailable),
    (500, {"title": "Internal Server Error"}, errors.Unavailable),
    (502, HTML, errors.Unavailable),
    (503, {"detail": "over capacity"}, errors.Unavailable),
    (504, b"", errors.Unavailable),
]


ABOUT = [  # what X says in a 403 or a 400, and whose it is
    # somebody else's account, or what they allow, is this post's trouble
    ({"errors": [{"code": 63, "message": "User has been suspended."}]}, errors.Refused),
    ({"detail": "The user account has been suspended and information cannot be retrieved."}, errors.Refused),
    ({"detail": "The account you are trying to retweet is suspended."}, errors.Refused),
    ({"detail": "You can't reply because the account owner has restricted who can reply."}, errors.Refused),
    ({"detail": "This user has restricted who can view their posts."}, errors.Refused),
    ({"detail": "Not authorized to use this feature: long posts need Premium."}, errors.Refused),
    ({"detail": "This account is restricted from being mentioned."}, errors.Refused),
    ({"detail": "Only accounts with access level Premium may post longer text."}, errors.Refused),
    # ours, in X's other words
    ({"detail": "The authenticated user account has been suspended."}, errors.AccountLocked),
    ({"detail": "Your account is temporarily limited from posting."}, errors.AccountLocked),
    ({"errors": [{"code": 231, "message": "User must verify login."}]}, errors.AccountLocked),
    ({"errors": [{"message": "Forbidden."}, {"code": 326, "message": "Log in."}]}, errors.AccountLocked),
    ({"errors": [{"code": "326", "message": "Log in."}]}, errors.AccountLocked),
    ({"errors": {"code": 326, "message": "Log in."}}, errors.AccountLocked),
    ({"error": {"code": 326, "message": "Log in."}}, errors.AccountLocked),
    ({"errors": ["This account is temporarily locked."]}, errors.AccountLocked),
    ({"detail": "You have reached the limit of posts for the last 24 hours."}, errors.ChannelDayFull),
    ({"detail": "User is over 24-hour post limit"}, errors.ChannelDayFull),
    ({"detail": "You have exceeded your daily tweet limit."}, errors.ChannelDayFull),
    # the app's
    ({"detail": "You currently have access to a subset of Twitter API V2 endpoints"}, errors.AppStopped),
    (
        {"title": "SpendCapReached", "detail": "Your account has reached its billing cycle spend cap."},
        errors.OutOfCredits,
    ),
    ({"title": "CreditsDepleted", "detail": "It does not have any credits to fulfill this."}, errors.OutOfCredits),
    ({"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Monthly product cap"}, errors.AppDayFull),
    # what passes, under the number of a refusal
    ({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, errors.RateLimited),
    ({"errors": [{"code": 89, "message": "Invalid or expired token."}]}, errors.TokenRevoked),
    ({"errors": [{"code": 32, "message": "Could not authenticate you."}]}, errors.TokenRevoked),
    ({"errors": [{"code": 130, "message": "Over capacity"}]}, errors.Unavailable),
    ({"errors": [{"code": 131, "message": "Internal error"}]}, errors.Unavailable),
    ({"detail": "An unknown error occurred. Please try again later."}, errors.Unavailable),
    # one of several
    ({"errors": [{"message": "odd"}, {"message": "Your media IDs are invalid."}]}, errors.MediaGone),
]
ELSEWHERE = [  # the same words under other numbers
    (401, {"errors": [{"code": 326, "message": "This account is temporarily locked."}]}, errors.AccountLocked),
    (401, {"errors": [{"code": 64, "message": "Your account is suspended."}]}, errors.AccountLocked),
    (429, {"title": "CreditsDepleted", "detail": "does not have any credits"}, errors.OutOfCredits),
    (429, {"detail": "You have exceeded your daily tweet limit."}, errors.ChannelDayFull),
    (503, {"title": "CreditsDepleted", "detail": "does not have any credits"}, errors.OutOfCredits),
    (404, {"errors": [{"code": 34, "message": "Sorry, that page does not exist."}]}, errors.Unavailable),
]


def answer(status: int, body: Any, headers: dict[str, str] | None = None) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.headers.update(headers or {})
    return response


class Answering(XSession):
    """X, giving one answer to everything or failing on the way to it."""

    def __init__(self, given: requests.Response | requests.RequestException) -> None:
        super().__init__("http://x")
        self._given = given

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if isinstance(self._given, requests.RequestException):
            raise self._given
        return self._given


def asked(given: requests.Response | requests.RequestException) -> XError:
    """What comes of a call that gets this answer."""
    client = tweepy.Client("token")
    client.session = Answering(given)
    with pytest.raises(XError) as met:
        call(client, "POST", "/2/tweets", json={"text": "hola"})
    return met.value


def kinds(kind: type[XError] = XError) -> set[type[XError]]:
    return {k for sub in kind.__subclasses__() for k in {sub, *kinds(sub)}}


def test_every_error_stands_in_the_table() -> None:
    assert {kind for kind in kinds() if kind.__module__ == XError.__module__} == set(
        TABLE
    )  # others' are what they inherit


@pytest.mark.parametrize("kind", TABLE)
def test_each_error_says_what_a_caller_needs(kind: type[XError]) -> None:
    error = kind("why")
    said = (error.reason, error.fault, error.passes, error.acted, error.renews, error.holds, error.other_form)
    assert said == TABLE[kind]
    assert error.detail == str(error) == "why"


@pytest.mark.parametrize("kind", TABLE)
def test_no_row_contradicts_itself(kind: type[XError]) -> None:
    error = kind()
    assert not (error.other_form and error.passes), "what passes is asked again, in the same form"
    assert not (error.renews and error.holds)
    assert error.acted is not Acted.MAYBE or error.passes, "what nobody knows is never final"
    assert error.fault is not Fault.POST or not error.passes, "what is wrong with a post stays wrong"
    assert error.fault is not Fault.WAY or error.passes, "X's own troubles end"


def test_it_is_tried_again_when_x_says_else_when_the_caller_thinks() -> None:
    reset = NOW + timedelta(minutes=7)
    assert errors.RateLimited("", reset).again_at(NOW, timedelta(minutes=1)) == reset
    for past_or_far in (NOW - timedelta(seconds=1), NOW, NOW + timedelta(hours=26)):
        assert errors.RateLimited("", past_or_far).again_at(NOW, timedelta(minutes=1)) == NOW + timedelta(minutes=1)
    nine_hours = NOW + timedelta(hours=9)
    assert errors.ChannelDayFull("", nine_hours).again_at(NOW, timedelta(minutes=1)) == nine_hours
    assert errors.AppDayFull("", NOW + timedelta(days=3)).named(NOW) is None
    assert errors.RateLimited("").again_at(NOW, timedelta(minutes=1)) == NOW + timedelta(minutes=1)
    assert errors.Unavailable("").again_at(NOW, timedelta(seconds=2)) == NOW + timedelta(seconds=2)


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
def test_each_answer_of_x_is_named_after_what_happened(status: int, body: Any, kind: type[XError]) -> None:
    error = errors.from_response(answer(status, body))
    assert type(error) is kind
    assert error.detail


def test_a_refusal_is_named_after_whose_it_is() -> None:
    cases = [*((status, body, kind) for body, kind in ABOUT for status in (400, 403)), *ELSEWHERE]
    found = [(s, b, type(errors.from_response(answer(s, b)))) for s, b, _ in cases]
    assert found == cases


def test_what_x_says_of_one_error_is_told_rather_than_what_it_says_of_all() -> None:
    whole = {"title": "Invalid Request", "detail": "One or more parameters to your request was invalid."}
    told = errors.detail_of(answer(400, whole | {"errors": [{"message": "Your text is too long."}]}))
    assert told == "Your text is too long."
    assert errors.detail_of(answer(400, whole)) == whole["detail"]
    assert errors.detail_of(answer(400, {"errors": [{"title": "odd"}], "detail": "It is so."})) == "It is so."


@pytest.mark.parametrize("left", ["0", " 0 ", "-1", "0, 0", "0.0"])
def test_a_day_that_is_over_is_read_however_it_is_written(left: str) -> None:
    reset = str(int(NOW.timestamp()) + 3600)
    error = errors.day_over(
        answer(201, {}, {"x-user-limit-24hour-remaining": left, "x-user-limit-24hour-reset": f"{reset}, {reset}"})
    )
    assert type(error) is errors.ChannelDayFull
    assert error.until is not None
    assert errors.day_over(answer(201, {}, {"x-user-limit-24hour-remaining": "0x"})) is None


@pytest.mark.parametrize(("status", "body", "kind"), REFUSALS)
def test_through_the_library_it_is_the_same(status: int, body: Any, kind: type[XError]) -> None:
    error = asked(answer(status, body))
    assert type(error) is kind
    assert (error.passes, error.acted) == (kind.passes, kind.acted)


@pytest.mark.parametrize("body", [b"", HTML, b'{"data": {"id": "12', b"[]", b"7"])
def test_a_yes_that_cannot_be_read_may_have_been_done(body: bytes) -> None:
    error = asked(answer(201, body))
    assert error.acted is Acted.MAYBE
    assert error.passes


@pytest.mark.parametrize(
    ("broke", "kind"),
    [
        (requests.ConnectTimeout(), errors.Unreachable),
        (requests.ConnectionError("NewConnectionError: refused"), errors.Unreachable),
        (requests.ConnectionError("NameResolutionError"), errors.Unreachable),
        (requests.ConnectionError("Connection aborted"), errors.NoAnswer),
        (requests.ReadTimeout(), errors.NoAnswer),
        (requests.exceptions.ChunkedEncodingError("IncompleteRead"), errors.NoAnswer),
    ],
)
def test_a_broken_way_is_named_by_whether_x_was_reached(broke: requests.RequestException, kind: type[XError]) -> None:
    assert type(asked(broke)) is kind


def client(body: Any) -> XClient:
    """X, which gives this good answer to everything."""
    return XClient(Answering(answer(200, body)), UserToken("token"))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"meta": {}},
        {"data": [], "meta": {"result_count": 3}},
        {"data": {}, "meta": {"result_count": 1}},
        {"errors": [{"title": "Service Unavailable"}]},
        {"errors": [{"resource_id": "5", "title": "Internal Error"}]},
        {"data": [{"id": "7"}]},
        {"data": [{"id": "7", "text": None}]},
    ],
)
def test_what_x_does_not_say_is_never_taken_for_a_no(body: Any) -> None:
    x = client(body)
    with pytest.raises(errors.Garbled):
        x.own_posts(1, NOW)
    with pytest.raises(errors.Garbled):
        x.still_there(5)
    with pytest.raises(errors.Garbled):
        x.people([5])


def test_what_x_says_that_it_has_not_is_a_no() -> None:
    for empty in ('{"meta": {"result_count": 0}}', '{"data": []}', '{"data": [], "meta": {"result_count": 0}}'):
        assert client(json.loads(empty)).own_posts(1, NOW) == []
    missing = {"errors": [{"resource_id": "5", "title": "Not Found Error"}, {"title": "Internal Error"}]}
    assert not client(missing).still_there(5)
    assert client(missing).people([5]) == {5: None}


@pytest.mark.parametrize(
    ("said", "scopes"),
    [
        ({}, SCOPES),
        ({"scope": ""}, SCOPES),
        ({"scope": ["tweet.read", "media.write"]}, "tweet.read media.write"),
        ({"scope": "tweet.read,media.write"}, "tweet.read media.write"),
    ],
)
def test_an_access_reaches_as_far_as_was_asked_for_where_x_does_not_say(said: dict[str, Any], scopes: str) -> None:
    app = App("id", "secret", "http://x/authorize", "http://us/back")
    session = Answering(answer(200, {"access_token": "a", "refresh_token": "r", **said}))
    assert exchange(session, app, "code", "verifier", NOW).scopes == scopes


@pytest.mark.parametrize("word", ["server_error", "temporarily_unavailable"])
def test_x_s_own_trouble_is_no_word_about_a_code(word: str) -> None:
    app = App("id", "secret", "http://x/authorize", "http://us/back")
    with pytest.raises(errors.Unavailable):
        exchange(Answering(answer(400, {"error": word})), app, "code", "verifier", NOW)


def test_a_reset_that_is_no_moment_is_none() -> None:
    for value in ("", "soon", "-1", "²", "9" * 30):
        error = errors.from_response(answer(429, {}, {"x-rate-limit-reset": value}))
        assert error.until is None, value
    error = errors.from_response(answer(429, {}, {"x-rate-limit-reset": "1790000000"}))
    assert error.until is not None
    assert error.until.timestamp() == 1790000000


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +1200", "never", ""])
def test_a_reset_is_read_whatever_x_s_own_clock_shows(date: str) -> None:
    for reset in ("1790000000", "253402300799", "0"):
        error = asked(answer(429, {}, {"x-rate-limit-reset": reset, "date": date}))
        assert type(error) is errors.RateLimited
        assert error.again_at(NOW, timedelta(minutes=1)) <= NOW + error.longest


DEEP = json.loads("[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": DEEP},
        {"data": {"id": "7", "processing_info": {"error": DEEP, "state": DEEP}}},
        {"data": {"id": "7", "processing_info": {"state": DEEP, "check_after_secs": DEEP}}},
        {"data": {"id": DEEP, "media_key": DEEP}},
        {"data": {"id": "9" * 30, "media_key": "\ud800\0"}},
    ],
)
def test_what_x_says_of_a_file_is_named_however_deep_it_is_wrapped(body: Any) -> None:
    with suppress(XError):
        assert uploads.media_at_x(body, NOW).media_id == 7


def test_subscriptions_with_ever_new_pages_have_an_end() -> None:
    class Endless(Answering):
        calls = 0

        def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
            self.calls += 1
            return answer(200, {"data": [], "meta": {"next_token": f"page-{self.calls}"}})

    endless = Endless(answer(200, {}))
    with pytest.raises(errors.Garbled, match="no end"):
        AppClient(endless, "bearer").subscriptions()
    assert endless.calls == MOST_PAGES


def test_a_pause_that_is_named_in_seconds_is_heard() -> None:
    at = {"date": "Thu, 26 Nov 2026 05:00:00 GMT"}
    error = errors.from_response(answer(429, {}, at | {"retry-after": "900"}))
    assert error.until == datetime(2026, 11, 26, 5, 15, tzinfo=UTC)
    for no_pause in ("0", "-5", "999999999", "soon", ""):
        assert errors.from_response(answer(429, {}, at | {"retry-after": no_pause})).until is None


def limits(**remaining: str) -> dict[str, str]:
    """Headers of X's: what remains of each limit; the first one resets in a quarter, the account's in 1, the app's in 2 h."""
    resets = {"x-rate-limit": 900, "x-user-limit-24hour": 3600, "x-app-limit-24hour": 7200}
    at = int(NOW.timestamp())
    shown = {name: remaining.get(name.split("-")[1], "7") for name in resets}
    return {f"{n}-remaining": r for n, r in shown.items()} | {f"{n}-reset": str(at + s) for n, s in resets.items()}


@pytest.mark.parametrize(
    ("remaining", "kind", "seconds"),
    [
        ({"rate": "0"}, errors.RateLimited, 900),
        ({"user": "0"}, errors.ChannelDayFull, 3600),
        ({"app": "0"}, errors.AppDayFull, 7200),
        ({"rate": "0", "user": "0"}, errors.ChannelDayFull, 3600),
        ({"rate": "0", "user": "0", "app": "0"}, errors.AppDayFull, 7200),
        ({}, errors.RateLimited, 900),
    ],
)
def test_a_limit_says_whose_it_is_and_until_when(remaining: dict[str, str], kind: type[XError], seconds: int) -> None:
    error = asked(answer(429, {"title": "Too Many Requests"}, limits(**remaining)))
    assert type(error) is kind
    assert error.until == NOW + timedelta(seconds=seconds)


def test_a_day_that_is_full_by_x_s_title_alone_is_the_app_s() -> None:
    body = {"title": "UsageCapExceeded", "type": "https://api.x.com/2/problems/usage-capped", "period": "Daily"}
    error = asked(answer(429, body))
    assert type(error) is errors.AppDayFull
    assert error.until is None


@given(st.integers(300, 599), st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["errors", "detail", "title", "message", "error"]), inner, max_size=4),
    max_leaves=8).map(lambda v: json.dumps(v).encode()))  # fmt: skip
def test_any_answer_gets_a_name_and_a_detail_of_bounded_length(status: int, body: bytes) -> None:
    error = errors.from_response(answer(status, body))
    assert type(error) in TABLE
    assert 0 < len(error.detail) <= 300
    assert error.acted is Acted.MAYBE or 400 <= status < 500


# --- the token endpoint --------------------------------------------------------------------------------------

APP = App("id", "secret", "https://x", "http://127.0.0.1/canales")


WORTHLESS = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
NO_HEADER = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
NOT_JSON = (b"", HTML, b"[]", b"7", b"null", b'{"access_token": "a", "expi', b"\xff\xfe", b"[" * 100_000)


def not_renewed(status: int, body: Any, headers: dict[str, str] | None = None) -> XError:
    with pytest.raises(XError) as met:
        refresh(Answering(answer(status, body, headers)), APP, "refresh-token", NOW)
    return met.value


@pytest.mark.parametrize(
    "body",
    [
        WORTHLESS,
        WORTHLESS | {"errors": [{"message": "Value passed for the token was invalid."}]},
        WORTHLESS | {"error_description": "VALUE PASSED FOR THE TOKEN WAS INVALID"},
        {"error": "invalid_grant"},
        {"error": "invalid_grant", "error_description": "The refresh token is expired."},
    ],
)
def test_xs_own_word_that_this_grant_is_dead_ends_a_sign_in(body: Any) -> None:
    assert type(not_renewed(400, body)) is errors.TokenRevoked


def test_no_other_answer_of_the_token_endpoint_says_anything_of_the_grant() -> None:
    for status in (*range(300, 309), *range(401, 452), *range(500, 512), 520, 522, 530, 599):
        for body in (WORTHLESS, {"error": "invalid_grant"}, {"detail": "Forbidden"}, {}, *NOT_JSON):
            error = not_renewed(status, body)
            assert (error.passes, error.renews) == (True, False), (status, body)
    for word in ("invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type", "server_error",
                 "temporarily_unavailable", "slow_down", "access_denied", "", None, 7, ["invalid_grant"]):  # fmt: skip
        error = not_renewed(400, {"error": word, "error_description": "no"})
        assert (error.passes, error.renews) == (True, False), word
    for missing in ("Missing required parameter [client_id].", "Value passed for the client id was invalid.",
                    "Value passed for the redirect uri was invalid.", "Value passed for the token type was invalid."):  # fmt: skip
        error = not_renewed(400, {"error": "invalid_request", "error_description": missing})
        assert (error.passes, error.renews) == (True, False), missing
    for body in NOT_JSON:
        assert not_renewed(400, body).passes
        assert type(not_renewed(200, body)) is errors.Garbled
    assert type(not_renewed(200, {"token_type": "bearer", "expires_in": 7200})) is errors.Garbled
    no_tokens: tuple[Any, ...] = ("", None, 7, [], "bad\ntoken", "ñ")
    for token in no_tokens:
        assert type(not_renewed(200, {"access_token": token})) is errors.Garbled, token


@pytest.mark.parametrize(
    ("status", "word"), [(400, "invalid_client"), (401, "invalid_client"), (401, "unauthorized_client")]
)
def test_a_wrong_client_is_named_as_ours(status: int, word: str) -> None:
    assert type(not_renewed(status, NO_HEADER | {"error": word})) is errors.ClientRefused


def test_a_limit_of_the_token_endpoint_says_until_when() -> None:
    error = not_renewed(429, {}, {"x-rate-limit-reset": str(int(NOW.timestamp()) + 60)})
    assert (type(error), error.until) == (errors.RateLimited, NOW + timedelta(minutes=1))


def renewed(**body: Any) -> TokenPair:
    return refresh(Answering(answer(200, {"token_type": "bearer", **body})), APP, "refresh-token", NOW)


@pytest.mark.parametrize(
    "odd", [None, 0, -1, -7200, "", "soon", "0", "9" * 40, 10**12, 251_000_000_000, True, [], {}, 1e300]
)
def test_tokens_are_kept_whatever_stands_beside_them(odd: Any) -> None:
    pair = renewed(access_token="a", refresh_token="r", expires_in=odd)
    assert (pair.access, pair.refresh, pair.expires_at) == ("a", "r", NOW + timedelta(hours=2))
    assert renewed(access_token="a", scope=odd).scopes in ("", "soon", "0", "9" * 40)


@pytest.mark.parametrize(
    ("said", "seconds"), [(30, 30), (7200, 7200), ("7200", 7200), (3600.5, 3600), (86_400, 86_400)]
)
def test_a_life_that_can_be_is_believed(said: Any, seconds: int) -> None:
    assert renewed(access_token="a", expires_in=said).expires_at == NOW + timedelta(seconds=seconds)


def test_a_refresh_token_that_comes_alone_is_kept_as_the_old_one_is_used_up() -> None:
    assert (renewed(refresh_token="r").access, renewed(refresh_token="r").refresh) == ("", "r")
    with pytest.raises(errors.Garbled):
        exchange(Answering(answer(200, {"refresh_token": "r"})), APP, "code", "verifier", NOW)


def test_the_token_endpoint_has_a_minute_for_its_answer() -> None:
    class Patient(Answering):
        timeout: Any = None

        def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
            self.timeout = kwargs["timeout"]
            return super().send(request, **kwargs)

    patient = Patient(answer(200, {"access_token": "a"}))
    refresh(patient, APP, "refresh-token", NOW)
    assert patient.timeout == (5.0, 60.0)


def test_a_code_that_x_does_not_know_is_refused() -> None:
    body = {"error": "invalid_request", "error_description": "Value passed for the authorization code was invalid."}
    with pytest.raises(errors.Refused):
        exchange(Answering(answer(400, body)), APP, "code", "verifier", NOW)
