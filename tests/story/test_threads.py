"""Photos, videos and threads, by chat only: whole on X and once, or told with a way to go on."""

import random
import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from sandbox.stage import ANA, BEN, Stage
from tests.story.test_moderation import Owner, who_plays
from tests.story.test_planned import next_minute

VIDEO = b"\0\0\0\x18ftypmp42" + random.Random(7).randbytes(5_000_000)


def photo(color: str) -> bytes:
    content = BytesIO()
    Image.new("RGB", (80, 60), color).save(content, "PNG")
    return content.getvalue()


def animation() -> bytes:
    content = BytesIO()
    frames = [Image.new("P", (40, 30), color) for color in (1, 2)]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return content.getvalue()


GIF = animation()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("threads") / "stage") as stage:
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        stage.start("web", "streams", "worker", "voices", "voices.2", "journal")
        stage.connect("TraficoValle", ANA)
        stage.connect("LluviaYa", BEN)
        yield stage


@pytest.fixture
def owner(request: pytest.FixtureRequest, desk: Stage) -> Owner:
    return who_plays(request.node.name, desk)


def on_x(owner: Owner, text: str) -> list[dict[str, Any]]:
    """The posts of the channel that stand, with this in their text, oldest first."""
    return [p for p in reversed(owner.stage.timeline(owner.channel)) if text in p["text"]]


def whole(owner: Owner, *texts: str, within: float = 40) -> list[dict[str, Any]]:
    """Wait until these texts stand on X, each as an answer to the one before."""

    def look() -> list[dict[str, Any]] | None:
        found = [on_x(owner, t) for t in texts]
        return [f[0] for f in found] if all(found) else None

    posts = owner.stage.wait(f"{texts} on X", look, within)
    assert [p["answers"] for p in posts] == [None, *(p["id"] for p in posts[:-1])]
    return posts


def told_to_x(owner: Owner, text: str) -> int:
    """How often X was told this text."""
    user = owner.stage.x()["users"][owner.channel]
    return sum(n for k, n in owner.stage.accepted("post").items() if k.startswith(f"{user}:") and text in k)


def file_at_x(owner: Owner, media: dict[str, Any]) -> bytes:
    with urllib.request.urlopen(f"{owner.stage.url}/sandbox/x/media/{media['id']}", timeout=20) as answer:
        return bytes(answer.read())


def offered(owner: Owner, content: bytes, name: str, caption: str, pattern: str, **more: Any) -> dict[str, Any]:
    sent = owner.stage.send_media(name, content, owner.person, caption, **more)
    return owner.stage.bot_says(pattern, owner.person, after=sent)


def test_a_photo_with_its_text_is_described_and_posted(owner: Owner) -> None:
    blue = photo("blue")
    offer = offered(owner, blue, "plaza.png", "La plaza hoy", "La plaza hoy.*🖼")
    assert re.search(r"12 de 280 · \$0.015|12 of 280 · \$0.015", offer["text"])
    owner.press(offer, "Describir", "Describe")
    owner.says("¿Qué se ve en la número 1 de 1?", "What is to be seen in number 1 of 1?")
    offer = owner.tell("Una plaza vacía & <azul>", "🖼 Una plaza vacía & <azul>", "🖼 Una plaza vacía & <azul>")
    owner.press(offer, "Publicar ya", "Post now")
    (post,) = whole(owner, "La plaza hoy")
    assert [m["alt"] for m in post["media"]] == ["Una plaza vacía & <azul>"]
    assert file_at_x(owner, post["media"][0]) == blue
    told = owner.says("dijo esto.*🖼 La plaza hoy", "said this.*🖼 La plaza hoy")
    owner.press(told, "Deshacer", "Undo")
    owner.stage.wait("gone", lambda: not on_x(owner, "La plaza hoy"))


