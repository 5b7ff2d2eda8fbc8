"""What is planned: `/schedules`, the list, and one schedule with what can be done with it."""

from datetime import datetime
from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows, page_of
from bot.chat.moments import moment, said
from bot.chat.targets import ScheduleId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import doing, noted
from bot.publishing import drafts as drawing
from bot.publishing import posting
from bot.scheduling import coming
from bot.scheduling.coming import SHOWN
from bot.scheduling.wizard import NewSchedule
from engine import posts
from engine.roles import May
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.scheduling import before
from models.scheduling import schedules as stored
from models.scheduling.schedules import Schedule, ScheduleStatus
from tasks import scheduling as planner

PAGE = 10


@button
class Pause:
    word: ClassVar[str] = "schedpause"
    channel: int
    schedule: ScheduleId


@button
class Delete:
    word: ClassVar[str] = "scheddel"
    channel: int
    schedule: ScheduleId


@button
class Duplicate:
    word: ClassVar[str] = "schedcopy"
    channel: int
    schedule: ScheduleId


@button
class SkipNext:
    """Leaves the next time out, once."""

    word: ClassVar[str] = "schedskip"
    channel: int
    schedule: ScheduleId


@button
class PostNow:
    """Says at once what a schedule says next."""

    word: ClassVar[str] = "schedpost"
    channel: int
    schedule: ScheduleId


async def schedules(turn: Turn) -> None:
    """/schedules"""
    await show_all(turn, turn.take_channel())


@handles(doors.Schedules, by=May.READ)
async def _opened(turn: Turn, channel: Channel, button: doors.Schedules) -> None:
    await show_all(turn, channel, button.page)


async def show_all(turn: Turn, channel: Channel, page: int = 0) -> None:
    """By next instant; tap one to open it."""
    zone = choices.zone_of(channel.id)
    found = stored.of_channel(channel.id)
    shown, _, turning = page_of(found, page, PAGE, lambda n: doors.Schedules(channel.id, n))
    rows: Rows = []
    for item in shown:
        at = moment(turn, item.next_at.astimezone(zone)) if item.status == ScheduleStatus.ON and item.next_at else "⏸"
        rows.append(
            [(f"{at} · {drawing.short(posts.in_words(item.threads[0]))}", doors.ScheduleCard(channel.id, item.id))]
        )
    rows += turning
    rows.append([(turn.t("➕ New"), NewSchedule(channel.id)), (turn.t("🧺 Queue"), doors.Queue(channel.id))])
    rows.append([(turn.t("🗓 Week"), doors.Calendar(channel.id)), (turn.t("🕰 History"), doors.History(channel.id))])
    rows.append([(turn.t("🗂 File"), doors.ScheduleFile(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))])
    head = turn.t("🗓 <b>Schedules of {channel}</b>", channel=channel)
    head = "\n".join([head, *coming.of_stored(turn, found, zone, turn.now)])
    if not found:
        head += "\n" + turn.t("None yet. For example: /schedule thursday 15:00 Neighbours meet at the square")
    await turn.answer(head, rows)


@handles(doors.ScheduleCard, by=May.READ)
async def _card_opened(turn: Turn, channel: Channel, button: doors.ScheduleCard) -> None:
    await show(turn, channel, button.schedule)


async def show(turn: Turn, channel: Channel, schedule_id: int, *, copied: bool = False) -> None:
    """One schedule, and what can be done with it."""
    item = one(turn, channel, schedule_id)
    lines: Sentences = []
    if copied:
        lines.append(turn.t("📋 This is the copy, paused: give it another time or text with Edit, then tap Go on."))
    lines += [turn.t("🗓 <b>{channel}</b>: {when}", channel=channel, when=said(turn, stored.when_of(item)))]
    at, turns = choices.wall_of(channel.id, turn.now), item.threads
    lines += drawing.pictured(turn, [item.says(item.used + number, at) for number in range(len(turns))])
    if item.status is ScheduleStatus.PAUSED:
        lines.append(turn.t("⏸ Paused."))
    elif item.status is ScheduleStatus.ON:
        walls = stored.coming(item, turn.now, SHOWN)
        lines.append(turn.t("Next: {times}", times=" · ".join(moment(turn, w) for w in walls)))
        lines += coming.of_item(turn, item, turn.now, choices.zone_of(channel.id))
    else:
        lines.append(turn.t("▫️ Its last time has gone by."))
    if item.left is not None:
        lines.append(turn.n("{count} time left", "{count} times left", item.left))
    key = (channel.id, item.id)
    runs: dict[ScheduleStatus, list[Button]] = {
        ScheduleStatus.ON: [(turn.t("⏸ Pause"), Pause(*key))],
        ScheduleStatus.PAUSED: [(turn.t("▶️ Go on"), doors.ResumeSchedule(*key))],
    }
    rows: Rows = [
        [(turn.t("✏️ Edit"), doors.EditSchedule(*key)), *runs.get(item.status, [])],
        [(turn.t("📤 Post now"), PostNow(*key)), (turn.t("📋 Duplicate"), Duplicate(*key))],
        [(turn.t("⏱ Start, end, lateness"), doors.ScheduleLimits(*key)), *_skip(turn, item)],
        [(turn.t("🗑 Delete"), Delete(*key)), (turn.t("« Schedules"), doors.Schedules(channel.id))],
    ]
    await turn.answer("\n".join(lines), rows)


