"""Draws the pictures of the README anew: `python -m tests.screenshots`."""

import tempfile
from pathlib import Path

from sandbox.stage import ROOT, Stage
from tests.browser import browser
from tests.story.test_threads import photo

IMAGES = ROOT / "docs" / "images"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder) / "stage", public=True) as stage:
        stage.start("web", "streams", "worker", "voices", "journal")
        with browser(stage.url, Path(folder) / "profile") as page:
            page.chip("/start")
            page.wait_text("#chat", "Conectar una cuenta")
            page.tap("Conectar una cuenta")
            page.wait_text("#chat", "Abre X")
            page.tap("X ↗")
            page.authorize_in_new_window("Ana")
            page.wait_text("#chat", "¿Llevo esta cuenta para ti?")
            page.tap("Sí, conectar @TraficoValle")
            page.wait_text("#chat", "@TraficoValle está conectado")
            page.chip("/disparadores")
            page.wait_text("#chat", "disparadores")
            page.chip("/filtros")
            page.wait_text("#chat", "filtros")
            stage.tell("/intervalo 0", "Sin pausa")
            for line in ("Choque en la autopista", "Buenos días", "PROMO!", "crash on the Norte"):
                page.mention(line)
            page.wait_count("article.own", 2)
            page.wait_text("#chat", "crash on the Norte")
            page.picture(IMAGES / "sandbox.png")
            page.say("/canal")
            page.wait_text("#chat", "Ritmo:")
            page.picture(IMAGES / "panel.png")
            page.say("/disparadores")
            page.wait_text("#chat", "Toca una para cambiarla")
            page.picture(IMAGES / "triggers.png")
            page.say("/reglas")
            page.wait_text("#chat", "Reglas de")
            page.picture(IMAGES / "rules.png")
            stage.tell("/zona caracas", "Caracas")
            stage.tell("/horario lun-vie 6:00-22:00, sáb 8-14", "Horario de")
            stage.press(stage.bot_says("Horario de"), "📅 Menciones")
            page.wait_text("#chat", "Toca una parte")
            page.picture(IMAGES / "week.png")
            stage.tell("/horario apagado", "Está apagado")
            stage.tell("/revision dudas", "Revisión de")
            stage.mention("vecina_nueva", "Choque en la Av. Bolívar con calle 8, dos heridos @TraficoValle")
            page.wait_text("#chat", "Por qué pregunto")
            page.picture(IMAGES / "held.png")
            stage.tell("/revision no", "Revisión de")
            page.say("/probar choque con promo en la av. Sur")
            page.wait_text("#chat", "No se publicaría")
            page.picture(IMAGES / "test.png")
            page.say("/bitacora")
            page.wait_text("#chat", "Bitácora de")
            page.picture(IMAGES / "journal.png")
            album = [photo("#8fb4d9"), photo("#d9a05b")]
            for number, content in enumerate(album):
                stage.send_media(f"{number}.png", content, caption="" if number else "Así está la plaza hoy", album="a")
            stage.press(stage.bot_says("Así está la plaza.*🖼.*🖼"), "Describir")
            stage.bot_says("número 1 de 2")
            stage.tell("La plaza vacía a mediodía", "número 2 de 2")
            stage.press(stage.tell("El quiosco cerrado", "El quiosco cerrado"), "Otro tuit")
            stage.tell("Vuelve a abrir el lunes a las 8", "2/2")
            page.wait_text("#chat", "Un hilo")
            page.picture(IMAGES / "draft.png")
            stage.press(stage.bot_says("2/2"), "Publicar ya")
            page.wait_text("#chat", "dijo este hilo")
            page.picture(IMAGES / "thread.png")
            stage.tell("/programar cada lun,mié 7:15 Buenos días, vecinos. Hoy es {weekday} {date}.", "dirá, ")
            page.wait_text("#chat", "Zona horaria")
            page.picture(IMAGES / "schedule.png")
            stage.press(stage.bot_says("dirá, "), "Programar")
            for line in (
                "jueves 15:00 Reunión de vecinos en la plaza",
                "el último viernes de cada mes 18:00 Cine al aire",
            ):
                stage.press(stage.tell("/programar " + line, "dirá, "), "Programar")
                stage.bot_says("✅ Programado")
            page.say("/calendario")
            page.wait_text("#chat", "próximos siete días")
            page.picture(IMAGES / "calendar.png")


if __name__ == "__main__":
    main()
