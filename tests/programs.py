"""A text of Python as a process of its own, forked as the service's are, from one that has imported everything.

Importing all again would cost more than what such a program does. Where a test is about importing, or about how Python
itself ends, it starts a Python of its own.
"""

import os
import runpy
import shlex
import sys
import time
from pathlib import Path

import psutil

from sandbox.forked import POLL_S, Process

PATIENCE_S = 60.0


class Program(Process):
    """A program with its arguments, run with the settings of this process as they are now, and these."""

    def __init__(self, folder: Path, text: str, *arguments: object, **settings: str) -> None:
        """`folder` gets its text, and what it prints."""
        number = len(list(folder.glob("program-*.py")))
        written, self._output = (folder / f"program-{number}.{kind}" for kind in ("py", "log"))
        written.write_text(text)
        line = shlex.join(["python", "-m", "tests.programs", str(written), *map(str, arguments)])
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        super().__init__("program", line, {**os.environ, "PATH": path, **settings}, self._output)

    def ends(self) -> int:
        """Wait for its end; the status, negative for a signal."""
        return self.wait(PATIENCE_S)

    def stops(self) -> None:
        """Wait until it is stopped, as by SIGSTOP."""
        deadline = time.monotonic() + PATIENCE_S
        while psutil.Process(self.pid).status() != psutil.STATUS_STOPPED:
            assert time.monotonic() < deadline, "it goes on"
            time.sleep(POLL_S)

    @property
    def printed(self) -> str:
        """What it has printed until now, errors among it."""
        return self._output.read_text()


def told(folder: Path, text: str, *arguments: object, **settings: str) -> str:
    """What a program prints that goes well."""
    program = Program(folder, text, *arguments, **settings)
    assert program.ends() == 0, program.printed
    return program.printed


if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_path(sys.argv[0], run_name="__main__")
