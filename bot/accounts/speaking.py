"""The language that a person is spoken to in: `/language`."""

from typing import ClassVar

from bot.chat.handling import handles_for_all
from bot.chat.keyboards import dot
from bot.chat.language import LANGUAGES
from bot.chat.targets import button
from bot.chat.turn import Turn
from models.accounts import people


@button
class Speak:
    word: ClassVar[str] = "lang"
    for_strangers: ClassVar[bool] = True
    language: str


async def language(turn: Turn) -> None:
    """/language es|en"""
    wanted = turn.arguments.strip().lower()[:2]
    if wanted in LANGUAGES:
        await _set_language(turn, Speak(wanted))
        return
    await turn.answer(
        turn.t("In which language shall I speak? You can also type: /language es"),
        [[(dot(turn.language == code) + name, Speak(code)) for code, name in LANGUAGES.items()]],
    )


@handles_for_all(Speak)
async def _set_language(turn: Turn, button: Speak) -> None:
    people.speak(turn.person.telegram_id, button.language if button.language in LANGUAGES else "en")
    speaks = Turn(turn.update, people.known(turn.person.telegram_id), "", turn.came)
    await speaks.answer(speaks.t("Good, I'll speak English from now on."))
