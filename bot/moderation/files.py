"""Lists in and out: `/import` with a dry run, `/export`, `/copy @other`, each with a way back."""

from io import BytesIO

from telegram import Document, InputFile

from bot.chat.language import N_
from bot.chat.reasons import wrong_lines
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from bot.scheduling import files
from bot.scheduling.files import MAX_BYTES
from engine import lists as engine_lists
from engine.lists import LISTS, Read
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import lists, snapshots

NAMES = {
    "trigger": N_("triggers"),
    "filter": N_("filters"),
    "replacement": N_("replacements"),
    "emphasis": N_("emphasis"),
    "blocked": N_("blocked senders"),
    "trusted": N_("trusted senders"),
    "hours": N_("hours"),
}
WRONG = {
    "empty": N_("no word"),
    "long": N_("too long"),
    "wordless": N_("no word that a message could contain"),
    "star": N_("* goes at the end, after three letters"),
    "list": N_("no such list"),
    "applies": N_("says neither mention, dm nor both"),
    "days": N_("not a number of days"),
    "becomes": N_("does not say what it becomes"),
    "handle": N_("no name on X"),
    "hours": N_("no hours that I understand"),
    "contradicts": N_("is there above with other options"),
    "too_many": N_("more lines than I take (50,000)"),
}
WORDS = {"triggers": "trigger", "filters": "filter", "replacements": "replacement", "emphasis": "emphasis",
         "blocked": "blocked", "trusted": "trusted", "hours": "hours"}  # fmt: skip


SCHEDULES = ("schedules", "schedule", "programación", "programacion")


async def command_import(turn: Turn) -> None:
    """/import [LIST], then the file"""
    channel = turn.take_channel()
    word = turn.arguments.strip().lower()
    if word in SCHEDULES:
        await files.ask(turn, channel)
        return
    if word and word not in WORDS:
        raise Refusal(
            turn.t(
                "I know no list “{word}”. There are: {lists}. For example: /import filters",
                word=word,
                lists=", ".join([*WORDS, "schedules"]),
            )
        )
    await ask(turn, channel, WORDS.get(word, ""))


async def command_export(turn: Turn) -> None:
    """/export [LIST]"""
    channel = turn.take_channel()
    word = turn.arguments.strip().lower()
    if word in SCHEDULES:
        await files.send(turn, channel)
        return
    await send(turn, channel, [WORDS[word]] if word in WORDS else list(LISTS))


async def show(turn: Turn, channel: Channel) -> None:
    """What can be done with files."""
    key = channel.id
    others = [c for c in turn.mine() if c.id != channel.id]
    rows: Rows = [
        [(turn.t("⬇️ Export all"), f"exp:{key}:all"), (turn.t("⬆️ Import"), f"imp:{key}:any")],
        *[[(turn.t("📋 Copy from {other}", other=c), f"copy:{key}:{c.id}")] for c in others[:6]],
        [(turn.t("« Rules"), f"rules:{key}")],
    ]
    text = turn.t(
        "🗂 <b>Files of {channel}</b>\nAll lists in one CSV file, to keep, to change in a spreadsheet, and to bring"
        " back. Nothing is stored before you have seen what it would do.",
        channel=channel,
    )
    await turn.answer(text, rows)


async def send(turn: Turn, channel: Channel, names: list[str]) -> None:
    """The lists as a file."""
    names = [n for n in (["blocked", "trusted"] if names == ["senders"] else names) if n in LISTS] or list(LISTS)
    content = engine_lists.write_file(lists.entries(channel.id, names))
    chat = turn.update.effective_chat
    assert chat is not None
    name = f"{channel.handle}-{names[0] if len(names) == 1 else 'lists'}.csv"
    lines = content.count(b"\n") - 1
    await chat.send_document(InputFile(BytesIO(content), name), caption=turn.n("{count} line", "{count} lines", lines))


async def ask(turn: Turn, channel: Channel, default: str) -> None:
    turn.remember(step="import", channel=channel.id, list=default if default in LISTS else "")
    if default in LISTS:
        text = turn.t(
            "Send me the file: CSV as /export gives it, or plain text with one line each, for the {list}. I show you"
            " first what it would do. /cancel to leave.",
            list=turn.t(NAMES[default]),
        )
    else:
        text = turn.t(
            "Send me the file: CSV as /export gives it (list, text, applies, block, becomes, note). I show you first"
            " what it would do. /cancel to leave."
        )
    await turn.send(text)


async def received(turn: Turn) -> None:
    """A file came: what it would do, before anything is done."""
    message = turn.update.message
    document = message.document if message is not None else None
    if document is None or turn.dialogue.get("step") != "import":
        raise Refusal(turn.t("To bring lists in, begin with /import and then send the file."))
    channel = turn.own(int(turn.dialogue["channel"]))
    default = str(turn.dialogue["list"])
    read = await _read(turn, document.file_id, document, default)
    if read.problems or not read.entries:
        raise Refusal(_refused(turn, read))
    turn.remember(step="import", channel=channel.id, list=default, file=document.file_id)
    change = lists.compare(channel.id, read.entries)
    emptied = lists.compare(channel.id, read.entries, replacing=read.lists)
    names = ", ".join(turn.t(NAMES[n]) for n in read.lists)
    lines: Sentences = [
        turn.t("📄 {name} for {channel}: {lists}", name=document.file_name or "?", channel=channel, lists=names),
        turn.t(
            "{new} new, {changed} with other options, {known} there already.",
            new=change.new,
            changed=change.changed,
            known=change.known,
        ),
    ]
    if read.repeated:
        lines.append(
            turn.n("{count} line says again what was there.", "{count} lines say again what was there.", read.repeated)
        )
    lines.append(turn.t("Nothing is stored yet."))
    rows: Rows = [[(turn.t("✅ Add these"), f"impyes:{channel.id}:add")]]
    if emptied.gone:
        label = turn.n("♻️ Replace: {count} goes", "♻️ Replace: {count} go", emptied.gone)
        rows.append([(label, f"impyes:{channel.id}:replace")])
    rows.append([(turn.t("Cancel"), f"impno:{channel.id}")])
    await turn.send("\n".join(lines), rows)


