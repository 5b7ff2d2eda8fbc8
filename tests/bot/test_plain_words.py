"""Commands as people type them, plain words, greetings and near misses: answered with what was probably wanted."""

import re

from bot import meaning
from bot.chat import spoken
from bot.chat.language import Speaker
from bot.commands import COMMANDS
from bot.helping import examples
from models.publishing.drafts import DraftRow, Way
from tests.bot.conversation import Conversation

AS_TYPED = {
    "schedule": ("/Programar", "/PROGRAMAR", "/programar_tweet", "/programar-tuit", "/ programar", "/schedule@CanalesBot", "/agendar", "/prográmar"),
    "block": ("/bloquear", "/BLOQUEA", "/bloquéar", "/ban", "/bloquear@pepe"),
    "help": ("/ayuda", "/AYUDA", "/Menú", "/menu", "/ ayuda", "/comandos", "/help:"),
    "status": ("/estado", "/situación", "/Status."),
    "emphasis": ("/énfasis", "/enfasis"),
    "log": ("/bitácora",),
    "cancel": ("/cancelar", "/Cancel", "/salir"),
}  # fmt: skip
NEARLY = {
    "schedule": ("programr", "progamar", "programartweet", "scedule", "shedule"),
    "block": ("bloqear", "bloquar", "blok", "blcok"),
    "help": ("ayda", "hlep", "ayudaa"),
    "status": ("statu", "estdo", "staus"),
    "triggers": ("disparadors", "triger", "trigers"),
    "cancel": ("cancl", "cancelr"),
    "filters": ("filtos", "filetrs"),
    "calendar": ("calendrio", "calender"),
}
#: Their examples name what the chat of this test has not.
PARTICULAR = ("disconnect", "copy", "message", "language")
NOT_FOR_X = (
    ("quiero bloquear a pepe", "block", "@pepe"), ("cómo programo un tweet", "schedule", ""),
    ("¿Cómo puedo programar un tuit?", "schedule", ""), ("how do I schedule a tweet?", "schedule", ""),
    ("hola, quiero desbloquear a @ana_r", "unblock", "@ana_r"), ("I want to block pepe", "block", "@pepe"),
    ("bloquea a pepe", "block", "@pepe"), ("block @pepe", "block", "@pepe"), ("necesito apagar el canal", "off", ""),
    ("quiero cambiar el idioma", "language", ""), ("can you turn it off", "off", ""), ("how can I delete a tweet", "history", ""),
    ("cómo invito a alguien a mi equipo", "team", ""), ("quiero agregar un filtro", "filters", ""), ("estado", "status", ""),
    ("Status", "status", ""), ("conectar mi cuenta", "connect", ""), ("cambiar el horario", "hours", ""), ("estadp", "status", ""),
    ("¿dónde veo el calendario?", "calendar", ""), ("puedes silenciar a @spam por favor", "block", "@spam"),
    ("turn off the channel", "off", ""), ("Turn the channel on", "on", ""), ("switch it off", "off", ""), ("pause my channel", "off", ""),
    ("stop the bot", "off", ""), ("please resume the channel", "on", ""), ("apaga el canal", "off", ""), ("disconnect my account", "disconnect", ""),
)  # fmt: skip
FOR_X = (
    "Hola vecinos", "Buenos días, vecinos", "Choque en la A1", "Necesito sangre O+ urgente", "Programa de fiestas 2026",
    "Como todos los jueves, hay tianguis", "Se busca perro", "Vía cerrada", "Quiero dar las gracias a todos", "Lluvia",
    "Corte de luz en el centro", "Help the victims of the flood: bring water to the square", "Bloqueo en la autopista Norte",
    "Ayuda a los damnificados: lleva agua a la plaza", "Road block on 8th street", "Hoy no hay servicio de agua", "Queue of 3 km on the A1",
    "Gracias a todos por venir", "Turn off the lights at 20:00 for the planet", "Stop the war", "No funciona el semáforo de la calle 8",
)  # fmt: skip


def test_commands_are_understood_in_both_languages_however_they_are_written() -> None:
    for name, typed in AS_TYPED.items():
        for one in typed:
            said = spoken.parse(one)
            assert said is not None
            assert said.name == name, one
    for command in COMMANDS:
        for word in (command.name, command.spanish):
            said = spoken.parse(f"/{word.upper()}@CanalesBot uno\ndos")
            assert said is not None
            assert (said.name, said.bot, said.rest) == (command.name, "CanalesBot", "uno\ndos")
    said = spoken.parse("/bloquear@pepe 7 días")
    assert said is not None
    assert said.rest == "@pepe 7 días"
    assert spoken.parse("/ 5 km de cola") is None
    assert spoken.parse("//") is None


def test_a_near_miss_is_asked_back() -> None:
    for name, words in NEARLY.items():
        for word in words:
            assert name in spoken.close_to(word), word
    assert spoken.close_to("xyzzy") == []
    assert "aside" not in spoken.close_to("asid")


