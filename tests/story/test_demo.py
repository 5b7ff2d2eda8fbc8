"""The whole story, as `make demo` tells it."""

from pathlib import Path

import pytest

from sandbox import demo
from sandbox.stage import Stage
from tests.postgres import Server


def test_every_step_of_the_demo_happens(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0, capsys.readouterr().out
    assert capsys.readouterr().out.count("✓") == 11


def test_the_same_story_holds_on_postgresql(postgres_server: Server, tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", database_url=postgres_server.empty("story")) as stage:
        stage.start("web", "streams", "worker", "voices", "journal")
        told = demo.Demo(stage)
        for _, step in told.steps():
            step()
