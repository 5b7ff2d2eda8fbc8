"""The channel's log in the chat: the last lines, or the file."""

import gzip
from collections.abc import Iterator
from datetime import tzinfo
from typing import ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.language import N_, Speaker
from bot.chat.reasons import why
from bot.chat.targets import button
from bot.chat.turn import Turn
from engine.fitting import cut
from engine.roles import May
from models.accounts import choices
from models.accounts.channels import Channel
from models.notifications import journal
from models.notifications.journal import JournalEntry
from tasks import journal as tasks_journal

LINES = 12
PART_BYTES = 20_000_000  # a bot sends 50 MB at most
TEXT = 70
EVENTS = {
    "approved": ("✅", N_("approved: {why}")),
    "ignored": ("▫️", N_("not posted: {why}")),
    "held": ("👀", N_("held for you: {why}")),
    "blocked": ("🚫", N_("not posted: {why}")),
    "fell_back": ("🔁", N_("X refused one form, the other is tried: {why}")),
    "planned": ("🗓", N_("planned")),
    "written": ("📤", N_("written by hand")),
    "skipped": ("⌛", N_("not posted: its time went by while nothing ran")),
    "sent": ("🔁", N_("posted")),
    "undone": ("↩️", N_("undone")),
    "expired": ("⌛", N_("not posted: {why}")),
    "failed": ("🔴", N_("not posted: {why}")),
    "cancelled": ("▫️", N_("not posted: {why}")),
    "taken_back": ("🗑", N_("no longer on X")),
    "opted_out": ("🙅", N_("asked not to be reposted")),
    "opted_in": ("🙋", N_("may be reposted again")),
    "undo_failed": ("🔴", N_("could not be undone")),
}


@button
class JournalFile:
    word: ClassVar[str] = "logfile"
    channel: int


async def log(turn: Turn) -> None:
    """/log: the last lines; /log file: all of it"""
    channel = turn.take_channel()
    if turn.arguments.strip().lower() in ("file", "archivo", "fichero"):
        await send_file(turn, channel)
    else:
        await show(turn, channel)


@handles(doors.Journal, by=May.READ)
async def _opened(turn: Turn, channel: Channel, _button: doors.Journal) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    entries = journal.last_lines(channel.id, LINES)
    lines = [turn.t("📒 <b>Journal of {channel}</b>", channel=channel)]
    zone = choices.zone_of(channel.id)
    lines += [told(turn, e, zone) for e in entries]
    if not entries:
        lines.append(turn.t("Nothing was heard yet."))
    else:
        lines.append(turn.t("Why, in full: /message and its number"))
    rows: Rows = [
        [(turn.t("🔄 Refresh"), doors.Journal(channel.id)), (turn.t("📄 File"), JournalFile(channel.id))],
        [(turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n".join(lines), rows)


@handles(JournalFile, by=May.READ)
async def _file_pressed(turn: Turn, channel: Channel, _button: JournalFile) -> None:
    await send_file(turn, channel)


async def send_file(turn: Turn, channel: Channel) -> None:
    """All of it, wherever it was written: as one file, or packed, in parts, where it is long."""
    parts, number = _parts(tasks_journal.whole(channel.id)), 0
    part = next(parts, None)
    if part is None:
        await turn.send(turn.t("Nothing was heard yet."))
        return
    if len(part) < PART_BYTES:
        await turn.send_file(part, f"{channel.handle}.log")
        return
    while part is not None:
        number += 1
        await turn.send_file(gzip.compress(part), f"{channel.handle}-{number}.log.gz")
        part = next(parts, None)


def _parts(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines, so many that Telegram takes them and nobody holds all of a long log in memory."""
    some: list[bytes] = []
    size = 0
    for line in lines:
        some.append(line)
        size += len(line)
        if size >= PART_BYTES:
            yield b"".join(some)
            some, size = [], 0
    if some:
        yield b"".join(some)


def told(say: Speaker, entry: JournalEntry, zone: tzinfo) -> str:
    """One line for a person, in the channel's time."""
    data = entry.details
    sign, sentence = EVENTS.get(entry.event, ("▫️", entry.event))
    reason = str(data.get("rule") or data.get("reason") or "")
    moment = f"{entry.at.astimezone(zone):%H:%M:%S}"
    what = say.t(sentence, why=why(say, reason, data.get("words"), str(data.get("detail") or "")))
    who = say.t("@{handle}", handle=data["from"]) if data.get("from") else ""
    text = say.t("(DM)") if data.get("kind") == "dm" else say.t("{text}", text=_cut(str(data.get("text") or "")))
    number = f"#{data['message']}" if data.get("message") else ""
    return " ".join(p for p in (sign, f"<code>{moment}</code>", number, who, text, f"— {what}") if p)


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return cut(text, TEXT)
