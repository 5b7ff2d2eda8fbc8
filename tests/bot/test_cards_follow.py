"""What a card in the chat shows is so, also after it was shown: posted, failed, cancelled, taken back."""

from datetime import datetime, timedelta

from engine.moderation import Review
from models import choosing
from models.accounts.channels import Channel
from models.control import switching
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import history, placing, saying, taking_back
from models.publishing.tweets import Tweet, TweetStatus
from models.scheduling import planning, schedules
from models.scheduling.schedules import Schedule, ScheduleStatus
from models.streaming.messages import Message
from tasks.clock import now
from tests.bot.conversation import Conversation, Shown
from tests.bot.on_x import channel, hears, posts, refuses


def of_newest_message() -> int:
    return int(Message.select().order_by(Message.id.desc()).get().id)


async def a_card_that_waits(ana: Conversation) -> Shown:
    """The card of a message whose post has its slot in a minute."""
    hears("choque en la A1")
    Tweet.update(due_at=now() + timedelta(seconds=30)).execute()
    await ana.types(f"/message {of_newest_message()}")
    return ana.reads("⏳ Sale: (lun|mar|mié|jue|vie|sáb|dom) .*:", "⏳ Goes out at (Mon|Tue|Wed|Thu|Fri|Sat|Sun) ")


async def test_a_card_shows_the_post_once_it_is_out_with_its_link_and_undo(ana: Conversation) -> None:
    card = await a_card_that_waits(ana)
    posts(now() + timedelta(minutes=1))
    shown = await ana.is_told("🔎.*🔁 Publicado", "🔎.*🔁 Posted at")
    assert shown.id == card.id
    assert {"↩️ Deshacer", "Ver ↗"} <= set(shown.labels) or {"↩️ Undo", "View ↗"} <= set(shown.labels)
    tweet = history.of_message(of_newest_message())
    assert tweet is not None
    taking_back.want(tweet.id, now())
    taken = taking_back.claim(tweet.id, now())
    assert taken is not None
    taking_back.done(taken[0], now())
    assert (await ana.is_told("🔎.*publicado y deshecho|🔎.*se deshizo", "🔎.*posted and undone")).id == card.id


async def test_a_card_shows_why_it_was_not_posted(ana: Conversation) -> None:
    card = await a_card_that_waits(ana)
    Tweet.update(due_at=now()).execute()
    refuses()
    assert (await ana.is_told("🔎.*No publicado — X no lo quiso", "🔎.*Not posted — X refused it")).id == card.id


async def test_a_card_shows_that_the_channel_was_turned_off(ana: Conversation) -> None:
    card = await a_card_that_waits(ana)
    switching.switch(channel().id, on=False, now=now())
    assert (await ana.is_told("🔎.*No publicado", "🔎.*Not posted")).id == card.id


async def test_a_card_shows_another_moment(ana: Conversation) -> None:
    card = await a_card_that_waits(ana)
    Tweet.update(due_at=now() + timedelta(hours=3)).execute()
    again = await ana.is_told("⏳ Sale", "⏳ Goes out")
    assert (again.id, again.text == card.text) == (card.id, False)


async def test_a_held_card_that_is_published_ends_as_posted(ana: Conversation) -> None:
    choosing.choose(channel().id, now(), review=Review.ALL)
    hears("choque en la A1")
    held = await ana.is_told("¿publicar este", "publish this")
    Tweet.update(due_at=now()).execute()
    await ana.taps("✅ Publicar", "✅ Publish")
    posts(now() + timedelta(minutes=1))
    assert (await ana.is_told("🔁 Publicado", "🔁 Posted at")).id == held.id


async def test_what_a_person_sent_on_its_way_shows_that_it_is_there(ana: Conversation) -> None:
    await ana.types("Hola vecinos")
    await ana.taps("Publicar ya", "Post now")
    on_its_way = ana.reads("En camino a X", "On its way to X")
    posts(now() + timedelta(seconds=1))
    told = await ana.is_told("dijo esto.*Hola vecinos", "said this.*Hola vecinos")
    card = next(s for s in ana.everything() if s.id == on_its_way.id)
    assert card.text == told.text
    assert any("Deshacer" in la or "Undo" in la for la in card.labels)


async def test_what_waits_for_money_says_so_until_there_is_some(ana: Conversation) -> None:
    await ana.types("/presupuesto 0.10", "/budget 0.10")
    await ana.types("Más en https://example.org/a")
    on_its_way = await ana.taps("Publicar ya", "Post now")
    assert on_its_way is not None
    (tweet,) = Tweet.select()
    assert saying.claim(tweet.id, now()) is None
    waits = await ana.is_told("⏳ Espera dinero", "⏳ It waits for money")
    assert waits.id == on_its_way.id
    await ana.taps("💰", under=waits)
    ana.reads("1 tuit espera dinero", "1 post waits for money")


async def test_the_card_of_a_message_says_too_that_its_post_waits_for_money(ana: Conversation) -> None:
    await ana.types("/presupuesto 0.01", "/budget 0.01")
    card = await a_card_that_waits(ana)
    (tweet,) = Tweet.select()
    assert saying.claim(tweet.id, tweet.due_at) is None
    assert (await ana.is_told("🔎.*⏳ Espera dinero", "🔎.*⏳ It waits for money")).id == card.id


async def test_what_could_not_be_said_is_shown_with_a_way_to_try_again(ana: Conversation) -> None:
    await ana.types("Hola vecinos")
    on_its_way = await ana.taps("Publicar ya", "Post now")
    assert on_its_way is not None
    refuses()
    shown = await ana.is_told("▫️ @T.* no dijo esto: X no lo quiso", "▫️ @T.* did not say this: X refused it")
    assert shown.id == on_its_way.id
    await ana.taps("Intentar|Reintentar|otra vez", "Try again", under=shown)
    assert ana.reads("Va otra vez en camino", "On its way again").id == shown.id


