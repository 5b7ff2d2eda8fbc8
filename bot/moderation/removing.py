"""Words go: typed after `remove`, or by the bin of a tapped word. With a way back."""

from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles, open_target
from bot.chat.targets import KeywordId, button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from bot.moderation import roles
from engine.moderation import KeywordRole, split_keywords
from models.accounts.channels import Channel
from models.moderation import lists


@button
class RemoveWord:
    word: ClassVar[str] = "kwdel"
    channel: int
    role: KeywordRole
    keyword: KeywordId


async def remove(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    """What was typed after `remove`."""
    if not await _remove(turn, channel, role, split_keywords(typed)):
        raise Refusal(
            turn.t(
                "{words} is not in the list. See what is: {command}",
                words=said_back(typed.strip()) or "…",
                command=roles.COMMANDS[role],
            )
        )


@handles(RemoveWord)
async def remove_one(turn: Turn, channel: Channel, target: RemoveWord) -> None:
    """A word was tapped, and its bin."""
    row = lists.keyword(channel.id, target.keyword)
    role = KeywordRole(row.role) if row is not None else target.role
    if not await _remove(turn, channel, role, [row.text] if row is not None else []):
        await open_target(turn, doors.Words(channel.id, target.role))


async def _remove(turn: Turn, channel: Channel, role: KeywordRole, words: list[str]) -> bool:
    def take_off() -> tuple[int, list[str]]:
        before = lists.before(channel.id, role, words)
        if not before.rows:
            return 0, []
        undo = keep(turn, channel, doors.Words(channel.id, role), before)
        return undo, [k.text for k in lists.remove_keywords(channel.id, role, words)]

    undo, gone = turn.once("removed", tuple[int, list[str]], take_off)
    if not undo:
        return False
    text = turn.t("Removed: {words}", words=roles.few(gone))
    await turn.answer(text, [[undo_button(turn, channel, undo)], *roles.after(turn, channel, role)])
    return True
