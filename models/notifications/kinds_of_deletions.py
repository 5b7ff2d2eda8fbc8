"""What is told where somebody has deleted what a channel had posted of theirs."""

from dataclasses import dataclass

from engine.roles import May
from models.notifications.declaring import Folding, NoticeKind, told_as


@told_as(NoticeKind.TAKEN_BACK, folding=Folding.ALWAYS, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class TakenBack:
    """Who wrote what was posted has deleted it: `tweet`, a copy, goes from X; a repost X takes away by itself."""

    message: int = 0
    tweet: int = 0

    @property
    def once(self) -> str:
        return str(self.message)
