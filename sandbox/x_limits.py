"""How often X may be asked, by account and app, in a quarter of an hour and in a day.

Source: docs/x-and-telegram.md, "Speaking".
"""

import time
from dataclasses import dataclass, field

from sandbox.x_refusals import Denied, limited

WINDOW_S, DAY_S = 900, 86_400
LIMITS = {
    "POST /2/tweets": 100,
    "DELETE /2/tweets/{id}": 50,
    "POST /2/users/{id}/retweets": 50,
    "DELETE /2/users/{id}/retweets/{source_tweet_id}": 50,
    "GET /2/users/{id}/tweets": 900,
    "GET /2/users/{id}/mentions": 300,
    "GET /2/dm_events": 15,
    "POST /2/dm_conversations/with/{participant_id}/messages": 15,
    "GET /2/users/me": 75,
    "GET /2/tweets": 900,
    "GET /2/users": 900,
    "POST /2/activity/subscriptions": 500,
    "GET /2/activity/subscriptions": 500,
    "GET /2/tweets/search/stream": 50,
    "GET /2/tweets/search/stream/rules": 450,
    "POST /2/tweets/search/stream/rules": 100,
    "GET /2/tweets/search/recent": 300,
    "GET /2/lists/{id}/tweets": 900,
    "GET /2/users/{id}/owned_lists": 15,
    "GET /2/users/{id}/timelines/reverse_chronological": 180,
    "GET /2/users/by": 900,
    "GET /2/users/by/username/{username}": 900,
}
#: Where the app itself, by its bearer token, may ask more or less often than an account.
BEARER_LIMITS = {
    "GET /2/tweets/search/recent": 450,
    "GET /2/users/by": 300,
    "GET /2/users/by/username/{username}": 300,
}
APP_LIMITS = {"GET /2/users/{id}/mentions": 450}
#: Public keys of X Chat may be registered a few times a day; how often exactly X does not say.
KEYS_ROUTE, KEYS_DAY = "POST /2/users/{id}/public_keys", 5
#: Posts a day: of one account (X's help pages) and of the whole app.
DAY_ROUTE, USER_DAY, APP_DAY = "POST /2/tweets", 2_400, 10_000


@dataclass
class Window:
    started: float
    used: int = 0


@dataclass
class Limits:
    """What is used up. `on`: whether X refuses then; it counts in any case."""

    on: bool = True
    user_day: int = USER_DAY
    app_day: int = APP_DAY
    _windows: dict[tuple[str, str], Window] = field(default_factory=dict)

    def spend(self, route: str, user_id: int | None) -> dict[str, str]:
        """Count a call of an account, or of the app (None); the headers of its answer. Raises Denied (429)."""
        who = str(user_id) if user_id is not None else "app"
        limit = LIMITS.get(route, 900)
        if user_id is None:
            limit = BEARER_LIMITS.get(route, limit)
        used, reset = self._count(route, who, WINDOW_S)
        headers = _headers("x-rate-limit", limit, used, reset)
        over = used > limit
        if user_id is not None and route in APP_LIMITS:
            over |= self._count(route, "whole app", WINDOW_S)[0] > APP_LIMITS[route]
        if user_id is not None and route == DAY_ROUTE:
            mine, my_reset = self._count(route, f"{who} a day", DAY_S)
            ours, our_reset = self._count(route, "whole app a day", DAY_S)
            headers |= day_headers("user", self.user_day, mine, my_reset)
            headers |= day_headers("app", self.app_day, ours, our_reset)
            over |= mine > self.user_day or ours > self.app_day
        if user_id is not None and route == KEYS_ROUTE:
            mine, my_reset = self._count(route, f"{who} a day", DAY_S)
            headers |= day_headers("user", KEYS_DAY, mine, my_reset)
            over |= mine > KEYS_DAY
        if self.on and over:
            raise limited(headers)
        return headers

    def _count(self, route: str, who: str, seconds: int) -> tuple[int, int]:
        """How much is used with this call, and when it begins anew (Unix seconds)."""
        at = time.time()
        window = self._windows.get((route, who))
        if window is None or at - window.started >= seconds:
            window = self._windows[route, who] = Window(at)
        window.used += 1
        return window.used, int(window.started + seconds) + 1


def day_headers(whose: str, limit: int, used: int, reset: int) -> dict[str, str]:
    """`whose` is `user` or `app`."""
    return _headers(f"x-{whose}-limit-24hour", limit, used, reset)


def used_up_quarter(seconds: float) -> Denied:
    """What the fault says: the quarter of an hour is used up, and begins anew so many seconds from now."""
    return limited(_headers("x-rate-limit", 50, 50, int(time.time() + seconds)))


def used_up_day(whose: str, seconds: float) -> Denied:
    """What the fault says: the day is used up, while the first three headers look fine."""
    reset = int(time.time() + seconds)
    limit = USER_DAY if whose == "user" else APP_DAY
    fine = _headers("x-rate-limit", 100, 3, int(time.time()) + WINDOW_S)
    return limited({**fine, **day_headers(whose, limit, limit, reset)})


def _headers(name: str, limit: int, used: int, reset: int) -> dict[str, str]:
    return {f"{name}-limit": str(limit), f"{name}-remaining": str(max(0, limit - used)), f"{name}-reset": str(reset)}
