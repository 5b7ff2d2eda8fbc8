"""The process from which a stage forks its own."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sandbox.forked import Process


def test_many_may_ask_at_once_how_one_ended(tmp_path: Path) -> None:
    for status in range(5):
        one = Process("one", f"true; exit {status}", dict(os.environ), tmp_path / "output")
        with ThreadPoolExecutor(16) as threads:
            assert set(threads.map(lambda _, one=one: one.wait(60), range(64))) == {status}
