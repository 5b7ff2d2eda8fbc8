"""The hours of a kind of message as a small week of buttons; a row of taps has one way back, to before the first."""

from enum import StrEnum
from typing import Any, ClassVar

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.targets import UndoId, button
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import keep, undo_button
from engine import timetable
from engine.moderation import MessageKind, Policy
from engine.timetable import DAY, Timetable
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.choosing import HOURS_OF
from models.database import transaction

Spans = list[tuple[int, int]]

PART = 6 * 60
PARTS = (0, 6, 12, 18)
OTHER = {MessageKind.MENTION: MessageKind.DM, MessageKind.DM: MessageKind.MENTION}
CHOICES = ("hours_on", *HOURS_OF.values())


class Fills(StrEnum):
    """Every hour, none, or none of its own: those of the other kind."""

    ALL = "all"
    NONE = "none"
    SAME = "same"


@button
class Week:
    word: ClassVar[str] = "week"
    channel: int
    kind: MessageKind
    undo: UndoId = 0


@button
class Cell:
    """A part of a day, from 0 (Monday night) to 27."""

    word: ClassVar[str] = "cell"
    channel: int
    kind: MessageKind
    number: int
    undo: UndoId = 0


@button
class WholeDay:
    """A day, from 0 (Monday) to 6."""

    word: ClassVar[str] = "day"
    channel: int
    kind: MessageKind
    number: int
    undo: UndoId = 0


@button
class Column:
    """A part of every day, from 0 to 3."""

    word: ClassVar[str] = "column"
    channel: int
    kind: MessageKind
    number: int
    undo: UndoId = 0


@button
class Fill:
    word: ClassVar[str] = "fill"
    channel: int
    kind: MessageKind
    fills: Fills
    undo: UndoId = 0


# --- the week ------------------------------------------------------------------------------------------------


@handles(Week)
async def opened(turn: Turn, channel: Channel, target: Week) -> None:
    still = bool(target.undo) and undoing.still(channel.id, target.undo, turn.now)
    await show(turn, channel, target.kind, target.undo if still else 0)


