"""Clocks that are off, each as one process sees the machine's: by a library of a few lines that is loaded before it."""

import struct
import subprocess
from datetime import timedelta
from pathlib import Path

SOURCE = Path(__file__).with_name("clock.c")
NS = 1000  # of a microsecond


class Clocks:
    """The clocks of a stage's processes, by their names; right until they are set."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._library = folder / "clock.so"
        build = ["cc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(SOURCE)]
        subprocess.run(build, check=True)

    def line_of(self, name: str, line: str) -> str:
        """The line of a process, with a clock of its own."""
        if not self._file(name).exists():
            self.set(timedelta(), name)
        return f"env LD_PRELOAD={self._library} CLOCK_OFF={self._file(name)} {line}"

    def set(self, ahead: timedelta, *names: str) -> None:
        """From now on these are so far ahead, or behind."""
        for name in names:
            with self._file(name).open("r+b" if self._file(name).exists() else "wb") as file:
                file.write(struct.pack("=q", ahead // timedelta(microseconds=1) * NS))

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.off"
