"""A line of the Procfile as a child of a process that has imported everything, so that all of them share its memory.

Who forks has one thread and has opened nothing; importing starts nothing (tests/tasks/test_start.py).
"""

import atexit
import contextlib
import ctypes
import gc
import importlib
import os
import pickle
import re
import runpy
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bot.chat.language import LANGUAGES, Speaker
from engine.on_x import tables
from models.settings import BadSettings, load

ROOT = Path(__file__).parent.parent
PROGRAMS = ("bot.web", "bot.connect", "tasks.workers")
PLAIN = re.compile(r"[\w\s./:,=@%+-]+")  # whatever has other signs in it is for a shell
SEVERAL = re.compile(r"[;&|(){}\n]")  # a line of more than one command, for which the shell stays
PR_SET_PDEATHSIG, PR_SET_NAME, MADV_DONTNEED = 1, 15, 4  # of Linux
MAPPED = re.compile(r"(?P<start>[0-9a-f]+)-(?P<end>[0-9a-f]+) (?P<mode>\S{4}) \S+ \S+ (?P<file>\d+)")
UNCHANGED = re.compile(r"Anonymous: +0 kB")
LIBC = ctypes.CDLL(None)
LIBC.malloc.argtypes, LIBC.malloc.restype = [ctypes.c_size_t], ctypes.c_size_t
HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
POOL, MOST_HOLES = 2**14, 2**19  # bytes, of CPython since 3.10; the most that is taken of a size
LARGE = 2**16  # bytes
_holes: list[list[object]] = []


def import_all(*more: str) -> None:
    """Import once what the programs of the Procfile need, and keep their collectors of garbage from writing to it.

    `more`: modules that other lines need.
    """
    gc.disable()  # what it would free meanwhile are holes that the children fill, each with a page of its own
    for module in (*PROGRAMS, *more):
        importlib.import_module(module)
    for language in LANGUAGES:
        Speaker(language)  # reading a catalog takes much that is free again afterwards
    have_tables_read()
    with contextlib.suppress(BadSettings):
        load()  # pydantic remembers what it found out about the classes of the settings
    gc.collect()
    gc.freeze()
    _fill_holes()
    gc.enable()
    _leave_libraries()


def have_tables_read() -> None:
    """Have a child read what texts are measured by, and keep what is left of it for all.

    Each would pay 24 MiB and a third of a second for its first text, and so would who reads it here.
    """
    end, to = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            with os.fdopen(to, "wb") as pipe:
                pipe.write(pickle.dumps(tables.tables()))
            status = 0
        finally:
            os._exit(status)
    os.close(to)
    with os.fdopen(end, "rb") as pipe:
        read = pipe.read()
    if os.waitpid(child, 0)[1] == 0:
        tables.given(pickle.loads(read))  # noqa: S301, our own


def _fill_holes() -> None:
    """Take the places that importing left free, each of which would cost a child a page of its own when it fills it.

    Of each size that Python itself gives places for, until a whole pool of them is new.
    """
    for size in range(16, 513, 16):
        make: Callable[[], object] = {16: object, 32: complex}.get(size, partial(bytes, size - 33))
        taken, in_a_row = [make()], 0
        while in_a_row < POOL // size - 4 and len(taken) * size < MOST_HOLES:
            taken.append(make())
            in_a_row = in_a_row + 1 if id(taken[-1]) - id(taken[-2]) == size else 0
        _holes.append(taken)
    if hasattr(LIBC, "gnu_get_libc_version"):
        _fill_holes_of_libc()


def _fill_holes_of_libc() -> None:
    """The same for what is larger than that, and for libraries: SQLite alone would touch 600 pages of each child."""
    end = LIBC.malloc(LARGE)  # nothing so large is free in between: what comes from behind it is new
    for size in range(LARGE // 16, 16, -16):
        for _ in range(MOST_HOLES // size):
            if LIBC.malloc(size) >= end:
                break


def _leave_libraries() -> None:
    """Give back the pages of libraries that importing ran through: who only waits for children has no use for them.

    They are the file's own, unchanged, and come again where they are asked for; those that hold changes stay.
    """
    if sys.platform != "linux":
        return
    mapped = None
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if header := MAPPED.match(line):
            of_a_file = header["file"] != "0" and header["mode"] in ("r-xp", "r--p")
            mapped = (int(header["start"], 16), int(header["end"], 16)) if of_a_file else None
        elif mapped is not None and UNCHANGED.match(line):
            start, end = mapped
            LIBC.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), MADV_DONTNEED)


def fork(name: str, line: str, environment: dict[str, str], output: int) -> int:
    """Run a line in a session of its own, with what it prints going to `output`; the id of the child.

    `python -m …` and `huey_consumer …` run in the child as it is, anything else is given to a shell. On Linux a child
    is killed when its parent dies, however that happens. Raises OSError where the machine has no place for it.
    """
    program = _python(line, environment) or _shell(line)
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    child = -1
    try:
        child = os.fork()
    finally:
        if child:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if child:
        return child
    status = 0
    try:
        _leave(name, parent, output, environment)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)  # not before the parent's handlers are gone
        program()
    except SystemExit as ended:
        status = _status(ended.code)
    except Exception:  # noqa: BLE001, told and turned into a status, as at the end of any program
        traceback.print_exc()
        status = 1
    _end(status)  # a child never leaves this: above stands the code of its parent
    return 0


def _status(code: object) -> int:
    """With which a program ends that leaves this way."""
    if code is None or isinstance(code, int):
        return code or 0
    sys.stderr.write(f"{code}\n")
    return 1


def _end(status: int) -> None:
    """End as any program does, but for letting go of each object by itself: that would write to all shared memory."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # as `multiprocessing` ends what it has forked
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status & 0xFF)


def _python(line: str, environment: dict[str, str]) -> Callable[[], object] | None:
    """What a line does that is a Python program beside this interpreter and nothing more; None for any other."""
    words = line.split() if PLAIN.fullmatch(line) else []
    found = shutil.which(words[0], path=environment["PATH"]) if words else None
    if found is None or Path(found).parent != Path(sys.executable).parent:
        return None
    match words:
        case ["python" | "python3", "-m", module, *arguments]:
            return lambda: _with(["-m", *arguments], lambda: runpy.run_module(module, None, "__main__", True))
        case ["huey_consumer", *arguments]:
            return lambda: _with([found, *arguments], lambda: runpy.run_path(found, None, "__main__"))
    return None


def _with(argv: list[str], program: Callable[[], object]) -> None:
    sys.argv = argv
    program()


def _shell(line: str) -> Callable[[], object]:
    become_it = "exec env" if "=" in line.partition(" ")[0] else "exec"
    command = line if SEVERAL.search(line) else f"{become_it} {line}"

    def become() -> None:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what is ignored stays so
        os.execv("/bin/sh", ["/bin/sh", "-c", command])  # noqa: S606

    return become


def _leave(name: str, parent: int, output: int, environment: dict[str, str]) -> None:
    """In the child: nothing of the parent's goes on here but its memory."""
    os.setsid()
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        LIBC.prctl(PR_SET_NAME, f"canales-{name}".encode())  # what ps and top call it
    if os.getppid() != parent:
        os._exit(1)  # it died before we could ask
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # PYTHONUNBUFFERED was read before
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
