"""X's calls for watching: the rules of the filtered stream, and reading searches, lists and timelines.

Each page that is read is billed by its posts, once a UTC day each, so who reads says how many at most.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import tweepy

from engine.text import storable
from engine.x import errors
from engine.x.client import MOST_PAGES, NOT_HAD, XSession, call, next_page, readable
from engine.x.errors import Garbled, Refused
from engine.x.events import UNREADABLE
from engine.x.watching.posts import PageOfPosts, page_of
from engine.x.watching.rules import NewRule, Rule

RULES = "/2/tweets/search/stream/rules"
STREAM = "/2/tweets/search/stream"
FIELDS = "created_at,entities,possibly_sensitive,attachments"
STREAM_FIELDS = {
    "tweet.fields": f"{FIELDS},author_id,in_reply_to_user_id,note_tweet,referenced_tweets,edit_history_tweet_ids",
    "expansions": "author_id",
    "user.fields": "name,username,protected",
}
REST_FIELDS = {
    "post.fields": f"{FIELDS},note_post",
    "expansions": "author_id,referenced_posts,edit_history_post_ids,in_reply_to_user_id",
    "user.fields": "name,username,protected",
}
AT_ONCE = 100  # rules in one call
FIRST_OF_LIST = 10
LEAST_SEARCHED, LEAST_OF_ACCOUNT, MOST_A_PAGE = 10, 5, 100
_FULL, _THERE = "capexceeded", "duplicate"

Ask = Callable[..., Mapping[str, Any]]  # a call: method, route, and what it carries


@dataclass(frozen=True, slots=True)
class Added:
    """What X said to rules that were to be added. `refused`: by value, X's reason. `full`: it takes no more of them."""

    refused: Mapping[str, str] = field(default_factory=dict)
    full: bool = False


class RulesAtX:
    """The rules of the app's filtered stream. Every method raises an XError."""

    def __init__(self, session: XSession, bearer: str) -> None:
        self._session = session
        self._client = tweepy.Client(bearer)
        self._client.session = session

    def all(self) -> list[Rule]:
        """Every rule that the app has, whoever made it."""
        found: list[Rule] = []
        params: dict[str, Any] = {"max_results": 1000}
        for _ in range(MOST_PAGES):
            body = call(self._client, "GET", RULES, params=params)
            with readable():
                for rule in body.get("data") or []:
                    found.append(Rule(_digits(rule["id"]), str(rule["value"]), str(rule.get("tag") or "")))
            token = next_page(body, params)
            if token is None:
                return _complete(found, body)
            params = {**params, "pagination_token": token}
        raise Garbled("X's pages have no end")

    def add(self, rules: Sequence[NewRule], *, only_try: bool = False) -> Added:
        """Add these, or only ask whether X would take them. One that is there already is fine."""
        refused: dict[str, str] = {}
        full = False
        for at in range(0, len(rules), AT_ONCE):
            some = [{"value": rule.value, "tag": rule.tag} for rule in rules[at : at + AT_ONCE]]
            for value, title, detail in self._told(some, only_try=only_try):
                kind = title.lower().replace(" ", "")
                if _FULL in kind:
                    full = True
                elif _THERE not in kind:
                    refused[value] = detail or title
            if full:
                break
        return Added(refused, full)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete these; those that are gone already are fine."""
        for at in range(0, len(ids), AT_ONCE):
            call(self._client, "POST", RULES, json={"delete": {"ids": list(ids[at : at + AT_ONCE])}})

    def _told(self, rules: list[dict[str, str]], *, only_try: bool) -> Iterable[tuple[str, str, str]]:
        """X's word about each rule that it did not take: its value, a title, a reason."""
        params = {"dry_run": "true"} if only_try else {}
        try:
            body = call(self._client, "POST", RULES, params=params, json={"add": rules})
        except Refused:  # none of them was taken, which it says as it says it of some
            answer = self._session.answered
            found = errors.body_of(answer) if answer is not None else None
            if not isinstance(found, dict) or not (told := list(_errors(found, {r["value"] for r in rules}))):
                raise
            return told
        return list(_errors(body, {r["value"] for r in rules}))


