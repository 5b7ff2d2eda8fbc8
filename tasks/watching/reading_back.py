"""What the filtered stream has missed is read back by searches, many accounts in each, as far as it is still news.

Nothing is read that a channel would be too late to repeat, and of each search so many posts at most: that is the most
that an outage costs, as X bills a post once a day however often it is read. X's search lags behind its stream, so what
was said last before a connect is looked for a second time.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import structlog

from engine.x.errors import Fault, RateLimited, XError
from engine.x.events import id_at, id_before
from engine.x.watching import calls, rules
from engine.x.watching.posts import Matched, PageOfPosts
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
from tasks.watching.directory import Directory, Term

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
        found: list[tuple[str, list[Term]]] = [(rules.of_accounts(group).value, [*group]) for group in groups]
        for term in due:
            if isinstance(term, str):
                found.append((self._directory.by_term[term][0].key, [term]))
        return found

    def _read(self, query: str, begun: Mapping[Term, Behind]) -> None:
        wait = AGAIN_S
        done = passes = refused = False
        with aside.apart(Item(Place.CATCH_UP, f"watching {query[:80]}")) as trial:
            try:
                self._search(query, begun)
                done = True
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

    def _search(self, query: str, begun: Mapping[Term, Behind]) -> None:
        """Read it, and hear what is new to each channel. Raises XError, TROUBLE."""
        began = now()
        by_term = self._directory.by_term
        listening = [one for term in begun for one in by_term.get(term, ())]
        if not listening:
            return
        fresh = max(timedelta(seconds=one.fresh_s) for one in listening)
        news = id_at(began - min(max(fresh, LEAST_FRESH), MOST_FRESH))
        since = max(news, min(b.since for b in begun.values()))
        ask = accounts.app_client(paying=costs.paying(listening[0].channel_id)).ask
        posts: list[Matched] = []
        read = 0
        for page in calls.search(ask, query, since_id=since, most=MOST_POSTS, now=began):
            ledger.read(self._billed(page, begun), now())
            posts += page.posts
            read += len(page.billed)
        self.read += read
        if read >= MOST_POSTS:
            log.warning("more was missed than is read back", posts=read)
        told = [one for post in posts for one in self._told(post, begun)]
        if told:
            hearing.hear(told, now())
            judge.ring_once(2)
        wanted.caught_up([one.id for one in listening], id_before(id_at(began), OVERLAP_S))

    def _billed(self, page: PageOfPosts, begun: Mapping[Term, Behind]) -> list[Seen]:
        """What X bills of a page, to whom it is read for; of what can't be told apart, to all for whom it was asked."""
        author = {p.heard.x_id: p.heard.sender_id for p in page.posts}
        return [self._directory.shared(i, [author[i]] if author.get(i) in begun else [*begun]) for i in page.billed]

    def _told(self, post: Matched, begun: Mapping[Term, Behind]) -> list[Told]:
        """To whom it is told: not to those who have come to watch it after it was said."""
        author = post.heard.sender_id
        term: Term = author if author in begun else next((t for t in begun if isinstance(t, str)), 0)
        behind = begun.get(term)
        if behind is None or post.heard.x_id <= behind.since or (isinstance(term, int) and post.answers):
            return []
        watching = {one.id: one for one in self._directory.by_term.get(term, ())}
        return [
            replace(told, looked_up=True)
            for told in self._directory.of_terms(post, [term])
            if told.watched_id in watching and watching[told.watched_id].cursor < post.heard.x_id
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
