"""The rules in the chat, sentence by sentence and in both languages: words, senders, hours, review, files, trying."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from engine.moderation import MessageKind
from models.moderation.lists import Keyword
from models.streaming.messages import Message
from tests.bot.conversation import Conversation
from tests.bot.on_x import connected, hears, posts

# --- what is typed wrongly -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("/triggers add", r"¿Qué palabra\? Por ejemplo: /triggers añadir choque", r"Which word\? For example"),
        ("/filters add " + "x" * 101, "como mucho 100 caracteres. Por ejemplo: /filters añadir", "at most 100 characters"),
        ("/triggers add https://a.b/c", "no tiene ninguna palabra", "holds no word"),
        ("/triggers add ab*", "al final", "the \\* goes at the end, after at least three letters"),
        ("/triggers nada", "No entiendo nada aquí. Por ejemplo", "I don't know nada here. For example"),
        ("/filters <b>", "No entiendo <b> aquí", "I don't know <b> here"),
        ("/triggers remove nunca", "nunca no está en la lista", "nunca is not in the list"),
        ("/filters add promo for 99999 days", "99999 days no es un número de días", "99999 days is not a number of days from 1"),
        ("/replacements add av.", "=>.*Por ejemplo: /replacements añadir", "what becomes what\\? Put => between them"),
        ("/replacements add av. => " + "x" * 300, "caracteres", "What it becomes has from 1 to"),
        ("/repeats 12", "Por ejemplo: /repeats 85", "is not a percentage.*For example: /repeats 85"),
        ("/repeats todo", "no es un porcentaje", "todo is not a percentage"),
        ("/repeats ³", "no es un porcentaje", "³ is not a percentage"),
        ("/burst muchos", "Por ejemplo: /burst 5 10", "How many messages.*For example: /burst 5 10"),
        ("/burst 0 10", "Por ejemplo: /burst 5 10", "For example: /burst 5 10"),
        ("/block @pepe 99999 days", "no es un plazo", "99999 days is no length of time"),
        ("/block @el-pepe", "no es un nombre de X", "@el-pepe is no name on X"),
        ("/trust a+b", "nombre", "is no name on X.*/trust @maria"),
        ("/unblock @nadie", "@nadie no está", "@nadie is neither blocked nor trusted. Who is: /senders"),
        ("/hours mañana tal vez", "or ejemplo: /hours", "for example: /hours"),
        ("/zone Nunca Jamás", "No conozco la zona horaria", "I know no time zone “Nunca Jamás”"),
        ("/zone York", "Zona horaria: America/New_York", "Time zone: America/New_York"),
        ("/review quizá", "Por ejemplo: /review", "Say off, unsure or all. For example: /review unsure"),
        ("/message primero", "Por su número, por ejemplo: /message 81", "By its number, for example"),
        ("/message 999", "No conozco el mensaje 999", "I know no message 999 of your channels"),
        ("/import nada", "No conozco ninguna lista «nada»", "I know no list “nada”. There are: triggers"),
        ("/copy @LluviaYa", "No tienes otro canal del que copiar", "You have no other channel to copy from"),
    ],
)  # fmt: skip
async def test_bad_input_gets_a_sentence_and_a_right_example(
    ana: Conversation, typed: str, spanish: str, english: str
) -> None:
    await ana.types(typed)
    ana.reads(spanish, english)


# --- panels ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "spanish", "english"),
    [
        ("/rules", "Reglas de @T.*1. ✅ Remitentes bloqueados: 0.*2. ✅ Disparadores: 1.*6. ❌ Revisión: nada.*/test",
         "Rules of @T.*1. ✅ Senders: 0 blocked, 0 trusted.*2. ✅ Triggers: 1.*6. ❌ Review: nothing.*/test"),
        ("/senders", "Remitentes de @T", "Senders of @T"),
        ("/block", "Bloqueados por @T", "Blocked by @T"),
        ("/trust", "confianza", "Trusted by @T"),
        ("/burst", "más de 5 mensajes en 10", "more than 5 messages in 10"),
        ("/triggers", "Disparadores de @T.*1 palabra", "Triggers of @T.*1 word"),
        ("/filters", "Filtros de @T.*Todavía no hay ninguno", "Filters of @T.*None yet"),
        ("/replacements", "Reemplazos de @T.*Todavía no hay", "Replacements of @T.*None yet"),
        ("/emphasis", "Énfasis de @T.*Todavía no hay", "Emphasis of @T.*None yet"),
        ("/repeats", "Repeticiones de @T.*casi igual: 80 %.*/repeats 85", "Repeats of @T.*nearly the same: 80 %"),
        ("/hours", "Horario de @T.*Está apagado.*UTC", "Hours of @T.*They are off.*Time zone: UTC"),
        ("/zone", "Zona horaria de @T.*UTC.*/zone Caracas", "Time zone of @T.*UTC.*/zone Auckland"),
        ("/review", "Revisión de @T.*: nada.*Dudas.*Todo", "Review of @T.*: nothing.*Unsure.*Everything"),
        ("/held", "Nada espera", "Nothing waits for a decision"),
        ("/message", "Mensajes de @T.*/message 81", "Messages of @T.*/message 81"),
        ("/copy", "Archivos de @T", "Files of @T.*Nothing is stored before"),
        ("/test", "Mándame el mensaje", "Send me the message to try"),
        ("/import", "Mándame el archivo.*list, text", "Send me the file: CSV.*list, text"),
        ("/import filters", "para la lista: filtros", "for the filters"),
    ],
)  # fmt: skip
async def test_each_panel_says_what_it_is(ana: Conversation, command: str, spanish: str, english: str) -> None:
    await ana.types(command)
    ana.reads(spanish, english)


# --- words -----------------------------------------------------------------------------------------------------


async def test_words_are_added_removed_and_put_back_by_tapping(ana: Conversation) -> None:
    await ana.types("/filters add uno, dos")
    ana.reads("Añadido: uno, dos.*tiene 2 filtros", "Added: uno, dos.*has 2 filters")
    await ana.types("/filters add uno")
    ana.reads("ya estaba", "1 was there already")
    await ana.types("/filters")
    ana.reads("2 palabras", "2 words")
    await ana.taps("^uno$")
    ana.reads("uno\nBloquea el mensaje", "uno\nIt blocks the message")
    await ana.taps("Quitar", "Remove")
    ana.reads("Quitado: uno", "Removed: uno")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba.*2 palabras", "as it was.*2 words")
    await ana.types("/filters")
    await ana.taps("Añadir", "Add")
    ana.reads("Mándame los filtros.*/cancel", "Send me the filters.*/cancel")
    await ana.types('tres, "cuatro cinco"')
    ana.reads("Añadido: tres, cuatro cinco", "Added: tres, cuatro cinco")
    await ana.types("/filters remove TRES, dos, uno, cuatro cinco")
    ana.reads("Quitado", "Removed")
    await ana.types("/filters")
    ana.reads("Todavía no hay ninguno", "None yet")


async def test_what_people_type_is_never_markup(ana: Conversation) -> None:
    await ana.types("/filters add <b>{0} %s & co")
    ana.reads(r"Añadido: <b>\{0\} %s & co", r"Added: <b>\{0\} %s & co")
    await ana.types("/filters")
    await ana.taps("<b>")
    ana.reads(r"^<b>\{0\} %s & co\n")


async def test_a_long_list_is_paged_and_searched(ana: Conversation) -> None:
    await ana.types("/triggers add " + ", ".join(f"palabra{n:02}" for n in range(20)))
    ana.reads("21 disparadores", "21 triggers")
    await ana.types("/triggers")
    ana.sees("1/3")
    await ana.taps("▶")
    ana.sees("2/3")
    ana.sees("palabra08")
    await ana.types("/triggers buscar PALABRA1", "/triggers search PALABRA1")
    ana.reads("10 palabras con", "10 words with")
    await ana.taps("Buscar", "Search")
    ana.reads("¿Qué buscas\\?", "What do you look for\\?")
    await ana.types("palabra19")
    ana.reads("1 palabra con", "1 word with")
    ana.sees("palabra19")


async def test_a_trigger_may_be_for_one_kind(ana: Conversation) -> None:
    await ana.types("/triggers add granizo para dms", "/triggers add granizo for dms")
    ana.reads("Añadido: granizo", "Added: granizo")
    await ana.types("/triggers")
    await ana.taps("granizo · DM")
    ana.reads("Un disparador solo para DM", "A trigger for DMs only")
    await ana.taps("Ambos", "Both")
    ana.reads("menciones y DM", "for mentions and DMs")


async def test_a_filter_may_block_its_sender(ana: Conversation) -> None:
    await ana.types("/filters add estafa por 7 días", "/filters add estafa for 7 days")
    await ana.types("/filters")
    await ana.taps("estafa · ⛔7")
    ana.reads("a su remitente: 7 días", "its sender: 7 days")
    await ana.taps("30")
    ana.reads("remitente: 30 días", "sender: 30 days")
    await ana.taps("Para siempre", "For good")
    ana.reads("remitente: Para siempre", "sender: For good")
    await ana.taps("Quitar", "Remove")
    await ana.taps("Deshacer", "Undo")
    await ana.types("/filters")
    ana.sees("estafa · ⛔∞")


async def test_a_replacement_is_given_another_word(ana: Conversation) -> None:
    await ana.types("/replacements add av. => avenida, tranca => congestión")
    ana.reads("2 reemplazos", "2 replacements")
    await ana.types("/replacements")
    await ana.taps("av. → avenida")
    ana.reads("avenida", "It becomes “avenida”")
    await ana.taps("Cambiar", "Change what it becomes")
    ana.reads("Mándame", "Send me what it should become")
    await ana.types("Avda.")
    ana.reads("Avda.", "It becomes “Avda.”")
    await ana.types("/emphasis add heridos")
    ana.reads("enfatiza 1", "emphasises 1 word")


async def test_another_command_leaves_the_wizard(ana: Conversation) -> None:
    await ana.types("/triggers")
    await ana.taps("Añadir", "Add")
    await ana.types("/status")
    await ana.types("Hola vecinos")
    ana.reads("diga esto", "say this")
    await ana.types("/triggers")
    await ana.taps("Añadir", "Add")
    await ana.types("/cancel")
    ana.reads("Cancelado", "Cancelled")


# --- switches --------------------------------------------------------------------------------------------------


async def test_none_may_be_required_and_links_media_and_the_sensitive_are_filtered(ana: Conversation) -> None:
    await ana.types("/rules")
    await ana.taps("Disparadores", "Triggers")
    ana.reads("Solo se publica lo que tiene", "Only what has a trigger is posted")
    await ana.taps("Exigir un disparador", "trigger is required")
    ana.reads("No hace falta disparador", "No trigger is required")
    ana.sees("❌ Exigir", "❌ A trigger")
    await ana.types("/rules")
    await ana.taps("Filtros", "Filters")
    ana.reads("Lo que nunca se publica", "What is never posted")
    for spanish, english in (("Sin enlaces", "No links"), ("Sin fotos", "No photos"), ("delicado", "sensitive")):
        await ana.taps(spanish, english)
        ana.sees(f"✅ .*{spanish}", f"✅ .*{english}")
    await ana.types("/rules")
    ana.reads("3. ✅ Filtros: 0 \\+ enlaces, fotos", "3. ✅ Filters: 0 \\+ links, photos, sensitive")
    hears("choque con mapa https://ejemplo.com/mapa")
    hears("choque con retrato", media=True)
    hears("choque con escena dura", sensitive=True)
    await ana.types("/log")
    ana.reads("lleva un enlace.*una foto o un video.*X lo marca como delicado",
              "it holds a link.*it holds a photo or a video.*X marks it as sensitive")  # fmt: skip


async def test_a_card_says_what_is_attached(ana: Conversation) -> None:
    hears("hola", kind=MessageKind.DM, media=True)
    number = Message.get().id
    await ana.types(f"/message {number}")
    ana.reads("una foto o un video", "a photo or a video")
    Message.update(media_kinds="video,voice").execute()
    await ana.types(f"/message {number}")
    ana.reads("con un video.*con un mensaje de voz", "with a video.*with a voice message")


async def test_repeats_are_tapped_and_typed(ana: Conversation) -> None:
    await ana.types("/repeats 100")
    ana.reads("casi igual: 100 %", "nearly the same: 100 %")
    await ana.taps("80 %")
    ana.reads("casi igual: 80 %", "nearly the same: 80 %")
    await ana.taps("✅ ", "✅ Drop repeats")
    ana.sees("❌ ", "❌ Drop repeats")
    await ana.taps("❌ ", "❌ Drop repeats")
    hears("Choque múltiple frente al liceo Andrés Bello, dos heridos")
    hears("CHOQUE MULTIPLE frente al liceo andres bello dos heridos", "pepe")
    hears("Hola, dos heridos, choque múltiple frente al liceo Andres Belo", "juana")
    await ana.types("/log")
    ana.reads("ya se dijo.*casi igual.*\\d\\d %", "it was said already.*nearly the same.*\\d\\d %")


# --- senders ---------------------------------------------------------------------------------------------------


async def test_a_sender_is_blocked_and_unblocked(ana: Conversation) -> None:
    await ana.types("/block @pepe 7 días spam", "/block @pepe 7 days spam")
    ana.reads("@pepe .*bloqueado en @T.* por 7 días", "@pepe is blocked on @T.* for 7 days")
    hears("choque en la luna", "pepe")
    await ana.types("/log")
    ana.reads("su remitente está bloqueado", "its sender is blocked")
    await ana.types("/block")
    ana.reads("Bloqueados por .*: 1", "Blocked by .*: 1")
    await ana.taps("pepe")
    ana.reads("Bloqueado; quedan .*Por qué: spam", "Blocked for another .*Why: spam")
    await ana.taps("Desbloquear", "Unblock")
    ana.reads("ya no está bloqueado", "is no longer blocked")
    await ana.taps("Deshacer", "Undo")
    ana.reads("Bloqueados por .*: 1", "Blocked by .*: 1")
    await ana.types("/unblock @pepe")
    ana.reads("ya no está bloqueado ni", "is neither blocked nor trusted any more")


@pytest.mark.parametrize(
    ("typed", "spanish", "english"),
    [
        ("2 semanas", "por 14 días", "for 14 days"), ("24 horas", "por 1 día", "for 1 day"),
        ("una semana", "por 7 días", "for 7 days"), ("for 3 days spam", "por 3 días", "for 3 days"),
        ("hasta el viernes", "hasta el vie.* 23:59", "until Fri.* 23:59"),
        ("until monday spam", "hasta el lun.* 23:59", "until Mon.* 23:59"),
        ("insulta", "para siempre", "for good"),
        ("la semana que viene", "no es un plazo.*2 semanas spam", "no length of time.*2 weeks spam"),
    ],
)  # fmt: skip
async def test_for_how_long_is_said_as_people_say_it(ana: Conversation, typed: str, spanish: str, english: str) -> None:
    await ana.types(f"/block @pepe {typed}")
    ana.reads(spanish, english)


async def test_a_filter_blocks_for_weeks_too_and_a_word_of_its_own_stays(ana: Conversation) -> None:
    await ana.types("/filters add promo por 2 semanas", "/filters add promo for 2 weeks")
    await ana.types("/filters add oferta por tiempo limitado")
    found = {w.text: w.block_days for w in Keyword.select() if w.text != "choque"}
    assert found == {"promo": 14, "oferta por tiempo limitado": None}


async def test_a_typed_block_is_undone(ana: Conversation) -> None:
    await ana.types("/block @pepe para siempre", "/block @pepe forever")
    ana.reads("para siempre", "for good")
    await ana.taps("Deshacer", "Undo")
    await ana.types("/block")
    ana.reads("Bloqueados por [^1]*$", "Blocked by [^1]*$")


async def test_a_sender_is_trusted_blocked_for_days_and_searched(ana: Conversation) -> None:
    await ana.types("/trust @maria")
    ana.reads("@maria es de confianza en", "@maria is trusted on @T")
    await ana.types("/trust")
    await ana.taps("maria")
    ana.reads("De confianza", "Trusted: skips the triggers")
    await ana.taps("^7 d")
    ana.reads("Bloqueado; quedan", "Blocked for another")
    await ana.taps("Para siempre", "For good")
    ana.reads("Bloqueado para siempre", "Blocked for good")
    await ana.taps("Confiar", "Trust sender")
    ana.reads("De confianza", "Trusted")
    await ana.types("/trust")
    await ana.taps("Buscar", "Search")
    ana.reads("¿A quién buscas\\?", "Whom do you look for\\?")
    await ana.types("mar")
    ana.sees("maria")


async def test_followers_only_and_the_burst_are_switched(ana: Conversation) -> None:
    await ana.types("/senders")
    await ana.taps("Solo seguidores", "Followers only")
    ana.sees("✅ Solo seguidores", "✅ Followers only")
    await ana.types("/burst 2 60")
    ana.reads("más de 2 mensajes en 60", "more than 2 messages in 60")
    await ana.types("/burst off")
    ana.reads("∞", "∞")


async def test_a_burst_is_told_with_a_way_back(ana: Conversation) -> None:
    for street in ("Sucre", "Páez", "Bolívar", "Miranda", "Zamora", "Urdaneta"):
        hears(f"choque en la avenida {street}", "pepe")
    posts()
    await ana.is_told("bloqueó a @pepe por 1 día: 6 mensajes en 10 minutos",
                      "blocked @pepe for 1 day: 6 messages in 10 minutes")  # fmt: skip
    await ana.taps("Desbloquear", "Unblock")
    ana.reads("@pepe ya no está bloqueado", "@pepe is no longer blocked")


async def test_a_filter_that_blocks_is_told(ana: Conversation) -> None:
    await ana.types("/filters add estafa por 7 días", "/filters add estafa for 7 days")
    hears("choque y estafa con el seguro", "pepe")
    await ana.is_told("bloqueó a @pepe por 7 días: filtro: estafa", "blocked @pepe for 7 days: filter: estafa")
    await ana.taps("Por qué", "Why")
    ana.reads("🚫 No publicado — filtro: estafa", "🚫 Not posted — filter: estafa")


# --- hours -----------------------------------------------------------------------------------------------------


def closed_now(zone: str) -> str:
    """Hours of two days that are neither today, yesterday nor tomorrow there."""
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    today = datetime.now(ZoneInfo(zone)).weekday()
    return f"{names[(today + 3) % 7]} 6-22, {names[(today + 4) % 7]} 8-14"


async def test_hours_are_typed_tapped_and_undone(ana: Conversation) -> None:
    await ana.types("/zone Auckland")
    ana.reads("Zona horaria: Pacific/Auckland", "Time zone: Pacific/Auckland")
    await ana.types(f"/hours {closed_now('Pacific/Auckland')}")
    ana.reads("Cerrado ahora mismo para menciones", "Closed right now for mentions")
    hears("choque que espera el horario en la isla")
    await ana.types("/message")
    await ana.taps("✅ choque que espera")
    ana.reads("⏳ Sale: ", "⏳ Goes out at ")
    await ana.types("/hours")
    await ana.taps("Fuera: descartar", "Outside: discard")
    ana.sees("● Fuera: descartar", "● Outside: discard")
    hears("choque que no espera en la isla")
    await ana.types("/log")
    ana.reads("fuera del horario, que vuelve", "outside the hours, which begin again")
    await ana.types("/hours esperar", "/hours wait")
    ana.sees("● Fuera: esperar", "● Outside: wait")
    await ana.types("/hours 24h")
    ana.reads("Menciones: a cualquier hora", "Mentions: at any hour")
    await ana.taps("📅 Menciones", "📅 Mentions")
    ana.reads("Toca una parte del día", "Tap a part of a day")
    await ana.taps("^lun$", "^mon$")
    ana.reads("mar-dom 0:00-24:00", "tue-sun 0:00-24:00")
    await ana.taps("^6-12$")
    ana.reads("mar-dom 0:00-6:00 12:00-24:00|lun 6:00-12:00, mar-dom", "tue-sun")
    await ana.taps("^Todo$", "^All$")
    ana.reads("a cualquier hora", "at any hour")
    await ana.taps("^Nada$", "^None$")
    await ana.taps("« Horario", "« Hours")
    ana.reads("⚠️ Sin horario para menciones: no se publica", "⚠️ No hours for mentions: none are posted")
    await ana.types("/hours off")
    ana.reads("Está apagado", "They are off")


async def test_a_zone_is_tapped(ana: Conversation) -> None:
    await ana.types("/zone")
    await ana.taps("^Madrid$")
    ana.reads("Zona horaria: Europe/Madrid", "Time zone: Europe/Madrid")


# --- review ----------------------------------------------------------------------------------------------------


async def test_a_held_message_is_published_ignored_and_taken_back(ana: Conversation) -> None:
    await ana.types("/review")
    await ana.taps("Dudas", "Unsure")
    ana.reads("lo que ninguna regla", "what no rule is sure of")
    hears("choque en el muelle", "ana_nueva")
    await ana.is_told("publicar este mensaje.*muelle.*primer mensaje", "publish this mention.*muelle.*first message")
    await ana.taps("✅ Publicar$", "✅ Publish$")
    ana.reads("✅ Lo publicó Ana", "✅ Ana published it")
    hears("choque falso en el estadio", "pepe_nuevo")
    await ana.is_told("publicar este.*estadio", "publish this.*estadio")
    await ana.types("/held")
    ana.reads("1 mensaje de @T.* te espera", "1 message of @T.* waits for you")
    ana.sees("choque falso en el estadio")
    await ana.types("/channel")
    await ana.taps(r"👀 .*\(1\)")
    await ana.taps("choque falso")
    await ana.taps("▫️ Ignorar", "▫️ Ignore")
    ana.reads("estadio.*dijo que no", "estadio.*Ana said no")
    await ana.taps("Deshacer", "Undo")
    ana.reads("publicar este.*estadio", "publish this.*estadio")
    await ana.taps("🚫 Bloquear", "Block sender")
    ana.reads("¿Bloquear a @pepe_nuevo\\?", "Block @pepe_nuevo\\?")
    await ana.taps("7 d")
    ana.reads("estadio.*dijo que no", "estadio.*said no")
    await ana.taps("Bloqueado…", "Blocked…")
    ana.reads("Bloqueado; quedan", "Blocked for another")


async def test_what_was_ignored_too_long_ago_is_not_taken_back(ana: Conversation) -> None:
    await ana.types("/review all")
    hears("choque en el faro")
    await ana.is_told("publicar este.*faro", "publish this.*faro")
    await ana.taps("▫️ Ignorar", "▫️ Ignore")
    Message.update(useful_until=Message.at).execute()
    await ana.taps("Deshacer", "Undo")
    ana.is_refused("Demasiado tarde", "Too late: it is no longer fresh")


async def test_publishing_edited_asks_for_the_text(ana: Conversation) -> None:
    await ana.types("/review todo", "/review everything")
    ana.reads("Revisión de .*todo", "Review of .*everything")
    hears("choque dudoso en la cantera")
    await ana.is_told("publicar este.*cantera.*todo se revisa", "publish this.*cantera.*everything is reviewed")
    await ana.taps("Publicar editado", "Publish edited")
    ana.reads("Mándame el texto.*cantera", "Send me the text.*cantera")


async def test_nothing_is_published_while_the_channel_is_off(ana: Conversation) -> None:
    await ana.types("/review all")
    hears("choque en la rada")
    told = await ana.is_told("publicar este.*rada", "publish this.*rada")
    await ana.types("/off")
    await ana.taps("✅ Publicar$", "✅ Publish$", under=told)
    ana.is_refused("está apagado.*/on", "is off, so nothing can be posted.*/on")


async def test_of_two_the_second_sees_who_was_first(ana: Conversation) -> None:
    ben = ana.another(language=ana.language)
    await ana.types("/team")
    await ana.taps("Invitar", "Invite")
    invited = await ana.taps("Hacer el enlace", "Make the link")
    assert invited is not None
    code = re.search(r"/start (team-\S+)", invited.text)
    assert code is not None
    await ben.types(f"/start {code[1]}")
    await ana.types("/review all")
    hears("choque en el vivero")
    mine = await ana.is_told("publicar este.*vivero", "publish this.*vivero")
    theirs = ben.finds("publicar este.*vivero", "publish this.*vivero")
    await ana.taps("✅ Publicar$", "✅ Publish$", under=mine)
    ana.reads("Lo publicó Ana", "Ana published it")
    await ben.taps("▫️ Ignorar", "▫️ Ignore", under=theirs)
    assert re.search(ben.t("Lo publicó Ana", "Ana published it"), ben.toast)
    ben.reads("Lo publicó Ana", "Ana published it")


async def test_who_is_not_of_the_team_reads_no_message(ana: Conversation, ben: Conversation) -> None:
    hears("choque secretísimo", kind=MessageKind.DM)
    number = Message.select().get().id
    await ana.types(f"/message {number}")
    ana.reads("DM.*secretísimo.*✅", "DM.*secretísimo.*✅ Approved")
    await ben.types(f"/message {number}")
    ben.reads("No conozco el mensaje", "I know no message")


async def test_a_card_says_what_became_of_a_message(ana: Conversation) -> None:
    hears("choque <i>en</i> la A1", "pepe")
    hears("nada que ver", "juana")
    posts()
    await ana.types("/message")
    await ana.taps("choque <i>en")
    ana.reads("@pepe.*choque <i>en</i> la A1.*✅ .*disparador: choque.*🔁 .*0.0",
              "@pepe.*choque <i>en</i> la A1.*✅ Approved — trigger: choque.*🔁 Posted at")  # fmt: skip
    await ana.taps("Confiar", "Trust sender")
    ana.sees("De confianza", "Trusted…")
    await ana.types("/message")
    await ana.taps("nada que ver")
    ana.reads("No publicado — no tiene ningún disparador", "Not posted — no trigger in it")
    await ana.taps("🚫 Bloquear", "Block sender")
    await ana.taps("« ", "« Back")
    ana.reads("nada que ver")


async def test_an_edited_message_is_told_so(ana: Conversation) -> None:
    await ana.types("/review all")
    old = hears("choque en la calle Pez")
    await ana.is_told("publicar este.*calle Pez", "publish this.*calle Pez")
    hears("choque en la calle Paz", edit_of=old)
    await ana.is_told("calle Pez.*su autor lo editó", "calle Pez.*its writer edited it")
    ana.finds("publicar este.*calle Paz", "publish this.*calle Paz")


# --- trying ----------------------------------------------------------------------------------------------------


async def test_a_test_says_the_verdict_and_shows_the_post_and_stores_nothing(ana: Conversation) -> None:
    await ana.types("/filters add rifa")
    said = await ana.types("/test Hubo un CHOQUE feo")
    ana.reads("Se publicaría — disparador: choque", "It would be posted — trigger: choque")
    assert "<b>CHOQUE</b>" in said.html
    said = await ana.types("/test choque y rifa")
    ana.reads("No se publicaría — filtro: rifa", "It would not be posted — filter: rifa")
    assert "<s>rifa</s>" in said.html
    await ana.forwards("un choque <b>reenviado</b>")
    ana.reads("diga esto.*<b>reenviado</b>", "say this.*<b>reenviado</b>")
    await ana.types("/test", answering=ana.last_written())
    ana.reads("<b>reenviado</b>.*Se publicaría", "<b>reenviado</b>.*would be posted")
    await ana.types("/test")
    ana.reads("Mándame el mensaje", "Send me the message")
    await ana.types("hubo un choque raro")
    ana.reads("raro.*Se publicaría", "raro.*It would be posted")
    assert Message.select().count() == 0


# --- files -----------------------------------------------------------------------------------------------------

HEAD = "list,text,applies,block,becomes,note\n"


async def test_lists_go_out_and_come_back_and_bad_files_change_nothing(ana: Conversation) -> None:
    await ana.types("/filters add uno, dos por 7 días", "/filters add uno, dos for 7 days")
    first = ana.file(await ana.types("/export"))
    await ana.types("/import")
    await ana.sends(
        "malo.csv", HEAD + "filter,tres,,,,\nfilter,cuatro,,mil,,\nnada,cinco,,,,\nfilter,uno,,3,,\nfilter,uno,,4,,\n"
    )
    told = ana.reads("No se guardó nada: 3 líneas están mal", "Nothing was stored: 3 lines are wrong")
    assert all(f"{n}: " in told.text for n in ("3", "4", "6"))
    await ana.sends("vacía.csv", HEAD)
    ana.reads("ninguna línea", "There is no line in that file")
    await ana.sends("buena.csv", HEAD + "filter,tres,,,,\nfilter,uno,,,,\n")
    ana.reads("1 nuevas, 1 con otras opciones, 0 ya estaban", "1 new, 1 with other options, 0 there already")
    await ana.taps("Sustituir: se va 1", "Replace: 1 goes")
    ana.reads("Hecho: 1 añadidas, 1 cambiadas, 1 quitadas", "Done: 1 added, 1 changed, 1 removed")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba", "as it was")
    assert ana.file(await ana.types("/export")) == first
    await ana.types("/import filters")
    await ana.sends("palabras.txt", "uno\n\ncuatro\n")
    dry = ana.reads("1 nuevas, 1 con otras", "1 new, 1 with other")
    await ana.taps("Cancelar", "Cancel")
    ana.reads("Cancelado: no se guardó nada", "Cancelled: nothing was stored")
    assert dry is not None


async def test_a_file_that_is_no_longer_at_hand_is_asked_for_again(ana: Conversation) -> None:
    await ana.types("/import filters")
    dry = await ana.sends("palabras.txt", "uno\n")
    await ana.types("/cancel")
    await ana.taps("Añadir", "Add these", under=dry)
    ana.is_refused("Ya no tengo ese archivo a mano.*/import", "no longer at hand.*/import")


async def test_the_rules_of_another_channel_are_copied_and_put_back(ana: Conversation) -> None:
    connected("CanalNuevo", ana)
    await ana.types("/triggers @TraficoValle add metro")
    await ana.types("/channel @CanalNuevo")
    await ana.types("/triggers add viejo")
    await ana.types("/copy @TraficoValle")
    ana.reads("¿Copiar las reglas", "Copy the rules of @TraficoValle to @CanalNuevo\\?")
    await ana.taps("Sí, copiar", "Yes, copy")
    ana.reads("tiene ahora las reglas", "has the rules of @TraficoValle now")
    await ana.taps("Deshacer", "Undo")
    ana.reads("como estaba", "as it was")
    await ana.types("/triggers")
    ana.sees("viejo")
    await ana.types("/copy @LluviaYa")
    ana.reads("¿De cuál de tus otros canales?", "From which of your other channels")


async def test_the_days_of_the_hours_are_in_the_readers_language(ana: Conversation) -> None:
    await ana.types(f"/hours {closed_now('UTC')}")
    hears("choque que espera el horario en la isla")
    await ana.types("/message")
    await ana.taps("✅ choque que espera")
    ana.reads(r"⏳ Sale: (lun|mar|mié|jue|vie|sáb|dom) \d", r"⏳ Goes out at (Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d")
    await ana.types("/hours")
    await ana.taps("Fuera: descartar", "Outside: discard")
    hears("choque que no espera en la isla")
    await ana.types("/log")
    ana.reads(r"que vuelve[^\n]* (lun|mar|mié|jue|vie|sáb|dom) \d", r"begin again (mon|tue|wed|thu|fri|sat|sun) \d")


@pytest.mark.parametrize(
    "typed", ["/block @pepe 0 días", "/block @pepe -3 days spam", "/block 7 días", "/block 30", "/block para siempre"]
)
async def test_a_block_for_no_days_or_of_nobody_blocks_nobody(ana: Conversation, typed: str) -> None:
    await ana.types(typed)
    ana.reads("no es un plazo|¿A quién\\?.*/block @pepe", "no length of time|Whom\\?.*/block @pepe")
    await ana.types("/block")
    ana.reads("Bloqueados por @TraficoValle: 0", "Blocked by @TraficoValle: 0")


async def test_a_filter_blocks_for_no_days_neither(ana: Conversation) -> None:
    await ana.types("/filters add promo por 0 días", "/filters add promo for 0 days")
    ana.reads("no es un número de días", "not a number of days")


@pytest.mark.parametrize("typed", ["/triggers add", "/filters add", "/replacements add", "/emphasis add"])
async def test_add_without_words_waits_for_them(ana: Conversation, typed: str) -> None:
    await ana.types(typed)
    ana.reads("^¿Qué palabra", "^Which word")
    await ana.types("lluvia => agua")
    ana.reads("Añadido|no tiene ninguna palabra", "Added|no word")
