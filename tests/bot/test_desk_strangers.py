"""What nobody thought of at a desk: names that hide, who acts elsewhere, two desks at one table, who writes as whom."""

import pytest

from engine.roles import Role
from models.accounts import handing_over, team
from models.moderation import desks as moving
from models.moderation import senders
from models.notifications import desks
from models.notifications.desks import Lost
from models.publishing.tweets import Tweet, UndoState
from models.settings import Settings
from models.streaming.messages import Message, MessageStatus
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.in_a_group import BOT, Group
from tests.bot.on_x import channel, connected, hears, posts, refuses
from tests.bot.test_undo_chat import joins


@pytest.fixture
def newcomer(db: Settings) -> Conversation:
    """Ana, in one language: the desk speaks its owner's."""
    return Conversation(db, language="es")


@pytest.fixture
async def mia(ana: Conversation) -> Conversation:
    """Of Ana's team; she speaks another language."""
    member = ana.another(11, "en", "Mia")
    await joins(ana, member)
    await ana.types("/review all")
    return member


@pytest.fixture
async def luis(ana: Conversation) -> Conversation:
    return ana.another(12, "en", "Luis")


@pytest.fixture
async def forum(ana: Conversation, mia: Conversation, luis: Conversation) -> Group:
    """The desk of Ana's channel, at which somebody else sits too."""
    made = Group(ana, mia, luis, forum=True)
    await made.types(ana, f"/desk{BOT} @TraficoValle")
    return made


def is_now(who: Conversation, role: Role, handle: str = "TraficoValle") -> None:
    team._put(channel(handle).id, who.person, frozenset([role]), now())


