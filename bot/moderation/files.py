"""Lists in and out: `/import` with a dry run, `/export`, `/copy @other`, each with a way back."""

from collections.abc import Callable
from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows
from bot.chat.language import N_, Speaker
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from bot.files import importing
from bot.files.importing import Effect, Format, How, Stored
from bot.moderation import breadth
from bot.scheduling import files as schedule_files
from engine.files.lists import LISTS, RULES, Entry, Hours, Wrong, list_named, lists_of, read_file, write_file
from engine.files.tables import Read
from engine.files.tables import Wrong as WrongTable
from engine.moderation import Keyword
from engine.moderation.hours import HOURS_ON
from engine.moderation.standing import LeftOut
from engine.roles import May
from engine.text import fold
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.database import transaction
from models.moderation import lists, opting
from models.streaming import optouts
from models.streaming.optouts import AskedBy

NAMES = {
    "trigger": N_("triggers"),
    "filter": N_("filters"),
    "replacement": N_("replacements"),
    "emphasis": N_("emphasis"),
    "blocked": N_("blocked senders"),
    "trusted": N_("trusted senders"),
    "hours": N_("hours"),
    "opted_out": N_("people who asked not to be reposted"),
}
WRONG = {
    WrongTable.TOO_MANY: N_("more lines than I take (50,000)"),
    WrongTable.HEADER: N_("the first line has to name the columns: list,text"),
    Wrong.EMPTY: N_("no word"),
    Wrong.LONG: N_("too long"),
    Wrong.WORDLESS: N_("no word that a message could contain"),
    Wrong.STAR: N_("* goes at the end, after three letters"),
    Wrong.LIST: N_("no such list"),
    Wrong.APPLIES: N_("says neither mention, dm nor both"),
    Wrong.DAYS: N_("not a number of days"),
    Wrong.BECOMES: N_("does not say what it becomes"),
    Wrong.HANDLE: N_("no name on X"),
    Wrong.HOURS: N_("no hours that I understand"),
    Wrong.CONTRADICTS: N_("is there above with other options"),
}
OF_SCHEDULES = "schedules"
SCHEDULES = frozenset({"schedules", "schedule", "programacion", "programaciones", "programados", "programadas"})
EVERYTHING = frozenset({"all", "everything", "todo", "todas", "todos", "lists", "listas"})
SENDERS = "senders"


@button
class CopyFrom:
    """Asks whether the rules of another channel shall take the place of this one's."""

    word: ClassVar[str] = "copy"
    channel: int
    other: int


@button
class CopyNow:
    word: ClassVar[str] = "copyyes"
    channel: int
    other: int


async def command_import(turn: Turn) -> None:
    """/import [LIST], then the file"""
    channel = turn.take_channel()
    name = _named(turn, N_("I know no list “{word}”. There are: {lists}. For example: /import filters"))
    if name == OF_SCHEDULES:
        await schedule_files.ask(turn, channel)
        return
    await ask(turn, channel, name)


async def command_export(turn: Turn) -> None:
    """/export [LIST]"""
    channel = turn.take_channel()
    name = _named(turn, N_("I know no list “{word}”. There are: {lists}. For example: /export filters"))
    if name == OF_SCHEDULES:
        await schedule_files.send(turn, channel)
        return
    await send(turn, channel, [name] if name else list(LISTS))


def _named(turn: Turn, unknown: str) -> str:
    """The list that was typed, in either language; empty where none was, `schedules` for those. Raises Refusal."""
    typed = " ".join(turn.arguments.split())
    word = fold(typed)
    if not word or word in EVERYTHING:
        return ""
    if word in SCHEDULES:
        return OF_SCHEDULES
    named = list_named(typed)
    if named is None:
        theirs = [*(turn.t(NAMES[name]) for name in LISTS), turn.t("schedules")]
        raise Refusal(turn.t(unknown, word=said_back(typed), lists=", ".join(theirs)))
    return named


@handles(doors.Files)
async def show(turn: Turn, channel: Channel, target: doors.Files) -> None:
    """What can be done with files."""
    await _show(turn, channel)


async def _show(turn: Turn, channel: Channel) -> None:
    others = [c for c in turn.mine() if c.id != channel.id]
    copies: Rows = [[(turn.t("📋 Copy from {other}", other=c), CopyFrom(channel.id, c.id))] for c in others[:6]]
    rows: Rows = [
        [
            (turn.t("⬇️ Export all"), doors.Export(channel.id, "all")),
            (turn.t("⬆️ Import"), doors.Import(channel.id, "any")),
        ],
        *copies,
        [(turn.t("« Rules"), doors.Rules(channel.id))],
    ]
    text = turn.t(
        "🗂 <b>Files of {channel}</b>\nAll lists in one CSV file, to keep, to change in a spreadsheet, and to bring"
        " back. Nothing is stored before you have seen what it would do.",
        channel=channel,
    )
    await turn.answer(text, rows)


@handles(doors.Export)
async def exported(turn: Turn, channel: Channel, target: doors.Export) -> None:
    await send(turn, channel, [target.lists])


@handles(doors.Import)
async def asked(turn: Turn, channel: Channel, target: doors.Import) -> None:
    await ask(turn, channel, target.lists)


async def send(turn: Turn, channel: Channel, names: list[str]) -> None:
    """The lists as a file."""
    names = ["blocked", "trusted", "opted_out"] if names == [SENDERS] else names
    names = [n for n in names if n in LISTS] or list(LISTS)
    content = write_file(lists.entries(channel.id, names))
    name = f"{channel.handle}-{names[0] if len(names) == 1 else 'lists'}.csv"
    await turn.send_file(content, name, turn.n("{count} line", "{count} lines", content.count(b"\n") - 1))


