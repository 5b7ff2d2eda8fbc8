"""The chat says what is so: what was cancelled, kept, edited, answered, and what X itself said."""

from datetime import timedelta
from typing import Any

import pytest

from engine.moderation import KeywordRole
from models.accounts.channels import Channel
from models.moderation import lists
from models.publishing import hashtags
from models.publishing.drafts import DraftRow, Way
from models.scheduling.schedules import Schedule
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears, posts
from tests.bot.pictures import photo

# --- what X said ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "spanish", "english"),
    [
        ("broke", "Último problema: algo mío falló", "Last trouble: something of mine broke"),
        ("limit", "X pidió una pausa", "X wanted a pause"),
        ("gone", "ya no está en X", "no longer on X"),
        ("Too Many Requests", "X dice: demasiadas", "X says: too many requests"),
        ("Your <b>frobnication</b> is off", "X dice: «Your <b>frobnication</b> is off»", "X says: «Your <b>frob"),
        ("HTTP 503", "X no respondió", "X did not answer"),
        ("ReadTimeout", "X no respondió", "X did not answer"),
    ],
)
async def test_the_last_trouble_is_a_sentence_or_xs_own_words(
    ana: Conversation, stored: str, spanish: str, english: str
) -> None:
    Channel.update(last_problem=stored, last_problem_at=now()).execute()
    await ana.types("/status")
    ana.reads(spanish, english)


# --- what is cancelled ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begun", "spanish", "english"),
    [
        ("/post", "ya no espero el texto de un tuit", "I wait for the text of a post no more"),
        ("/triggers add", "palabras para una lista", "words for a list"),
        ("/schedule", "el texto que se programa", "the text to schedule"),
        ("/test", "un mensaje para probar", "a message to try"),
        ("/import", "un archivo", "a file"),
    ],
)
@pytest.mark.parametrize("cancel", ["/cancel", "/cancelar", "/Cancel", "/cancelar ya", "cancelar"])
async def test_cancel_says_what_it_cancelled(
    ana: Conversation, begun: str, cancel: str, spanish: str, english: str
) -> None:
    await ana.types(begun)
    await ana.types(cancel)
    ana.reads(
        f"Cancelado: {spanish}|Cancelado: ya no espero {spanish}", f"Cancelled: .*{english.removesuffix(' no more')}"
    )
    assert not DraftRow.select().where(DraftRow.turns == "[]").exists()


async def test_cancel_leaves_a_draft_where_it_is_and_says_so(ana: Conversation) -> None:
    await ana.types("/schedule Reunión de vecinos")
    await ana.types("/cancel")
    ana.reads("Cancelado.*El borrador sigue ahí: “Reunión de vecinos”", "Cancelled.*draft stays: “Reunión de vecinos”")
    await ana.taps("Descartar", "Discard")
    await ana.types("/cancel")
    ana.reads("No había nada que cancelar", "nothing to cancel")
    await ana.types("Hola vecinos")
    await ana.types("/cancel")
    ana.reads("No te estaba preguntando nada.*“Hola vecinos”", "asking for nothing.*“Hola vecinos”")
    await ana.taps("Descartar", "Discard")
    assert not DraftRow.select().exists()


async def test_cancel_of_the_next_post_shows_the_draft_again(ana: Conversation) -> None:
    await ana.types("Hola vecinos")
    await ana.taps("Otro tuit", "Another post")
    await ana.types("/cancel")
    ana.reads("Cancelado.*diga esto.*Hola vecinos", "Cancelled.*say this.*Hola vecinos")


# --- what is edited ---------------------------------------------------------------------------------------------


async def test_an_edited_schedule_is_read_anew_also_where_it_had_no_text_yet(ana: Conversation) -> None:
    number = ana.writes("/schedule jueves 15:00")
    await ana.goes_on()
    await ana.edits(number, "/programar viernes 16:00 Reunión de vecinos")
    ana.reads("16:00.*Reunión de vecinos")


@pytest.mark.parametrize(
    ("typed", "edited"),
    [
        ("/block @pepe", "/block @pepa"),
        ("/bloquear @pepe", "/BLOQUEAR @pepa"),
        ("/triggers add uno", "/triggers add dos"),
    ],
)
async def test_an_edited_command_is_answered_and_a_tap_does_it(ana: Conversation, typed: str, edited: str) -> None:
    number = ana.writes(typed)
    await ana.goes_on()
    await ana.edits(number, edited)
    ana.reads("Cambiaste un comando que ya hice", "changed a command that I have done")
    await ana.taps("▶️ /")
    assert "dos" in ana.answers[-1].text or "@pepa" in ana.answers[-1].text