async def show(turn: Turn, channel: Channel, kind: MessageKind, undo: int = 0) -> None:
    """Seven days by four parts of the day; a tap opens or closes one."""
    policy = choices.choices(channel).policy
    table = policy.hours(kind)
    rows: Rows = [
        [
            ("·", Week(channel.id, kind, undo)),
            *((f"{h}-{h + 6}", Column(channel.id, kind, h // 6, undo)) for h in PARTS),
        ]
    ]
    for day, name in enumerate(turn.day_names()):
        parts = range(day * 4, day * 4 + 4)
        rows.append(
            [
                (name, WholeDay(channel.id, kind, day, undo)),
                *((_sign(table, part), Cell(channel.id, kind, part, undo)) for part in parts),
            ]
        )
    rows.append(
        [
            (turn.t("All"), Fill(channel.id, kind, Fills.ALL, undo)),
            (turn.t("None"), Fill(channel.id, kind, Fills.NONE, undo)),
        ]
    )
    if own(policy, kind) is not None and own(policy, OTHER[kind.like]) is not None:
        label = turn.t("Same as mentions") if kind is MessageKind.DM else turn.t("Same as DMs")
        rows.append([(label, Fill(channel.id, kind, Fills.SAME, undo))])
    if undo:
        rows.append([undo_button(turn, channel, undo)])
    rows.append([(turn.t("« Hours"), doors.Hours(channel.id, undo))])
    text = turn.t(
        "📅 <b>{channel}</b>: hours for {kind}\n{hours}\nTap a part of a day, a day, or a column. ✅ open, ▫️ closed, ◐"
        " partly. To the minute, type: /hours {word} mon-fri 6:30-22:00",
        channel=channel,
        kind=turn.t("mentions") if kind is not MessageKind.DM else turn.t("DMs"),
        hours=written(turn, table),
        word="mentions" if kind is not MessageKind.DM else "dms",
    )
    if follows(policy, kind):
        text += "\n" + (
            turn.t("These are the hours of mentions; a tap gives DMs hours of their own.")
            if kind is MessageKind.DM
            else turn.t("These are the hours of DMs; a tap gives mentions hours of their own.")
        )
    elif follows(policy, OTHER[kind.like]):
        text += "\n" + (
            turn.t("DMs keep to these hours too, until you give them hours of their own.")
            if kind is not MessageKind.DM
            else turn.t("Mentions keep to these hours too, until you give them hours of their own.")
        )
    await turn.answer(text, rows)


@handles(Cell)
async def cell(turn: Turn, channel: Channel, target: Cell) -> None:
    if not 0 <= target.number < 28:
        raise _no_such(turn)
    await _tap(turn, channel, target.kind, [(target.number * PART, (target.number + 1) * PART)], target.undo)


@handles(WholeDay)
async def whole_day(turn: Turn, channel: Channel, target: WholeDay) -> None:
    if not 0 <= target.number < 7:
        raise _no_such(turn)
    await _tap(turn, channel, target.kind, [(target.number * DAY, (target.number + 1) * DAY)], target.undo)


@handles(Column)
async def column(turn: Turn, channel: Channel, target: Column) -> None:
    if not 0 <= target.number < 4:
        raise _no_such(turn)
    spans = [(d * DAY + target.number * PART, d * DAY + (target.number + 1) * PART) for d in range(7)]
    await _tap(turn, channel, target.kind, spans, target.undo)


@handles(Fill)
async def fill(turn: Turn, channel: Channel, target: Fill) -> None:
    table: Timetable | str = timetable.ALWAYS if target.fills is Fills.ALL else timetable.NEVER
    if target.fills is Fills.SAME:
        table = same_as_the_other(turn, channel, target.kind)
    undo = choose(turn, channel, target.undo, hours_on=True, **{HOURS_OF[target.kind.like]: table})
    await show(turn, channel, target.kind, undo)


async def _tap(turn: Turn, channel: Channel, kind: MessageKind, spans: Spans, undo: int) -> None:
    """Open these stretches, or close them where all are open."""

    def turned() -> int:
        table = choices.choices(channel).policy.hours(kind)
        all_open = all(table.share(*span) == 1 for span in spans)
        for span in spans:
            table = table.without_span(*span) if all_open else table.with_span(*span)
        return choose(turn, channel, undo, hours_on=True, **{HOURS_OF[kind.like]: table})

    await show(turn, channel, kind, turn.once("turned", int, turned))


# --- hours of a kind -----------------------------------------------------------------------------------------


def choose(turn: Turn, channel: Channel, undo: int = 0, **values: Any) -> int:
    """Store hours; the id of their way back, which is `undo` as long as that one stands."""
    with transaction():
        if not undo or not undoing.still(channel.id, undo, turn.now):
            undo = keep(turn, channel, doors.Hours(channel.id), undoing.choices_of(channel.id, *CHOICES))
        choosing.choose(channel.id, turn.now, **values)
    return undo


def same_as_the_other(turn: Turn, channel: Channel, kind: MessageKind) -> str:
    """What is stored for a kind that gives its own hours up. Raises Refusal where the other has none either."""
    if own(choices.choices(channel).policy, OTHER[kind.like]) is None:
        if kind is MessageKind.DM:
            raise Refusal(turn.t("Mentions have no hours of their own. For example: /hours mentions mon-fri 6-22"))
        raise Refusal(turn.t("DMs have no hours of their own. For example: /hours dms 24h"))
    return ""


def own(policy: Policy, kind: MessageKind) -> Timetable | None:
    """The hours that were chosen for this kind."""
    return policy.dm_hours if kind is MessageKind.DM else policy.mention_hours


def follows(policy: Policy, kind: MessageKind) -> bool:
    """Whether the kind keeps to the hours that were chosen for the other."""
    return own(policy, kind) is None and own(policy, OTHER[kind.like]) is not None


def written(turn: Turn, table: Timetable) -> str:
    if table == timetable.ALWAYS:
        return turn.t("at any hour")
    return table.written(turn.day_names()) or turn.t("none")


def _sign(table: Timetable, part: int) -> str:
    share = table.share(part * PART, (part + 1) * PART)
    return "✅" if share == 1 else "▫️" if share == 0 else "◐"


def _no_such(turn: Turn) -> Refusal:
    return Refusal(turn.t("I don't know that button. Open the panel again: /channels"))
