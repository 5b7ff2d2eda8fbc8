"""The verdict on a message: by which rule, on what evidence.

Rules run in their order (the kind's switch, triggers, filters); the first that decides, decides. A ruleset is
compiled once a version into one automaton, so its size hardly costs: the text is scanned once whatever the
number of keywords.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

import ahocorasick_rs

from engine.text import BREAK, pattern_of, read

MAX_KEYWORD = 100


class MessageKind(StrEnum):
    MENTION = "mention"
    DM = "dm"


class Decision(StrEnum):
    APPROVED = "approved"
    IGNORED = "ignored"
    BLOCKED = "blocked"


class Rule(StrEnum):
    """Which rule decided. The values are stored, so they never change."""

    KIND_OFF = "kind_off"
    NO_TRIGGERS = "no_triggers"
    OFF_TOPIC = "off_topic"
    FILTER = "filter"
    TRIGGER = "trigger"


class KeywordRole(StrEnum):
    TRIGGER = "trigger"
    FILTER = "filter"


class BadKeyword(ValueError):
    """A keyword that can't match anything, or is too long. `reason` is `empty`, `long` or `wordless`."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(f"bad keyword ({reason})")
        self.reason = reason
        self.text = text


def check_keyword(text: str) -> str:
    """The keyword as it is kept (trimmed, inner spaces single). Raises BadKeyword."""
    kept = " ".join(text.split())
    if not kept:
        raise BadKeyword("empty", kept)
    if len(kept) > MAX_KEYWORD:
        raise BadKeyword("long", kept)
    if pattern_of(kept) is None:
        raise BadKeyword("wordless", kept)
    return kept


@dataclass(frozen=True, slots=True)
class Verdict:
    decision: Decision
    rule: Rule
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keyword:
    role: KeywordRole
    text: str


@dataclass(frozen=True)
class Ruleset:
    """What a channel wants reposted, compiled. Build it with `compile_ruleset`."""

    version: int
    mentions_on: bool
    dms_on: bool
    has_triggers: bool
    _roles: tuple[KeywordRole, ...] = ()
    _texts: tuple[str, ...] = ()
    _automaton: ahocorasick_rs.AhoCorasick | None = field(default=None, repr=False)

    def judge(self, kind: MessageKind, text: str) -> Verdict:
        """Decide on one message. Costs the length of the text, not the number of keywords."""
        if not (self.mentions_on if kind is MessageKind.MENTION else self.dms_on):
            return Verdict(Decision.IGNORED, Rule.KIND_OFF)
        if not self.has_triggers or self._automaton is None:
            return Verdict(Decision.IGNORED, Rule.NO_TRIGGERS)
        triggers, filters = self._matches(text)
        if not triggers:
            return Verdict(Decision.IGNORED, Rule.OFF_TOPIC)
        if filters:
            return Verdict(Decision.BLOCKED, Rule.FILTER, filters)
        return Verdict(Decision.APPROVED, Rule.TRIGGER, triggers)

    def _matches(self, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        assert self._automaton is not None
        triggers: dict[str, None] = {}
        filters: dict[str, None] = {}
        hits = self._automaton.find_matches_as_indexes(read(text).haystack, overlapping=True)
        for index, _start, _end in hits:
            found = triggers if self._roles[index] is KeywordRole.TRIGGER else filters
            found[self._texts[index]] = None
        return tuple(triggers), tuple(filters)


def compile_ruleset(version: int, keywords: Iterable[Keyword], *, mentions_on: bool, dms_on: bool) -> Ruleset:
    """Compile a channel's keywords. Those that hold no word (none should be stored) are left out."""
    kept = [(k, p) for k in keywords if (p := pattern_of(k.text)) is not None and BREAK not in p]
    automaton = ahocorasick_rs.AhoCorasick([p for _, p in kept]) if kept else None
    return Ruleset(
        version=version,
        mentions_on=mentions_on,
        dms_on=dms_on,
        has_triggers=any(k.role is KeywordRole.TRIGGER for k, _ in kept),
        _roles=tuple(k.role for k, _ in kept),
        _texts=tuple(k.text for k, _ in kept),
        _automaton=automaton,
    )


def split_keywords(typed: str) -> list[str]:
    """What a person typed after `add` or `remove`, as keywords: separated by commas or lines, quotes allowed.

    `choque, "vía cerrada", #metro` → `["choque", "vía cerrada", "#metro"]`. A comma inside quotes belongs to
    the keyword. Empty pieces are dropped; a piece that is only quotes is kept as empty, to be refused by name.
    """
    pieces: list[str] = []
    current: list[str] = []
    quoted = was_quoted = False

    def close() -> None:
        text = "".join(current).strip()
        if text or was_quoted:
            pieces.append(text)
        current.clear()

    for char in typed:
        if char in '"“”«»':
            quoted, was_quoted = not quoted, True
        elif char in ",;\n" and not quoted:
            close()
            was_quoted = False
        else:
            current.append(char)
    close()
    return pieces
