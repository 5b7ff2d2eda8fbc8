"""Threads and tasks that live long are watched: where one ends, or stands still, its process ends and is started again.

    with watched("clock of tweets", until=lambda: queue.stopping):
        while not queue.stopping:
            beat()
            …

A loop beats each time round, also while it waits for a database that is away: that is moving. It stands still when
`WITHIN_S` have gone by without a beat, or the time that its last beat asked for; whatever takes long and has no bound
of its own is done after a `rest()`. Time is counted as the watcher itself lives it, so a process that was frozen, or a
machine too busy for all of its threads, is no reason.

What is wrong with a part and may pass is told by `trouble`: it goes on, and who asks how it is hears of it.
"""

import contextvars
import math
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import structlog

log = structlog.get_logger()
TICK_S = 1.0
WITHIN_S = 120.0  # ten times the longest wait for a place at the database, or for the turn to write
SAY_WITHIN_S = 2.0
LONGEST_JOB_S = 1800.0  # of what is done in one go and has no shorter bound of its own
STATUS = 70  # with which a process ends where a part of it has died


@dataclass(eq=False)
class Pulse:
    """The life of one thread or task. `at`: its last beat, by the watcher's clock; `died`: why it ended."""

    name: str
    at: float
    within_s: float = WITHIN_S
    thread: int = 0
    trouble: str = ""
    died: str = ""


class Watch:
    """Who is watched in this process, and since when each of them has not moved."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._pulses: set[Pulse] = set()
        self._at = 0.0

    @contextmanager
    def watched(self, name: str, until: Callable[[], bool]) -> Iterator[Pulse]:
        """The life of whoever runs this; where it is left before `until` says that it may be, it has died."""
        pulse = Pulse(name, self._at, thread=threading.get_ident())
        with self._guard:
            self._pulses.add(pulse)
        token = _current.set(pulse)
        error: BaseException | None = None
        try:
            yield pulse
        except BaseException as raised:
            error = raised
            raise
        finally:
            _current.reset(token)
            if until():
                with self._guard:
                    self._pulses.discard(pulse)
            else:
                pulse.died = f"{pulse.name} ended: {error!r}" if error is not None else f"{pulse.name} ended"

    def beat(self, pulse: Pulse, within_s: float) -> None:
        """It moves, and will again within so long."""
        pulse.at, pulse.within_s = self._at, within_s

    def look(self, elapsed_s: float) -> Pulse | None:
        """So much time has gone by, twice a tick at most: whoever is dead by now, with the reason."""
        self._at += min(elapsed_s, 2 * TICK_S)
        with self._guard:
            pulses = list(self._pulses)
        for pulse in pulses:
            still = self._at - pulse.at
            if not pulse.died and still > pulse.within_s:
                pulse.died = f"{pulse.name} has not moved for {still:.0f} s"
            if pulse.died:
                return pulse
        return None

    def dead(self) -> list[str]:
        """Why each of the dead parts has ended; for them the process ends within a tick."""
        with self._guard:
            return sorted(pulse.died for pulse in self._pulses if pulse.died)

    def troubles(self) -> dict[str, str]:
        """What is wrong with parts that go on, by their names: also of who has not moved for half of its time."""
        with self._guard:
            pulses = list(self._pulses)
        told = {pulse.name: pulse.trouble for pulse in pulses if pulse.trouble}
        for pulse in pulses:
            if (still := self._at - pulse.at) > pulse.within_s / 2:
                told[pulse.name] = f"has not moved for {still:.0f} s"
        return told


_current: contextvars.ContextVar[Pulse | None] = contextvars.ContextVar("pulse", default=None)
_watch = Watch()


def watched(name: str, until: Callable[[], bool]) -> AbstractContextManager[Pulse]:
    """See the module. What is entered in a thread or a task is its own: the calls below are about it."""
    return _watch.watched(name, until)


def beat(within_s: float = WITHIN_S) -> None:
    """Whoever runs this moves, and will again within so long."""
    if (pulse := _current.get()) is not None:
        _watch.beat(pulse, within_s)


def rest() -> None:
    """Whoever runs this waits for what may never come, until its next beat."""
    beat(math.inf)


def trouble(what: str) -> None:
    """What is wrong with whoever runs this, until it says something else; nothing where it is well again."""
    if (pulse := _current.get()) is not None:
        pulse.trouble = what


def troubles() -> dict[str, str]:
    """What is wrong with parts of this process that go on, by their names."""
    return _watch.troubles()


def dead() -> list[str]:
    """Why parts of this process have ended that should not have; for them it ends within a tick."""
    return _watch.dead()


def begin(say: Callable[[str], None]) -> None:
    """From now on this process ends where a part of it has died: once a process, by its entry point.

    `say` is told why, and has a moment for it.
    """
    threading.Thread(target=_look_on, args=(say,), name="watch", daemon=True).start()


def _look_on(say: Callable[[str], None]) -> None:
    """Nobody watches the watcher: where it breaks, there is nothing left to wait for."""
    try:
        _look_until_one_is_dead(say)
    finally:
        os._exit(STATUS)


def _look_until_one_is_dead(say: Callable[[str], None]) -> None:
    pause = threading.Event()
    last = time.monotonic()
    while True:
        pause.wait(TICK_S)
        now = time.monotonic()
        dead = _watch.look(now - last)
        last = now
        if dead is not None:
            _tell(dead, say)
            return


def _tell(dead: Pulse, say: Callable[[str], None]) -> None:
    """Nothing is tidied up after it: whoever is next takes over what lapses, as after any death."""
    frame = sys._current_frames().get(dead.thread)
    where = "".join(traceback.format_stack(frame)) if frame is not None else ""
    log.critical("this process ends: a part of it is dead", reason=dead.died, where=where)
    saying = threading.Thread(target=say, args=(dead.died,), daemon=True)
    saying.start()
    saying.join(SAY_WITHIN_S)
    sys.stderr.flush()
