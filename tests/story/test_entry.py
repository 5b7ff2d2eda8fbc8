"""The clone of a newcomer: the first start prints a link, its opener is the admin, and lets a neighbour in who asks."""

import re
from pathlib import Path

from sandbox.stage import ANA, BEN, Stage


def test_from_the_first_start_to_admin_to_a_connected_channel_of_who_asked(tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", SIGN_UP="", LIMITS="channels 1") as stage:
        stage.start("web", "worker", "voices")
        stage.tell("/start", "Nobody can come in yet", BEN)
        printed = stage.wait(
            "the link of the first start", lambda: re.search(r"/me/CanalesBot\?start=(admin-\S+)", stage.log_text())
        )
        stage.tell(f"/start {printed[1]}", "Ahora llevas tú este servicio", ANA)
        stage.tell(f"/start {printed[1]}", "somebody runs this service already", BEN)
        stage.press(stage.tell("/start", "lets people in one by one", BEN), "Ask to come in", BEN)
        asked = stage.bot_says("Ben.*pide entrar", ANA)
        stage.press(asked, "Dejar entrar", ANA)
        stage.bot_says("who runs this service has let you in", BEN)
        stage.connect("LluviaYa", BEN)
        stage.tell(
            stage.authorize(stage.tell("/connect", "X", BEN), "TraficoValle"), "You may have 1 channel here", BEN
        )
        assert stage.accepted("post") == {}
