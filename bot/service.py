"""`make run`: the processes of the Procfile on this machine, each started again when it dies.

With credentials the real service; without them the sandbox, its page, and a service pointed at it.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import IO

from honcho.environ import parse_procfile

from models.settings import BadSettings, Settings, load

ROOT = Path(__file__).parent.parent
RESTART_S = 1.0
STOP_WITHIN_S = 12.0


def run() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status."""
    try:
        settings = load()
    except BadSettings as error:
        return _refuse(error.problems)
    if settings.has_telegram:
        missing = settings.missing_for_service()
        if missing:
            return _refuse([f"{name} is not set; .env.example says where to find it." for name in missing])
        return Service(os.environ | {"PORT": str(settings.port)}, _lines_of_service(settings)).run()
    # the sandbox is above this house: it becomes this process, instead of being imported
    os.execv(sys.executable, [sys.executable, "-m", "sandbox.playing"])  # noqa: S606


def _lines_of_service(settings: Settings) -> tuple[str, str, str]:
    where = str(settings.sqlite_path) if settings.sqlite_path else "PostgreSQL"
    reached = f"webhook at {settings.public_url}" if settings.public_url else "polling"
    return (
        f"Canales runs: Telegram by {reached}, data in {where}.",
        f"Is it well? http://localhost:{settings.port}/healthz, or write /status to your bot.",
        "Ctrl-C ends it; nothing that waits is lost.",
    )


class Service:
    """Keeps processes alive. Their output goes on with their names before it."""

    def __init__(
        self, environment: dict[str, str], lines: tuple[str, ...], first: dict[str, str] | None = None
    ) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        self._environment = {**environment, "PATH": path, "PYTHONUNBUFFERED": "1"}
        self._lines = lines
        self._first = first or {}
        self._stopping = threading.Event()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def run(self) -> int:
        procfile = parse_procfile((ROOT / "Procfile").read_text()).processes
        release = procfile.pop("release")
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, self._stop)
        done = subprocess.run(["/bin/sh", "-c", release], cwd=ROOT, env=self._environment, check=False)
        if done.returncode:
            return done.returncode
        keepers = [
            threading.Thread(target=self._keep, args=(name, command))
            for name, command in {**self._first, **procfile}.items()
        ]
        for keeper in keepers:
            keeper.start()
        print("\n".join(("", *self._lines, "")), flush=True)
        for keeper in keepers:
            keeper.join()
        return 0

    def _keep(self, name: str, command: str) -> None:
        while not self._stopping.is_set():
            process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self._processes[name] = process
            if self._stopping.is_set():
                process.terminate()
            assert process.stdout is not None
            self._copy(name, process.stdout)
            process.wait()
            if not self._stopping.is_set():
                print(f"{name:8} | ended with {process.returncode}, started again", flush=True)
                self._stopping.wait(RESTART_S)

    def _copy(self, name: str, output: IO[bytes]) -> None:
        for line in output:
            print(f"{name:8} | {line.decode(errors='replace').rstrip()}", flush=True)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self._stopping.is_set():
            return
        self._stopping.set()
        for process in self._processes.values():
            process.terminate()
        threading.Thread(target=self._insist, daemon=True).start()

    def _insist(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in self._processes.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def _refuse(problems: list[str]) -> int:
    print("Canales can't start with these settings:", file=sys.stderr)
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    return 2
