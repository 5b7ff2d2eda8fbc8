"""Bringing a file in: asked for, read, shown what it would do, stored all or not at all, and taken back by Undo.

What a file holds is a format, a value that its wing declares; the flow knows none. It is read once more when it is
confirmed, since what is stored may have changed meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from bot.chat.dialogue import Step, Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Button, Rows
from bot.chat.language import N_, Speaker
from bot.chat.targets import button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import undo_button
from engine.files.tables import MOST_BYTES, Problem, Read, Wrong
from models.accounts.channels import Channel

SHOWN_LINES = 12
WRONG: Mapping[StrEnum, str] = {
    Wrong.NO_TEXT: N_("that is no text: in a spreadsheet, save it as CSV"),
    Wrong.TOO_LARGE: N_("too large: at most 5 MB"),
    Wrong.LONG_FIELD: N_("longer than anything that I take"),
    Wrong.OPEN_QUOTE: N_("a quotation mark is opened there and not closed as it should be"),
    Wrong.UNREADABLE: N_("holds characters that nobody can read; save the file as UTF-8"),
}

Entry = TypeVar("Entry")


class How(StrEnum):
    """Whether what a file has not stays or goes."""

    ADD = "add"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Effect:
    """What storing a file would do, in sentences, and how much would go if it took the place of what is there."""

    says: Sentences
    gone: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing a file did, in a sentence, and the id that takes it back."""

    says: str
    undo: int


@dataclass(frozen=True, slots=True)
class Format(Generic[Entry]):
    """What a file may hold. `choice` is what was chosen with the import, such as one list of several.

    `reader` gives a function that only reads; `wrong` has the words of the format's
    own reasons, `right` a right line and `nothing` what is said of a file without entries. `store` does everything in
    one transaction. `again` is the command that begins anew, `panel` where one goes on afterwards.
    """

    name: str
    again: str
    ask: Callable[[Turn, str], str]
    reader: Callable[[Turn, Channel, str], Callable[[bytes], Read[Entry]]]
    wrong: Mapping[StrEnum, str]
    right: str
    nothing: str
    compare: Callable[[Turn, Channel, str, Read[Entry]], Effect]
    store: Callable[[Turn, Channel, Read[Entry], How], Stored]
    panel: Callable[[Speaker, Channel], Button]


FORMATS: dict[str, Format[Any]] = {}


def declared(known: Format[Entry]) -> Format[Entry]:
    """A format that files may have from now on."""
    FORMATS[known.name] = known
    return known


@button
class BringIn:
    """Stores the file of this message."""

    word: ClassVar[str] = "impyes"
    channel: int
    message: int
    how: How


@button
class LeaveFile:
    word: ClassVar[str] = "impno"
    channel: int
    format: str


@step
class AwaitedFile:
    """A file is waited for; once it came, `file` is Telegram's id of it and `message` the message that brought it."""

    word: ClassVar[str] = "file"
    takes: ClassVar[Takes] = Takes.FILE
    own: ClassVar[tuple[type[Any], ...]] = (BringIn, LeaveFile)
    channel: int
    format: str
    choice: str = ""
    file: str = ""
    message: int = 0


async def ask(turn: Turn, channel: Channel, asked: Format[Any], choice: str = "") -> None:
    """Ask for a file; one that came with the command in its caption is what was asked for."""
    if turn.message is not None and turn.message.document is not None:
        await received(turn, channel, AwaitedFile(channel.id, asked.name, choice))
        return
    await turn.ask(AwaitedFile(channel.id, asked.name, choice), asked.ask(turn, choice))


def unasked(turn: Turn) -> Refusal:
    """A file came that nobody asked for."""
    return Refusal(turn.t("To bring lists in, begin with /import and then send the file."))


@answers(AwaitedFile)
async def received(turn: Turn, channel: Channel, waited: AwaitedFile) -> None:
    """A file came: what it would do, before anything is done."""
    document = turn.message.document if turn.message is not None else None
    brought = FORMATS.get(waited.format)
    if document is None or brought is None or turn.message_id is None:
        raise unasked(turn)
    if (document.file_size or 0) > MOST_BYTES:
        raise Refusal(turn.t("That file is too large: at most 5 MB."))
    waiting = AwaitedFile(channel.id, brought.name, waited.choice, document.file_id, turn.message_id)
    read = await _read(turn, channel, brought, waiting)
    effect = brought.compare(turn, channel, document.file_name or "?", read)
    rows: Rows = [[(turn.t("✅ Add these"), BringIn(channel.id, waiting.message, How.ADD))]]
    if effect.gone:
        label = turn.n("♻️ Replace: {count} goes", "♻️ Replace: {count} go", effect.gone)
        rows.append([(label, BringIn(channel.id, waiting.message, How.REPLACE))])
    rows.append([(turn.t("Cancel"), LeaveFile(channel.id, brought.name))])
    await turn.ask(waiting, "\n".join([*effect.says, turn.t("Nothing is stored yet.")]), rows)


@handles(BringIn)
async def confirmed(turn: Turn, channel: Channel, target: BringIn) -> None:
    """Do what was shown, of that very file; of two taps one does it."""
    waiting = turn.step
    if not isinstance(waiting, AwaitedFile) or (waiting.channel, waiting.message) != (channel.id, target.message):
        raise _gone(turn, waiting)
    brought = FORMATS[waiting.format]
    read = await _read(turn, channel, brought, waiting)

    def store() -> Stored:
        if not turn.take_step():
            raise _gone(turn, waiting)
        return brought.store(turn, channel, read, target.how)

    stored = turn.once("imported", Stored, store)
    turn.end_step()
    await turn.answer(stored.says, [[undo_button(turn, channel, stored.undo), brought.panel(turn, channel)]])


@handles(LeaveFile)
async def left(turn: Turn, channel: Channel, target: LeaveFile) -> None:
    turn.end_step()
    rows = [[FORMATS[target.format].panel(turn, channel)]] if target.format in FORMATS else []
    await turn.answer(turn.t("Cancelled: nothing was stored."), rows)


def _gone(turn: Turn, waiting: Step | None) -> Refusal:
    again = FORMATS[waiting.format].again if isinstance(waiting, AwaitedFile) else "/import"
    return Refusal(turn.t("That file is no longer at hand. Begin again: {command}", command=again))


async def _read(turn: Turn, channel: Channel, brought: Format[Entry], waiting: AwaitedFile) -> Read[Entry]:
    """What the file holds. Raises Refusal where a line of it is wrong, or where it holds nothing."""
    reader = brought.reader(turn, channel, waiting.choice)
    read = reader(await turn.download(waiting.file))
    if read.problems:
        raise Refusal("\n".join([*wrong_lines(turn, read.problems, brought.wrong), turn.t(brought.right)]))
    if not read.entries:
        raise Refusal(turn.t(brought.nothing))
    return read


def wrong_lines(say: Speaker, problems: Sequence[Problem], words: Mapping[StrEnum, str]) -> Sentences:
    """What is wrong with a file, line by line."""
    names = {**WRONG, **words}
    count = len(problems)
    lines = [
        say.n("Nothing was stored: {count} line is wrong.", "Nothing was stored: {count} lines are wrong.", count),
        *(
            say.t("Line {line}: {text} — {why}", line=p.line, text=p.text or "…", why=say.t(names[p.reason]))
            for p in problems[:SHOWN_LINES]
        ),
    ]
    if count > SHOWN_LINES:
        lines.append(say.n("… and {count} more", "… and {count} more", count - SHOWN_LINES))
    return lines
