"""A process says that it lives, in its row, and what is wrong with its parts; and when it ends, and why.

With it goes what else it has to show to who runs the service: what it uses, the errors that it logged, what X's answers
said of X's limits, and whether a later release has changed the tables under it.
"""

import gc
import os
import secrets
import socket
import threading
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import structlog

from engine.x import seen
from models import database
from models.control import errors, limits, processes
from models.control.processes import NEWER, Kind, Uses
from models.database import TROUBLE, NewerDatabase, rested
from models.settings import settings
from tasks import logs
from tasks.living import watching
from tasks.living.right_time import Keeper, now

log = structlog.get_logger()
BEAT_S = 2.0
LEAVE_WITHIN_S = 2.0
CLEAN_EVERY = timedelta(minutes=5)
LOOK_AT_TABLES_EVERY = timedelta(seconds=10)


class Heart:
    """Beats in a thread of its own, which waits for the database as long as that is away."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._name = secrets.token_hex(8)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="heart", daemon=True)
        self._cleaned_at = now()
        self._looked_at, self._newer = now(), ""

    def begin(self) -> None:
        """Find the right time, beat from then on, and let this process end where a part of it dies."""
        look_through_no_more()
        Keeper(self._over.is_set).begin()
        watching.begin(lambda reason: self._at_once(lambda: processes.end(self._name, reason, now())))
        self._thread.start()

    def leave(self) -> None:
        """The process ends as it should: its row goes, if the database takes that soon."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(LEAVE_WITHIN_S)

    def beat(self, at: datetime) -> None:
        """One beat. Raises TROUBLE."""
        host = socket.gethostname()
        if abs(at - self._looked_at) > LOOK_AT_TABLES_EVERY:
            self._looked_at, self._newer = at, newer_tables()
        troubles = {**watching.troubles(), **({NEWER: self._newer} if self._newer else {})}
        if not processes.beat(self._name, troubles, at, uses()):
            processes.begin(self._name, self._kind, host, os.getpid(), version(), at)
        errors.keep(self._kind, host, logs.errors_seen(), at)
        limits.keep(seen.take())
        if abs(at - self._cleaned_at) > CLEAN_EVERY:
            self._cleaned_at = at
            processes.forget_old(at)

    def _live(self) -> None:
        with watching.watched("heart", until=self._over.is_set):
            while not self._over.is_set():
                watching.beat()
                try:
                    with rested():
                        self.beat(now())
                except TROUBLE as error:
                    log.warning("no heartbeat: the database is away", error=str(error)[:200])
                except Exception:
                    log.exception("no heartbeat")
                logs.say_what_was_held_back()
                self._over.wait(BEAT_S)
        self._at_once(lambda: processes.leave(self._name))

    def _at_once(self, work: Callable[[], None]) -> None:
        try:
            with rested():
                work()
        except TROUBLE as error:
            log.warning("the process's end is not written down", error=str(error)[:200])


def look_through_no_more() -> None:
    """What is there by now stays: the collector of garbage would stop all threads for 60 ms each time it looks again.

    Whoever has the turn to write keeps it meanwhile, and all other processes wait.
    """
    gc.collect()
    gc.freeze()


def uses() -> Uses:
    """What this process uses, and how much room there is where its data lies; 0 where that can't be found out."""
    memory = free = size = 0
    with suppress(OSError, ValueError, IndexError):
        memory = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    with suppress(OSError):
        disk = os.statvfs(settings().data_dir)
        free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    return Uses(memory, free, size)


def newer_tables() -> str:
    """What a later release has brought to the tables under this one; "" where nothing. Raises TROUBLE."""
    try:
        database.lacks()
    except NewerDatabase as newer:
        return f"it was brought to a newer release ({newer}): start that one here too"
    return ""


@cache
def version() -> str:
    """This release's, as its pyproject.toml has it."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    try:
        return str(tomllib.loads(project.read_text())["project"]["version"])
    except (OSError, KeyError, ValueError):
        return "?"
