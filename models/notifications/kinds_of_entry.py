"""The kinds of notices about who may come in: told to who runs the service, and to who asked."""

from dataclasses import dataclass
from datetime import datetime

from models.database import EPOCH
from models.notifications.declaring import Folding, NoticeKind, told_as


@told_as(NoticeKind.ASKED_IN, folding=Folding.IN_A_CROWD)
@dataclass(frozen=True, slots=True)
class AskedIn:
    """Somebody asks to come in, at an aware instant."""

    person: int = 0
    name: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.person}:{self.at.timestamp()}"


@told_as(NoticeKind.CAME_IN, urgent=True)
@dataclass(frozen=True, slots=True)
class CameIn:
    """They are in since an aware instant."""

    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return str(self.at.timestamp())


@told_as(NoticeKind.REFUSED)
@dataclass(frozen=True, slots=True)
class Refused:
    """They asked, and were not let in at an aware instant."""

    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return str(self.at.timestamp())


@told_as(NoticeKind.PUT_OUT, urgent=True)
@dataclass(frozen=True, slots=True)
class PutOut:
    """They were put out at an aware instant, and their channels stopped."""

    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return str(self.at.timestamp())