async def test_a_name_that_stands_there_by_chance_is_signed_all_the_same(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    hears("choque de Ana y Mia en el faro", "pepe")
    ignored = await forum.taps_and_sees(mia, await forum.is_told("choque de Ana"), "▫️")
    assert "Mia dijo que no" in ignored.text
    assert "👤" not in ignored.text, "once is enough"
    back = await forum.taps_and_sees(ana, ignored, "↩️")
    assert "👤 Ana" in back.text
    await forum.delivers()
    assert "👤 Ana" in forum.again(back).text
    assert "👤" not in (await forum.taps_and_sees(mia, back, "▫️")).text


async def test_what_is_done_in_private_is_signed_at_the_desk(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await ana.types("/desk posted on")
    hears("choque uno", "pepe")
    held = await forum.is_told("choque uno")
    number = Message.get().id
    help_ = await mia.types("/help")
    await mia.presses_unseen(help_, f"heldno:{channel().id}:{number}")
    await forum.delivers()
    assert "Mia dijo que no" in forum.again(held).text
    await ana.presses_unseen(await ana.types("/help"), f"heldback:{channel().id}:{number}")
    await forum.delivers()
    assert "👤 Ana" in forum.again(held).text
    await mia.presses_unseen(help_, f"heldyes:{channel().id}:{number}")
    posts()
    posted = await forum.is_told("posteó.*choque uno")
    assert "👤" not in posted.text + forum.again(held).text
    await mia.presses_unseen(help_, f"undo:{channel().id}:{Tweet.get().id}")
    assert Tweet.get().undo is UndoState.WANTED
    await forum.delivers()
    assert "👤 Mia" in forum.again(posted).text


async def test_trust_and_another_try_are_seen_by_all_who_sit_there(
    ana: Conversation, mia: Conversation, luis: Conversation, forum: Group
) -> None:
    hears("choque dos", "pepe2")
    card = await forum.taps_and_sees(mia, await forum.is_told("choque dos"), "▫️")
    trusted = await forum.taps_and_sees(ana, card, "🤝")
    assert "👤 Ana" in trusted.text
    assert senders.Sender.select().exists()
    await forum.taps_and_sees(ana, trusted, "↩️")
    await ana.types("/post choque hola")
    await ana.taps("Publicar|📤|✅")
    refuses()
    lost = await forum.is_told("no pudo publicar esto")
    assert await forum.taps_and_sees(mia, lost, "🔁") == lost
    assert "editor" in mia.toast, "who decides does not write"
    is_now(luis, Role.EDITOR)
    again = await forum.taps_and_sees(luis, lost, "🔁")
    assert "👤 Luis" in again.text


async def test_each_role_does_there_what_it_may_and_no_more_and_is_told_so_in_their_language(
    ana: Conversation, luis: Conversation, forum: Group
) -> None:
    hears("choque uno", "pepe")
    card = await forum.is_told("choque uno")
    for role in (Role.READER, Role.EDITOR):
        is_now(luis, role)
        for label in ("✅ Publicar$", "▫️", "🚫", "✏️"):
            assert await forum.taps_and_sees(luis, card, label) == card
            assert "it takes moderator, and you are" in luis.toast
        for typed in (f"/held{BOT}", f"/desk{BOT} off"):
            await forum.types(luis, typed)
            assert "That is not for you" in forum.everything()[-1].text
    assert Message.get().status is MessageStatus.HELD
    assert desks.of(channel().id) is not None
    is_now(luis, Role.MODERATOR)
    await ana.presses_unseen(await ana.types("/help"), f"heldno:{channel().id}:{Message.get().id}")
    await forum.taps_and_sees(luis, card, "✅ Publicar$")
    assert "Ana said no" in luis.toast


async def test_of_two_desks_at_one_table_held_is_of_the_one_that_is_meant(
    ana: Conversation, mia: Conversation, luis: Conversation, forum: Group
) -> None:
    connected("Metro", ana)
    await ana.types("/review @Metro all")
    is_now(luis, Role.MODERATOR, "Metro")
    await forum.types(ana, f"/desk{BOT} @Metro")
    hears("choque uno", "pepe")
    hears("choque metro", "pepe", to="Metro")
    for who, typed, meant in (
        (luis, "/held", "Metro"),
        (mia, "/held", "TraficoValle"),
        (ana, "/held @metro", "Metro"),
        (ana, "/held @TraficoValle", "TraficoValle"),
        (ana, "/held @nobody", "not the desk of @nobody|no es la mesa de @nobody"),
        (luis, "/held @TraficoValle", "somebody else"),
    ):
        await forum.types(who, typed.replace("/held", f"/held{BOT}"))
        assert forum.everything()[-1] == forum.reads(meant), (who.name, typed)


@pytest.mark.parametrize("typed", ["/mesa{} quitar", "/desk{} @TraficoValle ninguna", "/desk{} no"])
async def test_it_is_taken_away_there_in_the_words_of_the_private_chat(
    ana: Conversation, forum: Group, typed: str
) -> None:
    await forum.types(ana, typed.format(BOT))
    assert desks.of(channel().id) is None


async def test_off_is_said_to_the_desk_that_is_here(ana: Conversation, forum: Group) -> None:
    metro = connected("Metro", ana)
    await ana.types("/channel @Metro")
    await forum.types(ana, f"/desk{BOT} off")
    assert desks.of(channel().id) is None, "the only one here, and not the channel in hand"
    topic = await forum.topic("Metro")
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    await forum.types(ana, f"/desk{BOT} @Metro", topic)
    await forum.types(ana, f"/desk{BOT} off", topic)
    assert (desks.of(metro.id), desks.of(channel().id) is None) == (None, False), "of this topic"


@pytest.mark.parametrize("number", [1087968824, 136817688])
async def test_who_writes_as_the_group_or_as_a_channel_is_told_why_nothing_is_done(
    ana: Conversation, forum: Group, number: int
) -> None:
    hidden = ana.another(number, "es", "Group")
    forum._chat.inside.members.add(number)
    for typed in (f"/desk{BOT} @TraficoValle off", f"/held{BOT}", f"/start{BOT} desk-{channel().id}"):
        before = len(forum.everything())
        await forum.types(hidden, typed)
        assert len(forum.everything()) == before + 1
        assert "escribes como el grupo" in forum.everything()[-1].text
    assert desks.of(channel().id) is not None


async def test_what_somebody_shows_of_another_s_is_no_command_there(ana: Conversation, forum: Group) -> None:
    before = len(forum.everything())
    await forum.types(ana, f"/desk{BOT} @TraficoValle off", forwarded="Vecina")
    assert desks.of(channel().id) is not None
    assert len(forum.everything()) == before


async def test_the_panel_knows_the_group_by_its_new_name(ana: Conversation, forum: Group) -> None:
    await forum.has({"new_chat_title": "Redacción"})
    await ana.types("/desk")
    ana.reads("Redacción")


@pytest.mark.parametrize("how", ["forum_topic_reopened", "general_forum_topic_unhidden"])
async def test_a_general_that_is_opened_again_is_the_desk_again(ana: Conversation, forum: Group, how: str) -> None:
    forum._chat.inside.general_closed = True
    forum.expects_refusals()
    hears("choque uno", "pepe")
    await forum.delivers()
    assert desks.group_of(forum.id).lost is Lost.MUTE  # type: ignore[union-attr]
    forum._chat.inside.general_closed = False
    await forum.has({how: {}})
    assert "choque uno" in (await forum.is_told("choque uno")).text


@pytest.mark.parametrize(
    ("says", "lost"),
    [
        ("have no write access to the chat", Lost.MUTE),
        ("ALLOW_PAYMENT_REQUIRED", Lost.MUTE),
        ("CHANNEL_PRIVATE", Lost.GONE),
    ],
)
async def test_whatever_telegram_says_to_it_nothing_that_waits_is_lost(
    ana: Conversation, mia: Conversation, forum: Group, says: str, lost: Lost
) -> None:
    forum._chat.inside.refuses = says
    forum.expects_refusals()
    hears("choque uno", "pepe")
    await forum.delivers()
    assert desks.group_of(forum.id).lost is lost  # type: ignore[union-attr]
    mia.finds("choque uno")
    forum._chat.inside.refuses = ""
    await ana.types("/desk")
    await ana.taps("Intentar otra vez")
    await forum.is_told("choque uno")


async def test_who_takes_a_channel_over_reads_where_its_desk_is(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    handing_over.offer(channel().id, ana.person, mia.person, now())
    await mia.presses_unseen(await mia.types("/help"), f"handyes:{channel().id}")
    assert channel().owner_id == mia.person
    mia.finds("Mesa.*read what waits")
    hears("choque uno", "pepe")
    card = await forum.is_told("choque uno")
    assert await forum.taps_and_sees(ana, card, "▫️") == card, "an editor decides nothing"
    assert "Mia" in (await forum.taps_and_sees(mia, card, "▫️")).text


def test_a_general_that_was_not_why_it_is_lost_changes_nothing(db: Settings) -> None:
    assert not moving.general_opened(-5, now())
