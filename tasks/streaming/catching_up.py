"""Catching up: what was said while nobody listened is read back, after every connect and every new subscription.

X's timelines lag behind its stream, so what was said last before a connect can't be read yet at the first look: a
second comes later, and for mentions a third. They cost no money (X bills a post once a day, however often it is read),
but they count against X's limits, so they come after everybody's first look, and those after many connections that did
not last are merged into few (tasks/streaming/sparing.py).
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from engine.moderation import MessageKind
from engine.x import events
from engine.x.errors import Fault, RateLimited, XError
from models import aside
from models.accounts.channels import Auth, Channel, are_heard
from models.aside import Item, Place
from models.database import TROUBLE, forget_connection, rest
from models.settings import settings
from models.streaming import hearing, messages
from tasks import accounts, bells
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.living.watching import beat
from tasks.moderation import judge
from tasks.streaming.directory import Directory
from tasks.streaming.reading_back import read_back
from tasks.streaming.reconciling import Reconciler
from tasks.streaming.sparing import Reads
from tasks.streaming.subscribing import Key, Subscriptions

log = structlog.get_logger()
OVERLAP_S = 60.0
#: After the connect, or after the subscription; X lets DMs be asked for fifteen times in a quarter of an hour.
LOOKS_S: Mapping[MessageKind, tuple[float, ...]] = {
    MessageKind.MENTION: (0.0, 8.0, 40.0),  # and replies, which are read with them
    MessageKind.DM: (0.0, 15.0),
}
SPREAD_S, SPREAD_OVER = 8.0, 32  # the later looks of all channels are not at one moment
AT_ONCE = 20
LIMITED_S, LONGEST_LIMIT_S = 30.0, 900.0
BROKEN_S = 30.0
FAILED_S, LONGEST_FAILED_S = 2.0, 15.0  # a reading that has no end is a hundred calls each time
LONGEST_APART_S = 60.0
APP_LIMITED_AFTER = 3


def catch_up(channel: Channel, kind: MessageKind) -> int:
    """Read back everything after the channel's cursor, store it, and move the cursor; how many calls of X's that took.

    Raises XErrors, TokenBusy.

    A minute before the cursor is read again: events come out of order, so it may hide one that never came.
    """
    x = accounts.client(channel)
    directory = hearing.connected()
    mine = directory.get(channel.x_user_id)
    if mine is None:
        return 0
    cursor = hearing.cursor(channel.id, kind)
    since = events.id_before(cursor, OVERLAP_S)
    read = x.dms if kind is MessageKind.DM else x.mentions
    newest, calls = cursor, 0
    for page in read(channel.x_user_id, since_id=since, now=now()):
        calls += 1
        if page.unreadable:
            log.warning("X wrote what can't be read", channel=channel.id, kind=kind, items=page.unreadable)
        wanted = [h for h in page.heard if h.sender_id not in directory and mine.takes(h.kind, h.x_id, h.text)]
        newest = max(newest, page.newest)  # what is no message for the channel is behind it too
        if wanted:
            messages.hear({channel.x_user_id: channel.id}, wanted, now())
            judge.ring_once(2)
    hearing.advance(channel.id, kind, newest)
    if kind is MessageKind.DM and mine.chats:
        read_back(x, channel, directory)
    return calls


@dataclass(slots=True)
class Behind:
    """What was said before `since` may be missing; the next look is `at` (monotonic seconds)."""

    since: float
    at: float
    looked: bool = False
    broke: bool = False  # at its last look, in a way that nobody had thought of
    in_vain: int = 0  # looks in a row at which X gave no good answer


class Catcher:
    """Knows who is behind, reads back for them, and keeps the subscriptions equal to what the channels want.

    Both for many channels at once: one whose calls take long holds up nobody else.
    """

    def __init__(
        self, directory: Directory, stop: threading.Event, looks_s: Mapping[MessageKind, tuple[float, ...]] = LOOKS_S
    ) -> None:
        self.connects = 0
        self._looks_s = looks_s
        self._directory = directory
        self._stop = stop
        self._listening = False
        self._look_now = threading.Event()
        self._guard = threading.Lock()
        self._behind: dict[Key, Behind] = {}
        self._began: dict[Key, float] = {}  # when the last look of each began (monotonic seconds)
        self._limited: Counter[MessageKind] = Counter()
        self._reads = Reads()
        self._hands = Hands(AT_ONCE, self.wake)
        self._subscriptions = Subscriptions(directory, self._hands, self._missed)
        self._reconciler = Reconciler(settings().reconcile_every, self._hands, self.is_behind)

    @property
    def never_looked(self) -> int:
        """For how many channels and kinds nothing was read back yet."""
        with self._guard:
            return sum(not b.looked for b in self._behind.values())

    @property
    def looks_ahead(self) -> int:
        """How many looks are still to come, at least."""
        return len(self._behind)

    @property
    def subscriptions(self) -> dict[str, int]:
        """How many are `wanted`, and `present` at X."""
        return self._subscriptions.counts()

    def is_behind(self, key: Key) -> bool:
        """Whether something before what is heard now may be missing."""
        return _read_with(key) in self._behind

    def connected(self, short_lived: int = 0) -> None:
        """Everything may have been missed: all channels are behind until they have been read back.

        After connections in a row that did not live, so many, a channel is not read back at once for each of them.
        """
        self._listening = True
        self.connects += 1
        apart_s = min(2.0**short_lived, LONGEST_APART_S) if short_lived else 0.0
        for channel in self._directory.read().values():
            for kind in LOOKS_S:
                if channel.auth is Auth.OAUTH2 and channel.reads(kind):
                    self._missed((channel.id, kind), apart_s)

    def disconnected(self) -> None:
        """Nothing is read back while nothing is heard: there would be a gap again."""
        self._listening = False

    def wake(self) -> None:
        self._look_now.set()

    def run(self) -> None:
        """Until stopped."""
        while not self._stop.is_set():
            beat()
            pause = 0.5
            try:
                rung = bells.subscriptions_rung() | self._directory.has_changed()
                if rung:
                    self._hurry()
                self._subscriptions.look(changed=rung)
                if self._listening:
                    self.look_back()
                    self._reconciler.look()
            except TROUBLE as error:
                forget_connection()
                log.error("catching up is put off", error=type(error).__name__, detail=str(error)[:200])
                pause = 2.0
            except Exception:
                log.exception("catching up stumbled")
                pause = 2.0
            rest()
            self._look_now.wait(pause)
            self._look_now.clear()

    def look_back(self) -> None:
        """Begin the looks that are due, as far as there are hands: the first of each channel first."""
        if not self._subscriptions.compared:
            return
        at = time.monotonic()
        missing = self._subscriptions.missing()
        with self._guard:
            due = sorted((b.looked, b.at, key) for key, b in self._behind.items() if b.at <= at)
        for _, _, key in due:
            if key in missing:  # it is looked at when X brings it
                continue
            spared = key[1] is MessageKind.MENTION  # of DMs each channel has a limit of its own
            if spared and not self._reads.allow(at, self._began.get(key, -math.inf)):
                continue  # it waits, and what comes to it meanwhile is read with it
            if self._hands.take(("look", *key), partial(self._look, key)) and spared:
                self._reads.count(1, at)

    def _hurry(self) -> None:
        """Channels changed, or somebody wants what broke tried once more: who was put off has a look now."""
        at = time.monotonic()
        with self._guard:
            for found in self._behind.values():
                found.at = at if found.broke else found.at

    def _missed(self, key: Key, apart_s: float = 0.0) -> None:
        at, key = time.monotonic(), _read_with(key)
        with self._guard:
            self._behind[key] = Behind(at, max(at, self._began.get(key, -math.inf) + apart_s))
        self.wake()

    def _look(self, key: Key) -> None:
        with self._guard:
            found = self._behind.get(key)
            if found is None:
                return
            began = self._began[key] = time.monotonic()
            found.at = began + BROKEN_S  # in case this thread dies
        tried = Tried(BROKEN_S)
        with aside.apart(_item(*key)) as trial:
            tried = _catch_up_one(*key)
            trial.untried = tried.again_s is not None
        if key[1] is MessageKind.MENTION:
            self._reads.count(max(tried.calls - 1, 0), time.monotonic())
        with self._guard:
            if tried.again_s is None:
                self._limited[key[1]], found.broke = 0, False
                self._looked(key, found, began - found.since)
            else:
                found.in_vain = found.in_vain + 1 if tried.failed else 0
                longer_s = min(tried.again_s * 2.0 ** (found.in_vain - 1), LONGEST_FAILED_S) if tried.failed else 0.0
                found.at = time.monotonic() + (trial.pause_s or max(tried.again_s, longer_s))
                found.broke = trial.broke
                self._heed_limits(key[1], tried)

    def _looked(self, key: Key, found: Behind, age: float) -> None:
        """The next look, or none where this one was late enough; of a connect meanwhile nothing was seen."""
        found.looked = True
        later = next((seconds for seconds in self._looks_s[key[1]] if seconds > age), None)
        if later is not None:
            found.at = found.since + later + SPREAD_S * (key[0] % SPREAD_OVER) / SPREAD_OVER
        elif self._behind.get(key) is found:
            del self._behind[key]

    def _heed_limits(self, kind: MessageKind, tried: "Tried") -> None:
        """Who meets X's limit is put off. Several in a row mean the limit of the whole app: then the kind is."""
        self._limited[kind] += tried.limited
        if self._limited[kind] >= APP_LIMITED_AFTER:
            self._limited[kind] = 0
            at = time.monotonic() + LIMITED_S
            for (_, other), found in self._behind.items():
                if other is kind:
                    found.at = max(found.at, at)


