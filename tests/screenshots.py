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
            page.wait_text("#chat", "Toca una para cambiarla")
            page.picture(IMAGES / "triggers.png")
            page.say("/rules")
            page.wait_text("#chat", "Reglas de")
            page.picture(IMAGES / "rules.png")
            stage.tell("/zone caracas", "Caracas")
            stage.tell("/hours lun-vie 6:00-22:00, sáb 8-14", "Horario de")
            stage.press(stage.bot_says("Horario de"), "📅 Menciones")
            page.wait_text("#chat", "Toca una parte")
            page.picture(IMAGES / "week.png")
            stage.tell("/hours off", "Está apagado")
            stage.tell("/review dudas", "Revisión de")
            stage.mention("vecina_nueva", "Choque en la Av. Bolívar con calle 8, dos heridos @TraficoValle")
            page.wait_text("#chat", "Por qué pregunto")
            page.picture(IMAGES / "held.png")
            stage.tell("/review off", "Revisión de")
            page.say("/test choque con promo en la av. Sur")
            page.wait_text("#chat", "No se publicaría")
            page.picture(IMAGES / "test.png")
            page.say("/log")
            page.wait_text("#chat", "Bitácora de")
            page.picture(IMAGES / "journal.png")


if __name__ == "__main__":
    main()
