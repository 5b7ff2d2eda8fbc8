"""Set aside: what can't be handled is kept with its reason, and the rest goes on.

aside → again (a person has it tried once more) | dropped | healed (it went well)        again → aside (it broke anew)

Wherever work goes in batches or loops, a batch that breaks falls apart (`together`), and the item that breaks (`apart`)
leaves what its place looks for, in the transaction that writes it down here. What passes by itself sets nothing aside:
the database or Redis away, X's own refusals. What follows from a person's word stands in models/control/aside.py.

Some places are about a channel, not an item: it can't be left alone for good, so it is tried again by itself after a
pause that grows, and its row goes when it goes well.
"""

import json
import re
import sysconfig
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import peewee as pw
import structlog
from redis import RedisError

from engine.text import storable
from engine.x.errors import XError
from models.bites import Bite, by_age
from models.database import TROUBLE, EnumField, InstantField, Table, as_tuples, transaction
from models.statements import statement

log = structlog.get_logger()
KEPT = timedelta(days=30)
PAUSE_S, LONGEST_PAUSE_S = 15.0, 900.0
LOOK_AGAIN_S = 60.0
MOST_HELD, MOST_SAID = 100_000, 160
ROOT = Path(__file__).parent.parent
OURS = ("engine", "models", "tasks", "bot")
LIBRARIES = [sysconfig.get_path(where) for where in ("stdlib", "purelib", "platlib")]
OF_THE_WIRE = ("peewee", "psycopg", "redis", "sqlite3", "telegram")  # libraries whose errors tell of a connection
#: What a message of an error may hold of somebody's words, or of a secret.
_NOT_SHOWN = re.compile(
    r"""(?<!\w)(?:b?'.*?(?:'(?!\w)|$)|b?".*?(?:"|$)|«.*?(?:»|$))|https?://\S+|[\w~+/=%.-]{24,}|\d{5,}|(?i:\bpin)\W{0,3}\d+"""
)
T = TypeVar("T")
R = TypeVar("R")


class Place(StrEnum):
    """Where items are handled. The values are stored, so they never change."""

    HEAR = "hear"  # an event of X's is to be stored
    JUDGE = "judge"  # a message is to be judged
    RULES = "rules"  # a channel's rules are to be read
    FOLLOWERS = "followers"  # X is to be asked who follows a channel
    CATCH_UP = "catch_up"  # a channel is to be read back, or its cursor moved
    SUBSCRIBE = "subscribe"  # X is to bring what a channel hears
    POLL = "poll"  # X is to be asked what a channel missed
    CLOCK = "clock"  # something is looked for again and again
    JOB = "job"  # a job that breaks as a whole
    PLAN = "plan"  # a schedule's tweet is to be made
    SAY = "say"  # a tweet is to be said
    SETTLE = "settle"  # a tweet of which no answer came is to be looked for
    UNDO = "undo"  # a tweet is to be taken back
    UPLOAD = "upload"  # a photo or a video is to be brought to X
    NOTICE = "notice"  # somebody is to be told something
    JOURNAL = "journal"  # a line is to be written down
    UPDATE = "update"  # what Telegram brought is to be stored
    TURN = "turn"  # what somebody sent is to be answered


#: About a channel, or all of them, and tried again by themselves.
BY_THEMSELVES = (Place.RULES, Place.FOLLOWERS, Place.CATCH_UP, Place.SUBSCRIBE, Place.POLL, Place.CLOCK, Place.JOB)


class AsideStatus(StrEnum):
    """Where a set-aside item stands. The values are stored, so they never change."""

    ASIDE = "aside"  # it waits for a person, or for its next try
    AGAIN = "again"  # a person has it tried once more
    DROPPED = "dropped"  # a person ended it
    HEALED = "healed"  # it went well at last


class SetAside(Table):
    """`item` is the item's id at its place; `held` what is kept of it nowhere else; `tries` how often it broke."""

    id = pw.BigAutoField()
    place = EnumField(Place)
    item = pw.TextField()
    channel_id = pw.IntegerField(null=True)
    reason = pw.TextField()
    held = pw.TextField(default="")
    at = InstantField()
    tries = pw.IntegerField(default=1)
    status = EnumField(AsideStatus, default=AsideStatus.ASIDE)


@dataclass(frozen=True, slots=True)
class Item:
    """What is handled at a place. `leave` takes it out of what the place looks for; `held`, see SetAside."""

    place: Place
    key: int | str
    channel_id: int | Callable[[], int | None] | None = None
    leave: Callable[[], object] | None = None
    held: str = ""

    @property
    def channel(self) -> int | None:
        """Whose it is, where that is known: asked for only when it is set aside."""
        return self.channel_id() if callable(self.channel_id) else self.channel_id


@dataclass(slots=True)
class Trial:
    """How a piece of work went: in so many seconds it is worth another try, 0 where it did not break."""

    pause_s: float = 0.0
    untried: bool = False  # set by who was kept from it: so nothing is known of whether it goes well by now

    @property
    def broke(self) -> bool:
        return self.pause_s > 0


