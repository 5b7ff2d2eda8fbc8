"""What a channel watches: accounts, lists, searches and its own home timeline; how it is heard, and how much a day."""

from dataclasses import dataclass
from enum import StrEnum


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