async def confirm(turn: Turn, channel: Channel, how: str) -> None:
    """Do what was shown: the file is read once more, and stored all or not at all."""
    dialogue = turn.dialogue
    if dialogue.get("step") != "import" or dialogue.get("channel") != channel.id or "file" not in dialogue:
        raise Refusal(turn.t("That file is no longer at hand. Begin again: /import"))
    read = await _read(turn, str(dialogue["file"]), None, str(dialogue["list"]))
    if read.problems or not read.entries:
        raise Refusal(_refused(turn, read))
    replacing = read.lists if how == "replace" else []
    with transaction():
        snapshot = snapshots.take(channel.id, turn.now)
        change = lists.store(channel.id, read.entries, turn.now, replacing=replacing)
    turn.remember()
    text = turn.t(
        "✅ Done: {new} added, {changed} changed, {gone} removed.",
        new=change.new,
        changed=change.changed,
        gone=change.gone,
    )
    await turn.answer(text, _after(turn, channel, snapshot))


async def cancel(turn: Turn, channel: Channel) -> None:
    turn.remember()
    await turn.answer(turn.t("Cancelled: nothing was stored."), [[(turn.t("🧭 Rules"), f"rules:{channel.id}")]])


# --- copying -----------------------------------------------------------------------------------------------


async def copy(turn: Turn) -> None:
    """/copy @other: into the current channel"""
    typed = turn.arguments.strip()
    turn.arguments = ""
    channel = turn.take_channel()
    if not typed:
        await show(turn, channel)
        return
    other = next((c for c in turn.mine() if str(c).lower() == "@" + typed.lower().lstrip("@")), None)
    if other is None or other.id == channel.id:
        others = [c for c in turn.mine() if c.id != channel.id]
        raise Refusal(
            turn.t(
                "From which of your other channels? You have: {channels}. For example: /copy {example}",
                channels=", ".join(map(str, others)) or "—",
                example=others[0] if others else "@LluviaYa",
            )
        )
    await ask_copy(turn, channel, other.id)


async def ask_copy(turn: Turn, channel: Channel, other_id: int) -> None:
    other = turn.own(other_id)
    counts = lists.entries(other.id)
    text = turn.t(
        "📋 Copy the rules of {other} to {channel}? Its {count} lines and its switches take the place of what {channel}"
        " has now.",
        other=other,
        channel=channel,
        count=len(counts),
    )
    rows: Rows = [
        [(turn.t("✅ Yes, copy"), f"copyyes:{channel.id}:{other.id}")],
        [(turn.t("Cancel"), f"rules:{channel.id}")],
    ]
    await turn.answer(text, rows)


async def do_copy(turn: Turn, channel: Channel, other_id: int) -> None:
    other = turn.own(other_id)
    with transaction():
        snapshot = snapshots.take(channel.id, turn.now)
        lists.copy(other.id, channel.id, turn.now)
    text = turn.t("✅ {channel} has the rules of {other} now.", channel=channel, other=other)
    await turn.answer(text, _after(turn, channel, snapshot))


async def restore(turn: Turn, channel: Channel, snapshot_id: int) -> None:
    """Undo an import or a copy."""
    if not snapshots.restore(channel.id, snapshot_id, turn.now):
        raise Refusal(turn.t("There is nothing left to put back."))
    await turn.answer(
        turn.t("↩️ The rules of {channel} are as they were.", channel=channel),
        [[(turn.t("🧭 Rules"), f"rules:{channel.id}")]],
    )


def _after(turn: Turn, channel: Channel, snapshot: int) -> Rows:
    return [[(turn.t("↩️ Undo"), f"restore:{channel.id}:{snapshot}"), (turn.t("🧭 Rules"), f"rules:{channel.id}")]]


async def _read(turn: Turn, file_id: str, document: Document | None, default: str) -> Read:
    if document is not None and (document.file_size or 0) > MAX_BYTES:
        raise Refusal(turn.t("That file is too large: at most 5 MB."))
    file = await turn.update.get_bot().get_file(file_id)
    content = bytes(await file.download_as_bytearray())
    return engine_lists.read_file(content, default or None, turn.now)


def _refused(turn: Turn, read: Read) -> str:
    if not read.problems:
        return turn.t(
            "There is no line in that file that I could use. CSV as /export gives it, or plain text with one line each."
        )
    lines = wrong_lines(turn, read.problems, WRONG)
    lines.append(turn.t("Mend them and send me the file again. A right line: filter,promo,,7,, · trigger,choque,,,,"))
    return "\n".join(lines)