def test_an_album_is_one_post_and_an_edit_of_its_caption_edits_the_draft(owner: Owner) -> None:
    album = f"album{owner.person}"
    first = owner.stage.send_media("1.png", photo("red"), owner.person, "Cuatro fotso", album=album)
    for n, color in enumerate(("green", "yellow", "black"), 2):
        owner.stage.send_media(f"{n}.png", photo(color), owner.person, album=album)
    owner.says("Cuatro fotso.*🖼.*🖼.*🖼.*🖼", "Cuatro fotso.*🖼.*🖼.*🖼.*🖼", after=first)
    owner.stage.do("/sandbox/telegram/edit", person=owner.person, message_id=first, text="Cuatro fotos")
    offer = owner.says("Cuatro fotos\n*.*🖼.*🖼.*🖼.*🖼", "Cuatro fotos\n*.*🖼.*🖼.*🖼.*🖼", after=first)
    shown = [m for m in owner.stage.chat(owner.person) if m["message_id"] > first and m["from"]["is_bot"]]
    assert len(shown) == 1, "one preview for one album"
    owner.press(offer, "🖼 Foto", "🖼 Photo")
    owner.says("Mándame la foto", "Send me the photo")
    owner.stage.send_media("5.png", photo("white"), owner.person)
    owner.says("como mucho cuatro fotos", "at most four photos")
    owner.tell("/cancel", "Cancelado", "Cancelled")
    offer = owner.tell("/post Sin fotos", "Sin fotos", "Sin fotos")
    owner.press(offer, "Descartar", "Discard")


def test_four_photos_a_gif_and_a_video_each_in_a_post_of_a_thread(owner: Owner) -> None:
    colors = ("red", "green", "blue", "black")
    album = f"thread{owner.person}"
    sent = 0
    for n, color in enumerate(colors):
        sent = owner.stage.send_media(f"{n}.png", photo(color), owner.person, "" if n else "Las fotos", album=album)
    offer = owner.says("Las fotos.*🖼.*🖼.*🖼.*🖼", "Las fotos.*🖼.*🖼.*🖼.*🖼", after=sent - 4)
    owner.press(offer, "Otro tuit", "Another post")
    owner.says("siguiente tuit del hilo", "next post of the thread")
    offer = offered(owner, VIDEO, "choque.mp4", "El video", "2/2.*El video.*🎬")
    owner.press(offer, "Otro tuit", "Another post")
    owner.says("siguiente tuit del hilo", "next post of the thread")
    offer = offered(owner, GIF, "lluvia.gif", "El GIF", "3/3.*El GIF.*🎞")
    owner.press(offer, "Otro tuit", "Another post")
    owner.says("siguiente tuit del hilo", "next post of the thread", after=offer["message_id"])
    offer = owner.tell("Y el final", "4/4.*Y el final.*hilo: .0.060", "4/4.*Y el final.*thread: .0.060")
    owner.press(offer, "Publicar ya", "Post now")
    posts = whole(owner, "Las fotos", "El video", "El GIF", "Y el final")
    assert [posts[2]["media"][0]["mime"], file_at_x(owner, posts[2]["media"][0])] == ["image/gif", GIF]
    assert [file_at_x(owner, m) for m in posts[0]["media"]] == [photo(c) for c in colors]
    assert file_at_x(owner, posts[1]["media"][0]) == VIDEO
    told = owner.says("dijo este hilo de 4 tuits", "said this thread of 4 posts")
    owner.press(told, "Deshacer", "Undo")
    owner.stage.wait(
        "all gone", lambda: not any(on_x(owner, t) for t in ("Las fotos", "El video", "El GIF", "Y el final")), 30
    )
    owner.says("Deshecho", "Undone")


def test_a_long_text_becomes_a_thread_and_a_written_one_is_read(owner: Owner) -> None:
    sentence = "El agua vuelve al barrio por la tarde, dice la empresa, y pide paciencia. "
    offer = owner.tell("/post Largo: " + sentence * 6, "1/2.*2/2.*Un hilo", "1/2.*2/2.*A thread")
    owner.press(offer, "Descartar", "Discard")
    offer = owner.tell("/post Uno del hilo\n---\nDos del hilo", "1/2.*Uno.*2/2.*Dos", "1/2.*Uno.*2/2.*Dos")
    owner.press(offer, "Publicar ya", "Post now")
    whole(owner, "Uno del hilo", "Dos del hilo")


