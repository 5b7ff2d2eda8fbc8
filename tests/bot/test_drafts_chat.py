"""Drafts in the chat: each lives by itself, over panels and restarts; a photo and its text become one, a command in a
caption is none of its words, and a double tap confirms once."""

import re

import pytest

from engine import posts as engine_posts
from models.accounts.channels import Channel
from models.publishing import drafts
from models.publishing.drafts import DraftRow
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling.schedules import Schedule
from tests.bot.conversation import Conversation, Shown
from tests.bot.on_x import channel, connected, hears, posts
from tests.bot.pictures import VIDEO, photo
from tests.bot.test_moderation_chat import closed_now

NOW = ("Publicar ya", "Post now")
GONE = ("Ese borrador ya terminó", "That draft is done with")


def said() -> list[str]:
    """What was queued to be said, in its order."""
    return [t.text for t in Tweet.select().order_by(Tweet.id)]


def planned() -> list[str]:
    return [engine_posts.in_words(s.threads[0]) for s in Schedule.select().order_by(Schedule.id)]


def target(shown: Shown, label: str) -> str:
    return next(t for row in shown.buttons for la, t in row if re.search(label, la))


async def taps_twice(ana: Conversation, spanish: str, english: str) -> None:
    """The same button twice, before the phone shows what the first did."""
    shown = ana.answers[-1]
    button = target(shown, ana.t(spanish, english))
    await ana.presses_unseen(shown, button)
    await ana.presses_unseen(shown, button)


# --- a draft stays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "meanwhile",
    [
        "tap an hour", "add a word", "search a word", "begin a wizard", "/start", "/channels", "/queue", "/hours",
        "/help", "/status", "/schedule", "/cancel", "another draft", "an unknown command", "/connect",
    ],
)  # fmt: skip
async def test_nothing_that_is_done_between_takes_a_draft_away(ana: Conversation, meanwhile: str) -> None:
    draft = await ana.sends("plaza.png", photo("blue"), "La plaza hoy")
    if meanwhile == "tap an hour":
        await ana.types("/hours")
        await ana.taps("📅 Menciones", "📅 Mentions")
        await ana.taps("^lun$", "^mon$")
    elif meanwhile == "add a word":
        await ana.types("/triggers")
        await ana.taps("Añadir", "Add")
        await ana.types("granizo")
    elif meanwhile == "search a word":
        await ana.types("/triggers")
        await ana.taps("Buscar", "Search")
        await ana.types("choque")
    elif meanwhile == "begin a wizard":
        await ana.types("/triggers")
        await ana.taps("Añadir", "Add")
    elif meanwhile == "another draft":
        await ana.types("Otra cosa cualquiera")
    else:
        await ana.types("/nosuch" if meanwhile == "an unknown command" else meanwhile)
    await ana.taps(*NOW, under=draft)
    ana.reads("En camino a X", "On its way to X")
    (tweet,) = Tweet.select()
    assert (tweet.text, tweet.status) == ("La plaza hoy", TweetStatus.WAITING)  # for its photo to be at X


async def test_several_drafts_stand_side_by_side_each_with_its_own_buttons(ana: Conversation) -> None:
    one = await ana.types("Aviso primero de tres")
    two = await ana.types("Aviso segundo de tres")
    three = await ana.types("/schedule mañana 9:00 Aviso tercero", "/schedule tomorrow 9:00 Aviso tercero")
    await ana.taps("Programar", "Schedule it", under=three)
    await ana.taps(*NOW, under=one)
    await ana.taps("Descartar", "Discard", under=two)
    ana.reads("Descartado", "Discarded")
    assert (said(), planned()) == (["Aviso primero de tres"], ["Aviso tercero"])
    assert DraftRow.select().count() == 0


@pytest.mark.both_databases
async def test_a_draft_and_a_step_survive_a_restart_of_the_bot(ana: Conversation) -> None:
    draft = await ana.sends("plaza.png", photo("blue"), "La plaza hoy")
    await ana.taps("Otro tuit", "Another post", under=draft)
    ana.the_bot_is_restarted()
    await ana.types("Y la fuente")
    ana.reads("1/2.*La plaza hoy.*2/2.*Y la fuente")
    ana.the_bot_is_restarted()
    await ana.taps(*NOW)
    ana.reads("En camino a X", "On its way to X")
    assert said() == ["La plaza hoy", "Y la fuente"]


