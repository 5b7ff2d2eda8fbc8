"""What the service may spend in a month, for who runs it: `/budget service`, tapped and typed."""

from typing import ClassVar

from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows, dot
from bot.chat.moments import moment
from bot.chat.targets import Target, button, pack, unpack
from bot.chat.turn import Turn
from bot.costs import shown, spoken
from bot.costs.money import round_dollars
from bot.costs.spoken import ORDER, for_who_runs_it
from engine import budgets as reckoning
from engine.budgets import MICROS, Pays
from models.control import budgets
from models.costs import budgets as stored
from models.costs.budgets import SERVICE
from tasks import bells

OF_SERVICE = (50 * MICROS, 200 * MICROS, 500 * MICROS, 2000 * MICROS)


@button
class ServiceBudget:
    word: ClassVar[str] = "sbudget"


@button
class SetServiceBudget:
    word: ClassVar[str] = "sbudgetset"
    most: int


@button
class ServiceStopsFirst:
    word: ClassVar[str] = "sbudgetfirst"
    pays: Pays


@button
class ServiceBefore:
    """The service's budget as it was before a change: so many micro-dollars, and what stopped first and second."""

    word: ClassVar[str] = "sbudgetback"
    most: int
    first: Pays
    second: Pays


@button
class ServiceWaits:
    word: ClassVar[str] = "sbudgetwait"


async def typed_for(turn: Turn, typed: str) -> None:
    """`/budget service` and what stands after it."""
    for_who_runs_it(turn)
    order = ORDER.fullmatch(typed)
    if order is not None:
        await _order_service(
            turn, spoken.order_of(turn, order[1], turn.t("/budget service order links, reposts, hearing"))
        )
    elif typed:
        await _set_service(turn, spoken.amount(turn, typed, turn.t("/budget service 200")))
    else:
        await _show_service(turn)


@handles_for_all(ServiceBudget)
async def _service_opened(turn: Turn, _target: ServiceBudget) -> None:
    for_who_runs_it(turn)
    await _show_service(turn)


@handles_for_all(SetServiceBudget)
async def _service_tapped(turn: Turn, target: SetServiceBudget) -> None:
    for_who_runs_it(turn)
    await _set_service(turn, _tapped_amount(turn, target.most))


@handles_for_all(ServiceStopsFirst)
async def _service_first(turn: Turn, target: ServiceStopsFirst) -> None:
    for_who_runs_it(turn)
    await _order_service(turn, spoken.put_first(stored.of(SERVICE), target.pays))


@handles_for_all(ServiceBefore)
async def _service_back(turn: Turn, target: ServiceBefore) -> None:
    """What was, comes back, as often as it is tapped."""
    for_who_runs_it(turn)
    most = _tapped_amount(turn, target.most)
    budgets.set_most(SERVICE, most, turn.now)
    budgets.set_order(SERVICE, reckoning.order_of(f"{target.first},{target.second}")[:-1], turn.now)
    turn.note = turn.t("↩️ It is as it was.")
    await _service_changed(turn)


@handles_for_all(ServiceWaits)
async def _service_waits(turn: Turn, _target: ServiceWaits) -> None:
    for_who_runs_it(turn)
    budgets.wait(SERVICE)
    await _show_service(turn)


def _tapped_amount(turn: Turn, most: int) -> int | None:
    """Raises Refusal."""
    if most and not reckoning.LEAST <= most <= reckoning.MOST:
        raise spoken.no_amount(turn, str(most), turn.t("/budget service 200"))
    return most or None


async def _set_service(turn: Turn, most: int | None) -> None:
    def store() -> str:
        was = _service_now(turn)
        budgets.set_most(SERVICE, most, turn.now)
        return was

    await _service_changed(turn, turn.once("service budget", str, store))


async def _order_service(turn: Turn, order: tuple[Pays, ...]) -> None:
    def store() -> str:
        was = _service_now(turn)
        budgets.set_order(SERVICE, order, turn.now)
        return was

    await _service_changed(turn, turn.once("service budget order", str, store))


def _service_now(turn: Turn) -> str:
    """The data of the button that brings back what is so now."""
    row = stored.of(SERVICE) or budgets.none_yet(SERVICE, turn.now)
    return pack(ServiceBefore(row.most or 0, row.order[0], row.order[1]))


async def _service_changed(turn: Turn, was: str = "") -> None:
    budgets.hear(turn.now)
    bells.ring_subscriptions()
    await _show_service(turn, unpack(was) if was else None)


async def _show_service(turn: Turn, was: Target | None = None) -> None:
    row = stored.of(SERVICE) or budgets.none_yet(SERVICE, turn.now)
    ends = moment(turn, budgets.month_of(SERVICE, turn.now).ends)
    lines = [
        turn.t("💰 <b>Budget of the service</b>\nFor all channels together, by months of UTC."),
        spoken.used_of(turn, row, ends),
    ]
    lines += [*spoken.stands(turn, row, ends, 0), spoken.order_said(turn, row), spoken.told(turn)]
    lines.append(turn.t("Type other amounts: /budget service 250 · /budget service none"))
    rows: Rows = [
        [(turn.t("↩️ Undo"), was)] if was is not None else [],
        [(dot(row.most == a) + f"${round_dollars(a)}", SetServiceBudget(a)) for a in OF_SERVICE],
        [(dot(row.most is None) + turn.t("No limit"), SetServiceBudget(0))],
        [(f"{n}. {turn.t(shown.SHORT[p])}", ServiceStopsFirst(p)) for n, p in enumerate(row.order[:-1], 1)],
        [(turn.t("⏳ Wait for the next month"), ServiceWaits())] if row.gone and not row.waits else [],
    ]
    await turn.answer("\n\n".join(lines), rows)
