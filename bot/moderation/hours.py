"""When it is posted: the panel of the hours and the time zone, tapped or typed. `/hours`, `/zone`."""

import re
from datetime import timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from bot.chat import doors, rule_words, switches, words
from bot.chat.handling import handles, open_target
from bot.chat.keyboards import Button, Rows, dot, in_rows, lamp
from bot.chat.language import N_
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from bot.moderation import week
from engine import timetable
from engine.files.lists import HOURS
from engine.moderation import MessageKind, Outside, Policy
from engine.moderation.hours import HOURS_ON
from engine.text import fold
from engine.timetable import BadHours, Timetable
from models import choosing, undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.choosing import HOURS_OF
from models.database import transaction

KINDS = {
    "mentions": MessageKind.MENTION, "mention": MessageKind.MENTION, "menciones": MessageKind.MENTION,
    "mencion": MessageKind.MENTION, "dms": MessageKind.DM, "dm": MessageKind.DM,
}  # fmt: skip
REPLIES = {"replies", "reply", "respuestas", "respuesta"}
OUTSIDE = {
    "wait": Outside.WAIT, "esperar": Outside.WAIT, "espera": Outside.WAIT,
    "discard": Outside.DISCARD, "descartar": Outside.DISCARD, "descarta": Outside.DISCARD,
}  # fmt: skip
SAME = {
    "same", "as mentions", "as dms", "same as mentions", "same as dms",
    "igual", "lo mismo", "como las menciones", "como los dm", "como los dms",
}  # fmt: skip
ZONES = {
    "America/Caracas": N_("Caracas"), "Europe/Madrid": N_("Madrid"), "America/Mexico_City": N_("Mexico City"),
    "America/Bogota": N_("Bogota"), "America/Argentina/Buenos_Aires": N_("Buenos Aires"),
    "America/Santiago": N_("Santiago"), "America/New_York": N_("New York"), "Europe/London": N_("London"),
}  # fmt: skip


@button
class Zones:
    word: ClassVar[str] = "zone"
    channel: int


@button
class SetOutside:
    """What becomes of a message outside the hours."""

    word: ClassVar[str] = "outside"
    channel: int
    outside: Outside


@button
class SetZone:
    word: ClassVar[str] = "setzone"
    channel: int
    zone: str


async def hours(turn: Turn) -> None:
    """/hours [mentions|dms] BLOCKS|never|same · /hours wait|discard|off|on"""
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    whole = fold(typed)
    first, _, rest = typed.partition(" ")
    if not typed:
        await show(turn, channel)
    elif whole in words.OFF or whole in words.ON:
        await show(turn, channel, week.choose(turn, channel, hours_on=whole in words.ON))
    elif whole in OUTSIDE:
        await set_outside(turn, channel, SetOutside(channel.id, OUTSIDE[whole]))
    elif whole in words.EXPORT:
        await open_target(turn, doors.Export(channel.id, HOURS))
    elif whole in words.IMPORT:
        await open_target(turn, doors.Import(channel.id, HOURS))
    elif fold(first) in REPLIES:
        raise Refusal(turn.t("Replies keep to the hours of mentions. For example: /hours mentions mon-fri 6:00-22:00"))
    elif kind := KINDS.get(fold(first)):
        await set_typed(turn, channel, [kind], rest)
    else:
        await set_typed(turn, channel, list(HOURS_OF), typed)


async def set_typed(turn: Turn, channel: Channel, kinds: list[MessageKind], typed: str) -> None:
    """Hours as they are typed, for these kinds."""
    table: Timetable | str
    if len(kinds) == 1 and fold(typed).strip() in SAME:
        table = week.same_as_the_other(turn, channel, kinds[0])
    else:
        table = _understood(turn, typed)
    values: dict[str, Any] = {HOURS_OF[k]: table for k in kinds}
    undo = week.choose(turn, channel, hours_on=True, **values)
    await show(turn, channel, undo)


@handles(doors.Hours)
async def opened(turn: Turn, channel: Channel, target: doors.Hours) -> None:
    still = bool(target.undo) and undoing.still(channel.id, target.undo, turn.now)
    await show(turn, channel, target.undo if still else 0)


@switches.stand_on(*rule_words.HOURS)
async def show(turn: Turn, channel: Channel, undo: int = 0) -> None:
    policy = choices.choices(channel).policy
    zone = ZoneInfo(policy.zone)
    lines = [
        turn.t("🕒 <b>Hours of {channel}</b>", channel=channel),
        turn.t("Mentions: {hours}", hours=_of_kind(turn, policy, MessageKind.MENTION)),
        turn.t("DMs: {hours}", hours=_of_kind(turn, policy, MessageKind.DM)),
    ]
    if not policy.on(HOURS_ON):
        lines.append(turn.t("They are off: it is posted at any hour."))
    else:
        for kind, name in ((MessageKind.MENTION, turn.t("mentions")), (MessageKind.DM, turn.t("DMs"))):
            if not policy.hours(kind):
                lines.append(turn.t("⚠️ No hours for {kind}: none are posted.", kind=name))
        lines.append(_now(turn, policy.hours(MessageKind.MENTION), zone))
    lines.append(
        turn.t("Time zone: {zone}, where it is {time}", zone=policy.zone, time=f"{turn.now.astimezone(zone):%H:%M}")
    )
    lines.append(turn.t("Type: /hours mon-fri 6:00-22:00, sat 8-14 · /hours dms 24h"))
    waits = policy.outside is Outside.WAIT
    rows: Rows = [
        *switches.rows(turn, channel, policy, rule_words.HOURS),
        [
            (dot(waits) + turn.t("Outside: wait"), SetOutside(channel.id, Outside.WAIT)),
            (dot(not waits) + turn.t("Outside: discard"), SetOutside(channel.id, Outside.DISCARD)),
        ],
        [
            (turn.t("📅 Mentions"), week.Week(channel.id, MessageKind.MENTION)),
            (turn.t("📅 DMs"), week.Week(channel.id, MessageKind.DM)),
        ],
        [undo_button(turn, channel, undo)] if undo else [],
        [(turn.t("🌍 Time zone"), Zones(channel.id)), (turn.t("« Rules"), doors.Rules(channel.id))],
    ]
    await turn.answer("\n".join(line for line in lines if line), rows)


