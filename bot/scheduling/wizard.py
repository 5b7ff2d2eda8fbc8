"""Making a planned tweet: `/schedule`, in one line or step by step, said back before it counts."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.dialogue import Step, Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Rows
from bot.chat.moments import said
from bot.chat.targets import DraftId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.notifications.drawing import About
from bot.publishing import drafts as drawing
from bot.publishing import quoting
from bot.scheduling import coming, notices
from bot.scheduling.asking import (
    AnotherTime,
    Drop,
    IsText,
    LastDay,
    LeaveOut,
    ask_about,
    ask_which,
    not_all,
    upper,
    wall,
    why,
    with_text,
)
from engine import posts
from engine.recurrence import instant_of
from engine.roles import May
from engine.when import NotUnderstood, When, left_over, understand, understand_time
from engine.when.month_ends import day_that_is_lacking
from models.accounts import choices
from models.accounts.channels import Channel
from models.notifications.kinds import PlanShown
from models.publishing.drafts import Draft, Way
from models.scheduling import before, following
from models.scheduling import schedules as stored
from models.scheduling.schedules import Schedule
from tasks import scheduling as planner


@button
class NewSchedule:
    word: ClassVar[str] = "schednew"
    channel: int


@button
class Confirm:
    word: ClassVar[str] = "schedyes"
    channel: int
    draft: DraftId


@button
class AnotherText:
    word: ClassVar[str] = "schedtext"
    channel: int
    draft: DraftId


@button
class MoreText:
    """Another text, to take turns."""

    word: ClassVar[str] = "schedmore"
    channel: int
    draft: DraftId


@step
class TypeText:
    """What is to be said is waited for; of a draft (0: none yet), one more or another one."""

    word: ClassVar[str] = "schedtext"
    takes: ClassVar[Takes] = Takes.TEXT | Takes.PHOTO
    channel: int
    draft: int


@step
class TypeWhen:
    """When it is to be said is waited for."""

    word: ClassVar[str] = "schedwhen"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    draft: int


async def command(turn: Turn) -> None:
    """/schedule [WHEN TEXT]"""
    channel = turn.take_channel(named_only_if_mine=True)
    answered = quoting.text(turn)
    if not turn.arguments and not answered:
        await ask_text(turn, channel)
        return
    draft = read(turn, channel, turn.typed())
    if not draft.turns and answered:
        draft = replace(draft, turns=tuple(drawing.checked(turn, channel, answered)))
    await show_draft(turn, channel, drawing.made(turn, draft))


def read(turn: Turn, channel: Channel, typed: str) -> Draft:
    """What was typed, as a draft: its time, its text, or what was understood of it. Raises Refusal."""
    empty = Draft(channel.id, turn.person.telegram_id, Way.SCHEDULED, source_id=turn.message_id)
    try:
        when, text = understand(typed, wall(turn, channel), zone=choices.zone_of(channel.id))
    except NotUnderstood as error:
        if error.choices:
            draft = replace(empty, options=error.choices)
            return with_text(turn, channel, draft, error.rest, left_over(typed, error.rest))
        if error.reason == "time":
            over = left_over(typed, error.rest, timeless=True)
            if over and over == error.rest:
                raise Refusal(not_all(turn, error.words, over)) from None
            return with_text(turn, channel, replace(empty, day=error.words), error.rest, over)
        if error.reason != "nothing":
            raise Refusal(why(turn, error)) from None
        return with_text(turn, channel, empty, typed, left_over(typed, typed.lstrip()))
    over = left_over(typed, text)
    if over and over == text:
        raise Refusal(not_all(turn, said(turn, when), over))
    return with_text(turn, channel, replace(empty, when=when), text, over)


@handles(NewSchedule, by=May.WRITE)
async def _new(turn: Turn, channel: Channel, _button: NewSchedule) -> None:
    await ask_text(turn, channel)


async def ask_text(turn: Turn, channel: Channel) -> None:
    """The wizard: text or photo, when, preview, confirm."""
    draft = drawing.made(turn, Draft(channel.id, turn.person.telegram_id, Way.SCHEDULED))
    await turn.ask(
        TypeText(channel.id, draft.id),
        turn.t(
            "🗓 What shall {channel} say? Send me the text, or a photo with its text. {{date}}, {{weekday}}, {{time}}"
            " and {{n}} are filled in each time.\nIn one line: /schedule thursday 15:00 Neighbours meet at the square."
            " /cancel to leave.",
            channel=channel,
        ),
        [[(turn.t("🗓 Schedules"), doors.Schedules(channel.id)), (turn.t("Cancel"), Drop(channel.id, draft.id))]],
    )


@answers(TypeText, by=May.WRITE)
async def _got_text(turn: Turn, channel: Channel, step: TypeText) -> None:
    """The text that the wizard asked for; another one where there is one already."""
    found = drawing.checked(turn, channel, turn.typed())
    draft = drawing.change(turn, step.draft, lambda d: replace(d.with_turn(*found), source_id=turn.message_id))
    turn.end_step()
    await show_draft(turn, channel, draft)


@answers(TypeWhen, by=May.WRITE)
async def _got_when(turn: Turn, channel: Channel, step: TypeWhen) -> None:
    """The time that the wizard asked for; of a day without one, just the time is asked for."""
    draft = drawing.found(turn, step.draft)
    try:
        when, rest = understand_time(draft.day, turn.typed(), wall(turn, channel), zone=choices.zone_of(channel.id))
    except NotUnderstood as error:
        if error.choices and not error.rest:
            options = error.choices
            draft = drawing.change(turn, draft.id, lambda d: replace(d, options=options, day=""))
            turn.end_step()
            await show_draft(turn, channel, draft)
            return
        if error.reason != "time" or error.rest:
            raise Refusal(why(turn, error)) from None
        day = error.words
        draft = drawing.change(turn, draft.id, lambda d: replace(d, day=day))
        await _ask_when(turn, channel, draft)
        return
    if rest:
        raise Refusal(not_all(turn, said(turn, when), rest))
    draft = drawing.change(turn, draft.id, lambda d: replace(d, when=when, day="", options=()))
    turn.end_step()
    await show_draft(turn, channel, draft)


@drawing.shows(Way.SCHEDULED)
async def show_draft(turn: Turn, channel: Channel, draft: Draft) -> None:
    """The preview, or the question that is still open."""
    if draft.options:
        await ask_which(turn, channel, draft)
    elif draft.when is None:
        await _ask_when(turn, channel, draft)
    elif draft.doubt:
        await ask_about(turn, channel, draft, draft.when)
    elif not draft.turns:
        await turn.ask(
            TypeText(channel.id, draft.id),
            turn.t(
                "{when}. And the text? Send it to me, or a photo. /cancel to leave.",
                when=upper(said(turn, draft.when)),
            ),
        )
    else:
        await preview(turn, channel, draft, draft.when)


async def preview(turn: Turn, channel: Channel, draft: Draft, when: When) -> None:
    """What was understood, said back before it counts."""
    zone = choices.zone_of(channel.id)
    lines: Sentences = [turn.t("🗓 <b>{channel}</b> will say, {when}:", channel=channel, when=said(turn, when))]
    filled = [posts.filled_in(t, when.first, n, choices.language_of(channel)) for n, t in enumerate(draft.turns, 1)]
    lines += drawing.pictured(turn, filled)
    lines += coming.of_draft(turn, channel, draft.turns, when, zone)
    old = stored.schedule(channel.id, draft.schedule_id) if draft.schedule_id else None
    if old is not None:
        lines.append(
            turn.t("Until now: {when} — {text}", when=said(turn, stored.when_of(old)),
                   text=drawing.short(posts.in_words(old.threads[0])))
        )  # fmt: skip
    lacking = day_that_is_lacking(when.rules)
    if lacking:
        lines.append(turn.t("⚠️ Months without a day {number} are left out.", number=lacking))
    lines += drawing.warned(turn, channel, draft)
    lines += _clashes(turn, channel, draft, instant_of(when.first, zone))
    lines.append(
        turn.t("Time zone: {zone}. For another one: /zone Caracas", zone=zone.key)
        if zone.key == "UTC"
        else turn.t("Time zone: {zone}", zone=zone.key)
    )
    key = (channel.id, draft.id)
    rows: Rows = [
        [(turn.t("✅ Schedule it"), Confirm(*key))],
        [(turn.t("🕒 Another time"), AnotherTime(*key)), (turn.t("✏️ Another text"), AnotherText(*key))],
        drawing.more_rows(turn, channel, draft),
        [(turn.t("➕ A text to take turns"), MoreText(*key)), (turn.t("Cancel"), Drop(*key))],
    ]
    if lacking:
        rows.insert(1, [(turn.t("🗓 There on the last day"), LastDay(*key))])
    await drawing.draw(turn, draft, "\n".join(lines), rows)


@handles(Confirm, by=May.WRITE)
async def _confirm(turn: Turn, channel: Channel, button: Confirm) -> None:
    """It counts from here on: the draft goes in the transaction that stores it, so two taps make one schedule."""
    made_id, was, undo_id = turn.once(
        "scheduled", tuple[int, bool, int], lambda: _stored(turn, channel, drawing.taken(turn, button.draft))
    )
    made = Schedule.get_by_id(made_id)
    planner.plan.ring_once(5)
    follows = following.schedule(made, undo_id)
    shown = notices.plan(turn, PlanShown(made.id, undo_id), About(turn.person.telegram_id, channel, turn.now))
    if shown is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    done, rows = shown
    if was:
        rows.append([(turn.t("🗓 Schedule…"), doors.ScheduleCard(channel.id, made.id))])
    await turn.answer(done, rows, follows=follows)


def _stored(turn: Turn, channel: Channel, draft: Draft) -> tuple[int, bool, int]:
    """The id of the schedule of a draft, whether it was there before, and what takes it back. Raises Refusal."""
    when = draft.when
    if when is None or not draft.turns:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    if not when.rules and instant_of(when.first, choices.zone_of(channel.id)) <= turn.now:
        raise Refusal(turn.t("That moment has gone by meanwhile. Choose another time."))
    old = stored.schedule(channel.id, draft.schedule_id) if draft.schedule_id else None
    if old is not None:
        back = doors.ScheduleCard(channel.id, old.id)
        undo_id = undo.keep(turn, channel, back, before.of(old))
        gone_by = instant_of(when.first, choices.zone_of(channel.id)) <= turn.now
        if gone_by and old.next_wall and "\n".join(when.rules) == old.rules:
            when = stored.when_of(old)  # it went out while it was edited: it goes on from where it is by now
        stored.change(old, draft.turns, when)
        return old.id, True, undo_id
    made = stored.create(channel.id, turn.person.telegram_id, draft.turns, when, choices.language_of(channel), turn.now)
    return made.id, False, undo.keep(turn, channel, doors.Schedules(channel.id), before.Made(made.id))


@handles(AnotherTime, by=May.WRITE)
async def _another_time(turn: Turn, channel: Channel, button: AnotherTime) -> None:
    draft = drawing.change(turn, button.draft, lambda d: replace(d, day="", options=(), shown_id=None))
    await _ask_when(turn, channel, draft)


@handles(MoreText, by=May.WRITE)
async def _more_text(turn: Turn, channel: Channel, button: MoreText) -> None:
    draft = drawing.change(turn, button.draft, lambda d: replace(d, shown_id=None))
    if len(draft.turns) >= drawing.MAX_TURNS:
        raise Refusal(turn.n("At most {count} text.", "At most {count} texts.", drawing.MAX_TURNS))
    await ask_another(turn, TypeText(channel.id, draft.id))


async def ask_another(turn: Turn, waiting: Step) -> None:
    await turn.ask(waiting, turn.t("Send me the text, or a photo with its text. /cancel to leave."))


@handles(Drop, by=May.WRITE)
async def _drop(turn: Turn, channel: Channel, button: Drop) -> None:
    if button.draft:
        turn.once("discarded", int, lambda: drawing.taken(turn, button.draft).id)
    turn.end_step()
    await turn.answer(
        turn.t("Cancelled: nothing was scheduled."), [[(turn.t("🗓 Schedules"), doors.Schedules(channel.id))]]
    )


@handles(doors.ScheduleDraft, by=May.WRITE)
async def _later(turn: Turn, channel: Channel, button: doors.ScheduleDraft) -> None:
    """What was written by hand is to be said later."""
    draft = drawing.change(turn, button.draft, lambda d: replace(d, way=Way.SCHEDULED, shown_id=None))
    await show_draft(turn, channel, draft)


@handles(doors.EditSchedule, by=May.WRITE)
async def _edit(turn: Turn, channel: Channel, button: doors.EditSchedule) -> None:
    """The draft of an edit is the schedule itself, shown as a preview."""
    item = stored.schedule(channel.id, button.schedule)
    if item is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    when = stored.when_of(item)
    new = Draft(channel.id, turn.person.telegram_id, Way.SCHEDULED, tuple(item.threads), when, schedule_id=item.id)
    await preview(turn, channel, drawing.made(turn, new), when)


async def _ask_when(turn: Turn, channel: Channel, draft: Draft) -> None:
    """Ask when; where the day is known, at what time."""
    waiting = TypeWhen(channel.id, draft.id)
    rows: Rows = [[(turn.t("🕒 Say when"), AnotherTime(channel.id, draft.id))]]  # for who comes back to it later
    if draft.day:
        if draft.turns:
            rows.append([(turn.t("📝 That is the text's"), IsText(channel.id, draft.id))])
        await turn.ask(
            waiting,
            turn.t("🕒 “{day}”: at what time? For example: 15:00 · 8:30 pm. /cancel to leave.", day=draft.day),
            rows,
        )
        return
    if draft.doubt:
        rows.append([(turn.t("✂️ Leave it out"), LeaveOut(channel.id, draft.id))])
        await turn.ask(
            waiting,
            turn.t(
                "🕒 I don't understand “{words}” as a time: it is in the text now. When shall it go out? For example:"
                " thursday 15:00 · dec 24 20:00 · every mon,wed 7:15. /cancel to leave.",
                words=draft.doubt,
            ),
            rows,
        )
        return
    await turn.ask(
        waiting,
        turn.t(
            "🕒 When? For example: thursday 15:00 · tomorrow 9:30 · 2026-12-24 20:00 · every mon,wed 7:15 · the last"
            " friday of every month 18:00 · every 3 hours from 8 to 20 until dec 24. /cancel to leave."
        ),
        rows,
    )


def _clashes(turn: Turn, channel: Channel, draft: Draft, at: datetime) -> list[str]:
    lines = []
    same = next((s for t in draft.turns if (s := stored.alike(channel.id, t)) is not None), None)
    if same is not None and same.id != draft.schedule_id:
        lines.append(turn.t("⚠️ A schedule says the same already."))
    near = stored.close_to(channel.id, at, but=draft.schedule_id)
    if near is not None and (same is None or near.id != same.id):
        text = drawing.short(posts.in_words(near.threads[0]))
        lines.append(turn.t("⚠️ Within five minutes of: {text}", text=text))
    return lines
