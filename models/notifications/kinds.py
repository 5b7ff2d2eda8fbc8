"""The kinds of notices: values that say what happened. A new one has its class here and its drawer in `bot/`."""

from dataclasses import dataclass
from datetime import datetime

from engine.roles import May
from models.database import EPOCH
from models.notifications.declaring import Folding, NoticeKind, Setting, told_as


@told_as(NoticeKind.POSTED, Setting.POSTED, Folding.ALWAYS)
@dataclass(frozen=True, slots=True)
class Posted:
    """What somebody wrote was reposted or copied; of a thread its first tweet."""

    tweet: int = 0

    @property
    def once(self) -> str:
        return str(self.tweet)


@told_as(NoticeKind.SAID, Setting.SAID)
@dataclass(frozen=True, slots=True)
class Said:
    """What a person of the channel wrote or planned is on X; of a thread its first tweet."""

    tweet: int = 0

    @property
    def once(self) -> str:
        return str(self.tweet)


@told_as(NoticeKind.FAILED, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class Failed:
    """A tweet can't be said; `reason` and X's own `detail` say why. It may fail again after it was let go on."""

    tweet: int = 0
    reason: str = ""
    detail: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.tweet}:{self.at.timestamp()}"


@told_as(NoticeKind.EXPIRED, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class Expired:
    """A tweet would have been too late."""

    tweet: int = 0
    reason: str = ""
    detail: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.tweet}:{self.at.timestamp()}"


@told_as(NoticeKind.UNDO_FAILED, urgent=True, to=May.DECIDE | May.WRITE)
@dataclass(frozen=True, slots=True)
class UndoFailed:
    """X won't take a tweet back; `attempts` is how often it was asked in all."""

    tweet: int = 0
    detail: str = ""
    attempts: int = 0

    @property
    def once(self) -> str:
        return f"{self.tweet}:{self.attempts}"


@told_as(NoticeKind.ON_HOLD, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class OnHold:
    """X wants a pause of the channel until an aware instant; with what it said in the last day, hour and quarter."""

    until: datetime = EPOCH
    reason: str = ""
    day: int = 0
    hour: int = 0
    quarter: int = 0

    @property
    def once(self) -> str:
        return f"{self.until.timestamp():.0f}"


@told_as(NoticeKind.DAY_FULL, urgent=True)
@dataclass(frozen=True, slots=True)
class DayFull:
    """X takes no more posts of the app until an aware instant: told who runs it, and the owners that it concerns."""

    until: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.until.timestamp():.0f}"


@told_as(NoticeKind.DAY_USED)
@dataclass(frozen=True, slots=True)
class DayUsed:
    """So many percent of the app's posts of a day are said: `used`, of a `limit`."""

    percent: int = 0
    used: int = 0
    limit: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.percent}:{self.at.timestamp():.0f}"


