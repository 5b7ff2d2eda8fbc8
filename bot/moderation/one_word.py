"""One word of a list, tapped: for which messages it is, whom it blocks, what it becomes; and words that go, typed after
`remove` or by the bin of a tapped one. With a way back.
"""

from enum import StrEnum
from typing import Any, ClassVar

from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles, open_target
from bot.chat.keyboards import Button, Rows, dot
from bot.chat.targets import KeywordId, button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from bot.moderation import breadth
from bot.moderation.roles import COMMANDS, EXAMPLES, after, few
from engine.files.lists import MAX_BECOMES
from engine.moderation import FOR_GOOD, Keyword, KeywordRole, MessageKind, split_keywords
from models.accounts.channels import Channel
from models.moderation import lists


@button
class RemoveWord:
    word: ClassVar[str] = "kwdel"
    channel: int
    role: KeywordRole
    keyword: KeywordId


class Applies(StrEnum):
    """The kinds of message that a trigger is for."""

    BOTH = "both"
    MENTION = "mention"
    DM = "dm"

    @property
    def kind(self) -> MessageKind | None:
        return None if self is Applies.BOTH else MessageKind(self.value)


class Blocks(StrEnum):
    """Whether a filter blocks the sender too, and for how many days."""

    NOBODY = "no"
    DAY = "1"
    WEEK = "7"
    MONTH = "30"
    FOR_GOOD = "0"

    @property
    def days(self) -> int | None:
        return None if self is Blocks.NOBODY else int(self.value)


@button
class OneWord:
    word: ClassVar[str] = "kwone"
    channel: int
    role: KeywordRole
    keyword: KeywordId


@button
class SetApplies:
    word: ClassVar[str] = "kwfor"
    channel: int
    role: KeywordRole
    keyword: KeywordId
    applies: Applies


@button
class SetBlocks:
    word: ClassVar[str] = "kwblock"
    channel: int
    role: KeywordRole
    keyword: KeywordId
    blocks: Blocks


@button
class ChangeInto:
    word: ClassVar[str] = "kwinto"
    channel: int
    role: KeywordRole
    keyword: KeywordId


@step
class Into:
    """What a replacement should become."""

    word: ClassVar[str] = "kwinto"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    keyword: int


@handles(OneWord)
async def one_opened(turn: Turn, channel: Channel, target: OneWord) -> None:
    await show_one(turn, channel, target.role, target.keyword)


async def show_one(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int, undo: int = 0) -> None:
    """One word, and what can be changed about it; the list where it is gone."""
    row = _word(channel, role, keyword_id)
    if row is None:
        await open_target(turn, doors.Words(channel.id, role))
        return
    lines = [turn.t("<b>{word}</b>", word=row.text), _about(turn, row)]
    lines += breadth.there(turn, channel, Keyword(role, row.text, applies=row.applies))
    rows: Rows = []
    if role is KeywordRole.TRIGGER:
        labels = {Applies.BOTH: turn.t("Both"), Applies.MENTION: turn.t("Mentions"), Applies.DM: turn.t("DMs")}
        rows.append(
            [
                (dot(row.applies == a.kind) + label, SetApplies(channel.id, role, row.id, a))
                for a, label in labels.items()
            ]
        )
    elif role is KeywordRole.FILTER:
        lines.append(turn.t("Block whoever writes it, too?"))
        options: list[Button] = [
            (dot(row.block_days == b.days) + _days(turn, b.days), SetBlocks(channel.id, role, row.id, b))
            for b in Blocks
        ]
        rows += [options[:1], options[1:4], options[4:]]
    elif role is KeywordRole.REPLACEMENT:
        rows.append([(turn.t("✏️ Change what it becomes"), ChangeInto(channel.id, role, row.id))])
    if undo:
        rows.append([undo_button(turn, channel, undo)])
    rows.append(
        [(turn.t("🗑 Remove"), RemoveWord(channel.id, role, row.id)), (turn.t("« Back"), doors.Words(channel.id, role))]
    )
    await turn.answer("\n".join(lines), rows)


