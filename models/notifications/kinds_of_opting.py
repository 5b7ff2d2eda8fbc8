"""The kinds of notices about who asks not to be reposted, and who allows it again."""

from dataclasses import dataclass
from datetime import datetime

from engine.roles import May
from models.database import EPOCH
from models.notifications.declaring import Folding, NoticeKind, told_as


@told_as(NoticeKind.OPTED_OUT, folding=Folding.IN_A_CROWD, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class OptedOut:
    """Who wrote a message asks in it, at an aware instant, not to be reposted; so much of theirs was dropped."""

    message: int = 0
    sender: int = 0
    handle: str = ""
    dropped: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.sender}:{self.at.timestamp()}"


@told_as(NoticeKind.OPTED_IN, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class OptedIn:
    """Who had asked not to be reposted allows it again, in a message of this aware instant."""

    message: int = 0
    sender: int = 0
    handle: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.sender}:{self.at.timestamp()}"
