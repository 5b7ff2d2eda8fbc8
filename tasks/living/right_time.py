"""The right time, by which everything is stored, claimed, planned and waited for, whatever this machine's clock shows.

A machine's clock may be an hour off, and may be set while a process runs. So a process reads it once and then counts on
by itself, and asks others at its start and every few minutes, or at once where the machine's clock has jumped: the
database's, which all machines share, and those of Telegram and X, as their answers tell it. It goes by the one that
most agree with (engine/skew.py); with PostgreSQL, where nothing speaks against it, that is the database's, to the
millisecond. Where nobody answers it goes by what it has.

A clock that is wrong is told: in the log, in /healthz and in /status, until it is right.
"""

import email.utils
import http.client
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from engine import skew
from engine.skew import Told
from models import database
from models.database import EPOCH, rested
from models.settings import Settings, settings
from tasks.living.watching import beat, trouble, watched

log = structlog.get_logger()
NS, MICRO = 10**9, 1000
FIRST_WITHIN_S = 2.5  # so long a process waits for the first answers before it does anything
ANSWER_S = 2.0
WHOLE_ANSWER_S = 2 * ANSWER_S
LOOK_S = 1.0
ASK_EVERY_S, WHILE_OFF_S, WHILE_UNSURE_S = 300.0, 30.0, 5.0
JUMP_S = 1.0
EXACT_S, WHOLE_SECONDS_S = 0.02, 1.0
YEARS = range(2025, 2100)  # in another, whoever says so: by such a moment all that is kept would be past its time
MACHINE, DATABASE = "this machine's", "the database's"


