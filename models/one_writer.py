"""Whose turn it is to write to SQLite: one thread of one process, and who waits is next as soon as it is free.

SQLite itself lets those who wait look again after pauses of up to a tenth of a second, whoever comes first then: the
many threads that write little would leave hardly a turn to the one that writes much.
"""

import fcntl
import os
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peewee as pw

from models.pool import Places

LOOK_S = 0.0005


class OneWriter:
    """The turns of this process, first come first served. `path` is a file that the processes lock one after the other.

    Who dies gives up the turn. Raises peewee's OperationalError where it did not come within `wait_s` seconds.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        self._threads = Places(1)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._wait_s = wait_s
        self._written = 0
        weakref.finalize(self, os.close, self._file)

    @contextmanager
    def turn(self, wait_s: float | None = None) -> Iterator[None]:
        """Have the turn, until this is left; not to be asked for by who has it. `wait_s`: for less patience."""
        wait_s = self._wait_s if wait_s is None else wait_s
        until = time.monotonic() + wait_s
        if not self._threads.take(wait_s):
            raise pw.OperationalError("the database is locked by another thread")
        try:
            while not self._locked():
                if time.monotonic() > until:
                    raise pw.OperationalError("the database is locked by another process")
                time.sleep(LOOK_S)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.give()

    def wrote(self, rows: int) -> None:
        """Whoever has the turn wrote so many rows."""
        self._written += rows

    def is_much(self, rows: int) -> bool:
        """Whether this process wrote so many rows; said once, to who copies them from the log into the file."""
        if self._written < rows:
            return False
        self._written = 0
        return True

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
