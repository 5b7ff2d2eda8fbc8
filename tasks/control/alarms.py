"""The lookout: one process at a time looks how the service is, and raises an alarm, or ends it.

Every process is ready to: whoever looked and died is followed within the length of its lease. What is wrong is judged
in one place (tasks/control/health.py); who is told, once and once when it is over, by models/accounts/troubles.py. The
bot tells it. Where no bot runs, whoever looks has `python -m bot alarm` tell those who run the service.
"""

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from models.accounts import admins, troubles
from models.accounts.troubles import APP, Trouble
from models.accounts.troubles import Kind as Alarm
from models.control import alarms, leases, processes
from models.database import TROUBLE, rested
from tasks.clock import now
from tasks.control.health import Health, Wrong, health
from tasks.control.health import Trouble as Found
from tasks.living.watching import beat, watched
from tasks.streaming.held import Watch

log = structlog.get_logger()
LOOKOUT = "lookout"
LOOK_S = 2.0
STARTS_WITHIN = timedelta(seconds=10)  # so long after one process of the service the others may come
BLIND_AFTER = timedelta(seconds=6)  # so long without a look: what is old by then may be so for want of a database
NEVER_CAME = timedelta(minutes=1)
SAY_AGAIN = timedelta(minutes=1)  # so often what goes on is written down as going on
STAND_IN_EVERY_S, STAND_IN_FOR_S = 15.0, 60.0
#: A bot that was silent for so long may be gone, and who would tell it takes seconds to begin; later it is too late.
MAY_BE_GONE, IS_LONG_GONE = timedelta(seconds=5), timedelta(seconds=25)
ROOT = Path(__file__).parents[2]
ALARMS: Mapping[Wrong, Alarm] = {
    Wrong.PROCESS: Alarm.PROCESS_GONE,
    Wrong.MISSED: Alarm.PROCESS_GONE,
    Wrong.DYING: Alarm.PROCESS_DYING,
    Wrong.PART: Alarm.PART_BROKEN,
    Wrong.STREAM: Alarm.STREAM_SILENT,
    Wrong.LATE: Alarm.WORK_LATE,
    Wrong.ERRORS: Alarm.ERRORS,
    Wrong.ASIDE: Alarm.ASIDE,
    Wrong.DISK: Alarm.DISK_FULL,
    Wrong.REDIS: Alarm.REDIS_AWAY,
    Wrong.NEWER: Alarm.NEWER_DATABASE,
}
SUBJECTS = {Wrong.STREAM: "stream"}  # where what is wrong names none
Key = tuple[Alarm, str]


def raised(found: Health, since: datetime, absent: dict[str, datetime]) -> dict[Key, str]:
    """What is to be alarmed about, and what it says. `since`: who looks has looked so long.

    A process that is gone, or a stream, is no alarm where all of them are just starting, or the database has just come
    back. A process that never came, or left as it should, is none for a minute, which is counted in `absent`: the
    service, or that process, is being started anew.
    """
    left = {t.about for t in found.wrong if t.wrong is Wrong.PROCESS and t.since is None}
    for about in absent.keys() - left:
        del absent[about]
    for about in left:
        absent.setdefault(about, found.at)
    wanted: dict[Key, str] = {}
    for trouble in (*found.wrong, *found.warnings):
        kind = ALARMS.get(trouble.wrong)
        if kind is None or (kind is Alarm.PROCESS_GONE and not _is_missed(found, trouble, since, absent)):
            continue
        if kind is Alarm.STREAM_SILENT and found.at - since <= STARTS_WITHIN:
            continue
        key = (kind, _subject_of(trouble))
        said = _said(trouble)
        wanted[key] = "; ".join(filter(None, (wanted.get(key, ""), said)))
    return wanted


def key_of(trouble: Found) -> tuple[Alarm | None, str]:
    """The alarm, and what it is about, that such a trouble raises; None where it raises none."""
    return ALARMS.get(trouble.wrong), _subject_of(trouble)


def settle(wanted: Mapping[Key, str], at: datetime) -> None:
    """Begin, go on with and end alarms, as is wanted."""
    there = {(trouble.kind, trouble.subject): trouble for trouble in alarms.standing()}
    for key, said in wanted.items():
        if _is_news(there.get(key), said, at):
            troubles.met(APP, key[0], at, said=said, subject=key[1])
    for kind, subject in there.keys() - wanted.keys():
        troubles.alarm_over(kind, subject, at)


