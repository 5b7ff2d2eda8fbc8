"""The processes of a stage, forked as `make run` forks them, from one that has imported everything: in milliseconds.

Whoever makes stages starts one such process (`python -m sandbox.forked`) and asks it, a line of JSON for each request,
to start a command or how one is. It ends with whoever asks, and what it started with it.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

from bot import forking

POLL_S = 0.01
_ended: dict[int, int] = {}  # in the process that forks: with which status each child ended


class Process:
    """A running process, which can be waited for and ended as one of `subprocess` can."""

    def __init__(self, name: str, line: str, environment: dict[str, str], output: Path) -> None:
        """Run a line as the Procfile has them, adding what it prints to `output`."""
        started = _parent().ask(name=name, line=line, environment=environment, output=str(output))
        self.pid = int(started)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The status with which it ended, negative for a signal; None while it runs."""
        if self.returncode is None:
            self.returncode = _parent().ask(of=self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(POLL_S)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Parent:
    """The process that forks, and the way to ask it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "sandbox.forked"]
        self._process = subprocess.Popen(command, cwd=forking.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._one_at_a_time = threading.Lock()
        atexit.register(self._process.communicate)

    def ask(self, **request: Any) -> Any:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        with self._one_at_a_time:
            requests.write(json.dumps(request).encode() + b"\n")
            requests.flush()
            return json.loads(answers.readline())


@cache
def _parent() -> _Parent:
    return _Parent()


def serve() -> None:
    """Answer until nobody can ask any more. Plain numbers of files: a child closes them without anybody's knowing."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    begun = b""
    while read := os.read(requests, 2**16):
        *whole, begun = (begun + read).split(b"\n")
        for request in whole:
            os.write(answers, json.dumps(_answer(json.loads(request))).encode() + b"\n")


def _answer(request: dict[str, Any]) -> int | None:
    if "of" in request:
        child = request["of"]
        if child not in _ended:  # several may ask about one, which can be waited for only once
            ended, status = os.waitpid(child, os.WNOHANG)
            if not ended:
                return None
            _ended[child] = os.waitstatus_to_exitcode(status)
        return _ended[child]
    output = os.open(request["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    child = forking.fork(request["name"], request["line"], request["environment"], output)
    os.close(output)
    _ended.pop(child, None)
    return child


if __name__ == "__main__":
    forking.import_all("sandbox.__main__")
    serve()