def test_what_is_said_to_the_bot_is_not_taken_for_a_post() -> None:
    for text, command, arguments in NOT_FOR_X:
        assert meaning.Wish(command, arguments) in meaning.wishes(text), text
    for text in ("ayuda", "¡Ayuda!", "menú", "help", "Help me", "¿cómo funciona esto?", "what can you do?"):
        assert meaning.is_help(text), text
    for text in ("hola", "Hola!", "HELLO", "buenos días", "gracias", "ok", "👍", "?"):
        assert meaning.is_small_talk(text), text
    for text in FOR_X:
        assert (meaning.is_help(text), meaning.is_small_talk(text), meaning.wishes(text)) == (False, False, []), text


async def test_help_in_plain_words_is_help_and_may_be_a_post_by_a_tap(ana: Conversation) -> None:
    for word in ("ayuda", "menú", "help"):
        await ana.types(word)
        ana.reads("Cómo funciona", "How it works")
    await ana.taps("Es para X", "It is for X")
    ana.reads("diga esto.*help", "say this.*help")


async def test_a_greeting_is_answered(ana: Conversation) -> None:
    await ana.types("hola")
    ana.reads("Aquí estoy, Ana", "Here I am, Ana")
    assert not DraftRow.select().where(DraftRow.way == Way.BY_HAND).exists()
    await ana.taps("Es para X", "It is for X")
    ana.reads("diga esto.*hola", "say this.*hola")


async def test_a_wish_in_plain_words_is_a_tap_away(ana: Conversation) -> None:
    await ana.types("quiero bloquear a pepe")
    asked = ana.reads("¿Es esto lo que quieres\\?.*/bloquear — bloquear", "Is it this.*/block — block somebody")
    await ana.types("cómo programo un tweet")
    ana.reads("/programar — ", "/schedule — ")
    await ana.taps("▶️ /(bloquear|block) @pepe", under=asked)  # the older one is as good
    ana.reads("@pepe está bloqueado|🚫 @pepe", "@pepe is blocked")
    await ana.taps("▶️ /(programar|schedule)$")
    ana.reads("¿Qué va a decir", "What shall")


async def test_a_wrong_command_asks_back_and_keeps_what_stood_after_it(ana: Conversation) -> None:
    await ana.types("/programr jueves 15:00 Reunión de vecinos", "/schedul thursday 15:00 Reunión de vecinos")
    ana.reads("No conozco /programr.*¿Querías.*/programar — ", "I don't know /schedul.*Did you mean.*/schedule — ")
    await ana.taps("▶️ /(programar|schedule)")
    ana.reads("15:00.*Reunión de vecinos")
    await ana.types("/xyzzy")
    ana.reads("No conozco /xyzzy.*/ayuda", "I don't know /xyzzy.*/help")


async def test_a_tap_does_it_once(ana: Conversation) -> None:
    await ana.types("bloquea a pepe")
    await ana.taps_twice("▶️ /")
    assert "@pepe" in ana.finds("@pepe").text


async def test_what_was_typed_to_the_bot_belongs_to_who_typed_it(ana: Conversation, ben: Conversation) -> None:
    shown = await ana.types("quiero bloquear a pepe")
    await ben.types("hola")
    for label in ("▶️", "X$"):
        await ben.presses_foreign(ana, shown, label)
        assert ben.toast


async def test_cancel_in_plain_words_ends_a_question(ana: Conversation) -> None:
    await ana.types("/post")
    await ana.types("cancelar", "cancel")
    ana.reads("Cancelado", "Cancelled")
    await ana.types("Hola vecinos")
    ana.reads("diga esto", "say this")


async def test_the_menu_and_the_sentences_name_commands_in_the_readers_language(ana: Conversation) -> None:
    await ana.types("/channel @nadie")
    ana.reads("Por ejemplo: /canal @", "For example: /channel @")
    await ana.types("/triggers add")
    ana.reads("Por ejemplo: /disparadores añadir", "For example: /triggers add")
    await ana.types("/mentions quizá")
    ana.reads("/menciones no", "/mentions off")


async def test_help_about_a_command_shows_its_screen(ana: Conversation) -> None:
    await ana.types("/ayuda bloquear", "/help block")
    ana.reads("Personas.*/bloquear — .*/bloquear @pepe", "People.*/block — .*/block @pepe")
    await ana.taps("« Ayuda", "« Help")
    await ana.taps("Publicar, programar", "Say, schedule")
    ana.reads("/programar jueves 15:00", "/schedule thursday 15:00")


async def test_every_example_of_the_help_is_understood(ana: Conversation) -> None:
    for command in COMMANDS:
        for example in examples(Speaker(ana.language), command) if command.name not in PARTICULAR else ():
            answer = await ana.types(example.replace("crash", "choque"))
            refused = re.search("No entiendo|I don't (understand|know)|No conozco|no es un|is not a", answer.text)
            assert refused is None, (example, answer.text)
