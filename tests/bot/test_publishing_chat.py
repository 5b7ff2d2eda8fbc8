"""What the channel says, in the chat, sentence by sentence and in both languages: by hand, threads, photos, writing,
hashtags, history, and what can still be done when X took it or refused it."""

import re

import pytest

from engine.media import MAX_ALT
from models.accounts import days
from models.accounts.channels import Channel, OffReason
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import hears, posts, refuses
from tests.bot.pictures import VIDEO, animation, photo

# --- what is typed wrongly -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/post " + "Muy largo. " * 370, "como mucho 10 tuits", "A thread has at most 10 posts"),
        ("/post " + "x" * 300, "X acepta 280", "is 300 long without a space, and X takes 280"),
        ("/post [photo 99]", r"no tiene \[photo 99\]", r"has no \[photo 99\]"),
        ("/form quizá", "Por ejemplo: /form copia", "Say repost or copy. For example: /form copy"),
        ("/calm quizá", "Di sí o no. Por ejemplo: /calm sí", "Say on or off. For example: /calm on"),
        ("/credit hola", r"\{text\} debe estar una vez", r"\{text\} must be in it once"),
        ("/credit {nombre}: {text}", r"No conozco \{nombre\}", r"I don't know \{nombre\}"),
        ("/hashtags add a-b", "no es un hashtag", "is no hashtag.*For example: /hashtags add"),
        ("/hashtags add #metro, mucho", "No entiendo “mucho”", "I don't understand “mucho”"),
        ("/hashtags remove #nunca", "nunca", "nunca"),
    ],
)
async def test_bad_input_gets_a_sentence_and_a_right_example(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(typed)
    ana.reads(spanish, english)


@pytest.mark.parametrize(
    ("command", "spanish", "english"),
    [
        ("/post", "¿Qué va a decir @T.*/cancel", "What shall @T.* say\\?.*/cancel"),
        ("/writing", "Redacción de @T.*tal cual.*Crédito: vía", "Writing of @T.*natively.*Credit: via"),
        ("/form", "tal cual", "reposted natively"),
        ("/calm", "Redacción de @T", "Writing of @T"),
        ("/names", "Redacción de @T", "Writing of @T"),
        ("/credit", r"Crédito de @T.*\{text\} \(vía \{name\}\)", r"Credit of @T.*\{text\} \(via \{name\}\)"),
        ("/preview", "Vista previa.*de 280", "Preview.*of 280"),
        ("/hashtags", "Hashtags de @T.*/hashtags añadir", "Hashtags of @T.*/hashtags add"),
        ("/history", "Historia de @T.*Todavía nada", "History of @T.*Nothing yet"),
    ],
)
async def test_each_panel_says_what_it_is(ana: Conversation, command: str, spanish: str, english: str) -> None:
    await ana.types(command)
    ana.reads(spanish, english)


# --- by hand ---------------------------------------------------------------------------------------------------


async def test_what_is_written_is_posted_scheduled_or_discarded(ana: Conversation) -> None:
    await ana.types("Vía despejada en la calle 8 <ya>")
    ana.reads("diga esto.*calle 8 <ya>.*32 de 280 · \\$0.015", "say this.*calle 8 <ya>.*32 of 280 · \\$0.015")
    await ana.taps("Publicar ya", "Post now")
    ana.reads("[Cc]amino a X", "On its way to X")
    posts()
    await ana.is_told("dijo esto.*calle 8 <ya>", "said this.*calle 8 <ya>")
    await ana.taps("Deshacer", "Undo")
    ana.reads("Retirándolo", "Taking it back")
    await ana.types("/post Otra cosa cualquiera")
    await ana.taps("Descartar", "Discard")
    ana.reads("Descartado", "Discarded")
    await ana.types("Para más tarde")
    await ana.taps("Programar…", "Schedule…")
    ana.reads("¿Cuándo\\?", "When\\?")
    await ana.types("pasado mañana 9:00", "the day after tomorrow 9:00")
    ana.reads("dirá, .*Para más tarde", "will say, .*Para más tarde")
    await ana.taps("Cancelar", "Cancel")
    ana.reads("no se programó nada", "nothing was scheduled")


@pytest.mark.both_databases
async def test_the_text_that_was_asked_for_is_offered(ana: Conversation) -> None:
    await ana.types("/post")
    await ana.types("Un texto con enlace https://ejemplo.com")
    ana.reads("diga esto.*⚠️ X cobra", "say this.*⚠️ X charges")


@pytest.mark.parametrize("text", ["hola vecinos, ¿qué tal?", "<b>{0} %s", "a & b &amp; c", "{channel.owner}"])
async def test_whatever_is_written_is_text(ana: Conversation, text: str) -> None:
    await ana.types(text)
    ana.reads(f"diga esto.*{re.escape(text)}", f"say this.*{re.escape(text)}")


async def test_a_button_under_an_older_draft_says_nothing_of_the_newer(ana: Conversation) -> None:
    older = await ana.types("Aviso primero de dos")
    newer = await ana.types("Aviso segundo de dos")
    await ana.taps("Descartar", "Discard", under=newer)
    await ana.taps("Publicar ya", "Post now", under=older)
    if ana.toast:
        ana.is_refused("Ya no tengo", "no longer at hand")
    else:
        ana.reads("[Cc]amino a X", "On its way to X")


async def test_an_edit_before_it_is_confirmed_edits_the_draft(ana: Conversation) -> None:
    await ana.types("Choqe en la A1")
    await ana.edits(ana.last_written(), "Choque en la A1")
    ana.reads("diga esto.*Choque en la A1", "say this.*Choque en la A1")


async def test_nothing_is_posted_while_the_channel_is_off(ana: Conversation) -> None:
    await ana.types("/off")
    await ana.types("/post Hola")
    await ana.taps("Publicar ya", "Post now")
    ana.is_refused("está apagado.*/on", "is off, so nothing can be posted.*/on")


@pytest.mark.parametrize(
    ("reason", "spanish", "english"),
    [
        (OffReason.ALL_PAUSED, "lo ha pausado todo.*por sí solo", "has paused everything.*by itself"),
        (OffReason.PAUSED, "ha pausado @TraficoValle", "has paused @TraficoValle"),
        (
            OffReason.PUT_OUT,
            "Quien tiene @TraficoValle ya no tiene acceso",
            "owner of @TraficoValle no longer has access",
        ),
        (OffReason.TOKEN, "perdió su acceso a X.*/connect", "has lost its access to X.*/connect"),
    ],
)
async def test_nobody_is_sent_to_turn_on_what_they_did_not_turn_off(
    ana: Conversation, reason: OffReason, spanish: str, english: str
) -> None:
    await ana.types("/review todo", "/review everything")
    hears("choque en la rada")
    held = await ana.is_told("publicar este.*rada", "publish this.*rada")
    await ana.types("/post Hola")
    Channel.update(is_on=False, off_reason=reason).execute()
    await ana.taps("Publicar ya", "Post now")
    ana.is_refused(spanish, english)
    await ana.taps("✅ Publicar$", "✅ Publish$", under=held)
    ana.is_refused(spanish, english)


# --- threads and photos ----------------------------------------------------------------------------------------


async def test_a_long_text_becomes_a_thread_and_a_written_one_is_read(ana: Conversation) -> None:
    sentence = "El agua vuelve al barrio por la tarde, dice la empresa, y pide paciencia. "
    await ana.types("/post Largo: " + sentence * 6)
    ana.reads("1/2.*2/2.*Un hilo: \\$0.030", "1/2.*2/2.*A thread: \\$0.030 in all")
    await ana.types("/post Uno del hilo\n---\nDos del hilo")
    ana.reads("1/2.*Uno.*2/2.*Dos")
    await ana.taps("Publicar ya", "Post now")
    while posts():
        continue
    await ana.is_told("dijo este hilo de 2 tuits", "said this thread of 2 posts")


async def test_a_photo_with_its_text_is_described(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "La plaza hoy")
    ana.reads("La plaza hoy.*🖼 .*12 de 280 · \\$0.015", "La plaza hoy.*🖼 not described yet.*12 of 280 · \\$0.015")
    await ana.taps("Describir", "Describe")
    ana.reads("¿Qué se ve en la número 1 de 1\\?", "What is to be seen in number 1 of 1\\?")
    await ana.types("x" * (MAX_ALT + 1))
    ana.reads(f"como mucho {MAX_ALT} caracteres", f"at most {MAX_ALT} characters")
    await ana.types("Una plaza vacía & <azul>")
    ana.reads("🖼 Una plaza vacía & <azul>.*\\$0.020")  # a description costs, too
    ana.sees("Publicar ya", "Post now")


async def test_an_album_is_one_post_and_an_edit_of_its_caption_edits_the_draft(ana: Conversation) -> None:
    first = ana.attaches("1.png", photo("red"), "Cuatro fotso", album="a")
    for n, color in enumerate(("green", "yellow", "black"), 2):
        ana.attaches(f"{n}.png", photo(color), album="a")
    await ana.goes_on()
    ana.reads("Cuatro fotso.*🖼.*🖼.*🖼.*🖼")
    assert len(ana.answers) == 1, "one preview for one album"
    await ana.edits(first, "Cuatro fotos")
    ana.reads("Cuatro fotos\n*.*🖼.*🖼.*🖼.*🖼")
    await ana.taps("🖼 Foto", "🖼 Photo")
    ana.reads("Mándame la foto", "Send me the photo")
    await ana.sends("5.png", photo("white"))
    ana.reads("como mucho cuatro fotos", "at most four photos")


async def test_photos_and_a_video_do_not_go_together(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "La plaza hoy")
    await ana.taps("🖼 Foto", "🖼 Photo")
    await ana.sends("choque.mp4", VIDEO)
    ana.reads("hasta cuatro fotos", "up to four photos in a post, or one GIF, or one video")


async def test_each_kind_in_a_post_of_a_thread(ana: Conversation) -> None:
    await ana.sends("1.png", photo("red"), "Las fotos")
    await ana.taps("Otro tuit", "Another post")
    ana.reads("siguiente tuit del hilo", "next post of the thread")
    await ana.sends("choque.mp4", VIDEO, "El video")
    ana.reads("2/2.*El video.*🎬")
    await ana.taps("Otro tuit", "Another post")
    await ana.sends("lluvia.gif", animation(), "El GIF")
    ana.reads("3/3.*El GIF.*🎞")
    await ana.taps("Otro tuit", "Another post")
    await ana.types("Y el final")
    ana.reads("4/4.*Y el final.*hilo: .0.060", "4/4.*Y el final.*thread: .0.060")


async def test_a_file_that_x_does_not_take_is_refused_at_once(ana: Conversation) -> None:
    await ana.sends("lento.mp4", VIDEO, "x", seconds=200)
    ana.reads("hasta 140 segundos", "up to 140 seconds")
    await ana.sends("nota.txt", "hola", "x")
    ana.reads("/import")


async def test_an_access_of_an_older_sign_in_is_told_before(ana: Conversation) -> None:
    Channel.update(scopes="tweet.read tweet.write users.read offline.access").execute()
    await ana.sends("vieja.png", photo("gray"), "Con acceso viejo")
    ana.reads("una vez más: /connect", "once more: /connect")


# --- what became of it -----------------------------------------------------------------------------------------


async def test_what_x_refuses_is_told_with_a_way_to_go_on(ana: Conversation) -> None:
    await ana.types("/post Texto que <X> no quiere")
    await ana.taps("Publicar ya", "Post now")
    refuses()
    await ana.is_told("no pudo publicar esto: X no lo quiso.*Texto que <X>", "could not post this: X refused it.*<X>")
    await ana.types("/history")
    ana.reads("Texto que <X> no quiere — X no lo quiso", "Texto que <X> no quiere — X refused it")
    await ana.taps("Intentar otra vez", "Try again")
    ana.reads("Va otra vez en camino", "On its way again")


async def test_a_broken_thread_is_told_with_what_stands_and_taken_back(ana: Conversation) -> None:
    await ana.types("/post Roto uno\n---\nRoto dos {0}\n---\nRoto tres")
    await ana.taps("Publicar ya", "Post now")
    posts()
    refuses()
    told = await ana.is_told("1 de 3 tuits del hilo.*Roto dos", "1 of 3 posts of the thread.*Roto dos {0}")
    assert any(re.search(ana.t("Seguir", "Go on"), label) for label in told.labels)
    await ana.taps("Retirarlo", "Take it back")
    await ana.types("/history")
    ana.reads("🧵 Roto dos .* — X no lo quiso", "🧵 Roto dos .* — X refused it")


async def test_the_history_links_to_what_went_out_and_is_paged(ana: Conversation) -> None:
    for n in range(9):
        await ana.types(f"/post Texto {n} de la historia")
        await ana.taps("Publicar ya", "Post now")
        posts()
    seen = await ana.types("/history")
    assert re.search(r'TraficoValle/status/\d+">↗</a> Texto 8 de la historia', seen.html)
    await ana.taps("▶")
    ana.reads("Texto 0 de la historia")
    await ana.taps("◀")
    ana.reads("Texto 8 de la historia")


async def test_the_history_ends_with_what_is_no_longer_listed(ana: Conversation) -> None:
    days.add({(Channel.get().id, days.day_of(now())): {"heard": 1234, "said": 56}})
    await ana.types("/history")
    ana.reads(
        "y antes, desde el .*: 1234 mensajes oídos, 56 publicados",
        "and before, since .*: 1234 messages heard, 56 posted",
    )


# --- writing ---------------------------------------------------------------------------------------------------


async def test_the_post_is_previewed_as_it_will_be_written(ana: Conversation) -> None:
    await ana.types("/replacements add av. => avenida, tranca => congestión")
    await ana.types("/emphasis add heridos")
    await ana.types("/calm on")
    ana.sees("✅ .*mayúsculas", "✅ Calm capitals")
    await ana.types("/credit {text} (vía {name})")
    ana.reads(r"Crédito de .*\{text\} \(vía \{name\}\)", r"Credit of .*\{text\} \(vía")
    await ana.types("/form copy")
    ana.reads("tuit propio", "post of the channel's own")
    await ana.types("/preview CHOQUE EN LA AV. SUR Y TRANCA EN LA C2, DOS HERIDOS https://EJEMPLO.com/AV")
    ana.reads(
        "Vista previa.*Choque en la avenida sur y congestión en la C2, dos HERIDOS https://EJEMPLO.com/AV.*0.200",
        "Preview.*Choque en la avenida sur y congestión en la C2, dos HERIDOS https://EJEMPLO.com/AV.*0.200",
    )


async def test_writing_is_chosen_by_tapping(ana: Conversation) -> None:
    await ana.types("/writing")
    await ana.taps("Menciones: copia", "Mentions: copy")
    ana.reads("tuit propio", "post of the channel's own")
    await ana.taps("Menciones: repost", "Mentions: repost")
    ana.reads("tal cual", "natively")
    await ana.taps("Crédito", "Credit")
    await ana.taps(" / ")
    await ana.types("/credit vía @{handle}: {text}")
    ana.reads("X restringe las menciones", "X restricts mentions")
    await ana.types("/credit")
    await ana.taps("Otra", "Another")
    await ana.types("{text} — {name}")
    ana.reads(r"\{text\} — \{name\}")
    await ana.types("/credit ninguno", "/credit none")
    ana.reads("Crédito de", "Credit of")
    await ana.types("/names on")
    ana.reads("DM.*crédito", "DMs become a post with the credit")


async def test_a_copy_is_told_as_one(ana: Conversation) -> None:
    await ana.types("/form copy")
    hears("choque en el malecón", "maria_rdz")
    posts()
    await ana.is_told("publicó una copia.*choque en el malecón", "posted a copy.*choque en el malecón")


# --- hashtags --------------------------------------------------------------------------------------------------


async def test_hashtags_are_added_paused_removed_and_put_back(ana: Conversation) -> None:
    await ana.types("/hashtags add #metro, 2 en total, 1 al día", "/hashtags add #metro, 2 in all, 1 a day")
    ana.reads("0 de 2, quedan 2.*hoy 0 de 1", "0 of 2, 2 left.*today 0 of 1")
    await ana.taps("#metro")
    ana.reads("Otros límites", "Other limits")
    await ana.taps("Pausar", "Pause")
    ana.sees("Seguir", "Go on")
    await ana.taps("Quitar", "Remove")
    ana.reads("Quitado: #metro", "Removed: #metro")
    await ana.taps("Deshacer", "Undo")
    ana.reads("0 de 2, quedan 2", "0 of 2, 2 left")
    await ana.types("/hashtags remove #metro")
    ana.reads("Quitado: #metro", "Removed: #metro")


async def test_a_hashtag_is_asked_for(ana: Conversation) -> None:
    await ana.types("/hashtags")
    await ana.taps("Añadir", "Add")
    ana.reads("hashtag")
    await ana.types("#lluvia")
    ana.reads("#lluvia · 0 usos", "#lluvia · 0 uses")
