"""Bringing a file in: asked for, read, shown what it would do, stored all or not at all, and taken back by Undo.

What a file holds is a format, a value that its wing declares; the flow knows none. It is read once more when it is
confirmed, since what is stored may have changed meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from bot.chat.dialogue import Step, Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Button, Rows
from bot.chat.language import N_, Speaker
from bot.chat.spoken import Example
from bot.chat.targets import button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import undo_button
from engine.files.dates import Order
from engine.files.tables import MOST_BYTES, SHOWN, Problem, Read, Wrong
from models.accounts.channels import Channel

SHOWN_LINES, SHOWN_COLUMNS = 12, 8
WRONG: Mapping[StrEnum, str] = {
    Wrong.NO_TEXT: N_(
        "that is no text and no table: in a spreadsheet, save it as CSV or as .xlsx (without a password)"
    ),
    Wrong.CHAT: N_("that is a chat that was exported, not a list: a spreadsheet saved as CSV or .xlsx is what I read"),
    Wrong.TOO_LARGE: N_("too large: at most 5 MB, and without thousands of empty rows"),
    Wrong.STOPPED: N_("I stopped reading here: too much is wrong above"),
    Wrong.TWICE: N_("the first line names this column twice"),
    Wrong.SHEETS: N_("several sheets have lines for me: leave one in the file, or hide the others"),
    Wrong.LONG_FIELD: N_("longer than anything that I take"),
    Wrong.OPEN_QUOTE: N_("a quotation mark is opened there and not closed as it should be"),
    Wrong.UNREADABLE: N_("holds characters that nobody can read; save the file as UTF-8"),
    Wrong.CELLS: N_("has more cells than the first line has names; a text with commas goes between quotation marks"),
    Wrong.VALUE: N_("a value of the spreadsheet stands where a text should: type the text itself"),
}

Entry = TypeVar("Entry")


class How(StrEnum):
    """Whether what a file has not stays or goes."""

    ADD = "add"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Effect:
    """What storing a file would do, in sentences, and how much would go if it took the place of what is there.

    `asks` are the answers to what has to be known first: how dates are meant that may be read in two ways.
    """

    says: Sentences
    gone: int
    asks: Sequence[tuple[str, Order]] = ()


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
class ReadDates:
    """Reads the file of this message anew, with its dates in this order."""

    word: ClassVar[str] = "impdate"
    channel: int
    message: int
    order: Order


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
    own: ClassVar[tuple[type[Any], ...]] = (BringIn, ReadDates, LeaveFile)
    channel: int
    format: str
    choice: str = ""
    file: str = ""
    message: int = 0
    name: str = ""


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
    waiting = AwaitedFile(
        channel.id, brought.name, waited.choice, document.file_id, turn.message_id, (document.file_name or "?")[-SHOWN:]
    )
    await turn.ask(waiting, *await _proposed(turn, channel, brought, waiting))


@handles(ReadDates)
async def read_again(turn: Turn, channel: Channel, target: ReadDates) -> None:
    """The dates of the file are meant so."""
    waiting = turn.step
    if not isinstance(waiting, AwaitedFile) or (waiting.channel, waiting.message) != (channel.id, target.message):
        raise _gone(turn, waiting)
    known = replace(waiting, choice=target.order.value)
    turn.wait_for(known)
    await turn.answer(*await _proposed(turn, channel, FORMATS[known.format], known))


async def _proposed(turn: Turn, channel: Channel, brought: Format[Any], waiting: AwaitedFile) -> tuple[str, Rows]:
    """What the file would do, and the buttons that do it, or that say first how it is meant."""
    read = await _read(turn, channel, brought, waiting)
    effect = brought.compare(turn, channel, waiting.name, read)
    says = [*effect.says, *_beside(turn, read)]
    rows: Rows = [[(label, ReadDates(channel.id, waiting.message, order))] for label, order in effect.asks]
    if not effect.asks:
        rows.append([(turn.t("✅ Add these"), BringIn(channel.id, waiting.message, How.ADD))])
        if effect.gone:
            label = turn.n("♻️ Replace: {count} goes", "♻️ Replace: {count} go", effect.gone)
            rows.append([(label, BringIn(channel.id, waiting.message, How.REPLACE))])
    rows.append([(turn.t("Cancel"), LeaveFile(channel.id, brought.name))])
    return "\n".join([*says, turn.t("Nothing is stored yet.")]), rows


def _beside(say: Speaker, read: Read[Any]) -> Sentences:
    """What of the file is left out, and what of it one may not see."""
    says: Sentences = []
    if read.unknown:
        columns = ", ".join(read.unknown[:SHOWN_COLUMNS])
        says.append(say.t("I don't know these columns and leave them out: {columns}", columns=columns))
    if read.hidden:
        says.append(
            say.n(
                "{count} row is hidden in the spreadsheet, and is in here too.",
                "{count} rows are hidden in the spreadsheet, and are in here too.",
                read.hidden,
            )
        )
    return says


@handles(BringIn)
async def confirmed(turn: Turn, channel: Channel, target: BringIn) -> None:
    """Do what was shown, of that very file; of two taps one does it."""
    waiting = turn.step
    if not isinstance(waiting, AwaitedFile) or (waiting.channel, waiting.message) != (channel.id, target.message):
        raise _gone(turn, waiting)
    brought = FORMATS[waiting.format]
    read = await _read(turn, channel, brought, waiting)
    if read.doubt:
        raise _gone(turn, waiting)

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
    return Refusal(turn.t("That file is no longer at hand. Begin again: {command}", command=Example(again)))


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
    stopped = [p for p in problems if p.reason is Wrong.STOPPED]
    listed = [p for p in problems if p.reason is not Wrong.STOPPED]
    count = len(listed)
    lines = [
        say.n("Nothing was stored: {count} line is wrong.", "Nothing was stored: {count} lines are wrong.", count),
        *(_wrong_line(say, p, names) for p in listed[:SHOWN_LINES]),
    ]
    if count > SHOWN_LINES:
        lines.append(say.n("… and {count} more", "… and {count} more", count - SHOWN_LINES))
    return [*lines, *(_wrong_line(say, p, names) for p in stopped)]


def _wrong_line(say: Speaker, problem: Problem, names: Mapping[StrEnum, str]) -> str:
    why = say.t(names[problem.reason])
    return say.t("Line {line}: {text} — {why}", line=problem.line, text=problem.text or "…", why=why)
