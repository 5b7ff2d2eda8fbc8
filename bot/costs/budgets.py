"""What a channel may spend in a month, and the service in all: `/budget`, tapped and typed."""

import re
from typing import Any, ClassVar

from bot.chat import doors, undo
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Rows, dot
from bot.chat.moments import moment
from bot.chat.targets import button
from bot.chat.turn import Turn
from bot.costs import service, shown, spoken
from bot.costs.money import round_dollars
from bot.costs.spoken import ORDER
from engine import budgets as reckoning
from engine.budgets import MICROS, Pays
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.control import budgets
from models.costs import budgets as stored
from models.costs.budgets import NOBODY, Key
from models.publishing import billed
from tasks import bells

AMOUNTS = (5 * MICROS, 10 * MICROS, 30 * MICROS, 100 * MICROS)
SERVICES = re.compile(r"(?:service|servicio)\b\s*(.*)", re.DOTALL)


@button
class SetBudget:
    """So many micro-dollars a month; 0 is no limit."""

    word: ClassVar[str] = "budgetset"
    channel: int
    most: int


@button
class AskBudget:
    word: ClassVar[str] = "budgetask"
    channel: int


@button
class StopsFirst:
    """This stops before the others."""

    word: ClassVar[str] = "budgetfirst"
    channel: int
    pays: Pays


@button
class WaitForMonth:
    word: ClassVar[str] = "budgetwait"
    channel: int


@step
class TypeBudget:
    """Dollars a month are waited for."""

    word: ClassVar[str] = "budget"
    takes: ClassVar[Takes] = Takes.TEXT
    own: ClassVar[tuple[type[Any], ...]] = (SetBudget,)
    channel: int


async def command(turn: Turn) -> None:
    """/budget [DOLLARS|none|order …]; alone, its panel. /budget service …: of all channels, for who runs the service"""
    of_service = SERVICES.fullmatch(turn.arguments.strip().lower())
    if of_service is not None:
        await service.typed_for(turn, of_service[1].strip())
        return
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    if not typed:
        await show(turn, channel)
    elif (order := ORDER.fullmatch(typed.lower())) is not None:
        await _ordered(turn, channel, spoken.order_of(turn, order[1], turn.t("/budget order links, reposts, hearing")))
    else:
        await _set(turn, channel, spoken.amount(turn, typed, turn.t("/budget 30")))


# --- a channel's -------------------------------------------------------------------------------------------


@handles(doors.Budget)
async def _opened(turn: Turn, channel: Channel, target: doors.Budget) -> None:
    await show(turn, channel, target.undo)


@handles(SetBudget)
async def _tapped(turn: Turn, channel: Channel, target: SetBudget) -> None:
    turn.end_step()
    if target.most and not reckoning.LEAST <= target.most <= reckoning.MOST:
        raise spoken.no_amount(turn, str(target.most), turn.t("/budget 30"))
    await _set(turn, channel, target.most or None)


@handles(AskBudget)
async def _asked(turn: Turn, channel: Channel, _target: AskBudget) -> None:
    text = turn.t(
        "💰 How many dollars may {channel} cost in a month at most? For example: 25 · 7.50\n/cancel to leave.",
        channel=channel,
    )
    await turn.ask(TypeBudget(channel.id), text)


@answers(TypeBudget)
async def _typed(turn: Turn, channel: Channel, _step: TypeBudget) -> None:
    most = spoken.amount(turn, turn.arguments, "25")
    turn.end_step()
    await _set(turn, channel, most)


@handles(StopsFirst)
async def _first(turn: Turn, channel: Channel, target: StopsFirst) -> None:
    row = stored.of((channel.id, NOBODY))
    await _ordered(turn, channel, spoken.put_first(row, target.pays))


@handles(WaitForMonth)
async def _waits(turn: Turn, channel: Channel, _target: WaitForMonth) -> None:
    def waits() -> bool:
        if not budgets.wait((channel.id, NOBODY)):
            return False
        undo.noted(turn, channel, Did.BUDGET)
        return True

    turn.once("waits", bool, waits)
    await show(turn, channel)


async def _set(turn: Turn, channel: Channel, most: int | None) -> None:
    key: Key = (channel.id, NOBODY)

    def store() -> int:
        undo_id = undo.keep(turn, channel, doors.Budget(channel.id), budgets.before(channel.id))
        budgets.set_most(key, most, turn.now)
        return undo_id

    await _changed(turn, channel, turn.once("budget", int, store))


async def _ordered(turn: Turn, channel: Channel, order: tuple[Pays, ...]) -> None:
    def store() -> int:
        undo_id = undo.keep(turn, channel, doors.Budget(channel.id), budgets.before(channel.id))
        budgets.set_order((channel.id, NOBODY), order, turn.now)
        return undo_id

    await _changed(turn, channel, turn.once("budget order", int, store))


async def _changed(turn: Turn, channel: Channel, undo_id: int) -> None:
    budgets.hear(turn.now)
    bells.ring_subscriptions()
    await show(turn, channel, undo_id)


async def show(turn: Turn, channel: Channel, undo_id: int = 0) -> None:
    """What it is, what is used, what stops first."""
    key: Key = (channel.id, NOBODY)
    row = stored.of(key) or budgets.none_yet(key, turn.now)
    month = budgets.month_of(key, turn.now)
    zone = choices.zone_of(channel.id)
    ends = moment(turn, month.ends.astimezone(zone))
    above = spoken.above(turn, channel)
    used = spoken.used_of(turn, row, ends, under_others=bool(above))
    lines = [turn.t("💰 <b>Budget of {channel}</b>", channel=channel), used, *above]
    lines += spoken.stands(turn, row, ends, billed.waiting(channel.id))
    lines += [spoken.order_said(turn, row), spoken.told(turn)]
    lines.append(turn.t("Type other amounts: /budget 25 · /budget none"))
    rows: Rows = [
        [undo.undo_button(turn, channel, undo_id)] if undo_id else [],
        [(dot(row.most == a) + f"${round_dollars(a)}", SetBudget(channel.id, a)) for a in AMOUNTS],
        [
            (dot(row.most is not None and row.most not in AMOUNTS) + turn.t("✏️ Other"), AskBudget(channel.id)),
            (dot(row.most is None) + turn.t("No limit"), SetBudget(channel.id, 0)),
        ],
        [(f"{n}. {turn.t(shown.SHORT[p])}", StopsFirst(channel.id, p)) for n, p in enumerate(row.order[:-1], 1)],
        [(turn.t("⏳ Wait for the next month"), WaitForMonth(channel.id))] if row.gone and not row.waits else [],
        [(turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n\n".join(lines), rows)
