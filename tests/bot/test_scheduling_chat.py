"""What is planned, in the chat, sentence by sentence and in both languages: schedules, limits, queue, slots, files."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from models.accounts.channels import Channel
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.scheduling import planning
from models.scheduling.schedules import Schedule
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.pictures import photo

FAR = str(datetime.now(UTC).year + 1)


async def scheduled(ana: Conversation, spanish: str, english: str) -> None:
    """A schedule, confirmed."""
    await ana.types(f"/schedule {spanish}", f"/schedule {english}")
    ana.reads("dirá, ", "will say, ")
    await ana.taps("Programar", "Schedule it")
    ana.reads("✅ Programado", "✅ Scheduled")


# --- what is typed wrongly -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/schedule 2020-01-01 10:00 x", "Ese momento ya pasó", "That moment has gone by. For example"),
        ("/schedule 31/02 10:00 x", "Esa fecha no existe", "There is no such date"),
        ("/schedule 2100-01-01 10:00 x", "queda demasiado lejos", "or it is too far away"),
        ("/schedule mañana 9:00 y 17:00 x", "Un solo día lleva una sola hora", "A single day takes one time"),
        ("/schedule mañana 10:00 " + "x" * 300, "X acepta 280", "X takes 280"),
        ("/schedule cada día 7:15 " + "Uno.\n---\n" * 11 + "Dos", "como mucho 10 tuits", "at most 10 posts"),
        ("/schedule mañana 10:00 [photo 99]", r"no tiene \[photo 99\]", r"has no \[photo 99\]. Send it to me here"),
        ("/queue primero", "todavía no tiene huecos", "has no slots yet.*/slots"),
        ("/queue Buenos días", "todavía no tiene huecos", "The queue of .* has no slots yet"),
        ("/slots lun-vie tal vez", "por ejemplo: /slots", "for example: /slots"),
        ("/slots 25:00", "por ejemplo: /slots", "for example: /slots"),
    ],
)
async def test_bad_input_gets_a_sentence_and_a_right_example(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(typed.replace("cada", ana.t("cada", "every")))
    ana.reads(spanish, english)


@pytest.mark.parametrize(
    ("command", "spanish", "english"),
    [
        ("/schedule", "¿Qué va a decir @T.*{date}.*/cancel", "What shall @T.* say\\?.*{date}.*/cancel"),
        ("/schedules", "Programación de @T.*Todavía", "Schedules of @T.*None yet"),
        ("/queue", "Cola de @T.*Está vacía", "Queue of @T.*It is empty"),
        ("/slots", "Huecos de @T.*/slots no", "Slots of @T.*: none.*/slots off"),
        ("/calendar", "0 tuits en los próximos siete días", "0 posts in the next seven days"),
        ("/import schedules", "Mándame el archivo CSV", "Send me the CSV file with the schedules"),
    ],
)
async def test_each_panel_says_what_it_is(ana: Conversation, command: str, spanish: str, english: str) -> None:
    await ana.types(command)
    ana.reads(spanish, english)


# --- step by step ----------------------------------------------------------------------------------------------


async def test_the_wizard_asks_step_by_step_and_says_back_what_it_understood(ana: Conversation) -> None:
    await ana.types("/schedule")
    await ana.types("Reunión de vecinos en la plaza")
    ana.reads("¿Cuándo\\?", "When\\?")
    await ana.types("cuando sea", "whenever")
    ana.reads("No entiendo cuándo", "I don't understand when")
    await ana.types("el jueves", "on thursday")
    ana.reads("«el jueves»: ¿a qué hora\\?", "“on thursday”: at what time\\?")
    await ana.types("15")
    ana.reads("jueves.*a las 15:00", "Thursday.* at 15:00")
    await ana.taps("Otra hora", "Another time")
    ana.reads("¿Cuándo\\?", "When\\?")
    await ana.types("el último viernes de cada mes 18:00", "the last friday of every month at 6pm")
    ana.reads("el último viernes de cada mes a las 18:00.*Próximas: .*·.*·.*·.*·",
              "the last Friday of every month at 18:00.*Next: .*·.*·.*·.*·")  # fmt: skip
    await ana.taps("Otra hora", "Another time")
    await ana.types("cada 3 horas de 8 a 20", "every 3 hours from 8 to 20")
    ana.reads("todos los días a las 8:00, 11:00, 14:00, 17:00 y 20:00.*X rechaza el mismo texto",
              "every day at 8:00, 11:00, 14:00, 17:00 and 20:00.*X refuses the same text")  # fmt: skip
    await ana.taps("Texto que alterne", "A text to take turns")
    ana.reads("Mándame el texto", "Send me the text")
    await ana.types("Segundo texto {n}")
    ana.reads("Segundo texto 2.*⚠️")
    await ana.taps("Programar", "Schedule it")
    ana.reads("✅ Programado: todos los días", "✅ Scheduled: every day")
    await ana.types("/schedule mañana 8:03 reunión de vecinos EN la plaza",
                    "/schedule tomorrow 8:03 reunión de vecinos EN la plaza")  # fmt: skip
    ana.reads("[Yy]a hay una programación", "A schedule says the same already")
    await ana.taps("Cancelar", "Cancel")
    ana.reads("no se programó nada", "nothing was scheduled")


async def test_a_time_first_asks_for_the_text(ana: Conversation) -> None:
    await ana.types("/schedule el lunes 7:15", "/schedule monday 7:15")
    ana.reads("¿Y el texto\\?", "And the text\\?")
    await ana.types("Buenos días, {weekday} <3")
    ana.reads("dirá, .*Buenos días, .* <3", "will say, .*Buenos días, .* <3")
    await ana.taps("Otro texto", "Another text")
    await ana.types("Buenas noches")
    ana.reads("Buenas noches.*Zona horaria: UTC", "Buenas noches.*Time zone: UTC")


async def test_what_was_typed_in_one_line_is_left_by_another_command(ana: Conversation) -> None:
    await ana.types("/schedule")
    await ana.types("/cancel")
    ana.reads("Cancelado", "Cancelled")


async def test_a_scheduled_thread_with_a_photo_is_shown(ana: Conversation) -> None:
    await ana.types("/schedule")
    ana.reads("Mándame el texto, o una foto", "Send me the text, or a photo")
    await ana.sends("punto.png", photo("red"), "Foto {time}")
    ana.reads("¿Cuándo\\?", "When\\?")
    await ana.types("mañana 9:41", "tomorrow 9:41")
    ana.reads("Foto 09:41.*🖼")
    await ana.taps("Otro tuit", "Another post")
    ana.reads("siguiente tuit", "next post")
    await ana.types("Detrás {n}")
    ana.reads("2/2.*Detrás 1")
    await ana.taps("Programar", "Schedule it")
    ana.reads("✅ Programado", "✅ Scheduled")


async def test_much_text_still_fits_into_one_message(ana: Conversation) -> None:
    sentence = "El agua vuelve al barrio por la tarde, dice la empresa, y pide paciencia & calma. "
    turns = "\n===\n".join(f"Turno {n}. " + sentence * 30 for n in range(1, 6))
    await ana.types(f"/schedule cada día 7:15 {turns[:3900]}", f"/schedule every day 7:15 {turns[:3900]}")
    ana.reads("10/10|9/9.*Próximas", "10/10|9/9.*Next")


# --- the list and one of it ------------------------------------------------------------------------------------


async def test_schedules_are_listed_paused_duplicated_edited_deleted_and_put_back(ana: Conversation) -> None:
    await scheduled(ana, "cada lunes 7:15 Buena semana {n}", "every monday 7:15 Buena semana {n}")
    await ana.types("/schedules")
    await ana.taps("Buena semana")
    card = ana.reads("cada lunes a las 7:15.*Próximas", "every Monday at 7:15.*Next")
    await ana.taps("Pausar", "Pause")
    ana.reads("En pausa", "Paused")
    await ana.taps("Duplicar", "Duplicate")
    ana.reads("Esta es la copia, en pausa", "This is the copy, paused")
    await ana.taps("Borrar", "Delete")
    ana.reads("Borrado: Buena", "Deleted: Buena")
    await ana.taps("Deshacer", "Undo")
    ana.reads("En pausa", "Paused")
    await ana.taps("Seguir", "Go on")
    ana.reads("cada lunes a las 7:15.*Próximas", "every Monday at 7:15.*Next")
    await ana.taps("Editar", "Edit")
    ana.reads("dirá, cada lunes.*Hasta ahora", "will say, every Monday.*Until now: every Monday")
    await ana.taps("Otro texto", "Another text")
    await ana.types("Feliz semana {n}")
    ana.reads("Feliz semana 1")
    await ana.taps("Programar", "Schedule it")
    ana.reads("✅ Programado: cada lunes", "✅ Scheduled: every Monday")
    assert card is not None
    await ana.types("/schedules")
    ana.sees("Feliz semana")
    await ana.taps("Feliz semana")
    await ana.taps("Publicar ya", "Post now")
    ana.reads("En camino a X", "On its way to X")


async def test_a_schedule_that_is_gone_is_refused(ana: Conversation) -> None:
    await scheduled(ana, "cada lunes 7:15 Buena semana", "every monday 7:15 Buena semana")
    await ana.types("/schedules")
    await ana.taps("Buena semana")
    Schedule.delete().execute()
    await ana.taps("Pausar", "Pause")
    ana.is_refused("Ya no conozco esa programación", "I no longer know that schedule")


async def test_nothing_is_posted_now_while_the_channel_is_off(ana: Conversation) -> None:
    await scheduled(ana, "cada lunes 7:15 Buena semana", "every monday 7:15 Buena semana")
    Channel.update(is_on=False).execute()
    await ana.types("/schedules")
    await ana.taps("Buena semana")
    await ana.taps("Publicar ya", "Post now")
    ana.is_refused("está apagado.*/on", "is off, so nothing can be posted.*/on")


async def test_start_end_count_and_lateness_are_tapped_and_typed(ana: Conversation) -> None:
    await scheduled(ana, "cada lunes 7:15 Buena semana {n}", "every monday 7:15 Buena semana {n}")
    await ana.types("/schedules")
    await ana.taps("Buena semana")
    await ana.taps("Inicio, fin, retraso", "Start, end, lateness")
    ana.reads("como mucho 15 minutos tarde", "at most 15 minutes late")
    await ana.taps("^1 h$")
    ana.reads("como mucho 60 minutos tarde", "at most 60 minutes late")
    await ana.taps("Otro", "Other")
    await ana.types("45 min tarde", "45 min late")
    ana.reads("como mucho 45 minutos tarde", "at most 45 minutes late")
    await ana.taps("Otro", "Other")
    await ana.types("8 veces", "8 times")
    ana.reads("7:15, 8 veces", "7:15, 8 times")
    await ana.taps("^10 ×")
    ana.reads("7:15, 10 veces", "7:15, 10 times")
    await ana.taps("Sin fin", "No end")
    ana.reads("lunes a las 7:15\n", "Monday at 7:15\n")
    await ana.taps("Otro", "Other")
    await ana.types(f"hasta el 24 de diciembre de {FAR}", f"until dec 24 {FAR}")
    ana.reads(f"hasta el .*{FAR}", f"until .*{FAR}")
    await ana.taps("Otro", "Other")
    await ana.types("mañana quizá", "maybe never")
    ana.reads("No entiendo eso. Por ejemplo", "I don't understand that. For example: 45 min late")
    await ana.types("3 días tarde", "3 days late")
    ana.reads("un minuto a un día|No entiendo eso", "From a minute to a day|I don't understand that")
    await ana.types("/cancel")
    await ana.taps("« Programación", "« Schedule")
    ana.reads("cada lunes a las 7:15.*Próximas", "every Monday at 7:15.*Next")


async def test_the_next_time_is_left_out_and_comes_back(ana: Conversation) -> None:
    await scheduled(ana, "cada día 7:15 Buenos días {n}", "every day 7:15 Buenos días {n}")
    await ana.types("/schedules")
    shown = await ana.taps("Buenos días")
    assert shown is not None
    first, second = re.findall(r"\w+ \d+ \w+ 07:15", shown.text)[:2]
    await ana.taps("Saltar la próxima", "Skip the next")
    ana.reads(f"se salta. Luego: {second}", f"is left out. Then: {second}")
    await ana.taps("Programación$", "Schedule$")
    assert first not in ana.reads(second).text
    await ana.taps("Deshacer|Saltar", "Undo|Skip")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba", "as it was")


async def test_what_goes_out_once_has_no_end(ana: Conversation) -> None:
    await scheduled(ana, "mañana 7:15 Una vez", "tomorrow 7:15 Una vez")
    await ana.types("/schedules")
    await ana.taps("Una vez")
    await ana.taps("Inicio, fin, retraso", "Start, end, lateness")
    ana.reads("Con «Otro»: 45 min tarde$", "With «Other»: 45 min late$")
    await ana.taps("Otro", "Other")
    await ana.types("8 veces", "8 times")
    ana.reads("Sale una sola vez, así que no tiene fin", "It goes out once, so it has no end")


async def test_the_week_comes_as_a_picture(ana: Conversation) -> None:
    await scheduled(ana, "cada día 7:15 Buenos días {n}", "every day 7:15 Buenos días {n}")
    sent = await ana.types("/calendar")
    ana.reads("🗓 [678] tuits en los próximos siete días", "🗓 [678] posts in the next seven days")
    assert ana.file(sent).startswith(b"\x89PNG")
    await ana.taps("Programación", "Schedules")
    ana.reads("Programación de", "Schedules of")
    await ana.taps("Semana", "Week")
    ana.reads("próximos siete días", "next seven days")


# --- the queue -------------------------------------------------------------------------------------------------


async def test_the_queue_takes_the_next_free_slot_and_is_reordered(ana: Conversation) -> None:
    await ana.types("/slots diario 8:00 18:00", "/slots daily 8:00 18:00")
    ana.reads("lun-dom 8:00 18:00", "mon-sun 8:00 18:00")
    for text in ("primero", "segundo"):
        await ana.types(f"/queue {text} de la cola")
        ana.reads("🧺 En la cola para el", "🧺 In the queue for")
    await ana.types("tercero de la cola")
    await ana.taps("🧺 Cola", "🧺 Queue")
    ana.reads("🧺 En la cola", "🧺 In the queue")
    await ana.types("/queue")
    ana.reads("1. .*primero.*2. .*segundo.*3. .*tercero")
    await ana.taps("2 ▲")
    ana.reads("1. .*segundo.*2. .*primero.*3. .*tercero")
    await ana.taps("✕")
    ana.reads("Borrado: segundo", "Deleted: segundo")
    await ana.taps("Deshacer", "Undo")
    await ana.types("/queue")
    ana.reads("1. .*segundo.*2. .*primero")
    await ana.taps("Barajar", "Shuffle")
    await ana.types("/queue")
    await ana.taps("Deshacer", "Undo")
    ana.reads("1. .*segundo.*2. .*primero.*3. .*tercero")
    await ana.types("/slots 9:15")
    ana.reads("3 textos de la cola pasaron", "3 texts of the queue moved")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba.*lun-dom 8:00 18:00", "as it was.*mon-sun 8:00 18:00")
    await ana.types("/queue primero de la cola")
    ana.reads("En la cola.*⚠️", "In the queue.*⚠️ A schedule says the same already")


# --- files -----------------------------------------------------------------------------------------------------


async def test_schedules_go_out_in_a_file_and_come_back_the_same(ana: Conversation) -> None:
    await scheduled(ana, "cada lun,mié 7:15 Archivo {n}\n===\nOtro, con \"comillas\"; y {time}",
                    "every mon,wed 7:15 Archivo {n}\n===\nOtro, con \"comillas\"; y {time}")  # fmt: skip
    await scheduled(ana, "mañana 9:41 Archivo de una vez\n---\ncon dos tuits",
                    "tomorrow 9:41 Archivo de una vez\n---\ncon dos tuits")  # fmt: skip
    await ana.types("/schedules")
    await ana.taps("Archivo$", "File$")
    ana.reads("en un archivo", "as a file")
    sent = await ana.taps("Exportar", "Export")
    assert sent is not None
    content = ana.file(sent)
    assert content.decode("utf-8-sig").startswith("when,text,start,end,times,grace,state,said\r\n")
    await ana.taps("Importar", "Import")
    ana.reads("Mándame el archivo CSV", "Send me the CSV file")
    await ana.sends("mal.csv", b"when,text\nnunca,hola\n2020-01-01 10:00,tarde\ncada lunes 7:15,\n")
    ana.reads("3 líneas están mal.*Línea 2: nunca.*Línea 3: .*ya pasó.*Línea 4: .*no hay texto",
              "3 lines are wrong.*Line 2: nunca.*Line 3: .*gone by.*Line 4: .*no text")  # fmt: skip
    await ana.sends("vacía.csv", b"when,text\n")
    ana.reads("ninguna programación", "There is no schedule in that file")
    await ana.sends("bien.csv", content + b'cada viernes 18:30,"Nuevo, del archivo"\r\n')
    ana.reads("1 nuevas, 2 ", "1 new, 2 there already")
    await ana.taps("Añadir", "Add these")
    ana.reads("Hecho: 1 añadidas, 0 quitadas", "Done: 1 added, 0 removed")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba", "as it was")
    assert ana.file(await ana.types("/export schedules")) == content
    await ana.types("/import schedules")
    await ana.sends("uno.csv", f'when,text\n{FAR}-01-02 10:00,"Solo esta"\n')
    ana.reads("1 nuevas", "1 new")
    await ana.taps("Sustituir: se van 2", "Replace: 2 go")
    ana.reads("1 añadidas, 2 quitadas", "1 added, 2 removed")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba", "as it was")
    assert ana.file(await ana.types("/export schedules")) == content


async def test_a_file_that_is_no_longer_at_hand_is_asked_for_again(ana: Conversation) -> None:
    await ana.types("/import schedules")
    dry = await ana.sends("uno.csv", f'when,text\n{FAR}-01-02 10:00,"Solo esta"\n')
    ana.reads("1 nuevas", "1 new")
    await ana.types("/cancel")
    await ana.taps("Añadir", "Add these", under=dry)
    ana.is_refused("/import", "no longer at hand. Begin again: /import")


async def test_another_text_or_time_that_never_comes_leaves_the_draft_as_it_was(ana: Conversation) -> None:
    plan = await ana.sends(
        "a.png", photo("red"), ana.t("/schedule el lunes 7:15 Buen día", "/schedule monday 7:15 Buen día")
    )
    await ana.taps("Otro texto", "Another text")
    await ana.types("/hours")
    await ana.taps("Otra hora", "Another time", under=plan)
    await ana.types("/cancel")
    await ana.taps("Programar", "Schedule it", under=plan)
    ana.reads("✅ Programado: .*7:15|✅ Programado: .*07:15", "✅ Scheduled: .*07:15")
    assert [(p.text, len(p.media)) for t in Schedule.get().threads for p in t] == [("Buen día", 1)]


async def test_another_text_keeps_the_photo_and_another_photo_takes_the_place_of_both(ana: Conversation) -> None:
    await ana.sends("a.png", photo("red"), ana.t("/schedule el lunes 7:15 Buen día", "/schedule monday 7:15 Buen día"))
    await ana.taps("Otro texto", "Another text")
    await ana.types("Buenas noches")
    ana.reads("dirá, .*Buenas noches\n🖼", "will say, .*Buenas noches\n🖼")
    await ana.taps("Otro texto", "Another text")
    await ana.sends("b.png", photo("blue"), "Buenas tardes")
    shown = ana.reads("dirá, .*Buenas tardes\n🖼", "will say, .*Buenas tardes\n🖼")
    assert shown.text.count("🖼") == 1
    assert "noches" not in shown.text


async def test_who_leaves_the_question_when_comes_back_to_it(ana: Conversation) -> None:
    await ana.types("/schedule")
    asked = await ana.types("Reunión de vecinos")
    await ana.types("/start")
    await ana.taps("Decir cuándo", "Say when", under=asked)
    await ana.types("el lunes 7:15", "monday 7:15")
    ana.reads("dirá, .*Reunión de vecinos", "will say, .*Reunión de vecinos")


async def test_what_went_out_while_it_was_edited_is_not_told_as_skipped(ana: Conversation) -> None:
    await scheduled(ana, "cada día 7:15 Buenos días", "every day 7:15 Buenos días")
    item = Schedule.get()
    assert item.next_at is not None
    Schedule.update(next_wall=earlier(item.next_wall, days=1), next_at=item.next_at - timedelta(days=1)).execute()
    await ana.types("/schedules")
    await ana.taps("Buenos días")
    await ana.taps("Editar", "Edit")
    Schedule.update(next_wall=item.next_wall, next_at=item.next_at, used=1).execute()  # it went out meanwhile
    await ana.taps("Otro texto", "Another text")
    await ana.types("Feliz día")
    await ana.taps("Programar", "Schedule it")
    ana.reads("✅ Programado", "✅ Scheduled")
    planning.plan(now())
    edited = Schedule.get()
    assert (edited.next_at, edited.used, "Feliz día" in edited.texts) == (item.next_at, 1, True)
    assert [n.kind for n in Notice.select() if n.kind is NoticeKind.SKIPPED] == []


def earlier(wall: str, *, days: int) -> str:
    return (datetime.fromisoformat(wall) - timedelta(days=days)).isoformat()
