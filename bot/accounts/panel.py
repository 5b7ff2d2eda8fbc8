"""The channel's panel: on, off, what it reposts and how fast; `/channels`, `/status`, language and help."""

import re
from datetime import datetime, timedelta

from bot.chat.language import LANGUAGES
from bot.chat.turn import Refusal, Rows, Turn
from engine.moderation import KeywordRole, MessageKind
from models.accounts import channels as stored_channels
from models.accounts import choices
from models.accounts.channels import Channel, OffReason
from models.accounts.people import Person
from models.control import overview, switching
from models.moderation import lists, review
from tasks import bells
from tasks.control import health

GAPS = (0, 10, 20, 60, 300)
AGES = (5, 15, 60, 240)
YES = {"on", "si", "sí", "yes", "1"}
NO = {"off", "no", "0"}


async def channels(turn: Turn) -> None:
    """/channels: yours, to tap."""
    mine = stored_channels.channels_of(turn.person.telegram_id)
    if not mine:
        raise Refusal(turn.t("You have no channel yet. Connect one with /connect"))
    rows: Rows = [[(f"{_lamp(c)} {c}", f"panel:{c.id}")] for c in mine]
    rows.append([(turn.t("➕ Connect another"), "connect")])
    await turn.answer(turn.t("<b>Your channels</b>\nTap one to steer it."), rows)


async def channel(turn: Turn) -> None:
    """/channel [@name]: its panel; it becomes the current one."""
    await panel(turn, turn.take_channel())


async def panel(turn: Turn, channel: Channel) -> None:
    if turn.person.channel_id != channel.id:
        Person.update(channel_id=channel.id).where(Person.telegram_id == turn.person.telegram_id).execute()
    if not channel.connected:
        from bot.accounts.signing_in import ask_disconnect

        await ask_disconnect(turn, channel)
        return
    counts = overview.overview(channel.id, turn.now)
    policy = choices.choices(channel).policy
    triggers = lists.count_of(channel.id, KeywordRole.TRIGGER)
    filters = lists.count_of(channel.id, KeywordRole.FILTER)
    held = review.count_held(channel.id)
    lines = [f"{_lamp(channel)} <b>{channel}</b> · {_state(turn, channel)}"]
    if policy.triggers_on and not triggers:
        lines.append(turn.t("⚠️ No triggers yet, so nothing is reposted."))
    for kind, name, wanted in (
        (MessageKind.MENTION, turn.t("mentions"), channel.mentions_on),
        (MessageKind.DM, turn.t("DMs"), channel.dms_on),
    ):
        if policy.hours_on and wanted and not policy.hours(kind):
            lines.append(turn.t("⚠️ No hours for {kind}: none are posted.", kind=name))
    lines += [
        turn.n("{count} trigger", "{count} triggers", triggers)
        + " · "
        + turn.n("{count} filter", "{count} filters", filters),
        turn.t(
            "Pace: a post every {gap} s at most, nothing older than {age}",
            gap=channel.gap_s,
            age=turn.lasting(timedelta(seconds=channel.fresh_s)),
        ),
        turn.t(
            "Last 24 h: {heard} heard, {posted} posted, {dropped} dropped · ${cost}",
            heard=counts.heard,
            posted=counts.posted,
            dropped=counts.ignored + counts.blocked,
            cost=f"{counts.spent / 1e6:.3f}",
        ),
    ]
    if counts.queued:
        lines.append(turn.n("{count} post waits its turn.", "{count} posts wait their turn.", counts.queued))
    switch = (turn.t("⏸ Turn off"), f"off:{channel.id}") if channel.is_on else (turn.t("▶️ Turn on"), f"on:{channel.id}")
    if channel.off_reason == OffReason.TOKEN:
        switch = (turn.t("🔑 Reconnect"), "connect")
    rows: Rows = [
        [switch],
        [
            (
                _tick(channel.mentions_on) + turn.t("Mentions"),
                f"mentions:{channel.id}:{_flip(channel.mentions_on)}",
            ),
            (_tick(channel.dms_on) + turn.t("DMs"), f"dms:{channel.id}:{_flip(channel.dms_on)}"),
        ],
        [
            (turn.t("🎯 Triggers"), f"kw:{channel.id}:trigger:0"),
            (turn.t("🚫 Filters"), f"kw:{channel.id}:filter:0"),
        ],
        [(turn.t("🧭 Rules"), f"rules:{channel.id}"), (turn.t("✍️ Writing"), f"writing:{channel.id}")],
        [(turn.t("🗓 Schedules"), f"scheds:{channel.id}"), (turn.t("#️⃣ Hashtags"), f"tags:{channel.id}")],
        [(turn.t("⏱ Pace"), f"pace:{channel.id}"), (turn.t("📒 Journal"), f"log:{channel.id}")],
        [(turn.t("🔔 Notices"), f"notices:{channel.id}")],
        [(turn.t("Disconnect"), f"askbye:{channel.id}"), (turn.t("« Channels"), "channels")],
    ]
    if held:
        rows.insert(1, [(turn.t("👀 Held ({count})", count=held), f"held:{channel.id}")])
    await turn.answer("\n".join(lines), rows)


