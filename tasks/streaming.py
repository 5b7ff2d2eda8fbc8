"""Hear: one activity stream for all channels under a lease, catch-up after every connect, polling for the rest.

Whoever holds the lease has four threads: the stream's, which parses lines; the writer's, which stores them in
batches; the catcher's, which reads back what was missed and keeps the subscriptions equal to what the channels
want; and the keeper's, which renews the lease and stops it all when it is lost or the worker ends.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import peewee as pw
import redis
import structlog
from redis.exceptions import LockError

from engine.moderation import MessageKind
from engine.x import events
from engine.x.client import AppClient, XSession
from engine.x.errors import Duplicate, RateLimited, Refused, TokenRevoked, XError
from engine.x.stream import ActivityStream
from models.accounts.channels import Auth, Channel, Hearing
from models.database import forget_connection
from models.settings import settings
from models.streaming import hearing, messages
from tasks import accounts, bells, control
from tasks.accounts import TokenBusy
from tasks.clock import now
from tasks.moderation import judge
from tasks.queues import PREFIX, job, streaming
from tasks.start import redis_client

log = structlog.get_logger()
LEASE = f"{PREFIX}lease:stream"
LEASE_S = 9.0
RENEW_S = 2.0
OVERLAP_S = 60.0
CURSOR_S = 1.0
DIRECTORY_S = 1.0
RECONCILE_S = 60.0
LOCKED_OUT_S = 30.0
MAX_BUFFERED = 50_000
CAUGHT_AT_ONCE = 20
LIMITED_S = 30.0
APP_LIMITED_AFTER = 3
POLL_EVERY = timedelta(seconds=10)
POLL_APP_SHARE = timedelta(seconds=2.2)
POLL_DMS_EVERY = timedelta(seconds=65)
EVENT_OF = {MessageKind.MENTION: events.MENTION_EVENT, MessageKind.DM: events.DM_EVENT}
_here = threading.Lock()


@job(streaming, priority=100)
def hear() -> None:
    """Hold the stream, if nobody does, until this worker stops or the lease is lost."""
    if not settings().x_bearer_token.get_secret_value() or not _here.acquire(blocking=False):
        return
    try:
        lease = redis_client().lock(LEASE, timeout=LEASE_S, blocking=False, thread_local=False)
        if lease.acquire():
            Ear(lease).listen()
    finally:
        _here.release()


@job(streaming)
def poll(channel_id: int) -> None:
    """Ask X for what one channel missed. Never while another poll of it runs."""
    channel = hearing.claim_poll(channel_id, now())
    if channel is None:
        return
    try:
        if channel.mentions_on:
            _poll_kind(channel, MessageKind.MENTION, now())
        if channel.dms_on and channel.dms_polled_at <= now() - POLL_DMS_EVERY:
            _poll_kind(channel, MessageKind.DM, now())
        if not channel.mentions_on:
            hearing.polled(channel.id, MessageKind.MENTION, now())
    finally:
        hearing.release_poll(channel_id, now())


def look(at: datetime) -> None:
    """For the clock: is the stream held, and is a poll due?"""
    streamed = bool(settings().x_bearer_token.get_secret_value())
    if streamed and not redis_client().exists(LEASE):
        hear.ring_once(3)
    sharing = hearing.count_polled(all_channels=not streamed)
    if sharing:
        every = max(POLL_EVERY, POLL_APP_SHARE * sharing)
        for channel_id in hearing.due_polls(every, at, all_channels=not streamed):
            poll.ring_once(5, channel_id)


def _poll_kind(channel: Channel, kind: MessageKind, at: datetime) -> None:
    try:
        catch_up(channel, kind)
    except TokenBusy:
        return
    except RateLimited as error:
        hearing.polled(channel.id, kind, error.until or at + timedelta(minutes=5))
        return
    except TokenRevoked as error:
        accounts.unauthorized(channel, error.detail)
    except XError as error:
        log.info("poll failed", channel=channel.id, kind=kind, error=type(error).__name__)
    hearing.polled(channel.id, kind, at)


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


class Ear:
    """Listens under a lease. See the module for its threads."""

    def __init__(self, lease: "redis.lock.Lock") -> None:
        s = settings()
        bearer = s.x_bearer_token.get_secret_value()
        self._lease = lease
        self._stop = threading.Event()
        self._stream = ActivityStream(s.x_api_url, bearer, self, self._stop)
        self._app = AppClient(XSession(s.x_api_url), bearer)
        self._has_news = threading.Condition()
        self._buffer: list[events.Heard] = []
        self._directory: dict[int, hearing.Heard] = {}
        self._directory_read = 0.0
        self._behind: dict[tuple[int, MessageKind], int] = {}
        self._put_off: dict[tuple[int, MessageKind], float] = {}
        self._connects = 0
        self._catch_now = threading.Event()
        self._cursors: dict[tuple[int, MessageKind], int] = {}
        self._cursors_written = time.monotonic()
        self._seen: Counter[str] = Counter()
        self._connected_at: datetime | None = None
        self._last_lockout = 0.0
        self._trouble = ""

    def listen(self) -> None:
        """Run until the worker stops or the lease is lost; then close the stream and give the lease back."""
        threads = [
            threading.Thread(target=self._keep, name="stream-keeper"),
            threading.Thread(target=self._write, name="stream-writer"),
            threading.Thread(target=self._catch, name="stream-catcher"),
        ]
        log.info("stream lease taken")
        self._read_directory()
        for thread in threads:
            thread.start()
        try:
            self._stream.run()
        finally:
            self._stop.set()
            self._catch_now.set()
            with self._has_news:
                self._has_news.notify_all()
            for thread in threads:
                thread.join()
            self._give_back()
            log.info("stream lease given back")

    # --- what the stream tells ---------------------------------------------------------------------------

    def connected(self) -> None:
        """Everything may have been missed: all channels are behind until they have been read back."""
        self._connected_at = now()
        self._trouble = ""
        self._connects += 1
        log.info("stream connected", connects=self._connects)
        self._mark_behind(self._read_directory().values())

    def line(self, data: bytes) -> None:
        try:
            found = events.parse_line(data)
        except events.MalformedEvent as error:
            self._seen["malformed"] += 1
            log.warning("malformed stream line", size=len(data), error=str(error), seen=self._seen["malformed"])
            return
        for event in found:
            self._seen["events"] += 1
            if isinstance(event, events.Heard):
                self._hear(event)
            elif isinstance(event, events.Revoked):
                self._revoked(event)
            elif isinstance(event, events.Disconnecting):
                log.warning("X ends the connection", detail=event.detail)
            else:
                self._seen["unknown"] += 1

    def alive(self) -> None:
        """A heartbeat."""

    def disconnected(self, reason: str, wait_s: float) -> None:
        self._connected_at = None
        self._trouble = reason
        log.warning("stream down", reason=reason, wait_s=round(wait_s, 2))

    def locked_out(self) -> bool:
        """X counts another connection. We hold the lease, so it is a dead one: clear it; whether that worked."""
        if self._last_lockout and time.monotonic() - self._last_lockout < LOCKED_OUT_S:
            return False
        self._last_lockout = time.monotonic()
        try:
            self._app.close_stale_connections()
            log.warning("stale stream connections closed")
        except XError as error:
            log.error("stale connections not closed", error=type(error).__name__)
            return False
        return True

    def _hear(self, event: events.Heard) -> None:
        channel = self._directory.get(event.channel_x_id)
        if channel is None or time.monotonic() - self._directory_read > DIRECTORY_S:
            channel = self._read_directory().get(event.channel_x_id)
        if channel is None or not channel.on or event.sender_id in self._directory:
            return
        with self._has_news:
            self._buffer.append(event)
            self._has_news.notify()

    def _revoked(self, event: events.Revoked) -> None:
        channel = Channel.get_or_none((Channel.x_user_id == event.x_user_id) & Channel.connected)
        if channel is not None and channel.auth == Auth.OAUTH2:
            accounts.token_died(channel, "revoked at X")

    # --- the writer --------------------------------------------------------------------------------------

    def _write(self) -> None:
        while True:
            with self._has_news:
                while not self._buffer and not self._stop.is_set():
                    self._has_news.wait(CURSOR_S)
                    self._write_cursors()
                batch, self._buffer = self._buffer, []
            if batch:
                self._store(batch)
            elif self._stop.is_set():
                self._write_cursors(at_once=True)
                return

    def _store(self, batch: list[events.Heard]) -> None:
        ids = {h.x_user_id: h.id for h in self._directory.values()}
        known = [e for e in batch if e.channel_x_id in ids]
        while True:
            try:
                messages.hear(ids, known, now())
                break
            except (pw.OperationalError, pw.InterfaceError) as error:
                forget_connection()
                log.error("could not store what was heard", waiting=len(batch), error=str(error))
                if self._stop.wait(1):
                    return  # the cursors were not moved: whoever is next reads it back
        judge.ring_once(2)
        for event in known:
            key = (ids[event.channel_x_id], event.kind)
            if key not in self._behind:
                self._cursors[key] = max(self._cursors.get(key, 0), event.x_id)
        self._write_cursors()

    def _write_cursors(self, *, at_once: bool = False) -> None:
        if not at_once and time.monotonic() - self._cursors_written < CURSOR_S:
            return
        self._cursors_written = time.monotonic()
        moved, self._cursors = self._cursors, {}
        try:
            for (channel_id, kind), x_id in moved.items():
                hearing.advance(channel_id, kind, x_id)
        except (pw.OperationalError, pw.InterfaceError) as error:
            forget_connection()
            log.error("cursors not moved", error=str(error))

    # --- the catcher -------------------------------------------------------------------------------------

    def _catch(self) -> None:
        reconcile_at = 0.0
        while not self._stop.is_set():
            try:
                if time.monotonic() >= reconcile_at or bells.subscriptions_rung():
                    reconcile_at = time.monotonic() + RECONCILE_S
                    self._reconcile()
                pause = self._catch_up_some() if self._behind and self._connected_at else 0.5
            except (pw.OperationalError, pw.InterfaceError, redis.RedisError, XError) as error:
                forget_connection()
                log.error("catching up is put off", error=type(error).__name__, detail=str(error)[:200])
                pause = 2.0
            self._catch_now.wait(pause)
            self._catch_now.clear()

    def _reconcile(self) -> None:
        """Make X's subscriptions equal to what the channels want."""
        directory = self._read_directory()
        have = {(s.event_type, s.user_id): s.subscription_id for s in self._app.subscriptions()}
        want = {
            (EVENT_OF[kind], str(c.x_user_id)): (c, kind)
            for c in directory.values()
            if c.auth is Auth.OAUTH2
            for kind in MessageKind
            if c.wants(kind)
        }
        ours = set(EVENT_OF.values())
        for key in have.keys() - want.keys():
            if key[0] in ours:
                self._app.unsubscribe(have[key])
        for channel in directory.values():
            if channel.auth is Auth.OAUTH1:
                hearing.set_hearing(channel.id, Hearing.POLL)
        for key in want.keys() - have.keys():
            self._subscribe(*want[key])

    def _subscribe(self, heard: hearing.Heard, kind: MessageKind) -> None:
        channel = Channel.get_by_id(heard.id)
        try:
            accounts.client(channel).subscribe(EVENT_OF[kind], channel.x_user_id)
        except (TokenBusy, RateLimited):
            bells.ring_subscriptions()
            return
        except TokenRevoked as error:
            accounts.unauthorized(channel, error.detail)
            return
        except (Refused, Duplicate) as error:
            log.warning("can't subscribe, will poll", channel=channel.id, detail=error.detail)
            hearing.set_hearing(channel.id, Hearing.POLL)
            return
        hearing.set_hearing(channel.id, Hearing.STREAM)
        self._behind[(heard.id, kind)] = self._connects

    def _catch_up_some(self) -> float:
        """Read back a few of those who are behind, so that subscriptions never wait long; the pause until the next.

        Who meets X's limit is put off. Several in a row mean the limit of the whole app: then the kind is.
        """
        at = time.monotonic()
        due = [key for key in self._behind if self._put_off.get(key, 0.0) <= at]
        limited: Counter[MessageKind] = Counter()
        for key in due[:CAUGHT_AT_ONCE]:
            if self._stop.is_set():
                return 0.0
            since = self._behind[key]
            outcome = self._catch_up_one(*key)
            if outcome is None:
                limited[key[1]] = 0
                if self._behind.get(key) == since:
                    del self._behind[key]
                continue
            self._put_off[key] = at + outcome
            limited[key[1]] += outcome >= LIMITED_S
            if limited[key[1]] >= APP_LIMITED_AFTER:
                self._put_off |= {k: at + LIMITED_S for k in self._behind if k[1] is key[1]}
                break
        return 0.0 if len(due) > CAUGHT_AT_ONCE else 0.5

    def _catch_up_one(self, channel_id: int, kind: MessageKind) -> float | None:
        """None when nothing is missing any more, else the seconds until it is worth another try."""
        channel = Channel.get_or_none((Channel.id == channel_id) & Channel.connected & Channel.is_on)
        if channel is None:
            return None
        try:
            catch_up(channel, kind)
        except TokenBusy:
            return 1.0
        except TokenRevoked as error:
            accounts.unauthorized(channel, error.detail)
            return 1.0
        except XError as error:
            log.info("not caught up", channel=channel_id, kind=kind, error=type(error).__name__)
            return LIMITED_S if isinstance(error, RateLimited) else 2.0
        return None

    def _mark_behind(self, channels: Iterable[hearing.Heard]) -> None:
        for channel in channels:
            for kind in MessageKind:
                if channel.auth is Auth.OAUTH2 and channel.wants(kind):
                    self._behind[(channel.id, kind)] = self._connects
        self._put_off.clear()
        self._catch_now.set()

    def _read_directory(self) -> dict[int, hearing.Heard]:
        self._directory = hearing.connected()
        self._directory_read = time.monotonic()
        return self._directory

    # --- the keeper --------------------------------------------------------------------------------------

    def _keep(self) -> None:
        renewed = 0.0
        while not self._stop.wait(0.2):
            if streaming.stopping:
                break
            if len(self._buffer) > MAX_BUFFERED:
                log.error("too much unwritten, letting the stream go", waiting=len(self._buffer))
                self._stream.close()
            if time.monotonic() - renewed >= RENEW_S:
                if not self._renew():
                    break
                renewed = time.monotonic()
        self._stop.set()
        self._stream.close()

    def _renew(self) -> bool:
        try:
            self._lease.extend(LEASE_S, replace_ttl=True)
        except LockError:
            if not self._lease.acquire(blocking=False):
                log.warning("stream lease lost")
                return False
        except redis.RedisError as error:  # nobody can take the lease while Redis is away
            log.warning("lease not renewed", error=type(error).__name__)
            return True
        self._show_state()
        return True

    def _show_state(self) -> None:
        state = {
            "connected_at": self._connected_at.timestamp() if self._connected_at else None,
            "trouble": self._trouble,
            "connects": self._connects,
            "behind": len(self._behind),
            **self._seen,
        }
        redis_client().set(control.STREAM_STATE, json.dumps(state), ex=15)

    def _give_back(self) -> None:
        try:
            self._lease.release()
        except (LockError, redis.RedisError):
            log.info("stream lease had lapsed")
