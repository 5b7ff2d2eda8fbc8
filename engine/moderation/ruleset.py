"""A channel's rules, compiled: the verdict on a message.

Rules run in their order; the first that decides, decides. Each is a module with one `decide`; the switches and the
codes that it declares are known from its place in the list. The lists are compiled once a version into one automaton,
so their size hardly costs: the text is scanned once whatever the number of keywords.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import ahocorasick_rs

from engine import on_x
from engine.moderation import (
    crowds,
    filters,
    hours,
    kinds,
    optout,
    protected,
    repeats,
    review,
    senders,
    triggers,
    verdicts,
    watched,
)
from engine.moderation.case import NOBODY_KNOWN, Case, Reading, Recent, Said, Writer
from engine.moderation.disguises import seen_through
from engine.moderation.keywords import Keyword, KeywordRole
from engine.moderation.policy import Policy
from engine.moderation.senders import NOT_FOLLOWER, TRUSTED
from engine.moderation.triggers import ANYTHING, OFF_TOPIC, TRIGGER, TRIGGERS_ON
from engine.moderation.verdicts import Decision, MessageKind, Rule, Verdict
from engine.moderation.wishes import Wish, wish_of
from engine.switches import Switch
from engine.text import BREAK, LINK, pattern_of, read, site_pattern_of
from engine.watching import Watch


class Decides(Protocol):
    """A rule's module."""

    def decide(self, case: Case) -> Verdict | None:
        """The verdict; None where the next rule is asked."""


RULES: tuple[Decides, ...] = (
    optout,
    kinds,
    watched,
    protected,
    senders,
    triggers,
    filters,
    crowds,
    repeats,
    hours,
    review,
)
SWITCHES = tuple(dict.fromkeys(v for rule in RULES for v in vars(rule).values() if isinstance(v, Switch)))
CODES = tuple(dict.fromkeys(v for m in (verdicts, *RULES) for v in vars(m).values() if isinstance(v, Rule)))
_NAMES = re.compile(r"(?<![\w@＠])[@＠]([A-Za-z0-9_]{1,15})(?!\w)")
_DECIDE = tuple(rule.decide for rule in RULES)
WORDS = (KeywordRole.TRIGGER, KeywordRole.FILTER)


@dataclass(frozen=True)
class Ruleset:
    """What a channel wants reposted; `handle` is its own name, without @. Build it with `compile_ruleset`."""

    version: int
    policy: Policy
    keywords: tuple[Keyword, ...] = ()
    has_triggers: bool = False
    handle: str = ""
    has_filters: bool = False
    has_sites: bool = False
    watches: Mapping[int, Watch] = field(default_factory=dict)
    _automaton: ahocorasick_rs.AhoCorasick | None = field(default=None, repr=False)

    def read(self, said: Said) -> Reading:
        """Find the channel's words in a message. Costs the length of the text, not the number of keywords."""
        has_link = self.policy.on(filters.NO_LINKS) and _has_link(said.text)
        if self._automaton is None:
            return Reading(has_link=has_link, wish=self._wish(said, is_news=False))
        haystack = read(said.text).haystack
        if self.has_sites:
            haystack += f"{BREAK} {' '.join(on_x.sites(said.text))} "
        plain, by = len(haystack), _brought_by(said)
        if self.has_filters and (behind := seen_through(said.text, haystack)):
            haystack += f"{BREAK} {behind} "
        found_triggers: dict[str, None] = {}
        found_filters: dict[Keyword, None] = {}
        for index, start, _end in self._automaton.find_matches_as_indexes(haystack, overlapping=True):
            keyword = self.keywords[index]
            if keyword.role is KeywordRole.FILTER:
                found_filters[keyword] = None
            elif start < plain and keyword.watched_id == by and keyword.applies in (None, said.kind.like):
                found_triggers[keyword.text] = None
        wish = self._wish(said, is_news=bool(found_triggers))
        return Reading(tuple(found_triggers), tuple(found_filters), has_link, wish)

    def _wish(self, said: Said, *, is_news: bool) -> Wish | None:
        if not said.kind.is_to_channel and not self._is_named(said):
            return None
        return wish_of(said.text, self.handle, private=said.kind is MessageKind.DM, is_news=is_news)

    def may_pass(self, said: Said, reading: Reading) -> bool:
        """Whether its triggers let it pass, whoever wrote it."""
        watch = self.watches.get(said.watched_id)
        if said.kind is MessageKind.WATCHED:
            wanted = watch is not None and bool(reading.triggers or not watch.triggers)
            mention = None if wanted else self._as_mention(said)
            return wanted or (mention is not None and self.may_pass(mention, self.read(mention)))
        return bool(reading.triggers) or not self.policy.on(TRIGGERS_ON)

    def judge(
        self, said: Said, reading: Reading, writer: Writer, now: datetime, recent: Recent = NOBODY_KNOWN
    ) -> Verdict:
        """Decide on one message, at this instant (aware UTC), beside what the channel heard lately.

        What is watched and names the channel too may pass as either, whichever way it came first.
        """
        verdict = self._judged(said, reading, writer, now, recent)
        if verdict.rule in (OFF_TOPIC, watched.NOT_WATCHED) and (mention := self._as_mention(said)) is not None:
            as_mention = self._judged(mention, self.read(mention), writer, now, recent)
            return verdict if as_mention.decision is Decision.IGNORED else as_mention
        return verdict

    def _as_mention(self, said: Said) -> Said | None:
        """The same as the mention that it is besides; None where it is none, or the channel hears none."""
        watch = self.watches.get(said.watched_id)
        chosen = watch is None or watch.kind.by_name  # a search brings answers too, which X lets begin with names
        is_one = said.kind is MessageKind.WATCHED and chosen and self.policy.hears(MessageKind.MENTION)
        return replace(said, kind=MessageKind.MENTION, watched_id=0) if is_one and self._is_named(said) else None

    def _is_named(self, said: Said) -> bool:
        return bool(self.handle) and self.handle.lower() in (name.lower() for name in _NAMES.findall(said.text))

    def _judged(self, said: Said, reading: Reading, writer: Writer, now: datetime, recent: Recent) -> Verdict:
        case = Case(said, reading, writer, self.policy, self.has_triggers, now, recent, self.handle)
        case.watch = self.watches.get(_brought_by(said))
        for decide in _DECIDE:
            verdict = decide(case)
            if verdict is not None and verdict.decision is not Decision.HELD:
                return verdict
            if verdict is not None:
                return _after_asking(case, verdict, verdict.rule)
        return _after_asking(case, _approved(case), NOT_FOLLOWER)


