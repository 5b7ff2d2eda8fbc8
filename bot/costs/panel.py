"""What it comes to: `/costs` of a channel, and of all for who runs the service: today, the month, its end."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.chat import doors
from bot.chat.handling import handles, handles_for_all
from bot.chat.keyboards import Button, Rows, in_rows
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.costs import words
from bot.costs.money import about, money
from engine.x import prices
from engine.x.prices import Billed
from models.accounts import admins, choices
from models.accounts.channels import Channel
from models.costs import ledger, months
from models.costs.ledger import SERVICE, Spent
from models.costs.months import DAY, WEEK, Month

ALL = ("all", "todos", "todo", "service", "servicio")
PRICES = ("prices", "price", "precios", "precio", "tarifas")
PICTURE = ("picture", "chart", "imagen", "grafico", "gráfico", "foto")
MOST_LINES, MOST_BUTTONS = 20, 8
LABELLED = 5  # each so-manyth day


@button
class Picture:
    """The month's days as bars."""

    word: ClassVar[str] = "costspic"
    channel: int


@button
class All:
    """All channels and the service itself, for who runs it."""

    word: ClassVar[str] = "costsall"


@button
class AllPicture:
    word: ClassVar[str] = "costsallpic"


@button
class Prices:
    """What X charges for each thing."""

    word: ClassVar[str] = "costsprices"


@button
class Mine:
    """What `/costs` shows."""

    word: ClassVar[str] = "costsmine"


async def command(turn: Turn) -> None:
    """/costs [@name] [picture|prices|all|all picture]"""
    said = turn.arguments.strip().lower()
    if said in PRICES:
        await _prices(turn)
    elif (both := set(said.split())) & set(ALL) and both & set(PICTURE) and both <= {*ALL, *PICTURE}:
        await _all_picture(turn)
    elif said in ALL or (not said and not turn.mine() and _runs_it(turn)):
        await _all(turn)
    else:
        channel = turn.take_channel()
        said = turn.arguments.strip().lower()
        if said in PICTURE:
            await _picture(turn, channel)
        elif said:
            raise Refusal(
                turn.t(
                    "{typed} is nothing that I can show of the costs. For example: /costs · /costs picture · /costs"
                    " prices",
                    typed=said_back(said),
                )
            )
        else:
            await show(turn, channel)


@handles_for_all(Mine)
async def _mine(turn: Turn, _button: Mine) -> None:
    turn.arguments = ""
    await command(turn)


# --- a channel's ---------------------------------------------------------------------------------------------


