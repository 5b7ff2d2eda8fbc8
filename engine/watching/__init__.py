"""What a channel watches: accounts, lists, searches and its own home timeline; how it is heard, and how much a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.text import pattern_of, read


class WatchedKind(StrEnum):
    """What is watched. The values are stored, so they never change."""

    ACCOUNT = "account"  # the posts of one account
    LIST = "list"  # those of the members of a list at X
    SEARCH = "search"  # those that match a search
    HOME = "home"  # those of all whom the channel follows

    @property
    def by_name(self) -> bool:
        """Whether somebody chose who writes it; a search brings whoever uses its words."""
        return self is not WatchedKind.SEARCH


class Way(StrEnum):
    """How it is heard. The values are stored, so they never change."""

    STREAM = "stream"  # X tells within seconds, by the app's filtered stream
    POLL = "poll"  # X is asked again and again


WAYS = {
    WatchedKind.ACCOUNT: (Way.STREAM, Way.POLL),
    WatchedKind.LIST: (Way.POLL,),  # the filtered stream knows no lists
    WatchedKind.SEARCH: (Way.STREAM, Way.POLL),
    WatchedKind.HOME: (Way.POLL,),
}


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What may be heard in a day of the channel's zone: so many posts, or for so many micro-dollars; None: no end."""

    posts: int | None = None
    cost: int | None = None

    def room(self, posts: int, cost: int, price: int) -> int | None:
        """How many posts of this price (micro-dollars) still fit, after so many for so much; None: no end of them."""
        left = [] if self.posts is None else [self.posts - posts]
        if self.cost is not None and price > 0:
            left.append((self.cost - cost) // price)
        return max(0, min(left)) if left else None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched, as the rules see it: its own triggers, none where everything of it is wanted."""

    id: int
    kind: WatchedKind
    triggers: tuple[str, ...] = ()


def best(watches: Sequence[Watch], text: str) -> Watch:
    """By which of these a post is judged that several of a channel's brought: one that wants everything, else one whose
    triggers it has, else the first.
    """
    if len(watches) == 1:
        return watches[0]
    free = next((w for w in watches if not w.triggers), None)
    return free or _with_trigger(watches, text) or watches[0]


def has_trigger(watch: Watch, text: str) -> bool:
    """Whether a text has one of its own triggers."""
    return _with_trigger([watch], text) is not None


def _with_trigger(watches: Sequence[Watch], text: str) -> Watch | None:
    haystack = read(text).haystack
    patterns = ((w, pattern_of(word)) for w in watches for word in w.triggers)
    return next((w for w, pattern in patterns if pattern is not None and pattern in haystack), None)