def _read_with(key: Key) -> Key:
    """The timeline from which messages of this kind are read: that of mentions has replies too."""
    return key[0], key[1].like


@dataclass(frozen=True, slots=True)
class Tried:
    """A look that is over: done (None), or worth another try after so many seconds; `limited`: X wants a pause.

    `failed`: it gave no good answer, so each try in a row comes later than the one before. `calls`: what it took.
    """

    again_s: float | None
    limited: bool = False
    failed: bool = False
    calls: int = 0


def _item(channel_id: int, kind: MessageKind) -> Item:
    return Item(Place.CATCH_UP, f"{channel_id}:{kind}", channel_id)


def _catch_up_one(channel_id: int, kind: MessageKind) -> Tried:
    channel = Channel.get_or_none((Channel.id == channel_id) & are_heard())
    if channel is None:
        return Tried(None)
    try:
        calls = catch_up(channel, kind)
    except TokenBusy:
        return Tried(1.0)
    except XError as error:
        log.info("not caught up", channel=channel_id, kind=kind, error=type(error).__name__)
        accounts.heed(channel, error)
        if error.holds:
            named = error.again_at(now(), timedelta(0)) - now()
            wait = min(max(LIMITED_S, named.total_seconds()), LONGEST_LIMIT_S)
            return Tried(wait, limited=isinstance(error, RateLimited) or error.fault is Fault.APP)
        return Tried(1.0) if error.renews else Tried(FAILED_S, failed=True)
    return Tried(None, calls=calls)
