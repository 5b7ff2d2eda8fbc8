"""The channel's panel: on, off, what it reposts, and the way to all its other panels; `/channels`, `/channel`."""

from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from bot.accounts import chat_keys, leaving, paused, troubles, waiting
from bot.accounts.replies import OpenReplies
from bot.chat import doors, words
from bot.chat.handling import handles, handles_for_all
from bot.chat.keyboards import Rows, lamp
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import turns
from bot.costs import hearing
from bot.costs.money import exact
from engine.moderation import KeywordRole, MessageKind, Policy
from engine.moderation.hours import HOURS_ON
from engine.moderation.triggers import TRIGGERS_ON
from engine.roles import May
from engine.timetable import NEVER
from engine.x.prices import Billed
from models.accounts import choices, people, team
from models.accounts.channels import Channel, OffReason
from models.accounts.deeds import Did
from models.accounts.troubles import Kind
from models.control import overview, switching
from models.moderation import lists, review
from models.publishing import allowance
from models.watching import watched
from tasks import bells

BY_LIMITS = ("", Kind.LIMIT, Kind.CHANNEL_DAY)


@button
class TurnOn:
    word: ClassVar[str] = "on"
    channel: int


@button
class TurnOff:
    word: ClassVar[str] = "off"
    channel: int


@button
class Mentions:
    word: ClassVar[str] = "mentions"
    channel: int
    on: bool


@button
class Dms:
    word: ClassVar[str] = "dms"
    channel: int
    on: bool


@handles_for_all(doors.Channels)
async def _channels_opened(turn: Turn, _button: doors.Channels) -> None:
    await channels(turn)


async def channels(turn: Turn) -> None:
    """/channels: yours, to tap."""
    mine = team.channels_where(turn.person.telegram_id, May.READ)
    if not mine:
        raise Refusal(turn.t("You have no channel yet. Connect one with /connect"))
    rows: Rows = [[(f"{lamp_of(c)} {c}", doors.Panel(c.id))] for c in mine]
    rows.append([(turn.t("➕ Connect another"), doors.Connect())])
    await turn.answer(turn.t("<b>Your channels</b>\nTap one to steer it."), rows)


async def channel(turn: Turn) -> None:
    """/channel [@name]: its panel; it becomes the current one."""
    await panel(turn, turn.take_channel())


@handles(doors.Panel, by=May.READ)
async def _panel_opened(turn: Turn, channel: Channel, _button: doors.Panel) -> None:
    await panel(turn, channel)


async def panel(turn: Turn, channel: Channel) -> None:
    """All about a channel in one message; of one that is disconnected, what is kept."""
    if turn.person.channel_id != channel.id:
        people.choose_channel(turn.person.telegram_id, channel.id)
    if not channel.connected:
        await turn.answer(
            turn.t("{channel} is disconnected already. Its rules and journal are kept here.", channel=channel),
            leaving.kept(turn, channel),
        )
        return
    counts = overview.overview(channel.id, turn.now)
    policy = choices.choices(channel).policy
    lines = [
        f"{lamp_of(channel)} <b>{channel}</b> · {state_of(turn, channel)}",
        *(paused.lines(turn, channel) if channel.off_reason is OffReason.ALL_PAUSED else []),
        *waiting.lines(turn, channel, turn.now),
        *troubles.in_short(turn, channel, turn.person.telegram_id, turn.now),
        *_warnings(turn, channel, policy),
        *chat_keys.line(turn, channel, turn.now),
    ]
    triggers = lists.count_of(channel.id, KeywordRole.TRIGGER)
    filters = lists.count_of(channel.id, KeywordRole.FILTER)
    lines += [
        turn.n("{count} trigger", "{count} triggers", triggers)
        + " · "
        + turn.n("{count} filter", "{count} filters", filters),
        _pace(turn, channel),
        turn.t(
            "Last 24 h: {heard} heard, {posted} posted, {dropped} dropped · ${cost}",
            heard=counts.heard,
            posted=counts.posted,
            dropped=counts.ignored + counts.blocked,
            cost=exact(counts.spent),
        ),
    ]
    lines.append(hearing.line(turn, channel))
    if counts.queued:
        lines.append(turn.n("{count} post waits its turn.", "{count} posts wait their turn.", counts.queued))
    await turn.answer("\n".join(lines), _rows(turn, channel))


