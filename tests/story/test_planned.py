"""The planned voice, by chat only, in both languages: schedules, hashtags, and what is written by hand."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.error import HTTPError

import pytest

from sandbox.stage import ANA, BEN, Stage
from tests.story.test_moderation import Owner, who_plays

PAUSED_CARD = ("🗓.*En pausa", "🗓.*Paused")  # not what was told when it was scheduled, which says so too a little later


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with Stage(tmp_path_factory.mktemp("planned") / "stage") as stage:
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        stage.start("web", "streams", "worker", "worker.2", "voices", "journal")
        stage.connect("TraficoValle", ANA)
        stage.connect("LluviaYa", BEN)
        stage.tell("/triggers add choque", "1 disparador")
        stage.tell("/triggers add choque", "1 trigger", BEN)
        stage.tell("/gap 300", "300 s", ANA)
        stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 4)
        yield stage


@pytest.fixture
def owner(request: pytest.FixtureRequest, desk: Stage) -> Owner:
    return who_plays(request.node.name, desk)


def next_minute() -> datetime:
    """A whole minute at least a minute and a half away: on a machine that has much to do the taps before it take long."""
    return (datetime.now(UTC) + timedelta(seconds=150)).replace(second=0, microsecond=0)


def typed_limit(owner: Owner, panel: dict[str, Any]) -> None:
    """Tap what lets a limit of a schedule be typed."""
    owner.press(panel, "Otro", "Other")
    owner.says("Mándame lo que ha de valer", "Send me what shall hold")


def labels(message: dict[str, object]) -> str:
    return str(message.get("reply_markup"))


def test_a_schedule_goes_out_at_its_instant_once_whatever_the_gap(desk: Stage) -> None:
    owners, instants = [Owner(desk, ANA, BEN, "TraficoValle", True), Owner(desk, BEN, ANA, "LluviaYa", False)], []
    for owner in owners:
        at = next_minute()
        instants.append(at)
        word = owner.t("hoy", "today") if at.date() == datetime.now(UTC).date() else owner.t("mañana", "tomorrow")
        sure = owner.tell(f"/schedule {word} {at:%H:%M} Punto {{time}}", "dirá, ", "will say, ")
        assert f"Punto {at:%H:%M}" in sure["text"]
        owner.press(sure, "Programar", "Schedule it")
        owner.says("✅ Programado|⏳", "✅ Scheduled|⏳")
    for owner, at in zip(owners, instants, strict=True):
        post = owner.posted(f"Punto {at:%H:%M}", 180)
        assert 0 <= post["at"] - at.timestamp() < 5
        told = owner.says(f"dijo lo programado.*Punto {at:%H:%M}", f"said what was scheduled.*Punto {at:%H:%M}")
        owner.press(told, "Deshacer", "Undo")
        owner.says("Deshecho", "Undone")
    assert max(desk.accepted("post").values()) == 1


def test_the_wizard_asks_step_by_step_and_says_back_what_it_understood(owner: Owner) -> None:
    owner.tell("/schedule", "¿Qué va a decir", "What shall")
    owner.tell("Reunión de vecinos en la plaza", "¿Cuándo?", "When?")
    owner.tell(owner.t("cuando sea", "whenever"), "No entiendo cuándo", "I don't understand when")
    owner.tell(owner.t("el jueves", "on thursday"), "«el jueves»: ¿a qué hora?", "“on thursday”: at what time?")
    sure = owner.tell("15", "el canal|jueves.*a las 15:00", "Thursday.* at 15:00")
    owner.press(sure, "Otra hora", "Another time")
    owner.says("¿Cuándo?", "When?")
    sure = owner.tell(
        owner.t("el último viernes de cada mes 18:00", "the last friday of every month at 6pm"),
        "el último viernes de cada mes a las 18:00.*Próximas: .*·.*·.*·.*·",
        "the last Friday of every month at 18:00.*Next: .*·.*·.*·.*·",
    )
    owner.press(sure, "Otra hora", "Another time")
    owner.says("¿Cuándo?", "When?")
    sure = owner.tell(
        owner.t("cada 3 horas de 8 a 20", "every 3 hours from 8 to 20"),
        "todos los días a las 8:00, 11:00, 14:00, 17:00 y 20:00.*X rechaza el mismo texto",
        "every day at 8:00, 11:00, 14:00, 17:00 and 20:00.*X refuses the same text",
    )
    owner.press(sure, "Texto que alterne", "A text to take turns")
    owner.says("Mándame el texto", "Send me the text")
    sure = owner.tell("Segundo texto {n}", "Segundo texto 2", "Segundo texto 2")
    assert "⚠️" in sure["text"], "the first one still comes again after six hours"
    owner.press(sure, "Programar", "Schedule it")
    owner.says("✅ Programado: todos los días", "✅ Scheduled: every day")
    again = owner.tell(f"/schedule {owner.t('mañana', 'tomorrow')} 8:03 reunión de vecinos EN la plaza",
                       "ya hay una programación|Ya hay una programación", "A schedule says the same already")  # fmt: skip
    owner.press(again, "Cancelar", "Cancel")
    owner.says("no se programó nada", "nothing was scheduled")
    owner.tell("/schedule 2020-01-01 10:00 x", "Ese momento ya pasó", "has gone by")
    owner.tell("/schedule 31/02 10:00 x", "Esa fecha no existe", "There is no such date")
    owner.tell("/schedule " + owner.t("mañana 10:00 ", "tomorrow 10:00 ") + "x" * 300, "X acepta 280", "X takes 280")


def test_schedules_are_listed_paused_duplicated_edited_deleted_and_put_back(owner: Owner) -> None:
    sure = owner.tell(
        f"/schedule {owner.t('cada lunes', 'every monday')} 7:15 Buena semana {{n}}", "cada lunes", "every Monday"
    )
    owner.press(sure, "Programar", "Schedule it")
    owner.says("✅ Programado: cada lunes a las 7:15", "✅ Scheduled: every Monday at 7:15")
    listed = owner.tell("/schedules", "Programación de", "Schedules of")
    owner.press(listed, "Buena semana", "Buena semana")
    card = owner.says("cada lunes a las 7:15.*Próximas", "every Monday at 7:15.*Next")
    owner.press(card, "Inicio, fin, retraso", "Start, end, lateness")
    card = owner.says("como mucho 15 minutos tarde", "at most 15 minutes late")
    owner.press(card, "^1 h$", "^1 h$")
    card = owner.says("como mucho 60 minutos tarde", "at most 60 minutes late")
    typed_limit(owner, card)
    card = owner.tell(owner.t("45 min tarde", "45 min late"), "como mucho 45 minutos tarde", "at most 45 minutes late")
    typed_limit(owner, card)
    card = owner.tell(owner.t("8 veces", "8 times"), "7:15, 8 veces", "7:15, 8 times")
    owner.press(card, "^10 ×", "^10 ×")
    card = owner.says("7:15, 10 veces", "7:15, 10 times")
    owner.press(card, "Sin fin", "No end")
    card = owner.says("lunes a las 7:15\n", "Monday at 7:15\n")
    year = datetime.now(UTC).year + 1
    typed_limit(owner, card)
    card = owner.tell(
        owner.t(f"hasta el 24 de diciembre de {year}", f"until dec 24 {year}"), f"hasta el .*{year}", f"until .*{year}"
    )
    typed_limit(owner, card)
    owner.tell(owner.t("mañana quizá", "maybe never"), "No entiendo eso. Por ejemplo", "I don't understand that. For")
    owner.press(card, "Sin fin", "No end")
    card = owner.says("lunes a las 7:15\n", "Monday at 7:15\n")
    owner.press(card, "« Programación", "« Schedule")
    card = owner.says("cada lunes a las 7:15\n.*Próximas", "every Monday at 7:15\n.*Next")
    owner.press(card, "Pausar", "Pause")
    card = owner.says(*PAUSED_CARD)
    owner.press(card, "Duplicar", "Duplicate")
    copy = owner.says("Esta es la copia, en pausa", "This is the copy, paused")
    owner.press(copy, "Borrar", "Delete")
    owner.press(owner.says("Borrado: Buena", "Deleted: Buena"), "Deshacer", "Undo")
    owner.press(owner.says(*PAUSED_CARD), "Borrar", "Delete")
    owner.says("Borrado: Buena", "Deleted: Buena")
    owner.press(owner.tell("/schedules", "Programación de", "Schedules of"), "Buena semana", "Buena semana")
    owner.press(owner.says(*PAUSED_CARD), "Seguir", "Go on")
    card = owner.says("cada lunes a las 7:15.*Próximas", "every Monday at 7:15.*Next")
    owner.press(card, "Editar", "Edit")
    sure = owner.says("dirá, cada lunes", "will say, every Monday")
    owner.press(sure, "Otro texto", "Another text")
    owner.says("Mándame el texto", "Send me the text")
    sure = owner.tell("Feliz semana {n}", "Feliz semana 1", "Feliz semana 1")
    owner.press(sure, "Programar", "Schedule it")
    owner.says("✅ Programado: cada lunes", "✅ Scheduled: every Monday")
    listed = owner.tell("/schedules", "Programación de", "Schedules of")
    assert "Buena semana" not in labels(listed)
    owner.press(listed, "Feliz semana", "Feliz semana")
    card = owner.says(": cada lunes a las 7:15\n+Feliz semana 1", ": every Monday at 7:15\n+Feliz semana 1")
    owner.press(card, "Publicar ya", "Post now")
    owner.posted("Feliz semana 1")
    owner.press(owner.tell("/schedules", "Programación", "Schedules"), "Feliz semana", "Feliz semana")
    owner.press(owner.says(": cada lunes a las 7:15\n+Feliz", ": every Monday at 7:15\n+Feliz"), "Borrar", "Delete")
    gone = owner.says("Borrado: Feliz semana", "Deleted: Feliz semana")
    assert "Feliz semana" not in labels(owner.tell("/schedules", "Programación", "Schedules"))
    owner.press(gone, "Deshacer", "Undo")
    assert "Feliz semana" in labels(owner.tell("/schedules", "Programación", "Schedules"))


def test_what_is_written_is_posted_scheduled_or_discarded(owner: Owner) -> None:
    offer = owner.tell("Vía despejada en la calle 8", "diga esto.*27 de 280", "say this.*27 of 280")
    owner.press(offer, "Publicar ya", "Post now")
    owner.posted("Vía despejada en la calle 8")
    told = owner.says("dijo esto.*calle 8", "said this.*calle 8")
    owner.press(told, "Deshacer", "Undo")
    owner.stage.wait("gone", lambda: not [p for p in owner.stage.timeline(owner.channel) if "calle 8" in p["text"]])
    offer = owner.tell("/post Otra cosa cualquiera", "Otra cosa cualquiera", "Otra cosa cualquiera")
    owner.press(offer, "Descartar", "Discard")
    owner.says("Descartado", "Discarded")
    offer = owner.tell("Para más tarde", "Para más tarde", "Para más tarde")
    owner.press(offer, "Programar…", "Schedule…")
    owner.says("¿Cuándo?", "When?")
    sure = owner.tell(
        owner.t("pasado mañana 9:00", "the day after tomorrow 9:00"), "dirá, .*Para más tarde", "will say, .*Para"
    )
    owner.press(sure, "Cancelar", "Cancel")
    owner.never_said("Otra cosa")


def test_two_drafts_stand_beside_each_other_and_each_is_published_once(owner: Owner) -> None:
    older = owner.tell("Aviso primero de dos", "diga esto", "say this")
    newer = owner.tell("Aviso segundo de dos", "Aviso segundo", "Aviso segundo")
    for text, draft in (("Aviso primero de dos", older), ("Aviso segundo de dos", newer)):
        owner.never_said(text)
        _tap_twice(owner, draft, "Publicar ya", "Post now")
        owner.posted(text)
        owner.says(f"dijo esto.*{text}", f"said this.*{text}")
    for text in ("Aviso primero de dos", "Aviso segundo de dos"):
        assert [p["text"] for p in owner.stage.timeline(owner.channel)].count(text) == 1
        assert not [m for m in owner.stage.chat(owner.person) if text in m.get("text", "") and "🔴" in m["text"]]


def _tap_twice(owner: Owner, message: dict[str, Any], spanish: str, english: str) -> None:
    """An impatient thumb: the second tap comes before the first is answered, or finds the button gone."""
    owner.press(message, spanish, english)
    with suppress(HTTPError):
        owner.stage.press(message, owner.t(spanish, english), owner.person, again=True)


def test_an_edit_before_it_is_confirmed_edits_the_draft(owner: Owner) -> None:
    written = owner.stage.do("/sandbox/telegram/say", person=owner.person, text="Choqe en la A1")["message_id"]
    owner.says("Choqe en la A1", "Choqe en la A1", after=written)
    owner.stage.do("/sandbox/telegram/edit", person=owner.person, message_id=written, text="Choque en la A1")
    offer = owner.says("Choque en la A1", "Choque en la A1", after=written)
    owner.press(offer, "Publicar ya", "Post now")
    owner.posted("Choque en la A1")
    owner.never_said("Choqe")


def test_hashtags_are_added_to_copies_counted_and_given_back(owner: Owner) -> None:
    owner.tell("/hashtags add #metro, " + owner.t("2 en total", "2 in all"), "0 de 2, quedan 2", "0 of 2, 2 left")
    owner.tell("/hashtags add a-b", "no es un hashtag", "is no hashtag")
    owner.tell("/gap 0", "Sin pausa", "No pause")
    owner.dm("choque en la estación central")
    owner.posted("choque en la estación central #metro")
    owner.tell("/hashtags", "1 de 2, quedan 1", "1 of 2, 1 left")
    owner.dm("choque por el #METRO cerrado")
    owner.posted("choque por el #METRO cerrado")
    told = owner.says("estación central #metro", "estación central #metro")
    owner.press(told, "Deshacer|↩️ 1$", "Undo|↩️ 1$")
    owner.stage.wait(
        "given back",
        lambda: re.search("0 de 2|0 of 2", owner.tell("/hashtags", "Hashtags", "Hashtags")["text"]),
    )
    listed = owner.tell("/hashtags", "Hashtags de", "Hashtags of")
    owner.press(listed, "#metro", "#metro")
    owner.press(owner.says("Otros límites", "Other limits"), "Quitar", "Remove")
    owner.press(owner.says("Quitado: #metro", "Removed: #metro"), "Deshacer", "Undo")
    owner.says("0 de 2, quedan 2", "0 of 2, 2 left")
    owner.tell("/hashtags remove #metro", "Quitado: #metro", "Removed: #metro")


def test_the_queue_takes_the_next_free_slot_and_is_reordered(owner: Owner) -> None:
    owner.tell("/queue", "Está vacía", "It is empty")
    owner.tell("/queue primero", "todavía no tiene huecos", "has no slots yet")
    owner.tell("/slots " + owner.t("lun-vie tal vez", "mon-fri maybe"), "por ejemplo: /huecos", "for example: /slots")
    owner.tell(
        "/slots " + owner.t("diario 8:00 18:00", "daily 8:00 18:00"), r"lun-dom 8:00 18:00", r"mon-sun 8:00 18:00"
    )
    for text in ("primero de la cola", "segundo de la cola"):
        owner.tell(f"/queue {text}", "🧺 En la cola para el", "🧺 In the queue for")
    offer = owner.tell("tercero de la cola", "diga esto", "say this")
    owner.press(offer, "🧺 Cola", "🧺 Queue")
    owner.says("🧺 En la cola", "🧺 In the queue")
    listed = owner.tell(
        "/queue", "1. .*primero.*2. .*segundo.*3. .*tercero", "1. .*primero.*2. .*segundo.*3. .*tercero"
    )
    owner.press(listed, "2 ▲", "2 ▲")
    owner.says("1. .*segundo.*2. .*primero.*3. .*tercero", "1. .*segundo.*2. .*primero.*3. .*tercero")
    owner.press(owner.says("1. .*segundo", "1. .*segundo"), "✕", "✕")
    owner.press(owner.says("Borrado: segundo", "Deleted: segundo"), "Deshacer", "Undo")
    owner.tell("/queue", "1. .*segundo.*2. .*primero", "1. .*segundo.*2. .*primero")
    owner.press(owner.says("1. .*segundo", "1. .*segundo"), "Barajar", "Shuffle")
    mixed = owner.says("1. .*2. .*3. ", "1. .*2. .*3. ")
    owner.tell("/queue", "1. .*2. .*3. ", "1. .*2. .*3. ")
    owner.press(mixed, "Deshacer", "Undo")
    owner.says("Quedó como estaba.*1. .*segundo", "It is as it was.*1. .*segundo")
    owner.tell("/queue", "1. .*segundo.*2. .*primero.*3. .*tercero", "1. .*segundo.*2. .*primero.*3. .*tercero")
    changed = owner.tell("/slots 9:15", "3 textos de la cola pasaron", "3 texts of the queue moved")
    owner.tell("/queue", "1. .* 09:15 — segundo.*2. .* 09:15 — primero", "1. .* 09:15 — segundo.*2. .* 09:15 — primero")
    owner.press(changed, "Deshacer", "Undo")
    owner.says("Quedó como estaba.*lun-dom 8:00 18:00", "It is as it was.*mon-sun 8:00 18:00")
    slots = "1. .* (08|18):00 — segundo.*2. .* (18|08):00 — primero"  # whichever is the next
    owner.tell("/queue", slots, slots)


def test_the_history_has_what_went_out_and_what_did_not(owner: Owner) -> None:
    owner.press(owner.tell("/post Texto de la historia", "diga esto", "say this"), "Publicar ya", "Post now")
    owner.posted("Texto de la historia")
    owner.stage.faults(refuse_post={"rate": 1, "times": 1})
    owner.press(owner.tell("/post Texto que X no quiere", "diga esto", "say this"), "Publicar ya", "Post now")
    owner.says("no pudo publicar esto.*Texto que X no quiere", "could not post this.*Texto que X no quiere")
    seen = owner.tell("/history", "Texto que X no quiere — X no lo quiso", "Texto que X no quiere — X refused it")
    assert re.search(r'status/\d+">↗</a> Texto de la historia', seen["html"])


def test_a_lost_answer_ends_with_the_whole_thing_on_x_once(desk: Stage) -> None:
    ana = Owner(desk, ANA, BEN, "TraficoValle", True)
    offer = ana.tell("/post Sin respuesta de X por un momento", "diga esto", "")
    desk.faults(drop_after_accept={"rate": 1, "times": 1})
    ana.press(offer, "Publicar ya", "")
    desk.bot_says("dijo esto.*Sin respuesta de X", ANA, within=60)
    mine = [k for k in desk.accepted("post") if k.endswith("Sin respuesta de X por un momento")]
    assert [desk.accepted("post")[k] for k in mine] == [1]


def test_the_week_comes_as_a_picture(owner: Owner) -> None:
    before = owner.stage.last_id(owner.person)
    owner.stage.says("/calendar", owner.person)
    sent = owner.says("próximos siete días", "next seven days", after=before)
    photo = owner.stage.download({"document": sent["photo"][-1]})
    assert photo.startswith(b"\x89PNG")
    owner.press(sent, "Programación", "Schedules")
    owner.says("Programación de", "Schedules of", after=sent["message_id"])
    owner.tell("/calendar nada", "próximos siete días", "next seven days")


def test_nothing_broke(desk: Stage) -> None:
    assert "Traceback" not in desk.log_text()
    assert "handler failed" not in desk.log_text()
