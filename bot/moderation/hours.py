"""When it is posted: a small week of buttons, or typed. `/hours`, `/zone`."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from bot.chat import rule_words, switches
from bot.chat.keyboards import lamp
from bot.chat.turn import Refusal, Rows, Turn
from engine import timetable
from engine.moderation import MessageKind, Outside
from engine.moderation.hours import HOURS_ON
from engine.text import fold
from engine.timetable import DAY, BadHours, Timetable
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel
from models.publishing import hours as stored

PARTS = (0, 6, 12, 18)
PART = 6 * 60
ZONES = (
    "America/Caracas", "Europe/Madrid", "America/Mexico_City", "America/Bogota", "America/Argentina/Buenos_Aires",
    "America/Santiago", "America/New_York", "Europe/London",
)  # fmt: skip
KINDS = {
    "mentions": "mention",
    "mention": "mention",
    "menciones": "mention",
    "mencion": "mention",
    "dms": "dm",
    "dm": "dm",
}
COLUMN = {"mention": "mention_hours", "dm": "dm_hours"}


async def hours(turn: Turn) -> None:
    """/hours [mentions|dms] BLOCKS · /hours wait|discard|off|on"""
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    word, _, rest = typed.partition(" ")
    low = fold(word)
    if not typed:
        await show(turn, channel)
    elif low in ("off", "no") and not rest:
        _choose(turn, channel, hours_on=False)
        await show(turn, channel)
    elif low in ("on", "si", "yes") and not rest:
        _choose(turn, channel, hours_on=True)
        await show(turn, channel)
    elif low in ("wait", "esperar", "espera", "discard", "descartar", "descarta") and not rest:
        await set_outside(turn, channel, "wait" if low[0] in "we" else "discard")
    elif low in ("import", "importar", "export", "exportar") and not rest:
        from bot.moderation import files

        await (files.send(turn, channel, ["hours"]) if low.startswith("exp") else files.ask(turn, channel, "hours"))
    else:
        await set_typed(turn, channel, KINDS.get(low, ""), rest if low in KINDS else typed)


async def set_typed(turn: Turn, channel: Channel, kind: str, typed: str) -> None:
    try:
        table = timetable.parse(typed)
    except BadHours as error:
        raise Refusal(
            turn.t(
                "I don't understand “{piece}”. Days and hours, for example: /hours mon-fri 6:00-22:00, sat 8-14 ·"
                " /hours dms 24h · /hours fri 22:00-2:00",
                piece=error.piece[:60] or typed[:60],
            )
        ) from None
    _keep(turn, channel)
    _choose(turn, channel, hours_on=True, **{COLUMN[k]: table for k in ([kind] if kind else COLUMN)})
    await show(turn, Channel.get_by_id(channel.id))


@switches.stand_on(*rule_words.HOURS)
async def show(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    zone = ZoneInfo(policy.zone)
    lines = [
        turn.t("🕒 <b>Hours of {channel}</b>", channel=channel),
        turn.t("Mentions: {hours}", hours=_written(turn, policy.mention_hours)),
        turn.t("DMs: {hours}", hours=_written(turn, policy.dm_hours)),
    ]
    if not policy.on(HOURS_ON):
        lines.append(turn.t("They are off: it is posted at any hour."))
    else:
        for kind, table in ((turn.t("mentions"), policy.mention_hours), (turn.t("DMs"), policy.dm_hours)):
            if not table:
                lines.append(turn.t("⚠️ No hours for {kind}: none are posted.", kind=kind))
        lines.append(_now(turn, policy.mention_hours, zone))
    lines.append(
        turn.t("Time zone: {zone}, where it is {time}", zone=policy.zone, time=f"{turn.now.astimezone(zone):%H:%M}")
    )
    lines.append(turn.t("Type: /hours mon-fri 6:00-22:00, sat 8-14 · /hours dms 24h"))
    key = channel.id
    waits = policy.outside is Outside.WAIT
    rows: Rows = [
        *switches.rows(turn, channel, policy, rule_words.HOURS),
        [
            (("● " if waits else "") + turn.t("Outside: wait"), f"outside:{key}:wait"),
            (("● " if not waits else "") + turn.t("Outside: discard"), f"outside:{key}:discard"),
        ],
        [(turn.t("📅 Mentions"), f"week:{key}:mention"), (turn.t("📅 DMs"), f"week:{key}:dm")],
        [(turn.t("🌍 Time zone"), f"zone:{key}"), (turn.t("« Rules"), f"rules:{key}")],
    ]
    if (turn.dialogue.get("hours") or {}).get("channel") == channel.id:
        rows.insert(3, [(turn.t("↩️ Undo"), f"hoursundo:{key}")])
    await turn.answer("\n".join(lines), rows)


async def set_outside(turn: Turn, channel: Channel, outside: str) -> None:
    _choose(turn, channel, outside=Outside(outside).value)
    await show(turn, channel)


async def week(turn: Turn, channel: Channel, kind: str) -> None:
    """Seven days by four parts of the day; a tap opens or closes one."""
    policy = choices.choices(channel).policy
    table = policy.hours(MessageKind(kind))
    key = f"{channel.id}:{kind}"
    names = turn.day_names()
    rows: Rows = [[("·", f"week:{key}"), *((f"{h}-{h + 6}", f"column:{key}:{h // 6}") for h in PARTS)]]
    for day, name in enumerate(names):
        cells = [(_cell(table, day, part), f"cell:{key}:{day * 4 + part}") for part in range(4)]
        rows.append([(name, f"day:{key}:{day}"), *cells])
    rows.append([(turn.t("All"), f"fill:{key}:all"), (turn.t("None"), f"fill:{key}:none")])
    rows.append([(turn.t("« Hours"), f"hours:{channel.id}")])
    what = turn.t("mentions") if kind == "mention" else turn.t("DMs")
    text = turn.t(
        "📅 <b>{channel}</b>: hours for {kind}\n{hours}\nTap a part of a day, a day, or a column. ✅ open, ▫️ closed, ◐"
        " partly. To the minute, type: /hours {word} mon-fri 6:30-22:00",
        channel=channel,
        kind=what,
        hours=_written(turn, table),
        word="mentions" if kind == "mention" else "dms",
    )
    await turn.answer(text, rows)


async def tap(turn: Turn, channel: Channel, kind: str, spans: list[tuple[int, int]]) -> None:
    """Open these stretches, or close them where all are open."""
    table = choices.choices(channel).policy.hours(MessageKind(kind))
    all_open = all(table.share(*span) == 1 for span in spans)
    for span in spans:
        table = table.without_span(*span) if all_open else table.with_span(*span)
    _keep(turn, channel)
    _choose(turn, channel, hours_on=True, **{COLUMN[kind]: table})
    await week(turn, Channel.get_by_id(channel.id), kind)


def cell(number: int) -> list[tuple[int, int]]:
    """The stretch of a tapped cell, 0 (Monday night) to 27. Raises ValueError."""
    if not 0 <= number < 28:
        raise ValueError(number)
    return [(number * PART, (number + 1) * PART)]


def day(number: int) -> list[tuple[int, int]]:
    """A whole day. Raises ValueError."""
    if not 0 <= number < 7:
        raise ValueError(number)
    return [(number * DAY, (number + 1) * DAY)]


def column(number: int) -> list[tuple[int, int]]:
    """A part of every day. Raises ValueError."""
    if not 0 <= number < 4:
        raise ValueError(number)
    return [(d * DAY + number * PART, d * DAY + (number + 1) * PART) for d in range(7)]


async def fill(turn: Turn, channel: Channel, kind: str, how: str) -> None:
    table = timetable.ALWAYS if how == "all" else Timetable()
    _keep(turn, channel)
    _choose(turn, channel, hours_on=True, **{COLUMN[kind]: table})
    await week(turn, Channel.get_by_id(channel.id), kind)


async def undo(turn: Turn, channel: Channel) -> None:
    """The hours as they were before the last change."""
    kept = turn.dialogue.get("hours") or {}
    if kept.get("channel") != channel.id:
        raise Refusal(turn.t("There is nothing left to put back."))
    turn.remember()
    turn.person.dialogue = ""
    _choose(turn, channel, mention_hours=kept["mention"], dm_hours=kept["dm"], hours_on=kept["on"])
    await show(turn, Channel.get_by_id(channel.id))


# --- time zone -------------------------------------------------------------------------------------------------


async def zone(turn: Turn) -> None:
    """/zone CITY"""
    channel = turn.take_channel()
    if turn.arguments:
        await set_zone(turn, channel, turn.arguments)
        return
    await show_zones(turn, channel)


async def show_zones(turn: Turn, channel: Channel) -> None:
    current = choices.zone_of(channel.id).key
    buttons = [(("● " if z == current else "") + _city(z), f"setzone:{channel.id}:{z}") for z in ZONES]
    rows: Rows = [buttons[i : i + 2] for i in range(0, len(buttons), 2)]
    rows.append([(turn.t("« Hours"), f"hours:{channel.id}")])
    text = turn.t(
        "🌍 <b>Time zone of {channel}</b>: {zone}\nTap yours, or type a city: /zone Auckland · /zone Europe/Madrid",
        channel=channel,
        zone=current,
    )
    await turn.answer(text, rows)


async def set_zone(turn: Turn, channel: Channel, typed: str) -> None:
    found = zones_named(typed)
    if len(found) != 1:
        if found:
            raise Refusal(
                turn.t("“{typed}” could be {zones}. Type one of them: /zone {first}", typed=typed,
                       zones=", ".join(found[:6]), first=found[0])
            )  # fmt: skip
        raise Refusal(
            turn.t(
                "I know no time zone “{typed}”. Try a large city nearby: /zone Caracas · /zone Europe/Madrid",
                typed=typed,
            )
        )
    _choose(turn, channel, zone=found[0])
    await show(turn, Channel.get_by_id(channel.id))


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


def _choose(turn: Turn, channel: Channel, **values: object) -> None:
    choosing.choose(channel.id, turn.now, **values)
    stored.wake_waiting(channel.id, turn.now)


def _keep(turn: Turn, channel: Channel) -> None:
    """Remember the hours for Undo, as they were before the first of a row of changes."""
    if (turn.dialogue.get("hours") or {}).get("channel") == channel.id:
        return
    policy = choices.choices(channel).policy
    kept = {
        "channel": channel.id,
        "mention": policy.mention_hours.written(),
        "dm": policy.dm_hours.written(),
        "on": policy.on(HOURS_ON),
    }
    turn.remember(hours=kept)
    turn.reread()


def _written(turn: Turn, table: Timetable) -> str:
    if table == timetable.ALWAYS:
        return turn.t("at any hour")
    return table.written(turn.day_names()) or turn.t("none")


def _now(turn: Turn, table: Timetable, zone: ZoneInfo) -> str:
    opens = table.next_open(turn.now, zone)
    if opens is None:
        return ""
    if opens <= turn.now:
        return lamp(True) + " " + turn.t("Open right now for mentions.")
    return (
        lamp(False)
        + " "
        + turn.t("Closed right now for mentions; opens in {span}.", span=turn.lasting(_span(opens, turn.now)))
    )


def _span(later: datetime, now: datetime) -> timedelta:
    return max(later - now, timedelta(seconds=1))


def _cell(table: Timetable, day_: int, part: int) -> str:
    start = day_ * DAY + part * PART
    share = table.share(start, start + PART)
    return "✅" if share == 1 else "▫️" if share == 0 else "◐"


def _city(name: str) -> str:
    return name.rpartition("/")[2].replace("_", " ")
