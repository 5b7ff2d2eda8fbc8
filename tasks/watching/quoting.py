"""What it would cost and bring to watch something, each way, by a sample of what was said last: before it is chosen.

X's counts of posts are not in what its spec offers, so the newest ten are read, which costs five cents at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.watching import WAYS, Watch, WatchedKind, Way, has_trigger
from engine.x import prices
from engine.x.events import instant_of
from engine.x.prices import Billed
from engine.x.watching import calls
from engine.x.watching.calls import Ask
from engine.x.watching.posts import Matched, PageOfPosts
from models.accounts.channels import Channel
from models.watching import wanted
from models.watching.watched import Wish
from tasks.clock import now
from tasks.watching.askers import asker

SAMPLE = 10
DAY, MOMENT = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Priced:
    """One way to hear it: micro-dollars a day, as the last day was."""

    way: Way
    a_day: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What the last day would have brought and cost. `sample`: the newest of it; `passing`: how many of them have one
    of the triggers; `sharing`: so many channels share its price then; `spent`: micro-dollars for looking.
    """

    posts_a_day: float
    passing: int
    sample: Sequence[Matched]
    ways: Sequence[Priced]
    sharing: int
    spent: int

    @property
    def passing_a_day(self) -> float:
        """How many of a day would be reposted, as far as its triggers say."""
        return self.posts_a_day * self.passing / len(self.sample) if self.sample else 0.0


def quote(channel: Channel, wish: Wish, triggers: Sequence[str] = (), ask: Ask | None = None) -> Quote:
    """Look at what was said last, and work it out. `ask`: who asks X instead. Raises XError, TokenBusy."""
    at, ask = now(), ask or asker(channel, wish.kind)
    match wish.kind:
        case WatchedKind.ACCOUNT:
            pages = calls.of_account(ask, int(wish.key), since_id=0, most=SAMPLE, now=at)
        case WatchedKind.LIST:
            pages = calls.of_list(ask, int(wish.key), most=SAMPLE, now=at)
        case WatchedKind.HOME:
            pages = calls.of_home(ask, channel.x_user_id, since_id=0, most=SAMPLE, now=at)
        case WatchedKind.SEARCH:
            pages = calls.search(ask, wish.key, since_id=0, most=SAMPLE, now=at)
    page = next(pages, PageOfPosts((), ()))
    posts = [p for p in page.posts if not (p.answers and wish.kind.by_name)]
    heard, billed = _a_day([p.heard.x_id for p in posts], page, at), _a_day(page.billed, page, at)
    sharing = 1 + wanted.watched_by_others(wish.kind, wish.key, channel.id)
    ways = [Priced(way, _price(way, wish.kind, heard, billed, sharing, at)) for way in WAYS[wish.kind]]
    watch = Watch(0, wish.kind, tuple(triggers))
    passing = sum(not triggers or has_trigger(watch, p.heard.text) for p in posts)
    return Quote(heard, passing, posts, ways, sharing, len(page.billed) * prices.of(Billed.WATCHED, at))


def _a_day(ids: Sequence[int], page: PageOfPosts, at: datetime) -> float:
    """How many a day: counted, where the sample reaches back for one, else by the time in which it was full."""
    times = [instant_of(i) for i in ids]
    oldest = instant_of(page.oldest) if page.billed else at
    if len(page.billed) < SAMPLE or oldest <= at - DAY:
        return float(sum(time > at - DAY for time in times))
    return len(times) * (DAY / max(at - oldest, MOMENT))


def _price(way: Way, kind: WatchedKind, heard: float, billed: float, sharing: int, at: datetime) -> int:
    if way is Way.STREAM:
        return prices.of_watching(heard, at, sharing=sharing)
    return prices.of_polling(billed, at, again=calls.FIRST_OF_LIST if kind is WatchedKind.LIST and billed else 0)
