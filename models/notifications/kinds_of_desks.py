"""What is told of a channel's desk; its drawer stands in `bot/desks/notices.py`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.database import EPOCH
from models.notifications.declaring import NoticeKind, told_as


class Event(StrEnum):
    """What became of a desk. The values are stored, so they never change."""

    PUT = "put"  # it stands here from now on
    CLOSED = "closed"  # its topic was closed: it is in General
    DELETED = "deleted"  # its topic is gone: it is in General
    REOPENED = "reopened"  # it is in its topic again
    MOVED = "moved"  # the group became a supergroup
    GONE = "gone"  # I was removed from the group, or it is no more
    MUTE = "mute"  # I may not write there
    BACK = "back"  # I can write there again
    TAKEN = "taken"  # it is none any more


@told_as(NoticeKind.DESK, urgent=True)
@dataclass(frozen=True, slots=True)
class DeskWord:
    """Something became of the channel's desk at an aware instant, in the group of this title."""

    what: str = ""
    title: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.what}:{self.at.timestamp()}"