@told_as(NoticeKind.TOKEN_DEAD, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class TokenDead:
    """X no longer accepts the access to the channel, of this version."""

    detail: str = ""
    version: int = 0

    @property
    def once(self) -> str:
        return str(self.version)


@told_as(NoticeKind.LOCKED, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class Locked:
    """X has locked the account, with these words, at an aware instant: the channel is off."""

    detail: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.at.timestamp()}"


@told_as(NoticeKind.TROUBLED, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class Troubled:
    """A trouble of this kind (models/accounts/troubles.py) holds a channel up, or all; X's words, where it has some."""

    kind: str = ""
    said: str = ""
    since: datetime = EPOCH
    until: datetime | None = None

    @property
    def once(self) -> str:
        return f"{self.kind}:{self.since.timestamp()}"


@told_as(NoticeKind.TROUBLE_OVER, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class TroubleOver:
    """A trouble of which somebody was told is over, since an aware instant."""

    kind: str = ""
    since: datetime = EPOCH
    ended: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.kind}:{self.since.timestamp()}"


@told_as(NoticeKind.WHILE_OFF, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class WhileOff:
    """A channel is on again at an aware instant: so many posts go out after all; so many, and so much news, are late.

    `tweets` are the last of those that are late.
    """

    back: int = 0
    late: int = 0
    tweets: tuple[int, ...] = ()
    news: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.at.timestamp()}"


@told_as(NoticeKind.CONNECTED, urgent=True)
@dataclass(frozen=True, slots=True)
class Connected:
    """The channel is connected, or once more; `version` is that of its access."""

    version: int = 0

    @property
    def once(self) -> str:
        return str(self.version)


@told_as(NoticeKind.SIGN_IN_WAITS, urgent=True)
@dataclass(frozen=True, slots=True)
class SignInWaits:
    """Somebody signed in at X as `handle` through a person's link, who must confirm it; `sign_in` is that link."""

    handle: str = ""
    sign_in: str = ""

    @property
    def once(self) -> str:
        return f"{self.sign_in}:{self.handle}"


@told_as(NoticeKind.HELD, Setting.HELD, Folding.IN_A_CROWD, urgent=True, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class Held:
    """A message waits for a decision of the team."""

    message: int = 0

    @property
    def once(self) -> str:
        return str(self.message)


@told_as(NoticeKind.CARD)
@dataclass(frozen=True, slots=True)
class CardShown:
    """A person has a message's card open."""

    message: int = 0

    @property
    def once(self) -> str:
        return str(self.message)


@told_as(NoticeKind.ON_ITS_WAY)
@dataclass(frozen=True, slots=True)
class OnItsWay:
    """A person was told that what they said is on its way to X; of a thread its first tweet."""

    tweet: int = 0

    @property
    def once(self) -> str:
        return str(self.tweet)


@told_as(NoticeKind.PLANNED)
@dataclass(frozen=True, slots=True)
class PlanShown:
    """A person was told that a schedule, or a text of the queue, is kept; `undo` takes back that it is (0: nothing)."""

    schedule: int = 0
    undo: int = 0

    @property
    def once(self) -> str:
        return str(self.schedule)


@told_as(NoticeKind.SENDER_BLOCKED, Setting.SENDER_BLOCKED, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class SenderBlocked:
    """A rule blocked who wrote a message, for `days`; `source` names the rule, `evidence` what it saw."""

    message: int = 0
    sender: int = 0
    handle: str = ""
    days: int = 0
    source: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def once(self) -> str:
        return str(self.message)


@told_as(NoticeKind.BLOCK_OVER, Setting.BLOCK_OVER, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class BlockOver:
    """The days have passed for which somebody was blocked by a person, until the instant `until`."""

    sender: int = 0
    name: str = ""
    until: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.sender}:{self.until.timestamp():.0f}"


@told_as(NoticeKind.EDITED, Setting.EDITED, to=May.DECIDE)
@dataclass(frozen=True, slots=True)
class Edited:
    """The writer of what was posted has edited it; `message` is what it says now."""

    message: int = 0
    tweet: int = 0

    @property
    def once(self) -> str:
        return str(self.message)


@told_as(NoticeKind.SKIPPED, Setting.SKIPPED, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class Skipped:
    """So many times of a schedule went by while nothing ran, from this wall time on."""

    schedule: int = 0
    count: int = 0
    text: str = ""
    wall: str = ""

    @property
    def once(self) -> str:
        return f"{self.schedule}:{self.wall}"


@told_as(NoticeKind.JOINED, Setting.JOINED)
@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody joined the team of the channel."""

    name: str = ""
    person: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.person}:{self.at.timestamp():.0f}"


@told_as(NoticeKind.STOPPED, urgent=True, to=May.WRITE)
@dataclass(frozen=True, slots=True)
class Stopped:
    """A schedule was paused at an aware instant, as its tweet can't be made."""

    schedule: int = 0
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.schedule}:{self.at.timestamp()}"


@told_as(NoticeKind.CHAT_KEYS, urgent=True)
@dataclass(frozen=True, slots=True)
class ChatKeysStand:
    """Whether the encrypted DMs of a channel can be read, since an aware instant: the state of its keys
    (models/accounts/chat_keys.py).
    """

    state: str = ""
    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.state}:{self.at.timestamp()}"


@told_as(NoticeKind.UNREADABLE, urgent=True)
@dataclass(frozen=True, slots=True)
class Unreadable:
    """Encrypted DMs of a channel could not be read in the day before an aware instant."""

    at: datetime = EPOCH

    @property
    def once(self) -> str:
        return f"{self.at.timestamp():.0f}"
