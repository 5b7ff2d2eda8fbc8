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


class Rule(StrEnum):
    """Which rule decided. The values are stored, so they never change."""

    KIND_OFF = "kind_off"
    SENDER_BLOCKED = "sender_blocked"
    BURST = "burst"
    NOT_FOLLOWER = "not_follower"
    FOLLOWER_UNKNOWN = "follower_unknown"
    NO_TRIGGERS = "no_triggers"
    OFF_TOPIC = "off_topic"
    FILTER = "filter"
    LINK = "link"
    MEDIA = "media"
    SENSITIVE = "sensitive"
    REPEAT = "repeat"
    NEAR_REPEAT = "near_repeat"
    OUT_OF_HOURS = "out_of_hours"
    NO_HOURS = "no_hours"
    REVIEW_ALL = "review_all"
    UNTRIGGERED = "untriggered"
    NEW_SENDER = "new_sender"
    TRIGGER = "trigger"
    TRUSTED = "trusted"
    ANYTHING = "anything"
    PERSON = "person"
    LAPSED = "lapsed"
    EDITED = "edited"


FOR_GOOD = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`block_days` blocks the sender too: for so many days, or for good (0). `waits_until` is the next open hour."""

    decision: Decision
    rule: Rule
    evidence: tuple[str, ...] = ()
    block_days: int | None = None
    waits_until: datetime | None = None
