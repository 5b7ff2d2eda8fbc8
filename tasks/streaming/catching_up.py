"""Catching up: what was said while nobody listened is read back, after every connect and every new subscription."""

import threading
import time
from collections import Counter

import redis
import structlog

from engine.moderation import MessageKind
from engine.x import events
from engine.x.client import AppClient
from engine.x.errors import XError
from models.accounts.channels import Auth, Channel
from models.database import TROUBLE, forget_connection, rest
from models.streaming import hearing, messages
from tasks import accounts, bells
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.moderation import judge
from tasks.streaming import subscribing
from tasks.streaming.directory import Directory

log = structlog.get_logger()
OVERLAP_S = 60.0
RECONCILE_S = 60.0
CAUGHT_AT_ONCE = 20
LIMITED_S = 30.0
APP_LIMITED_AFTER = 3
Key = tuple[int, MessageKind]


def catch_up(channel: Channel, kind: MessageKind) -> None:
    """Read back everything after the channel's cursor, store it, and move the cursor. Raises XErrors, TokenBusy.

    A minute before the cursor is read again: events come out of order, so it may hide one that never came.
    """
    x = accounts.client(channel)
    directory = hearing.connected()
    cursor = hearing.cursor(channel.id, kind)
    since = events.id_before(cursor, OVERLAP_S)
    pages = x.mentions(channel.x_user_id, since_id=since) if kind is MessageKind.MENTION else x.dms(
        channel.x_user_id, since_id=since
    )  # fmt: skip
    newest = cursor
    for page in pages:
        wanted = [h for h in page if h.sender_id not in directory]
        newest = max([newest, *(h.x_id for h in page)])
        if wanted:
            messages.hear({channel.x_user_id: channel.id}, wanted, now())
            judge.ring_once(2)
    hearing.advance(channel.id, kind, newest)


class Catcher:
    """Knows who is behind, reads back for them, and keeps the subscriptions equal to what the channels want."""

    def __init__(self, app: AppClient, directory: Directory, stop: threading.Event) -> None:
        self.connects = 0
        self.behind: dict[Key, int] = {}
        self._app = app
        self._directory = directory
        self._stop = stop
        self._put_off: dict[Key, float] = {}
        self._listening = False
        self._look_now = threading.Event()

    def connected(self) -> None:
        """Everything may have been missed: all channels are behind until they have been read back."""
        self._listening = True
        self.connects += 1
        for channel in self._directory.read().values():
            for kind in MessageKind:
                if channel.auth is Auth.OAUTH2 and channel.wants(kind):
                    self.behind[(channel.id, kind)] = self.connects
        self._put_off.clear()
        self.wake()

    def disconnected(self) -> None:
        """Nothing is read back while nothing is heard: there would be a gap again."""
        self._listening = False

    def wake(self) -> None:
        self._look_now.set()

    def run(self) -> None:
        """Until stopped."""
        reconcile_at = 0.0
        while not self._stop.is_set():
            try:
                if time.monotonic() >= reconcile_at or bells.subscriptions_rung():
                    reconcile_at = time.monotonic() + RECONCILE_S
                    for key in subscribing.reconcile(self._app, self._directory):
                        self.behind[key] = self.connects
                pause = self._catch_up_some() if self.behind and self._listening else 0.5
            except (*TROUBLE, redis.RedisError, XError) as error:
                forget_connection()
                log.error("catching up is put off", error=type(error).__name__, detail=str(error)[:200])
                pause = 2.0
            rest()
            self._look_now.wait(pause)
            self._look_now.clear()

    def _catch_up_some(self) -> float:
        """Read back a few of those who are behind, so that subscriptions never wait long; the pause until the next.

        Who meets X's limit is put off. Several in a row mean the limit of the whole app: then the kind is.
        """
        at = time.monotonic()
        due = [key for key in self.behind if self._put_off.get(key, 0.0) <= at]
        limited: Counter[MessageKind] = Counter()
        for key in due[:CAUGHT_AT_ONCE]:
            if self._stop.is_set():
                return 0.0
            since = self.behind[key]
            outcome = _catch_up_one(*key)
            if outcome is None:
                limited[key[1]] = 0
                if self.behind.get(key) == since:
                    del self.behind[key]
                continue
            self._put_off[key] = at + outcome
            limited[key[1]] += outcome >= LIMITED_S
            if limited[key[1]] >= APP_LIMITED_AFTER:
                self._put_off |= {k: at + LIMITED_S for k in self.behind if k[1] is key[1]}
                break
        return 0.0 if len(due) > CAUGHT_AT_ONCE else 0.5


def _catch_up_one(channel_id: int, kind: MessageKind) -> float | None:
    """None when nothing is missing any more, else the seconds until it is worth another try."""
    channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected & Channel.is_on)
    if channel is None:
        return None
    try:
        catch_up(channel, kind)
    except TokenBusy:
        return 1.0
    except XError as error:
        log.info("not caught up", channel=channel_id, kind=kind, error=type(error).__name__)
        accounts.heed(channel, error)
        return 1.0 if error.renews else LIMITED_S if error.holds else 2.0
    return None
