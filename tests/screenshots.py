"""Draws the pictures of the README anew: `python -m tests.screenshots`."""

import tempfile
from pathlib import Path

from sandbox.stage import ROOT, Stage
from tests.browser import browser

IMAGES = ROOT / "docs" / "images"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "stage", public=True) as stage:
        stage.start("web", "streams", "worker", "journal")
        with browser(stage.url, Path(folder) / "profile") as page:
            page.chip("/start")
            page.wait_text("#chat", "Conectar una cuenta")
            page.tap("Conectar una cuenta")
            page.wait_text("#chat", "Abre X")
            page.tap("X ↗")
            page.authorize_in_new_window()
            page.wait_text("#chat", "@TraficoValle está conectado")
            page.chip("/triggers")
            page.wait_text("#chat", "disparadores")
            page.chip("/filters")
            page.wait_text("#chat", "filtros")
            stage.tell("/gap 0", "0 s")
            for line in ("Choque en la autopista", "Buenos días", "PROMO!", "crash on the Norte"):
                page.mention(line)
            page.wait_count("article.own", 2)
            page.wait_text("#chat", "crash on the Norte")
            page.picture(IMAGES / "sandbox.png")
            page.say("/channel")
            page.wait_text("#chat", "Ritmo:")
            page.picture(IMAGES / "panel.png")
            page.say("/triggers")
            page.wait_text("#chat", "Toca una para quitarla")
            page.picture(IMAGES / "triggers.png")
            page.say("/log")
            page.wait_text("#chat", "Bitácora de")
            page.picture(IMAGES / "journal.png")


if __name__ == "__main__":
    main()
