"""Calls to X on behalf of one channel, through tweepy.

tweepy writes its host into every call and has no timeout of its own; `XSession` gives it both. Its debug log
would show tokens, so it is kept quiet. No call here waits for a rate limit or retries: the caller decides.
"""

import base64
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.request import getproxies

import requests
import tweepy
from requests_oauthlib import OAuth1

from engine.media import MediaKind, category
from engine.x import activity, errors, seen
from engine.x.billing import Paying, free
from engine.x.errors import Duplicate, Garbled
from engine.x.events import UNREADABLE, Account, Page, Person, dms_of_page, mentions_of_page, users_of, x_id_of
from engine.x.in_time import InTime, over_within
from engine.x.shown import OwnPost, Shown
from engine.x.uploads import MediaAtX, media_at_x

logging.getLogger("tweepy").setLevel(logging.INFO)

WRITTEN_HOSTS = re.compile(r"^https://(?:api\.)?(?:twitter|x)\.com(?=/)")
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 12.0
SLOWEST = 50_000  # bytes a second that X takes of a file at least
MENTION_FIELDS = "created_at,entities,note_post,possibly_sensitive,attachments,display_text_range"
Told = Callable[[str, Mapping[str, Any]], None]  # the route and X's answer, whatever becomes of it
MAX_IDS = 100
NOT_HAD = re.compile(r"not[- ]found|not[- ]authorized|authorization error|forbidden|gone|suspended")
MOST_PAGES = 100  # of one reading: X shows 3,200 posts of an account at most
POOL = 16


def warm_connections(most: int) -> InTime:
    """Connections that stay open between calls, for as many threads at once; a call is never sent twice by itself."""
    return InTime(pool_connections=4, pool_maxsize=most, max_retries=0)


class XSession(requests.Session):
    """A requests session that goes to `api_url` wherever the library wrote a host, and always has a timeout.

    `connections`: those that several sessions share, each of a thread of its own; without, it has its own.
    `before_call` is called before each request: X may take seconds, and nothing should be held meanwhile. `clock`: the
    seconds since 1970 that OAuth 1.0a signs, of which X takes none that is minutes off. `within_s`: how long a call may
    take in all, but for a stream, and longer for what is large.
    """

    def __init__(
        self, api_url: str, connections: InTime | None = None, before_call: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.time, within_s: float = CONNECT_TIMEOUT_S + READ_TIMEOUT_S,
    ) -> None:  # fmt: skip
        super().__init__()
        self.api_url = api_url.rstrip("/")
        self._before_call, self._clock, self._within_s = before_call, clock, within_s
        self.answered: requests.Response | None = None  # the last answer, if one came
        self.proxies.update(getproxies())
        self.trust_env = False  # read once here, not anew for every call
        adapter = connections or warm_connections(POOL)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        if kwargs.get("stream"):
            return super().send(request, **kwargs)
        with over_within(self._within_s + int(request.headers.get("Content-Length") or 0) / SLOWEST):
            return super().send(request, **kwargs)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", (CONNECT_TIMEOUT_S, READ_TIMEOUT_S))
        kwargs["allow_redirects"] = False
        if self._before_call is not None:
            self._before_call()
        if isinstance(signed := kwargs.get("auth"), OAuth1):
            signed.client.timestamp = str(int(self._clock()))
        self.answered = None
        self.answered = super().request(method, WRITTEN_HOSTS.sub(self.api_url, url), *args, **kwargs)
        seen.note(self.answered)
        return self.answered


@dataclass(frozen=True, slots=True)
class UserToken:
    """An OAuth 2.0 access token of a channel."""

    access: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class UserTokenPair:
    """OAuth 1.0a: the app's consumer pair and the account's access pair. Does not expire."""

    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    access: str = field(repr=False)
    access_secret: str = field(repr=False)


