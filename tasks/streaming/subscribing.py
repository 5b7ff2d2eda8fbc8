"""Subscriptions: X is told to bring what is wanted (wanting.py), and no more; several at once."""

import math
import threading
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial

import structlog

from engine.moderation import MessageKind
from engine.x.activity import MOST_OF_AN_APP
from engine.x.app import Subscription
from engine.x.errors import Fault, NoRoom, RateLimited, XError
from engine.x.events import DELETE_EVENT
from models import aside
from models.accounts.channels import Auth, Channel, Hearing, are_heard
from models.aside import Item, Place, Trial
from models.publishing.copies import looking_again
from models.streaming import authors, hearing
from models.streaming.hearing import Heard
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.streaming import wanting
from tasks.streaming.directory import Directory
from tasks.streaming.full import Full
from tasks.streaming.wanting import Rank, Sub, Want

log = structlog.get_logger()
LIST_EVERY_S = 60.0
LIST_AGAIN_S = 5.0
AGAIN_S = 5.0
LIMITED = timedelta(minutes=5)
LONGEST_LIMIT_S = 900.0  # X counts by the quarter of an hour: a moment later than that is a clock that goes wrong
DOWN_AFTER = 3
COPIES_EVERY_S = 5.0
ANEW, ANEW_EVERY_S = 30, 60.0  # so many authors at most in so many seconds: X counts what it is asked for
REFUSED_FOR_S = 3600.0  # an author; or all of them, where X refuses several in a row
FULL_FOR_S = 900.0  # that X has no room for more is believed so long, then one more is asked for
Key = tuple[int, MessageKind]


