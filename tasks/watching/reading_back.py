"""What the filtered stream has missed is read back by searches, many accounts in each, as far as it is still news.

Nothing is read that a channel would be too late to repeat, and of each search so many posts at most: that is the most
that an outage costs, as X bills a post once a day however often it is read. X's search lags behind its stream, so what
was said last before a connect is looked for a second time.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from engine.x import prices
from engine.x.errors import Fault, RateLimited, XError
from engine.x.events import id_at, id_before
from engine.x.prices import Billed
from engine.x.watching import calls, rules
from engine.x.watching.posts import Matched, PageOfPosts, page_of
from models import aside
from models.aside import Item, Place
from models.costs import ledger
from models.costs.ledger import Seen
from models.watching import hearing, wanted
from models.watching.hearing import Told
from tasks import accounts, costs
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.moderation import judge
from tasks.watching.directory import ByTerm, Directory, Term

log = structlog.get_logger()
AT_ONCE = 6
OVERLAP_S = 60.0
LOOKS_S = (0.0, 25.0)
MOST_POSTS = 300  # of one search: that is the most that it costs
LEAST_FRESH, MOST_FRESH = timedelta(minutes=15), timedelta(days=1)
PER_SEARCH = 16  # accounts: X's searches take 512 characters
AGAIN_S, LONGEST_AGAIN_S, LONGEST_LIMIT_S = 3.0, 60.0, 900.0
MOST_TRIES = 20  # of what X does not want to be asked, each by itself: then it is let go, and said


@dataclass(slots=True)
class Behind:
    """What was said after the X id `since` may be missing. The look `turn` comes `at` (monotonic seconds)."""

    since: int
    at: float
    turn: int = 0
    tries: int = 0
    busy: bool = False
    refused: int = 0  # so often; from then on it is asked for alone, as one of several may be to blame


class ReadingBack:
    """Knows what is behind, and reads it back, several searches at a time."""

    def __init__(self, directory: Directory, wake: Callable[[], None], looks_s: Sequence[float] = LOOKS_S) -> None:
        self._directory, self._looks_s = directory, looks_s
        self._guard = threading.Lock()
        self._behind: dict[Term, Behind] = {}
        self._hands = Hands(AT_ONCE, wake)
        self._not_before = 0.0
        self.read = 0  # posts, so far

    @property
    def left(self) -> int:
        """For how many things something may still be missing."""
        return len(self._behind)

    @property
    def never_looked(self) -> int:
        """For how many nothing was read yet."""
        with self._guard:
            return sum(b.turn == 0 for b in self._behind.values())

    def missed(self, since: Mapping[Term, int]) -> None:
        """Something of these may be missing: what was said after these X ids."""
        at = time.monotonic() + self._looks_s[0]
        with self._guard:
            for term, x_id in since.items():
                before = self._behind.get(term)
                self._behind[term] = Behind(min(x_id, before.since) if before is not None else x_id, at)

    def look(self) -> None:
        """Begin the searches that are due, as far as there are hands."""
        at = time.monotonic()
        if at < self._not_before:
            return
        with self._guard:
            for term in [t for t in self._behind if t not in self._directory.by_term]:
                del self._behind[term]  # nobody wants it any more
            due = {term: b for term, b in self._behind.items() if b.at <= at and not b.busy}
        for query, terms in self._queries(due):
            begun = {term: due[term] for term in terms}
            for found in begun.values():
                found.busy = True
            if not self._hands.take(("back", query), partial(self._read, query, begun)):
                for found in begun.values():
                    found.busy = False
                return

    def _queries(self, due: Mapping[Term, Behind]) -> list[tuple[str, list[Term]]]:
        """A search for each search, and one for so many accounts, those together that are behind equally far."""
        accounts_ = sorted(
            (b.turn, b.since, term) for term, b in due.items() if isinstance(term, int) and not b.refused
        )
        groups = [
            [term for _, _, term in accounts_[at : at + PER_SEARCH]] for at in range(0, len(accounts_), PER_SEARCH)
        ]
        groups += [[term] for term, b in due.items() if isinstance(term, int) and b.refused]
        all_terms: list[list[Term]] = [[*group] for group in groups]
        all_terms += [[term] for term in due if isinstance(term, str)]
        return [(_query(terms, self._directory.by_term), terms) for terms in all_terms]

    def _read(self, query: str, begun: Mapping[Term, Behind]) -> None:
        wait = AGAIN_S
        refused, passes = False, True  # what nobody could pay for is asked for once more
        read: Collection[Term] = ()
        with aside.apart(Item(Place.CATCH_UP, f"watching {query[:80]}")) as trial:
            try:
                read = self._search(begun)
            except XError as error:
                trial.untried = True
                passes, refused = error.passes, not error.passes
                wait = self._heed(error)
        if trial.broke:
            wait = trial.pause_s
        at = time.monotonic()
        with self._guard:
            for term, found in begun.items():
                found.busy = False
                done = term in read
                if self._behind.get(term) is not found:
                    continue  # it was missed once more meanwhile
                found.tries += not done
                found.refused += refused
                if done:
                    self._looked(term, found, at)
                elif passes or trial.broke or (refused and found.refused < MOST_TRIES):
                    found.at = at + min(wait * 2.0 ** min(found.tries - 1, 6), max(wait, LONGEST_AGAIN_S))
                else:
                    log.error("not read back, and let go", term=term if isinstance(term, int) else "search")
                    del self._behind[term]

    def _looked(self, term: Term, found: Behind, at: float) -> None:
        found.turn += 1
        found.tries = found.refused = 0
        if found.turn >= len(self._looks_s):
            del self._behind[term]
            return
        found.at = at + self._looks_s[found.turn] - self._looks_s[found.turn - 1]
        found.since = max(found.since, id_before(id_at(now()), OVERLAP_S + self._looks_s[found.turn]))

    def _search(self, begun: Mapping[Term, Behind]) -> Collection[Term]:
        """Read it, and hear what is new to each channel that can pay its share; of which terms it was read, which is
        not of those for which nobody can. Raises XError, TROUBLE.
        """
        began, now_listening = now(), self._directory.by_term
        by_term = {term: [*now_listening.get(term, ())] for term in begun}
        told: dict[tuple[int, int], Told] = {}
        while any(by_term.values()):
            listens = {term: some for term, some in by_term.items() if some}
            try:
                self._pages(begun, listens, told, began)
                break
            except costs.CantPay as error:
                log.info("not read back for who can't pay", channels=sorted(error.channel_ids))
                without = {
                    t: [one for one in some if one.channel_id not in error.channel_ids] for t, some in listens.items()
                }
                if not any(without.values()):
                    self._hear(told)  # what it could pay for
                    raise
                by_term |= without
        self._hear(told)
        able = [one.id for some in by_term.values() for one in some]
        wanted.caught_up(able, id_before(id_at(began), OVERLAP_S))
        return [term for term in begun if by_term[term] or not now_listening.get(term)]

    def _pages(
        self, begun: Mapping[Term, Behind], listens: ByTerm, told: dict[tuple[int, int], Told], began: datetime
    ) -> None:
        """Page by page, for these alone. Raises CantPay as soon as one of them has too little for the next."""
        fresh = max(timedelta(seconds=one.fresh_s) for some in listens.values() for one in some)
        news = id_at(began - min(max(fresh, LEAST_FRESH), MOST_FRESH))
        since = max(news, min(begun[term].since for term in listens))

        def billed(_route: str, body: Mapping[str, Any]) -> None:
            ledger.read(self._billed(page_of(body, now()), listens), now())

        ask = accounts.app_client(billed, costs.paying_together(_shares(listens, began))).ask
        read = 0
        for page in calls.search(ask, _query([*listens], listens), since_id=since, most=MOST_POSTS, now=began):
            told.update({(t.watched_id, t.post.x_id): t for p in page.posts for t in self._told(p, begun, listens)})
            read += len(page.billed)
            self.read += len(page.billed)
        if read >= MOST_POSTS:
            log.warning("more was missed than is read back", posts=read)

    def _hear(self, told: Mapping[tuple[int, int], Told]) -> None:
        if told:
            hearing.hear(told.values(), now())
            judge.ring_once(2)

    def _billed(self, page: PageOfPosts, listens: ByTerm) -> list[Seen]:
        """What X bills of a page, to whom it is read for; of what can't be told apart, to all for whom it was asked."""
        author = {p.heard.x_id: p.heard.sender_id for p in page.posts}
        return [
            self._directory.shared(i, [author[i]] if author.get(i) in listens else [*listens], listens)
            for i in page.billed
        ]

    def _told(self, post: Matched, begun: Mapping[Term, Behind], listens: ByTerm) -> list[Told]:
        """To whom it is told: not to those who have come to watch it after it was said."""
        author = post.heard.sender_id
        term: Term = author if author in listens else next((t for t in listens if isinstance(t, str)), 0)
        behind = begun.get(term)
        if behind is None or post.heard.x_id <= behind.since or (isinstance(term, int) and post.answers):
            return []
        cursors = {one.id: one.cursor for one in listens[term]}
        return [
            replace(told, looked_up=True)
            for told in self._directory.of_terms(post, [term], listens)
            if cursors[told.watched_id] < post.heard.x_id
        ]

    def _heed(self, error: XError) -> float:
        """How long it waits; where X's limit is the app's, all wait."""
        log.info("not read back", error=type(error).__name__, detail=error.detail)
        accounts.heed_of_app(error)
        named = error.named(now())
        wait = min((named - now()).total_seconds(), LONGEST_LIMIT_S) if named is not None else AGAIN_S
        if isinstance(error, RateLimited) or error.fault is Fault.APP:
            wait = max(wait, AGAIN_S)
            self._not_before = time.monotonic() + wait
        return wait


def _query(terms: Sequence[Term], by_term: ByTerm) -> str:
    """What X is asked for: a search by itself, or several accounts."""
    accounts_ = [term for term in terms if isinstance(term, int)]
    return rules.of_accounts(accounts_).value if accounts_ else by_term[terms[0]][0].key


def _shares(listens: ByTerm, at: datetime) -> dict[int, int]:
    """What a post costs each channel at most (micro-dollars): as if all were of what it shares with the fewest."""
    price, most = prices.of(Billed.WATCHED, at), dict[int, int]()
    for some in listens.values():
        channels = {one.channel_id for one in some}
        most |= {c: max(most.get(c, 0), -(-price // len(channels))) for c in channels}
    return most
