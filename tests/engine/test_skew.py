"""Of several clocks the one is right that most agree with, ours or not."""

import pytest

from engine import skew
from engine.skew import Told

HOUR = 3600.0


def told(**ahead: float) -> list[Told]:
    """The most trusted first, as they are asked."""
    order = ("database", "machine", "telegram", "x")
    return [Told(whose, ahead[whose], whose in order[:2]) for whose in order if whose in ahead]


@pytest.mark.parametrize(
    ("clocks", "right", "wrong"),
    [
        (told(machine=0), "machine", []),
        (told(machine=0, telegram=1.2, x=-0.9), "machine", []),
        (told(machine=0, telegram=HOUR, x=HOUR + 1), "telegram", ["machine"]),
        (told(machine=0, telegram=-HOUR, x=-HOUR), "telegram", ["machine"]),
        (told(machine=0, telegram=0.4, x=HOUR), "machine", ["x"]),
        (told(machine=0, telegram=HOUR), "telegram", ["machine"]),
        (told(database=0.004, machine=0, telegram=0.4, x=0.1), "database", []),
        (told(database=HOUR, machine=0, telegram=HOUR, x=HOUR), "database", ["machine"]),
        (told(database=HOUR, machine=0, telegram=0.4, x=0.1), "machine", ["database"]),
        (told(database=HOUR, machine=0), "database", ["machine"]),
        (told(database=0, machine=0, telegram=-HOUR, x=-HOUR), "telegram", ["database", "machine"]),
        (told(database=0, machine=0, x=HOUR), "database", ["x"]),
        (told(database=8, machine=0, x=8.4), "database", ["machine"]),
    ],
)
def test_who_most_agree_with_is_gone_by_and_who_differs_is_named(
    clocks: list[Told], right: str, wrong: list[str]
) -> None:
    by = skew.right(clocks)
    assert (by.whose, [one.whose for one in skew.wrong(clocks, by)]) == (right, wrong)
