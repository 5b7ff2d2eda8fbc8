"""Memory of all that `make run` starts with real credentials (MiB): idle for a minute, and after a small load.

`…_pss_mib` counts a page that so many processes share in parts, a total thus once; the other is resident memory, in which
each counts all that it can see. The sandbox plays X and Telegram and is not counted. The service runs as it is installed
for `make run`: what only tests need (trio, rich) would be imported by libraries that find it there.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from sandbox.stage import ROOT, Stage
from tests.given import connect_many

MIB = 2**20
IDLE_S = 60
MESSAGES, CHANNELS, PER_SECOND = 600, 40, 20.0


def figures() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder, Stage(Path(folder), world=True) as stage:
        handles = connect_many(stage, CHANNELS, ["choque"])
        log = Path(folder) / "run.log"
        with log.open("wb") as output:
            command = [str(_installed(Path(folder) / "venv")), "-m", "bot", "run"]
            run = subprocess.Popen(command, cwd=ROOT, env=stage.environment, stdout=output, stderr=output)
        try:
            stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2 * CHANNELS, 60)
            stage.wait("the bot runs", lambda: "bot runs" in log.read_text())
            time.sleep(IDLE_S)  # idle is the thing measured
            idle = _memory(run.pid, stage, "idle")
            messages = [[f"vecino{n}", f"choque {n} @{handles[n % CHANNELS]}"] for n in range(MESSAGES)]
            stage.do("/sandbox/x/flood", messages=messages, per_second=PER_SECOND)
            stage.wait("all are said", lambda: len(stage.accepted("repost")) >= MESSAGES, 60)
            return {**idle, **_memory(run.pid, stage, "loaded")}
        finally:
            run.terminate()
            run.wait(20)


def _installed(venv: Path) -> Path:
    """A Python that has what the service needs, and nothing else."""
    python = venv / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    wanted = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"]
    subprocess.run([str(python), *wanted], cwd=ROOT, check=True)
    return python


def _memory(run: int, stage: Stage, when: str) -> dict[str, float]:
    """Of each process by its name, and of all: resident, and with shared pages counted once."""
    found: dict[str, float] = {}
    rss, pss = 0.0, 0.0
    for process in {psutil.Process(run), *psutil.Process(run).children(recursive=True), *_of_redis(stage)}:
        name = Path(f"/proc/{process.pid}/comm").read_text().strip().removeprefix("canales-")
        name = {"redis-server": "redis", "sh": "redis_guardian", "flock": "redis_guardian"}.get(name, name)
        used = process.memory_full_info()
        name = "run" if process.pid == run else name
        found[f"{when}_pss_mib.{name}"] = found.get(f"{when}_pss_mib.{name}", 0.0) + used.pss / MIB
        rss += used.rss / MIB
        pss += used.pss / MIB
    return {**dict(sorted(found.items())), f"{when}_mib.total": rss, f"{when}_pss_mib.total": pss}


def _of_redis(stage: Stage) -> list[psutil.Process]:
    """The embedded server and who watches over it: whoever started them may be gone."""
    ours = str(stage.folder / "data")
    return [p for p in psutil.process_iter(["cmdline"]) if ours in " ".join(p.info["cmdline"] or [])]