class Lookout:
    """Looks in a thread of its own, which waits for the database as long as that is away."""

    def __init__(self) -> None:
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._since = self._looked_at = now()
        self._absent: dict[str, datetime] = {}
        self._running_it: set[int] = set()
        self._watch = Watch()
        self._over = threading.Event()
        self._stand_in: subprocess.Popen[bytes] | None = None
        self._stood_in_at = -STAND_IN_EVERY_S
        self._thread = threading.Thread(target=self._live, name="lookout", daemon=True)

    def begin(self) -> None:
        self._thread.start()

    def leave(self) -> None:
        """Another may look at once."""
        self._over.set()

    def look(self, at: datetime) -> None:
        """Once, if it is ours to. Raises TROUBLE."""
        newest = processes.newest_beat()
        if newest is not None and at - newest > BLIND_AFTER:
            self._since = at  # nobody can write: the disk is full, or somebody has the turn and stands still
        mine = leases.renew(LOOKOUT, self._name, at, {})
        if abs(at - self._looked_at) > BLIND_AFTER:
            self._since = at  # nobody could say that they live, or this process stood still
        self._looked_at = at
        if not mine:
            until = leases.read(LOOKOUT).until
            if not leases.take(LOOKOUT, self._name, at, self._watch.unmoved(until, time.monotonic())):
                return
        found = health(at)
        if not found.database:
            return  # who lives can't say so, and nothing that is found is news
        settle(raised(found, self._since, self._absent), at)
        if (running_it := set(admins.ids())) != self._running_it:
            alarms.tell_newcomers(at)
            self._running_it = running_it
        self._see_to_who_tells(found)

    def _live(self) -> None:
        with watched("lookout", until=self._over.is_set):
            while not self._over.wait(LOOK_S):
                beat()
                try:
                    with rested():
                        self.look(now())
                except TROUBLE as error:
                    log.warning("nobody looks: the database is away", error=str(error)[:200])
                except Exception:
                    log.exception("the lookout stumbled")
        try:
            with rested():
                leases.give_back(LOOKOUT, self._name)
        except TROUBLE as error:
            log.warning("the lookout's lease is not given back: it lapses", error=type(error).__name__)

    def _see_to_who_tells(self, found: Health) -> None:
        """Where no bot runs that could tell an alarm, a process is begun that does; one too slow is ended."""
        if self._stand_in is not None and self._stand_in.poll() is not None:
            self._stand_in = None
        at = time.monotonic()
        if self._stand_in is not None:
            if at - self._stood_in_at > STAND_IN_FOR_S:
                self._stand_in.kill()
            return
        if at - self._stood_in_at < STAND_IN_EVERY_S or not wants_stand_in(found):
            return
        self._stood_in_at = at
        log.warning("no bot runs: who runs the service is told of it without one")
        self._stand_in = subprocess.Popen([sys.executable, "-m", "bot", "alarm", "--awaited"], cwd=ROOT)


def wants_stand_in(found: Health) -> bool:
    """Whether somebody is to be told, and no bot is there to do it; or is to be in a moment, as the bot is silent."""
    known = found.kept.processes if found.kept is not None else []
    silent = [found.at - p.beat_at for p in known if p.kind == processes.Kind.WEB]
    if any(abs(span) < MAY_BE_GONE for span in silent) and found.running(processes.Kind.WEB):
        return False
    if any(MAY_BE_GONE <= span < IS_LONG_GONE for span in silent) and admins.ids():
        return True
    return not found.running(processes.Kind.WEB) and alarms.are_untold()


def _is_missed(found: Health, trouble: Found, since: datetime, absent: Mapping[str, datetime]) -> bool:
    if trouble.since is not None:
        return found.at - since > STARTS_WITHIN
    return found.at - absent[trouble.about] > NEVER_CAME


def _is_news(trouble: Trouble | None, said: str, at: datetime) -> bool:
    """Whether there is something to write down: it begins, is to be told by now, says another thing, or goes on."""
    if trouble is None or trouble.told_at is None:
        return True
    return trouble.said != said[:300] or at - trouble.met_at > SAY_AGAIN


def _subject_of(trouble: Found) -> str:
    return trouble.about or SUBJECTS.get(trouble.wrong, "")


def _said(trouble: Found) -> str:
    return trouble.said if trouble.wrong not in (Wrong.LATE, Wrong.REDIS) else ""


def look_out() -> None:
    """From now on this process is ready to look: once a process, by its entry point. It ends with the process."""
    Lookout().begin()
