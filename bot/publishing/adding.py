"""Buttons that add to a draft; who answers them: `posting.py` and `media.py`. And the step that replaces all of it."""

from typing import ClassVar

from bot.chat.dialogue import Takes, step
from bot.chat.targets import DraftId, button


@button
class AddPost:
    """Asks for one more post of the thread."""

    word: ClassVar[str] = "threadmore"
    channel: int
    draft: DraftId


@button
class AskPhoto:
    """Asks for one more photo for the last post."""

    word: ClassVar[str] = "photo"
    channel: int
    draft: DraftId


@button
class Describe:
    """Asks for what is to be seen."""

    word: ClassVar[str] = "alt"
    channel: int
    draft: DraftId


@step
class OtherText:
    """What a draft shall say instead is waited for; until it comes, the draft stays as it is."""

    word: ClassVar[str] = "othertext"
    takes: ClassVar[Takes] = Takes.TEXT | Takes.PHOTO
    channel: int
    draft: int
