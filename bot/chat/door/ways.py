"""The buttons of the door: to ask to come in, and for who runs the service the panel of it and somebody's card."""

from typing import ClassVar

from bot.chat.targets import button


@button
class AskIn:
    """Asks who runs the service to be let in."""

    word: ClassVar[str] = "askin"
    for_strangers: ClassVar[bool] = True


@button
class Admin:
    """Who may come in, for who runs the service."""

    word: ClassVar[str] = "admin"


@button
class PersonCard:
    """Somebody's card, for who runs the service."""

    word: ClassVar[str] = "person"
    person: int


@button
class Limits:
    """What somebody may have, or everybody (0)."""

    word: ClassVar[str] = "limits"
    person: int
