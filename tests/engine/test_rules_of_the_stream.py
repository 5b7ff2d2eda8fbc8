"""Rules of the filtered stream: packed and shared fairly, changed little, and never with a gap, whoever changes them."""

import random
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.x.watching import rules
from engine.x.watching.rules import LONGEST_RULE, MOST_RULES, PER_RULE, Matcher, NewRule, Rule, Want, Wanted

ID = 1_234_567_890_123_456_000  # as long as X's ids are
SEARCH = '"vía cerrada" -is:retweet'


class AtX:
    """X's rules: each value once, a thousand at most."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = {}
        self._ids = count(1)
        self.added = self.deleted = 0

    def all(self) -> list[Rule]:
        return list(self.rules.values())

    def add(self, new: list[NewRule], lost: Callable[[], bool] = lambda: False) -> None:
        for rule in new:
            assert len(rule.value) <= LONGEST_RULE
            if rule.value not in self.rules and not lost():
                assert len(self.rules) < MOST_RULES
                self.rules[rule.value] = Rule(str(next(self._ids)), rule.value, rule.tag)
                self.added += 1

    def drop(self, old: list[Rule]) -> None:
        for rule in old:
            if self.rules.pop(rule.value, None) is not None:
                self.deleted += 1

    def made_equal(self, wanted: Wanted) -> int:
        """As one process does it, to the end; how many passes it took."""
        for passes in range(1, 200):
            self.drop(rules.useless(self.all(), wanted))
            new = rules.to_add(self.all(), wanted)
            self.add(new)
            old = rules.to_drop(self.all(), wanted)
            self.drop(old)
            if not new and not old:
                return passes
        raise AssertionError("it never ends")

    def brings(self) -> frozenset[int]:
        return frozenset().union(*(r.accounts for r in self.all()))


def accounts(*numbers: int) -> frozenset[int]:
    return frozenset(ID + n for n in numbers)


def test_a_rule_is_full_with_the_longest_ids() -> None:
    assert len(rules.of_accounts(10**19 - 1 - n for n in range(PER_RULE)).value) <= LONGEST_RULE
    assert PER_RULE == 35
    assert rules.of_accounts([7, 5]).value == "(from:5 OR from:7) -is:retweet -is:reply"


def test_two_hundred_channels_with_five_accounts_each_take_few_rules() -> None:
    wants = [Want(c, account=ID + (n if c * 5 + n < 300 else 1000 + c * 5 + n)) for c in range(200) for n in range(5)]
    wanted = rules.fair(wants, MOST_RULES - rules.SPARE)
    assert len(wanted.accounts) == 705  # 300 of the thousand are the same five
    x = AtX()
    assert x.made_equal(wanted) == 2
    assert x.brings() == wanted.accounts
    assert len(x.rules) == 21
    assert (x.added, x.deleted) == (21, 0)


def test_one_account_more_or_less_changes_one_rule() -> None:
    x, wanted = AtX(), Wanted(accounts(*range(200)))
    x.made_equal(wanted)
    before = set(x.rules)
    x.made_equal(Wanted(wanted.accounts | accounts(900)))
    assert len(before - set(x.rules)) == len(set(x.rules) - before) == 1
    before = set(x.rules)
    x.made_equal(Wanted((wanted.accounts | accounts(900)) - accounts(77)))
    assert len(before - set(x.rules)) <= 2
    assert x.brings() == (wanted.accounts | accounts(900)) - accounts(77)


def test_what_is_nearly_empty_is_put_together() -> None:
    x = AtX()
    x.made_equal(Wanted(accounts(*range(3000))))
    x.made_equal(Wanted(accounts(*range(0, 3000, 20))))
    assert x.brings() == accounts(*range(0, 3000, 20))
    assert len(x.rules) <= rules.rules_for(150)


def test_what_others_made_stays_and_takes_room() -> None:
    x = AtX()
    x.rules["cats"] = Rule("99999", "cats", "somebody's")
    x.made_equal(Wanted(accounts(1), frozenset({SEARCH, "cats"})))
    x.made_equal(Wanted())
    assert [r.value for r in x.all()] == ["cats"]
    assert rules.room(x.all()) == MOST_RULES - rules.SPARE - 1


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sets(st.integers(0, 120)), st.sets(st.sampled_from("abcdef"))), max_size=8), st.integers())
def test_there_is_never_a_gap_whatever_is_lost_and_whoever_works_at_it(
    changes: list[tuple[set[int], set[str]]], seed: int
) -> None:
    """Two processes at once, each with a list of the rules that may be old, and additions that X loses."""
    x, chance = AtX(), random.Random(seed)
    wanted = Wanted()
    for numbers, letters in changes:
        before, wanted = wanted, Wanted(accounts(*numbers), frozenset(letters))
        stays = Wanted(before.accounts & wanted.accounts, before.searches & wanted.searches)
        lists = [x.all(), x.all()]
        for _ in range(6):
            who = chance.randrange(2)
            step = chance.randrange(3)
            if step == 0:
                lists[who] = x.all()
            elif step == 1:
                x.add(rules.to_add(lists[who], wanted), lambda: chance.random() < 0.3)
            else:
                x.drop(
                    rules.to_drop(lists[who], wanted) if chance.random() < 0.5 else rules.useless(lists[who], wanted)
                )
            assert rules.covered(x.all(), stays) == stays
        x.made_equal(wanted)
        assert x.brings() == wanted.accounts
        assert {r.value for r in x.all() if not r.accounts} == wanted.searches
        assert len(x.rules) - len(wanted.searches) <= rules.rules_for(len(wanted.accounts))


def test_room_is_shared_fairly_and_what_another_brings_takes_none() -> None:
    greedy = [Want(1, search=f"s{n}") for n in range(90)]
    modest = [Want(2, search="one"), Want(3, account=5), Want(3, account=6), Want(4, search="s0")]
    wanted = rules.fair([*greedy, *modest], 12)
    assert wanted.accounts == {5, 6}
    assert {"one", "s0"} <= wanted.searches
    assert len(wanted.searches) == 12 - rules.rules_for(2)
    equal = rules.fair([Want(c, search=f"{c}:{n}") for c in range(5) for n in range(50)], 20)
    assert {c: sum(s.startswith(f"{c}:") for s in equal.searches) for c in range(5)} == dict.fromkeys(range(5), 4)
    assert rules.fair([], 5) == Wanted()
    assert rules.fair(modest, 0) == Wanted()


@pytest.mark.parametrize(
    ("matching", "account", "searches"),
    [
        ([("1", "canales:accounts")], 7, []), ([("2", "")], 0, [SEARCH]), ([("1", ""), ("2", "x")], 7, [SEARCH]),
        ([("77", "canales:accounts")], 7, []), ([("77", rules.search_tag("b"))], 0, ["b"]), ([], 0, []),
    ],
)  # fmt: skip
def test_whose_a_post_is_is_told_by_the_rules_that_it_matches(
    matching: list[tuple[str, str]], account: int, searches: list[str]
) -> None:
    packed = rules.of_accounts([7, 8])
    matcher = Matcher([Rule("1", packed.value, packed.tag), Rule("2", SEARCH, "somebody's")])
    assert matcher.terms(matching, 7) == (account, frozenset(map(rules.search_tag, searches)))


def test_a_rule_that_is_no_packing_of_ours_brings_no_accounts() -> None:
    for value in ("from:5 OR from:7", "(from:7 OR from:5) -is:retweet -is:reply", "from:5 choque", ""):
        assert Rule("1", value, rules.OF_ACCOUNTS).accounts == frozenset()
