"""The queue: weekly slots that an owner sets, and texts that take the next free one. `/slots`, `/queue`."""

import random
from datetime import datetime

from bot.chat.moments import moment
from bot.chat.pages import page_of
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from bot.publishing import drafts
from engine import posts
from engine import slots as engine_slots
from engine.posts import Thread
from engine.timetable import BadHours
from models.accounts import choices
from models.accounts.channels import Channel
from models.scheduling import queueing as stored
from models.scheduling import schedules
from models.scheduling.schedules import Schedule
from tasks import scheduling as planning

PAGE = 10


async def slots(turn: Turn) -> None:
    """/slots DAYS TIMES"""
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    if not typed:
        await show_slots(turn, channel)
        return
    if typed.lower() in ("off", "no", "none", "ninguno", "ninguna"):
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
    before = stored.slots_of(channel.id)
    moved = stored.set_slots(channel.id, wanted, turn.now)
    if wanted != before:
        turn.remember(slots={"channel": channel.id, "before": list(before)})
        turn.reread()
    await show_slots(turn, channel, moved)


async def undo_slots(turn: Turn, channel: Channel) -> None:
    """The slots as they were, and what waits in them."""
    kept = turn.dialogue.get("slots") or {}
    if kept.get("channel") != channel.id:
        raise Refusal(turn.t("There is nothing left to put back."))
    turn.remember()
    turn.reread()
    await show_slots(turn, channel, stored.set_slots(channel.id, tuple(kept["before"]), turn.now))


async def show_slots(turn: Turn, channel: Channel, moved: int = 0) -> None:
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
    if moved:
        text += "\n" + turn.n(
            "{count} text of the queue moved to them.", "{count} texts of the queue moved to them.", moved
        )
    rows: Rows = [[(turn.t("🧺 Queue"), f"queue:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")]]
    if (turn.dialogue.get("slots") or {}).get("channel") == channel.id:
        rows.insert(0, [(turn.t("↩️ Undo"), f"slotsundo:{channel.id}")])
    await turn.answer(text, rows)


async def queue(turn: Turn) -> None:
    """/queue [TEXT]"""
    channel = turn.take_channel()
    text = turn.typed()
    if not text:
        await show(turn, channel)
        return
    for thread in drafts.checked(turn, channel, text):
        await put(turn, channel, thread)


async def put(turn: Turn, channel: Channel, thread: Thread) -> None:
    """Give it the next free slot."""
    same = schedules.alike(channel.id, thread)
    item = stored.put(channel.id, turn.person.telegram_id, thread, turn.language, turn.now)
    if item is None:
        raise Refusal(turn.t("The queue has no slots yet. For example: /slots mon-fri 8:00 12:30 18:00"))
    planning.plan.ring_once(5)
    rows: Rows = [[(turn.t("🗑 Undo"), f"queuedel:{channel.id}:{item.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")]]
    text = turn.t("🧺 In the queue for {moment}.", moment=moment(turn, datetime.fromisoformat(item.next_wall)))
    if same is not None:
        text += "\n" + turn.t("⚠️ A schedule says the same already.")
    near = schedules.close_to(channel.id, item.next_at, but=item.id) if item.next_at is not None else None
    if near is not None:
        text += "\n" + turn.t("⚠️ Within five minutes of: {text}", text=drafts.short(_said(near, 60)))
    await turn.answer(text, rows)


async def show(turn: Turn, channel: Channel, page: int = 0) -> None:
    """What waits in the queue; ▲ ▼ move a text to its neighbour's slot."""
    items = stored.waits(channel.id)
    shown, begin, turning = page_of(items, page, PAGE, f"queue:{channel.id}")
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
        key = f"{channel.id}:{item.id}"
        rows.append([(f"{number} ▲", f"queueup:{key}"), ("▼", f"queuedown:{key}"), ("✕", f"queuedel:{key}")])
    if not items:
        lines.append(turn.t("It is empty. For example: /queue Good morning, neighbours"))
    rows += turning
    if len(items) > 1:
        rows.append([(turn.t("🔀 Shuffle"), f"queuemix:{channel.id}")])
    if (turn.dialogue.get("order") or {}).get("channel") == channel.id:
        rows.append([(turn.t("↩️ Undo"), f"queueundo:{channel.id}")])
    rows.append([(turn.t("🕒 Slots"), f"slots:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")])
    await turn.answer("\n".join(lines), rows)


async def move(turn: Turn, channel: Channel, schedule_id: int, step: int) -> None:
    """Change places with the one before or after."""
    ids = [s.id for s in stored.waits(channel.id)]
    other = 0
    if schedule_id in ids:
        at = ids.index(schedule_id)
        other = max(0, min(len(ids) - 1, at + step))
        ids[at], ids[other] = ids[other], ids[at]
        stored.reorder(channel.id, ids)
        planning.plan.ring_once(5)
    await show(turn, channel, other // PAGE)


async def shuffle(turn: Turn, channel: Channel) -> None:
    """Another order, by chance; the one before is remembered for Undo."""
    ids = [s.id for s in stored.waits(channel.id)]
    turn.remember(order={"channel": channel.id, "ids": ids})
    turn.reread()
    stored.reorder(channel.id, random.sample(ids, len(ids)))
    planning.plan.ring_once(5)
    await show(turn, channel)


async def undo_shuffle(turn: Turn, channel: Channel) -> None:
    """The order as it was; what came into the queue since keeps its slot."""
    kept = turn.dialogue.get("order") or {}
    if kept.get("channel") != channel.id:
        raise Refusal(turn.t("There is nothing left to put back."))
    turn.remember()
    turn.reread()
    stored.reorder(channel.id, kept["ids"])
    planning.plan.ring_once(5)
    await show(turn, channel)


async def remove(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """Take one out, with a way back; the others keep their slots."""
    item = schedules.schedule(channel.id, schedule_id)
    if item is None or not schedules.delete(item):
        await show(turn, channel)
        return
    rows: Rows = [
        [(turn.t("↩️ Undo"), f"schedback:{channel.id}:{item.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")]
    ]
    await turn.answer(turn.t("🗑 Deleted: {text}", text=drafts.short(_said(item, 60))), rows)


def _said(item: Schedule, most: int) -> str:
    return posts.in_words(item.threads[0])[:most] or "🖼"
