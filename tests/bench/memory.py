"""Resident memory of each process, idle, with one channel connected (MiB)."""

import tempfile
import time
from pathlib import Path

import psutil

from sandbox.stage import Stage
from tasks.embedded_redis import socket_path
from tests.given import connect_many

MIB = 2**20


def figures() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder, Stage(Path(folder)) as stage:
        connect_many(stage, 1, ["choque"])
        stage.start("web", "streams", "worker", "voices", "journal")
        stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2, 60)
        stage.wait("the bot runs", lambda: "bot runs" in stage.log_text())
        time.sleep(5)  # idle is the thing measured
        found = {
            f"idle_mib.{name}": psutil.Process(process.pid).memory_info().rss / MIB
            for name, process in stage.processes.items()
            if name != "sandbox"
        }
        socket = str(socket_path(stage.folder / "data"))
        servers = [
            p
            for p in psutil.process_iter(["cmdline"])
            if socket in " ".join(p.info["cmdline"] or []) and p.name() != "sh"
        ]
        found["idle_mib.redis"] = sum(p.memory_info().rss for p in servers) / MIB
        ours = [psutil.Process(p.pid) for name, p in stage.processes.items() if name != "sandbox"]
        own = sum(p.memory_full_info().pss for p in [*ours, *servers]) / MIB  # shared pages counted once
        return {**found, "idle_mib.total": sum(found.values()), "idle_pss_mib.total": own}