async def test_a_card_that_was_left_for_another_panel_stays_that_panel(ana: Conversation) -> None:
    card = await a_card_that_waits(ana)
    await ana.taps("🚫 Bloquear", "🚫 Block", under=card)
    asked = ana.reads("¿Bloquear a|Bloquear a", "Block @")
    assert asked.id == card.id
    Tweet.update(due_at=now()).execute()
    posts()
    await ana.is_told("reposteó", "reposted")
    assert next(s for s in ana.everything() if s.id == asked.id).text == asked.text
    assert not Notice.select().where(Notice.kind == NoticeKind.CARD).exists()


async def test_nobody_looks_at_what_is_settled(ana: Conversation) -> None:
    await a_card_that_waits(ana)
    assert Notice.select().where(Notice.drawn_as.is_null(False)).count() == 1
    posts(now() + timedelta(minutes=1))
    await ana.is_told("🔁", "🔁")
    assert Notice.select().where(Notice.drawn_as.is_null(False)).count() == 0
    assert placing.due(now() + timedelta(days=1), 10) == []


async def test_what_was_planned_shows_that_it_is_out(ana: Conversation) -> None:
    await ana.types("/schedule tomorrow 9:00 Hola vecinos")
    card = await ana.taps("✅ Programar", "✅ Schedule it")
    assert card is not None
    assert "↩️ Deshacer" in card.labels or "↩️ Undo" in card.labels
    when = first_time()
    planning.plan(when - timedelta(seconds=30))
    assert (await ana.is_told("⏳ Sale|En camino", "⏳ Goes out|On its way")).id == card.id
    posts(when)
    await ana.is_told("dijo lo programado", "said what was scheduled")
    shown = next(s for s in ana.everything() if s.id == card.id)
    assert "Hola vecinos" in shown.text
    assert {"Ver ↗", "View ↗"} & set(shown.labels)


async def test_what_waits_in_the_queue_shows_its_slot_and_that_it_was_taken_out(ana: Conversation) -> None:
    await ana.types("/slots mon-sun 9:00")
    await ana.types("/queue Hola vecinos")
    card = ana.reads("En la cola para el .* 09:00", "In the queue for .* 09:00")
    await ana.types("/slots mon-sun 10:00")
    assert (await ana.is_told("En la cola para el .* 10:00", "In the queue for .* 10:00")).id == card.id
    await ana.types("/queue")
    await ana.taps("✕", "✕")
    await ana.is_told("Borrado: Hola|Deleted: Hola|🗑", "🗑 Deleted: Hola")
    assert "🗑" in next(s for s in ana.everything() if s.id == card.id).text


async def test_a_plan_that_was_stopped_elsewhere_shows_it_and_goes_on_from_its_card(ana: Conversation) -> None:
    await ana.types("/schedule every monday 9:00 Hola vecinos")
    card = await ana.taps("✅ Programar", "✅ Schedule it")
    assert card is not None
    plan = Schedule.get()
    schedules.pause(plan)
    shown = await ana.is_told("⏸", "⏸ Paused")
    assert shown.id == card.id
    Schedule.update(status=ScheduleStatus.DONE).execute()
    assert (await ana.is_told("🏁 Ya pasó su última vez: Hola", "🏁 Its last time has gone by: Hola")).id == card.id
    assert Notice.select().where(Notice.drawn_as.is_null(False)).count() == 0


def first_time() -> datetime:
    first = Schedule.get().next_at
    assert first is not None
    return first


async def test_what_waits_while_the_channel_is_off_is_not_told_as_lost_and_shows_that_it_is_said_after_all(
    ana: Conversation,
) -> None:
    await ana.types("Hola vecinos")
    card = await ana.taps("Publicar ya", "Post now")
    assert card is not None
    switching.switch(channel().id, on=False, now=now())
    waits = await ana.is_told("⏸ @T.* está apagado: esto sale si", "⏸ @T.* is off: this goes out if")
    assert waits.id == card.id
    assert not {"🔁 Intentar otra vez", "🔁 Try again"} & set(waits.labels)
    switching.switch(channel().id, on=True, now=now())
    posts(now() + timedelta(seconds=1))
    await ana.is_told("dijo esto.*Hola vecinos", "said this.*Hola vecinos")
    assert "Hola vecinos" in next(s for s in ana.everything() if s.id == card.id).text
    assert {"Ver ↗", "View ↗"} & set(next(s for s in ana.everything() if s.id == card.id).labels)


async def test_what_waits_for_x_or_is_in_doubt_says_so(ana: Conversation) -> None:
    await ana.types("Hola vecinos")
    card = await ana.taps("Publicar ya", "Post now")
    assert card is not None
    Channel.update(hold_until=now() + timedelta(minutes=9), held_for="locked").execute()
    Tweet.update(due_at=now() + timedelta(minutes=9)).execute()
    assert (await ana.is_told("⏳ Espera: X no acepta nada", "⏳ It waits: X takes nothing")).id == card.id
    Tweet.update(status=TweetStatus.UNKNOWN, claimed_until=now() + timedelta(minutes=1)).execute()
    assert (await ana.is_told("X no dio una respuesta clara", "X gave no clear answer")).id == card.id
    await ana.types("Otra cosa")
    await ana.taps("Publicar ya", "Post now")
    ana.reads("⏳ Espera: X no acepta nada", "⏳ It waits: X takes nothing")