def _pace(turn: Turn, channel: Channel) -> str:
    age = turn.lasting(timedelta(seconds=channel.fresh_s))
    if not channel.gap_s:
        return turn.t("Pace: one post right after the other, nothing older than {age}", age=age)
    return turn.t("Pace: a post every {gap} s at most, nothing older than {age}", gap=channel.gap_s, age=age)


def _warnings(turn: Turn, channel: Channel, policy: Policy) -> list[str]:
    lines = unheard(turn, channel)
    if policy.on(TRIGGERS_ON) and not lists.count_of(channel.id, KeywordRole.TRIGGER):
        lines.append(turn.t("⚠️ No triggers yet, so no mention and no DM is posted."))
    for kind, name, wanted in (
        (MessageKind.MENTION, turn.t("mentions"), channel.mentions_on),
        (MessageKind.DM, turn.t("DMs"), channel.dms_on),
    ):
        if policy.on(HOURS_ON) and wanted and policy.hours(kind) == NEVER:
            lines.append(turn.t("⚠️ No hours for {kind}: none are posted.", kind=name))
    return [*lines, *_day_of_app(turn, channel)]


def unheard(turn: Turn, channel: Channel) -> list[str]:
    """That nothing is heard for want of money, where it is so."""
    if channel.hears:
        return []
    return [turn.t("💰 No money is left for hearing this month, so nothing is heard: /budget")]


def _day_of_app(turn: Turn, channel: Channel) -> list[str]:
    """What the channel meets of the app's posts of the day, where that is much."""
    day = overview.day(turn.now)
    if day.full_until is not None:
        return [turn.t("⏳ X takes no more posts of this service for {span}.", span=_left(turn, day.full_until))]
    if day.percent < allowance.NEARLY and not allowance.waits(channel.id, turn.now):
        return []
    said = allowance.said_by(channel.id, turn.now)
    return [
        turn.t(
            "⏳ X's posts of the day run short for all channels; this one has said {said} in 24 h. What is planned"
            " comes first, reposts may wait.",
            said=said,
        )
    ]


def _rows(turn: Turn, channel: Channel) -> Rows:
    key = channel.id
    would_run = channel.is_on or channel.off_reason is OffReason.ALL_PAUSED
    switch = (turn.t("⏸ Turn off"), TurnOff(key)) if would_run else (turn.t("▶️ Turn on"), TurnOn(key))
    held = review.count_held(key)
    rows: Rows = [
        [(turn.t("🔑 Reconnect"), doors.Connect()) if channel.off_reason is OffReason.TOKEN else switch],
        [(turn.t("👀 Held ({count})", count=held), doors.Held(key))] if held else [],
        [
            (f"{lamp(channel.mentions_on)} " + turn.t("Mentions"), Mentions(key, not channel.mentions_on)),
            (f"{lamp(channel.dms_on)} " + turn.t("DMs"), Dms(key, not channel.dms_on)),
            (f"{lamp(channel.replies_on)} " + turn.t("Replies"), OpenReplies(key)),
        ],
        [
            (turn.t("🎯 Triggers"), doors.Words(key, KeywordRole.TRIGGER)),
            (turn.t("🚫 Filters"), doors.Words(key, KeywordRole.FILTER)),
        ],
        [(turn.t("🧭 Rules"), doors.Rules(key)), (turn.t("✍️ Writing"), doors.Writing(key))],
        [(turn.t("🗓 Schedules"), doors.Schedules(key)), (turn.t("#️⃣ Hashtags"), doors.Hashtags(key))],
        [(turn.t("⏱ Pace"), doors.Pace(key)), (turn.t("📒 Journal"), doors.Journal(key))],
        [(turn.t("🔔 Notices"), doors.Notices(key)), (turn.t("👁 Watched"), doors.Watching(key))],
        [(turn.t("💵 Costs"), doors.Costs(key)), (turn.t("💰 Budget"), doors.Budget(key))],
        [(turn.t("🔐 Encrypted DMs"), doors.ChatKeys(key)), (turn.t("👥 Team"), doors.Team(key))],
        [(turn.t("Disconnect"), doors.Disconnect(key)), (turn.t("« Channels"), doors.Channels())],
    ]
    return [row for row in rows if row]


# --- switches ----------------------------------------------------------------------------------------------


async def on(turn: Turn) -> None:
    """/on [@name]"""
    await switch(turn, turn.take_channel(), on=True)


async def off(turn: Turn) -> None:
    """/off [@name]"""
    await switch(turn, turn.take_channel(), on=False)