async def test_an_edited_schedule_that_counts_already_is_answered(ana: Conversation) -> None:
    number = ana.writes("/schedule jueves 15:00 Reunión de vecinos")
    await ana.goes_on()
    await ana.taps("Programar", "Schedule it")
    await ana.edits(number, "/schedule jueves 16:00 Reunión de vecinos")
    ana.reads("Cambiaste un comando", "changed a command")
    await ana.taps("▶️ /")
    ana.reads("16:00")
    assert Schedule.select().count() == 1


async def test_an_edited_text_that_is_posted_already_stays_what_it_is(ana: Conversation) -> None:
    number = ana.writes("Hola vecinos")
    await ana.goes_on()
    await ana.taps("Publicar ya", "Post now")
    await ana.edits(number, "Hola, vecinos")
    ana.reads("ya atendí", "dealt with as it was")


# --- what is kept -----------------------------------------------------------------------------------------------


async def test_a_hashtag_that_is_there_keeps_the_limits_that_are_not_named(ana: Conversation) -> None:
    await ana.types("/hashtags add #metro, 100 in all, 5 a day, mon-fri 6-22, until 31/12/2027")
    await ana.types("/hashtags add #Metro")
    ana.reads("ya estaba.*de 100.*de 5", "was there already.*of 100.*of 5")
    await ana.types("/hashtags add #metro, 7 a day")
    ana.reads("de 100.*de 7.*6:00-22:00", "of 100.*of 7.*6:00-22:00")
    tag = hashtags.named(channel().id, "metro")
    assert tag is not None
    assert (tag.most, tag.most_day, tag.last) == (100, 7, "2027-12-31")
    await ana.taps("Deshacer", "Undo")
    tag = hashtags.named(channel().id, "metro")
    assert tag is not None
    assert tag.most_day == 5
    await ana.types("/hashtags añadir #metro sin límites", "/hashtags add #metro, no limits")
    tag = hashtags.named(channel().id, "metro")
    assert tag is not None
    assert (tag.most, tag.most_day, tag.last, tag.window) == (None, None, "", "")


async def test_a_queue_without_slots_keeps_the_text_and_offers_some(ana: Conversation) -> None:
    await ana.types("/queue Buenos días, vecinos")
    ana.reads("todavía no tiene huecos.*Buenos días, vecinos", "has no slots yet.*Buenos días, vecinos")
    await ana.taps("9:00 18:00|9:00, 18:00")
    ana.reads("En la cola para", "In the queue for")
    assert Schedule.select().count() == 1
    await ana.types("/cola Otro texto", "/queue Otro texto")
    ana.reads("En la cola para", "In the queue for")


async def test_two_sentences_that_look_like_phrases_are_two(ana: Conversation) -> None:
    first = "se cayó un árbol en la avenida hoy"
    await ana.types("/triggers")
    await ana.taps("Añadir", "Add")
    asked = await ana.types(first)
    await ana.types("un camión se volcó en la curva grande")
    await ana.types("/status")
    await ana.taps("Sí, añádela|Sí", "Yes, add it", under=asked)
    assert first in [row.text for row in lists.rows_of(channel().id, KeywordRole.TRIGGER)]
    DraftRow.delete().where(DraftRow.way == Way.TYPED).execute()  # a week has gone by
    again = ana.finds("camión se volcó")
    await ana.taps("Sí", "Yes, add it", under=again)
    assert lists.count_of(channel().id, KeywordRole.TRIGGER) == 3


async def test_a_draft_that_is_done_with_is_not_asked_for_again(ana: Conversation) -> None:
    shown = await ana.types("Hola vecinos")
    await ana.taps("Otro tuit", "Another post")
    await ana.types("Y buenas tardes")
    await ana.taps("Publicar ya", "Post now")
    await ana.taps("Publicar ya", "Post now", under=shown)
    assert "/histor" in ana.toast
    assert "otra vez" not in ana.toast
    assert "again" not in ana.toast


# --- what is answered -------------------------------------------------------------------------------------------


async def test_post_in_answer_to_a_notice_says_what_was_written_and_not_what_the_bot_said(ana: Conversation) -> None:
    hears("choque en la A1 @TraficoValle")
    posts()
    told = await ana.is_told("reposteó", "reposted")
    await ana.types("/post", answering=told)
    shown = ana.reads("diga esto.*choque en la A1", "say this.*choque en la A1")
    assert "repost" not in shown.text
    await ana.types("/post", answering=shown)  # a draft: its text
    assert "diga esto" not in ana.reads("choque en la A1").text.replace("diga esto?", "", 1)


