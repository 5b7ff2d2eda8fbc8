"""What is told of what a channel watches; its drawer stands in `bot/watching/notices.py`."""

from dataclasses import dataclass
from datetime import datetime

from models.database import EPOCH
from models.notifications.declaring import NoticeKind, told_as


@told_as(NoticeKind.WATCH_STOPPED)
@dataclass(frozen=True, slots=True)
class WatchStopped:
    """What a channel watches is heard no more since an aware instant, as it stands by then (`status`, as it is stored):
    so many posts for so many micro-dollars were enough for the day, or X has refused it with words of its own.
    """

    watched: int = 0
    name: str = ""
    status: str = ""
    posts: int = 0
    cost: int = 0
    said: str = ""
    until: datetime | None = None
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.watched}:{self.status}:{self.at.timestamp():.0f}"