# --- switches ----------------------------------------------------------------------------------------------


async def on(turn: Turn) -> None:
    """/on [@name]"""
    await switch(turn, turn.take_channel(), on=True)


async def off(turn: Turn) -> None:
    """/off [@name]"""
    await switch(turn, turn.take_channel(), on=False)


async def switch(turn: Turn, channel: Channel, *, on: bool) -> None:
    if not channel.connected or (on and channel.off_reason == OffReason.TOKEN):
        raise Refusal(turn.t("{channel} has lost its access to X. Connect it again: /connect", channel=channel))
    switching.switch(channel.id, on=on, now=turn.now)
    await _changed(turn, channel)


async def mentions(turn: Turn) -> None:
    """/mentions on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await panel(turn, channel)
        return
    await set_mentions(turn, channel, on=_wanted(turn, "/mentions on"))


async def set_mentions(turn: Turn, channel: Channel, *, on: bool) -> None:
    switching.switch_mentions(channel.id, on=on, now=turn.now)
    await _changed(turn, channel)


async def dms(turn: Turn) -> None:
    """/dms on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await panel(turn, channel)
        return
    await set_dms(turn, channel, on=_wanted(turn, "/dms on"))


async def set_dms(turn: Turn, channel: Channel, *, on: bool) -> None:
    switching.switch_dms(channel.id, on=on, now=turn.now)
    await _changed(turn, channel)


async def names(turn: Turn) -> None:
    """/names on|off"""
    from bot.publishing import writing

    channel = turn.take_channel()
    if not turn.arguments:
        await writing.show(turn, channel)
        return
    await writing.set_names(turn, channel, on=_wanted(turn, "/names off"))


def _wanted(turn: Turn, example: str) -> bool:
    word = turn.arguments.strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Refusal(turn.t("Say on or off. For example: {example}", example=example))


async def _changed(turn: Turn, channel: Channel) -> None:
    bells.ring_subscriptions()
    await panel(turn, Channel.get_by_id(channel.id))


# --- pace --------------------------------------------------------------------------------------------------


async def gap(turn: Turn) -> None:
    """/gap SECONDS between posts; alone, its panel"""
    channel = turn.take_channel()
    if not turn.arguments:
        await pace(turn, channel)
        return
    await set_gap(turn, channel, turn.arguments)


async def set_gap(turn: Turn, channel: Channel, typed: str) -> None:
    try:
        switching.set_gap(channel.id, int(re.sub(r"\s*s(?:eg\w*|ec\w*)?$", "", typed.strip())))
    except ValueError:
        raise Refusal(
            turn.t(
                "{typed} is not a number of seconds from 0 to {most}. For example: /gap 20",
                typed=typed,
                most=switching.MAX_GAP_S,
            )
        ) from None
    await pace(turn, Channel.get_by_id(channel.id))


async def fresh(turn: Turn) -> None:
    """/fresh MINUTES that a message stays worth posting; alone, its panel"""
    channel = turn.take_channel()
    if not turn.arguments:
        await pace(turn, channel)
        return
    await set_fresh(turn, channel, turn.arguments)


async def set_fresh(turn: Turn, channel: Channel, typed: str) -> None:
    try:
        switching.set_freshness(channel.id, int(re.sub(r"\s*m(?:in\w*)?$", "", typed.strip())) * 60)
    except ValueError:
        raise Refusal(
            turn.t("{typed} is not a number of minutes from 1 to 1440. For example: /fresh 15", typed=typed)
        ) from None
    await pace(turn, Channel.get_by_id(channel.id))


async def pace(turn: Turn, channel: Channel) -> None:
    """How fast, and how old."""
    text = turn.t(
        "⏱ <b>Pace of {channel}</b>\nAt least {gap} s between posts. A message that would go out later than {age}"
        " after it was written is dropped: stale news is worse than none.\nType other values: /gap 45 · /fresh 30",
        channel=channel,
        gap=channel.gap_s,
        age=turn.lasting(timedelta(seconds=channel.fresh_s)),
    )
    gaps = [(_dot(channel.gap_s == g) + f"{g} s", f"gap:{channel.id}:{g}") for g in GAPS]
    ages = [
        (
            _dot(channel.fresh_s == a * 60) + (f"{a} min" if a < 60 else f"{a // 60} h"),
            f"fresh:{channel.id}:{a}",
        )
        for a in AGES
    ]
    await turn.answer(text, [gaps, ages, [(turn.t("« Back"), f"panel:{channel.id}")]])


