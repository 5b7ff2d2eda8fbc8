"""A group or a topic as a channel's desk: what comes there, who decides, who reads what, and where it goes when it is lost."""

import pytest

from bot.chat.language import Speaker
from bot.notifications import drawing
from bot.notifications.drawing import About
from engine.moderation import MessageKind
from models.accounts import team
from models.aside import SetAside
from models.notifications import desks
from models.notifications.declaring import kinds
from models.notifications.desks import Lost
from models.publishing.tweets import Tweet
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
    """Of Ana's team."""
    member = ana.another(11, ana.language, "Mia")
    await joins(ana, member)
    await ana.types("/review all")
    return member


@pytest.fixture
async def forum(ana: Conversation, mia: Conversation) -> Group:
    """A forum of Ana's and Mia's, in which somebody else is too."""
    return Group(ana, mia, ana.another(12, "es", "Luis"), forum=True)


async def test_two_moderators_race_at_a_desk_in_a_topic(ana: Conversation, mia: Conversation, forum: Group) -> None:
    topic = await forum.topic("Tráfico")
    await forum.types(ana, f"/desk{BOT} @TraficoValle", topic)
    assert forum.topic_of(await forum.is_told("TraficoValle")) == topic
    hears("choque en el faro", "pepe")
    card = await forum.is_told("choque en el faro")
    assert forum.topic_of(card) == topic
    assert not any("choque en el faro" in a.text for a in (*ana.everything(), *mia.everything()))
    forum.taps(mia, card, "✅")
    forum.taps(ana, card, "▫️")
    await ana.goes_on()
    decided = Message.get()
    first, second = (mia, ana) if decided.status is MessageStatus.APPROVED else (ana, mia)
    assert first.name in forum.again(card).text
    assert first.name in second.toast
    assert second.name not in forum.again(card).text


async def test_who_only_sits_at_the_desk_decides_nothing(ana: Conversation, mia: Conversation, forum: Group) -> None:
    stranger = ana.another(12, "es", "Luis")
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque en el faro", "pepe")
    card = await forum.is_told("choque en el faro")
    for label in ("✅", "▫️", "🚫", "✏️"):
        forum.taps(stranger, card, label)
        await stranger.goes_on()
        assert stranger.toast
        assert forum.again(card) == card
    assert Message.get().status is MessageStatus.HELD
    await forum.types(stranger, f"/desk{BOT} @TraficoValle")
    assert desks.of(channel().id) is not None
    assert desks.of(channel().id).put_by == ana.person  # type: ignore[union-attr]


