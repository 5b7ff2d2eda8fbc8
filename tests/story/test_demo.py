"""The whole story, as `make demo` tells it."""

import pytest

from sandbox import demo


def test_every_step_of_the_demo_happens(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0, capsys.readouterr().out
    assert capsys.readouterr().out.count("✓") == 11
