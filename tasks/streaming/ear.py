"""The ear: listens to the app's activity stream under a lease, and stores what is heard.

Whoever holds the lease has four threads: the stream's, which parses lines; the writer's, which stores them in batches;
the catcher's, which lets what was missed be read back and keeps the subscriptions equal to what the channels want, many
at once, by hands of its own that nobody waits for; and the keeper's, which renews the lease and stops it all when it is
lost or the worker ends.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from engine.moderation import MessageKind
from engine.x import events
from engine.x.billing import Brought
from engine.x.encrypted import Encrypted
from engine.x.stream import Stream
from models import aside
from models.accounts.channels import Auth, Channel
from models.aside import Item, Place
from models.control import leases
from models.costs.ledger import SERVICE, Seen
from models.database import TROUBLE, forget_connection, rest
from models.settings import settings
from models.streaming import authors, hearing, messages, taken_back
from models.streaming.chats import Arrived, read_upto
from models.streaming.taken_back import Deletion
from tasks import accounts
from tasks.clock import now
from tasks.living import watching
from tasks.living.watching import beat, watched
from tasks.moderation import judge
from tasks.queues import streaming
from tasks.streaming import chats
from tasks.streaming.catching_up import Catcher
from tasks.streaming.directory import Directory
from tasks.streaming.held import RENEW_S, Connection, Hold
from tasks.streaming.taken_back import follow

log = structlog.get_logger()
CURSOR_S = 1.0
MAX_BUFFERED = 50_000


class Ear:
    """Listens under a lease. See the module for its threads."""

    def __init__(self, holder: str) -> None:
        s = settings()
        bearer = s.x_bearer_token.get_secret_value()
        self._hold = Hold(leases.STREAM, holder)
        self._connection = Connection(leases.STREAM)
        self._stop = threading.Event()
        self._stream = Stream(s.x_api_url, bearer, self, self._stop)
        self._has_news = threading.Condition()
        self._buffer: list[events.Heard] = []
        self._encrypted: list[Arrived] = []
        self._deleted: list[Deletion] = []
        self._brought: list[Brought] = []
        self._directory = Directory()
        self._catcher = Catcher(self._directory, self._stop)
        self._cursors: dict[tuple[int, MessageKind], int] = {}
        self._chats_upto: dict[int, datetime] = {}
        self._cursors_written = time.monotonic()

    def listen(self) -> None:
        """Run until the worker stops or the lease is lost; then close the stream and give the lease back."""
        work = {"keeper": self._keep, "writer": self._write, "catcher": self._catcher.run}
        threads = [threading.Thread(target=self._to_its_end, args=(n, w), name=f"stream-{n}") for n, w in work.items()]
        log.info("stream lease taken")
        watching.rest()  # whoever runs this is no worker meanwhile
        self._directory.read()
        rest()
        for thread in threads:
            thread.start()
        try:
            with watched("stream", until=self._stop.is_set):
                self._stream.run()
        finally:
            self._stop.set()
            self._catcher.wake()
            with self._has_news:
                self._has_news.notify_all()
            for thread in threads:
                thread.join()
            self._hold.give_back()
            log.info("stream lease given back")

    def _to_its_end(self, name: str, work: Callable[[], None]) -> None:
        """One thread's work. Nobody listens without the others: when it ends, however it does, all of them end."""
        try:
            with watched(f"stream's {name}", until=self._stop.is_set):
                work()
        except Exception:
            log.exception("a thread of the stream broke", thread=name)
        finally:
            rest()
            self._stop.set()
            self._stream.close()

    # --- what the stream tells ---------------------------------------------------------------------------

    def connected(self, short_lived: int = 0) -> None:
        """X sends from now on; what was missed is for the catcher, and what was deleted meanwhile for another look."""
        authors.begin_anew(now())
        self._connection.stands(short_lived)
        self._catcher.connected(short_lived)
        rest()
        log.info("stream connected", connects=self._catcher.connects)

    def line(self, data: bytes) -> None:
        self._connection.brings()
        billed: list[Brought] = []
        found: list[events.Event] = []
        try:
            found = events.parse_line(data, now(), billed)
        except events.MalformedEvent as error:
            self._connection.unreadable(len(data), str(error))
        if billed:  # before it is heard, so that it is written down no later than that
            with self._has_news:
                self._brought += billed
                self._has_news.notify()
        for event in found:
            self._connection.seen["events"] += 1
            try:
                self._take(event)
            except TROUBLE as error:
                forget_connection()
                log.error("an event was not heeded", kind=type(event).__name__, error=str(error))
        rest()

    def _take(self, event: events.Event) -> None:
        if isinstance(event, events.Heard):
            self._hear(event)
        elif isinstance(event, Encrypted):
            self._hear_encrypted(event)
        elif isinstance(event, events.Deleted):
            self._connection.seen["deletions"] += 1
            with self._has_news:
                self._deleted.append(Deletion(event.x_id, event.author_id))
                self._has_news.notify()
        elif isinstance(event, events.Revoked):
            self._revoked(event)
        elif isinstance(event, events.Disconnecting):
            log.warning("X ends the connection", detail=event.detail)
        else:
            self._connection.seen["unknown"] += 1

    def too_long(self, size: int) -> None:
        """A line that nobody has read."""
        self._connection.brings()
        self._connection.unreadable(size, "too long")

    def alive(self) -> None:
        """A heartbeat."""
        self._connection.brings()

    def moving(self) -> None:
        beat()

    def disconnected(self, reason: str, wait_s: float) -> None:
        self._connection.is_down(reason, wait_s)
        self._catcher.disconnected()

    def locked_out(self) -> bool:
        """X counts another connection; see `Connection.cleared`."""
        return self._connection.cleared(self._hold, lambda: accounts.app_client().close_stale_connections())

    def _hear(self, event: events.Heard) -> None:
        channel = self._directory.of(event.channel_x_id)
        if channel is None or event.sender_id in self._directory:
            return
        if not channel.hears(event.kind, event.text):
            return  # as it would be, read back
        with self._has_news:
            self._buffer.append(event)
            self._has_news.notify()

    def _hear_encrypted(self, event: Encrypted) -> None:
        channel = self._directory.of(event.channel_x_id)
        if channel is None or not channel.wants(MessageKind.DM) or event.sender_id in self._directory:
            return
        with self._has_news:
            self._encrypted += chats.of_event(channel.id, event)
            self._has_news.notify()

    def _revoked(self, event: events.Revoked) -> None:
        channel = Channel.get_or_none((Channel.x_user_id == event.x_user_id) & Channel.connected)
        if channel is not None and channel.auth is Auth.OAUTH2:
            accounts.maybe_revoked(channel, event.at)

    # --- the writer --------------------------------------------------------------------------------------

    def _write(self) -> None:
        while True:
            beat()
            with self._has_news:
                if not (self._buffer or self._encrypted or self._deleted or self._brought or self._stop.is_set()):
                    self._has_news.wait(CURSOR_S)
                batch, self._buffer = self._buffer, []
                encrypted, self._encrypted = self._encrypted, []
                deleted, self._deleted = self._deleted, []
                brought, self._brought = self._brought, []
            if deleted:
                self._note(deleted)
            if batch or encrypted or brought:
                if not self._store(batch, encrypted, brought):
                    return  # nothing that came after it may move a cursor past it
            elif self._stop.is_set():
                self._write_cursors(at_once=True)
                return
            else:
                self._write_cursors()
            rest()

    def _note(self, deleted: list[Deletion]) -> None:
        """Before what was heard with it is stored: it may be of that."""
        while True:
            beat()
            try:
                aside.together(deleted, lambda some: taken_back.note(some, now()), _of_deletion)
                break
            except TROUBLE as error:
                forget_connection()
                log.error("could not note what was deleted", waiting=len(deleted), error=str(error))
                if self._stop.wait(1):
                    return  # whoever is next knows that the stream was not heard all the time
        follow.ring_once(2)

    def _store(self, batch: list[events.Heard], encrypted: list[Arrived], brought: list[Brought]) -> bool:
        """Whether it is stored; else all of this ends, and whoever is next reads it back."""
        ids = self._directory.ids()
        known = [e for e in batch if e.channel_x_id in ids]
        billed = [Seen(one.kind, one.x_id, (ids.get(one.channel_x_id, SERVICE),)) for one in brought]
        while True:
            beat()
            try:
                messages.hear(ids, known, now(), billed)
                chats.store(encrypted)
                break
            except TROUBLE as error:
                forget_connection()
                log.error("could not store what was heard", waiting=len(batch) + len(encrypted), error=str(error))
                if self._stop.wait(1):
                    return False  # the cursors were not moved
        if known:
            judge.ring_once(2)
        for event in known:
            key = (ids[event.channel_x_id], event.kind.like)  # replies and mentions have one cursor
            if not (self._catcher.is_behind(key) or self._directory.is_polled(event.channel_x_id)):
                self._cursors[key] = max(self._cursors.get(key, 0), event.x_id)
        for channel_id, at in chats.newest(encrypted).items():
            if not self._catcher.is_behind((channel_id, MessageKind.DM)):
                self._chats_upto[channel_id] = max(self._chats_upto.get(channel_id, at), at)
        self._write_cursors()
        return True

    def _write_cursors(self, *, at_once: bool = False) -> None:
        if not at_once and time.monotonic() - self._cursors_written < CURSOR_S:
            return
        self._cursors_written = time.monotonic()
        moved, self._cursors = self._cursors, {}
        chats_upto, self._chats_upto = self._chats_upto, {}
        try:
            aside.together(list(moved.items()), lambda some: hearing.advance_all(dict(some)), _of_cursor)
            for channel_id, at in chats_upto.items():
                read_upto(channel_id, at)
        except TROUBLE as error:
            forget_connection()
            log.error("cursors not moved", error=str(error))

    # --- the keeper --------------------------------------------------------------------------------------

    def _keep(self) -> None:
        looked = 0.0
        while not self._stop.wait(0.2):
            beat()
            if streaming.stopping:
                break
            if self._stream.close_if_quiet():
                log.warning("the stream brings no line and no heartbeat any more")
            if len(self._buffer) + len(self._encrypted) > MAX_BUFFERED:
                log.error("too much unwritten, letting the stream go", waiting=len(self._buffer) + len(self._encrypted))
                self._stream.close()
            if time.monotonic() - looked >= RENEW_S:
                if not self._hold.renew(self._state()):
                    break
                looked = time.monotonic()
        self._stop.set()

    def _state(self) -> dict[str, object]:
        return self._connection.shown() | {
            "connects": self._catcher.connects,
            "behind": self._catcher.never_looked,
            "looks_ahead": self._catcher.looks_ahead,
            **self._catcher.subscriptions,
        }


def _of_deletion(deleted: Deletion) -> Item:
    return Item(Place.JOB, f"deletion {deleted.x_id}")


def _of_cursor(moved: tuple[tuple[int, MessageKind], int]) -> Item:
    (channel_id, kind), _ = moved
    return Item(Place.CATCH_UP, f"{channel_id}:{kind}:cursor", channel_id)
