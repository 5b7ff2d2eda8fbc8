"""Who listens to the filtered stream, under a lease of its own, and stores what it brings.

Four threads, as for the activities (tasks/streaming/ear.py): the stream's parses lines; the writer's stores them in
batches; the minder's keeps the rules equal to what is wanted and reads back what was missed; the keeper's renews the
lease, and ends it all when it is lost, the worker ends, or nothing is watched any more.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from engine.x.billing import Brought
from engine.x.events import Disconnecting, MalformedEvent, id_at, id_before
from engine.x.stream import Stream
from engine.x.watching import calls, posts
from engine.x.watching.posts import Left, Matched
from models.control import leases
from models.database import TROUBLE, forget_connection, rest
from models.settings import settings
from models.watching import hearing
from models.watching import stream as heard
from tasks import accounts
from tasks.clock import now
from tasks.living import watching
from tasks.living.watching import beat, watched
from tasks.moderation import judge
from tasks.queues import streaming
from tasks.streaming.held import RENEW_S, Connection, Hold
from tasks.watching.directory import Directory, Term
from tasks.watching.reading_back import LOOKS_S, OVERLAP_S, ReadingBack
from tasks.watching.rules import Rules

log = structlog.get_logger()
SURE_EVERY_S, LATE_S = 5.0, 30.0  # X brings a post within so many seconds, or it is not sure that it has
MAX_BUFFERED = 50_000
IDLE_S = 20.0  # nothing is watched for so long: the connection is given up


class Listening:
    """Listens under a lease. See the module for its threads."""

    def __init__(self, holder: str, looks_s: Sequence[float] = LOOKS_S) -> None:
        s = settings()
        bearer = s.x_bearer_token.get_secret_value()
        self._hold = Hold(leases.WATCHING, holder)
        self._connection = Connection(leases.WATCHING)
        self._stop = threading.Event()
        self._stream = Stream(s.x_api_url, bearer, self, self._stop, route=calls.STREAM, params=calls.STREAM_FIELDS)
        self._directory = Directory()
        self._look_now = threading.Event()
        self.back = ReadingBack(self._directory, self._look_now.set, looks_s)
        self.rules = Rules(self._directory, self._placed, self._holds)
        self._has_news = threading.Condition()
        self._buffer: list[Matched] = []
        self._brought: dict[int, Matched | Left | None] = {}  # what X bills, by its id, and what it says of it
        self._writing = False
        self._sure_at = time.monotonic()
        self._wanted_at = time.monotonic()

    def listen(self) -> None:
        """Run until the worker stops, the lease is lost or nothing is watched; then give the lease back."""
        work = {"keeper": self._keep, "writer": self._write, "minder": self._mind}
        threads = [
            threading.Thread(target=self._to_its_end, args=(n, w), name=f"watching-{n}") for n, w in work.items()
        ]
        log.info("watching lease taken")
        watching.rest()  # whoever runs this is no worker meanwhile
        rest()
        for thread in threads:
            thread.start()
        try:
            with watched("watching", until=self._stop.is_set):
                while not self.rules.any_there and not self._stop.wait(0.1):
                    beat()  # X takes no connection without a rule
                self._stream.run()
        finally:
            self._stop.set()
            self._look_now.set()
            with self._has_news:
                self._has_news.notify_all()
            for thread in threads:
                thread.join()
            self._hold.give_back()
            log.info("watching lease given back")

    def stop(self) -> None:
        """End it, from another thread."""
        self._stop.set()
        self._stream.close()

    def _to_its_end(self, name: str, work: Callable[[], None]) -> None:
        """One thread's work. When it ends, however it does, all of them end."""
        try:
            with watched(f"watching's {name}", until=self._stop.is_set):
                work()
        except Exception:
            log.exception("a thread of the watching broke", thread=name)
        finally:
            rest()
            self.stop()

    # --- what the stream tells ---------------------------------------------------------------------------

    def connected(self, short_lived: int) -> None:
        """X sends from now on; what was said since it was last heard is read back."""
        self._connection.stands(short_lived)
        self._connection.seen["connects"] += 1
        try:
            self.back.missed(self._since(dict.fromkeys(self._directory.by_term, 0)))
        except TROUBLE:
            forget_connection()
            self._stream.close()  # nobody knows from where to read
            return
        self._look_now.set()
        rest()
        log.info("watching connected", connects=self._connection.seen["connects"])

    def _placed(self, since: Mapping[Term, int]) -> None:
        """X brings these from now on: before, they may have been missing. Raises TROUBLE."""
        self.back.missed(self._since(since))

    def _since(self, last_there: Mapping[Term, int]) -> dict[Term, int]:
        """From where each may be missing: since X brought it last, or since all was heard, or since it is watched."""
        upto = heard.heard_to()
        return {
            term: max(id_before(x_id or upto or 1, OVERLAP_S), self._cursor(term)) for term, x_id in last_there.items()
        }

    def _cursor(self, term: Term) -> int:
        return min((one.cursor for one in self._directory.by_term.get(term, ())), default=0)

    def line(self, data: bytes) -> None:
        self._connection.brings()
        billed: list[Brought] = []
        found: Matched | Left | Disconnecting | None = None
        try:
            found = posts.parse_line(data, now(), billed)
            self._connection.seen["events"] += 1
        except MalformedEvent as error:
            self._connection.unreadable(len(data), str(error))
        with self._has_news:
            for one in billed:
                self._brought[one.x_id] = found if isinstance(found, Matched | Left) else None
            if isinstance(found, Matched):
                self._buffer.append(found)
            self._has_news.notify()
        if isinstance(found, Left):
            self._connection.seen["left"] += 1
        elif isinstance(found, Disconnecting):
            log.warning("X ends the connection", detail=found.detail)

    def too_long(self, size: int) -> None:
        self._connection.brings()
        self._connection.unreadable(size, "too long")

    def alive(self) -> None:
        self._connection.brings()

    def moving(self) -> None:
        beat()

    def disconnected(self, reason: str, wait_s: float) -> None:
        self._connection.is_down(reason, wait_s)

    def locked_out(self) -> bool:
        """X counts another connection; see `Connection.cleared`."""
        return self._connection.cleared(self._hold, lambda: accounts.app_client().close_stale_watching())

    # --- the minder --------------------------------------------------------------------------------------

    def _mind(self) -> None:
        while not self._stop.is_set():
            beat()
            pause = 0.3
            try:
                changed = self._directory.has_changed()
                self.rules.look(changed=changed)
                if self._connection.at is not None:  # else there would be a gap again
                    self.back.look()
                self._be_sure()
            except TROUBLE as error:
                forget_connection()
                log.error("watching is put off", error=type(error).__name__, detail=str(error)[:200])
                pause = 2.0
            except Exception:
                log.exception("watching stumbled")
                pause = 2.0
            rest()
            self._look_now.wait(pause)
            self._look_now.clear()

    def _be_sure(self) -> None:
        """Up to a moment ago all was heard, where X brings all that is wanted and nothing is behind."""
        at = time.monotonic()
        if self._directory.all:
            self._wanted_at = at
        elif at - self._wanted_at > IDLE_S and not self.rules.count:
            log.info("nothing is watched any more")
            self.stop()
        connected, last = self._connection.at, self._connection.heard_at
        if at - self._sure_at < SURE_EVERY_S or connected is None or last is None or last < connected:
            return
        self._sure_at = at
        unwritten = self._buffer or self._brought or self._writing
        if self.rules.complete and not self.back.left and not unwritten:
            heard.heard(id_before(id_at(last), LATE_S))

    # --- the writer --------------------------------------------------------------------------------------

    def _write(self) -> None:
        while True:
            beat()
            with self._has_news:
                if not (self._buffer or self._brought or self._stop.is_set()):
                    self._has_news.wait(1.0)
                self._writing = bool(self._buffer or self._brought)
                batch, self._buffer = self._buffer, []
                brought, self._brought = self._brought, {}
            if batch or brought:
                if not self._store(batch, brought):
                    return  # it stays unwritten: nothing is sure up to here
                self._writing = False
            elif self._stop.is_set():
                return
            rest()

    def _store(self, batch: list[Matched], brought: Mapping[int, Matched | Left | None]) -> bool:
        """Whether it is stored; else all of this ends, and whoever is next reads it back."""
        while True:
            beat()
            try:
                self._directory.fresh()
                told = self._directory.told(batch, self.rules.matcher)
                billed = [self._directory.billed(x_id, post, self.rules.matcher) for x_id, post in brought.items()]
                self._connection.seen["heard"] += hearing.hear(told, now(), billed)
                break
            except TROUBLE as error:
                forget_connection()
                log.error("could not store what was heard", waiting=len(batch), error=str(error))
                if self._stop.wait(1):
                    return False
        if told:
            judge.ring_once(2)
        return True

    # --- the keeper --------------------------------------------------------------------------------------

    def _holds(self) -> bool:
        """Whether the lease is surely ours."""
        return self._hold.is_sure and not self._stop.is_set()

    def _keep(self) -> None:
        looked = 0.0
        while not self._stop.wait(0.2):
            beat()
            if streaming.stopping:
                break
            if self._stream.close_if_quiet():
                log.warning("the watching brings no line and no heartbeat any more")
            if len(self._buffer) > MAX_BUFFERED:
                log.error("too much unwritten, letting the watching go", waiting=len(self._buffer))
                self._stream.close()
            if time.monotonic() - looked >= RENEW_S:
                if not self._hold.renew(self._state()):
                    break
                looked = time.monotonic()
        self._stop.set()

    def _state(self) -> dict[str, object]:
        return self._connection.shown() | {
            "rules": self.rules.count,
            "complete": self.rules.complete,
            "equal_in_s": round(self.rules.took_s, 3),
            "behind": self.back.never_looked,
            "looks_ahead": self.back.left,
            "read_back": self.back.read,
        }