def _errors(body: Mapping[str, Any], asked: set[str]) -> Iterator[tuple[str, str, str]]:
    with readable():
        for error in body.get("errors") or []:
            if error.get("value") not in asked:
                continue
            details = error.get("details")
            said = details[0] if isinstance(details, list) and details else error.get("detail") or ""
            yield error["value"], str(error.get("title") or ""), storable(str(said))[:300]


def _complete(found: list[Rule], body: Mapping[str, Any]) -> list[Rule]:
    """Raises Garbled where X lists none and does not say that there are none: who believed it would add all anew."""
    with readable():
        count = (body.get("meta") or {}).get("result_count")
    if not found and count != 0:
        raise Garbled("X does not say which rules there are")
    return found


# --- reading ---------------------------------------------------------------------------------------------------


def search(ask: Ask, query: str, *, since_id: int, most: int, now: datetime) -> Iterator[PageOfPosts]:
    """What matches and is newer, the newest first: so many posts at most, ten at least. X searches a week at most, and
    takes no `since_id` from before.
    """
    params: dict[str, Any] = {"query": query, **_since(since_id), **REST_FIELDS}
    return _pages(ask, "/2/tweets/search/recent", params, LEAST_SEARCHED, most, now, token="next_token")  # noqa: S106


def of_account(ask: Ask, user_id: int, *, since_id: int, most: int, now: datetime) -> Iterator[PageOfPosts]:
    """What an account has said itself."""
    params: dict[str, Any] = {"exclude": "retweets,replies", **_since(since_id), **REST_FIELDS}
    return _pages(ask, f"/2/users/{user_id}/tweets", params, LEAST_OF_ACCOUNT, most, now)


def of_list(ask: Ask, list_id: int, *, most: int, now: datetime) -> Iterator[PageOfPosts]:
    """What the members of a list have said. X knows no `since_id` here: who has read enough stops.

    The pages grow, so that what was read before, and is billed anew each day, is hardly more than what is new.
    """
    return _pages(ask, f"/2/lists/{list_id}/tweets", dict(REST_FIELDS), 1, most, now, first=FIRST_OF_LIST)


def of_home(ask: Ask, user_id: int, *, since_id: int, most: int, now: datetime) -> Iterator[PageOfPosts]:
    """What those have said whom the channel follows; its own token must ask."""
    params: dict[str, Any] = {"exclude": "retweets,replies", **_since(since_id), **REST_FIELDS}
    return _pages(ask, f"/2/users/{user_id}/timelines/reverse_chronological", params, 1, most, now)


def _since(since_id: int) -> dict[str, str]:
    return {"since_id": str(since_id)} if since_id > 0 else {}


def _pages(
    ask: Ask,
    route: str,
    params: dict[str, Any],
    least: int,
    most: int,
    now: datetime,
    token: str = "pagination_token",  # noqa: S107
    first: int = MOST_A_PAGE,
) -> Iterator[PageOfPosts]:
    left, size = most, first
    while left > 0:
        params["max_results"] = max(least, min(MOST_A_PAGE, left, size))
        size *= 2
        body = ask("GET", route, params=params)
        with readable():
            listed, count = body.get("data"), (body.get("meta") or {}).get("result_count")
            if not listed and count != 0:
                problem = next((e for e in body.get("errors") or [] if isinstance(e, dict)), {})
                if NOT_HAD.search(f"{problem.get('type')} {problem.get('title')}".lower()):
                    raise errors.Gone(storable(str(problem.get("detail") or problem.get("title") or ""))[:300])
                raise Garbled("X does not say what there is")
        page = page_of(body, now)
        yield page
        left -= max(1, len(page.billed))
        try:
            following = next_page(body, {"pagination_token": params.get(token)})
        except UNREADABLE:
            return
        if following is None:
            return
        params[token] = following


def _digits(value: object) -> str:
    """X's id of something, as it writes it. Raises ValueError."""
    written = str(value)
    if not written.isascii() or not written.isdigit() or len(written) > 19:
        raise ValueError("no id of X's")
    return written
