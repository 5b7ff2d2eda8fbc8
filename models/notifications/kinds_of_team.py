"""The kinds of notices that tell of a channel's team."""

from dataclasses import dataclass
from datetime import datetime

from models.database import EPOCH
from models.notifications.declaring import NoticeKind, told_as


@told_as(NoticeKind.TEAM_CHANGED, urgent=True)
@dataclass(frozen=True, slots=True)
class TeamChanged:
    """Whoever is told has these `roles` (engine/roles.py) in the team from an aware instant on; none: they are out."""

    roles: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.roles}:{self.at.timestamp()}"


@told_as(NoticeKind.MEMBER_LEFT)
@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody left the team by themselves."""

    person: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.person}:{self.at.timestamp()}"


@told_as(NoticeKind.OFFERED, urgent=True)
@dataclass(frozen=True, slots=True)
class HandoverOffered:
    """The owner, a `person`, wants whoever is told to have the channel."""

    person: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.person}:{self.at.timestamp()}"


@told_as(NoticeKind.HANDED_OVER, urgent=True)
@dataclass(frozen=True, slots=True)
class HandoverOver:
    """What became of an offer: the other one, a `person`, `took` the channel, or it is off."""

    person: int = 0
    took: bool = False
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.person}:{self.took}:{self.at.timestamp()}"