# --- how it goes -------------------------------------------------------------------------------------------


async def status(turn: Turn) -> None:
    """/status: what runs, what waits, what went wrong last"""
    state = health()
    lines = [turn.t("<b>Status</b>")]
    if not state.redis:
        lines.append(turn.t("🔴 The queues don't answer; nothing is lost, it goes on when they do."))
    elif state.connected_at is not None:
        lines.append(turn.t("🟢 Listening to X, connected {ago}.", ago=turn.ago(state.connected_at, turn.now)))
    elif state.stream_held:
        lines.append(turn.t("🟡 Connecting to X ({trouble}).", trouble=state.trouble or "…"))
    else:
        lines.append(turn.t("🟡 Nobody listens to X's stream right now."))
    if state.malformed:
        lines.append(
            turn.n(
                "{count} line of X's was unreadable.",
                "{count} lines of X's were unreadable.",
                state.malformed,
            )
        )
    unseen = overview.pending_notices(turn.person.telegram_id)
    if unseen:
        lines.append(turn.n("{count} notice waits for you.", "{count} notices wait for you.", unseen))
    mine = [c for c in stored_channels.channels_of(turn.person.telegram_id) if c.connected]
    for item in mine:
        lines += ["", *_status_of(turn, item)]
    if not mine:
        lines.append(turn.t("You have no channel yet. Connect one with /connect"))
    rows: Rows = [[(str(c), f"panel:{c.id}") for c in mine[i : i + 2]] for i in range(0, len(mine[:8]), 2)]
    await turn.answer("\n".join(lines), rows)


def _status_of(turn: Turn, item: Channel) -> list[str]:
    counts = overview.overview(item.id, turn.now)
    lines = [
        f"{_lamp(item)} <b>{item}</b> · {_state(turn, item)}",
        turn.t(
            "24 h: {heard} heard, {posted} posted, {ignored} off-topic, {blocked} filtered, {expired} too late,"
            " {failed} failed",
            heard=counts.heard,
            posted=counts.posted,
            ignored=counts.ignored,
            blocked=counts.blocked,
            expired=counts.expired,
            failed=counts.failed,
        ),
        turn.t(
            "Waiting: {queued} posts, {unsettled} in the air",
            queued=counts.queued,
            unsettled=counts.unsettled,
        ),
    ]
    if item.last_problem and item.last_problem_at is not None:
        lines.append(
            turn.t(
                "Last trouble: {problem} ({ago})",
                problem=item.last_problem,
                ago=turn.ago(item.last_problem_at, turn.now),
            )
        )
    return lines


async def language(turn: Turn) -> None:
    """/language es|en"""
    wanted = turn.arguments.strip().lower()[:2]
    if wanted in LANGUAGES:
        await set_language(turn, wanted)
        return
    rows: Rows = [[(_dot(turn.language == k) + name, f"lang:{k}") for k, name in LANGUAGES.items()]]
    await turn.answer(turn.t("In which language shall I speak? You can also type: /language es"), rows)


async def set_language(turn: Turn, wanted: str) -> None:
    Person.update(language=wanted).where(Person.telegram_id == turn.person.telegram_id).execute()
    speaks = Turn(turn.update, Person.get_by_id(turn.person.telegram_id), "")
    await speaks.answer(speaks.t("Good, I'll speak English from now on."))


async def cancel(turn: Turn) -> None:
    """/cancel: leave what was begun"""
    begun = bool(turn.dialogue.get("step"))
    turn.remember()
    await turn.send(turn.t("Cancelled.") if begun else turn.t("There was nothing to cancel."))


def _state(turn: Turn, item: Channel) -> str:
    if item.off_reason == OffReason.TOKEN:
        return turn.t("off: X no longer accepts its access")
    if not item.is_on:
        return turn.t("off")
    if item.hold_until is not None and item.hold_until > turn.now:
        return turn.t("on hold for {span}: X's limit", span=_left(turn, item.hold_until))
    kinds = [k for k, wanted in ((turn.t("mentions"), item.mentions_on), (turn.t("DMs"), item.dms_on)) if wanted]
    if not kinds:
        return turn.t("on, but mentions and DMs are both off")
    return turn.t("on, hears {kinds}", kinds=" + ".join(kinds))


def _left(turn: Turn, until: datetime) -> str:
    return turn.lasting(max(until - turn.now, timedelta(seconds=1)))


def _lamp(item: Channel) -> str:
    if not item.connected:
        return "⚪"
    return "🟢" if item.is_on else "🔴" if item.off_reason == OffReason.TOKEN else "⏸"


def _tick(value: bool) -> str:
    return "✅ " if value else "❌ "


def _dot(value: bool) -> str:
    return "● " if value else ""


def _flip(value: bool) -> str:
    return "off" if value else "on"
