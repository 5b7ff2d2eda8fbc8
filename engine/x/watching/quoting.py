"""What watching something would have brought and cost in the last day, by a sample: X's newest posts of it.

X has no counts for who pays by use, so a page of its smallest size is read. Where all of the day fits into it the
number is exact; else the day has as many as come at the pace of the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from engine.text import storable
from engine.watching import WatchedKind
from engine.x import prices
from engine.x.client import readable
from engine.x.errors import Gone
from engine.x.events import LONGEST_TEXT, instant_of, x_id_of
from engine.x.watching.lookups import Ask, Missing, NotShown, has_more, is_missing

DAY = timedelta(days=1)
PAGE = 10  # the smallest that a search gives
LEAST_SPAN = timedelta(minutes=1)  # of a page, for who reckons with it
OWN_POSTS = "-is:retweet -is:reply"  # what is heard of an account: neither its answers nor what it reposts
PRICE = prices.POST_READ  # micro-dollars a post, whichever way it is heard


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest posts (their texts, newest first) of a day that ended at an instant; whether it had more than these.

    `span`: how far back the oldest of them lies. `cost`: what it cost to look, in micro-dollars.
    """

    texts: tuple[str, ...] = ()
    span: timedelta = DAY
    more: bool = False
    cost: int = 0

    @property
    def posts(self) -> int:
        """How many posts the day had; by the pace of those that were looked at, where it had more."""
        if not self.more:
            return len(self.texts)
        return max(len(self.texts), round(len(self.texts) * (DAY / max(self.span, LEAST_SPAN))))

    @property
    def price(self) -> int:
        """What hearing them would have cost, in micro-dollars."""
        return self.posts * PRICE

    def with_only(self, wanted: Sequence[bool]) -> "Sample":
        """The same, of which only these texts count."""
        return replace(self, texts=tuple(t for t, is_so in zip(self.texts, wanted, strict=True) if is_so))


def sample(ask: Ask, kind: WatchedKind, key: str, own_id: int, now: datetime) -> Sample:
    """The newest posts of the last day. `key`: the account's name, the list's number, the search as X is given it.

    `own_id`: the channel's own X id, for its home timeline. Raises NotShown for a list that X does not show; XError.
    """
    params: dict[str, Any] = {"max_results": PAGE, "post.fields": "created_at,note_post"}
    since = (now - DAY + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind in (WatchedKind.ACCOUNT, WatchedKind.SEARCH):
        query = f"from:{key} {OWN_POSTS}" if kind is WatchedKind.ACCOUNT else key
        return _read(ask("GET", "/2/tweets/search/recent", params={**params, "query": query, "start_time": since}), now)
    if kind is WatchedKind.HOME:
        route = f"/2/users/{own_id}/timelines/reverse_chronological"
        return _read(ask("GET", route, params={**params, "exclude": "replies,retweets", "start_time": since}), now)
    try:
        body = ask("GET", f"/2/lists/{key}/tweets", params=params)
    except Gone:
        raise NotShown(Missing.NO_LIST) from None
    if is_missing(body):
        raise NotShown(Missing.NO_LIST)
    return _read(body, now)


def _read(body: Mapping[str, Any], now: datetime) -> Sample:
    with readable():
        found = [(instant_of(x_id_of(post["id"])), _text(post)) for post in body.get("data") or []]
    today = [(at, text) for at, text in found if at > now - DAY]
    more = len(today) == len(found) and has_more(body)
    oldest = min((at for at, _ in today), default=now - DAY)
    texts = tuple(text for _, text in today)
    return Sample(texts, min(max(now - oldest, LEAST_SPAN), DAY), more, len(found) * prices.POST_READ)


def _text(post: Mapping[str, Any]) -> str:
    note = post.get("note_post")
    whole = note.get("text") if isinstance(note, Mapping) else post.get("text")
    return storable(str(whole or ""))[:LONGEST_TEXT]
