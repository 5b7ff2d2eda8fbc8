"""Who may decide anew is asked for what is held by then; who no longer may sees no buttons under it."""

import re

from bot.notifications.delivery import Delivery
from bot.notifications.parcels import CROWD
from engine.roles import Role
from models.control import entrance
from models.notifications.notices import Notice
from models.streaming.messages import Message, MessageStatus
from tasks.clock import now
from tests.bot.conversation import Conversation, Shown
from tests.bot.in_a_group import BOT, Group
from tests.bot.on_x import hears
from tests.bot.test_roles_chat import of_team

PUBLISH = "publicar este|publish this"

CRASHES = (
    "choque en el faro", "otro choque, dos motos en La Trinidad", "choque múltiple bajando a Guarenas", "hay un choque con heridos",
    "choque de gandola frente al mercado", "vi un choque leve por Altamira", "tremendo choque, cola hasta El Hatillo",
)  # fmt: skip


def cards(who: Conversation, text: str = "choque") -> list[Shown]:
    return [shown for shown in who.everything() if re.search(PUBLISH, shown.text) and text in shown.text]


def may_publish(card: Shown) -> bool:
    return any(re.search("Publicar$|Publish$", label) for label in card.labels)


async def all_are_told(ana: Conversation) -> None:
    await Delivery(ana.bot).catch_up()


async def holds(ana: Conversation, *texts: str) -> None:
    await ana.types("/review all")
    for n, text in enumerate(texts):
        hears(text, f"vecino{n}")
    await all_are_told(ana)


async def hands_over(ana: Conversation, vecina: Conversation) -> None:
    await ana.types("/team traspasar Vecina", "/team hand over Vecina")
    await ana.taps("Sí, traspasarlo", "Yes, hand it over")
    await vecina.is_told("quiere traspasarte", "wants to hand")
    await vecina.taps("Tomar", "Take")
    await all_are_told(ana)


async def test_who_takes_a_channel_over_is_asked_for_what_is_held(ana: Conversation) -> None:
    vecina = of_team(ana, 13, "Vecina", Role.EDITOR)
    await holds(ana, "choque en el faro")
    assert [may_publish(card) for card in cards(ana)] == [True]
    await hands_over(ana, vecina)
    assert [may_publish(card) for card in cards(ana)] == [False]
    assert [may_publish(card) for card in cards(vecina)] == [True]
    await vecina.taps("Publicar$", "Publish$", under=cards(vecina)[0])
    assert Message.get().status is MessageStatus.APPROVED


async def test_a_crowd_of_what_is_held_is_told_as_one(ana: Conversation) -> None:
    vecina = of_team(ana, 13, "Vecina", Role.EDITOR)
    await holds(ana, *CRASHES)
    assert Message.select().where(Message.status == MessageStatus.HELD).count() == len(CRASHES) > CROWD
    await hands_over(ana, vecina)
    assert not cards(vecina)
    told = vecina.finds("7 mensajes .*esperan|7 messages .*wait")
    assert any(re.search("revisión|espera|Held", label) for label in told.labels), told


async def test_roles_that_come_and_go_bring_the_card_once_and_its_buttons_with_them(ana: Conversation) -> None:
    edi = of_team(ana, 13, "Edi", Role.EDITOR)
    await holds(ana, "choque en el faro")
    assert not cards(edi)
    for typed, may in (("moderator", True), ("reader", False), ("moderator", True)):
        await ana.types(f"/team Edi {typed}")
        await all_are_told(ana)
        assert [may_publish(card) for card in cards(edi)] == [may], typed
    removed = await ana.types("/team quitar Edi", "/team remove Edi")
    await all_are_told(ana)
    assert [may_publish(card) for card in cards(edi)] == [False]
    await ana.taps("Deshacer", "Undo", under=removed)
    await all_are_told(ana)
    assert [may_publish(card) for card in cards(edi)] == [True]
    assert [may_publish(card) for card in cards(ana)] == [True]


async def test_who_joins_as_a_moderator_is_asked_and_a_reader_is_not(ana: Conversation) -> None:
    await holds(ana, "choque en el faro")
    mia, rea = of_team(ana, 11, "Mia", Role.MODERATOR), of_team(ana, 12, "Rea", Role.READER)
    await all_are_told(ana)
    assert [may_publish(card) for card in cards(mia)] == [True]
    assert not cards(rea)


async def test_what_was_about_to_be_asked_of_who_no_longer_decides_is_not(ana: Conversation) -> None:
    edi = of_team(ana, 13, "Edi", Role.MODERATOR)
    await ana.types("/review all")
    hears("choque en el faro", "pepe")
    await ana.types("/team Edi reader")
    await all_are_told(ana)
    assert not [card for card in cards(edi) if may_publish(card)]
    await ana.types("/team Edi moderator")
    await all_are_told(ana)
    assert [may_publish(card) for card in cards(edi)] == [True]


async def test_a_desk_has_its_card_already(ana: Conversation) -> None:
    edi = of_team(ana, 13, "Edi", Role.EDITOR)
    forum = Group(ana, edi)
    await forum.types(ana, f"/desk{BOT} @TraficoValle")
    await holds(ana, "choque en el faro")
    await forum.is_told("choque en el faro")
    before = Notice.select().where(Notice.message_id == Message.get().id).count()
    await ana.types("/team Edi moderator")
    await all_are_told(ana)
    assert Notice.select().where(Notice.message_id == Message.get().id).count() == before
    assert not cards(edi)


async def test_who_is_put_out_has_no_buttons_until_they_are_let_in(ana: Conversation) -> None:
    edi = of_team(ana, 13, "Edi", Role.MODERATOR)
    await holds(ana, "choque en el faro")
    await all_are_told(ana)
    entrance.put_out(edi.person, ana.person, now())
    hears("otro choque, dos motos en La Trinidad", "vecino")
    await all_are_told(ana)
    assert [may_publish(card) for card in cards(edi)] == [False]
    entrance.let_in(edi.person, ana.person, now())
    await all_are_told(ana)
    assert [may_publish(card) for card in cards(edi)] == [True, True]