async def test_post_in_answer_to_several_asks_which(ana: Conversation) -> None:
    hears("choque en la A1")
    hears("choque en la calle 8", "pedro_r")
    posts()
    told = await ana.is_told("2 mensajes", "2 messages")
    await ana.types("/publicar", "/post", answering=told)
    ana.reads("varios", "several")
    await ana.taps("calle 8")
    ana.reads("diga esto.*choque en la calle 8", "say this.*choque en la calle 8")


async def test_post_in_answer_to_a_panel_asks_for_the_text(ana: Conversation) -> None:
    panel = await ana.types("/status")
    await ana.types("/post", answering=panel)
    ana.reads("¿Qué va a decir", "What shall @")


@pytest.mark.parametrize(
    "what",
    [
        {"pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}},
        {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}},
        {"new_chat_members": [{"id": 9, "is_bot": False, "first_name": "Zoe"}]},
        {"left_chat_member": {"id": 9, "is_bot": False, "first_name": "Zoe"}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"write_access_allowed": {}},
        {"chat_background_set": {"type": {"type": "chat_theme", "theme_name": "x"}}},
        {"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0, "is_closed": False,
                  "is_anonymous": True, "type": "regular", "allows_multiple_answers": False, "allows_revoting": True, "members_only": False}},
        {"boost_added": {"boost_count": 1}},
        {"users_shared": {"request_id": 1, "users": []}},
        {"proximity_alert_triggered": {"traveler": {"id": 9, "is_bot": False, "first_name": "Z"},
                                       "watcher": {"id": 7, "is_bot": False, "first_name": "A"}, "distance": 3}},
        {"forum_topic_closed": {}},
        {"web_app_data": {"data": "x", "button_text": "y"}},
        {"something_of_next_year": {"x": 1}},
    ],
    ids=lambda what: next(iter(what)),
)  # fmt: skip
async def test_what_tells_of_the_chat_itself_is_not_answered(ana: Conversation, what: dict[str, Any]) -> None:
    await ana.types("/status")
    before = len(ana.everything())
    await ana.service_message(what)
    assert len(ana.everything()) == before


async def test_what_cannot_be_read_is_answered(ana: Conversation) -> None:
    for what in (
        {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}},
        {"location": {"longitude": 1.0, "latitude": 1.0}},
    ):
        await ana.service_message(what)
        ana.reads("Aquí leo texto|leo texto", "I read text")


# --- words that are too common ----------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["a", "e", "de", "the", "no", "x", "la", "and", "de la", "es", "il"])
async def test_a_word_that_nearly_everything_holds_is_warned_of(ana: Conversation, word: str) -> None:
    await ana.types(f"/triggers add {word}")
    ana.reads("⚠️ “.*” está en casi todos.*se publicarían", "⚠️ “.*” is in nearly every message: all of those would")
    await ana.types(f"/filters add {word}")
    ana.reads("⚠️.*ninguno de esos", "⚠️.*none of those would be posted")


async def test_what_a_common_word_would_have_passed_is_counted(ana: Conversation) -> None:
    for number in range(10):
        hears(f"mucho tráfico hoy en la autopista {number}", f"vecina{number}", at=now() - timedelta(minutes=number))
    await ana.types("/triggers add tráfico")
    ana.reads("“tráfico” estaba en 10 de los últimos 10", "“tráfico” was in 10 of the last 10 messages: all")
    await ana.types("/filters add autopista 3")
    assert "⚠️" not in ana.answers[-1].text
    await ana.types("/triggers add inundación")
    assert "⚠️" not in ana.answers[-1].text


async def test_a_photo_with_a_spanish_command_is_what_the_command_makes_of_it(ana: Conversation) -> None:
    await ana.sends("foto.png", photo("gray"), "/Programar jueves 15:00 Reunión")
    ana.reads("15:00.*Reunión")


# --- the language that the channel writes in --------------------------------------------------------------------


async def test_the_credit_is_in_the_channels_language_whoever_reads_of_it(ana: Conversation) -> None:
    await ana.types("/writing")
    ana.reads("Crédito: vía", "Credit: via")
    await ana.types("/credit")
    assert ("{text} (vía {name})" in ana.answers[-1].labels) is (ana.language == "es")
    await ana.taps("vía {name}\\)|vía {name}.$", "via {name}\\)|via {name}.$")
    await ana.types("/writing")
    await ana.taps("Escribe English", "Writes Español")
    ana.reads("Crédito: {text} \\(via {name}\\)", "Credit: {text} \\(vía {name}\\)")
    await ana.types("/preview choque")
    assert "Vista previa" in ana.answers[-1].text or "Preview" in ana.answers[-1].text
