"""Schedules in and out of a CSV file: export, and import with a dry run and a way back."""

from io import BytesIO

from telegram import InputFile

from bot.chat.language import N_
from bot.chat.reasons import wrong_lines
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from engine.schedule_files import Read, read_file, write_file
from models.accounts import choices
from models.accounts.channels import Channel
from models.publishing import media
from models.scheduling import files as stored
from tasks import scheduling as planning

MAX_BYTES = 5_000_000
WRONG = {
    "header": N_("the first line has to name the columns: when,text"),
    "when": N_("no time that I understand"),
    "past": N_("has gone by already"),
    "date": N_("no date like 2026-12-24 20:00"),
    "number": N_("no number that fits there"),
    "state": N_("says neither on, paused nor queue"),
    "empty": N_("no text"),
    "long": N_("too long for a post"),
    "media": N_("shows something that the channel has not, or that does not go together"),
    "csv": N_("no CSV that I can read"),
    "too_many": N_("more lines than I take (5,000)"),
}


async def show(turn: Turn, channel: Channel) -> None:
    """What can be done with files."""
    text = turn.t(
        "🗂 <b>Schedules of {channel} as a file</b>\nOne CSV file, to keep, to change in a spreadsheet, and to bring"
        " back. Nothing is stored before you have seen what it would do.\nColumns: when, text, and if you like start,"
        " end, times, grace (minutes), state. Under when: 2026-12-24 20:00, or words like every mon,wed 7:15.",
        channel=channel,
    )
    rows: Rows = [
        [(turn.t("⬇️ Export"), f"schedexp:{channel.id}"), (turn.t("⬆️ Import"), f"schedimp:{channel.id}")],
        [(turn.t("« Schedules"), f"scheds:{channel.id}")],
    ]
    await turn.answer(text, rows)


async def send(turn: Turn, channel: Channel) -> None:
    """The schedules as a file."""
    lines = stored.lines(channel.id)
    chat = turn.update.effective_chat
    assert chat is not None
    name = f"{channel.handle}-schedules.csv"
    caption = turn.n("{count} schedule", "{count} schedules", len(lines))
    await chat.send_document(InputFile(BytesIO(write_file(lines)), name), caption=caption)


async def ask(turn: Turn, channel: Channel) -> None:
    turn.remember(step="schedimport", channel=channel.id)
    await turn.send(
        turn.t("Send me the CSV file with the schedules. I show you first what it would do. /cancel to leave.")
    )


async def received(turn: Turn) -> None:
    """A file came: what it would do, before anything is done."""
    message = turn.update.message
    document = message.document if message is not None else None
    if document is None:
        return
    channel = turn.own(int(turn.dialogue["channel"]))
    if (document.file_size or 0) > MAX_BYTES:
        raise Refusal(turn.t("That file is too large: at most 5 MB."))
    read = await _read(turn, channel, document.file_id)
    turn.remember(step="schedimport", channel=channel.id, file=document.file_id)
    change = stored.compare(channel.id, read.lines)
    lines: Sentences = [
        turn.t("📄 {name} for {channel}", name=document.file_name or "?", channel=channel),
        turn.t("{new} new, {known} there already.", new=change.new, known=change.known),
        turn.t("Nothing is stored yet."),
    ]
    rows: Rows = [[(turn.t("✅ Add these"), f"schedimpyes:{channel.id}:add")]]
    if change.gone:
        label = turn.n("♻️ Replace: {count} goes", "♻️ Replace: {count} go", change.gone)
        rows.append([(label, f"schedimpyes:{channel.id}:replace")])
    rows.append([(turn.t("Cancel"), f"schedimpno:{channel.id}")])
    await turn.send("\n".join(lines), rows)


async def confirm(turn: Turn, channel: Channel, how: str) -> None:
    """Do what was shown: the file is read once more, and stored all or not at all."""
    dialogue = turn.dialogue
    if dialogue.get("step") != "schedimport" or dialogue.get("channel") != channel.id or "file" not in dialogue:
        raise Refusal(turn.t("That file is no longer at hand. Begin again: /import schedules"))
    read = await _read(turn, channel, str(dialogue["file"]))
    import_id, change = stored.bring_in(
        channel.id, turn.person.telegram_id, read.lines, turn.language, turn.now, replacing=how == "replace"
    )
    turn.remember()
    planning.plan.ring_once(5)
    text = turn.t("✅ Done: {new} added, {gone} removed.", new=change.new, gone=change.gone)
    key = channel.id
    await turn.answer(
        text, [[(turn.t("↩️ Undo"), f"schedimpundo:{key}:{import_id}"), (turn.t("🗓 Schedules"), f"scheds:{key}")]]
    )


async def cancel(turn: Turn, channel: Channel) -> None:
    turn.remember()
    await turn.answer(turn.t("Cancelled: nothing was stored."), [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}")]])


async def undo(turn: Turn, channel: Channel, import_id: int) -> None:
    """The schedules as they were before an import."""
    if not stored.undo(channel.id, import_id, turn.now):
        raise Refusal(turn.t("There is nothing left to put back."))
    planning.plan.ring_once(5)
    text = turn.t("↩️ The schedules of {channel} are as they were.", channel=channel)
    await turn.answer(text, [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}")]])


async def _read(turn: Turn, channel: Channel, file_id: str) -> Read:
    """The file's lines. Raises Refusal where one is wrong."""
    file = await turn.update.get_bot().get_file(file_id)
    content = bytes(await file.download_as_bytearray())
    wall = choices.wall_of(channel.id, turn.now)
    read = read_file(content, wall, lambda ids: media.owned(channel.id, ids))
    if read.problems:
        lines = wrong_lines(turn, read.problems, WRONG)
        lines.append(turn.t('Mend them and send me the file again. A right line: "every mon,wed 7:15",Good morning'))
        raise Refusal("\n".join(lines))
    if not read.lines:
        raise Refusal(turn.t("There is no schedule in that file. A right line: 2026-12-24 20:00,Merry Christmas"))
    return read
