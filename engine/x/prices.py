"""What X charges, in integer micro-dollars (1,000,000 = 1 dollar): one table, each price with the day it holds from.

X bills what it shows or brings once a UTC day for each resource, however often and by whichever way it comes, and what
it is told each time. Who runs the service can add prices of their own (X_PRICES): a later line counts before an earlier
one of the same day. Source: docs/x-and-telegram.md.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum


class Resource(StrEnum):
    """What is billed once a UTC day, however it came. The values are stored, so they never change."""

    POST = "post"
    DM = "dm"
    PERSON = "person"
    LIST = "list"
    DELETION = "deletion"


class Billed(StrEnum):
    """What X bills. The values are stored, so they never change."""

    MENTION = "mention"  # brought or read back
    REPLY = "reply"
    DM = "dm"  # encrypted ones too
    WATCHED = "watched"  # a post that a rule brings, or a search, a list or a timeline shows
    LOOKED_AT = "looked_at"  # a post of somebody's, asked for by its id
    OWN_POST = "own_post"  # the channel's own, read back
    OWNED = "owned"  # a mention or a post of the app's own account, read by it
    PERSON = "person"
    LIST = "list"
    DELETION = "deletion"  # that somebody has deleted a post
    POST = "post"
    LINK = "link"  # a post with a link in it
    REPOST = "repost"
    ANSWER = "answer"  # a post that answers who mentioned the channel
    MESSAGE = "message"  # a direct message
    UNDO = "undo"  # of a post or a repost
    ALT_TEXT = "alt_text"

    @property
    def resource(self) -> Resource | None:
        """What of it is billed once a day; None for what X is told, which is billed each time."""
        return _RESOURCES.get(self)


_RESOURCES = {
    Billed.MENTION: Resource.POST,
    Billed.REPLY: Resource.POST,
    Billed.WATCHED: Resource.POST,
    Billed.LOOKED_AT: Resource.POST,
    Billed.OWN_POST: Resource.POST,
    Billed.OWNED: Resource.POST,
    Billed.DM: Resource.DM,
    Billed.PERSON: Resource.PERSON,
    Billed.LIST: Resource.LIST,
    Billed.DELETION: Resource.DELETION,
}


@dataclass(frozen=True, slots=True)
class Price:
    """`micros`: micro-dollars for each, from the beginning of a UTC day on."""

    since: date
    kind: Billed
    micros: int


class BadPrice(ValueError):
    """A line of prices that can't be read: which, and how it should look."""


_BEGAN = date(2026, 2, 6)  # since then X is paid by use
_PUBLISHED = {
    Billed.MENTION: 5_000,
    Billed.REPLY: 5_000,
    Billed.DM: 10_000,
    Billed.WATCHED: 5_000,
    Billed.LOOKED_AT: 5_000,
    Billed.OWN_POST: 5_000,
    Billed.OWNED: 1_000,
    Billed.PERSON: 10_000,
    Billed.LIST: 5_000,
    Billed.DELETION: 0,  # X's price list has none
    Billed.POST: 15_000,
    Billed.LINK: 200_000,
    Billed.REPOST: 15_000,
    Billed.ANSWER: 10_000,
    Billed.MESSAGE: 15_000,
    Billed.UNDO: 10_000,
    Billed.ALT_TEXT: 5_000,
}
PUBLISHED = tuple(Price(_BEGAN, kind, micros) for kind, micros in _PUBLISHED.items())
LINE = re.compile(r"(?:(\d{4}-\d\d-\d\d)\s+)?([a-z_]+)\s+\$?(\d{1,4}(?:\.\d{1,6})?)", re.ASCII)
EXAMPLE = "2026-12-01 post 0.020"


class _Table:
    """The prices that hold in this process: of each kind, the newest day first."""

    def __init__(self) -> None:
        self.of: dict[Billed, list[tuple[int, int]]] = {}
        self.take(())

    def take(self, more: Iterable[Price]) -> None:
        by_kind: dict[Billed, dict[date, int]] = {kind: {} for kind in Billed}
        for price in (*PUBLISHED, *more):
            by_kind[price.kind][price.since] = price.micros
        self.of = {
            kind: [(day.toordinal(), dated[day]) for day in sorted(dated, reverse=True)]
            for kind, dated in by_kind.items()
        }


_table = _Table()


def take(more: Iterable[Price]) -> None:
    """These hold in this process from now on, beside the published ones."""
    _table.take(more)


def read(text: str) -> list[Price]:
    """Prices as they are written: a line each (or with `;` between), a day, a kind, dollars. Raises BadPrice.

    Without a day it holds from the beginning. What stands after `#` is for people.
    """
    found = []
    for line in re.split(r"[;\n]", text):
        said = line.partition("#")[0].strip()
        if not said:
            continue
        found.append(_read_one(said))
    return found


def _read_one(said: str) -> Price:
    match = LINE.fullmatch(said.lower())
    if match is None:
        raise BadPrice(f"“{said[:60]}” is no price: a day, a kind and dollars, such as {EXAMPLE}")
    day, kind, dollars = match.groups()
    if kind not in {k.value for k in Billed}:
        raise BadPrice(f"“{kind}” is nothing that X bills: {', '.join(Billed)}")
    whole, _, part = dollars.partition(".")
    try:
        since = date.fromisoformat(day) if day else _BEGAN
    except ValueError:
        raise BadPrice(f"“{day}” is no day, such as 2026-12-01") from None
    return Price(since, Billed(kind), int(whole) * 1_000_000 + int((part + "000000")[:6]))


def of(kind: Billed, at: datetime) -> int:
    """What one of these costs at an instant (aware), in micro-dollars."""
    dated = _table.of[kind]
    day = at.astimezone(UTC).toordinal()
    return next((micros for since, micros in dated if since <= day), dated[-1][1])


def today(kind: Billed) -> int:
    """What one of these costs now, in micro-dollars."""
    return of(kind, datetime.now(UTC))


# --- what is reckoned beforehand --------------------------------------------------------------------------------


def of_post(at: datetime, *, with_url: bool, described: int = 0) -> int:
    """The price of creating one post that shows so many files with a description (alt text)."""
    return of(Billed.LINK if with_url else Billed.POST, at) + described * of(Billed.ALT_TEXT, at)


def of_month(heard_a_day: int, at: datetime, *, reposted_share: float, dm_share: float = 0.0, days: int = 30) -> int:
    """What a channel costs a month that hears so many messages a day and reposts a share of them."""
    hearing = heard_a_day * ((1 - dm_share) * of(Billed.MENTION, at) + dm_share * of(Billed.DM, at))
    saying = heard_a_day * reposted_share * of(Billed.REPOST, at)
    return round((hearing + saying) * days)


def of_watching(posts_a_day: float, at: datetime, *, sharing: int = 1) -> int:
    """What a day of it costs a channel: each post is billed once, and shared by so many channels that watch it."""
    return round(posts_a_day * of(Billed.WATCHED, at) / max(1, sharing))


def of_polling(posts_a_day: float, at: datetime, *, again: int = 0) -> int:
    """What a day of it costs that is read page by page: each post once, and so many `again` when X's day changes."""
    return round((posts_a_day + again) * of(Billed.WATCHED, at))
