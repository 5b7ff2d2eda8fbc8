"""The journal's files: whole lines, each once, rotated by size, whoever writes and whatever the disk does.

A file is written by one process at a time, which holds its lock (`flock`, given up by whoever dies). What another
process wrote last, or one before us, is looked at first: a line that was torn goes, as its row was never marked, and
lines that are there and whose rows were not marked are not written again.
"""

import fcntl
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

FILE_BYTES, FILES_KEPT = 5_000_000, 5
AT_ONCE = 400_000  # bytes: what is not marked yet is found in the last `TAIL` of a file
TAIL = 1_000_000
TRIES = 3
CLOCK = time.CLOCK_BOOTTIME
_ID = re.compile(rb"^\S+ #(\d+) ")
_left: dict[Path, tuple[int, int]] = {}  # as this process left each file: its inode and size

Line = tuple[int, str]


def append(path: Path, lines: Sequence[Line], until: float) -> list[int]:
    """Put lines (number and text) at the end of a file; the numbers of those that it holds by now.

    None where another process writes it, or where it is later than `until` (seconds of `CLOCK`); fewer than given where
    they are more than go at once. Raises OSError, as of a full disk: the file is as it was.
    """
    with _alone(path) as file:
        if file is None:
            return []
        there = _seen(path, file)
        new: list[bytes] = []
        held: list[int] = []
        size = 0
        for number, text in lines:
            if number not in there:
                raw = text.encode("utf-8", "replace") + b"\n"
                if new and size + len(raw) > AT_ONCE:
                    break
                new.append(raw)
                size += len(raw)
            held.append(number)
        before = os.fstat(file).st_size
        if not new:
            _left[path] = (os.fstat(file).st_ino, before)
            return held
        if not before or before + size <= FILE_BYTES:
            return held if _written(path, file, b"".join(new), until) else []
        _rotate(path)
    with _alone(path) as file:  # the new one
        return held if file is not None and _written(path, file, b"".join(new), until) else []


@contextmanager
def _alone(path: Path) -> Iterator[int | None]:
    """The file that stands under this name, locked; None where somebody else has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(TRIES):
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                break
            if _is_there(path, file):  # else it was rotated, or forgotten, in between
                yield file
                return
        finally:
            os.close(file)
    yield None


def _is_there(path: Path, file: int) -> bool:
    try:
        return os.stat(path).st_ino == os.fstat(file).st_ino
    except FileNotFoundError:
        return False


def _seen(path: Path, file: int) -> set[int]:
    """Numbers of the last lines where somebody else wrote them, or we before we died. Mends what was torn."""
    was = os.fstat(file)
    if _left.get(path) == (was.st_ino, was.st_size):
        return set()
    tail = _tail_of(file, was.st_size)
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        os.ftruncate(file, was.st_size - (len(tail) - whole))
    found = _numbers(tail[:whole])
    rotated = path.with_name(path.name + ".1")
    if was.st_size < TAIL and rotated.exists():
        before = os.open(rotated, os.O_RDONLY | os.O_CLOEXEC)
        try:
            found |= _numbers(_tail_of(before, os.fstat(before).st_size))
        finally:
            os.close(before)
    return found


def _tail_of(file: int, size: int) -> bytes:
    return os.pread(file, TAIL, max(0, size - TAIL))


def _numbers(raw: bytes) -> set[int]:
    return {int(m[1]) for line in raw.split(b"\n") if (m := _ID.match(line))}


def _written(path: Path, file: int, raw: bytes, until: float) -> bool:
    """All of it, or nothing. False where it is too late."""
    before = os.fstat(file)
    _left.pop(path, None)
    if time.clock_gettime(CLOCK) > until:
        return False
    left = memoryview(raw)
    try:
        while left:
            left = left[os.write(file, left) :]
    except OSError:
        os.ftruncate(file, before.st_size)
        raise
    _left[path] = (before.st_ino, before.st_size + len(raw))
    return True


def _rotate(path: Path) -> None:
    """Give each file the next number; the last one goes. Who calls it has the lock of the first."""
    for number in range(FILES_KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            os.replace(older, path.with_name(f"{path.name}.{number + 1}"))
    os.replace(path, path.with_name(f"{path.name}.1"))