class Waits(Exception):
    """Raised in work that can't go on now, and can as soon as something has passed: nothing is set aside for it."""


PASSES = (*TROUBLE, RedisError, XError, Waits)

# --- falling apart -------------------------------------------------------------------------------------------


@contextmanager
def apart(item: Item) -> Iterator[Trial]:
    """Work on one item: whatever breaks in it sets it aside, and costs nobody else anything. Raises PASSES."""
    trial = Trial()
    try:
        yield trial
    except PASSES:
        raise
    except Exception as error:  # noqa: BLE001 - whatever nobody has thought of
        trial.pause_s = put(item, error)
    else:
        if item.place in BY_THEMSELVES and not trial.untried:
            _healed(item)


def together(items: Sequence[T], work: Callable[[Sequence[T]], R], named: Callable[[T], Item]) -> list[R]:
    """Work on many at once; what came of it. A batch that breaks is tried half by half, in its order, down to the item
    that breaks, which is set aside. Raises PASSES: some may be done by then.
    """
    if not items:
        return []
    if len(items) == 1:
        done: list[R] = []
        with apart(named(items[0])):
            done.append(work(items))
        return done
    try:
        return [work(items)]
    except PASSES:
        raise
    except Exception as error:  # noqa: BLE001 - whatever nobody has thought of
        log.warning("a batch falls apart", place=named(items[0]).place, size=len(items), reason=reason_of(error))
    half = len(items) // 2
    return together(items[:half], work, named) + together(items[half:], work, named)


def piecewise(items: Sequence[T], work: Callable[[Sequence[T]], int]) -> int:
    """The same for what a clock looks for again and again; how much of it was done. `work`, a transaction, says so too.

    All is done but for what breaks: then one of the errors is raised, for the clock's own row. Raises PASSES: some may
    be done by then.
    """
    done, broke = _in_pieces(items, work)
    if broke is not None:
        raise broke
    return done


def _in_pieces(items: Sequence[T], work: Callable[[Sequence[T]], int]) -> tuple[int, Exception | None]:
    if not items:
        return 0, None
    try:
        return work(items), None
    except PASSES:
        raise
    except Exception as error:  # noqa: BLE001 - whatever nobody has thought of
        if len(items) == 1:
            log.warning("one of many breaks", reason=reason_of(error), way=_stack(error))
            return 0, error
    half = len(items) // 2
    some, broke = _in_pieces(items[:half], work)
    others, broke_too = _in_pieces(items[half:], work)
    return some + others, broke or broke_too


class Again:
    """Work that is done again and again: while it breaks as a whole, it is shown to the admins, and no longer.

    One before us may have left a row, or another process that does the same: it is looked for at our first success, and
    then once a minute, and closed where nobody's try has broken in between.
    """

    def __init__(self, item: Item) -> None:
        self._item = item
        self._maybe_broken = True
        self._looked_at, self._tries = 0.0, 0

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Do it once more. Raises PASSES."""
        try:
            yield
        except PASSES:
            raise
        except Exception as error:  # noqa: BLE001 - whatever nobody has thought of
            self._maybe_broken = True
            put(self._item, error)
        else:
            self._went_well(time.monotonic())

    def _went_well(self, at: float) -> None:
        if self._maybe_broken:
            _healed(self._item)
        elif at - self._looked_at > LOOK_AGAIN_S:
            before, self._tries = self._tries, _tries(self._item)
            if self._tries and self._tries == before:
                _healed(self._item)
        else:
            return
        self._maybe_broken, self._looked_at = False, at


def without_words(text: str) -> str:
    """The first line of what an error says, without what it quotes, and without what may be an id or a secret."""
    first = next(iter(text.splitlines()), "")[:500]
    return storable(_NOT_SHOWN.sub("…", first)).strip()[:MOST_SAID]


def reason_of(error: BaseException) -> str:
    """What broke and where, without anybody's words: a message may be a DM, and an error may quote a secret."""
    said = without_words(str(error)) if _is_shown(error) else ""
    where = next(iter(_stack(error)), "")
    return ": ".join(part for part in (type(error).__name__, said) if part) + (f" ({where})" if where else "")


def _is_shown(error: BaseException) -> bool:
    """Whether its message quotes what it quotes: one of a library may hold what it was given without any quotes."""
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in OF_THE_WIRE:
        return True
    innermost = next(reversed(traceback.extract_tb(error.__traceback__)), None)
    return innermost is None or not any(Path(innermost.filename).is_relative_to(path) for path in LIBRARIES)


def _stack(error: BaseException) -> list[str]:
    """The lines of ours on the way to it, the innermost first, as `models/vault.py:24`."""
    found: list[str] = []
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if file.is_relative_to(ROOT) and file.relative_to(ROOT).parts[0] in OURS and file != Path(__file__):
            found.append(f"{file.relative_to(ROOT)}:{frame.lineno}")
    return found