@handles(doors.Costs)
async def _opened(turn: Turn, channel: Channel, _button: doors.Costs) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """Today, this month, what it will have been by its end, and for what."""
    zone = choices.zone_of(channel.id)
    month = months.month(channel.id, zone, channel.created_at, turn.now)
    lines = [turn.t("💵 <b>Costs of {channel}</b>", channel=channel), *_sums(turn, month), *_kinds(turn, month)]
    rows: Rows = [[(turn.t("📊 Picture"), Picture(channel.id)), (turn.t("🧾 Prices"), Prices())]]
    others = [c for c in turn.mine() if c.id != channel.id]
    if others:
        of_each = {c.id: _this_month(turn, c) for c in others}
        total = month.spent + sum(of_each.values())
        lines += ["", turn.t("All your channels this month: ${cost}", cost=money(total))]
        dearest = sorted(others, key=lambda c: -of_each[c.id])[:MOST_BUTTONS]
        rows += in_rows([(f"{c} · ${money(of_each[c.id])}", doors.Costs(c.id)) for c in dearest], 2)
    if _runs_it(turn):
        rows.append([(turn.t("🌐 All channels"), All())])
    rows.append([(turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


@handles(Picture)
async def _picture_tapped(turn: Turn, channel: Channel, _button: Picture) -> None:
    await _picture(turn, channel)


async def _picture(turn: Turn, channel: Channel) -> None:
    zone = choices.zone_of(channel.id)
    month = months.month(channel.id, zone, channel.created_at, turn.now)
    rows: Rows = [[(turn.t("💵 Costs"), doors.Costs(channel.id))]]
    await _send(turn, str(channel), f"{channel.handle}-costs.png", month, zone, rows)


def _this_month(turn: Turn, channel: Channel) -> int:
    zone = choices.zone_of(channel.id)
    begins = months.midnight(turn.now.astimezone(zone).date().replace(day=1), zone)
    return ledger.spent(begins, turn.now, channel.id)


# --- the service's -------------------------------------------------------------------------------------------


@handles_for_all(All)
async def _all_opened(turn: Turn, _button: All) -> None:
    await _all(turn)


async def _all(turn: Turn) -> None:
    """The sums of all channels, by months of UTC; nothing of what they said."""
    _for_admins(turn)
    month = _month_of_all(turn)
    begins = months.midnight(month.first, ZoneInfo("UTC"))
    lines = [turn.t("💵 <b>Costs of the service</b>, by days of UTC"), *_sums(turn, month)]
    of_each = ledger.by_channel(begins, turn.now)
    if of_each:
        lines += ["", turn.t("<b>This month, by channel</b>"), *_by_channel(turn, of_each)]
    lines += _kinds(turn, month)
    rows: Rows = [[(turn.t("📊 Picture"), AllPicture()), (turn.t("🧾 Prices"), Prices())]]
    if turn.mine():
        rows.append([(turn.t("« Back"), Mine())])
    await turn.answer("\n".join(lines), rows)


def _by_channel(turn: Turn, of_each: Mapping[int, Spent]) -> list[str]:
    handles = {c.id: str(c) for c in Channel.select().where(Channel.id.in_(list(of_each)))}
    lines = []
    for channel_id, spent in list(of_each.items())[:MOST_LINES]:
        if channel_id == SERVICE:
            name = turn.t("the service itself")
        else:
            name = handles.get(channel_id) or turn.t("a channel that is no more")
        lines.append(turn.t("• {name}: ${cost}", name=name, cost=money(spent.cost)))
    if rest := list(of_each.values())[MOST_LINES:]:
        cost = money(sum(spent.cost for spent in rest))
        lines.append(
            turn.n("• {count} more channel: ${cost}", "• {count} more channels: ${cost}", len(rest), cost=cost)
        )
    return lines


@handles_for_all(AllPicture)
async def _all_pictured(turn: Turn, _button: AllPicture) -> None:
    await _all_picture(turn)


async def _all_picture(turn: Turn) -> None:
    _for_admins(turn)
    rows: Rows = [[(turn.t("💵 Costs"), All())]]
    title = turn.t("All channels")
    await _send(turn, title, "costs.png", _month_of_all(turn), ZoneInfo("UTC"), rows)


def _month_of_all(turn: Turn) -> Month:
    return months.month(None, ZoneInfo("UTC"), months.began() or turn.now, turn.now)


def _runs_it(turn: Turn) -> bool:
    return admins.is_admin(turn.person.telegram_id)


def _for_admins(turn: Turn) -> None:
    if not _runs_it(turn):
        raise Refusal(turn.t("The costs of all channels are shown to who runs the service. Yours: /costs"))


# --- what X charges ------------------------------------------------------------------------------------------


@handles_for_all(Prices)
async def _prices_opened(turn: Turn, _button: Prices) -> None:
    await _prices(turn)


async def _prices(turn: Turn) -> None:
    """What holds today, by what it is for."""
    of = {kind: prices.of(kind, turn.now) for kind in Billed}
    lines = [turn.t("🧾 <b>What X charges now</b>, for each")]
    for place, (name, _) in enumerate(words.GROUPS):
        lines += ["", f"<b>{turn.t(name)}</b>"]
        for kind in sorted((k for k in Billed if words.group_of(k) == place and of[k]), key=lambda k: -of[k]):
            lines.append(turn.t("• {kind}: ${cost}", kind=turn.t(words.NAMES[kind]), cost=money(of[kind])))
    lines += ["", turn.t("What X shows or brings it charges once a day for each, however often it comes.")]
    back: list[Button] = [(turn.t("💵 Costs"), Mine())]
    await turn.answer("\n".join(lines), [back])


# --- what is said of both --------------------------------------------------------------------------------------


def _sums(turn: Turn, month: Month) -> list[str]:
    lines = [
        turn.t("Today: ${today} · yesterday: ${yesterday}", today=money(month.today), yesterday=money(month.yesterday)),
        turn.t("{month}: ${cost} so far", month=_name(turn, month.first), cost=money(month.spent)),
        _forecast(turn, month),
    ]
    if month.before:
        earlier = _name(turn, month.first - DAY)
        lines.append(turn.t("{month}: ${cost}", month=earlier, cost=money(month.before)))
    return lines


def _forecast(turn: Turn, month: Month) -> str:
    cost = about(month.forecast)
    if month.span == WEEK:
        return turn.t("🔮 By its end: about ${cost}, at the pace of the last seven days", cost=cost)
    return turn.t(
        "🔮 By its end: about ${cost}, at the pace of the last {span}", cost=cost, span=turn.lasting(month.span)
    )


def _kinds(turn: Turn, month: Month) -> list[str]:
    found = words.by_kind(turn, month.kinds)
    if not found:
        return ["", turn.t("X has charged nothing this month yet.")]
    return ["", turn.t("<b>This month, by kind</b>"), *found]


def _name(turn: Turn, day: date) -> str:
    """`November`, `Noviembre`."""
    return str(format_date(day, "LLLL", locale=turn.language)).capitalize()


async def _send(turn: Turn, title: str, name: str, month: Month, zone: ZoneInfo, rows: Rows) -> None:
    from bot.costs import picture  # 10 MiB of drawing: only who draws pays for it

    spent, forecast = money(month.spent), about(month.forecast)
    under = turn.t("{month}: ${cost} so far, about ${forecast} by its end", month=_name(turn, month.first), cost=spent,
                   forecast=forecast)  # fmt: skip
    today = turn.now.astimezone(zone).date()
    left = months.midnight(month.last + DAY, zone) - turn.now
    a_day = round((month.forecast - month.spent) * (DAY / left))
    bars = []
    for number in range((month.last - month.first).days + 1):
        day = month.first + timedelta(days=number)
        parts: dict[int, int] = {}
        for kind, cost in month.days.get(day, {}).items():
            parts[words.group_of(kind)] = parts.get(words.group_of(kind), 0) + cost
        label = str(day.day) if day.day == 1 or day.day % LABELLED == 0 else ""
        bars.append(picture.Bar(label, parts, a_day if day >= today else 0))
    content = picture.month(title, under, [turn.t(name) for name, _ in words.GROUPS], bars)
    await turn.send_picture(content, name, f"💵 {under}", rows)
