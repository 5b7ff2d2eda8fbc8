"""Posts as the filtered stream, searches, lists and timelines bring them: read, or left out.

Left out are reposts, what protected accounts say, and, of accounts, lists and timelines, answers: who watches them
wants what they say themselves. What a search brings may be an answer, unless it says `-is:reply`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.moderation import MessageKind
from engine.text import storable
from engine.x.addressed import is_repost
from engine.x.billing import Brought, matched_by
from engine.x.events import (
    CLOCKS_APART,
    UNREADABLE,
    Account,
    Disconnecting,
    Heard,
    MalformedEvent,
    heard_in,
    id_at,
    users_of,
    x_id_of,
)

NOBODYS = 0  # the channel of a post that is not told to one yet


@dataclass(frozen=True, slots=True)
class Matched:
    """A public post of somebody's own. `rules`: X's id and tag of each rule that it matches, on the stream."""

    heard: Heard
    answers: bool = False
    rules: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Left:
    """A post that is not watched, whatever it matches; X bills it all the same. `rules`: as of Matched."""

    x_id: int
    sender_id: int = 0
    rules: tuple[tuple[str, str], ...] = ()


def parse_line(line: bytes, now: datetime, billed: list[Brought] | None = None) -> Matched | Left | Disconnecting:
    """What a line of the filtered stream says, heard now. Raises MalformedEvent.

    To `billed` comes what X bills of it, in any case.
    """
    try:
        body = json.loads(line)
        if billed is not None:
            billed += matched_by(body)
        if "data" not in body:
            first = body["errors"][0] if body.get("errors") else body
            said = first.get("connection_issue") or first.get("title") or first.get("detail") or ""
            if not said:
                raise ValueError("neither a post nor a word")
            return Disconnecting(storable(str(said))[:300])
        rules = body.get("matching_rules")
        matching = tuple(_rule(rule) for rule in rules) if isinstance(rules, list) else ()
        return read(body["data"], users_of(body), _protected(body), now, matching)
    except UNREADABLE as error:
        raise MalformedEvent(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class PageOfPosts:
    """A page: what is watched of it, how many posts X bills, and the ids between which it lies (0: it is empty)."""

    posts: tuple[Matched, ...]
    billed: tuple[int, ...]

    @property
    def newest(self) -> int:
        return max(self.billed, default=0)

    @property
    def oldest(self) -> int:
        return min(self.billed, default=0)


def page_of(body: Mapping[str, Any], now: datetime) -> PageOfPosts:
    """A page of posts; those that can't be read are left out, and billed where they have an id."""
    users, protected = users_of(body), _protected(body)
    posts: list[Matched] = []
    billed: list[int] = []
    listed = body.get("data")
    for post in listed if isinstance(listed, list) else []:
        try:
            billed.append(_possible(post["id"], now))
            found = read(post, users, protected, now)
        except UNREADABLE:
            continue
        if isinstance(found, Matched):
            posts.append(found)
    return PageOfPosts(tuple(posts), tuple(billed))


def read(
    post: Mapping[str, Any],
    users: Mapping[str, Account],
    protected: frozenset[str],
    now: datetime,
    rules: tuple[tuple[str, str], ...] = (),
) -> Matched | Left:
    """One post. Raises one of UNREADABLE."""
    references = post.get("referenced_posts") or post.get("referenced_tweets")
    kinds = {r.get("type") for r in references} if isinstance(references, list) else set()
    if is_repost(post) or str(post["author_id"]) in protected:
        return Left(x_id_of(post["id"]), x_id_of(post["author_id"]), rules)
    heard = heard_in(MessageKind.WATCHED, NOBODYS, post["id"], str(post["author_id"]), post, users, now)
    return Matched(heard, "replied_to" in kinds or bool(post.get("in_reply_to_user_id")), rules)


def _protected(body: Mapping[str, Any]) -> frozenset[str]:
    included = body.get("includes")
    users: Iterable[Any] = included.get("users") or [] if isinstance(included, Mapping) else []
    return frozenset(str(u.get("id")) for u in users if isinstance(u, Mapping) and u.get("protected") is True)


def _possible(given_id: object, now: datetime) -> int:
    x_id = x_id_of(given_id)
    if x_id > id_at(now + CLOCKS_APART):
        raise ValueError("an id that X can't have given yet")
    return x_id


def _rule(given: Any) -> tuple[str, str]:
    return str(given["id"]), str(given.get("tag") or "")
