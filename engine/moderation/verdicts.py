"""What the rules can decide on a message, by which rule, on what evidence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class MessageKind(StrEnum):
    """What a channel hears. The values are stored, so they never change."""

    MENTION = "mention"  # a post that names the channel in its own words
    DM = "dm"
    REPLY = "reply"  # a post that answers one of the channel's, and does not name it besides
    WATCHED = "watched"  # a post of what the channel watches, which need not know of it

    @property
    def like(self) -> "MessageKind":
        """The kind whose hours it keeps to, and a reply to its words and form too: posts are treated as mentions."""
        return MessageKind.DM if self is MessageKind.DM else MessageKind.MENTION

    @property
    def is_public(self) -> bool:
        """Whether it stands on X for everybody: it can be reposted, and its text may stand in the journal."""
        return self is not MessageKind.DM

    @property
    def is_to_channel(self) -> bool:
        """Whether it is said to the channel, which may be asked for something in it; what it watches is not."""
        return self is not MessageKind.WATCHED


#: To ask of a stored kind, which another release may have written.
PUBLIC = frozenset(kind for kind in MessageKind if kind.is_public)


class Decision(StrEnum):
    """`asking` is no end: X has to say whether the sender follows the channel, or what they are called."""

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
TAKEN_BACK = Rule("taken_back")  # nor this: who wrote it has deleted it
FOR_GOOD = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`block_days` blocks the sender too: for so many days, or for good (0). `waits_until` is the next open hour."""

    decision: Decision
    rule: Rule
    evidence: tuple[str, ...] = ()
    block_days: int | None = None
    waits_until: datetime | None = None
