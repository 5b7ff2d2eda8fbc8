"""Two workers that refresh at once lose nothing: against the sandbox, where a refresh token works once."""

from sandbox.stage import Stage
from tests.programs import Program, told

WORKER = """
import sys, threading
from tasks.start import start; start()
from models.accounts.channels import Channel
from tasks import accounts
from engine.x.client import XClient
results, barrier = [], threading.Barrier(6)
def work():
    first = Channel.get()
    barrier.wait()
    for _ in range(400):
        try:
            me = accounts.client(accounts.renewed(first)).me()
            results.append(me.handle); return
        except accounts.TokenBusy:
            threading.Event().wait(0.05)
threads = [threading.Thread(target=work) for _ in range(6)]
[t.start() for t in threads]; [t.join() for t in threads]
print(results)
"""


def test_two_workers_refreshing_at_once_lose_nothing(stage: Stage) -> None:
    stage.start("web")
    stage.connect()
    stage.do("/sandbox/x/act", act="expire_tokens")
    expire = "from tasks.start import start; start()\nfrom models.accounts.channels import Channel\nChannel.update(token_expires_at=1).execute()"
    told(stage.folder, expire, **stage.environment)
    workers = [Program(stage.folder, WORKER, **stage.environment) for _ in range(2)]
    assert [w.ends() for w in workers] == [0, 0]
    outputs = [w.printed for w in workers]
    assert all(o.splitlines()[-1] == str(["TraficoValle"] * 6) for o in outputs), outputs
    refreshes = [e for e in stage.log_text().splitlines() if "invalid" in e.lower()]
    assert refreshes == []