class Clock:
    """Counts on from where the machine's clock was, by a counter of the machine's that nobody puts right or wrong."""

    def __init__(self) -> None:
        self._base_ns = self._shown_ns = _shown_by_machine_ns()

    def now(self) -> datetime:
        return EPOCH + timedelta(microseconds=(_counter_ns() + self._base_ns) // MICRO)

    def ahead_s(self) -> float:
        """So far the time that we go by is ahead of what the machine's clock shows at this moment."""
        return (self._base_ns - _shown_by_machine_ns()) / NS

    def jumped_s(self) -> float:
        """So far somebody has set the machine's clock ahead since this was asked last; 0 where nobody did."""
        before_ns, self._shown_ns = self._shown_ns, _shown_by_machine_ns()
        by_s = (self._shown_ns - before_ns) / NS
        return by_s if abs(by_s) > JUMP_S else 0.0

    def go_by(self, ahead_s: float, within_s: float = 0.0) -> None:
        """Go on with what is so far ahead of the machine's clock, unless that is where we are, but for `within_s`."""
        base_ns = _shown_by_machine_ns() + round(ahead_s * NS)
        if abs(base_ns - self._base_ns) > within_s * NS:
            self._base_ns = base_ns


def _counter_ns() -> int:
    """It goes on while the machine sleeps, and is slowed and hastened with the machine's clock, but never set."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def _shown_by_machine_ns() -> int:
    """The machine's clock, as it stands above that counter."""
    return time.time_ns() - _counter_ns()


_clock = Clock()


def now() -> datetime:
    """This moment, aware UTC."""
    return _clock.now()


class Keeper:
    """Keeps the time right, in a thread of its own; each of the others is asked in one too: none holds up another."""

    def __init__(self, until: Callable[[], bool], clock: Clock = _clock) -> None:
        self._until, self._clock = until, clock
        self._asked: dict[str, threading.Thread] = {}
        self._thread = threading.Thread(target=self._keep, name="time", daemon=True)
        self._told, self._due_s = "", WHILE_UNSURE_S

    def begin(self) -> None:
        """Find the right time, as far as anybody answers soon, and keep it from then on."""
        self._clock.go_by(0.0)
        self.look(FIRST_WITHIN_S)
        self._thread.start()

    def look(self, within_s: float) -> str:
        """Ask everybody, and go by whom most agree with; which clocks are wrong, nothing where none is."""
        told = self._ask(within_s)
        clocks = [one for one, _ in told]
        by = skew.right(clocks)
        if len(clocks) > 1:
            self._clock.go_by(by.ahead_s, dict(told)[by])
        said = "; ".join(_sentence(one, by) for one in skew.wrong(clocks, by))
        if said != self._told:
            log.error("clocks differ", by=by.whose, said=said) if said else log.info("all clocks agree again")
        heard = any(one.whose not in (MACHINE, DATABASE) for one in clocks)
        self._told, self._due_s = said, WHILE_OFF_S if said else ASK_EVERY_S if heard else WHILE_UNSURE_S
        return said

    def _keep(self) -> None:
        pause, asked_at = threading.Event(), time.monotonic()
        with watched("time", until=self._until):
            trouble(self._told)
            while not self._until():
                beat()
                pause.wait(LOOK_S)
                if by_s := self._clock.jumped_s():
                    log.warning("this machine's clock was set", ahead_by_s=round(by_s, 1))
                if by_s or time.monotonic() - asked_at > self._due_s:
                    asked_at = time.monotonic()
                    trouble(self.look(2 * ANSWER_S))

    def _ask(self, within_s: float) -> list[tuple[Told, float]]:
        """What was told in time, the most trusted first, and how exact it is in seconds."""
        found = {MACHINE: (Told(MACHINE, 0.0, is_ours=True), EXACT_S)}
        until, witnesses = time.monotonic() + within_s, _witnesses(settings())
        for whose, ask in witnesses.items():
            if (before := self._asked.get(whose)) is None or not before.is_alive():  # else it hangs there yet
                self._asked[whose] = threading.Thread(target=_note, args=(whose, ask, found), daemon=True)
                self._asked[whose].start()
        for asking in self._asked.values():
            asking.join(max(0.0, until - time.monotonic()))
        return [found[whose] for whose in dict.fromkeys((DATABASE, MACHINE, *witnesses)) if whose in found]


def _sentence(clock: Told, by: Told) -> str:
    way = "ahead of" if clock.ahead_s > 0 else "behind"
    return f"{clock.whose} clock is {abs(clock.ahead_s):.0f} s {way} {by.whose}: it is not gone by, set it right"


def _note(whose: str, ask: Callable[[], datetime | None], found: dict[str, tuple[Told, float]]) -> None:
    """Put down what it says, unless it took so long, or the machine's clock was set meanwhile, that it tells little."""
    before_ns = time.time_ns()
    try:
        shown = ask()
    except Exception as error:  # noqa: BLE001, whatever was answered: it is no time
        log.warning("a clock could not be asked", whose=whose, error=repr(error)[:200])
        return
    took_s = (time.time_ns() - before_ns) / NS
    if shown is not None and 0 <= took_s < ANSWER_S:
        ahead_s, is_ours = shown.timestamp() - before_ns / NS - took_s / 2, whose == DATABASE
        found[whose] = Told(whose, ahead_s, is_ours), max(took_s, EXACT_S) if is_ours else WHOLE_SECONDS_S


def _witnesses(settings: Settings) -> Mapping[str, Callable[[], datetime | None]]:
    asked: dict[str, Callable[[], datetime | None]] = {}
    if not database.is_sqlite():
        asked[DATABASE] = _of_database
    asked["Telegram's"] = lambda: _of_answer(settings.telegram_api_url)
    asked["X's"] = lambda: _of_answer(settings.x_api_url)
    return asked


def _of_database() -> datetime | None:
    with rested():
        return database.clock()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


def _over_in_time(connection: http.client.HTTPConnection) -> None:
    """Whoever answers a byte at a time, and never comes to an end, is left: each byte alone would be in time."""

    def leave(opened: socket.socket) -> None:
        with suppress(OSError):  # it was over before
            opened.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(WHOLE_ANSWER_S, leave, (connection.sock,))
    timer.daemon = True
    timer.start()


class _Plain(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _over_in_time(self)


class _Sealed(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _over_in_time(self)


class _OpensPlain(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Plain, req)


class _OpensSealed(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Sealed, req)


def _of_answer(url: str) -> datetime | None:
    """By the head of whatever is answered there: nobody has to know us, or to let us in. None where nothing is."""
    url = f"{url.rstrip('/')}/"  # of the settings, which take http and https alone
    request = urllib.request.Request(url, method="HEAD", headers={"Cache-Control": "no-cache"})  # noqa: S310
    try:
        with urllib.request.build_opener(_NoRedirect, _OpensPlain, _OpensSealed).open(
            request, timeout=ANSWER_S
        ) as answer:
            heads = answer.headers
    except urllib.error.HTTPError as error:
        heads = error.headers
        error.close()
    return date_of(heads)


def date_of(heads: Mapping[str, str]) -> datetime | None:
    """The moment of an answer, half a second after what its whole seconds show; None where it was kept by somebody, or
    is none in which this can run.
    """
    written = heads.get("Date")
    if written is None or heads.get("Age", "0").strip() != "0":
        return None
    try:
        shown = email.utils.parsedate_to_datetime(written)
    except (ValueError, TypeError):
        return None
    if shown.year not in YEARS:
        return None
    return shown.replace(tzinfo=shown.tzinfo or UTC) + timedelta(seconds=0.5)
