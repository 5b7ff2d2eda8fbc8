"""Reconciling: what X's stream swallowed while its heartbeats went on is found by asking what X has, now and then.

A cursor moves with what is heard, so what is missing before it is looked for by nobody else. Each channel that the
stream brings is asked for from the moment up to which nothing can be missing (`models/streaming/hearing.py`), one
channel at a time and slowly: its calls are as many as those that X's limit of the app leaves for a reconnect.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from engine.moderation import MessageKind
from engine.x import events
from engine.x.errors import XError
from models import aside
from models.accounts.channels import Channel, are_heard
from models.aside import Item, Place, Trial
from models.streaming import hearing, messages
from tasks import accounts
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.living.hands import Hands
from tasks.moderation import judge
from tasks.streaming.reading_back import read_back
from tasks.streaming.subscribing import Key

log = structlog.get_logger()
LOOK_EVERY_S = 5.0
LOOK_AT = 50
BUSY_S, BROKEN_S, LONGEST_LIMIT_S = 1.0, 60.0, 900.0
LIMITED = timedelta(minutes=5)
LAG_S = 60.0  # X's timelines lag behind: what was said so shortly ago is for the next time


class Reconciler:
    """Begins what is due. `is_behind`: who is being read back anyway."""

    def __init__(self, every: timedelta, hands: Hands, is_behind: Callable[[Key], bool]) -> None:
        self._every = every
        self._hands = hands
        self._is_behind = is_behind
        self._look_at = 0.0
        self._not_before: dict[Key, float] = {}

    def look(self) -> None:
        """Begin with the channel that has waited longest, if it is time. Raises TROUBLE."""
        at = time.monotonic()
        if not self._every or at < self._look_at:
            return
        self._look_at = at + LOOK_EVERY_S
        put_off = {key for key, until in list(self._not_before.items()) if until > at}
        for channel_id, kind, since in hearing.to_compare(self._every, now(), LOOK_AT + len(put_off)):
            key = (channel_id, kind)
            if key not in put_off and not self._is_behind(key):
                self._hands.take(("compare", *key), partial(self._compare, key, since))
                return

    def _compare(self, key: Key, since: int) -> None:
        self._put_off(key, BROKEN_S)  # in case this thread dies
        channel_id, kind = key
        with aside.apart(Item(Place.CATCH_UP, f"{channel_id}:{kind}:compare", channel_id)) as trial:
            self._try(key, since, trial)
        if trial.broke:
            self._put_off(key, trial.pause_s)

    def _try(self, key: Key, since: int, trial: Trial) -> None:
        channel_id, kind = key
        channel = Channel.get_or_none((Channel.id == channel_id) & are_heard())
        if channel is None:
            return
        try:
            compare(channel, kind, since)
        except TokenBusy:
            trial.untried = True
            self._put_off(key, BUSY_S)
        except XError as error:
            trial.untried = True
            log.info("not compared", channel=channel_id, kind=kind, error=type(error).__name__)
            accounts.heed(channel, error)
            if error.holds:
                wait = (error.again_at(now(), LIMITED) - now()).total_seconds()
                self._put_off(key, min(max(wait, BROKEN_S), LONGEST_LIMIT_S))
        else:
            self._not_before.pop(key, None)

    def _put_off(self, key: Key, seconds: float) -> None:
        self._not_before[key] = time.monotonic() + seconds


def compare(channel: Channel, kind: MessageKind, since: int) -> int:
    """Read what X has after this id, and hear what the stream did not bring; how much. Raises XErrors, TokenBusy."""
    x = accounts.client(channel)
    began, ours, missed = now(), hearing.connected(), 0
    mine = ours.get(channel.x_user_id)
    if mine is None:
        return 0
    ask = x.dms if kind is MessageKind.DM else x.mentions
    for page in ask(channel.x_user_id, since_id=since, now=began):
        wanted = [h for h in page.heard if h.sender_id not in ours and mine.takes(h.kind, h.x_id, h.text)]
        unheard = messages.unheard(channel.id, wanted)
        if unheard:
            messages.hear({channel.x_user_id: channel.id}, unheard, now())
            judge.ring_once(2)
            missed += len(unheard)
    hearing.be_sure(channel.id, kind, events.id_before(events.id_at(began), LAG_S))
    if kind is MessageKind.DM and channel.x_user_id in ours and ours[channel.x_user_id].chats:
        missed += read_back(x, channel, ours)
    if missed:
        log.warning("the stream had swallowed what was heard by asking", channel=channel.id, kind=kind, messages=missed)
    return missed