def test_much_text_still_fits_into_one_message(owner: Owner) -> None:
    sentence = "El agua vuelve al barrio por la tarde, dice la empresa, y pide paciencia & calma. "
    turns = "\n===\n".join(f"Turno {n}. " + sentence * 30 for n in range(1, 6))
    sure = owner.tell(
        f"/schedule {owner.t('cada día', 'every day')} 7:15 {turns[:3900]}", "10/10|9/9.*Próximas", "10/10|9/9.*Next"
    )
    owner.press(sure, "Cancelar", "Cancel")
    owner.tell("/post " + "Muy largo. " * 370, "como mucho 10 tuits", "at most 10 posts")


def test_a_scheduled_thread_with_a_photo_goes_out_at_its_instant(desk: Stage) -> None:
    owners, instants = [Owner(desk, ANA, BEN, "TraficoValle", True), Owner(desk, BEN, ANA, "LluviaYa", False)], []
    for owner in owners:
        owner.tell("/schedule", "Mándame el texto, o una foto", "Send me the text, or a photo")
        offered(owner, photo("red"), "punto.png", "Foto {time}", "¿Cuándo?|When?")
        at = next_minute()
        instants.append(at)
        word = owner.t("hoy", "today") if at.date() == datetime.now(UTC).date() else owner.t("mañana", "tomorrow")
        sure = owner.tell(f"{word} {at:%H:%M}", f"Foto {at:%H:%M}.*🖼", f"Foto {at:%H:%M}.*🖼")
        owner.press(sure, "Otro tuit", "Another post")
        owner.says("siguiente tuit", "next post")
        sure = owner.tell("Detrás {n}", "2/2.*Detrás 1", "2/2.*Detrás 1")
        owner.press(sure, "Programar", "Schedule it")
        owner.says("✅ Programado|⏳", "✅ Scheduled|⏳")
    for owner, at in zip(owners, instants, strict=True):
        posts = whole(owner, f"Foto {at:%H:%M}", "Detrás 1", within=180)
        assert 0 <= posts[0]["at"] - at.timestamp() < 5
        assert len(posts[0]["media"]) == 1
        owner.says("dijo este hilo de 2 tuits", "said this thread of 2 posts")


def test_a_refused_post_breaks_the_thread_which_is_told_and_goes_on(owner: Owner) -> None:
    offer = owner.tell("/post Roto uno\n---\nRoto dos {0}\n---\nRoto tres", "3/3", "3/3")
    owner.stage.do("/sandbox/x/act", act="refuse_text", text="Roto dos")
    owner.press(offer, "Publicar ya", "Post now")
    told = owner.says("1 de 3 tuits del hilo.*Roto dos", "1 of 3 posts of the thread.*Roto dos")
    owner.stage.do("/sandbox/x/act", act="refuse_text", text="")
    owner.press(told, "Seguir", "Go on")
    whole(owner, "Roto uno", "Roto dos", "Roto tres")
    owner.says("dijo este hilo de 3 tuits", "said this thread of 3 posts")
    owner.says("Roto dos|Después siguió|Va otra vez", "Roto dos|It went on|On its way")
    assert [told_to_x(owner, t) for t in ("Roto uno", "Roto dos", "Roto tres")] == [1, 1, 1]


def test_a_broken_thread_is_taken_back_by_a_button(owner: Owner) -> None:
    offer = owner.tell("/post Atrás uno\n---\nAtrás dos", "2/2", "2/2")
    owner.stage.do("/sandbox/x/act", act="refuse_text", text="Atrás dos")
    owner.press(offer, "Publicar ya", "Post now")
    told = owner.says("1 de 2 tuits del hilo.*Atrás dos", "1 of 2 posts of the thread.*Atrás dos")
    owner.stage.do("/sandbox/x/act", act="refuse_text", text="")
    owner.press(told, "Retirarlo", "Take it back")
    owner.stage.wait("gone", lambda: not on_x(owner, "Atrás"))
    owner.says("Retirado", "Taken back")


