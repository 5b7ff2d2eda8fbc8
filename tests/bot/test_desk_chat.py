"""A group or a topic as a channel's desk: what comes there, who decides, who reads what, and where it goes when it is lost."""

import pytest

from models.streaming.messages import Message, MessageStatus
from tests.bot.conversation import Conversation
from tests.bot.in_a_group import BOT, Group
from tests.bot.on_x import hears
from tests.bot.test_undo_chat import joins


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
