"""A channel's rules, compiled: the verdict on a message.

Rules run in their order; the first that decides, decides. The lists are compiled once a version into one automaton,
so their size hardly costs: the text is scanned once whatever the number of keywords.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import ahocorasick_rs

from engine.moderation import filters, hours, kinds, repeats, review, senders, triggers
from engine.moderation.case import NOBODY_KNOWN, Case, Reading, Said, Writer
from engine.moderation.keywords import Keyword, KeywordRole
from engine.moderation.policy import Policy
from engine.moderation.verdicts import Decision, Rule, Verdict
from engine.similarity import RecentTexts
from engine.text import LINK, pattern_of, read

RULES: tuple[Callable[[Case], Verdict | None], ...] = tuple(
    rule.decide for rule in (kinds, senders, triggers, filters, repeats, hours, review)
)
WORDS = (KeywordRole.TRIGGER, KeywordRole.FILTER)


@dataclass(frozen=True)
class Ruleset:
    """What a channel wants reposted. Build it with `compile_ruleset`."""

    version: int
    policy: Policy
    keywords: tuple[Keyword, ...] = ()
    has_triggers: bool = False
    _automaton: ahocorasick_rs.AhoCorasick | None = field(default=None, repr=False)

    def read(self, said: Said) -> Reading:
        """Find the channel's words in a message. Costs the length of the text, not the number of keywords."""
        has_link = LINK.search(said.text) is not None
        if self._automaton is None:
            return Reading(has_link=has_link)
        found_triggers: dict[str, None] = {}
        found_filters: dict[Keyword, None] = {}
        for index, _start, _end in self._automaton.find_matches_as_indexes(read(said.text).haystack, overlapping=True):
            keyword = self.keywords[index]
            if keyword.role is KeywordRole.FILTER:
                found_filters[keyword] = None
            elif keyword.applies is None or keyword.applies is said.kind:
                found_triggers[keyword.text] = None
        return Reading(tuple(found_triggers), tuple(found_filters), has_link)

    def judge(
        self, said: Said, reading: Reading, writer: Writer, now: datetime, recent: RecentTexts = NOBODY_KNOWN
    ) -> Verdict:
        """Decide on one message, at this instant (aware UTC), beside what the channel heard lately."""
        case = Case(said, reading, writer, self.policy, self.has_triggers, now, recent)
        for rule in RULES:
            verdict = rule(case)
            if verdict is not None and verdict.decision is not Decision.HELD:
                return verdict
            if verdict is not None:
                return Verdict(Decision.ASKING, verdict.rule) if senders.must_ask(case) else verdict
        if senders.must_ask(case):
            return Verdict(Decision.ASKING, Rule.NOT_FOLLOWER)
        return _approved(case)


def _approved(case: Case) -> Verdict:
    if case.reading.triggers:
        rule, evidence = Rule.TRIGGER, case.reading.triggers
    elif case.policy.triggers_on:
        rule, evidence = Rule.TRUSTED, ()
    else:
        rule, evidence = Rule.ANYTHING, ()
    return Verdict(Decision.APPROVED, rule, evidence, waits_until=case.waits_until)


def compile_ruleset(version: int, keywords: Iterable[Keyword], policy: Policy) -> Ruleset:
    """Compile a channel's triggers and filters. Those that hold no word (none should be stored) are left out."""
    kept = [(k, p) for k in keywords if k.role in WORDS and (p := pattern_of(k.text)) is not None]
    return Ruleset(
        version=version,
        policy=policy,
        keywords=tuple(k for k, _ in kept),
        has_triggers=any(k.role is KeywordRole.TRIGGER for k, _ in kept),
        _automaton=ahocorasick_rs.AhoCorasick([p for _, p in kept]) if kept else None,
    )
