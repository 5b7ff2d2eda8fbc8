"""The rules of the filtered stream: accounts packed many to a rule, searches one each, and never more than X takes.

What X has is the packing: whoever looks at it anew comes to the same changes. A rule is added before what it replaces
goes, and goes only where all that is wanted of it is in others, so there is never a gap. One account more changes one
rule.
"""

import hashlib
import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

MOST_RULES, LONGEST_RULE = 1_000, 1_024
SPARE = 20  # rules that are kept free: the new ones come before the old ones go
OURS = "canales:"
OF_ACCOUNTS = f"{OURS}accounts"
ONLY_THEIR_OWN = " -is:retweet -is:reply"
PER_RULE = (LONGEST_RULE - len("()" + ONLY_THEIR_OWN) + 4) // len("from:1234567890123456789 OR ")
LOOSE = 1.25  # so many times the fewest rules may be in use before some are put together
_FROM = re.compile(r"from:([0-9]{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as X is to have it."""

    value: str
    tag: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as X has it."""

    id: str
    value: str
    tag: str

    @property
    def is_ours(self) -> bool:
        return self.tag.startswith(OURS)

    @property
    def accounts(self) -> frozenset[int]:
        """The accounts that it brings; none where it is no packing of ours."""
        found = frozenset(map(int, _FROM.findall(self.value)))
        return found if found and self.value == of_accounts(found).value else frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the rules are to bring: accounts by their ids, searches as X is given them."""

    accounts: frozenset[int] = frozenset()
    searches: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Want:
    """What one channel watches: an account (`account`) or a search."""

    channel_id: int
    account: int = 0
    search: str = ""


def of_accounts(ids: Iterable[int]) -> NewRule:
    """The rule that brings what these accounts say themselves: no reposts, no answers."""
    return NewRule(f"({' OR '.join(f'from:{i}' for i in sorted(ids))}){ONLY_THEIR_OWN}", OF_ACCOUNTS)


def of_search(search: str) -> NewRule:
    """The rule of a search; its tag says which it is, also where its value is not known."""
    return NewRule(search, search_tag(search))


def search_tag(search: str) -> str:
    return f"{OURS}search:{hashlib.sha256(search.encode()).hexdigest()[:16]}"


def room(rules: Collection[Rule]) -> int:
    """How many rules are ours to use, beside those that somebody else made."""
    return max(0, MOST_RULES - SPARE - sum(not rule.is_ours for rule in rules))


def fair(wants: Sequence[Want], most: int) -> Wanted:
    """As much of it as so many rules hold. Who has less comes first, by the room that it takes; within a channel, in
    the order given. What another has already brings takes none.
    """
    of_channel: dict[int, list[Want]] = defaultdict(list)
    for want in wants:
        of_channel[want.channel_id].append(want)
    waiting = [(0, channel_id, 0) for channel_id in of_channel]
    heapq.heapify(waiting)
    accounts, searches = set[int](), set[str]()
    while waiting:
        used, channel_id, at = heapq.heappop(waiting)
        want = of_channel[channel_id][at]
        cost = 0
        if want.account and want.account not in accounts:
            if rules_for(len(accounts) + 1) + len(searches) <= most:
                accounts.add(want.account)
                cost = 1
        elif want.search and want.search not in searches and rules_for(len(accounts)) + len(searches) < most:
            searches.add(want.search)
            cost = PER_RULE
        if at + 1 < len(of_channel[channel_id]):
            heapq.heappush(waiting, (used + cost, channel_id, at + 1))
    return Wanted(frozenset(accounts), frozenset(searches))


def rules_for(accounts: int) -> int:
    """How many rules so many accounts take at most."""
    return 0 if not accounts else int(accounts / PER_RULE * LOOSE) + 2


def covered(rules: Iterable[Rule], wanted: Wanted) -> Wanted:
    """What of it these rules bring."""
    accounts, searches = set[int](), set[str]()
    for rule in rules:
        accounts |= rule.accounts & wanted.accounts
        searches |= {rule.value} & wanted.searches
    return Wanted(frozenset(accounts), frozenset(searches))


def to_add(rules: Sequence[Rule], wanted: Wanted) -> list[NewRule]:
    """The rules that are missing, those among them that take the place of others."""
    there = {rule.value for rule in rules}
    new = [of_search(search) for search in sorted(wanted.searches - there)]
    return new + [rule for rule in _groups(rules, wanted.accounts) if rule.value not in there]


def useless(rules: Sequence[Rule], wanted: Wanted) -> list[Rule]:
    """Those of ours that bring nothing that is wanted: they only cost."""
    return [r for r in rules if r.is_ours and not r.accounts & wanted.accounts and r.value not in wanted.searches]


def to_drop(rules: Sequence[Rule], wanted: Wanted) -> list[Rule]:
    """Those of ours without which all is brought that is wanted, as far as it is by now."""
    return [
        r for r, kept in _in_use(rules, wanted.accounts) if r.is_ours and not kept and r.value not in wanted.searches
    ]


def _in_use(rules: Iterable[Rule], accounts: frozenset[int]) -> list[tuple[Rule, frozenset[int]]]:
    """Each rule with the accounts that none before it brings: the fullest first, and of two those that bring less else.

    The order is the same for whoever looks, so no two take away each other's.
    """
    order = sorted(rules, key=lambda r: (-len(r.accounts & accounts), len(r.accounts - accounts), int(r.id)))
    seen: frozenset[int] = frozenset()
    found: list[tuple[Rule, frozenset[int]]] = []
    for rule in order:
        kept = (rule.accounts & accounts) - seen
        seen |= kept
        found.append((rule, kept))
    return found


def _groups(rules: Sequence[Rule], accounts: frozenset[int]) -> list[NewRule]:
    """The rules of accounts that are to be made: for what is missing, and for those that bring what nobody wants.

    Few are touched: what is missing fills those that change anyway, then one that has room, then new ones.
    """
    whole: list[set[int]] = []  # those that may stay as they are
    changing: list[set[int]] = []
    for rule, kept in _in_use(rules, accounts):
        if kept:
            (changing if rule.accounts - accounts else whole).append(set(kept))
    missing = sorted(accounts - set().union(*whole, *changing))
    for group in changing:
        missing = _fill(group, missing)
    while len(missing) >= PER_RULE:
        changing.append(set(missing[:PER_RULE]))
        missing = missing[PER_RULE:]
    if missing:
        with_room = [g for g in whole if len(g) + len(missing) <= PER_RULE]
        emptiest = min(with_room, key=len, default=None)
        if emptiest is not None:
            whole.remove(emptiest)
        changing.append(_with(emptiest or set(), missing))
    return [of_accounts(group) for group in _put_together(whole, changing)]


def _fill(group: set[int], missing: list[int]) -> list[int]:
    """Put as many of them into a group as it has room for; the others."""
    free = max(0, PER_RULE - len(group))
    group.update(missing[:free])
    return missing[free:]


def _with(group: set[int], more: Iterable[int]) -> set[int]:
    return group | set(more)


def _put_together(whole: list[set[int]], changing: list[set[int]]) -> list[set[int]]:
    """Where many are nearly empty, the two emptiest become one, one pair a time."""
    count = sum(map(len, (*whole, *changing)))
    if len(whole) + len(changing) <= rules_for(count):
        return changing
    one, other = sorted((*whole, *changing), key=len)[:2]
    if len(one) + len(other) > PER_RULE:
        return changing
    return [g for g in changing if g is not one and g is not other] + [one | other]


# --- whose a post is ----------------------------------------------------------------------------------------


class Matcher:
    """Which of the things that are watched a post belongs to, by the rules that it matches and by who wrote it."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_id = {rule.id: rule for rule in rules}

    def terms(self, matching: Iterable[tuple[str, str]], author: int) -> tuple[int, frozenset[str]]:
        """The account that brought it (0: none), and the tags of the searches. `matching`: id and tag of each rule."""
        account, tags = 0, set[str]()
        for rule_id, tag in matching:
            rule = self._by_id.get(rule_id)
            if tag == OF_ACCOUNTS or (rule is not None and rule.accounts):
                account = author
            else:
                tags.add(search_tag(rule.value) if rule is not None else tag)
        return account, frozenset(tags)


def shares(wants: Iterable[Want]) -> Mapping[int | str, int]:
    """How many channels watch each account and each search: they share what it costs."""
    return Counter(want.account or want.search for want in wants)
