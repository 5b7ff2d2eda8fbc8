"""Two workers that refresh at once lose nothing: against the sandbox, where a refresh token works once."""

import subprocess
import sys

from sandbox.stage import ROOT, Stage

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
    subprocess.run([sys.executable, "-c", expire], env=stage.environment, cwd=ROOT, check=True)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER], env=stage.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [w.communicate(timeout=60)[0] for w in workers]
    assert all(o.strip() == str(["TraficoValle"] * 6) for o in outputs), outputs
    refreshes = [e for e in stage.log_text().splitlines() if "invalid" in e.lower()]
    assert refreshes == []
