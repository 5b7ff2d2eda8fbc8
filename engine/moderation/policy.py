"""A channel's choices: which rules run, and how strict they are."""

from dataclasses import dataclass
from enum import StrEnum

from engine.moderation.verdicts import MessageKind
from engine.switches import Switch
from engine.timetable import ALWAYS, Timetable

NEAR_DEFAULT = 80
NEAR_LEAST, NEAR_EXACT = 60, 100


class Review(StrEnum):
    """What people decide: nothing, what no rule is sure of, or everything."""

    OFF = "off"
    UNSURE = "unsure"
    ALL = "all"


class Outside(StrEnum):
    """What becomes of a message outside the hours."""

    WAIT = "wait"
    DISCARD = "discard"


class Form(StrEnum):
    """How a tweet goes out: a native repost, or a post of the channel's own."""

    REPOST = "repost"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the rules ask of their channel.

    `turned` are the switches that stand other than by default. `near` is a percentage of likeness; at 100 only the
    same text is a repeat. Hours are None for a kind that has none of its own.
    """

    mentions_on: bool = True
    dms_on: bool = True
    replies_on: bool = False
    turned: frozenset[Switch] = frozenset()
    burst_most: int = 5
    burst_minutes: int = 10
    near: int = NEAR_DEFAULT
    outside: Outside = Outside.WAIT
    zone: str = "UTC"
    mention_hours: Timetable | None = None
    dm_hours: Timetable | None = None
    review: Review = Review.OFF

    def on(self, switch: Switch) -> bool:
        """Whether a switch is on: as it was chosen, else by its default."""
        return switch.default is not (switch in self.turned)

    def hears(self, kind: MessageKind) -> bool:
        if kind is MessageKind.WATCHED:
            return True  # what is not wanted is not watched
        if kind is MessageKind.REPLY:
            return self.replies_on
        return self.mentions_on if kind is MessageKind.MENTION else self.dms_on

    def hours(self, kind: MessageKind) -> Timetable:
        """A kind without hours of its own keeps to the other's; where nobody set any, it is always open.

        Replies, and what is watched, keep to those of mentions.
        """
        first, second = self.mention_hours, self.dm_hours
        if kind is MessageKind.DM:
            first, second = second, first
        return next((table for table in (first, second) if table is not None), ALWAYS)