def put(item: Item, error: Exception) -> float:
    """Set it aside, out of its place's way; the seconds after which a place that tries again by itself may.

    0 where it is somebody else's by now, as `leave` says by False. Raises PASSES.
    """
    log.error("set aside", place=item.place, item=item.key, reason=reason_of(error), way=_stack(error))
    at = datetime.now(UTC)  # as in a line of the log: nothing is decided by it
    try:
        with transaction():
            if item.leave is not None and item.leave() is False:
                return 0.0
            tries = _write(item, reason_of(error), at)
    except PASSES:
        raise
    except Exception as worse:  # noqa: BLE001 - nothing may stop what goes on
        log.error("it could not even be set aside", place=item.place, item=item.key, reason=reason_of(worse))
        return LONGEST_PAUSE_S
    return float(min(PAUSE_S * 2 ** min(tries, 10), LONGEST_PAUSE_S))


# --- what is aside -------------------------------------------------------------------------------------------


def counts() -> Counter[Place]:
    """How much is aside at each place."""
    rows = SetAside.select(SetAside.place, pw.fn.COUNT(SetAside.id)).where(SetAside.status == AsideStatus.ASIDE)
    return Counter(dict(as_tuples(rows.group_by(SetAside.place))))


def listed(most: int, offset: int = 0) -> list[SetAside]:
    """What is aside, the newest first."""
    rows = SetAside.select().where(SetAside.status == AsideStatus.ASIDE)
    return list(rows.order_by(SetAside.at.desc(), SetAside.id.desc()).limit(most).offset(offset))


def ids_of(place: Place, most: int = 1000) -> list[int]:
    """The rows of what is aside at a place, the oldest first."""
    rows = SetAside.select(SetAside.id).where((SetAside.status == AsideStatus.ASIDE) & (SetAside.place == place))
    return [row.id for row in rows.order_by(SetAside.id).limit(most)]


def leave(row_id: int, status: AsideStatus) -> SetAside | None:
    """aside → again | dropped, for who calls; None where somebody was there before."""
    mine = (SetAside.id == row_id) & (SetAside.status == AsideStatus.ASIDE)
    won = list(SetAside.update(status=status).where(mine).returning(SetAside).execute())
    return won[0] if won else None


def drop_heard(x_id: int, author_id: int) -> None:
    """aside → dropped, for what could not be stored when it was heard, and was taken back by who wrote it."""
    kept = (SetAside.place == Place.HEAR) & (SetAside.held != "") & SetAside.item.endswith(f":{x_id}")
    for row in SetAside.select().where(kept):
        if json.loads(row.held).get("sender_id") == author_id:
            as_read = (SetAside.id == row.id) & (SetAside.held == row.held)
            ended = pw.Case(None, [(SetAside.status == AsideStatus.ASIDE, AsideStatus.DROPPED.value)], SetAside.status)
            SetAside.update(held="", status=ended).where(as_read).execute()


def forget_held(row_id: int) -> None:
    """What was kept of an item is forgotten, unless it was set aside once more meanwhile."""
    over = (SetAside.id == row_id) & (SetAside.status != AsideStatus.ASIDE)
    SetAside.update(held="").where(over).execute()


def forget_some(now: datetime, _after: int, most: int) -> Bite:
    """Delete what was set aside a month ago, whatever became of it."""
    return by_age(SetAside, SetAside.at, now - KEPT, most)


def _write(item: Item, reason: str, at: datetime) -> int:
    key = storable(str(item.key))[:200]
    held = item.held if len(item.held) <= MOST_HELD else ""
    again = SetAside.insert(
        place=item.place, item=key, channel_id=item.channel, reason=reason, held=held, at=at
    ).on_conflict(
        conflict_target=[SetAside.place, SetAside.item],
        update={
            SetAside.reason: reason,
            SetAside.held: held,
            SetAside.at: at,
            SetAside.tries: SetAside.tries + 1,
            SetAside.status: AsideStatus.ASIDE,
        },
    )
    (row,) = again.returning(SetAside.tries).execute()
    return int(row.tries)


def _healed(item: Item) -> None:
    if _are_broken.first(item.place, str(item.key)):
        SetAside.update(status=AsideStatus.HEALED, tries=0).where(_broken(item)).execute()


def _tries(item: Item) -> int:
    """How often it broke, 0 where it is not aside."""
    return int(SetAside.select(SetAside.tries).where(_broken(item)).scalar() or 0)


def _broken(item: Item) -> pw.Expression:
    return _is_broken(item.place, str(item.key))


def _is_broken(place: Place, key: str) -> pw.Expression:
    mine = (SetAside.place == place) & (SetAside.item == key)
    return mine & (SetAside.status.in_([AsideStatus.ASIDE, AsideStatus.AGAIN]))


@statement
def _are_broken(place: Place, key: str) -> pw.Query:
    return SetAside.select(SetAside.id).where(_is_broken(place, key)).limit(1)
