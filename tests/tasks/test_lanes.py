"""The lanes of calls to X: a channel that is slow holds up only itself, and nothing of it is forgotten."""

from typing import Any, cast

import peewee as pw
import pytest

from engine.x.client import XSession
from models import database
from models.settings import Settings
from tasks.lanes import Lanes
from tasks.media import Pace
from tasks.queues import Job


class Bell:
    """Stands where a job does, and remembers what it was rung for."""

    name = "say"

    def __init__(self) -> None:
        self.rung: list[int] = []
        self.under_way: list[Any] = []

    def ring_once(self, within_s: float, item: int) -> None:
        self.rung.append(item)


def entering(lanes: Lanes, channel: int, item: int, bell: Bell) -> tuple[Any, bool]:
    lane = lanes.of(channel, cast("Job[[int]]", bell), item)
    bell.under_way.append(lane)
    return lane, lane.__enter__()


def test_a_slow_channel_has_half_and_others_always_find_a_place() -> None:
    lanes, bell = Lanes(80), Bell()
    slow = [entered for n in range(300) for _, entered in [entering(lanes, 1, n, bell)]]
    assert sum(slow) == 40
    assert lanes.full() == {1}
    second = [entered for n in range(300) for _, entered in [entering(lanes, 2, n, bell)]]
    assert sum(second) == 20
    assert all(entering(lanes, channel, 0, bell)[1] for channel in range(3, 40))


def test_what_waits_is_rung_for_when_one_of_its_channel_ends() -> None:
    lanes, bell = Lanes(2), Bell()
    first, entered = entering(lanes, 1, 10, bell)
    assert entered
    for item in (11, 12, 11):
        assert not entering(lanes, 1, item, bell)[1]
    first.__exit__(None, None, None)
    assert bell.rung == [11]
    again, entered = entering(lanes, 1, 11, bell)
    assert entered
    again.__exit__(None, None, None)
    assert bell.rung == [11, 12]
    assert lanes.full() == set()


def test_a_call_that_breaks_gives_its_place_back() -> None:
    lanes, bell = Lanes(2), Bell()
    with pytest.raises(ValueError, match="broken"), lanes.of(1, cast("Job[[int]]", bell), 1):
        raise ValueError("broken")
    assert entering(lanes, 1, 2, bell)[1]


def test_a_channel_whose_bell_was_lost_is_looked_for_again() -> None:
    lanes, bell = Lanes(2), Bell()
    first, _ = entering(lanes, 1, 1, bell)
    for item in (2, 3):
        entering(lanes, 1, item, bell)
    assert lanes.full() == {1}
    first.__exit__(None, None, None)  # rings for 2, and that is lost with Redis; 3 still waits
    assert lanes.full() == set()


def test_no_connection_to_the_database_is_held_over_a_call_to_x(db: Settings) -> None:
    held: list[bool] = []

    class Watched(XSession):
        def get_adapter(self, url: str) -> Any:
            held.append(not database.db.is_closed())
            raise OSError("no X here")

    session = Watched("http://127.0.0.1:1", before_call=database.rest)
    database.db.execute_sql("SELECT 1")
    assert not database.db.is_closed()
    with pytest.raises(OSError, match="no X here"):
        session.get("https://api.x.com/2/users/me")
    assert held == [False]
    with database.transaction(), pytest.raises(pw.OperationalError):
        session.get("https://api.x.com/2/users/me")


def test_pieces_of_files_go_one_after_the_other_at_their_pace_and_at_once_after_a_pause() -> None:
    pace = Pace(per_second=4)
    assert [pace.turn(100.0), pace.turn(100.0), pace.turn(100.125)] == [0.0, 0.25, 0.375]
    assert pace.turn(102.0) == 0.0
