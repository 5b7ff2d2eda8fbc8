"""Planned tweets: `/schedule` (in one line or step by step), `/schedules`, and `/post` at once.

A draft lives in the dialogue until it is confirmed: its texts, when, and the message that it came from.
"""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.turn import Refusal, Rows, Sentences, Turn
from bot.when import moment, said
from engine import composing, placeholders
from engine.recurrence import Plan, instant_of
from engine.when import NotUnderstood, When, understand
from engine.x import prices
from models import policies, publishing, scheduling
from models.accounts import Channel
from models.scheduling import DEFAULT_GRACE, Schedule
from tasks import publishing as saying
from tasks import scheduling as planning

SHOWN = 5
GRACES = (1, 15, 60, 360)
MAX_TEXTS = 20


async def command(turn: Turn) -> None:
    """/schedule [WHEN TEXT]"""
    channel = turn.take_channel()
    if not turn.arguments:
        await ask_text(turn, channel)
        return
    wall = _wall(turn, channel)
    try:
        when, text = understand(turn.typed(), wall)
    except NotUnderstood as error:
        if error.reason != "nothing":
            raise Refusal(_why(turn, error)) from None
        await _keep(turn, channel, texts=[checked(turn, turn.typed())], step="schedwhen")
        await turn.send(_ask_when(turn))
        return
    if not text:
        await _keep(turn, channel, texts=[], when=when, step="schedtext")
        await turn.send(turn.t("{when}. And the text? Send it to me. /cancel to leave.", when=_upper(said(turn, when))))
        return
    await _keep(turn, channel, texts=[checked(turn, text)], when=when, step="schedsure")
    await preview(turn, channel)


async def ask_text(turn: Turn, channel: Channel) -> None:
    """The wizard: text, when, preview, confirm."""
    await _keep(turn, channel, texts=[], step="schedtext")
    await turn.send(
        turn.t(
            "🗓 What shall {channel} say? Send me the text. {{date}}, {{weekday}}, {{time}} and {{n}} are filled in each"
            " time.\nIn one line: /schedule thursday 15:00 Neighbours meet at the square. /cancel to leave.",
            channel=channel,
        ),
        [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}"), (turn.t("Cancel"), f"schedno:{channel.id}")]],
    )


async def got_text(turn: Turn) -> None:
    """The text that the wizard asked for; another one where there is one already."""
    draft = turn.dialogue
    channel = turn.own(int(draft["channel"]))
    texts = [*draft["texts"], checked(turn, turn.typed())]
    when = _when(draft)
    await _keep(turn, channel, texts=texts, when=when, step="schedsure" if when else "schedwhen", of=draft.get("of"))
    if when is None:
        await turn.send(_ask_when(turn))
    else:
        await preview(turn, channel)


async def got_when(turn: Turn) -> None:
    """The time that the wizard asked for."""
    draft = turn.dialogue
    channel = turn.own(int(draft["channel"]))
    try:
        when, rest = understand(turn.typed(), _wall(turn, channel))
    except NotUnderstood as error:
        raise Refusal(_why(turn, error)) from None
    if rest:
        raise Refusal(
            turn.t("I understood “{when}”, but not “{rest}”. For example: thursday 15:00 · every mon,wed 7:15",
                   when=said(turn, when), rest=rest[:60])
        )  # fmt: skip
    await _keep(turn, channel, texts=draft["texts"], when=when, step="schedsure", of=draft.get("of"))
    await preview(turn, channel)


