"""The queue: weekly slots that an owner sets, and texts that take the next free one. `/slots`, `/queue`."""

import random
from datetime import datetime

from bot import drafts
from bot.turn import Refusal, Rows, Sentences, Turn
from bot.when import moment
from engine import posts
from engine import slots as engine_slots
from engine.posts import Thread
from engine.timetable import BadHours
from models import policies
from models import scheduling as stored
from models.accounts import Channel
from models.scheduling import Schedule
from tasks import scheduling as planning

SHOWN = 10


async def slots(turn: Turn) -> None:
    """/slots DAYS TIMES"""
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    if not typed:
        await show_slots(turn, channel)
        return
    if typed.lower() in ("off", "no", "none", "ninguno", "ninguna"):
        policies.choose(channel.id, slots="")
        await show_slots(turn, channel)
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
    policies.choose(channel.id, slots=engine_slots.written(wanted))
    await show_slots(turn, channel)


async def show_slots(turn: Turn, channel: Channel) -> None:
    found = _slots(channel)
    zone = policies.zone_of(channel.id).key
    shown = engine_slots.written(found, turn.day_names()) if found else turn.t("none")
    text = turn.t(
        "🧺 <b>Slots of {channel}</b>: {slots}\nWhat you put in the queue takes the next free one ({zone}).\nType:"
        " /slots mon-fri 8:00 12:30 18:00, sat 10:00 · /slots off",
        channel=channel,
        slots=shown,
        zone=zone,
    )
    await turn.answer(text, [[(turn.t("🧺 Queue"), f"queue:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")]])


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
    same = stored.alike(channel.id, thread)
    wall = stored.put_in_queue(channel.id, turn.person.telegram_id, thread, turn.language, turn.now)
    if wall is None:
        raise Refusal(turn.t("The queue has no slots yet. For example: /slots mon-fri 8:00 12:30 18:00"))
    planning.plan.ring_once(5)
    item = next(s for s in stored.queue_of(channel.id) if s.next_wall == wall.isoformat())
    rows: Rows = [[(turn.t("🗑 Undo"), f"queuedel:{channel.id}:{item.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")]]
    text = turn.t("🧺 In the queue for {moment}.", moment=moment(turn, wall))
    if same is not None:
        text += "\n" + turn.t("⚠️ A schedule says the same already.")
    near = stored.close_to(channel.id, item.next_at, but=item.id)
    if near is not None:
        text += "\n" + turn.t("⚠️ Within five minutes of: {text}", text=drafts.short(_said(near, 60)))
    await turn.answer(text, rows)


async def show(turn: Turn, channel: Channel) -> None:
    """What waits in the queue; ▲ ▼ move a text to its neighbour's slot."""
    items = stored.queue_of(channel.id)
    lines: Sentences = [turn.t("🧺 <b>Queue of {channel}</b>", channel=channel)]
    rows: Rows = []
    for number, item in enumerate(items[:SHOWN]):
        lines.append(
            turn.t(
                "{number}. {moment} — {text}",
                number=number + 1,
                moment=moment(turn, datetime.fromisoformat(item.next_wall)),
                text=_said(item, 100),
            )
        )
        key = f"{channel.id}:{item.id}"
        rows.append([(f"{number + 1} ▲", f"queueup:{key}"), ("▼", f"queuedown:{key}"), ("✕", f"queuedel:{key}")])
    if not items:
        lines.append(turn.t("It is empty. For example: /queue Good morning, neighbours"))
    if len(items) > SHOWN:
        lines.append(turn.n("{count} more after these.", "{count} more after these.", len(items) - SHOWN))
    if len(items) > 1:
        rows.append([(turn.t("🔀 Shuffle"), f"queuemix:{channel.id}")])
    rows.append([(turn.t("🕒 Slots"), f"slots:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")])
    await turn.answer("\n".join(lines), rows)


async def move(turn: Turn, channel: Channel, schedule_id: int, step: int) -> None:
    """Change places with the one before or after."""
    ids = [s.id for s in stored.queue_of(channel.id)]
    if schedule_id in ids:
        at = ids.index(schedule_id)
        other = max(0, min(len(ids) - 1, at + step))
        ids[at], ids[other] = ids[other], ids[at]
        stored.reorder(channel.id, ids)
        planning.plan.ring_once(5)
    await show(turn, channel)


async def shuffle(turn: Turn, channel: Channel) -> None:
    ids = [s.id for s in stored.queue_of(channel.id)]
    random.shuffle(ids)
    stored.reorder(channel.id, ids)
    planning.plan.ring_once(5)
    await show(turn, channel)


async def remove(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """Take one out, with a way back; the others keep their slots."""
    item = stored.schedule(channel.id, schedule_id)
    if item is None or not stored.delete(item):
        await show(turn, channel)
        return
    rows: Rows = [
        [(turn.t("↩️ Undo"), f"schedback:{channel.id}:{item.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")]
    ]
    await turn.answer(turn.t("🗑 Deleted: {text}", text=drafts.short(_said(item, 60))), rows)


def _slots(channel: Channel) -> engine_slots.Slots:
    return stored.slots_of(channel.id)


def _said(item: Schedule, most: int) -> str:
    return posts.in_words(item.threads[0])[:most] or "🖼"
