"""What one process alone holds of X's streams: the lease under which it listens, and how its connection stands."""

import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import structlog

from engine.x.errors import XError
from models.accounts import troubles
from models.accounts.troubles import Kind
from models.control import leases
from models.database import TROUBLE, forget_connection, rested, transaction
from tasks.clock import now

log = structlog.get_logger()
LEASE_S = leases.LENGTH.total_seconds()
RENEW_S = 2.0
LET_GO_S = 30.0  # without a renewal: another may reach the database, and would fight for the connection
LOCKED_OUT_S = 30.0
NO_CREDITS = "HTTP 402"


class Watch:
    """When a lease was last seen to move, by the time that has passed here. Any clock may be wrong."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._seen_at = 0.0

    def unmoved(self, until: datetime, at: float) -> datetime | None:
        """The end of a lease that nobody has renewed for longer than it lasts (`at`: monotonic seconds), or None."""
        if until != self._until:
            self._until, self._seen_at = until, at
        return until if at - self._seen_at > LEASE_S else None


class Candidate:
    """This process, as one of those that may hold a stream."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._here = threading.Lock()
        self._watch = Watch()

    @contextmanager
    def holding(self) -> Iterator[str | None]:
        """The name under which the lease is ours from now on; None where somebody has it, here or elsewhere."""
        if not self._here.acquire(blocking=False):
            yield None
            return
        try:
            holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
            until = leases.read(self._name).until
            took = leases.take(self._name, holder, now(), self._watch.unmoved(until, time.monotonic()))
            yield holder if took else None
        finally:
            self._here.release()

    def is_free(self, at: datetime) -> bool:
        """Whether nobody holds it, or nobody has renewed it for its whole length."""
        held = leases.read(self._name)
        return not held.is_held(at) or self._watch.unmoved(held.until, time.monotonic()) is not None


class Hold:
    """The lease, as who has taken it holds on to it."""

    def __init__(self, name: str, holder: str) -> None:
        self._name, self._holder = name, holder
        self._renewed = time.monotonic()

    @property
    def is_sure(self) -> bool:
        """Whether it can't be another's by now, and X's connection with it."""
        return time.monotonic() - self._renewed < LEASE_S - RENEW_S

    def renew(self, state: Mapping[str, object]) -> bool:
        """Whether it is ours for a while. Where the database is away nobody else can take it, unless they reach it."""
        try:
            with rested():
                if not leases.renew(self._name, self._holder, now(), state):
                    log.warning(f"{self._name} lease lost")
                    return False
        except TROUBLE as error:
            since = time.monotonic() - self._renewed
            log.warning("lease not renewed", error=type(error).__name__, for_s=round(since, 1))
            return since < LET_GO_S
        self._renewed = time.monotonic()
        return True

    def give_back(self) -> None:
        """Another may take it at once."""
        try:
            with rested():
                leases.give_back(self._name, self._holder)
        except TROUBLE as error:
            log.warning(f"{self._name} lease not given back: it lapses", error=type(error).__name__)


class Connection:
    """How the connection of who holds a stream stands, as it is shown with the lease. `seen` counts what came."""

    def __init__(self, name: str) -> None:
        self.at: datetime | None = None
        self.heard_at: datetime | None = None
        self.seen: Counter[str] = Counter()
        self._name = name
        self._down_since: datetime | None = now()
        self._short_lived = 0
        self._trouble = ""
        self._last_lockout = 0.0

    def stands(self, short_lived: int) -> None:
        """X sends from now on, after so many connections in a row that did not last."""
        self.at, self._down_since = now(), None
        _heed(_has_credits)
        self._trouble, self._short_lived = "", short_lived

    def is_down(self, reason: str, wait_s: float) -> None:
        self.at = None
        self._down_since = self._down_since or now()
        self._trouble = reason
        log.warning(f"{self._name} down", reason=reason, wait_s=round(wait_s, 2))
        if reason == NO_CREDITS:  # where nothing is due, nobody else meets it
            _heed(lambda: troubles.met(troubles.APP, Kind.CREDITS, now()))

    def brings(self) -> None:
        """A line, or a heartbeat."""
        self.heard_at = now()

    def unreadable(self, size: int, why: str) -> None:
        """Count a line, and say so the first time, the second, the fourth, the eighth …"""
        self.seen["malformed"] += 1
        if self.seen["malformed"].bit_count() == 1:
            log.warning(f"malformed {self._name} line", size=size, error=why, seen=self.seen["malformed"])

    def cleared(self, hold: Hold, clear: Callable[[], object]) -> bool:
        """X counts another connection. We hold the lease, so it is a dead one: clear it; whether that worked."""
        if (self._last_lockout and time.monotonic() - self._last_lockout < LOCKED_OUT_S) or not hold.is_sure:
            return False
        self._last_lockout = time.monotonic()
        try:
            clear()
        except XError as error:
            log.error("stale connections not closed", error=type(error).__name__)
            return False
        log.warning(f"stale {self._name} connections closed")
        return True

    def shown(self) -> dict[str, object]:
        return {
            "connected_at": self.at.timestamp() if self.at else None,
            "down_since": self._down_since.timestamp() if self._down_since else None,
            "heard_at": self.heard_at.timestamp() if self.heard_at else None,
            "short_lived": self._short_lived,
            "trouble": self._trouble,
            **self.seen,
        }


def _has_credits() -> None:
    """X serves the app; what a channel has met of it still ends with that channel's own calls."""
    if troubles.one(troubles.APP, Kind.CREDITS) is not None:
        with transaction():
            troubles.take(Kind.CREDITS)
            troubles.end_for_all_if_last(Kind.CREDITS, now())


def _heed(what: Callable[[], object]) -> None:
    """What a connection says of the app's credits; where the database is away just now, the next one says it again."""
    try:
        what()
    except TROUBLE as error:
        forget_connection()
        log.warning("credits not noted", error=type(error).__name__)