@handles(Pause, by=May.WRITE)
async def _pause(turn: Turn, channel: Channel, button: Pause) -> None:
    with doing(turn, channel, Did.SCHEDULE):
        stored.pause(one(turn, channel, button.schedule))
    await show(turn, channel, button.schedule)


@handles(doors.ResumeSchedule, by=May.WRITE)
async def _resume(turn: Turn, channel: Channel, button: doors.ResumeSchedule) -> None:
    with doing(turn, channel, Did.SCHEDULE):
        stored.resume(one(turn, channel, button.schedule), turn.now)
    planner.plan.ring_once(5)
    await show(turn, channel, button.schedule)


def _skip(turn: Turn, item: Schedule) -> list[Button]:
    """Only what comes again can be left out once."""
    if not item.rules or item.status is not ScheduleStatus.ON:
        return []
    return [(turn.t("⏭ Skip the next"), SkipNext(item.channel_id, item.id))]


@handles(SkipNext, by=May.WRITE)
async def _skip_next(turn: Turn, channel: Channel, button: SkipNext) -> None:
    """The next time is left out, with a way back."""
    item = one(turn, channel, button.schedule)

    def skip() -> tuple[int, datetime]:
        undo_id = undo.keep(turn, channel, doors.ScheduleCard(channel.id, item.id), before.of(item))
        after = stored.skip_next(item, turn.now)
        if after is None:
            raise Refusal(turn.t("There is no time after that one."))
        return undo_id, after

    undo_id, after = turn.once("skipped", tuple[int, datetime], skip)
    planner.plan.ring_once(5)
    await turn.answer(
        turn.t("⏭ The next time is left out. Then: {moment}", moment=moment(turn, after)),
        [[undo.undo_button(turn, channel, undo_id), (turn.t("« Schedule"), doors.ScheduleCard(channel.id, item.id))]],
    )


@handles(Delete, by=May.WRITE)
async def _delete(turn: Turn, channel: Channel, button: Delete) -> None:
    """It goes, with a way back."""

    def goes() -> tuple[int, str]:
        item = one(turn, channel, button.schedule)
        undo_id = undo.keep(turn, channel, doors.ScheduleCard(channel.id, item.id), before.Gone(item.id))
        stored.delete(item)
        return undo_id, posts.in_words(item.threads[0])

    undo_id, said_of_it = turn.once("deleted", tuple[int, str], goes)
    await turn.answer(
        turn.t("🗑 Deleted: {text}", text=drawing.short(said_of_it)),
        [[undo.undo_button(turn, channel, undo_id), (turn.t("🗓 Schedules"), doors.Schedules(channel.id))]],
    )


@handles(Duplicate, by=May.WRITE)
async def _duplicate(turn: Turn, channel: Channel, button: Duplicate) -> None:
    item = one(turn, channel, button.schedule)

    def copy() -> int:
        noted(turn, channel, Did.PLANNED, posts.in_words(item.threads[0]))
        return stored.duplicate(item, turn.now).id

    made = turn.once("copied", int, copy)
    await show(turn, channel, made, copied=True)


@handles(PostNow, by=May.WRITE)
async def _post_now(turn: Turn, channel: Channel, button: PostNow) -> None:
    await posting.say_scheduled(turn, channel, button.schedule)


def one(turn: Turn, channel: Channel, schedule_id: int) -> Schedule:
    """The schedule. Raises Refusal where it is gone."""
    item = stored.schedule(channel.id, schedule_id)
    if item is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    return item
