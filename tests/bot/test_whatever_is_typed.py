"""Whatever a person types, taps or left half done, they get an answer that Telegram takes."""

import pytest

from bot.commands import COMMANDS
from engine.moderation import Review
from models import choosing, connecting
from models.accounts.people import Person
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears

LONG = "&" * 4096


@pytest.mark.parametrize(
    "command",
    [
        "/zone ", "/import ", "/export ", "/copy @", "/channel @", "/gap ", "/fresh ", "/repeats ", "/burst ", "/block @",
        "/block @pepe ", "/block @pepe 9", "/trust @pepe ", "/unblock @", "/senders buscar ", "/triggers add ",
        "/triggers remove ", "/triggers buscar ", "/filters add promo for 9", "/replacements add a => ", "/hours ",
        "/slots ", "/hashtags add #", "/hashtags remove #", "/hashtags add #metro, ", "/credit {text} ", "/form ", "/review ", "/message ", "/test ",
        "/preview ", "/post ", "/queue ", "/schedule jueves 15:00 ", "/schedule ", "/language ", "/notices ", "/start x-", "/start team-",
        *(f"/{command.name} {before}" for command in COMMANDS for before in ("", "x ")),
    ],
)  # fmt: skip
async def test_as_long_as_telegram_lets_one_type(ana: Conversation, command: str) -> None:
    filling = "9" if command.endswith("9") else "&"
    await ana.types(command + filling * (4096 - len(command)))


async def test_a_text_for_a_held_message_as_long_as_one_can_type(ana: Conversation) -> None:
    choosing.choose(channel().id, now(), review=Review.ALL)
    hears("choque en la A1")
    await ana.is_told("choque en la A1")
    await ana.taps("✏️")
    await ana.types(LONG)
    await ana.taps("Otro texto", "Another text")
    ana.reads("Mándame|Send me")


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "text", ["/filters add a\0b", "/block @pepe 3 days a\0b", "/start x-\0", "choque\0", "/senders \0"]
)
async def test_a_character_that_no_database_keeps(ana: Conversation, text: str) -> None:
    await ana.types(text)


@pytest.mark.parametrize("kept", ["[]", "null", "{", '{"kind": "wizard"}', '{"step": "posttext", "channel": "x"}'])
async def test_a_step_that_nobody_understands_any_more_is_none(ana: Conversation, kept: str) -> None:
    await ana.types("/channels")
    Person.update(dialogue=kept).where(Person.telegram_id == ana.person).execute()
    await ana.types("Hola vecinos")
    ana.reads("TraficoValle.*Hola vecinos")


async def test_an_answer_about_a_channel_that_is_gone_ends_the_question(ana: Conversation) -> None:
    await ana.types("/post")
    connecting.disconnect_channel(channel().id)
    connecting.forget_channel(channel().id)
    await ana.types("Hola vecinos")
    ana.reads("canal que ya no es tuyo", "channel that is no longer yours")
    await ana.types("Hola vecinos")
    ana.reads("No lo entendí", "I didn't understand")