def test_lost_answers_and_killed_workers_in_a_thread_end_with_the_whole_on_x_once(owner: Owner) -> None:
    texts = [f"Perdido {n}" for n in range(1, 6)]
    offer = owner.tell("/post " + "\n---\n".join(texts), "5/5", "5/5")
    owner.stage.faults(drop_after_accept=0.5)
    owner.press(offer, "Publicar ya", "Post now")
    owner.stage.wait("it began", lambda: told_to_x(owner, "Perdido"))
    for name in ("voices", "worker"):
        owner.stage.kill(name)
        owner.stage.start(name)
    owner.stage.wait("the second half", lambda: told_to_x(owner, "Perdido") >= 3, 60)
    owner.stage.faults(drop_after_accept=0)
    whole(owner, *texts, within=90)
    owner.says("dijo este hilo de 5 tuits", "said this thread of 5 posts", within=60)
    assert [told_to_x(owner, t) for t in texts] == [1] * 5


def test_an_upload_that_breaks_off_is_begun_anew_also_by_another_worker(owner: Owner) -> None:
    name = f"Subida {owner.person}"
    offer = offered(owner, VIDEO, "largo.mp4", name, f"{name}.*🎬")
    owner.stage.faults(upload_breaks={"rate": 1, "times": 2})
    owner.press(offer, "Publicar ya", "Post now")
    owner.stage.wait(
        "it broke off", lambda: not (owner.stage.get("/sandbox/state")["faults"]["upload_breaks"]["left"]), 30
    )
    owner.stage.kill("voices")
    owner.stage.start("voices")
    (post,) = whole(owner, name, within=120)
    assert file_at_x(owner, post["media"][0]) == VIDEO
    assert told_to_x(owner, name) == 1


def test_a_lost_answer_to_a_post_with_a_photo_is_known_by_what_it_shows(owner: Owner) -> None:
    offer = offered(owner, photo("orange"), "sola.png", "", "🖼.*\\$0.015")
    owner.stage.faults(drop_post={"rate": 1, "times": 1})
    owner.press(offer, "Publicar ya", "Post now")
    owner.says("dijo esto.*🖼$", "said this.*🖼$", within=60)
    user = owner.stage.x()["users"][owner.channel]
    assert owner.stage.accepted("post")[f"{user}:[tweet_image]"] == 1


def test_what_x_can_t_use_is_told_with_a_button_and_comes_whole_the_second_time(owner: Owner) -> None:
    offer = offered(owner, photo("pink"), "mala.png", "Foto mala", "Foto mala.*🖼")
    owner.stage.faults(media_fails={"rate": 1, "times": 1})
    owner.press(offer, "Publicar ya", "Post now")
    told = owner.says("no pudo publicar esto: X no puede usar lo que muestra.*Foto mala",
                      "could not post this: X can't use what it shows.*Foto mala")  # fmt: skip
    assert not on_x(owner, "Foto mala")
    owner.press(told, "Intentar otra vez", "Try again")
    whole(owner, "Foto mala")


def test_an_access_of_an_older_sign_in_is_told_before_and_after_and_mended_by_connecting(owner: Owner) -> None:
    owner.stage.do("/sandbox/x/act", act="narrow", handle=owner.channel)
    owner.stage.do("/sandbox/x/act", act="expire_tokens")
    owner.press(owner.tell("/post Renueva el acceso", "diga esto", "say this"), "Publicar ya", "Post now")
    owner.posted("Renueva el acceso")
    offer = offered(owner, photo("gray"), "vieja.png", "Con acceso viejo", "una vez más: /conectar|once more: /connect")
    owner.press(offer, "Publicar ya", "Post now")
    told = owner.says("el acceso no alcanza para fotos", "the access does not reach photos")
    owner.stage.connect(owner.channel, owner.person)
    owner.press(told, "Intentar otra vez", "Try again")
    whole(owner, "Con acceso viejo")