async def test_a_draft_is_its_writers_alone(ana: Conversation, ben: Conversation) -> None:
    draft = await ana.types("Aviso de Ana")
    await ben.types("/channel")
    for label in draft.labels:
        await ben.presses_foreign(ana, draft, re.escape(label))
        ben.is_refused("Ese botón no es para ti", "That button is not for you")
    assert DraftRow.select().count() == 1


async def test_a_discarded_draft_is_gone(ana: Conversation) -> None:
    draft = await ana.types("Aviso que no va")
    await ana.taps("Descartar", "Discard")
    for label in draft.labels:
        await ana.presses_unseen(draft, target(draft, re.escape(label)))
        ana.is_refused(*GONE)
    assert said() == planned() == []


# --- two taps make one ---------------------------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_a_double_tap_on_post_now_makes_one_tweet(ana: Conversation) -> None:
    await ana.types("Vía despejada")
    await taps_twice(ana, *NOW)
    ana.is_refused(*GONE)
    assert said() == ["Vía despejada"]


@pytest.mark.both_databases
async def test_a_double_tap_on_schedule_it_makes_one_schedule(ana: Conversation) -> None:
    await ana.types("/schedule mañana 9:00 Buenos días", "/schedule tomorrow 9:00 Buenos días")
    await taps_twice(ana, "Programar", "Schedule it")
    ana.is_refused(*GONE)
    assert planned() == ["Buenos días"]


@pytest.mark.both_databases
async def test_a_double_tap_on_queue_takes_one_slot(ana: Conversation) -> None:
    await ana.types("/slots diario 8:00 18:00", "/slots daily 8:00 18:00")
    await ana.types("Para la cola")
    await taps_twice(ana, "🧺 Cola", "🧺 Queue")
    ana.is_refused(*GONE)
    assert planned() == ["Para la cola"]


async def test_a_draft_stays_where_the_queue_has_no_slots(ana: Conversation) -> None:
    await ana.types("Para la cola")
    await ana.taps("🧺 Cola", "🧺 Queue")
    ana.reads("todavía no tiene huecos", "has no slots yet")
    await ana.taps(*NOW)
    assert said() == ["Para la cola"]


@pytest.mark.both_databases
async def test_a_double_tap_on_the_post_now_of_a_schedule_makes_one_tweet(ana: Conversation) -> None:
    await ana.types("/schedule cada lunes 7:15 Buena semana {n}", "/schedule every monday 7:15 Buena semana {n}")
    await ana.taps("Programar", "Schedule it")
    await ana.types("/schedules")
    await ana.taps("Buena semana")
    await taps_twice(ana, *NOW)
    ana.is_refused("Ese ya está en camino", "That one is on its way already")
    assert said() == ["Buena semana 1"]


# --- cancelled as long as it waits ---------------------------------------------------------------------------------

DONT = ("No publicarlo|No lo publiques|✖️", "Don't post it")


async def test_what_was_written_is_cancelled_as_long_as_it_waits_and_not_after(ana: Conversation) -> None:
    await ana.types("Uno\n---\nDos")
    await ana.taps(*NOW)
    waiting = ana.reads("En camino a X", "On its way to X")
    await ana.taps(*DONT)
    ana.reads("No se publica", "It is not posted")
    assert [t.status for t in Tweet.select()] == [TweetStatus.CANCELLED] * 2
    await ana.presses_unseen(waiting, target(waiting, ana.t(*DONT)))
    ana.is_refused("Demasiado tarde", "Too late: it does not wait any more")
    await ana.types("Otro texto")
    await ana.taps(*NOW)
    waiting = ana.answers[-1]
    posts()
    await ana.taps(*DONT, under=waiting)
    ana.is_refused("Demasiado tarde", "Too late: it does not wait any more")
    assert Tweet.get(Tweet.text == "Otro texto").status is TweetStatus.SENT


async def test_what_waits_for_its_photo_at_x_is_cancelled(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "La plaza hoy")
    await ana.taps(*NOW)
    await ana.taps(*DONT)
    ana.reads("No se publica", "It is not posted")
    assert Tweet.get().status is TweetStatus.CANCELLED