@handles(SetOutside)
async def set_outside(turn: Turn, channel: Channel, target: SetOutside) -> None:
    with transaction():
        undo = keep(turn, channel, doors.Hours(channel.id), undoing.choices_of(channel.id, "outside"))
        choosing.choose(channel.id, turn.now, outside=target.outside.value)
    await show(turn, channel, undo)


def _understood(turn: Turn, typed: str) -> Timetable:
    try:
        return timetable.parse_hours(typed)
    except BadHours as error:
        raise Refusal(
            turn.t(
                "I don't understand “{piece}”. Days and hours, for example: /hours mon-fri 6:00-22:00, sat 8-14 ·"
                " /hours dms 24h · /hours fri 22:00-2:00",
                piece=error.piece[:60] or typed[:60],
            )
        ) from None


def _of_kind(turn: Turn, policy: Policy, kind: MessageKind) -> str:
    """Its hours, or that it keeps to the other's."""
    if week.own(policy, kind) is None and kind is MessageKind.DM:
        return turn.t("as mentions")
    if week.follows(policy, kind):
        return turn.t("as DMs")
    return week.written(turn, policy.hours(kind))


def _now(turn: Turn, table: Timetable, zone: ZoneInfo) -> str:
    opens = table.next_open(turn.now, zone)
    if opens is None:
        return ""
    if opens <= turn.now:
        return lamp(True) + " " + turn.t("Open right now for mentions.")
    span = turn.lasting(max(opens - turn.now, timedelta(seconds=1)))
    return lamp(False) + " " + turn.t("Closed right now for mentions; opens in {span}.", span=span)


# --- the time zone ------------------------------------------------------------------------------------------


async def zone(turn: Turn) -> None:
    """/zone CITY"""
    channel = turn.take_channel()
    if turn.arguments:
        await _set_zone(turn, channel, turn.arguments)
        return
    await show_zones(turn, channel)


@handles(Zones)
async def zones_opened(turn: Turn, channel: Channel, _: Zones) -> None:
    await show_zones(turn, channel)


async def show_zones(turn: Turn, channel: Channel) -> None:
    current = choices.zone_of(channel.id).key
    buttons: list[Button] = [(dot(z == current) + turn.t(city), SetZone(channel.id, z)) for z, city in ZONES.items()]
    rows = in_rows(buttons, 2)
    rows.append([(turn.t("« Hours"), doors.Hours(channel.id))])
    text = turn.t(
        "🌍 <b>Time zone of {channel}</b>: {zone}\nTap yours, or type a city: /zone Auckland · /zone Europe/Madrid",
        channel=channel,
        zone=current,
    )
    await turn.answer(text, rows)


@handles(SetZone)
async def zone_tapped(turn: Turn, channel: Channel, target: SetZone) -> None:
    await _set_zone(turn, channel, target.zone)


async def _set_zone(turn: Turn, channel: Channel, typed: str) -> None:
    """Move the channel to the zone of a city. Raises Refusal where none or several are meant."""
    found = zones_named(typed)
    if len(found) != 1:
        if found:
            raise Refusal(
                turn.t("“{typed}” could be {zones}. Type one of them: /zone {first}", typed=said_back(typed),
                       zones=", ".join(found[:6]), first=found[0])
            )  # fmt: skip
        raise Refusal(
            turn.t(
                "I know no time zone “{typed}”. Try a large city nearby: /zone Caracas · /zone Europe/Madrid",
                typed=said_back(typed),
            )
        )
    with transaction():
        undo = keep(turn, channel, doors.Hours(channel.id), undoing.choices_of(channel.id, "zone"))
        choosing.choose(channel.id, turn.now, zone=found[0])
    await show(turn, channel, undo)


def zones_named(typed: str) -> list[str]:
    """IANA names that a person may mean by a city or a name; one where it is clear."""
    wanted = re.sub(r"[\s_]+", "_", fold(typed).strip())
    known = {z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/", "posix", "right"))}
    known.add("UTC")
    exact = [z for z in sorted(known) if fold(z) == wanted]
    if exact:
        return exact
    city = [z for z in sorted(known) if fold(z).rpartition("/")[2] == wanted]
    return city or [z for z in sorted(known) if wanted and len(wanted) >= 3 and wanted in fold(z)]