async def preview(turn: Turn, channel: Channel) -> None:
    """What was understood, said back before it counts."""
    turn.reread()
    draft = turn.dialogue
    when = _when(draft)
    if when is None or not draft["texts"]:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    zone = policies.zone_of(channel.id)
    lines: Sentences = [turn.t("🗓 <b>{channel}</b> will say, {when}:", channel=channel, when=said(turn, when))]
    for number, text in enumerate(draft["texts"]):
        lines += _shown(turn, placeholders.filled(text, when.first, number + 1, turn.language))
    if when.rules:
        plan = Plan(when.rules, when.first, when.last)
        most = SHOWN if when.times is None else min(SHOWN, when.times)
        walls = scheduling.next_walls(plan, turn.now, zone, most)
        lines.append(turn.t("Next: {times}", times=" · ".join(moment(turn, w) for w in walls)))
        if len(draft["texts"]) == 1 and not placeholders.has_any(draft["texts"][0]) and _within_a_day(walls):
            lines.append(
                turn.t(
                    "⚠️ X refuses the same text twice within a day. Put {{time}} or {{n}} in it, or add another text to"
                    " take turns."
                )
            )
    lines += _clashes(turn, channel, draft, instant_of(when.first, zone))
    lines.append(turn.t("Time zone: {zone}", zone=zone.key))
    key = channel.id
    rows: Rows = [
        [(turn.t("✅ Schedule it"), f"schedyes:{key}")],
        [(turn.t("🕒 Another time"), f"schedwhen:{key}"), (turn.t("✏️ Another text"), f"schedtext:{key}")],
        [(turn.t("➕ A text to take turns"), f"schedmore:{key}"), (turn.t("Cancel"), f"schedno:{key}")],
    ]
    await turn.answer("\n".join(lines), rows)


async def confirm(turn: Turn, channel: Channel) -> None:
    """It counts from here on."""
    draft = _draft(turn, channel)
    when = _when(draft)
    zone = policies.zone_of(channel.id)
    if when is None or not draft["texts"]:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    if not when.rules and instant_of(when.first, zone) <= turn.now:
        raise Refusal(turn.t("That moment has gone by meanwhile. Choose another time."))
    turn.remember()
    old = scheduling.schedule(channel.id, int(draft["of"])) if draft.get("of") else None
    if old is not None:
        scheduling.change_texts(old, draft["texts"])
        scheduling.change_when(old, when)
        made = Schedule.get_by_id(old.id)
    else:
        person = turn.person.telegram_id
        made = scheduling.create(channel.id, person, draft["texts"], when, turn.language, turn.now)
    planning.plan.ring_once(5)
    rows: Rows = [
        [(turn.t("🗑 Undo"), f"scheddel:{channel.id}:{made.id}"), (turn.t("🗓 Schedules"), f"scheds:{channel.id}")]
    ]
    await turn.answer(turn.t("✅ Scheduled: {when}.", when=said(turn, when)), rows)


async def again(turn: Turn, channel: Channel, what: str) -> None:
    """Another time, another text, or one more, for the draft."""
    draft = _draft(turn, channel)
    when, texts = _when(draft), list(draft["texts"])
    if what == "when":
        await _keep(turn, channel, texts=texts, step="schedwhen", of=draft.get("of"))
        await turn.send(_ask_when(turn))
        return
    if what == "more" and len(texts) >= MAX_TEXTS:
        raise Refusal(turn.n("At most {count} text.", "At most {count} texts.", MAX_TEXTS))
    kept = texts if what == "more" else []
    await _keep(turn, channel, texts=kept, when=when, step="schedtext", of=draft.get("of"))
    await turn.send(turn.t("Send me the text. /cancel to leave."))


