"""Calls to X on behalf of the app: its subscriptions and connections."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import tweepy

from engine.x import activity
from engine.x.billing import Paying, free
from engine.x.client import MOST_PAGES, Told, XSession, call, next_page, readable
from engine.x.errors import Duplicate, Garbled, Gone


@dataclass(frozen=True, slots=True)
class Subscription:
    """One activity subscription of the app, as X lists it."""

    subscription_id: str
    event_type: str
    user_id: str


class AppClient:
    """X as the app sees it, with its bearer token: subscriptions and connections. `told` and
    `paying`: as for XClient, of `ask`.
    """

    def __init__(self, session: XSession, bearer: str, told: Told | None = None, paying: Paying | None = None) -> None:
        self._client = tweepy.Client(bearer)
        self._client.session = session
        self._told, self._paying = told, paying or free

    def subscriptions(self) -> list[Subscription]:
        """Every activity subscription of the app. Raises XError, Garbled too where its pages have no end."""
        found: list[Subscription] = []
        params: dict[str, Any] = {"max_results": 1000}
        for _ in range(MOST_PAGES):
            body = call(self._client, "GET", activity.ROUTE, params=params)
            with readable():
                for item in body.get("data") or []:
                    user_id = str((item.get("filter") or {}).get("user_id", ""))
                    found.append(Subscription(str(item["subscription_id"]), str(item["event_type"]), user_id))
            token = next_page(body, params)
            if token is None:
                return found
            params = {**params, "pagination_token": token}
        raise Garbled("X's pages have no end")

    def subscribe(self, event_type: str, user_id: int) -> None:
        """Subscribe the app to a public event of somebody's. Raises NoRoom too."""
        with suppress(Duplicate), activity.telling_of_room():
            call(self._client, "POST", activity.ROUTE, json=activity.asked_for(event_type, user_id))

    def unsubscribe(self, subscription_id: str) -> None:
        """Delete a subscription; one that is gone already is fine."""
        with suppress(Gone):
            call(self._client, "DELETE", f"{activity.ROUTE}/{subscription_id}")

    def close_stale_watching(self) -> None:
        """The same for those of the filtered stream alone."""
        call(self._client, "DELETE", "/2/connections/filtered_stream")

    def close_stale_connections(self) -> None:
        """End every stream connection of the app: a process that died may still be counted as connected."""
        call(self._client, "DELETE", "/2/connections/all")

    def ask(self, method: str, route: str, **kwargs: Any) -> Mapping[str, Any]:
        """What X answers to a call, for who reads it elsewhere. Raises XError."""
        with self._paying(method, route, kwargs) as asked:
            body = call(self._client, method, route, **asked)
            if self._told is not None and method == "GET":
                self._told(route, body)
        return body