def _brought_by(said: Said) -> int:
    """By which of what is watched it is judged; 0 for a mention, also where that was brought by something."""
    return said.watched_id if said.kind is MessageKind.WATCHED else 0


def _after_asking(case: Case, verdict: Verdict, asked_for: Rule) -> Verdict:
    """What passes, if X need not say first who wrote it."""
    if senders.must_ask(case):
        return Verdict(Decision.ASKING, asked_for)
    return Verdict(Decision.ASKING, senders.NAMELESS) if senders.must_name(case, verdict.decision) else verdict


def _approved(case: Case) -> Verdict:
    if case.reading.triggers:
        return Verdict(Decision.APPROVED, TRIGGER, case.reading.triggers, waits_until=case.waits_until)
    rule = TRUSTED if case.policy.on(TRIGGERS_ON) else ANYTHING
    rule = rule if case.watch is None else watched.WATCHED
    return Verdict(Decision.APPROVED, rule, waits_until=case.waits_until)


def _has_link(text: str) -> bool:
    """Whether a reader finds a link in it, or X does."""
    return LINK.search(text) is not None or on_x.has_link(text)


def compile_ruleset(
    version: int, keywords: Iterable[Keyword], policy: Policy, handle: str = "", watches: Iterable[Watch] = ()
) -> Ruleset:
    """Compile a channel's triggers and filters, and the triggers of what it watches. Those that hold no word (none
    should be stored) are left out.
    """
    by_id = {watch.id: watch for watch in watches}
    known = [k for k in keywords if k.role in WORDS]
    known += [Keyword(KeywordRole.TRIGGER, word, watched_id=w.id) for w in by_id.values() for word in w.triggers]
    sites = [(k, p) for k in known if (p := site_pattern_of(k.text)) is not None]
    kept = [(k, p) for k in known if (p := pattern_of(k.text)) is not None] + sites
    return Ruleset(
        version=version,
        policy=policy,
        keywords=tuple(k for k, _ in kept),
        has_triggers=any(k.role is KeywordRole.TRIGGER and not k.watched_id for k, _ in kept),
        handle=handle,
        has_filters=any(k.role is KeywordRole.FILTER for k, _ in kept),
        has_sites=bool(sites),
        watches=by_id,
        _automaton=ahocorasick_rs.AhoCorasick([p for _, p in kept]) if kept else None,
    )
