"""Subscriptions: X is told to bring what the channels want to hear, and no more; several channels at once."""

import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from engine.moderation import MessageKind
from engine.x import events
from engine.x.errors import Fault, RateLimited, XError
from models import aside
from models.accounts.channels import Auth, Channel, Hearing
from models.aside import Item, Place, Trial
from models.streaming import hearing
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.streaming.directory import Directory

log = structlog.get_logger()
EVENT_OF = {MessageKind.MENTION: events.MENTION_EVENT, MessageKind.DM: events.DM_EVENT}
LIST_EVERY_S = 60.0
LIST_AGAIN_S = 5.0
AGAIN_S = 5.0
LIMITED = timedelta(minutes=5)
LONGEST_LIMIT_S = 900.0  # X counts by the quarter of an hour: a moment later than that is a clock that goes wrong
DOWN_AFTER = 3
Key = tuple[int, MessageKind]


class Subscriptions:
    """What X brings, made equal to what the channels want. `subscribed` is told of each that is heard from now on.

    A channel that X refuses, or that is limited, waits by itself, and is polled meanwhile; when X fails for several in
    a row, or limits them, all of them wait.
    """

    def __init__(self, directory: Directory, hands: Hands, subscribed: Callable[[Key], None]) -> None:
        self.compared = False  # whether X was asked what it has, with whatever success
        self._directory = directory
        self._hands = hands
        self._subscribed = subscribed
        self._guard = threading.Lock()
        self._missing: dict[Key, float] = {}  # when each is asked for (monotonic seconds)
        self._refused: set[Key] = set()
        self._broken: set[Key] = set()  # in a way that nobody had thought of
        self._extra: set[str] = set()
        self._changed = True
        self._list_at = self._not_before = 0.0
        self._failed_in_a_row = 0

    def look(self, *, changed: bool) -> None:
        """Begin what is due, as far as there are hands; `changed`: the channels are others than a moment ago."""
        at = time.monotonic()
        self._changed |= changed
        if (self._changed or self._list_at <= at) and self._not_before <= at:
            self._hands.take("list", self._list)
        with self._guard:
            if changed:  # or somebody wants what broke tried once more
                self._missing |= dict.fromkeys(self._broken & self._missing.keys(), at)
                self._broken.clear()
            due = sorted((when, key) for key, when in self._missing.items() if when <= at)
            extra = list(self._extra)
        for _, key in due:
            self._hands.take(("subscribe", *key), partial(self._subscribe_if_due, key))
        for subscription_id in extra:
            self._hands.take(("unsubscribe", subscription_id), partial(self._unsubscribe, subscription_id))

    def is_missing(self, key: Key) -> bool:
        """Whether X is still to be asked for this."""
        return key in self._missing

    def _list(self) -> None:
        """Compare what X has with what is wanted."""
        self._changed = False
        self._list_at = time.monotonic() + LIST_AGAIN_S  # in case this breaks
        with aside.apart(Item(Place.SUBSCRIBE, "all")) as trial:
            self._compare(trial)
        self.compared = True  # else nobody is read back

    def _compare(self, trial: Trial) -> None:
        channels = self._directory.read().values()
        try:
            have = {(s.event_type, s.user_id): s.subscription_id for s in accounts.app_client().subscriptions()}
        except XError as error:
            log.warning("subscriptions not listed", error=type(error).__name__, detail=error.detail)
            self._not_before = time.monotonic() + (_wait_s(error) if error.holds else LIST_AGAIN_S)
            self._list_at = self._not_before
            trial.untried = True
            return
        streamed = [c for c in channels if c.auth is Auth.OAUTH2]
        want = {(EVENT_OF[k], str(c.x_user_id)): (c.id, k) for c in streamed for k in MessageKind if c.wants(k)}
        ours = set(EVENT_OF.values())
        with self._guard:
            missing = [want[key] for key in want.keys() - have.keys()]
            self._missing = {key: self._missing.get(key, 0.0) for key in missing}
            self._refused.clear()
            self._extra = {have[key] for key in have.keys() - want.keys() if key[0] in ours}
        self._list_at = time.monotonic() + LIST_EVERY_S
        for channel in channels:
            if channel.auth is Auth.OAUTH1:
                with aside.apart(Item(Place.SUBSCRIBE, f"{channel.id}:poll", channel.id)):
                    hearing.set_hearing(channel.id, Hearing.POLL)

    def _subscribe_if_due(self, key: Key) -> None:
        with self._guard:
            is_due = self._missing.get(key, math.inf) <= time.monotonic()
        if is_due:  # all may have been put off since it was begun
            self._subscribe(key)

    def _subscribe(self, key: Key) -> None:
        self._put_off(key, AGAIN_S)  # in case this thread dies
        channel_id, kind = key
        with aside.apart(Item(Place.SUBSCRIBE, f"{channel_id}:{kind}", channel_id)) as trial:
            self._ask(key, trial)
        if trial.broke:
            self._put_off(key, trial.pause_s)
            with self._guard:
                self._broken.add(key)

    def _ask(self, key: Key, trial: Trial) -> None:
        channel_id, kind = key
        channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected & Channel.is_on)
        if channel is None:
            self._settle(key)
            return
        try:
            accounts.client(channel).subscribe(EVENT_OF[kind], channel.x_user_id)
        except TokenBusy:
            trial.untried = True
            self._put_off(key, 1.0)
        except XError as error:
            trial.untried = True
            self._not_subscribed(key, channel, error)
        else:
            self._failed_in_a_row = 0
            if self._is_last_of_its_channel(key):
                hearing.set_hearing(channel_id, Hearing.STREAM)
            self._settle(key)
            self._subscribed(key)

    def _not_subscribed(self, key: Key, channel: Channel, error: XError) -> None:
        """It is polled as long as X does not bring it. What passes is asked for again; by all later, if all meet it."""
        log.info("not subscribed", channel=channel.id, kind=key[1], error=type(error).__name__, detail=error.detail)
        accounts.heed(channel, error)
        if not error.renews:
            hearing.set_hearing(channel.id, Hearing.POLL)
        if not error.passes:
            self._settle(key, refused=True)
            return
        wait = 1.0 if error.renews else AGAIN_S
        if error.holds:
            wait = _wait_s(error)
        self._put_off(key, wait)
        self._failed_in_a_row += error.fault is Fault.WAY or isinstance(error, RateLimited)
        if error.fault is Fault.APP or self._failed_in_a_row >= DOWN_AFTER:
            self._failed_in_a_row = 0
            self._put_all_off(wait)

    def _unsubscribe(self, subscription_id: str) -> None:
        with self._guard:
            self._extra.discard(subscription_id)  # what fails is found by the next list
        try:
            accounts.app_client().unsubscribe(subscription_id)
        except XError as error:
            log.warning("not unsubscribed", error=type(error).__name__, detail=error.detail)

    def _put_off(self, key: Key, seconds: float) -> None:
        with self._guard:
            if key in self._missing:
                self._missing[key] = time.monotonic() + seconds

    def _put_all_off(self, seconds: float) -> None:
        at = time.monotonic() + seconds
        with self._guard:
            self._missing = {key: max(at, when) for key, when in self._missing.items()}

    def _is_last_of_its_channel(self, key: Key) -> bool:
        """Whether X brings everything of this channel once it brings this."""
        with self._guard:
            others = {*self._missing, *self._refused} - {key}
            return not any(channel_id == key[0] for channel_id, _ in others)

    def _settle(self, key: Key, *, refused: bool = False) -> None:
        """It is not asked for any more."""
        with self._guard:
            self._missing.pop(key, None)
            if refused:
                self._refused.add(key)


def _wait_s(error: XError) -> float:
    """How long until X is asked again: until the moment that it named, or for five minutes."""
    named = (error.again_at(now(), LIMITED) - now()).total_seconds()
    return min(max(named, AGAIN_S), LONGEST_LIMIT_S)
