"""The bot dies at a call to Telegram, before it or after it: nothing that was sent is lost, and nothing is made twice."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from engine.moderation import MessageKind
from models.accounts import choices
from models.publishing.drafts import DraftRow
from models.publishing.tweets import Tweet
from models.scheduling.schedules import Schedule
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from models.undoing import Undo
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, connected, hears, posts
from tests.bot.pictures import photo
from tests.once import once

MOMENTS = [(0, False), (0, True), (1, False), (1, True)]
OF_THREE_CALLS = [*MOMENTS, (2, False)]  # who dies over a call that is never made dies over none


@pytest.fixture
def ana(db: Settings) -> Conversation:
    """Ana, who runs @TraficoValle; her language makes no difference."""
    found = Conversation(db, language="es")
    once(db, "TraficoValle of Ana in es", lambda: connected("TraficoValle", found))
    return found


@pytest.fixture(params=MOMENTS, ids=lambda moment: f"{'after' if moment[1] else 'before'} call {moment[0]}")
def moment(request: pytest.FixtureRequest) -> tuple[int, bool]:
    """The call to Telegram over which the bot dies, and whether Telegram has acted on it."""
    found: tuple[int, bool] = request.param
    return found


async def dying(ana: Conversation, moment: tuple[int, bool], does: Callable[[], object]) -> None:
    """Ana does this, the bot dies over it, and another one goes on."""
    does()
    call, after = moment
    died = await ana.the_bot_dies(call, after=after)
    await ana.goes_on()
    assert died or call


async def test_a_text_becomes_one_draft_that_is_seen(ana: Conversation, moment: tuple[int, bool]) -> None:
    await dying(ana, moment, lambda: ana.writes("Cierran la avenida"))
    assert DraftRow.select().count() == 1
    await ana.taps("Publicar ya")
    assert [t.text for t in Tweet.select()] == ["Cierran la avenida"]


async def test_a_photo_and_its_text_become_one_draft(ana: Conversation, moment: tuple[int, bool]) -> None:
    await dying(ana, moment, lambda: ana.attaches("plaza.png", photo("blue")))
    await dying(ana, moment, lambda: ana.writes("La plaza"))
    assert DraftRow.select().count() == 1
    ana.finds("La plaza")


@pytest.mark.parametrize("moment", OF_THREE_CALLS, indirect=True)
async def test_an_album_becomes_one_draft_with_each_of_its_photos_once(
    ana: Conversation, moment: tuple[int, bool]
) -> None:
    await dying(ana, moment, lambda: [ana.attaches(f"{c}.png", photo(c), album="one") for c in ("blue", "red")])
    assert DraftRow.get().turns.count('"photo"') == 2
    assert DraftRow.select().count() == 1


async def test_a_thread_has_each_of_its_posts_once(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("Cierran la avenida")
    await dying(ana, moment, lambda: ana.touches("Otra publicación|Otro"))
    await dying(ana, moment, lambda: ana.writes("Y la plaza"))
    await ana.taps("Publicar ya")
    assert [t.text for t in Tweet.select().order_by(Tweet.id)] == ["Cierran la avenida", "Y la plaza"]


async def test_what_is_confirmed_is_one_post_and_said_so(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("Cierran la avenida")
    await dying(ana, moment, lambda: ana.touches("Publicar ya"))
    ana.finds("En camino a X")
    assert (Tweet.select().count(), DraftRow.select().count()) == (1, 0)


async def test_what_is_scheduled_is_one_schedule_with_its_undo(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/schedule 2030-12-24 20:00 Feliz Navidad")
    await dying(ana, moment, lambda: ana.touches("Programar"))
    assert Schedule.select().count() == 1
    await ana.taps("Deshacer")
    assert not ana.toast
    assert Undo.select().count() == 0


async def test_one_time_is_left_out_and_no_other(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/schedule every day at 8:00 Buenos días")
    await ana.taps("Programar")
    await ana.types("/schedules")
    await ana.taps("· Buenos días")
    first = datetime.fromisoformat(Schedule.get().next_wall)
    await dying(ana, moment, lambda: ana.touches("Saltar la próxima"))
    assert datetime.fromisoformat(Schedule.get().next_wall) == first + timedelta(days=1)
    await ana.taps("Deshacer")
    assert datetime.fromisoformat(Schedule.get().next_wall) == first


async def test_what_is_deleted_is_said_so_and_comes_back(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/schedule every day at 8:00 Buenos días")
    await ana.taps("Programar")
    await ana.types("/schedules")
    await ana.taps("· Buenos días")
    await dying(ana, moment, lambda: ana.touches("Eliminar|Borrar"))
    ana.finds("Buenos días")
    await ana.taps("Deshacer")
    assert not ana.toast
    assert Undo.select().count() == 1


async def test_what_is_taken_back_or_cancelled_is_said_so(ana: Conversation, moment: tuple[int, bool]) -> None:
    hears("choque en la A1")
    posts()
    await ana.is_told("reposteó")
    await dying(ana, moment, lambda: ana.touches("Deshacer"))
    assert not ana.toast
    await ana.types("Cierran la avenida")
    await ana.taps("Publicar ya")
    await dying(ana, moment, lambda: ana.touches("No publicarlo"))
    ana.finds("No se publica")


async def test_an_option_of_a_word_has_its_way_back(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/triggers")
    await ana.taps("choque")
    await dying(ana, moment, lambda: ana.touches("^DM$"))
    await ana.taps("Deshacer")
    assert not ana.toast


@pytest.mark.parametrize("removed", ["/triggers remove choque", "/hashtags remove #metro", "/unblock @pepe"])
async def test_what_was_taken_away_is_said_so_and_comes_back(
    ana: Conversation, moment: tuple[int, bool], removed: str
) -> None:
    await ana.types("/hashtags add #metro")
    await ana.types("/block @pepe")
    await dying(ana, moment, lambda: ana.writes(removed))
    await ana.taps("Deshacer")
    assert not ana.toast
    assert Undo.select().count() == 2
    await ana.types(removed)
    ana.sees("Deshacer")


async def test_a_tap_on_the_week_turns_once(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/hours")
    await ana.taps("📅 Menciones")
    await dying(ana, moment, lambda: ana.touches("^0-6$"))
    assert choices.choices(channel()).policy.hours(MessageKind.MENTION).share(0, 6 * 60) == 0
    await ana.taps("Deshacer")
    assert not ana.toast


async def test_who_joins_a_team_is_welcomed(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/team")
    await ana.taps("Invitar")
    await ana.taps("Hacer el enlace")
    found = re.search(r"/start (team-\S+)", ana.answers[-1].text)
    assert found is not None
    ben = ana.another()
    await dying(ben, moment, lambda: ben.writes(f"/start {found[1]}"))
    ben.finds("Estás en el equipo", "You are in the team")


async def test_what_is_put_in_the_queue_has_one_place(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/slots mon-sun 8:00 12:00")
    await dying(ana, moment, lambda: ana.writes("/queue Buenos días"))
    assert Schedule.select().count() == 1
    await ana.taps("Deshacer")
    assert not ana.toast


async def test_who_publishes_a_held_message_is_not_told_that_somebody_was_first(
    ana: Conversation, moment: tuple[int, bool]
) -> None:
    await ana.types("/review all")
    hears("choque en la A1")
    await ana.types(f"/message {Message.get().id}")
    await dying(ana, moment, lambda: ana.touches("Publicar$"))
    assert Message.get().status is MessageStatus.APPROVED
    assert Tweet.select().count() == 1
    assert not ana.toast


async def test_what_is_undone_is_said_so(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/triggers add rifa, feria")
    await dying(ana, moment, lambda: ana.touches("Deshacer"))
    assert not ana.toast
    ana.finds("como estaba")


async def test_the_way_back_leads_to_what_was_before_the_first_try(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/zone Europe/Madrid")
    await dying(ana, moment, lambda: ana.writes("/zone America/Caracas"))
    ana.finds("Caracas")
    await ana.taps("Deshacer")
    ana.reads("Madrid")


@pytest.mark.parametrize("moment", OF_THREE_CALLS, indirect=True)
async def test_a_list_is_brought_in_once_and_said_so(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/import")
    await ana.sends("lista.csv", "list,text,applies,block,becomes,note\ntrigger,rifa,,,,\n")
    await dying(ana, moment, lambda: ana.touches("Añadir"))
    ana.finds("Hecho: 1 ")
    assert Undo.select().count() == 1
    await ana.types("Hola vecinos")
    ana.sees("Publicar ya")


async def test_an_answer_is_an_answer_when_it_is_read_again(ana: Conversation, moment: tuple[int, bool]) -> None:
    await ana.types("/schedule Feliz Navidad")
    await dying(ana, moment, lambda: ana.writes("2030-12-24 20:00"))
    assert DraftRow.select().count() == 1
    await ana.taps("Programar")
    assert Schedule.select().count() == 1
