"""`make run`: the processes of the Procfile on this machine, each started again when it dies.

With credentials the real service; without them the sandbox, its page, and a service pointed at it. One thread does it
all: the processes are forked from it (bot/forking.py).
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from honcho.environ import parse_procfile

from bot import forking
from models.settings import LogFormat, Settings, read

RESTART_S = 1.0
STOP_WITHIN_S = 9.5
LONGEST_LINE = 2**16
CHECK = {"check": "python -m bot check --before-release"}
FIRST = ("check", "release")


def run() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status."""
    settings, problems = read()
    if settings.has_telegram:  # what is wrong is for the check to tell, together with everything else
        environment = dict(os.environ) if problems else os.environ | {"PORT": str(settings.port)}
        as_json = settings.log_format is LogFormat.JSON
        return Service(CHECK | procfile(), environment, _lines_of_service(settings), as_json=as_json).run()
    if not (forking.ROOT / "sandbox").exists():  # as in the image
        problems += settings.missing_for_service()
    if problems:
        return _refuse(problems)
    # the sandbox is above this house: it becomes this process, instead of being imported
    os.execv(sys.executable, [sys.executable, "-m", "sandbox.playing"])  # noqa: S606


def procfile() -> dict[str, str]:
    """The Procfile's lines by name."""
    return dict(parse_procfile((forking.ROOT / "Procfile").read_text()).processes)


def _lines_of_service(settings: Settings) -> tuple[str, str, str]:
    where = str(settings.sqlite_path) if settings.sqlite_path else "PostgreSQL"
    reached = f"webhook at {settings.public_url}" if settings.public_url else "polling"
    return (
        f"Canales runs: Telegram by {reached}, data in {where}.",
        f"Is it well? http://localhost:{settings.port}/healthz, or write /status to your bot.",
        "Ctrl-C ends it; nothing that waits is lost.",
    )


@dataclass(eq=False)
class Kept:
    """A line of the Procfile, and the child that runs it."""

    name: str
    line: str
    child: int = 0  # 0 while there is none
    output: int = -1  # what it prints; -1 where nothing more will come
    begun: bytes = b""  # of a printed line that is not whole yet
    start_at: float = 0.0  # monotonic
    status: int = 0  # with which it ended last, negative for a signal


