"""A message before the rules: what it says, who wrote it, and what the channel wants."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from engine.moderation.keywords import Keyword
from engine.moderation.policy import Policy
from engine.moderation.verdicts import Doubt, MessageKind
from engine.moderation.wishes import Wish
from engine.similarity import Like, RecentTexts
from engine.watching import Watch


class Recent(Protocol):
    """What was said lately."""

    def likest(self, text: str, threshold: float, since: datetime, *, origin: int = 0) -> Like | None:
        """The likest of what was said since then, at least as like as this; never an edit's origin."""


NOBODY_KNOWN: Recent = RecentTexts()


@dataclass(frozen=True, slots=True)
class Said:
    """A message as the rules see it. `at` is when it was written (aware UTC); `origin` is the id it first had.

    `protected`: whether only followers read its sender, None where X did not say. `watched_id`: of what it came
    that the channel watches.
    """

    kind: MessageKind
    text: str
    at: datetime
    media: bool = False
    sensitive: bool = False
    origin: int = 0
    protected: bool | None = None
    watched_id: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the channel's lists found in a message, and what it asks of the channel itself. Made once; costs the length
    of the text.
    """

    triggers: tuple[str, ...] = ()
    filters: tuple[Keyword, ...] = ()
    has_link: bool = False
    wish: Wish | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """What is known of who wrote it, at this moment.

    `recent` counts their messages within the burst's minutes, this one too. `follows` is None where X has not said.
    `approved` says that one of their messages was approved before, `opted_out` that they asked
    not to be reposted. `nameless`: their name did not come with the
    message, and X may know it; `name_counts`: it is needed for what would be posted, or to know them.
    """

    blocked: bool = False
    reason: str = ""
    trusted: bool = False
    follows: bool | None = None
    recent: int = 1
    approved: bool = False
    nameless: bool = False
    name_counts: bool = False
    opted_out: bool = False


@dataclass(slots=True)
class Case:
    """One message on its way through the rules.

    `handle` is the channel's own name, without @. `doubts` is what no rule was sure of, for the review. `watch` is what
    brought it, where the channel watches that.
    """

    said: Said
    reading: Reading
    writer: Writer
    policy: Policy
    has_triggers: bool
    now: datetime
    recent: Recent = NOBODY_KNOWN
    handle: str = ""
    doubts: list[tuple[Doubt, tuple[str, ...]]] = field(default_factory=list)
    waits_until: datetime | None = None
    watch: Watch | None = None

    def doubt(self, rule: Doubt, *evidence: str) -> None:
        self.doubts.append((rule, evidence))
