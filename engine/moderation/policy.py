"""A channel's choices: which rules run, and how strict they are."""

from dataclasses import dataclass
from enum import StrEnum

from engine.moderation.verdicts import MessageKind
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
    """The switches of the rules. `near` is a percentage of likeness; at 100 only the same text is a repeat.

    Hours are None for a kind that has none of its own.
    """

    mentions_on: bool = True
    dms_on: bool = True
    senders_on: bool = True
    followers_only: bool = False
    burst_most: int = 5
    burst_minutes: int = 10
    triggers_on: bool = True
    filters_on: bool = True
    no_links: bool = False
    no_media: bool = False
    no_sensitive: bool = False
    repeats_on: bool = True
    near: int = NEAR_DEFAULT
    hours_on: bool = False
    outside: Outside = Outside.WAIT
    zone: str = "UTC"
    mention_hours: Timetable | None = None
    dm_hours: Timetable | None = None
    review: Review = Review.OFF

    def hears(self, kind: MessageKind) -> bool:
        return self.mentions_on if kind is MessageKind.MENTION else self.dms_on

    def hours(self, kind: MessageKind) -> Timetable:
        """A kind without hours of its own keeps to the other's; where nobody set any, it is always open."""
        first, second = self.mention_hours, self.dm_hours
        if kind is MessageKind.DM:
            first, second = second, first
        return next((table for table in (first, second) if table is not None), ALWAYS)