def test_a_file_that_x_does_not_take_is_refused_at_once(owner: Owner) -> None:
    bad = offered(owner, b"\x89PNG\r\n\x1a\nno picture", "rota.png", "x", "No puedo usar|I can't use")
    assert "MP4" in bad["text"]
    offered(owner, VIDEO, "lento.mp4", "x", "hasta 140 segundos|up to 140 seconds", seconds=200)


def test_schedules_go_out_in_a_file_and_come_back_the_same(owner: Owner) -> None:
    for line in (
        f'{owner.t("cada lun,mié", "every mon,wed")} 7:15 Archivo {{n}}\n===\nOtro, con "comillas"; y {{time}}',
        f"{owner.t('mañana', 'tomorrow')} 9:41 Archivo de una vez\n---\ncon dos tuits",
    ):
        owner.press(owner.tell("/schedule " + line, "dirá, ", "will say, "), "Programar", "Schedule it")
        owner.says("✅ Programado|⏳", "✅ Scheduled|⏳")
    owner.press(owner.tell("/schedules", "Programación de", "Schedules of"), "Archivo$", "File$")
    panel = owner.says("en un archivo", "as a file")

    def exported() -> bytes:
        before = owner.stage.last_id(owner.person)
        owner.press(panel, "Exportar", "Export")
        return owner.stage.download(owner.says("programacion(es)?$", "schedules?$", after=before))

    content = exported()
    assert content.decode("utf-8-sig").startswith("when,text,start,end,times,grace,state,said\r\n")
    owner.press(panel, "Importar", "Import")
    owner.says("Mándame el archivo CSV", "Send me the CSV file")
    bad = b"when,text\nnunca,hola\n2026-01-01 10:00,tarde\ncada lunes 7:15,\n"
    sent = owner.stage.send_media("mal.csv", bad, owner.person)
    owner.says("3 líneas están mal.*Línea 2: nunca.*Línea 3: .*ya pasó.*Línea 4: .*no hay texto",
               "3 lines are wrong.*Line 2: nunca.*Line 3: .*gone by.*Line 4: .*no text", after=sent)  # fmt: skip
    extra = content + b'cada viernes 18:30,"Nuevo, del archivo"\r\n'
    sent = owner.stage.send_media("bien.csv", extra, owner.person)
    dry = owner.says("1 nuevas, 2 que ya están.*No se guardó|1 nuevas", "1 new, 2 there already", after=sent)
    owner.press(dry, "Añadir", "Add these")
    done = owner.says("Hecho: 1 añadidas, 0 quitadas", "Done: 1 added, 0 removed")
    assert "Nuevo, del archivo" in str(owner.tell("/schedules", "Programación", "Schedules")["reply_markup"])
    owner.press(done, "Deshacer", "Undo")
    owner.says("Quedó como estaba", "It is as it was")
    assert exported() == content
    owner.tell("/import schedules", "Mándame el archivo CSV", "Send me the CSV file")
    sent = owner.stage.send_media("uno.csv", b'when,text\n2030-01-01 10:00,"Solo esta"\n', owner.person)
    dry = owner.says("1 nuevas", "1 new", after=sent)
    owner.press(dry, "Sustituir: se van 2", "Replace: 2 go")
    done = owner.says("1 añadidas, 2 quitadas", "1 added, 2 removed")
    owner.press(done, "Deshacer", "Undo")
    owner.says("Quedó como estaba", "It is as it was", after=done["message_id"] - 1)
    assert exported() == content


def test_nothing_broke(desk: Stage) -> None:
    assert "Traceback" not in desk.log_text()
    assert "handler failed" not in desk.log_text()