async def test_what_is_written_is_answered_in_private_and_what_is_decided_at_the_desk(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque en el faro", "pepe")
    card = await forum.is_told("choque en el faro")
    assert await forum.taps_and_sees(mia, card, "✏️") == card
    assert "faro" in mia.answers[-1].text
    assert mia.toast
    ignored = await forum.taps_and_sees(mia, card, "▫️")
    assert "Mia" in ignored.text
    back = await forum.taps_and_sees(ana, ignored, "↩️")
    assert "👤 Ana" in back.text, "who took it back stands there"
    await forum.delivers()
    assert "👤 Ana" in forum.again(card).text, "also when it is drawn anew"


async def test_who_wrote_a_dm_is_named_at_the_desk_only_where_the_owner_wants_it(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque secreto", "luisaperez", MessageKind.DM)
    card = await forum.is_told("choque secreto")
    for label in ("🚫", "« "):
        assert "luisaperez" not in (await forum.taps_and_sees(mia, card, label)).html.lower()
        card = forum.again(card)
    assert "luisaperez" not in (await forum.taps_and_sees(mia, card, "▫️")).html.lower()
    await ana.types("/desk senders on")
    hears("choque secreto dos", "luisaperez", MessageKind.DM)
    assert "luisaperez" in (await forum.is_told("secreto dos")).text


@pytest.mark.parametrize("how", ["closed", "closed unseen", "deleted"])
async def test_from_a_topic_that_is_closed_or_gone_the_desk_goes_to_general(
    ana: Conversation, mia: Conversation, forum: Group, how: str
) -> None:
    topic = await forum.topic("Tráfico")
    await forum.types(ana, f"/desk{BOT} @TraficoValle", topic)
    hears("choque uno", "pepe")
    await forum.is_told("choque uno")
    if how == "closed":
        await forum.closes(topic)
    elif how == "closed unseen":
        forum._chat.inside.topics[topic].closed = True
    else:
        forum.deletes(topic)
    hears("choque dos", "pepe2")
    forum.expects_refusals()
    two = await forum.is_told("choque dos")
    assert forum.topic_of(two) is None
    assert forum.topic_of(forum.reads("choque uno")) is None, "what was open there is asked for here"
    assert forum.topic_of(forum.reads("Cerraron|ya no existe")) is None
    assert "Mia" in (await forum.taps_and_sees(mia, two, "▫️")).text
    if how == "closed":
        await forum.closes(topic, closed=False)
        hears("choque tres", "pepe3")
        assert forum.topic_of(await forum.is_told("choque tres")) == topic


@pytest.mark.parametrize("told", [True, False])
async def test_a_group_that_becomes_a_supergroup_is_followed(ana: Conversation, mia: Conversation, told: bool) -> None:
    group = Group(ana, mia)
    await group.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque uno", "pepe")
    hears("choque decidido", "pepe1")
    await group.is_told("choque uno")
    await group.taps_and_sees(mia, group.reads("choque decidido"), "▫️")
    await group.migrates(told=told)
    group.expects_refusals()
    hears("choque dos", "pepe2")
    two = await group.is_told("choque dos")
    one = group.reads("choque uno")
    assert not any("decidido" in m.text for m in group.everything()), "what is decided is not asked again"
    assert "Mia" in (await group.taps_and_sees(mia, one, "▫️")).text
    assert "Ana" in (await group.taps_and_sees(ana, two, "▫️")).text


@pytest.mark.parametrize(
    ("status", "seen"), [("kicked", True), ("restricted", True), ("left", False), ("restricted", False)]
)
async def test_where_it_may_not_write_what_waits_comes_in_private_and_goes_back(
    ana: Conversation, mia: Conversation, forum: Group, status: str, seen: bool
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque uno", "pepe")
    await forum.is_told("choque uno")
    if seen:
        await forum.makes_the_bot(status)
    else:
        forum.becomes_lost_unseen(status)
    hears("choque dos", "pepe2")
    forum.expects_refusals()
    await forum.delivers()
    for who in (ana, mia):
        who.finds("choque uno"), who.finds("choque dos")
    ana.finds("Mesa")
    assert desks.group_of(forum.id).lost is not Lost.NO  # type: ignore[union-attr]
    await forum.makes_the_bot("member")
    hears("choque tres", "pepe3")
    await forum.is_told("choque tres")
    forum.reads("choque dos")
    assert not any("choque tres" in a.text for a in mia.everything())


async def test_the_desk_is_chosen_by_a_link_tapped_typed_and_taken_back(ana: Conversation, mia: Conversation) -> None:
    group = Group(ana, mia)
    await ana.types("/desk")
    link = next(t for row in ana.answers[-1].buttons for _, t in row if "startgroup" in t)
    await group.types(ana, f"/start{BOT} {link.rpartition('=')[2]}")
    ana.reads("Mesa")
    await ana.taps(r"❌ Lo que se publica", r"❌ What is posted")
    ana.sees("✅ Lo que se publica", "✅ What is posted")
    await ana.types("/desk posted off")
    ana.sees("❌ Lo que se publica", "❌ What is posted")
    hears("choque uno", "pepe")
    await group.is_told("choque uno")
    await ana.types("/desk off")
    assert desks.of(channel().id) is None
    await group.delivers()
    mia.finds("choque uno")
    await ana.taps("Deshacer", "Undo")
    assert desks.of(channel().id) is not None
    await group.is_told("choque uno")
    await ana.types("/desk colour blue")
    ana.reads("no conozco|No conozco", "don't know")


async def test_nobody_makes_a_desk_of_a_channel_that_is_not_theirs(
    ana: Conversation, mia: Conversation, ben: Conversation
) -> None:
    group = Group(ben, mia, title="Ajeno")
    for typed in (f"/desk{BOT} @TraficoValle", f"/start{BOT} desk-{channel().id}"):
        for who in (ben, mia):
            await group.types(who, typed)
    for typed in ("desk-", "desk-0", "desk-99999999999", "desk-x", "desk--1"):
        await group.types(ben, f"/start{BOT} {typed}")
    await ben.presses_unseen(await ben.types("/help"), f"deskno:{channel().id}")
    assert desks.of(channel().id) is None


async def test_what_went_wrong_is_told_both_and_what_is_posted_where_it_is_wanted(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    await ana.types("/review off")
    hears("choque uno", "pepe")
    posts()
    await ana.is_told("choque uno")
    assert not any("choque uno" in m.text for m in forum.everything())
    await ana.types("/desk posted on")
    hears("choque dos", "pepe2")
    posts()
    two = await forum.is_told("choque dos")
    assert not any("choque dos" in a.text for a in ana.everything())
    assert "👤 Ana" in (await forum.taps_and_sees(ana, two, "↩️")).text
    hears("choque tres", "pepe3")
    refuses()
    await forum.is_told("choque tres")
    ana.finds("choque tres")


async def test_no_notice_of_a_desk_names_who_wrote_a_dm(ana: Conversation, mia: Conversation, forum: Group) -> None:
    """Whatever goes there, with whatever buttons: the kinds are read from the list of them."""
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque secreto", "luisaperez", MessageKind.DM)
    item = Message.get()
    await forum.taps_and_sees(ana, await forum.is_told("choque secreto"), "✅ Publicar$")
    tweet, desk, seen = Tweet.get().id, desks.of(channel().id), 0
    assert desk is not None
    about = About(desks.reader_of(desk.group_id), channel(), now(), desk)
    for value, kind in kinds().items():
        if kind.stored in desks.PARTS:
            known = {name: {"message": item.id, "tweet": tweet}.get(name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]
            made = value(**{name: number for name, number in known.items() if number is not None})
            shown = drawing.draw(Speaker("es"), [made], about)
            seen += shown is not None
            assert "luisaperez" not in repr(shown).lower(), kind.stored
            assert str(item.sender_id) not in repr(shown), kind.stored
    assert seen >= 6


async def test_who_writes_as_the_group_is_told_why_that_makes_no_desk(ana: Conversation, mia: Conversation) -> None:
    group = Group(ana, mia)
    anonymous = ana.another(1087968824, "es", "Group")
    group._chat.inside.members.add(anonymous.person)
    await group.types(anonymous, f"/desk{BOT} @TraficoValle")
    group.reads("escribes como el grupo")
    assert desks.of(channel().id) is None


async def test_a_crowd_is_one_message_at_the_desk_and_is_decided_there(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    await forum.delivers()
    for number in range(9):
        hears(f"choque {number} {'abcdefghi'[number] * 9}", f"pepe{number}")
    crowd = await forum.is_told("9 mensajes de @TraficoValle esperan")
    opened = await forum.taps_and_sees(mia, crowd, "En revisión")
    await forum.types(mia, f"/held{BOT}")
    assert forum.everything()[-1].buttons == opened.buttons
    before = len(forum.everything())
    await forum.types(ana.another(12, "es", "Luis"), f"/held{BOT}")
    assert "choque" not in forum.everything()[-1].text, "who is not of the team"
    assert len(forum.everything()) == before + 1
    card = await forum.taps_and_sees(mia, opened, "choque 3")
    assert "Mia dijo que no" in (await forum.taps_and_sees(mia, card, "▫️")).text


async def test_a_forum_that_is_one_no_more_keeps_its_desk_and_a_general_that_is_closed_loses_it(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    topic = await forum.topic("Tráfico")
    await forum.types(ana, f"/desk{BOT} @TraficoValle", topic)
    await forum.delivers()
    forum._chat.inside.forum = False
    forum.expects_refusals()
    hears("choque uno", "pepe")
    assert forum.topic_of(await forum.is_told("choque uno")) is None
    forum._chat.inside.general_closed = True
    hears("choque dos", "pepe2")
    await forum.delivers()
    mia.finds("choque dos")


async def test_a_button_of_a_desk_that_is_none_any_more_is_answered_in_private(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque uno", "pepe")
    card = await forum.is_told("choque uno")
    await ana.types("/desk off")
    assert await forum.taps_and_sees(mia, card, "▫️") == card
    assert "Mia dijo que no" in mia.answers[-1].text
    mia.blocks_the_bot()
    forum.taps(mia, card, "🚫")
    with pytest.raises(AssertionError, match="Forbidden"):  # as the harness has it: Telegram refused something
        await mia.goes_on()
    assert "Escríbeme primero" in mia.toast


async def test_who_is_no_longer_of_the_team_decides_nothing_at_the_desk(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    hears("choque uno", "pepe")
    card = await forum.is_told("choque uno")
    team.remove(channel().id, mia.person, now())
    for label in ("✅ Publicar$", "▫️", "🚫", "✏️"):
        assert await forum.taps_and_sees(mia, card, label) == card
        assert mia.toast
    assert Message.get().status is MessageStatus.HELD


async def test_two_channels_have_their_desks_in_one_group(ana: Conversation, mia: Conversation) -> None:
    connected("Metro", ana)
    group = Group(ana, mia)
    await group.types(ana, f"/desk{BOT}")
    group.reads("de qué canal")
    for handle in ("Metro", "TraficoValle"):
        await group.types(ana, f"/desk{BOT} @{handle}")
        await group.is_told(f"la mesa de @{handle}")
    await ana.types("/review @Metro all")
    hears("choque uno", "pepe")
    hears("choque metro", "pepe", to="Metro")
    await group.is_told("choque uno")
    group.reads("@Metro.*choque metro")
    await group.types(ana, f"/desk{BOT} @Metro off")
    assert desks.of(channel("Metro").id) is None
    assert desks.of(channel().id) is not None


@pytest.mark.parametrize("status", ["restricted", "kicked"])
async def test_what_is_written_where_it_may_not_answer_is_nobodys_trouble(ana: Conversation, status: str) -> None:
    group = Group(ana)
    group.becomes_lost_unseen(status)
    for typed in ("/help", f"/desk{BOT} @Nadie", f"/start{BOT} desk-x"):
        with pytest.raises(AssertionError, match=r"not enough rights|was kicked"):  # the harness says what was refused
            await group.types(ana, typed)
        ana._service.wire.refused.clear()
    assert not SetAside.select().exists()


async def test_where_it_is_only_tried_nobody_is_told_that_it_went_well(
    ana: Conversation, mia: Conversation, forum: Group
) -> None:
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    await forum.delivers()
    await forum.makes_the_bot("restricted")
    await ana.is_told("No puedo escribir en Mesa")
    forum.expects_refusals()
    await ana.types("/desk")
    await ana.taps("Intentar otra vez")
    await forum.delivers()
    assert sum("No puedo escribir en Mesa" in shown.text for shown in ana.everything()) == 2
    assert not any("Ya puedo escribir" in shown.text for shown in ana.everything())
    forum.becomes_lost_unseen("member")
    await ana.types("/desk")
    await ana.taps("Intentar otra vez")
    await forum.is_told("Ya puedo escribir otra vez en Mesa")
