"""The rules at X, made equal to what is wanted: looked at, added to, looked at again, and only then taken from.

Whoever has the lease does it. Should two do so for a moment, each takes away only what is whole without it, by the same
order; what is missing all the same is found by the next look, added, and read back from when it was last there.
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping

import structlog

from engine.watching import WatchedKind
from engine.x.errors import XError
from engine.x.events import id_at
from engine.x.watching import rules
from engine.x.watching.calls import Added, RulesAtX
from engine.x.watching.rules import Matcher, NewRule, Rule, Wanted
from models.settings import settings
from models.watching import wanted as stored
from models.watching.wanted import Listening
from models.watching.watched import WatchedStatus
from tasks import accounts
from tasks.clock import now
from tasks.watching.directory import Directory, Term, term_of_search

log = structlog.get_logger()
LOOK_EVERY_S = 60.0
AGAIN_S, LONGEST_AGAIN_S, LONGEST_LIMIT_S = 5.0, 60.0, 900.0
SOME, WITHIN_S, PACE_S = 40, 900.0, 20.0  # X takes a hundred changes in a quarter of an hour: after some, slowly
MANY = 3  # where X refuses more than these, and takes none, it is X that is ill


class Rules:
    """See the module. `placed` is told which terms X brings from now on that it did not bring before, since when each.

    `may_act`: whether the lease is surely ours, so that nothing is taken away that another has just added.
    """

    def __init__(
        self, directory: Directory, placed: Callable[[Mapping[Term, int]], None], may_act: Callable[[], bool]
    ) -> None:
        self.matcher = Matcher(())
        self.count = 0  # rules of ours at X
        self.complete = False  # whether X brings all that it is to bring
        self.took_s = 0.0  # the last time that something of them had to be changed
        self._directory, self._placed, self._may_act = directory, placed, may_act
        self._last_there: dict[Term, int] = {}
        self._there: frozenset[Term] = frozenset()
        self._look_at = 0.0
        self._failed = 0
        self._changed = self._asked = False
        self._lately: deque[float] = deque(maxlen=SOME)  # when they were changed
        self._not_before = 0.0

    @property
    def any_there(self) -> bool:
        """Whether X has a rule that brings something, without which it takes no connection."""
        return bool(self._there)

    def look(self, *, changed: bool) -> None:
        """Make them equal, if it is time or something has changed. Raises TROUBLE."""
        at = time.monotonic()
        self._asked |= changed
        if at < self._look_at and not (self._asked and not self._failed and at >= self._not_before):
            return
        self._asked = False
        self._look_at = at + AGAIN_S  # in case this breaks
        self.complete = False
        try:
            again = self._make_equal()
        except XError as error:
            self._failed += 1
            longer = min(AGAIN_S * 2.0 ** (self._failed - 1), LONGEST_AGAIN_S)
            named = error.named(now())
            limit = min((named - now()).total_seconds(), LONGEST_LIMIT_S) if named is not None else 0.0
            self._look_at = time.monotonic() + max(longer, limit)
            log.warning("rules not made equal", error=type(error).__name__, detail=error.detail)
        else:
            self._failed = 0
            self._pace(at)
            self.took_s = time.monotonic() - at if self._changed else self.took_s
            self._look_at = time.monotonic() + (AGAIN_S if again else LOOK_EVERY_S)

    def _pace(self, at: float) -> None:
        """One change at once, and many together where they come one after the other."""
        if self._changed:
            self._lately.append(at)
        many = len(self._lately) == SOME and at - self._lately[0] < WITHIN_S
        self._not_before = at + (PACE_S if many else 0.0)

    def _make_equal(self) -> bool:
        """One look and what follows from it; whether another is needed soon. Raises XError, TROUBLE."""
        x = RulesAtX(accounts.session(), settings().x_bearer_token.get_secret_value())
        there = before = x.all()
        wanted = self._share(there)
        self._there &= _terms(rules.covered(there, wanted))  # what is missing was taken away by somebody
        if (useless := rules.useless(there, wanted)) and self._may_act():
            x.delete([rule.id for rule in useless])
            there = [rule for rule in there if rule not in useless]
        new, again = rules.to_add(there, wanted), False
        if new:
            added = x.add(new)
            again = self._not_added(x, new, added)
            there = x.all()
        if (old := rules.to_drop(there, wanted)) and self._may_act():
            x.delete([rule.id for rule in old])
            there = [rule for rule in there if rule not in old]
            again |= bool(rules.to_add(there, wanted))
        self._now_there(there, wanted)
        self._changed = there != before
        return again or rules.covered(there, wanted) != wanted

    def _share(self, there: Collection[Rule]) -> Wanted:
        """What fits of all that is wanted; the others wait for room, and their owners are told."""
        watched = self._directory.all
        wanted = rules.fair([one.want for one in watched], rules.room(there))
        fits = {one.id for one in watched if _is_in(one, wanted)}
        waits = {one.id for one in watched if one.status is WatchedStatus.NO_ROOM}
        stored.have_room(fits & waits)
        stored.have_no_room({one.id for one in watched} - fits - waits, now())
        return wanted

    def _not_added(self, x: RulesAtX, new: list[NewRule], added: Added) -> bool:
        """What X has not taken, down to the one thing that is to blame; whether to try again soon."""
        if added.full:
            log.warning("X takes no more rules", wanted=len(new))
        of = {rule.value: rule for rule in new}
        if len(added.refused) == len(new) > MANY:
            log.error("X refuses every rule", rules=len(new), said=next(iter(added.refused.values())))
            return True
        for value, said in added.refused.items():
            rule = of[value]
            if rule.tag != rules.OF_ACCOUNTS:
                self._refused(WatchedKind.SEARCH, value, said)
                continue
            group = Rule("0", rule.value, rule.tag).accounts
            alone = {rules.of_accounts([account]).value: account for account in group}
            tried = x.add([rules.of_accounts([account]) for account in group], only_try=True)
            if len(tried.refused) == len(group) > MANY:
                log.error("X refuses every account of a rule", accounts=len(group), said=said)
                continue
            for one, why in tried.refused.items():
                self._refused(WatchedKind.ACCOUNT, str(alone[one]), why)
        return bool(added.refused) or added.full

    def _refused(self, kind: WatchedKind, key: str, said: str) -> None:
        log.warning("X refuses what is watched", kind=kind, detail=said, stopped=stored.refused(kind, key, said, now()))

    def _now_there(self, there: list[Rule], wanted: Wanted) -> None:
        """Who is brought from now on: what is new among it is told, since when it was not."""
        self.matcher, self.count = Matcher(there), sum(rule.is_ours for rule in there)
        brings = rules.covered(there, wanted)
        terms = _terms(brings)
        at, came = id_at(now()), terms - self._there
        if came:  # before it is believed to be there: whoever dies over this has told nothing yet
            self._placed({term: self._last_there.get(term, 0) for term in came})
        self._there = terms
        self._last_there = dict.fromkeys(terms, at) | {
            term: since
            for term, since in self._last_there.items()
            if term in self._directory.by_term and term not in terms
        }
        self.complete = brings == wanted


def _terms(wanted: Wanted) -> frozenset[Term]:
    return frozenset({*wanted.accounts, *map(term_of_search, wanted.searches)})


def _is_in(one: Listening, wanted: Wanted) -> bool:
    return int(one.key) in wanted.accounts if one.kind is WatchedKind.ACCOUNT else one.key in wanted.searches
