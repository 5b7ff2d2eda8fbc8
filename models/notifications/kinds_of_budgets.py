"""What is told of budgets."""

from dataclasses import dataclass
from datetime import datetime

from models.database import EPOCH
from models.notifications.declaring import NoticeKind, told_as


@dataclass(frozen=True, slots=True)
class OfBudget:
    """`person`: whose budget it is; 0 where it is the channel's, or, without a channel, the service's."""

    person: int = 0
    spent: int = 0  # micro-dollars, in the month
    most: int = 0
    ends: datetime = EPOCH
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.person}:{self.spent}:{self.most}:{self.at.timestamp():.3f}"


@told_as(NoticeKind.BUDGET, urgent=True)
@dataclass(frozen=True, slots=True)
class BudgetUsed(OfBudget):
    """So much of a budget is used: a step of `percent`, 0 for none; what has `stopped` with it (engine/budgets)."""

    percent: int = 0
    stopped: tuple[str, ...] = ()


@told_as(NoticeKind.BUDGET_OVER)
@dataclass(frozen=True, slots=True)
class BudgetGoesOn(OfBudget):
    """What had stopped goes on: all of it, as a month has begun, or these `kinds`, for which money is free again."""

    kinds: tuple[str, ...] = ()


@told_as(NoticeKind.CREDITS_LOW, urgent=True)
@dataclass(frozen=True, slots=True)
class CreditsLow:
    """The app's credits at X will be gone soon: micro-dollars left, and the days for which they last as it goes."""

    left: int = 0
    days: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.at.timestamp():.3f}"
