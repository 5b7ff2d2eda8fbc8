"""Schedules in and out of a CSV file: export, and the format of an import."""

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from babel.dates import format_date

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows
from bot.chat.language import N_, Speaker
from bot.chat.targets import button
from bot.chat.turn import Turn, said_back
from bot.chat.undo import keep
from bot.files import importing
from bot.files.importing import Effect, Format, How, Stored
from bot.scheduling import coming
from engine.files.dates import Order, number_of
from engine.files.schedules import Line, Wrong, read_file, write_file
from engine.files.tables import Read
from engine.files.tables import Wrong as WrongTable
from engine.posts import in_words
from models.accounts import choices
from models.accounts.channels import Channel
from models.database import transaction
from models.publishing import media
from models.scheduling import files as stored
from models.scheduling.files import Brought
from tasks import scheduling as planning

SHOWN_MOMENTS, LEAP_YEAR = 8, 2028
WRONG = {
    WrongTable.HEADER: N_("the first line has to name the columns: when,text"),
    WrongTable.TOO_MANY: N_("more lines than I take (5,000)"),
    Wrong.WHEN: N_("no time that I understand"),
    Wrong.TIME: N_("says the day but not the time: 2026-12-24 20:00"),
    Wrong.ORDER: N_("day and month may be either here, and the file has both; write it as 2026-12-24"),
    Wrong.PAST: N_("has gone by already, or never comes"),
    Wrong.DATE: N_("no date like 2026-12-24 20:00"),
    Wrong.NUMBER: N_("no number that fits there"),
    Wrong.STATE: N_("says neither on, paused nor queue"),
    Wrong.EMPTY: N_("no text"),
    Wrong.LONG: N_("too long for a post"),
    Wrong.HOLIDAYS: N_("I don't know the public holidays of the channel's time zone: set its city with /zone"),
    Wrong.MEDIA: N_("shows something that the channel has not, or that does not go together"),
}


@button
class ExportSchedules:
    word: ClassVar[str] = "schedexp"
    channel: int


@button
class ImportSchedules:
    word: ClassVar[str] = "schedimp"
    channel: int


@handles(doors.ScheduleFile)
async def show(turn: Turn, channel: Channel, target: doors.ScheduleFile) -> None:
    """What can be done with files."""
    text = turn.t(
        "🗂 <b>Schedules of {channel} as a file</b>\nOne CSV file (I read .xlsx too), to keep, to change in a"
        " spreadsheet, and to bring back. Nothing is stored before you have seen what it would do.\nColumns: when,"
        " text, and if you like start, end, times, grace (minutes), state. Under when: 2026-12-24 20:00, or words like"
        " every mon,wed 7:15.",
        channel=channel,
    )
    rows: Rows = [
        [(turn.t("⬇️ Export"), ExportSchedules(channel.id)), (turn.t("⬆️ Import"), ImportSchedules(channel.id))],
        [(turn.t("« Schedules"), doors.Schedules(channel.id))],
    ]
    await turn.answer(text, rows)


@handles(ExportSchedules)
async def exported(turn: Turn, channel: Channel, target: ExportSchedules) -> None:
    await send(turn, channel)


@handles(ImportSchedules)
async def asked(turn: Turn, channel: Channel, target: ImportSchedules) -> None:
    await ask(turn, channel)


async def send(turn: Turn, channel: Channel) -> None:
    """The schedules as a file."""
    lines = stored.lines(channel.id, choices.wall_of(channel.id, turn.now))
    caption = turn.n("{count} schedule", "{count} schedules", len(lines))
    await turn.send_file(write_file(lines), f"{channel.handle}-schedules.csv", caption)


async def ask(turn: Turn, channel: Channel) -> None:
    await importing.ask(turn, channel, SCHEDULES)


def _asking(turn: Turn, choice: str) -> str:
    return turn.t(
        "Send me the CSV file with the schedules, or an .xlsx. I show you first what it would do. /cancel to leave."
    )


def _reader(turn: Turn, channel: Channel, choice: str) -> Callable[[bytes], Read[Line]]:
    zone, kinds = choices.zone_of(channel.id), media.kinds(channel.id)
    wall = turn.now.astimezone(zone).replace(tzinfo=None)
    order = Order(choice) if choice in set(Order) else None
    return lambda content: read_file(content, wall, lambda ids: {i: kinds[i] for i in ids if i in kinds}, zone, order)


def _compare(turn: Turn, channel: Channel, name: str, read: Read[Line]) -> Effect:
    change = stored.compare(channel.id, read.entries)
    says = [
        turn.t("📄 {name} for {channel}", name=name, channel=channel),
        turn.t("{new} new, {known} there already.", new=change.new, known=change.known),
    ]
    if read.doubt:
        first, second = (number_of(read.doubt, order) for order in Order)
        says.append(turn.t("Which day is {date} in this file? No other date of it tells me.", date=read.doubt))
        return Effect(
            says, change.gone, ((_day(turn, first), Order.DAY_FIRST), (_day(turn, second), Order.MONTH_FIRST))
        )
    says += coming.of_all(
        turn, [(e.turns, e.when, 0, None) for e in read.entries], choices.zone_of(channel.id), turn.now
    )
    soonest = sorted(read.entries, key=lambda line: line.when.first)
    says += [_moment(turn, line) for line in soonest[:SHOWN_MOMENTS]]
    if len(soonest) > SHOWN_MOMENTS:
        says.append(turn.n("… and {count} more", "… and {count} more", len(soonest) - SHOWN_MOMENTS))
    return Effect(says, change.gone)


def _day(say: Speaker, day: tuple[int, int]) -> str:
    """A day and its month in words."""
    return str(format_date(date(LEAP_YEAR, day[1], day[0]), "d MMMM", locale=say.language))


def _moment(say: Speaker, line: Line) -> str:
    """When a line goes out first, with its year, and how it begins."""
    at = f"{format_date(line.when.first, 'EEE d MMM y', locale=say.language)} {line.when.first:%H:%M}"
    repeats = "🔁 " if line.when.rules else ""
    return say.t("• {repeats}{at} · {text}", repeats=repeats, at=at, text=said_back(in_words(line.turns[0])))


def _store(turn: Turn, channel: Channel, read: Read[Line], how: How) -> Stored:
    replacing = how is How.REPLACE
    with transaction():
        import_id, change = stored.bring_in(
            channel.id, turn.person.telegram_id, read.entries, turn.language, turn.now, replacing=replacing
        )
        undo = keep(turn, channel, doors.Schedules(channel.id), Brought(import_id))
    planning.plan.ring_once(5)
    return Stored(turn.t("✅ Done: {new} added, {gone} removed.", new=change.new, gone=change.gone), undo)


def _panel(say: Speaker, channel: Channel) -> Button:
    return say.t("🗓 Schedules"), doors.Schedules(channel.id)


SCHEDULES = importing.declared(
    Format(
        name="schedules",
        again="/import schedules",
        ask=_asking,
        reader=_reader,
        wrong=WRONG,
        right=N_('Mend them and send me the file again. A right line: "every mon,wed 7:15",Good morning'),
        nothing=N_("There is no schedule in that file. A right line: 2026-12-24 20:00,Merry Christmas"),
        compare=_compare,
        store=_store,
        panel=_panel,
    )
)
