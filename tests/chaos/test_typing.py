"""What people write and confirm is stored once, also while both bots are killed again and again."""

from pathlib import Path

from sandbox.stage import Stage
from tests.chaos.typing import people_type


def test_each_confirmed_post_is_stored_exactly_once(tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", public=True, world=True) as stage:
        typed = people_type(stage, people=6, posts=6, seed=20261125)
    assert (typed.wanted, typed.lost, typed.doubled) == (36, 0, 0)
    assert (typed.drafts, typed.undone) == (0, 0)
    assert typed.kills >= 2
