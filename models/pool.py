"""The connections of a process to PostgreSQL: so many and no more, shared by all its threads, first come first served.

A thread that has one never asks for a second. Who finds none free waits in line, and is handed the next that is given
back at that moment. What is broken, or was left in the middle, is closed and never handed on. A process that is
frozen in the middle of a transaction keeps its rows from the others for half a minute, no longer: the server ends it.
"""

import threading
import time
from collections import deque
from typing import Any

import peewee as pw

FROZEN_S = 30.0  # nothing of ours thinks for so long between two statements
ASK_AFTER_S = 1.0  # idle for so long, the server may have closed it meanwhile: it is asked before it is handed out


class Places:
    """So many places: whoever gives one up hands it to who has waited longest."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._guard = threading.Lock()
        self._line: deque[threading.Event] = deque()

    def take(self, within_s: float) -> bool:
        """Have a place; False where none came free in time."""
        with self._guard:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Event()
            self._line.append(turn)
        if turn.wait(within_s):
            return True
        with self._guard:
            if turn.is_set():  # it was handed over as the time ran out
                return True
            self._line.remove(turn)
        return False

    def give(self) -> None:
        """Give a place up."""
        with self._guard:
            if self._line:
                self._line.popleft().set()
            else:
                self._free += 1


class SharedPostgres(pw.PostgresqlDatabase):
    """PostgreSQL, to which this process has `most` connections at most; one is waited for `wait_s` seconds.

    Raises peewee's OperationalError where none came free in time.
    """

    _state: Any  # these four are peewee's, whose stubs leave them out
    _adapter: Any
    _connect: Any
    _set_server_version: Any

    def __init__(self, database: str, *, most: int, wait_s: float, frozen_s: float = FROZEN_S, **params: Any) -> None:
        self.most = most
        self._wait_s, self._frozen_s = wait_s, frozen_s
        self._places = Places(most)
        self._idle: list[tuple[Any, float]] = []  # with the moment since when nobody has it
        self._in_use: dict[Any, threading.Thread] = {}
        self._guard = threading.Lock()
        super().__init__(database, **params)

    def connect(self, reuse_if_open: bool = False) -> bool:
        if not self.is_closed():
            return bool(super().connect(reuse_if_open))
        with pw.__exception_wrapper__:  # type: ignore[attr-defined]
            self._state.set_connection(self._take())
        return True

    def manual_close(self) -> None:
        """Close this thread's connection for good."""
        if self.in_transaction():
            raise pw.OperationalError("a connection is not closed inside of a transaction")
        conn = self._state.conn
        self._state.reset()
        self._give_up(conn)

    def close_idle(self) -> None:
        """Close those that nobody has."""
        with self._guard:
            idle, self._idle = self._idle, []
        for conn, _ in idle:
            conn.close()

    def close_all(self) -> None:
        """Close all of them, also those that other threads have: for the end."""
        self.close()
        self.close_idle()
        with self._guard:
            in_use = list(self._in_use)
        for conn in in_use:
            conn.close()

    def _take(self) -> Any:
        if not self._places.take(0):
            self._take_from_the_dead()
            if not self._places.take(self._wait_s):
                raise pw.OperationalError(f"none of {self.most} connections came free within {self._wait_s} s")
        try:
            conn = self._kept() or self._opened()
        except BaseException:
            self._places.give()
            raise
        with self._guard:
            self._in_use[conn] = threading.current_thread()
        if self.server_version is None:
            self._set_server_version(conn)
        return conn

    def _kept(self) -> Any:
        """The one that was used last and works; None where a new one is to be opened."""
        while True:
            with self._guard:
                if not self._idle:
                    return None
                conn, since = self._idle.pop()
            asks = time.monotonic() - since > ASK_AFTER_S
            if not (self._adapter.is_connection_closed(conn) if asks else self._is_broken(conn)):
                return conn
            conn.close()

    def _opened(self) -> Any:
        conn = self._connect()
        try:
            conn.execute(f"SET idle_in_transaction_session_timeout = {round(self._frozen_s * 1000)}")
        except BaseException:
            conn.close()
            raise
        return conn

    def _close(self, conn: Any) -> None:
        """A thread gives its connection back."""
        if self._is_broken(conn):
            self._give_up(conn)
            return
        with self._guard:
            del self._in_use[conn]
            self._idle.append((conn, time.monotonic()))
        self._places.give()

    def _give_up(self, conn: Any) -> None:
        with self._guard:
            if self._in_use.pop(conn, None) is None:
                return
        try:
            conn.close()
        finally:
            self._places.give()

    def _take_from_the_dead(self) -> None:
        """A thread that ended with a connection needs it no more."""
        with self._guard:
            left = [conn for conn, thread in self._in_use.items() if not thread.is_alive()]
        for conn in left:
            self._give_up(conn)

    def _is_broken(self, conn: Any) -> bool:
        """Whether it is closed, lost, or in the middle of something, as far as can be seen from here."""
        return bool(conn.closed) or self._adapter.txn_status(conn) != self._adapter.txn_idle
