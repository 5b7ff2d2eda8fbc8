"""What is to be heard by the filtered stream, by what a post of it is told by; never older than a second."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from engine import watching
from engine.x import prices
from engine.x.prices import Billed
from engine.x.watching.posts import Left, Matched
from engine.x.watching.rules import Matcher, search_tag
from models.costs.ledger import SERVICE, Seen
from models.database import TROUBLE, forget_connection
from models.streaming import hearing
from models.watching import wanted
from models.watching.hearing import Told
from models.watching.wanted import Listening
from tasks.clock import now

READ_EVERY_S = 1.0
Term = int | str
ByTerm = Mapping[Term, Sequence[Listening]]


class Directory:
    """What channels watch, and who they are themselves, as they were read last."""

    def __init__(self) -> None:
        self.all: Sequence[Listening] = ()
        self.by_term: ByTerm = {}
        self.ours: frozenset[int] = frozenset()
        self._read_at = float("-inf")
        self._reading = threading.Lock()  # what was asked for first never comes over what was asked for last
        self._changed = threading.Event()

    def has_changed(self) -> bool:
        """Read it, if it is older than a second; whether it has changed since this was last asked, whoever read it.

        Raises TROUBLE.
        """
        self.read()
        with self._reading:
            changed = self._changed.is_set()
            self._changed.clear()
        return changed

    def read(self) -> None:
        """Read it anew, if it is older than a second. Raises TROUBLE."""
        with self._reading:
            if time.monotonic() - self._read_at < READ_EVERY_S:
                return
            ours, found = frozenset(hearing.connected()), wanted.streamed()
            self._read_at = time.monotonic()
            if (ours, found) == (self.ours, list(self.all)):
                return
            by_term: dict[Term, list[Listening]] = defaultdict(list)
            for one in found:
                by_term[one.term].append(one)
            self.ours, self.by_term, self.all = ours, by_term, found
            self._changed.set()

    def fresh(self) -> None:
        """The same for who stores: a moment older, where the database is away just now."""
        try:
            self.read()
        except TROUBLE:
            forget_connection()

    def told(self, posts: Iterable[Matched], matcher: Matcher) -> list[Told]:
        """To which channels these posts are told that the stream has brought, and what each pays."""
        told: list[Told] = []
        for post in posts:
            account, tags = matcher.terms(post.rules, post.heard.sender_id)
            terms: list[Term] = [*tags]
            if account and not post.answers:
                terms.append(account)
            told += self.of_terms(post, terms)
        return told

    def billed(self, x_id: int, post: Matched | Left | None, matcher: Matcher) -> Seen:
        """What X bills of a post that the stream has brought, to whom it has brought it, heard or not."""
        if post is None:
            return Seen(Billed.WATCHED, x_id)
        sender_id = post.heard.sender_id if isinstance(post, Matched) else post.sender_id
        account, tags = matcher.terms(post.rules, sender_id)
        return self.shared(x_id, [*tags, account] if account else [*tags])

    def shared(self, x_id: int, terms: Iterable[Term], by_term: ByTerm | None = None) -> Seen:
        """The same for one that is known to belong to these; the service pays what nobody watches any more.

        `by_term`: who shares it, where that is not all who watch.
        """
        by_term = self.by_term if by_term is None else by_term
        paying = {one.channel_id for term in terms for one in by_term.get(term, ())}
        return Seen(Billed.WATCHED, x_id, tuple(sorted(paying)) or (SERVICE,))

    def of_terms(self, post: Matched, terms: Iterable[Term], by_term: ByTerm | None = None) -> list[Told]:
        """The same for a post that is known to belong to these."""
        if post.heard.sender_id in self.ours:
            return []
        by_term = self.by_term if by_term is None else by_term
        of_channel: dict[int, list[Listening]] = defaultdict(list)
        for term in terms:
            for one in by_term.get(term, ()):
                of_channel[one.channel_id].append(one)
        if not of_channel:
            return []
        share = -(-prices.of(Billed.WATCHED, now()) // len(of_channel))
        text = post.heard.text
        best = {c: watching.best([one.watch for one in some], text).id for c, some in of_channel.items()}
        return [Told(watched_id, channel_id, post.heard, share) for channel_id, watched_id in best.items()]


def term_of_search(search: str) -> Term:
    return search_tag(search)