@handles(TurnOn)
async def _turned_on(turn: Turn, channel: Channel, _button: TurnOn) -> None:
    await switch(turn, channel, on=True)


@handles(TurnOff)
async def _turned_off(turn: Turn, channel: Channel, _button: TurnOff) -> None:
    await switch(turn, channel, on=False)


async def switch(turn: Turn, channel: Channel, *, on: bool) -> None:
    if not channel.connected or (on and channel.off_reason == OffReason.TOKEN):
        raise paused.lost_access(turn, channel)
    if on and channel.off_reason is OffReason.PAUSED:
        raise Refusal("\n".join(paused.lines(turn, channel)))
    did = Did.TURNED_ON if on else Did.TURNED_OFF
    turns(turn, channel, did, "", partial(switching.switch, channel.id, on=on, now=turn.now))
    await _changed(turn, channel)


async def mentions(turn: Turn) -> None:
    """/mentions on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await panel(turn, channel)
        return
    await _set_mentions(turn, channel, Mentions(channel.id, words.said_on_or_off(turn, "/mentions off")))


@handles(Mentions)
async def _set_mentions(turn: Turn, channel: Channel, button: Mentions) -> None:
    change = partial(switching.switch_mentions, channel.id, on=button.on, now=turn.now)
    turns(turn, channel, Did.CHOICES, "mentions", change)
    turn.note = hearing.switched(turn, channel, Billed.MENTION, on=button.on)
    await _changed(turn, channel)


async def dms(turn: Turn) -> None:
    """/dms on|off"""
    channel = turn.take_channel()
    if not turn.arguments:
        await panel(turn, channel)
        return
    await _set_dms(turn, channel, Dms(channel.id, words.said_on_or_off(turn, "/dms off")))


@handles(Dms)
async def _set_dms(turn: Turn, channel: Channel, button: Dms) -> None:
    change = partial(switching.switch_dms, channel.id, on=button.on, now=turn.now)
    turns(turn, channel, Did.CHOICES, "dms", change)
    turn.note = hearing.switched(turn, channel, Billed.DM, on=button.on)
    await _changed(turn, channel)


async def _changed(turn: Turn, channel: Channel) -> None:
    bells.ring_subscriptions()
    await panel(turn, Channel.get_by_id(channel.id))


# --- how it stands -----------------------------------------------------------------------------------------


def state_of(turn: Turn, item: Channel) -> str:
    """In a few words: on, off, held up by X, or deaf for want of money."""
    if item.off_reason is OffReason.TOKEN:
        return turn.t("off: X no longer accepts its access")
    if item.off_reason is OffReason.LOCKED:
        return turn.t("off: X has locked the account")
    if item.off_reason is OffReason.PUT_OUT:
        return turn.t("off: its owner no longer has access here")
    if item.off_reason is OffReason.PAUSED:
        return turn.t("paused by who runs this service")
    if item.off_reason is OffReason.ALL_PAUSED:
        return turn.t("paused like everything else here")
    if not item.is_on:
        return turn.t("off")
    if item.hold_until is not None and item.hold_until > turn.now:
        if item.held_for in BY_LIMITS:
            return turn.t("on hold for {span}: X's limit", span=_left(turn, item.hold_until))
        return turn.t("on hold for {span}", span=_left(turn, item.hold_until))
    heard = (
        (turn.t("mentions"), item.mentions_on), (turn.t("replies"), item.replies_on), (turn.t("DMs"), item.dms_on),
    )  # fmt: skip
    kinds = [kind for kind, wanted in heard if wanted]
    if count := watched.count_on(item.id):
        kinds.append(turn.n("{count} watched", "{count} watched", count))
    if not kinds:
        return turn.t("on, but mentions and DMs are both off")
    if not item.hears:
        return turn.t("on, but hears nothing: there is no money for it")
    return turn.t("on, hears {kinds}", kinds=" + ".join(kinds))


def lamp_of(item: Channel) -> str:
    if not item.connected:
        return "⚪"
    if not item.is_on:
        return "🔴" if item.off_reason in (OffReason.TOKEN, OffReason.LOCKED) else "⏸"
    held_up = item.held_for and item.hold_until is not None
    return "🟡" if held_up or not item.hears else "🟢"


def _left(turn: Turn, until: datetime) -> str:
    return turn.lasting(max(until - turn.now, timedelta(seconds=1)))
