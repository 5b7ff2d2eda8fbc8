"""Starting is a call: importing reads no settings, opens nothing and starts nothing; waiting jobs are found by name."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.forked import Process
from sandbox.ports import free_port
from sandbox.stage import ROOT
from tasks import workers
from tasks.ringing.signed_jobs import SignedJobs
from tests.programs import told

BROKEN = {
    "PORT": "nonsense",
    "DATA_DIR": "/proc/nowhere",
    "DATABASE_URL": "nonsense://",
    "REDIS_URL": "nonsense://",
    "X_API_URL": "nonsense",
}
IMPORT_ALL = """
import importlib, json, os, sys
done = []

def watch(event, args):
    if event in ("subprocess.Popen", "socket.connect", "sqlite3.connect", "os.mkdir", "os.remove", "os.rename"):
        done.append([event, str(args)])
    if event == "open" and isinstance(args[0], (str, bytes, os.PathLike)):
        path, flags = os.fsdecode(args[0]), args[2] or 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) or path.endswith(".env"):
            done.append([event, path])

sys.addaudithook(watch)
names = json.load(sys.stdin)
for name in names:
    importlib.import_module(name)
from models.settings import settings
from tasks import start
import threading
print(json.dumps({
    "done": done,
    "read": settings.cache_info().currsize,
    "started": start.start.cache_info().currsize + start._redis.cache_info().currsize,
    "threads": threading.active_count(),
}))
"""
BEFORE = {
    "tasks.queues.say": b"\x80\x05\x95q\x00\x00\x00\x00\x00\x00\x00\x8c\rhuey.registry\x94\x8c\x07Message\x94\x93\x94(\x8c$c42ccc5e-c94d-4b05-85df-2c6625b5bbaa\x94\x8c\x10tasks.queues.say\x94NK\x00K\x00KdK\x05\x85\x94}\x94NNNNNNK\x00t\x94\x81\x94.",
    "tasks.queues.ask_followers": b"\x80\x05\x95{\x00\x00\x00\x00\x00\x00\x00\x8c\rhuey.registry\x94\x8c\x07Message\x94\x93\x94(\x8c$a89d9269-a525-4c11-bf37-8dc64d99e15b\x94\x8c\x1atasks.queues.ask_followers\x94NK\x00K\x00KFK\x07\x85\x94}\x94NNNNNNK\x00t\x94\x81\x94.",
}


def modules() -> list[str]:
    """Every module of the layers that a process imports, migrations too."""
    files = [f for layer in ("engine", "models", "tasks", "bot") for f in sorted((ROOT / layer).rglob("*.py"))]
    names = [".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for f in files]
    return [n for n in names if not n.endswith(".__main__")] + ["bot.__main__"]


def test_importing_any_module_reads_and_starts_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL],
        input=json.dumps(modules()), env={**os.environ, **BROKEN}, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"done": [], "read": 0, "started": 0, "threads": 1}


FORKED = """
import os, sys
from bot import forking
forking.have_tables_read()
child = os.fork()
if not child:
    from engine.on_x import has_link, weighted_length
    weighed = weighted_length("❗️ Vía cerrada: bit.ly/x"), has_link("bit.ly/x")
    print(*weighed, *sorted({"emoji", "twitter_text"} & set(sys.modules)), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_process_that_was_forked_reads_no_tables_for_its_first_text() -> None:
    done = subprocess.run([sys.executable, "-B", "-c", FORKED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "39 True\n", "24 MiB each"


def test_a_worker_with_bad_settings_ends_with_a_sentence_when_its_consumer_is_made(tmp_path: Path) -> None:
    printed, path = tmp_path / "printed.log", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    line = "huey_consumer tasks.workers.tweets -w 1 -q"
    assert Process("tweets", line, {**os.environ, "PATH": path, "PORT": "nonsense"}, printed).wait(60) == 2
    said = printed.read_text()
    assert "PORT: " in said
    assert "Example: PORT=8080" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", BEFORE)
def test_a_job_is_found_by_the_name_that_it_had_in_the_release_before_and_has_its_ids(name: str) -> None:
    signed = SignedJobs().serialize(pickle.loads(BEFORE[name]))
    task = workers.tweets.deserialize_task(signed)
    assert workers.tweets._registry.task_to_string(type(task)) == name
    assert task.args in ((5,), (7,))


def test_the_names_of_jobs_are_those_of_the_release_before() -> None:
    names = {q.name: set(q._registry._registry) for q in (workers.streaming, workers.tweets, workers.logging)}
    assert {f"tasks.queues.{n}" for n in ("hear", "poll")} <= names["canales.streaming"]
    assert {
        f"tasks.queues.{n}" for n in ("say", "settle", "undo", "judge", "ask_followers", "upload", "plan")
    } <= names["canales.tweets"]
    assert {"tasks.queues.write", "tasks.queues.forget", "tasks.workers.forget_now_and_then"} <= names[
        "canales.logging"
    ]


def test_what_is_to_be_revoked_at_x_holds_up_no_writer_of_the_journal() -> None:
    assert "tasks.queues.let_sign_ins_lapse" in workers.publishing._registry._registry
    assert "tasks.queues.let_sign_ins_lapse" not in workers.logging._registry._registry


def test_a_job_rung_before_jobs_were_signed_is_dropped_and_the_next_is_run(tmp_path: Path) -> None:
    """What an older release has put into a real Redis nobody has signed, so nobody unpickles it: the clock rings again.

    From this release on a worker of the next one finds what waits: signed, by its name.
    """
    script = (
        "import pickle, sys; from tasks import workers; from tasks.ringing.signed_jobs import SignedJobs\n"
        "before = bytes.fromhex(sys.argv[1])\n"
        "workers.tweets.storage.enqueue(before, 100)\n"
        "workers.tweets.storage.enqueue(SignedJobs().serialize(pickle.loads(before)), 50)\n"
        "print(workers.tweets.dequeue())\n"
        "task = workers.tweets.dequeue(); print(task.name, task.args, workers.tweets.pending_count())"
    )
    said = told(tmp_path, script, BEFORE["tasks.queues.say"].hex(), DATA_DIR=str(tmp_path), PORT=str(free_port()))
    assert [line for line in said.splitlines() if "job dropped" not in line][-2:] == ["None", "say (5,) 0"], said
    assert said.count("job dropped") == 1
