"""The queue: weekly slots that an owner sets, and texts that take the next free one. `/slots`, `/queue`."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, page_of
from bot.chat.moments import moment
from bot.chat.targets import DraftId, ScheduleId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import doing
from bot.chat.words import NONE
from bot.costs.money import about
from bot.notifications.drawing import About
from bot.publishing import drafts as drawing
from bot.publishing import quoting
from bot.publishing.posting import Discard, PostNow
from bot.scheduling import notices
from engine import posts
from engine import slots as engine_slots
from engine.fitting import fit
from engine.posts import Thread
from engine.roles import May
from engine.timetable import BadHours
from engine.x import prices
from engine.x.prices import Billed
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.database import transaction
from models.notifications.kinds import PlanShown
from models.publishing.drafts import Draft, Way
from models.scheduling import before, following, schedules
from models.scheduling import queueing as stored
from models.scheduling.schedules import Schedule
from tasks import scheduling as planner

PAGE = 10
FIRST_SLOTS = ("mon-fri 9:00 18:00", "mon-sun 9:00 13:00 18:00", "mon-sun 10:00")


@button
class Up:
    word: ClassVar[str] = "queueup"
    channel: int
    schedule: ScheduleId


@button
class Down:
    word: ClassVar[str] = "queuedown"
    channel: int
    schedule: ScheduleId


@button
class TakeOut:
    word: ClassVar[str] = "queuedel"
    channel: int
    schedule: ScheduleId


@button
class Shuffle:
    word: ClassVar[str] = "queuemix"
    channel: int


@button
class FirstSlots:
    """Some of `FIRST_SLOTS`, by their place, and this draft into the first of them."""

    word: ClassVar[str] = "firstslots"
    channel: int
    draft: DraftId
    number: int


async def slots(turn: Turn) -> None:
    """/slots DAYS TIMES"""
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    if not typed:
        await show_slots(turn, channel)
        return
    if typed.lower() in NONE:
        await _set_slots(turn, channel, ())
        return
    try:
        wanted = engine_slots.parse(typed)
    except BadHours as error:
        raise Refusal(
            turn.t(
                "I don't understand “{piece}”. Days and times, for example: /slots mon-fri 8:00 12:30 18:00, sat 10:00",
                piece=error.piece[:60] or typed[:60],
            )
        ) from None
    await _set_slots(turn, channel, wanted)


async def _set_slots(turn: Turn, channel: Channel, wanted: engine_slots.Slots) -> None:
    with transaction():
        before = (undoing.choices_of(channel.id, "slots"), stored.before(channel.id))
        undo_id = undo.keep(turn, channel, doors.Slots(channel.id), *before)
        followed = choosing.choose(channel.id, turn.now, slots=engine_slots.written(wanted))
    await show_slots(turn, channel, followed.moved, undo_id)


@handles(doors.Slots, by=May.WRITE)
async def _slots_opened(turn: Turn, channel: Channel, _button: doors.Slots) -> None:
    await show_slots(turn, channel)


async def show_slots(turn: Turn, channel: Channel, moved: int = 0, undo_id: int = 0) -> None:
    """The weekly slots; `moved` texts have just gone to other ones."""
    found = stored.slots_of(channel.id)
    zone = choices.zone_of(channel.id).key
    shown = engine_slots.written(found, turn.day_names()) if found else turn.t("none")
    text = turn.t(
        "🧺 <b>Slots of {channel}</b>: {slots}\nWhat you put in the queue takes the next free one ({zone}).\nType:"
        " /slots mon-fri 8:00 12:30 18:00, sat 10:00 · /slots off",
        channel=channel,
        slots=shown,
        zone=zone,
    )
    if found:
        a_month = len(found) * prices.of(Billed.POST, turn.now) * 30 / 7
        text += "\n" + turn.n(
            "💵 {count} slot a week: filled with posts without links, about ${cost} a month",
            "💵 {count} slots a week: filled with posts without links, about ${cost} a month",
            len(found),
            cost=about(a_month),
        )
    if moved:
        text += "\n" + turn.n(
            "{count} text of the queue moved to them.", "{count} texts of the queue moved to them.", moved
        )
    rows: Rows = [[(turn.t("🧺 Queue"), doors.Queue(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))]]
    if undo_id:
        rows.insert(0, [undo.undo_button(turn, channel, undo_id)])
    await turn.answer(text, rows)


async def queue(turn: Turn) -> None:
    """/queue [TEXT]"""
    channel = turn.take_channel(named_only_if_mine=True)
    text = turn.typed() or quoting.text(turn)
    if not text:
        await show(turn, channel)
        return
    for thread in drawing.checked(turn, channel, text):
        await put(turn, channel, thread)


async def _without_slots(turn: Turn, channel: Channel, thread: Thread) -> None:
    """No slots yet: the text stays as a draft, and slots are a tap away."""
    draft = drawing.made(
        turn, Draft(channel.id, turn.person.telegram_id, Way.BY_HAND, (thread,), source_id=turn.message_id)
    )
    await _offer_slots(turn, channel, draft)


async def _offer_slots(turn: Turn, channel: Channel, draft: Draft) -> None:
    key = (channel.id, draft.id)
    rows: Rows = [
        [(engine_slots.written(engine_slots.parse(typed), turn.day_names()), FirstSlots(*key, number))]
        for number, typed in enumerate(FIRST_SLOTS)
    ]
    rows.append([(turn.t("📤 Post now"), PostNow(*key)), (turn.t("🗓 Schedule…"), doors.ScheduleDraft(*key))])
    rows.append([(turn.t("🗑 Discard"), Discard(*key))])
    text = turn.t(
        "🧺 The queue of {channel} has no slots yet; your text is kept:", channel=channel
    ) + "\n<blockquote>" + turn.t("{text}", text=posts.in_words(draft.turns[0])[:600]) + "</blockquote>\n" + turn.t(
        "When shall it post? Tap some, or type your own: /slots mon-fri 8:00 12:30 18:00"
    )  # fmt: skip
    await drawing.draw(turn, draft, text, rows)


@handles(FirstSlots, by=May.WRITE)
async def _first_slots(turn: Turn, channel: Channel, button: FirstSlots) -> None:
    """Slots for a queue that had none, and the text goes into the first of them; one that has some keeps its own."""
    if not stored.slots_of(channel.id):
        wanted = engine_slots.parse(FIRST_SLOTS[button.number % len(FIRST_SLOTS)])
        with doing(turn, channel, Did.CHOICES, "slots"):
            choosing.choose(channel.id, turn.now, slots=engine_slots.written(wanted))
    await _put(turn, channel, lambda: drawing.one_thread(turn, drawing.taken(turn, button.draft)))


@handles(doors.QueueDraft, by=May.WRITE)
async def _queue_draft(turn: Turn, channel: Channel, button: doors.QueueDraft) -> None:
    """The draft goes in the transaction that gives it a slot, so two taps take one."""
    if not stored.slots_of(channel.id) and not turn.did("queued"):
        await _offer_slots(turn, channel, drawing.found(turn, button.draft))
        return
    await _put(turn, channel, lambda: drawing.one_thread(turn, drawing.taken(turn, button.draft)))


async def put(turn: Turn, channel: Channel, thread: Thread) -> None:
    """Give it the next free slot; where there are none yet, it is kept as a draft."""
    if not stored.slots_of(channel.id) and not turn.did("queued"):
        await _without_slots(turn, channel, thread)
        return
    await _put(turn, channel, lambda: thread)


async def _put(turn: Turn, channel: Channel, wanted: Callable[[], Thread]) -> None:
    """Give a slot to what is wanted, which is taken in the same transaction; and say so."""

    def stored_once() -> tuple[int, int]:
        item = stored.put(channel.id, turn.person.telegram_id, wanted(), choices.language_of(channel), turn.now)
        if item is None:
            raise Refusal(turn.t("The queue has no slots yet. For example: /slots mon-fri 8:00 12:30 18:00"))
        return item.id, undo.keep(turn, channel, doors.Queue(channel.id), before.Made(item.id))

    item_id, undo_id = turn.once("queued", tuple[int, int], stored_once)
    item = Schedule.get_by_id(item_id)
    thread = item.threads[0]
    planner.plan.ring_once(5)
    follows = following.schedule(item, undo_id)
    shown = notices.plan(turn, PlanShown(item.id, undo_id), About(turn.person.telegram_id, channel, turn.now))
    if shown is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    text, rows = shown
    same = schedules.alike(channel.id, thread)
    if same is not None and same.id != item.id:
        text += "\n" + turn.t("⚠️ A schedule says the same already.")
    near = schedules.close_to(channel.id, item.next_at, but=item.id) if item.next_at is not None else None
    if near is not None:
        text += "\n" + turn.t("⚠️ Within five minutes of: {text}", text=drawing.short(_said(near, 60)))
    await turn.answer(text, rows, follows=follows)


@handles(doors.Queue, by=May.READ)
async def _opened(turn: Turn, channel: Channel, button: doors.Queue) -> None:
    await show(turn, channel, button.page)


async def show(turn: Turn, channel: Channel, page: int = 0, undo_id: int = 0) -> None:
    """What waits in the queue; ▲ ▼ move a text to its neighbour's slot."""
    items = stored.waits(channel.id)
    shown, begin, turning = page_of(items, page, PAGE, lambda n: doors.Queue(channel.id, n))
    lines: Sentences = [turn.t("🧺 <b>Queue of {channel}</b>", channel=channel)]
    rows: Rows = []
    for number, item in enumerate(shown, begin + 1):
        lines.append(
            turn.t(
                "{number}. {moment} — {text}",
                number=number,
                moment=moment(turn, datetime.fromisoformat(item.next_wall)),
                text=_said(item, 100),
            )
        )
        key = (channel.id, item.id)
        rows.append([(f"{number} ▲", Up(*key)), ("▼", Down(*key)), ("✕", TakeOut(*key))])
    if not items:
        lines.append(turn.t("It is empty. For example: /queue Good morning, neighbours"))
    rows += turning
    if len(items) > 1:
        rows.append([(turn.t("🔀 Shuffle"), Shuffle(channel.id))])
    if undo_id:
        rows.append([undo.undo_button(turn, channel, undo_id)])
    rows.append([(turn.t("🕒 Slots"), doors.Slots(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


@handles(Up, by=May.WRITE)
async def _up(turn: Turn, channel: Channel, button: Up) -> None:
    await _move(turn, channel, button.schedule, -1)


@handles(Down, by=May.WRITE)
async def _down(turn: Turn, channel: Channel, button: Down) -> None:
    await _move(turn, channel, button.schedule, 1)


async def _move(turn: Turn, channel: Channel, schedule_id: int, by: int) -> None:
    """Change places with the one before or after."""
    order = stored.before(channel.id)
    other, undo_id = 0, 0
    if schedule_id in order.ids:
        ids = list(order.ids)
        at = ids.index(schedule_id)
        other = max(0, min(len(ids) - 1, at + by))
        ids[at], ids[other] = ids[other], ids[at]

        def move() -> int:
            stored.reorder(channel.id, ids)
            return undo.keep(turn, channel, doors.Queue(channel.id), order)

        undo_id = turn.once("moved", int, move)
        planner.plan.ring_once(5)
    await show(turn, channel, other // PAGE, undo_id)


@handles(Shuffle, by=May.WRITE)
async def _shuffle(turn: Turn, channel: Channel, _button: Shuffle) -> None:
    """Another order, by chance."""

    def shuffle() -> int:
        order = stored.before(channel.id)
        stored.reorder(channel.id, random.sample(order.ids, len(order.ids)))
        return undo.keep(turn, channel, doors.Queue(channel.id), order)

    undo_id = turn.once("moved", int, shuffle)
    planner.plan.ring_once(5)
    await show(turn, channel, 0, undo_id)


@handles(TakeOut, by=May.WRITE)
async def _take_out(turn: Turn, channel: Channel, button: TakeOut) -> None:
    """Take one out, with a way back; the others keep their slots."""

    def take_out() -> tuple[int, str]:
        item = schedules.schedule(channel.id, button.schedule)
        if item is None or not schedules.delete(item):
            return 0, ""
        return undo.keep(turn, channel, doors.Queue(channel.id), before.Gone(item.id)), _said(item, 60)

    undo_id, said = turn.once("taken out", tuple[int, str], take_out)
    if not undo_id:
        await show(turn, channel)
        return
    rows: Rows = [[undo.undo_button(turn, channel, undo_id), (turn.t("🧺 Queue"), doors.Queue(channel.id))]]
    await turn.answer(turn.t("🗑 Deleted: {text}", text=drawing.short(said)), rows)


def _said(item: Schedule, most: int) -> str:
    return fit(posts.in_words(item.threads[0]), most) or "🖼"