async def ask(turn: Turn, channel: Channel, default: str) -> None:
    """Ask for a file: of one list, or of any."""
    await importing.ask(turn, channel, OF_LISTS, default if default in LISTS else "")


def _asking(turn: Turn, choice: str) -> str:
    if choice:
        return turn.t(
            "Send me the file: CSV as /export gives it, an .xlsx, or plain text with one line each, for the {list}. I"
            " show you first what it would do. /cancel to leave.",
            list=turn.t(NAMES[choice]),
        )
    return turn.t(
        "Send me the file: CSV as /export gives it (list, text, applies, block, becomes, note), or an .xlsx with"
        " these columns. I show you first what it would do. /cancel to leave."
    )


def _reader(turn: Turn, channel: Channel, choice: str) -> Callable[[bytes], Read[Entry]]:
    now = turn.now.astimezone(choices.zone_of(channel.id))  # in which "until friday" is meant
    return lambda content: read_file(content, choice or None, now)


def _compare(turn: Turn, channel: Channel, name: str, read: Read[Entry]) -> Effect:
    about = lists_of(read.entries)
    change = lists.compare(channel.id, read.entries)
    emptied = lists.compare(channel.id, read.entries, replacing=about)
    names = ", ".join(turn.t(NAMES[n]) for n in about)
    says = [
        turn.t("📄 {name} for {channel}: {lists}", name=name, channel=channel, lists=names),
        turn.t(
            "{new} new, {changed} with other options, {known} there already.",
            new=change.new,
            changed=change.changed,
            known=change.known,
        ),
    ]
    if read.repeated:
        says.append(
            turn.n("{count} line says again what was there.", "{count} lines say again what was there.", read.repeated)
        )
    says += breadth.added(turn, channel, [e for e in read.entries if isinstance(e, Keyword)])
    return Effect(says, emptied.gone)


def _store(turn: Turn, channel: Channel, read: Read[Entry], how: How) -> Stored:
    replacing = lists_of(read.entries) if how is How.REPLACE else []
    with transaction():
        left_out = [e for e in read.entries if isinstance(e, LeftOut)]
        words = opting.words_of(channel.id, left_out, AskedBy.FILE, turn.now)
        before = undoing.lines_of(channel.id, read.entries, replacing)
        asked = optouts.before(channel.id, words, turn.now)
        undo = keep(turn, channel, doors.Rules(channel.id), *before, asked, as_what=Did.FILE)
        change = choosing.bring_in(channel.id, read.entries, turn.now, replacing=replacing)
    text = turn.t(
        "✅ Done: {new} added, {changed} changed, {gone} removed.",
        new=change.new,
        changed=change.changed,
        gone=change.gone,
    )
    if any(isinstance(e, Hours) for e in read.entries) and not choices.choices(channel).policy.on(HOURS_ON):
        text += "\n" + turn.t("The hours are off, so these don't hold yet. Turn them on in /hours")
    return Stored(text, undo)


def _panel(say: Speaker, channel: Channel) -> Button:
    return say.t("🧭 Rules"), doors.Rules(channel.id)


OF_LISTS = importing.declared(
    Format(
        name="lists",
        again="/import",
        ask=_asking,
        reader=_reader,
        wrong=WRONG,
        right=N_(
            "Mend them and send me the file again. A right line: filter,promo,,7,, · trigger,choque,,,, ·"
            " hours,mon-fri 6-22,mention,,,"
        ),
        nothing=N_(
            "There is no line in that file that I could use. CSV as /export gives it, or plain text with one line each."
        ),
        compare=_compare,
        store=_store,
        panel=_panel,
    )
)


# --- copying -----------------------------------------------------------------------------------------------


async def copy(turn: Turn) -> None:
    """/copy @other: into the current channel"""
    typed = turn.arguments.strip()
    turn.arguments = ""
    channel = turn.take_channel()
    if not typed:
        await _show(turn, channel)
        return
    other = next((c for c in turn.mine() if str(c).lower() == "@" + typed.lower().lstrip("@")), None)
    if other is None or other.id == channel.id:
        others = [c for c in turn.mine() if c.id != channel.id]
        if not others:
            raise Refusal(turn.t("You have no other channel to copy from. Connect one with /connect"))
        raise Refusal(
            turn.t(
                "From which of your other channels? You have: {channels}. For example: /copy {example}",
                channels=", ".join(map(str, others)),
                example=others[0],
            )
        )
    await _ask_copy(turn, channel, other.id)


@handles(CopyFrom)
async def ask_copy(turn: Turn, channel: Channel, target: CopyFrom) -> None:
    await _ask_copy(turn, channel, target.other)


async def _ask_copy(turn: Turn, channel: Channel, other_id: int) -> None:
    other = turn.reach(other_id, May.OWN)
    text = turn.t(
        "📋 Copy the rules of {other} to {channel}? Its {count} lines and its switches take the place of what {channel}"
        " has now.",
        other=other,
        channel=channel,
        count=len(lists.entries(other.id, RULES)),
    )
    rows: Rows = [
        [(turn.t("✅ Yes, copy"), CopyNow(channel.id, other.id))],
        [(turn.t("Cancel"), doors.Rules(channel.id))],
    ]
    await turn.answer(text, rows)


@handles(CopyNow)
async def do_copy(turn: Turn, channel: Channel, target: CopyNow) -> None:
    other = turn.reach(target.other, May.OWN)
    with transaction():
        undo = keep(turn, channel, doors.Rules(channel.id), *undoing.rules_of(channel.id, other.id), as_what=Did.COPIED)
        choosing.copy(other.id, channel.id, turn.now)
    text = turn.t("✅ {channel} has the rules of {other} now.", channel=channel, other=other)
    await turn.answer(text, [[undo_button(turn, channel, undo), _panel(turn, channel)]])
