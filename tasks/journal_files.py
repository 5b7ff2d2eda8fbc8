"""The journal's files: whole lines, each once, rotated by size, whoever writes and whatever the disk does.

A file is written by one process at a time, which holds its lock (`flock`, given up by whoever dies). What another
process wrote last, or one before us, is looked at first: a line that was torn goes, as its row was never marked, and
lines that are there and whose rows were not marked are not written again.
"""

import contextlib
import fcntl
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

FILE_BYTES, FILES_KEPT = 5_000_000, 5
AT_ONCE = 100_000  # bytes: what is not marked yet is found in the last `TAIL` of a file
TAIL = 250_000
TRIES = 3
CLOCK = time.CLOCK_BOOTTIME
_ID = re.compile(rb"^\S+ #(\d+) ")
#: As this process left each file: its inode and size, and what others had written at its end, marked or not.
_left: dict[Path, tuple[int, int, set[int]]] = {}

Line = tuple[int, str]
Mark = Callable[[list[int]], None]


def append(path: Path, lines: Sequence[Line], until: float, mark: Mark) -> int:
    """Put lines (number and text) at the end of a file, and `mark` the numbers that it holds; how many those are.

    None where another process writes it, or where it is later than `until` (seconds of `CLOCK`); fewer than given where
    they are more than go at once. They are marked before anybody else may write the file, so whoever reads after that
    what is unmarked finds none of them. Raises OSError, as of a full disk: the file is as it was.
    """
    with _alone(path) as file:
        if file is None:
            return 0
        there = _seen(path, file)
        new, held = _fresh(lines, there)
        before = os.fstat(file).st_size
        if not new or not before or before + len(new) <= FILE_BYTES:
            return _put(path, file, new, held, there, until, mark)
        _rotate(path)
    with _alone(path) as file:  # the new one, in which somebody else may have been first
        if file is None:
            return 0
        there = _seen(path, file)
        new, held = _fresh(lines, there)
        return _put(path, file, new, held, there, until, mark)


def _fresh(lines: Sequence[Line], there: set[int]) -> tuple[bytes, list[int]]:
    """What is to be written of these, as much as goes at once; the numbers that the file holds then."""
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
    return b"".join(new), held


def _put(path: Path, file: int, new: bytes, held: list[int], there: set[int], until: float, mark: Mark) -> int:
    before = os.fstat(file)
    _left.pop(path, None)  # until it is marked, the file must be looked at again
    if new and not _written(file, new, before.st_size, until):
        return 0
    mark(held)
    _left[path] = (before.st_ino, before.st_size + len(new), there)
    return len(held)


def lines_before(path: Path, number: int | None) -> Iterator[bytes]:
    """The whole lines that the file and the rotated ones hold before that number, or all of them, the oldest first.

    Whoever writes meanwhile is not in the way: a file that is rotated while it is read is read to its end.
    """
    last = 0
    for file in [path.with_name(f"{path.name}.{n}") for n in range(FILES_KEPT, 0, -1)] + [path]:
        with contextlib.suppress(FileNotFoundError), file.open("rb") as lines:
            for line in lines:
                found = _ID.match(line)
                its = int(found[1]) if found is not None else last
                if line.endswith(b"\n") and (number is None or its < number):
                    yield line
                last = its


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
    left = _left.get(path)
    if left is not None and left[:2] == (was.st_ino, was.st_size):
        return left[2]
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


def _written(file: int, raw: bytes, size: int, until: float) -> bool:
    """All of it, or nothing. False where it is too late."""
    if time.clock_gettime(CLOCK) > until:
        return False
    left = memoryview(raw)
    try:
        while left:
            left = left[os.write(file, left) :]
    except OSError:
        os.ftruncate(file, size)
        raise
    return True


def _rotate(path: Path) -> None:
    """Give each file the next number; the last one goes. Who calls it has the lock of the first."""
    for number in range(FILES_KEPT - 1, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        if older.exists():
            os.replace(older, path.with_name(f"{path.name}.{number + 1}"))
    os.replace(path, path.with_name(f"{path.name}.1"))