async def drop(turn: Turn, channel: Channel) -> None:
    turn.remember()
    await turn.answer(turn.t("Cancelled: nothing was scheduled."), [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}")]])


# --- the list ------------------------------------------------------------------------------------------------------


async def schedules(turn: Turn) -> None:
    """/schedules"""
    await show_all(turn, turn.take_channel())


async def show_all(turn: Turn, channel: Channel) -> None:
    """By next instant; tap one to open it."""
    zone = policies.zone_of(channel.id)
    found = scheduling.of_channel(channel.id)
    rows: Rows = []
    for item in found[:12]:
        at = moment(turn, item.next_at.astimezone(zone)) if item.status == "on" and item.next_at else "⏸"
        rows.append([(f"{at} · {_short(item.all_texts[0])}", f"sched:{channel.id}:{item.id}")])
    rows.append([(turn.t("➕ New"), f"schednew:{channel.id}"), (turn.t("🧺 Queue"), f"queue:{channel.id}")])
    rows.append([(turn.t("🗓 Week"), f"calendar:{channel.id}"), (turn.t("🕰 History"), f"history:{channel.id}:0")])
    rows.append([(turn.t("« Back"), f"panel:{channel.id}")])
    head = turn.t("🗓 <b>Schedules of {channel}</b>", channel=channel)
    if not found:
        head += "\n" + turn.t("None yet. For example: /schedule thursday 15:00 Neighbours meet at the square")
    elif len(found) > 12:
        head += "\n" + turn.n("{count} more after these.", "{count} more after these.", len(found) - 12)
    await turn.answer(head, rows)


async def show(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """One schedule, and what can be done with it."""
    item = _of(turn, channel, schedule_id)
    when = _when_of(item)
    lines: Sentences = [turn.t("🗓 <b>{channel}</b>: {when}", channel=channel, when=said(turn, when))]
    wall = _wall(turn, channel)
    for number, text in enumerate(item.all_texts):
        lines += _shown(turn, placeholders.filled(text, wall, item.used + number + 1, item.language))
    if item.status == "paused":
        lines.append(turn.t("⏸ Paused."))
    elif item.status == "on":
        walls = scheduling.coming(item, turn.now, SHOWN)
        lines.append(turn.t("Next: {times}", times=" · ".join(moment(turn, w) for w in walls)))
    else:
        lines.append(turn.t("▫️ Its last time has gone by."))
    if item.left is not None:
        lines.append(turn.n("{count} time left", "{count} times left", item.left))
    key = f"{channel.id}:{item.id}"
    lines.append(
        turn.t(
            "After a silence of ours it goes out at most {span} late.",
            span=turn.lasting(timedelta(seconds=item.grace_s)),
        )
    )
    late = [(("● " if item.grace_s == m * 60 else "") + _brief(m), f"schedgrace:{key}:{m}") for m in GRACES]
    run = (turn.t("⏸ Pause"), f"schedpause:{key}") if item.status == "on" else (turn.t("▶️ Go on"), f"schedgo:{key}")
    rows: Rows = [
        [(turn.t("✏️ Edit"), f"schededit:{key}"), run],
        [(turn.t("📤 Post now"), f"schedpost:{key}"), (turn.t("📋 Duplicate"), f"schedcopy:{key}")],
        late,
        [(turn.t("🗑 Delete"), f"scheddel:{key}"), (turn.t("« Schedules"), f"scheds:{channel.id}")],
    ]
    await turn.answer("\n".join(lines), rows)


async def edit(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """The draft of an edit is the schedule itself, shown as a preview."""
    item = _of(turn, channel, schedule_id)
    await _keep(turn, channel, texts=item.all_texts, when=_when_of(item), step="schedsure", of=item.id)
    await preview(turn, channel)


async def pause(turn: Turn, channel: Channel, schedule_id: int, *, on: bool) -> None:
    item = _of(turn, channel, schedule_id)
    if on:
        scheduling.resume(item, turn.now)
        planning.plan.ring_once(5)
    else:
        scheduling.pause(item)
    await show(turn, channel, schedule_id)


async def set_grace(turn: Turn, channel: Channel, schedule_id: int, minutes: int) -> None:
    scheduling.set_grace(_of(turn, channel, schedule_id), minutes)
    await show(turn, channel, schedule_id)


async def delete(turn: Turn, channel: Channel, schedule_id: int) -> None:
    item = _of(turn, channel, schedule_id)
    scheduling.delete(item)
    rows: Rows = [
        [(turn.t("↩️ Undo"), f"schedback:{channel.id}:{item.id}"), (turn.t("🗓 Schedules"), f"scheds:{channel.id}")]
    ]
    await turn.answer(turn.t("🗑 Deleted: {text}", text=_short(item.all_texts[0])), rows)


async def put_back(turn: Turn, channel: Channel, schedule_id: int) -> None:
    item = _of(turn, channel, schedule_id)
    scheduling.put_back(item, turn.now)
    planning.plan.ring_once(5)
    await show(turn, channel, schedule_id)


async def duplicate(turn: Turn, channel: Channel, schedule_id: int) -> None:
    made = scheduling.duplicate(_of(turn, channel, schedule_id), turn.now)
    await show(turn, channel, made.id)


async def post_now(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """Its next text, at once, besides its times."""
    item = _of(turn, channel, schedule_id)
    texts = item.all_texts
    text = placeholders.filled(texts[item.used % len(texts)], _wall(turn, channel), item.used + 1, item.language)
    await _say(turn, channel, text)


# --- by hand -------------------------------------------------------------------------------------------------------


async def post(turn: Turn) -> None:
    """/post TEXT"""
    channel = turn.take_channel()
    text = turn.typed() or turn.replied_text()
    if not text:
        await _keep(turn, channel, texts=[], step="posttext")
        await turn.send(
            turn.t("What shall {channel} say? Send me the text. /cancel to leave.", channel=channel),
            [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}"), (turn.t("Cancel"), f"postno:{channel.id}")]],
        )
        return
    await offer(turn, channel, text)


async def got_post(turn: Turn) -> None:
    """The text that `/post` asked for."""
    await offer(turn, turn.own(int(turn.dialogue["channel"])), turn.typed())


async def offer(turn: Turn, channel: Channel, text: str) -> None:
    """Something was written or forwarded: post it now, schedule it, or not."""
    source = turn.update.message or turn.update.edited_message
    kept = checked(turn, text)
    turn.remember(step="offered", channel=channel.id, texts=[kept], source=source.message_id if source else None)
    lines: Sentences = [turn.t("📤 Shall <b>{channel}</b> say this?", channel=channel), *_shown(turn, kept)]
    same = scheduling.alike(channel.id, kept)
    if same is not None:
        lines.append(turn.t("⚠️ A schedule says the same already."))
    key = channel.id
    rows: Rows = [
        [(turn.t("📤 Post now"), f"postnow:{key}"), (turn.t("🗓 Schedule…"), f"postlater:{key}")],
        [(turn.t("🧺 Queue"), f"postqueue:{key}"), (turn.t("🗑 Discard"), f"postno:{key}")],
    ]
    await turn.send("\n".join(lines), rows)


async def edited(turn: Turn) -> None:
    """The message that a draft came from was edited before it was confirmed: so is the draft."""
    message = turn.update.edited_message
    draft = turn.dialogue
    if message is None or not message.text or draft.get("source") != message.message_id:
        return
    await offer(turn, turn.own(int(draft["channel"])), message.text.removeprefix("/post").strip())


async def offered_now(turn: Turn, channel: Channel) -> None:
    draft = _draft(turn, channel)
    if draft.get("step") != "offered":
        raise Refusal(turn.t("That draft is no longer at hand. Send me the text again."))
    turn.remember()
    await _say(turn, channel, draft["texts"][0])


async def offered_later(turn: Turn, channel: Channel) -> None:
    draft = _draft(turn, channel)
    await _keep(turn, channel, texts=draft["texts"], step="schedwhen")
    await turn.send(_ask_when(turn))


async def offered_queue(turn: Turn, channel: Channel) -> None:
    from bot import queueing

    draft = _draft(turn, channel)
    await queueing.put(turn, channel, draft["texts"][0])
    turn.remember()


async def offered_no(turn: Turn, channel: Channel) -> None:
    turn.remember()
    await turn.answer(turn.t("Discarded."), [[(turn.t("Panel"), f"panel:{channel.id}")]])


async def _say(turn: Turn, channel: Channel, text: str) -> None:
    if not channel.is_on or not channel.connected:
        raise Refusal(turn.t("{channel} is off, so nothing can be posted. Turn it on first: /on", channel=channel))
    queued = publishing.say_now(channel.id, turn.person.telegram_id, text, turn.now, fresh=DEFAULT_GRACE)
    saying.say.ring_once(5, queued.tweet_id)
    await turn.answer(turn.t("📤 On its way to X: I tell you when it is there, with Undo."))


# --- drafts --------------------------------------------------------------------------------------------------------


async def _keep(
    turn: Turn, channel: Channel, *, texts: list[str], step: str, when: When | None = None, of: Any = None
) -> None:
    draft: dict[str, Any] = {"step": step, "channel": channel.id, "texts": texts, "of": of}
    if when is not None:
        draft |= {
            "first": when.first.isoformat(),
            "rules": list(when.rules),
            "last": when.last.isoformat() if when.last else None,
            "times": when.times,
        }
    turn.remember(**draft)


def _draft(turn: Turn, channel: Channel) -> dict[str, Any]:
    draft = turn.dialogue
    if draft.get("channel") != channel.id or "texts" not in draft:
        raise Refusal(turn.t("That draft is no longer at hand. Begin again: /schedule"))
    return draft


def _when(draft: dict[str, Any]) -> When | None:
    if "first" not in draft:
        return None
    last = datetime.fromisoformat(draft["last"]) if draft["last"] else None
    return When(datetime.fromisoformat(draft["first"]), tuple(draft["rules"]), last, draft["times"])


def _when_of(item: Schedule) -> When:
    plan = item.plan
    first = datetime.fromisoformat(item.next_wall or item.starts)
    return When(first, plan.rules if plan else (), plan.last if plan else None, item.left)


def _of(turn: Turn, channel: Channel, schedule_id: int) -> Schedule:
    item = scheduling.schedule(channel.id, schedule_id)
    if item is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    return item


def _wall(turn: Turn, channel: Channel) -> datetime:
    return policies.wall_of(channel.id, turn.now)


def checked(turn: Turn, text: str) -> str:
    """A text that X takes. Raises Refusal."""
    kept = composing.clean(text)
    length = composing.weighted_length(kept) if kept else 0
    if not kept:
        raise Refusal(turn.t("There is no text in that. For example: /schedule thursday 15:00 Neighbours meet"))
    if length > composing.LIMIT:
        raise Refusal(
            turn.t("That is {length} long, and X takes {limit}: shorten it and send it again.", length=length,
                   limit=composing.LIMIT)
        )  # fmt: skip
    return kept


def _shown(turn: Turn, text: str) -> list[str]:
    price = prices.of_post(with_url=composing.has_link(text))
    lines = [
        "<blockquote>" + turn.t("{text}", text=text) + "</blockquote>",
        turn.t(
            "{length} of {limit} · ${price}",
            length=composing.weighted_length(text), limit=composing.LIMIT, price=f"{price / 1e6:.3f}",
        ),
    ]  # fmt: skip
    if composing.has_link(text):
        lines.append(turn.t("⚠️ X charges ${price} for a post with a link.", price=f"{prices.POST_WITH_URL / 1e6:.3f}"))
    return lines


def _clashes(turn: Turn, channel: Channel, draft: dict[str, Any], at: datetime) -> list[str]:
    lines = []
    same = next((s for t in draft["texts"] if (s := scheduling.alike(channel.id, t)) is not None), None)
    if same is not None and same.id != draft.get("of"):
        lines.append(turn.t("⚠️ A schedule says the same already."))
    near = scheduling.close_to(channel.id, at)
    if near is not None and near.id != draft.get("of") and (same is None or near.id != same.id):
        lines.append(turn.t("⚠️ Within five minutes of: {text}", text=_short(near.all_texts[0])))
    return lines


def _within_a_day(walls: list[datetime]) -> bool:
    return any((b - a).total_seconds() < 24 * 3600 for a, b in pairwise(walls))


def _ask_when(turn: Turn) -> str:
    return turn.t(
        "🕒 When? For example: thursday 15:00 · tomorrow 9:30 · 2026-12-24 20:00 · every mon,wed 7:15 · the last friday"
        " of every month 18:00 · every 3 hours from 8 to 20. /cancel to leave."
    )


def _why(turn: Turn, error: NotUnderstood) -> str:
    examples = turn.t("thursday 15:00 · tomorrow 9:30 · dec 24 20:00 · every mon,wed 7:15")
    if error.reason == "time":
        return turn.t("At what time? For example: {examples}", examples=examples)
    if error.reason == "past":
        return turn.t("That moment has gone by. For example: {examples}", examples=examples)
    if error.reason == "date":
        return turn.t("There is no such date, or it is too far away. For example: {examples}", examples=examples)
    if error.reason == "hours":
        return turn.t(
            "I don't understand those hours. For example: every 3 hours from 8 to 20 · every 30 minutes from 7 to 9"
        )
    return turn.t("I don't understand when. For example: {examples}", examples=examples)


def _brief(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 40 else flat[:39] + "…"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
