"""What the rules can decide on a message, by which rule, on what evidence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    MENTION = "mention"
    DM = "dm"


class Decision(StrEnum):
    """`asking` is no end: X has to say whether the sender follows the channel."""

    APPROVED = "approved"
    HELD = "held"
    IGNORED = "ignored"
    BLOCKED = "blocked"
    ASKING = "asking"


class Rule(str):
    """Which rule decided. Each is declared in the rule's own module; the values are stored, so they never change."""

    __slots__ = ()


class Doubt(Rule):
    """A rule that may leave the decision to a person."""

    __slots__ = ()


EDITED = Rule("edited")  # no rule gives it: a later edit of the message took its place
UNJUDGED = Rule("unjudged")  # nor this: the judge broke on it, and who runs the service let it go
FOR_GOOD = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`block_days` blocks the sender too: for so many days, or for good (0). `waits_until` is the next open hour."""

    decision: Decision
    rule: Rule
    evidence: tuple[str, ...] = ()
    block_days: int | None = None
    waits_until: datetime | None = None
