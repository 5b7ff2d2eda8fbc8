"""Two workers that refresh at once lose nothing: against the sandbox, where a refresh token works once."""

from sandbox.stage import Stage
from tests.programs import Program, told

WORKER = """
import pathlib, sys, threading
from tasks.start import start; start()
from models.accounts.channels import Channel
from tasks import accounts
from engine.x.client import XClient
results, barrier, go = [], threading.Barrier(7), pathlib.Path(sys.argv[1])
def work():
    first = Channel.get()
    barrier.wait()
    while not go.exists():
        threading.Event().wait(0.01)
    for _ in range(400):
        try:
            me = accounts.client(accounts.renewed(first)).me()
            results.append(me.handle); return
        except accounts.TokenBusy:
            threading.Event().wait(0.05)
threads = [threading.Thread(target=work) for _ in range(6)]
[t.start() for t in threads]; barrier.wait()
print("all have read what is to be renewed", flush=True)
[t.join() for t in threads]
print(results)
"""


def test_two_workers_refreshing_at_once_lose_nothing(stage: Stage) -> None:
    stage.start("web")
    stage.connect()
    stage.do("/sandbox/x/act", act="expire_tokens")
    expire = "from tasks.start import start; start()\nfrom models.accounts.channels import Channel\nChannel.update(token_expires_at=1).execute()"
    told(stage.folder, expire, **stage.environment)
    go = stage.folder / "go"
    workers = [Program(stage.folder, WORKER, go, **stage.environment) for _ in range(2)]
    stage.wait("both have read it", lambda: all("all have read" in w.printed for w in workers))
    go.touch()
    assert [w.ends() for w in workers] == [0, 0]
    outputs = [w.printed for w in workers]
    assert all(o.splitlines()[-1] == str(["TraficoValle"] * 6) for o in outputs), "\n".join(outputs)
    assert "".join(outputs).count("token refreshed") == 1
    refreshes = [e for e in stage.log_text().splitlines() if "invalid" in e.lower()]
    assert refreshes == []