async def test_a_repost_that_waits_for_its_hours_is_cancelled_from_its_card(ana: Conversation) -> None:
    await ana.types(f"/hours {closed_now('UTC')}")
    hears("choque que espera su hora")
    await ana.types("/message")
    await ana.taps("choque que espera")
    await ana.taps(*DONT)
    ana.reads("No se publica", "It is not posted")
    assert Tweet.get().status is TweetStatus.CANCELLED


# --- a photo and its text ------------------------------------------------------------------------------------------


@pytest.mark.both_databases
async def test_a_photo_first_and_its_text_second_are_one_draft(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"))
    await ana.types("La plaza hoy")
    ana.reads("diga esto.*La plaza hoy.*🖼", "say this.*La plaza hoy.*🖼")
    assert DraftRow.select().count() == 1
    await ana.taps(*NOW)
    (tweet,) = Tweet.select()
    assert (tweet.text, tweet.status) == ("La plaza hoy", TweetStatus.WAITING)


async def test_an_album_first_and_its_text_second_are_one_draft(ana: Conversation) -> None:
    for n, color in enumerate(("red", "green")):
        ana.attaches(f"{n}.png", photo(color), album="a")
    await ana.goes_on()
    await ana.types("La plaza hoy")
    ana.reads("La plaza hoy.*🖼.*🖼")
    await ana.types("Otra cosa")
    ana.reads("Otra cosa")
    assert DraftRow.select().count() == 2


async def test_a_text_does_not_join_a_photo_that_is_published_or_has_its_text(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"))
    await ana.taps(*NOW)
    await ana.types("Otra cosa")
    shown = ana.reads("diga esto.*Otra cosa", "say this.*Otra cosa")
    assert "🖼 " not in shown.text
    await ana.sends("calle.png", photo("red"), "La calle")
    await ana.types("Nada que ver")
    assert "🖼 " not in ana.reads("Nada que ver").text


async def test_a_photo_for_another_channel_keeps_its_channel(ana: Conversation) -> None:
    connected("CanalNuevo", ana)
    await ana.types("/channel @CanalNuevo")
    await ana.sends("plaza.png", photo("blue"))
    await ana.types("/channel @TraficoValle")
    await ana.types("La plaza hoy")
    ana.reads("@CanalNuevo diga|@CanalNuevo", "@CanalNuevo say this.*La plaza hoy.*🖼")


async def test_a_text_at_the_step_that_asks_for_a_photo_is_refused_and_the_draft_stays(ana: Conversation) -> None:
    draft = await ana.types("La plaza hoy")
    await ana.taps("🖼 Foto", "🖼 Photo")
    await ana.types("es la de Bolívar")
    ana.reads("Ahora espero una foto.*/cancel", "I wait for a photo.*/cancel")
    await ana.sends("plaza.png", photo("blue"))
    ana.reads("La plaza hoy.*🖼")
    assert (DraftRow.select().count(), said()) == (1, [])
    await ana.presses_unseen(draft, target(draft, ana.t(*NOW)))
    assert said() == ["La plaza hoy"]


async def test_cancelling_the_photo_keeps_the_draft(ana: Conversation) -> None:
    draft = await ana.types("La plaza hoy")
    await ana.taps("🖼 Foto", "🖼 Photo")
    await ana.types("/cancel")
    await ana.taps(*NOW, under=draft)
    assert said() == ["La plaza hoy"]


async def test_a_file_that_is_no_photo_is_refused_where_a_photo_or_a_text_is_asked_for(ana: Conversation) -> None:
    await ana.types("La plaza hoy")
    await ana.taps("🖼 Foto", "🖼 Photo")
    await ana.sends("lista.csv", "a,b\n")
    ana.reads("espero una foto", "I wait for a photo")
    await ana.types("/triggers")
    await ana.taps("Añadir", "Add")
    await ana.sends("lista.csv", "a,b\n")
    ana.reads("espero un texto", "I wait for a text")
    await ana.sends("plaza.png", photo("blue"))
    ana.reads("espero un texto", "I wait for a text")
    await ana.types("choque")
    ana.reads("1 disparador", "1 trigger")


# --- commands in a caption -----------------------------------------------------------------------------------------


async def test_a_photo_is_scheduled_by_its_caption(ana: Conversation) -> None:
    caption = ana.t("/schedule mañana 9am Buenos días", "/schedule tomorrow 9am Buenos días")
    await ana.sends("plaza.png", photo("blue"), caption)
    ana.reads("dirá, .* a las 09:00:\nBuenos días\n.*🖼", "will say, .* at 09:00:\nBuenos días\n.*🖼")
    await ana.taps("Programar", "Schedule it")
    (schedule,) = Schedule.select()
    ((post,),) = schedule.threads
    assert (post.text, len(post.media)) == ("Buenos días", 1)


async def test_an_album_is_scheduled_by_its_caption_with_one_answer(ana: Conversation) -> None:
    caption = ana.t("/schedule mañana 9am Buenos días", "/schedule tomorrow 9am Buenos días")
    ana.attaches("0.png", photo("red"), caption, album="a")
    for n, color in enumerate(("green", "blue"), 1):
        ana.attaches(f"{n}.png", photo(color), album="a")
    await ana.goes_on()
    ana.reads("Buenos días.*🖼.*🖼.*🖼")
    assert len(ana.answers) == 1
    await ana.taps("Programar", "Schedule it")
    ((post,),) = Schedule.get().threads
    assert (post.text, len(post.media)) == ("Buenos días", 3)


@pytest.mark.parametrize("caption", ["/schedule mañana 9am", "/schedule mañana", "/schedule"])
async def test_a_scheduled_photo_without_text_asks_once_for_what_is_missing(ana: Conversation, caption: str) -> None:
    caption = caption.replace("mañana", ana.t("mañana", "tomorrow"))
    ana.attaches("0.png", photo("red"), caption, album="a")
    ana.attaches("1.png", photo("green"), album="a")
    await ana.goes_on()
    assert len(ana.answers) == 1, ana.answers
    if caption == "/schedule":
        await ana.types("mañana 9:00", "tomorrow 9:00")
    elif "9am" not in caption:
        await ana.types("9:00")
    ana.reads("a las 09:00.*🖼.*🖼", "at 09:00.*🖼.*🖼")
    await ana.taps("Programar", "Schedule it")
    ((post,),) = Schedule.get().threads
    assert (post.text, len(post.media)) == ("", 2)


@pytest.mark.parametrize(
    "caption", ["/post Hola, vecinos", "/post@CanalesBot Hola, vecinos", "/post @TraficoValle Hola, vecinos"]
)
async def test_a_photo_is_posted_by_its_caption(ana: Conversation, caption: str) -> None:
    await ana.sends("plaza.png", photo("blue"), caption)
    ana.reads("diga esto.*\nHola, vecinos\n.*🖼", "say this.*\nHola, vecinos\n.*🖼")
    await ana.taps(*NOW)
    assert said() == ["Hola, vecinos"]


async def test_a_photo_posted_without_text_waits_for_one(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "/post")
    ana.reads("diga esto.*🖼", "say this.*🖼")
    await ana.types("La plaza hoy")
    ana.reads("La plaza hoy.*🖼")


async def test_an_album_is_posted_by_its_caption(ana: Conversation) -> None:
    ana.attaches("0.png", photo("red"), "/post Hola", album="a")
    ana.attaches("1.png", photo("green"), album="a")
    await ana.goes_on()
    ana.reads("Hola.*🖼.*🖼")
    assert (len(ana.answers), DraftRow.select().count()) == (1, 1)


async def test_a_photo_is_queued_by_its_caption(ana: Conversation) -> None:
    await ana.types("/slots diario 8:00 18:00", "/slots daily 8:00 18:00")
    await ana.sends("plaza.png", photo("blue"), "/queue Hola, vecinos")
    ana.reads("En la cola", "In the queue")
    ((post,),) = Schedule.get().threads
    assert (post.text, len(post.media)) == ("Hola, vecinos", 1)


async def test_an_album_is_queued_whole_by_its_caption(ana: Conversation) -> None:
    await ana.types("/slots diario 8:00 18:00", "/slots daily 8:00 18:00")
    ana.attaches("0.png", photo("red"), "/queue Hola, vecinos", album="a")
    ana.attaches("1.png", photo("green"), album="a")
    await ana.goes_on()
    assert len(ana.answers) == 1
    await ana.taps("🧺 Cola", "🧺 Queue")
    ana.reads("En la cola", "In the queue")
    ((post,),) = Schedule.get().threads
    assert (post.text, len(post.media)) == ("Hola, vecinos", 2)


async def test_a_video_and_a_photo_sent_as_a_file_go_with_a_command_too(ana: Conversation) -> None:
    await ana.sends("choque.mp4", VIDEO, "/post El video")
    ana.reads("\nEl video\n.*🎬")
    await ana.sends("plaza.png", photo("blue"), "/post La foto", as_document=True)
    ana.reads("\nLa foto\n.*🖼")


@pytest.mark.parametrize("caption", ["/nosuch Hola", "/triggers add hola", "/", "/status"])
async def test_another_command_in_a_caption_is_refused_and_never_said(ana: Conversation, caption: str) -> None:
    await ana.sends("plaza.png", photo("blue"), caption)
    ana.reads("/schedule, /post o /queue", "A photo goes with /schedule, /post or /queue")
    assert DraftRow.select().count() == 0


async def test_an_edited_caption_with_a_command_is_read_as_one(ana: Conversation) -> None:
    await ana.sends("plaza.png", photo("blue"), "/post Hola, vecnos")
    await ana.edits(ana.last_written(), "/post Hola, vecinos")
    ana.reads("\nHola, vecinos\n.*🖼")
    await ana.types("/post @TraficoValle Vía cerada")
    await ana.edits(ana.last_written(), "/post @TraficoValle Vía cerrada")
    ana.reads("\nVía cerrada\n")
    await ana.types("/schedule @TraficoValle mañana 9:00 Hola", "/schedule @TraficoValle tomorrow 9:00 Hola")
    later = ana.t("/schedule @TraficoValle mañana 9:30 Hola, hola", "/schedule @TraficoValle tomorrow 9:30 Hola, hola")
    await ana.edits(ana.last_written(), later)
    ana.reads("09:30:\nHola, hola\n")


# --- names that are no channel of mine -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["@somebody hello", "@somebody", "@maria_rdz: gracias\npor todo"])
async def test_a_post_may_begin_with_a_name(ana: Conversation, text: str) -> None:
    await ana.types(f"/post {text}")
    ana.reads(f"@TraficoValle diga esto.*\n{text}\n", f"@TraficoValle say this.*\n{text}\n")


async def test_what_is_queued_or_scheduled_may_begin_with_a_name(ana: Conversation) -> None:
    await ana.types("/slots diario 8:00 18:00", "/slots daily 8:00 18:00")
    await ana.types("/queue @x hi")
    ana.reads("En la cola", "In the queue")
    assert planned() == ["@x hi"]
    await ana.types("/schedule @x mañana 9:00 hola", "/schedule @x tomorrow 9:00 hola")
    assert not re.search(ana.t("no es uno de tus", "is not one of"), ana.answers[-1].text)
    await ana.types("/schedule mañana 9:00 @x hola", "/schedule tomorrow 9:00 @x hola")
    ana.reads("@x hola")


@pytest.mark.parametrize("command", ["/test", "/preview"])
async def test_what_is_tried_may_begin_with_a_name(ana: Conversation, command: str) -> None:
    await ana.types(f"{command} @somebody choque en la A1")
    assert re.search("@TraficoValle", ana.answers[-1].text)
    ana.reads("choque en la A1")


async def test_a_credit_may_begin_with_a_name(ana: Conversation) -> None:
    await ana.types("/credit @{handle}: {text}")
    ana.reads(r"@\{handle\}: \{text\}")


async def test_my_own_channel_before_a_text_is_a_channel(ana: Conversation) -> None:
    connected("CanalNuevo", ana)
    await ana.types("/post @canalnuevo hola")
    ana.reads("@CanalNuevo diga esto.*\nhola\n", "@CanalNuevo say this.*\nhola\n")
    await ana.types("/test @CanalNuevo choque")
    ana.reads("@CanalNuevo")
    assert channel("CanalNuevo").id != channel().id
    assert Channel.select().count() == 2
    assert drafts.newest(ana.person, Channel.get().created_at) is not None
