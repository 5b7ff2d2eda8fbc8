"""Troubles, one at a time, each with what begins and ends it (tests/chaos/enduring.py meets them)."""

import contextlib
import itertools
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from datetime import timedelta

import psutil
import psycopg

from sandbox.stage import Stage
from tests import postgres
from tests.chaos.clocks import Clocks
from tests.chaos.enduring import KINDS, End, Trouble, is_in, redis_program

HOUR = timedelta(hours=1)
LONGER_THAN_A_CLAIM_S = 25.0


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
    return [p for p in found if p.info["name"] == "redis-server" and is_in(p, ours)]


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
    return [str(redis_program()), "--port", port, "--save", ""]


def _disk_full(stage: Stage) -> End:
    ballast = stage.folder / "data" / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 65536)
            file.flush()
    return ballast.unlink


def _clock(ahead: timedelta, *names: str) -> Callable[[Stage], End]:
    """Set while they run, and once more from their start."""

    def begin(stage: Stage) -> End:
        clocks = Clocks(stage.folder)
        clocks.set(ahead, *names)

        def again() -> None:
            for name in names:
                stage.kill(name)
                stage.start(name)

        later = threading.Timer(10, again)
        later.start()

        def end() -> None:
            later.join()
            clocks.set(timedelta(), *names)

        return end

    return begin


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
    "clock_ahead": Trouble(
        "the clocks of `worker` and `voices` an hour ahead", _clock(HOUR, "worker", "voices"), clocks=True
    ),
    "clock_behind": Trouble(
        "the clocks of `worker` and `voices` an hour behind", _clock(-HOUR, "worker", "voices"), clocks=True
    ),
    "clock_of_all": Trouble("the machine's clock an hour ahead", _clock(HOUR, *KINDS), clocks=True),
    "x_slow": Trouble("X takes 10 s for each call", _faults(slow_calls=1)),
    "x_closing": Trouble("X takes the stream and closes it", _faults(accept_then_close=1), on=("sqlite",)),
    "x_dripping": Trouble("X's stream drips, a byte every 2 s", _faults(trickle=1), 60, ("sqlite",)),
    "x_swallowing": Trouble(
        "X's stream swallows every event", _faults(swallowed=1), 20, ("sqlite",), settings={"RECONCILE_EVERY": "30s"}
    ),
    "x_refusing": Trouble("X answers 503 to everything", _faults(error_5xx=1)),
    "x_lost": Trouble("X acts, and its answers are lost", _faults(drop_after_accept=1)),
}