class XClient:
    """X as one channel sees it. Every method raises an XError of engine.x.errors.

    `answered` is called after each good answer, before that `told` with it, where X was asked for something: what it
    shows it bills (engine/x/billing.py). `paying` is asked before each call, and holds until that is written down.
    `day_over`: what the last one says of a day's limit that ends with it.
    """

    def __init__(
        self, session: XSession, token: UserToken | UserTokenPair, answered: Callable[[], None] | None = None,
        told: Told | None = None, paying: Paying | None = None,
    ) -> None:  # fmt: skip
        self.day_over: errors.DayOver | None = None
        self._session = session
        self._user_auth = isinstance(token, UserTokenPair)
        self._client = _tweepy_client(session, token)
        self._answered, self._told, self._paying = answered, told, paying or free

    def me(self) -> Account:
        """Who the token belongs to. A paid, limited call: once, at sign-in."""
        body = self._call("GET", "/2/users/me", params={"user.fields": "name,username"})
        with readable():
            return Account.from_wire(_data(body))

    def post(self, text: str, *, answers: int | None = None, media_ids: Sequence[int] = ()) -> int:
        """Create a post, maybe as an answer, maybe with what was uploaded; the id X gave it."""
        body: dict[str, Any] = {"text": text} if text or not media_ids else {}
        if answers is not None:
            body["reply"] = {"in_reply_to_tweet_id": str(answers)}
        if media_ids:
            body["media"] = {"media_ids": [str(i) for i in media_ids]}
        return _id(self._call("POST", "/2/tweets", json=body))

    def begin_upload(self, kind: MediaKind, mime: str, size: int, *, still: bool = False) -> int:
        """Open an upload of `size` bytes; X's id of it. `still`: a GIF that does not move."""
        body = {"media_category": category(kind, still=still), "media_type": mime, "total_bytes": size}
        return _id(self._call("POST", "/2/media/upload/initialize", json=body))

    def append_upload(self, media_id: int, segment: int, chunk: bytes) -> None:
        """Send one piece, the segments counted from 0."""
        body = {"media": base64.b64encode(chunk).decode(), "segment_index": segment}
        self._call("POST", f"/2/media/upload/{media_id}/append", json=body)

    def finish_upload(self, media_id: int, now: datetime) -> MediaAtX:
        """All pieces are there. Raises Refused where X can't use the file."""
        return media_at_x(self._call("POST", f"/2/media/upload/{media_id}/finalize"), now)

    def upload_state(self, media_id: int, now: datetime) -> MediaAtX:
        """How far X is with a file. Raises Refused where it can't use it."""
        params = {"media_id": str(media_id), "command": "STATUS"}
        return media_at_x(self._call("GET", "/2/media/upload", params=params), now)

    def describe(self, media_id: int, alt: str) -> None:
        """Give a file its description for who can't see it."""
        body = {"id": str(media_id), "metadata": {"alt_text": {"text": alt}}}
        self._call("POST", "/2/media/metadata", json=body)

    def repost(self, user_id: int, post_id: int) -> None:
        """Native retweet. Asking again is harmless: "already retweeted" is yes."""
        try:
            body = self._call("POST", f"/2/users/{user_id}/retweets", json={"tweet_id": str(post_id)})
        except Duplicate:
            return
        _is(body, retweeted=True)

    def delete_post(self, post_id: int) -> None:
        """Delete a post of ours. Raises Gone where X has it no longer, or not yet."""
        _is(self._call("DELETE", f"/2/tweets/{post_id}"), deleted=True)

    def undo_repost(self, user_id: int, post_id: int) -> None:
        """Take a native retweet back. Raises Gone where X has it no longer, or not yet."""
        _is(self._call("DELETE", f"/2/users/{user_id}/retweets/{post_id}"), retweeted=False)

    def own_posts(self, user_id: int, since: datetime, *, reposts: bool = False) -> list[OwnPost]:
        """All of the channel's own posts created at `since` (aware UTC) or later, newest first: owned reads.

        `reposts`: its native reposts too.
        """
        params = {
            "max_results": 100,
            "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "post.fields": "created_at,attachments,entities",
        }
        params |= {"expansions": "referenced_posts"} if reposts else {"exclude": "retweets"}
        found: list[OwnPost] = []
        for body in self._pages(f"/2/users/{user_id}/tweets", params):
            with readable():  # none is left out: it may be the one that is looked for
                found += [OwnPost.from_wire(p) for p in body.get("data") or []]
        return found

    def mentions(self, user_id: int, *, since_id: int, now: datetime) -> Iterator[Page]:
        """Mentions after `since_id`, newest first, read now."""
        params: dict[str, Any] = {
            "max_results": 100,
            "post.fields": MENTION_FIELDS,
            "expansions": "author_id,referenced_posts,edit_history_post_ids,in_reply_to_user_id",
            "user.fields": "name,username,protected",
            "since_id": str(since_id),
        }
        for body in self._pages(f"/2/users/{user_id}/mentions", params):
            yield mentions_of_page(body, user_id, now)

    def dms(self, user_id: int, *, since_id: int, now: datetime) -> Iterator[Page]:
        """Direct messages after `since_id`, newest first, read now (X has no since_id here)."""
        params = {
            "max_results": 100,
            "event_types": "MessageCreate",
            "dm_event.fields": "id,text,event_type,created_at,dm_conversation_id,attachments,entities",
            "expansions": "sender_id",
            "user.fields": "name,username",
        }
        for body in self._pages("/2/dm_events", params):
            page = dms_of_page(body, user_id, now)
            yield replace(page, heard=[h for h in page.heard if h.x_id > since_id])
            if 0 < page.oldest <= since_id:
                return

    def still_there(self, post_id: int) -> bool:
        """Whether a post of somebody's is still on X. A paid read. Raises Garbled where X says neither yes nor no."""
        return self.shown(post_id) is not Shown.NOT

    def shown(self, post_id: int) -> Shown:
        """Whether X shows a post of somebody's, and to whom. A paid read. Raises Garbled where X does not say."""
        params = {
            "ids": str(post_id),
            "post.fields": "id",
            "expansions": "author_id",
            "user.fields": "protected",
        }
        body = self._call("GET", "/2/tweets", params=params)
        with readable():
            if any(str(p.get("id")) == str(post_id) for p in body.get("data") or []):
                return Shown.to(users_of(body).values())
            missing = _not_had(body)
        if post_id not in missing:
            raise Garbled("X does not say whether the post is there")
        return Shown.NOT

    def standing(self, post_ids: Sequence[int]) -> tuple[set[int], set[int]]:
        """Which of these posts (at most 100) are on X, and which X says it does not have; of others it says neither.

        A paid read of each that it answers for.
        """
        asked = post_ids[:MAX_IDS]
        body = self._call("GET", "/2/tweets", params={"ids": ",".join(map(str, asked)), "post.fields": "id"})
        with readable():
            there = {x_id_of(p["id"]) for p in body.get("data") or []}
            gone = _not_had(body) - there
        return there & set(asked), gone & set(asked)

    def people(self, user_ids: Sequence[int]) -> dict[int, Person | None]:
        """Who these accounts are (at most 100), None for one that X does not have. A paid read for each."""
        asked = user_ids[:MAX_IDS]
        params = {"ids": ",".join(map(str, asked)), "user.fields": "connection_status,name,protected,username"}
        body = self._call("GET", "/2/users", params=params)
        with readable():
            known: dict[int, Person | None] = {x_id_of(u["id"]): Person.from_wire(u) for u in body.get("data") or []}
            known |= dict.fromkeys(_not_had(body))
        if not known.keys() >= set(asked):
            raise Garbled("X does not say who they are")
        return {i: known[i] for i in asked}

    def subscribe(self, event_type: str, user_id: int) -> None:
        """Subscribe the app to a private event of this channel; the channel's own token must ask. Raises NoRoom too."""
        with suppress(Duplicate), activity.telling_of_room():
            self._call("POST", activity.ROUTE, json=activity.asked_for(event_type, user_id))

    def ask(self, method: str, route: str, **kwargs: Any) -> Mapping[str, Any]:
        """A call that has its own module: X's answer."""
        return self._call(method, route, **kwargs)

    def _pages(self, route: str, params: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        for _ in range(MOST_PAGES):
            body = self._call("GET", route, params=params)
            _is_page(body)
            yield body
            token = next_page(body, params)
            if token is None:
                return
            params = {**params, "pagination_token": token}
        raise Garbled("X's pages have no end")

    def _call(self, method: str, route: str, **kwargs: Any) -> Mapping[str, Any]:
        with self._paying(method, route, kwargs) as asked:
            body = call(self._client, method, route, user_auth=self._user_auth, **asked)
            answer = self._session.answered
            self.day_over = errors.day_over(answer) if answer is not None else None
            if self._told is not None and method == "GET":
                self._told(route, body)
        if self._answered is not None:
            self._answered()
        return body


def call(client: tweepy.Client, method: str, route: str, **kwargs: Any) -> Mapping[str, Any]:
    """One call through tweepy; its refusals and the network's failures come out as XErrors."""
    kwargs.setdefault("user_auth", False)
    try:
        response: requests.Response = client.request(method, route, **kwargs)
    except requests.RequestException as error:
        raise errors.from_requests(error) from None
    except (
        tweepy.HTTPException,
        *UNREADABLE,
    ) as error:  # tweepy stumbles over errors and limits in shapes of their own
        answer = client.session.answered if isinstance(client.session, XSession) else None
        if answer is None:
            raise Garbled(f"X's answer can't be read ({type(error).__name__})") from None
        raise errors.said_by(answer) from None
    try:
        body = response.json()
    except (ValueError, RecursionError):
        raise Garbled("X answered with something that is not JSON") from None
    if not isinstance(body, dict):
        raise Garbled("X answered with something that is not an object")
    return body


@contextmanager
def readable() -> Iterator[None]:
    """Read an answer of X's as it is documented. Raises Garbled where it has another shape."""
    try:
        yield
    except UNREADABLE as error:
        raise Garbled(f"X's answer can't be read ({type(error).__name__})") from None


def next_page(body: Mapping[str, Any], params: Mapping[str, Any]) -> str | None:
    """The token of the next page, None after the last. Raises Garbled for one that leads round and round."""
    with readable():
        token = (body.get("meta") or {}).get("next_token")
    if token is not None and (not isinstance(token, str) or token == params.get("pagination_token")):
        raise Garbled("X's pages have no end")
    return token or None


def _is_page(body: Mapping[str, Any]) -> None:
    """What was asked for is listed, or X says that there is none. Raises Garbled where it says neither, or less."""
    with readable():
        listed, count = body.get("data"), (body.get("meta") or {}).get("result_count")
        if not listed and count != 0 and (listed is None or count is not None):
            raise Garbled("X does not say what there is")


def _is(body: Mapping[str, Any], **done: bool) -> None:
    """What was asked for is done, in X's own word. Raises Garbled where it says something else, or nothing."""
    with readable():
        data = body.get("data") or {}
        if any(data.get(name) is not value for name, value in done.items()):
            raise Garbled("X's yes says nothing of what was asked for")


def _not_had(body: Mapping[str, Any]) -> set[int]:
    """The ids of what X does not have, or does not show: that is in its errors, beside troubles of its own."""
    named = [e for e in body.get("errors") or [] if NOT_HAD.search(f"{e.get('type')} {e.get('title')}".lower())]
    return {x_id_of(e.get("resource_id") or e.get("value")) for e in named}


def _id(body: Mapping[str, Any]) -> int:
    """The id of the one thing that was made."""
    with readable():
        return x_id_of(_data(body)["id"])


def _data(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one thing that was asked for or made."""
    data = body.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise Garbled("X answered without what was asked for")
    return data


def _tweepy_client(session: XSession, token: UserToken | UserTokenPair) -> tweepy.Client:
    if isinstance(token, UserTokenPair):
        client = tweepy.Client(
            consumer_key=token.api_key,
            consumer_secret=token.api_secret,
            access_token=token.access,
            access_token_secret=token.access_secret,
        )
    else:
        client = tweepy.Client(token.access)
    client.session = session
    return client
