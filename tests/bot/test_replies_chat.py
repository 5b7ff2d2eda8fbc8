"""Replies and long copies in the chat: switched by tapping and typing, with the price where it is chosen."""

from engine.moderation import MessageKind
from models.streaming.messages import Message, MessageStatus
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears


async def test_replies_are_off_until_they_are_wanted_and_their_price_is_said_before(ana: Conversation) -> None:
    await ana.types("/respuestas")
    ana.reads("No se oyen.*\\$0.005 por cada respuesta.*\\$0.010 por el nombre",
              "They are not heard.*\\$0.005 for each reply.*\\$0.010 for the name")  # fmt: skip
    await ana.taps("Oír respuestas", "Hear replies")
    ana.reads("Se oyen, y se juzgan como las menciones", "They are heard, and judged like mentions")
    assert channel().replies_on
    await ana.types("/replies off")
    assert not channel().replies_on
    await ana.types("/replies quizá")
    ana.reads("Di sí o no. Por ejemplo: /respuestas sí", "Say on or off. For example: /replies on")


async def test_the_panel_leads_there_and_says_that_they_are_heard(ana: Conversation) -> None:
    await ana.types("/replies on")
    await ana.types("/channel")
    ana.reads("oye menciones \\+ respuestas \\+ DM", "hears mentions \\+ replies \\+ DMs")
    await ana.taps("Respuestas", "Replies")
    ana.reads("Respuestas a @TraficoValle", "Replies to @TraficoValle")


async def test_a_reply_keeps_to_the_hours_of_mentions(ana: Conversation) -> None:
    await ana.types("/horario respuestas lun-vie 6-22")
    ana.reads("siguen el horario de las menciones", "keep to the hours of mentions")
    await ana.types("/replies on")
    await ana.types("/hours mentions never")
    hears("choque en la rada", kind=MessageKind.REPLY)
    assert Message.get().status is MessageStatus.IGNORED


async def test_the_card_and_the_journal_call_it_a_reply_and_show_its_text(ana: Conversation) -> None:
    await ana.types("/replies on")
    hears("choque en la rada", kind=MessageKind.REPLY)
    await ana.types(f"/message {Message.get().id}")
    ana.reads("respuesta.*choque en la rada", "reply.*choque en la rada")
    await ana.types("/log")
    ana.reads("choque en la rada", "choque en la rada")


async def test_the_words_of_a_protected_account_are_not_offered_to_be_posted(ana: Conversation) -> None:
    hears("choque en la rada", media=True)
    for protected, offered in ((None, True), (True, False)):
        Message.update(protected=protected).execute()
        await ana.types(f"/message {Message.get().id}")
        await ana.types("/post", answering=ana.reads("choque en la rada"))
        assert ("choque en la rada" in ana.reads("").text) is offered


async def test_a_copy_that_is_too_long_is_cut_or_a_thread_as_is_tapped_or_typed(ana: Conversation) -> None:
    await ana.types("/form copy")
    await ana.types("/writing")
    ana.reads("se corta", "is cut")
    await ana.taps("Largas: hilo", "Long: thread")
    ana.reads("se hace hilo, de hasta 10", "becomes a thread of up to 10")
    await ana.types("/preview " + "choque en la autopista, dos canales cerrados. " * 12)
    ana.reads("Un hilo de 3 publicaciones · \\$0.045", "A thread of 3 posts · \\$0.045")
    await ana.types("/largos cortar")
    ana.reads("se corta", "is cut")
    await ana.types("/long quizá")
    ana.reads("Di cortar o hilo", "Say cut or thread")
