"""What who runs the service is told of the service itself."""

from dataclasses import dataclass
from datetime import datetime

from models.database import EPOCH
from models.notifications.declaring import NoticeKind, told_as


@told_as(NoticeKind.ALARM, urgent=True)
@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of this kind (models/accounts/troubles.py) about `subject` began at an aware instant."""

    kind: str = ""
    subject: str = ""
    said: str = ""
    since: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.kind}:{self.subject}:{self.since.timestamp()}"


@told_as(NoticeKind.ALARM_OVER, urgent=True)
@dataclass(frozen=True, slots=True)
class AlarmOver:
    """What such an alarm was about is no longer so, since an aware instant."""

    kind: str = ""
    subject: str = ""
    since: datetime = EPOCH
    ended: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.kind}:{self.subject}:{self.since.timestamp()}"


@told_as(NoticeKind.PAUSED, urgent=True)
@dataclass(frozen=True, slots=True)
class Paused:
    """Who runs the service has paused a channel at an aware instant; `with_all`: as they paused everything."""

    at: datetime = EPOCH
    with_all: bool = False

    @property
    def once(self) -> str:
        return f"{self.at.timestamp()}"


@told_as(NoticeKind.RESUMED, urgent=True)
@dataclass(frozen=True, slots=True)
class Resumed:
    """And lets it go on, since an aware instant."""

    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.at.timestamp()}"