class Service:
    """Keeps processes alive: `check` and `release`, if they are there, to their ends, then all the others.

    What they print goes on with their names before it, or, `as_json`, each line as an object that has them in it.
    """

    def __init__(
        self, processes: dict[str, str], environment: dict[str, str], lines: tuple[str, ...], *, as_json: bool = False
    ) -> None:
        self._as_json = as_json
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        self._environment = {**environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
        self._lines = lines
        self._first = [Kept(name, processes[name]) for name in FIRST if name in processes]
        self._kept = [Kept(name, line) for name, line in processes.items() if name not in FIRST]
        self._stopping = False
        self._kill_at: float | None = None
        self._woken = -1

    def run(self) -> int:
        """Until SIGTERM or Ctrl-C, which end all of them; the exit status: of a check or release that failed."""
        forking.import_all()
        self._hear_signals()
        for first in self._first:
            self._start(first)
            while first.child:
                self._look([first])
            if first.status and not self._stopping:
                return first.status
        if not self._stopping:
            for line in self._lines if self._as_json else ("", *self._lines, ""):
                self._print("", line)
        while not self._stopping or any(kept.child for kept in self._kept):
            self._look(self._kept)
        return 0

    def _hear_signals(self) -> None:
        self._woken, wake = os.pipe()
        for end in (self._woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)  # it wakes, that is all

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look(self, processes: list[Kept]) -> None:
        """Start what is to be started, wait until something happens, and see to that."""
        now = time.monotonic()
        if self._stopping:
            self._end(processes, now)
        else:
            for kept in processes:
                if not kept.child and kept.start_at <= now:
                    self._start(kept)
        heard = {kept.output: kept for kept in processes if kept.output >= 0}
        poll = select.poll()
        for source in (self._woken, *heard):
            poll.register(source, select.POLLIN)
        for source, _ in poll.poll(self._wait_ms(processes, now)):
            if source in heard:
                self._copy(heard[source])
            else:
                os.read(self._woken, LONGEST_LINE)
        for kept in processes:
            self._see_whether_it_ended(kept)

    def _wait_ms(self, processes: list[Kept], now: float) -> float | None:
        moments = [kept.start_at for kept in processes if not kept.child and not self._stopping]
        if self._kill_at is not None:
            moments.append(self._kill_at)
        return max(0.0, min(moments) - now) * 1000 + 1 if moments else None

    def _start(self, kept: Kept) -> None:
        kept.output, theirs = os.pipe()
        try:
            kept.child = forking.fork(kept.name, kept.line, self._environment, theirs)
        except OSError as error:
            self._print(kept.name, f"not started: {error}")
            os.close(kept.output)
            kept.output, kept.start_at, kept.status = -1, time.monotonic() + RESTART_S, 1
        os.close(theirs)  # in no `finally`: a child comes this way when its program ends

    def _end(self, processes: list[Kept], now: float) -> None:
        """SIGTERM at first, SIGKILL for who is there when the time is over."""
        if self._kill_at is None:
            self._kill_at = now + STOP_WITHIN_S
            self._signal(processes, signal.SIGTERM)
        elif now >= self._kill_at:
            self._kill_at = now + RESTART_S
            self._signal(processes, signal.SIGKILL)

    def _signal(self, processes: list[Kept], number: signal.Signals) -> None:
        for kept in processes:
            if kept.child:
                try:
                    os.killpg(kept.child, number)  # with what a shell began
                except ProcessLookupError:  # it has no session of its own yet
                    os.kill(kept.child, number)

    def _copy(self, kept: Kept) -> None:
        """Print what whole lines there are."""
        read = os.read(kept.output, LONGEST_LINE)
        *whole, kept.begun = (kept.begun + read).split(b"\n")
        if not read or len(kept.begun) > LONGEST_LINE:
            whole, kept.begun = [*whole, *([kept.begun] if kept.begun else [])], b""
        for line in whole:
            self._print(kept.name, line.decode(errors="replace").rstrip())
        if not read:
            os.close(kept.output)
            kept.output = -1

    def _print(self, name: str, line: str) -> None:
        print(as_object(name, line) if self._as_json else f"{name:8} | {line}" if name else line, flush=True)

    def _see_whether_it_ended(self, kept: Kept) -> None:
        if not kept.child:
            return
        ended, status = os.waitpid(kept.child, os.WNOHANG)
        if not ended:
            return
        kept.child, kept.status = 0, os.waitstatus_to_exitcode(status)
        kept.start_at = time.monotonic() + RESTART_S
        self._copy_the_rest(kept)
        if not self._stopping and kept in self._kept:
            self._print(kept.name, f"ended with {kept.status}, started again")

    def _copy_the_rest(self, kept: Kept) -> None:
        """What it printed last; somebody whom it started may hold the pipe open, and is not waited for."""
        if kept.output < 0:
            return
        os.set_blocking(kept.output, False)
        with contextlib.suppress(BlockingIOError):
            while kept.output >= 0:
                self._copy(kept)
        if kept.output >= 0:
            os.close(kept.output)
            kept.output, kept.begun = -1, b""


def as_object(name: str, line: str) -> str:
    """A line as JSON, with the name of the process that printed it; what is none yet becomes the event of one."""
    try:
        told = json.loads(line)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        told = {"timestamp": at, "level": "info", "event": line}
    return json.dumps({**told, **({"process": name} if name else {})}, ensure_ascii=False)


def _refuse(problems: list[str]) -> int:
    print("\n  ".join(["Canales can't start:", *problems]), file=sys.stderr)
    return 2