class Subscriptions:
    """What X brings, made equal to what is wanted. `subscribed` is told of each kind that a channel hears from now on.

    A channel that X refuses, or that is limited, waits by itself, and is polled meanwhile; when X fails for several in
    a row, or limits them, all of them wait. Where X has no room for all, it is told to bring what comes first.
    """

    def __init__(self, directory: Directory, hands: Hands, subscribed: Callable[[Key], None]) -> None:
        self.compared = False  # whether X was asked what it has, with whatever success
        self._directory = directory
        self._hands = hands
        self._subscribed = subscribed
        self._guard = threading.Lock()
        self._wanted: dict[Sub, Want] = {}  # all that there is room for
        self._missing: dict[Sub, float] = {}  # when each is asked for (monotonic seconds)
        self._asking: dict[Sub, int] = {}  # how many had been given up by then
        self._begun: set[Sub] = set()  # since X was asked last what it has
        self._given_up: set[str] = set()  # since then, too
        self._refused: dict[Sub, float] = {}  # when; each is asked for again a minute later
        self._broken: set[Sub] = set()  # in a way that nobody had thought of
        self._extra: dict[str, Sub] = {}  # what X has and nobody wants, by its id
        self._held = 0  # how many X has, as far as is known
        self._most = MOST_OF_AN_APP
        self._full = Full()
        self._full_until = 0.0
        self._left_out: set[int] = set()
        self._refused_authors: dict[Sub, float] = {}  # until when
        self._authors_left, self._authors_at, self._no_authors_until = float(ANEW), 0.0, 0.0
        self._newest_copy, self._copies_at = 0, 0.0
        self._authors_refused_in_a_row = 0
        self._changed = threading.Event()  # what is wanted, or what X has: they are to be compared
        self._changed.set()
        self._list_at = self._not_before = 0.0
        self._failed_in_a_row = 0

    def look(self, *, changed: bool) -> None:
        """Begin what is due, as far as there are hands and room; `changed`: the channels are others than just now."""
        at = time.monotonic()
        if changed or self._is_copied(at):
            self._changed.set()
        is_due = self._changed.is_set() or self._list_at <= at
        if is_due and self._not_before <= at and not (self._full.is_said and self._asking):
            self._hands.take("list", self._list)
        with self._guard:
            if changed:  # or somebody wants what broke tried once more
                self._missing |= dict.fromkeys(self._broken & self._missing.keys(), at)
                self._broken.clear()
                self._refused.clear()
            due = [(self._wanted[sub].rank, when, sub) for sub, when in self._missing.items() if when <= at]
            waiting = [sub for _, _, sub in sorted(due) if sub not in self._asking]
            free = 0 if self._full.is_said else self._most - self._held - len(self._asking)
            extra = list(self._extra.items())
        for sub in waiting[: max(0, free)]:
            self._begin(sub)
        for subscription_id, sub in extra:
            self._hands.take(("unsubscribe", subscription_id), partial(self._unsubscribe, subscription_id, sub))

    def _is_copied(self, at: float) -> bool:
        """Whether channels copied something since this was last so: most deletions come within minutes."""
        if at < self._copies_at:
            return False
        self._copies_at = at + COPIES_EVERY_S
        before, self._newest_copy = self._newest_copy, looking_again.newest_copy()
        return self._newest_copy > before

    def missing(self) -> set[Key]:
        """The kinds of messages of channels that X is still to be asked for."""
        with self._guard:
            wants = [self._wanted[sub] for sub in self._missing]
        return {(w.channel_id, w.kind) for w in wants if w.channel_id is not None and w.kind is not None}

    def counts(self) -> dict[str, int]:
        """How many subscriptions are wanted, and how many of these X has, once X was asked."""
        if not self.compared:
            return {}
        with self._guard:
            there = self._wanted.keys() - self._missing.keys() - self._refused.keys() - self._asking.keys()
            return {"wanted": len(self._wanted), "present": len(there)}

    # --- comparing -----------------------------------------------------------------------------------------------

    def _list(self) -> None:
        """Compare what X has with what is wanted."""
        self._changed.clear()
        self._list_at = time.monotonic() + LIST_AGAIN_S  # in case this breaks
        with aside.apart(Item(Place.SUBSCRIBE, "all")) as trial:
            self._compare(trial)
        self.compared = True  # else nobody is read back

    def _compare(self, trial: Trial) -> None:
        channels = self._directory.read().values()
        asked_at = now()
        with self._guard:
            self._begun.clear()
            self._given_up.clear()
            refused = self._full.refused
        try:
            listed = accounts.app_client().subscriptions()
        except XError as error:
            log.warning("subscriptions not listed", error=type(error).__name__, detail=error.detail)
            accounts.heed_of_app(error)
            self._not_before = time.monotonic() + (_wait_s(error) if error.holds else LIST_AGAIN_S)
            self._list_at = self._not_before
            trial.untried = True
            return
        room = self._room(listed, refused)
        with self._guard:
            has = [s for s in listed if s.subscription_id not in self._given_up]
        have = {(s.event_type, s.user_id): s.subscription_id for s in has}
        wants, left_out = wanting.by_hearing(channels, room)
        with self._guard:
            there = have.keys() | self._begun
        wants += self._deletions(room - len(wants), there)
        brought = {int(user_id) for kind, user_id in there if kind == DELETE_EVENT and user_id.isdecimal()}
        wanted = {want.user_id for want in wants if want.kind is None}
        authors.only(brought & wanted, asked_at, now())
        authors.end(brought - wanted)
        with self._guard:
            there = have.keys() | self._begun
            again = time.monotonic() - LIST_EVERY_S + LIST_AGAIN_S
            self._refused = {sub: at for sub, at in self._refused.items() if at > again}
            self._wanted = {want.sub: want for want in wants}
            asked = self._wanted.keys() - there - self._refused.keys()
            self._missing = {sub: self._missing.get(sub, 0.0) for sub in asked}
            extra = {have[sub]: sub for sub in have.keys() - self._wanted.keys() if sub[0] in wanting.OURS}
            self._extra = {i: sub for i, sub in extra.items() if i not in self._given_up}
            self._held = sum(s.subscription_id not in self._given_up for s in has) + len(self._begun - have.keys())
            missing = {want.channel_id for sub, want in self._wanted.items() if sub not in there}
        self._list_at = time.monotonic() + LIST_EVERY_S
        self._say_who_is_left_out(left_out)
        for channel in [*left_out, *(c for c in channels if c.auth is Auth.OAUTH1)]:
            with aside.apart(Item(Place.SUBSCRIBE, f"{channel.id}:poll", channel.id)):
                hearing.set_hearing(channel.id, Hearing.POLL)
        whole = {want.channel_id for want in wants} - missing - {None}
        for channel in channels:
            if channel.id in whole and channel.hearing is not Hearing.STREAM:
                with aside.apart(Item(Place.SUBSCRIBE, f"{channel.id}:stream", channel.id)):
                    hearing.set_hearing(channel.id, Hearing.STREAM)

    def _deletions(self, room: int, have: set[Sub]) -> list[Want]:
        """Whose deletions are wanted, as far as there is room beside what hearing needs."""
        at = time.monotonic()
        self._refused_authors = {sub: until for sub, until in self._refused_authors.items() if until > at}
        saved = self._authors_left + (at - self._authors_at) * ANEW / ANEW_EVERY_S
        self._authors_left, self._authors_at = min(float(ANEW), saved), at
        anew = int(self._authors_left) if at >= self._no_authors_until else 0
        with self._guard:
            asked = {sub for sub in self._missing if self._wanted[sub].rank is Rank.DELETIONS}
        have = have | asked
        copied = looking_again.wanted_authors(now())
        wants = wanting.by_deletions(copied, room, have, anew=anew, refused=self._refused_authors)
        self._authors_left -= sum(want.sub not in have for want in wants)
        return wants

    def _room(self, listed: Collection[Subscription], refused: int) -> int:
        """How many of what X may have of the app can be ours: all but what others made of it by hand.

        `refused`: how often X had said that it is full when it was asked for this list.
        """
        with self._guard:
            most = self._full.had(len(listed), refused)
        if most is not None:
            self._most = min(most, MOST_OF_AN_APP)
            self._full_until = time.monotonic() + FULL_FOR_S
            log.warning("X has no room for another subscription", has=self._most)
        elif self._full_until <= time.monotonic():
            self._most = MOST_OF_AN_APP
        return self._most - sum(s.event_type not in wanting.OURS for s in listed)

    def _say_who_is_left_out(self, channels: Collection[Heard]) -> None:
        ids = {channel.id for channel in channels}
        if ids != self._left_out:
            self._left_out = ids
            log.warning("X has no room for all channels: these are polled", most=self._most, channels=sorted(ids))

    # --- asking --------------------------------------------------------------------------------------------------

    def _begin(self, sub: Sub) -> None:
        with self._guard:
            self._asking[sub] = self._full.left
        if not self._hands.take(("subscribe", *sub), partial(self._subscribe_if_due, sub)):
            with self._guard:
                self._asking.pop(sub, None)

    def _subscribe_if_due(self, sub: Sub) -> None:
        try:
            with self._guard:
                want = self._wanted.get(sub) if self._missing.get(sub, math.inf) <= time.monotonic() else None
            if want is not None:  # all may have been put off since it was begun
                self._subscribe(want)
        finally:
            with self._guard:
                self._asking.pop(sub, None)

    def _subscribe(self, want: Want) -> None:
        self._put_off(want.sub, AGAIN_S)  # in case this thread dies
        if want.channel_id is None:
            self._ask_for_author(want)
            return
        with aside.apart(Item(Place.SUBSCRIBE, f"{want.channel_id}:{want.event_type}", want.channel_id)) as trial:
            self._ask(want, trial)
        if trial.broke:
            self._put_off(want.sub, trial.pause_s)
            with self._guard:
                self._broken.add(want.sub)

    def _ask(self, want: Want, trial: Trial) -> None:
        channel = Channel.get_or_none((Channel.id == want.channel_id) & are_heard())
        if channel is None:
            self._settle(want.sub)
            return
        try:
            accounts.client(channel).subscribe(want.event_type, want.user_id)
        except TokenBusy:
            trial.untried = True
            self._put_off(want.sub, 1.0)
        except XError as error:
            trial.untried = True
            self._not_subscribed(want, channel, error)
        else:
            self._failed_in_a_row = 0
            if self._is_last_of_its_channel(want):
                hearing.set_hearing(channel.id, Hearing.STREAM)
            self._settle(want.sub, held=1)
            assert want.kind is not None  # it is a channel's
            self._subscribed((channel.id, want.kind))

    def _ask_for_author(self, want: Want) -> None:
        """Nothing depends on it: what X does not bring is looked at again, so a trouble costs only this one."""
        try:
            accounts.app_client().subscribe(want.event_type, want.user_id)
        except XError as error:
            log.info("deletions not subscribed", error=type(error).__name__, detail=error.detail)
            at = time.monotonic()
            if isinstance(error, NoRoom):
                self._no_room(want)
            elif error.passes:
                self._no_authors_until = at + _wait_s(error)
                self._settle(want.sub)
            else:
                self._refused_authors[want.sub] = at + REFUSED_FOR_S
                self._authors_refused_in_a_row += 1
                self._settle(want.sub)
                if self._authors_refused_in_a_row >= DOWN_AFTER:
                    self._no_authors_until = at + REFUSED_FOR_S
        else:
            self._authors_refused_in_a_row = 0
            authors.begin([want.user_id], now())
            self._settle(want.sub, held=1)

    def _not_subscribed(self, want: Want, channel: Channel, error: XError) -> None:
        """It is polled as long as X does not bring it. What passes is asked for again; by all later, if all meet it."""
        log.info(
            "not subscribed", channel=channel.id, kind=want.event_type, error=type(error).__name__, detail=error.detail
        )
        accounts.heed(channel, error)
        if not error.renews:
            hearing.set_hearing(channel.id, Hearing.POLL)
        if isinstance(error, NoRoom):
            self._no_room(want)
            return
        if not error.passes:
            self._settle(want.sub, refused=True)
            return
        wait = 1.0 if error.renews else AGAIN_S
        if error.holds:
            wait = _wait_s(error)
        self._put_off(want.sub, wait)
        with self._guard:
            self._failed_in_a_row += error.fault is Fault.WAY or isinstance(error, RateLimited)
            is_down = error.fault is Fault.APP or self._failed_in_a_row >= DOWN_AFTER
            self._failed_in_a_row = 0 if is_down else self._failed_in_a_row
        if is_down:
            self._put_all_off(wait)

    def _no_room(self, want: Want) -> None:
        """X has no room for one more, whatever it documents: so many as it has now are all that it may have."""
        self._put_off(want.sub, 0.0)
        with self._guard:
            self._full.said(self._asking[want.sub])
        self._changed.set()  # what is wanted is chosen anew

    def _unsubscribe(self, subscription_id: str, sub: Sub) -> None:
        with self._guard:
            if self._extra.pop(subscription_id, None) is None:  # wanted again; what fails is found by the next list
                return
            self._full.leaving += 1
        try:
            accounts.app_client().unsubscribe(subscription_id)
        except XError as error:
            log.warning("not unsubscribed", error=type(error).__name__, detail=error.detail)
        else:
            with self._guard:
                self._held -= subscription_id not in self._given_up
                self._given_up.add(subscription_id)
                wanted = sub in self._wanted
            if wanted:  # again, since it was begun: X may have listed it meanwhile
                self._changed.set()
        finally:
            with self._guard:
                self._full.left += 1

    def _put_off(self, sub: Sub, seconds: float) -> None:
        with self._guard:
            if sub in self._missing:
                self._missing[sub] = time.monotonic() + seconds

    def _put_all_off(self, seconds: float) -> None:
        at = time.monotonic() + seconds
        with self._guard:
            self._missing = {sub: max(at, when) for sub, when in self._missing.items()}

    def _is_last_of_its_channel(self, want: Want) -> bool:
        """Whether X brings everything of this channel once it brings this."""
        with self._guard:
            others = {*self._missing, *self._refused} - {want.sub}
            return not any(w.channel_id == want.channel_id for s, w in self._wanted.items() if s in others)

    def _settle(self, sub: Sub, *, refused: bool = False, held: int = 0) -> None:
        """It is not asked for any more."""
        with self._guard:
            self._held += held
            self._missing.pop(sub, None)
            if refused:
                self._refused[sub] = time.monotonic()
            if held:
                self._begun.add(sub)


def _wait_s(error: XError) -> float:
    """How long until X is asked again: until the moment that it named, or for five minutes."""
    named = (error.again_at(now(), LIMITED) - now()).total_seconds()
    return min(max(named, AGAIN_S), LONGEST_LIMIT_S)