@handles(SetApplies)
async def set_applies(turn: Turn, channel: Channel, target: SetApplies) -> None:
    await _change(turn, channel, KeywordRole.TRIGGER, target.keyword, applies=target.applies.kind)


@handles(SetBlocks)
async def set_blocks(turn: Turn, channel: Channel, target: SetBlocks) -> None:
    await _change(turn, channel, KeywordRole.FILTER, target.keyword, block_days=target.blocks.days)


@handles(ChangeInto)
async def ask_into(turn: Turn, channel: Channel, target: ChangeInto) -> None:
    row = _word(channel, KeywordRole.REPLACEMENT, target.keyword)
    if row is None:
        await open_target(turn, doors.Words(channel.id, KeywordRole.REPLACEMENT))
        return
    await turn.ask(
        Into(channel.id, row.id),
        turn.t(
            "“{word}” becomes “{into}”. Send me what it should become. /cancel to leave.",
            word=row.text,
            into=row.becomes,
        ),
    )


@answers(Into)
async def into(turn: Turn, channel: Channel, asked: Into) -> None:
    text = " ".join(turn.arguments.split())
    if not text or len(text) > MAX_BECOMES:
        raise Refusal(
            turn.t(
                "What it becomes has from 1 to {most} characters. For example: {command} add {example}",
                most=MAX_BECOMES,
                command=COMMANDS[KeywordRole.REPLACEMENT],
                example=turn.t(EXAMPLES[KeywordRole.REPLACEMENT]),
            )
        )
    turn.end_step()
    await _change(turn, channel, KeywordRole.REPLACEMENT, asked.keyword, becomes=text)


async def _change(turn: Turn, channel: Channel, role: KeywordRole, keyword_id: int, **options: Any) -> None:
    """Give a word another option, and show it with the way back."""

    def changed() -> int:
        row = _word(channel, role, keyword_id)
        if row is None or all(getattr(row, name) == value for name, value in options.items()):
            return 0
        undo = keep(turn, channel, doors.Words(channel.id, role), lists.before(channel.id, role, [row.text]))
        lists.change(channel.id, keyword_id, **options)
        return undo

    await show_one(turn, channel, role, keyword_id, turn.once("changed", int, changed))


def _word(channel: Channel, role: KeywordRole, keyword_id: int) -> lists.Keyword | None:
    row = lists.keyword(channel.id, keyword_id)
    return row if row is not None and row.role == role.value else None


def _about(turn: Turn, row: lists.Keyword) -> str:
    if row.role == KeywordRole.TRIGGER:
        if row.applies == MessageKind.MENTION:
            return turn.t("A trigger for mentions only.")
        if row.applies == MessageKind.DM:
            return turn.t("A trigger for DMs only.")
        return turn.t("A trigger for mentions and DMs.")
    if row.role == KeywordRole.FILTER:
        if row.block_days is None:
            return turn.t("It blocks the message.")
        return turn.t("It blocks the message and its sender: {days}.", days=_days(turn, row.block_days))
    if row.role == KeywordRole.REPLACEMENT:
        return turn.t("It becomes “{into}”.", into=row.becomes)
    return turn.t("It is written in capitals.")


def _days(turn: Turn, days: int | None) -> str:
    if days is None:
        return turn.t("The message only")
    if days == FOR_GOOD:
        return turn.t("For good")
    return turn.n("{count} day", "{count} days", days)


# --- words that go --------------------------------------------------------------------------------------------


async def remove(turn: Turn, channel: Channel, role: KeywordRole, typed: str) -> None:
    """What was typed after `remove`."""
    if not await _remove(turn, channel, role, split_keywords(typed)):
        raise Refusal(
            turn.t(
                "{words} is not in the list. See what is: {command}",
                words=said_back(typed.strip()) or "…",
                command=COMMANDS[role],
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
    text = turn.t("Removed: {words}", words=few(gone))
    await turn.answer(text, [[undo_button(turn, channel, undo)], *after(turn, channel, role)])
    return True
