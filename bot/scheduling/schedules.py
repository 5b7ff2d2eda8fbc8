"""Planned tweets: `/schedule` (in one line or step by step), and `/schedules`, the list, to be changed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat.moments import moment, said
from bot.chat.pages import page_of
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from bot.publishing import drafts
from bot.publishing.drafts import SCHEDULED, Draft
from engine import posts
from engine.posts import Thread
from engine.recurrence import Plan, instant_of
from engine.when import NotUnderstood, When, understand, understand_time
from models.accounts import choices
from models.accounts.channels import Channel
from models.scheduling import schedules as scheduling
from models.scheduling.schedules import Schedule, ScheduleStatus
from tasks import scheduling as planning

SHOWN = 5
PAGE = 10


async def command(turn: Turn) -> None:
    """/schedule [WHEN TEXT]"""
    channel = turn.take_channel()
    if not turn.arguments:
        await ask_text(turn, channel)
        return
    source = turn.update.message.message_id if turn.update.message else None
    try:
        when, text = understand(turn.typed(), wall(turn, channel))
    except NotUnderstood as error:
        if error.reason not in ("nothing", "time"):
            raise Refusal(_why(turn, error)) from None
        text = error.rest if error.reason == "time" else turn.typed()
        found = drafts.checked(turn, channel, text) if text else []
        day = error.words if error.reason == "time" else ""
        drafts.keep(turn, Draft(channel.id, SCHEDULED, tuple(found), source=source, step="schedwhen", day=day))
        await ask_when(turn, day)
        return
    if not text:
        drafts.keep(turn, Draft(channel.id, SCHEDULED, when=when))
        await show_draft(turn, channel)
        return
    found = drafts.checked(turn, channel, text)
    drafts.keep(turn, Draft(channel.id, SCHEDULED, tuple(found), when, source=source))
    await preview(turn, channel)


async def ask_text(turn: Turn, channel: Channel) -> None:
    """The wizard: text or photo, when, preview, confirm."""
    drafts.keep(turn, Draft(channel.id, SCHEDULED, step="schedtext"))
    await turn.send(
        turn.t(
            "🗓 What shall {channel} say? Send me the text, or a photo with its text. {{date}}, {{weekday}}, {{time}}"
            " and {{n}} are filled in each time.\nIn one line: /schedule thursday 15:00 Neighbours meet at the square."
            " /cancel to leave.",
            channel=channel,
        ),
        [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}"), (turn.t("Cancel"), f"schedno:{channel.id}")]],
    )


async def got_text(turn: Turn) -> None:
    """The text that the wizard asked for; another one where there is one already."""
    channel = turn.own(int(turn.dialogue["channel"]))
    found = drafts.checked(turn, channel, turn.typed())
    source = turn.update.message.message_id if turn.update.message else None
    drafts.change(turn, lambda d: replace(d.with_turn(*found), step="", source=source))
    await show_draft(turn, channel)


async def got_when(turn: Turn) -> None:
    """The time that the wizard asked for; of a day without one, just the time is asked for."""
    channel = turn.own(int(turn.dialogue["channel"]))
    draft = drafts.of(turn)
    try:
        when, rest = understand_time(draft.day if draft else "", turn.typed(), wall(turn, channel))
    except NotUnderstood as error:
        if error.reason != "time" or error.rest:
            raise Refusal(_why(turn, error)) from None
        day = error.words
        drafts.change(turn, lambda d: replace(d, day=day))
        await ask_when(turn, day)
        return
    if rest:
        raise Refusal(
            turn.t("I understood “{when}”, but not “{rest}”. For example: thursday 15:00 · every mon,wed 7:15",
                   when=said(turn, when), rest=rest[:60])
        )  # fmt: skip
    drafts.change(turn, lambda d: replace(d, when=when, day="", step=""))
    await show_draft(turn, channel)


async def show_draft(turn: Turn, channel: Channel) -> None:
    """The preview, or the question that is still open."""
    draft = drafts.of_channel(turn, channel)
    if draft.when is None:
        drafts.change(turn, lambda d: replace(d, step="schedwhen"))
        await ask_when(turn)
    elif not draft.turns:
        drafts.change(turn, lambda d: replace(d, step="schedtext"))
        await turn.send(
            turn.t(
                "{when}. And the text? Send it to me, or a photo. /cancel to leave.",
                when=_upper(said(turn, draft.when)),
            )
        )
    else:
        await preview(turn, channel)


async def preview(turn: Turn, channel: Channel) -> None:
    """What was understood, said back before it counts."""
    draft = drafts.of_channel(turn, channel)
    when = draft.when
    if when is None or not draft.turns:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    zone = choices.zone_of(channel.id)
    lines: Sentences = [turn.t("🗓 <b>{channel}</b> will say, {when}:", channel=channel, when=said(turn, when))]
    filled = [posts.filled_in(t, when.first, n, turn.language) for n, t in enumerate(draft.turns, 1)]
    lines += drafts.pictured(turn, filled)
    if when.rules:
        walls = _coming(turn, when, zone, SHOWN)
        lines.append(turn.t("Next: {times}", times=" · ".join(moment(turn, w) for w in walls)))
        if _repeats_itself(turn, draft.turns, when, zone):
            lines.append(
                turn.t(
                    "⚠️ X refuses the same text twice within a day. Put {{time}} or {{n}} in it, or add another text to"
                    " take turns."
                )
            )
    old = scheduling.schedule(channel.id, draft.of) if draft.of else None
    if old is not None:
        lines.append(
            turn.t("Until now: {when} — {text}", when=said(turn, when_of(old)),
                   text=drafts.short(posts.in_words(old.threads[0])))
        )  # fmt: skip
    lines += drafts.warned_of_access(turn, channel, draft.turns)
    lines += _clashes(turn, channel, draft, instant_of(when.first, zone))
    lines.append(
        turn.t("Time zone: {zone}. For another one: /zone Caracas", zone=zone.key)
        if zone.key == "UTC"
        else turn.t("Time zone: {zone}", zone=zone.key)
    )
    key = channel.id
    rows: Rows = [
        [(turn.t("✅ Schedule it"), f"schedyes:{key}")],
        [(turn.t("🕒 Another time"), f"schedwhen:{key}"), (turn.t("✏️ Another text"), f"schedtext:{key}")],
        drafts.more_rows(turn, channel, draft),
        [(turn.t("➕ A text to take turns"), f"schedmore:{key}"), (turn.t("Cancel"), f"schedno:{key}")],
    ]
    await drafts.draw(turn, draft, "\n".join(lines), rows)


async def confirm(turn: Turn, channel: Channel) -> None:
    """It counts from here on."""
    draft = drafts.of_channel(turn, channel)
    when = draft.when
    if when is None or not draft.turns:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    if not when.rules and instant_of(when.first, choices.zone_of(channel.id)) <= turn.now:
        raise Refusal(turn.t("That moment has gone by meanwhile. Choose another time."))
    turn.remember()
    old = scheduling.schedule(channel.id, draft.of) if draft.of else None
    if old is not None:
        scheduling.change(old, draft.turns, when)
        made = Schedule.get_by_id(old.id)
    else:
        person = turn.person.telegram_id
        made = scheduling.create(channel.id, person, draft.turns, when, turn.language, turn.now)
    planning.plan.ring_once(5)
    rows: Rows = [
        [(turn.t("🗑 Undo"), f"scheddel:{channel.id}:{made.id}"), (turn.t("🗓 Schedules"), f"scheds:{channel.id}")]
    ]
    if old is not None:
        rows[0][0] = (turn.t("🗓 Schedule…"), f"sched:{channel.id}:{made.id}")
    done = turn.t("✅ Scheduled: {when}.", when=said(turn, when))
    if made.status == ScheduleStatus.PAUSED:
        done += "\n" + turn.t("⏸ Paused.")
        rows.insert(0, [(turn.t("▶️ Go on"), f"schedgo:{channel.id}:{made.id}")])
    await turn.answer(done, rows)


async def again(turn: Turn, channel: Channel, what: str) -> None:
    """Another time, another text, or one more, for the draft."""
    draft = drafts.of_channel(turn, channel)
    if what == "when":
        drafts.change(turn, lambda d: replace(d, when=None, step="schedwhen", shown=None))
        await ask_when(turn)
        return
    if what == "more" and len(draft.turns) >= drafts.MAX_TURNS:
        raise Refusal(turn.n("At most {count} text.", "At most {count} texts.", drafts.MAX_TURNS))
    kept = draft.turns if what == "more" else ()
    drafts.change(turn, lambda d: replace(d, turns=kept, step="schedtext", shown=None))
    await turn.send(turn.t("Send me the text, or a photo with its text. /cancel to leave."))


async def drop(turn: Turn, channel: Channel) -> None:
    turn.remember()
    await turn.answer(turn.t("Cancelled: nothing was scheduled."), [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}")]])


async def ask_when(turn: Turn, day: str = "") -> None:
    """Ask when; where the `day` is known, at what time."""
    if day:
        await turn.send(turn.t("🕒 “{day}”: at what time? For example: 15:00 · 8:30 pm. /cancel to leave.", day=day))
        return
    await turn.send(
        turn.t(
            "🕒 When? For example: thursday 15:00 · tomorrow 9:30 · 2026-12-24 20:00 · every mon,wed 7:15 · the last"
            " friday of every month 18:00 · every 3 hours from 8 to 20 until dec 24. /cancel to leave."
        )
    )


# --- the list ------------------------------------------------------------------------------------------------------


async def schedules(turn: Turn) -> None:
    """/schedules"""
    await show_all(turn, turn.take_channel())


async def show_all(turn: Turn, channel: Channel, page: int = 0) -> None:
    """By next instant; tap one to open it."""
    zone = choices.zone_of(channel.id)
    found = scheduling.of_channel(channel.id)
    shown, _, turning = page_of(found, page, PAGE, f"scheds:{channel.id}")
    rows: Rows = []
    for item in shown:
        at = moment(turn, item.next_at.astimezone(zone)) if item.status == ScheduleStatus.ON and item.next_at else "⏸"
        rows.append([(f"{at} · {drafts.short(posts.in_words(item.threads[0]))}", f"sched:{channel.id}:{item.id}")])
    rows += turning
    rows.append([(turn.t("➕ New"), f"schednew:{channel.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")])
    rows.append([(turn.t("🗓 Week"), f"calendar:{channel.id}"), (turn.t("🕰 History"), f"history:{channel.id}:0")])
    rows.append([(turn.t("🗂 File"), f"schedfile:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")])
    head = turn.t("🗓 <b>Schedules of {channel}</b>", channel=channel)
    if not found:
        head += "\n" + turn.t("None yet. For example: /schedule thursday 15:00 Neighbours meet at the square")
    await turn.answer(head, rows)


async def show(turn: Turn, channel: Channel, schedule_id: int, *, copied: bool = False) -> None:
    """One schedule, and what can be done with it."""
    item = one(turn, channel, schedule_id)
    when = when_of(item)
    lines: Sentences = []
    if copied:
        lines.append(turn.t("📋 This is the copy, paused: give it another time or text with Edit, then tap Go on."))
    lines += [turn.t("🗓 <b>{channel}</b>: {when}", channel=channel, when=said(turn, when))]
    at, turns = wall(turn, channel), item.threads
    lines += drafts.pictured(turn, [item.says(item.used + number, at) for number in range(len(turns))])
    if item.status == ScheduleStatus.PAUSED:
        lines.append(turn.t("⏸ Paused."))
    elif item.status == ScheduleStatus.ON:
        walls = scheduling.coming(item, turn.now, SHOWN)
        lines.append(turn.t("Next: {times}", times=" · ".join(moment(turn, w) for w in walls)))
    else:
        lines.append(turn.t("▫️ Its last time has gone by."))
    if item.left is not None:
        lines.append(turn.n("{count} time left", "{count} times left", item.left))
    key = f"{channel.id}:{item.id}"
    runs = {
        ScheduleStatus.ON: [(turn.t("⏸ Pause"), f"schedpause:{key}")],
        ScheduleStatus.PAUSED: [(turn.t("▶️ Go on"), f"schedgo:{key}")],
    }
    rows: Rows = [
        [(turn.t("✏️ Edit"), f"schededit:{key}"), *runs.get(item.status, [])],
        [(turn.t("📤 Post now"), f"schedpost:{key}"), (turn.t("📋 Duplicate"), f"schedcopy:{key}")],
        [(turn.t("⏱ Start, end, lateness"), f"schedlimits:{key}")],
        [(turn.t("🗑 Delete"), f"scheddel:{key}"), (turn.t("« Schedules"), f"scheds:{channel.id}")],
    ]
    await turn.answer("\n".join(lines), rows)


async def edit(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """The draft of an edit is the schedule itself, shown as a preview."""
    item = one(turn, channel, schedule_id)
    drafts.keep(turn, Draft(channel.id, SCHEDULED, tuple(item.threads), when_of(item), of=item.id, shown=None))
    await preview(turn, channel)


async def pause(turn: Turn, channel: Channel, schedule_id: int, *, on: bool) -> None:
    item = one(turn, channel, schedule_id)
    if on:
        scheduling.resume(item, turn.now)
        planning.plan.ring_once(5)
    else:
        scheduling.pause(item)
    await show(turn, channel, schedule_id)


async def delete(turn: Turn, channel: Channel, schedule_id: int) -> None:
    item = one(turn, channel, schedule_id)
    scheduling.delete(item)
    rows: Rows = [
        [(turn.t("↩️ Undo"), f"schedback:{channel.id}:{item.id}"), (turn.t("🗓 Schedules"), f"scheds:{channel.id}")]
    ]
    await turn.answer(turn.t("🗑 Deleted: {text}", text=drafts.short(posts.in_words(item.threads[0]))), rows)


async def put_back(turn: Turn, channel: Channel, schedule_id: int) -> None:
    item = one(turn, channel, schedule_id)
    scheduling.put_back(item, turn.now)
    planning.plan.ring_once(5)
    await show(turn, channel, schedule_id)


async def duplicate(turn: Turn, channel: Channel, schedule_id: int) -> None:
    made = scheduling.duplicate(one(turn, channel, schedule_id), turn.now)
    await show(turn, channel, made.id, copied=True)


def when_of(item: Schedule) -> When:
    plan = item.plan
    first = datetime.fromisoformat(item.next_wall or item.starts)
    return When(first, plan.rules if plan else (), plan.last if plan else None, item.left)


def one(turn: Turn, channel: Channel, schedule_id: int) -> Schedule:
    item = scheduling.schedule(channel.id, schedule_id)
    if item is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    return item


def wall(turn: Turn, channel: Channel) -> datetime:
    return choices.wall_of(channel.id, turn.now)


def _coming(turn: Turn, when: When, zone: ZoneInfo, most: int) -> list[datetime]:
    plan = Plan(when.rules, when.first, when.last)
    return scheduling.next_walls(plan, turn.now, zone, most if when.times is None else min(most, when.times))


def _repeats_itself(turn: Turn, turns: Sequence[Thread], when: When, zone: ZoneInfo) -> bool:
    """Whether X would be given a text again within a day."""
    said_at: dict[str, datetime] = {}
    for number, wall in enumerate(_coming(turn, when, zone, 2 * len(turns) + SHOWN)):
        for post in posts.filled_in(turns[number % len(turns)], wall, number + 1, turn.language):
            before = said_at.get(post.text) if post.text else None
            if before is not None and wall - before < timedelta(days=1):
                return True
            said_at[post.text] = wall
    return False


def _clashes(turn: Turn, channel: Channel, draft: Draft, at: datetime) -> list[str]:
    lines = []
    same = next((s for t in draft.turns if (s := scheduling.alike(channel.id, t)) is not None), None)
    if same is not None and same.id != draft.of:
        lines.append(turn.t("⚠️ A schedule says the same already."))
    near = scheduling.close_to(channel.id, at, but=draft.of)
    if near is not None and (same is None or near.id != same.id):
        text = drafts.short(posts.in_words(near.threads[0]))
        lines.append(turn.t("⚠️ Within five minutes of: {text}", text=text))
    return lines


def _why(turn: Turn, error: NotUnderstood) -> str:
    examples = turn.t("thursday 15:00 · tomorrow 9:30 · dec 24 20:00 · every mon,wed 7:15")
    if error.reason == "time":
        return turn.t("At what time? For example: {examples}", examples=examples)
    if error.reason == "several":
        return turn.t(
            "A single day takes one time. For example: {examples}",
            examples=turn.t("tomorrow 9:00 · every day at 9:00 and 17:00"),
        )
    if error.reason == "past":
        return turn.t("That moment has gone by. For example: {examples}", examples=examples)
    if error.reason == "weekday":
        return turn.t("That date is another day of the week. For example: {examples}", examples=examples)
    if error.reason == "date":
        return turn.t("There is no such date, or it is too far away. For example: {examples}", examples=examples)
    if error.reason == "hours":
        return turn.t(
            "I don't understand those hours. For example: every 3 hours from 8 to 20 · every 30 minutes from 7 to 9"
        )
    return turn.t("I don't understand when. For example: {examples}", examples=examples)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
