"""A month's money that is used up, over the real processes: nothing is asked past it, and a tap has it go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.stage import Stage

CENT = 10_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with Stage(tmp_path / "stage") as ready:
        yield ready


def test_what_costs_stops_before_it_is_past_the_budget_and_goes_on_by_a_tap(stage: Stage) -> None:
    def bill() -> int:
        return int(stage.get("/sandbox/x/bill")["cost"])

    def reposts() -> int:
        return len(stage.accepted("repost"))

    def are_reposted(count: int) -> None:
        stage.wait(f"{count} are reposted", lambda: reposts() == count)

    stage.start("web", "streams", "worker", "voices", "journal")
    stage.connect()
    stage.tell("/triggers add choque", "1 disparador")
    stage.tell("/gap 0", "Sin pausa")
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2)
    begun = bill()
    most = begun + 10 * CENT
    stage.tell("/presupuesto 0.10", "Presupuesto de")
    for n in range(4):
        stage.mention("maria_rdz", f"choque {n} en la calle {n * 37} @TraficoValle")
        are_reposted(n + 1)
    stage.mention("maria_rdz", "choque grande junto al mercado @TraficoValle")
    told = stage.bot_says("Parado por falta de dinero.*oír")
    stage.wait("X brings nothing any more", lambda: stage.x()["subscriptions"] == 0)
    assert bill() <= most
    stage.press(told, "Subir a")
    stage.wait("X brings it again", lambda: stage.x()["subscriptions"] == 2)
    before = reposts()
    stage.mention("vecino_del_sur", "choque nuevo en la avenida sur @TraficoValle")
    are_reposted(before + 1)
