"""What a channel may spend in a month, and the service in all: `/budget`, tapped and typed."""

import re
from typing import Any, ClassVar

from bot.chat import doors, undo
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles, handles_for_all
from bot.chat.keyboards import Rows, dot
from bot.chat.moments import moment
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.costs import shown
from engine import budgets as reckoning
from engine.budgets import FIRST_STOPPED, MICROS, NoMoney, Pays
from models.accounts import admins, choices
from models.accounts.channels import Channel
from models.control import budgets
from models.costs import budgets as stored
from models.costs.budgets import NOBODY, SERVICE, Budget, Key
from models.publishing import billed
from tasks import bells

AMOUNTS = (5 * MICROS, 10 * MICROS, 30 * MICROS, 100 * MICROS)
OF_SERVICE = (50 * MICROS, 200 * MICROS, 500 * MICROS, 2000 * MICROS)
NO_LIMIT = re.compile(r"no(?:ne|ne at all| limit)?|off|sin(?: l[ií]mite)?|ningun[oa]?|nada|unlimited|ilimitado|quitar")
ORDER = re.compile(r"(?:order|orden)\b[:\s]*(.*)", re.DOTALL)
SERVICES = re.compile(r"(?:service|servicio)\b\s*(.*)", re.DOTALL)
CALLED = {
    Pays.LINKS: re.compile(r"(?:🔗\s*)?(?:copies with )?links?|(?:copias con )?enlaces?"),
    Pays.REPOSTS: re.compile(r"(?:🔁\s*)?reposts?|copies|copias|republicar|republicaciones|retweets?|retuits?"),
    Pays.HEARING: re.compile(r"(?:👂\s*)?hearing|hear|o[ií]r|escuchar?|escucha|menciones|mentions"),
}


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
class ServiceWaits:
    word: ClassVar[str] = "sbudgetwait"


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
    if of_service is not None and admins.is_admin(turn.person.telegram_id):
        await _of_service(turn, of_service[1].strip())
        return
    channel = turn.take_channel()
    typed = turn.arguments.strip()
    if not typed:
        await show(turn, channel)
    elif (order := ORDER.fullmatch(typed.lower())) is not None:
        await _ordered(turn, channel, _order(turn, order[1], turn.t("/budget order links, reposts, hearing")))
    else:
        await _set(turn, channel, _amount(turn, typed, turn.t("/budget 30")))


# --- a channel's -------------------------------------------------------------------------------------------


@handles(doors.Budget)
async def _opened(turn: Turn, channel: Channel, target: doors.Budget) -> None:
    await show(turn, channel, target.undo)


@handles(SetBudget)
async def _tapped(turn: Turn, channel: Channel, target: SetBudget) -> None:
    turn.end_step()
    if target.most and not reckoning.LEAST <= target.most <= reckoning.MOST:
        raise _no_amount(turn, str(target.most), turn.t("/budget 30"))
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
    most = _amount(turn, turn.arguments, "25")
    turn.end_step()
    await _set(turn, channel, most)


@handles(StopsFirst)
async def _first(turn: Turn, channel: Channel, target: StopsFirst) -> None:
    row = stored.of((channel.id, NOBODY))
    await _ordered(turn, channel, _put_first(row, target.pays))


@handles(WaitForMonth)
async def _waits(turn: Turn, channel: Channel, _target: WaitForMonth) -> None:
    budgets.wait((channel.id, NOBODY))
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
    lines = [turn.t("💰 <b>Budget of {channel}</b>", channel=channel), _used(turn, row, ends)]
    lines += _stands(turn, row, ends, billed.waiting(channel.id))
    lines += [_order_said(turn, row), _told(turn)]
    lines.append(turn.t("Type other amounts: /budget 25 · /budget none"))
    rows: Rows = [
        [undo.undo_button(turn, channel, undo_id)] if undo_id else [],
        [(dot(row.most == a) + f"${shown.round_dollars(a)}", SetBudget(channel.id, a)) for a in AMOUNTS],
        [
            (dot(row.most is not None and row.most not in AMOUNTS) + turn.t("✏️ Other"), AskBudget(channel.id)),
            (dot(row.most is None) + turn.t("No limit"), SetBudget(channel.id, 0)),
        ],
        [(f"{n}. {turn.t(shown.SHORT[p])}", StopsFirst(channel.id, p)) for n, p in enumerate(row.order[:-1], 1)],
        [(turn.t("⏳ Wait for the next month"), WaitForMonth(channel.id))] if row.gone and not row.waits else [],
        [(turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n\n".join(lines), rows)


# --- the service's -------------------------------------------------------------------------------------------


async def _of_service(turn: Turn, typed: str) -> None:
    order = ORDER.fullmatch(typed)
    if order is not None:
        budgets.set_order(
            SERVICE, _order(turn, order[1], turn.t("/budget service order links, reposts, hearing")), turn.now
        )
    elif typed:
        budgets.set_most(SERVICE, _amount(turn, typed, turn.t("/budget service 200")), turn.now)
    await _show_service(turn, changed=bool(typed))


@handles_for_all(ServiceBudget)
async def _service_opened(turn: Turn, _target: ServiceBudget) -> None:
    _for_admins(turn)
    await _show_service(turn)


@handles_for_all(SetServiceBudget)
async def _service_tapped(turn: Turn, target: SetServiceBudget) -> None:
    _for_admins(turn)
    if target.most and not reckoning.LEAST <= target.most <= reckoning.MOST:
        raise _no_amount(turn, str(target.most), turn.t("/budget service 200"))
    budgets.set_most(SERVICE, target.most or None, turn.now)
    await _show_service(turn, changed=True)


@handles_for_all(ServiceStopsFirst)
async def _service_first(turn: Turn, target: ServiceStopsFirst) -> None:
    _for_admins(turn)
    budgets.set_order(SERVICE, _put_first(stored.of(SERVICE), target.pays), turn.now)
    await _show_service(turn, changed=True)


@handles_for_all(ServiceWaits)
async def _service_waits(turn: Turn, _target: ServiceWaits) -> None:
    _for_admins(turn)
    budgets.wait(SERVICE)
    await _show_service(turn)


async def _show_service(turn: Turn, *, changed: bool = False) -> None:
    if changed:
        budgets.hear(turn.now)
        bells.ring_subscriptions()
    row = stored.of(SERVICE) or budgets.none_yet(SERVICE, turn.now)
    ends = moment(turn, budgets.month_of(SERVICE, turn.now).ends)
    lines = [
        turn.t("💰 <b>Budget of the service</b>\nFor all channels together, by months of UTC."),
        _used(turn, row, ends),
    ]
    lines += [*_stands(turn, row, ends, 0), _order_said(turn, row), _told(turn)]
    lines.append(turn.t("Type other amounts: /budget service 250 · /budget service none"))
    rows: Rows = [
        [(dot(row.most == a) + f"${shown.round_dollars(a)}", SetServiceBudget(a)) for a in OF_SERVICE],
        [(dot(row.most is None) + turn.t("No limit"), SetServiceBudget(0))],
        [(f"{n}. {turn.t(shown.SHORT[p])}", ServiceStopsFirst(p)) for n, p in enumerate(row.order[:-1], 1)],
        [(turn.t("⏳ Wait for the next month"), ServiceWaits())] if row.gone and not row.waits else [],
    ]
    await turn.answer("\n\n".join(lines), rows)


def _for_admins(turn: Turn) -> None:
    if not admins.is_admin(turn.person.telegram_id):
        raise Refusal(turn.t("That is for who runs the service."))


# --- what is said of both --------------------------------------------------------------------------------------


def _used(turn: Turn, row: Budget, ends: str) -> str:
    used = stored.used(row, turn.now)
    spent = shown.dollars(used.spent)
    if row.most is None:
        return turn.t("This month, until {ends}: ${spent}. There is no limit.", ends=ends, spent=spent)
    return turn.t(
        "This month, until {ends}: ${spent} of ${most}, {percent} %.",
        ends=ends,
        spent=spent,
        most=shown.round_dollars(row.most),
        percent=used.spent * 100 // row.most,
    )


def _stands(turn: Turn, row: Budget, ends: str, waits: int) -> list[str]:
    lines = []
    if row.most is not None and (kept := row.kept.get(Pays.PLANNED, 0)):
        lines.append(turn.t("Kept for what is planned until then: ${kept}.", kept=shown.dollars(kept)))
    if row.gone:
        stopped = shown.listed(turn, (p for p in row.order if p in row.gone))
        lines.append(turn.t("⏸ Stopped until {ends}, or until you raise it: {stopped}.", ends=ends, stopped=stopped))
    if waits:
        lines.append(turn.n("{count} post waits for money.", "{count} posts wait for money.", waits))
    if row.waits:
        lines.append(turn.t("⏳ You wait for the next month."))
    return lines


def _order_said(turn: Turn, row: Budget) -> str:
    return turn.t(
        "What stops first when it is nearly used up: {order}. Tap what shall stop before the others. Taking something"
        " back is never stopped.",
        order=shown.listed(turn, row.order),
    )


def _told(turn: Turn) -> str:
    return turn.t("You are told at 50, 80 and 100 %, and of each thing that stops.")


# --- what was typed ------------------------------------------------------------------------------------------


def _amount(turn: Turn, typed: str, example: str) -> int | None:
    """Micro-dollars; None for no limit. Raises Refusal."""
    if NO_LIMIT.fullmatch(typed.strip().lower()):
        return None
    try:
        return reckoning.money_of(typed)
    except NoMoney:
        raise _no_amount(turn, typed, example) from None


def _no_amount(turn: Turn, typed: str, example: str) -> Refusal:
    return Refusal(
        turn.t(
            "{typed} is no amount of dollars a month, from 0.01 to 100,000. For example: {example}",
            typed=said_back(typed),
            example=example,
        )
    )


def _order(turn: Turn, typed: str, example: str) -> tuple[Pays, ...]:
    """Raises Refusal."""
    found = []
    for word in re.split(r"[,;>\n]|\s+(?:y|e|and)\s+", typed):
        if not (said := word.strip()):
            continue
        pays = next((p for p, called in CALLED.items() if called.fullmatch(said)), None)
        if pays is None:
            raise Refusal(
                turn.t(
                    "{typed} is not one of: links, reposts, hearing. For example: {example}",
                    typed=said_back(said),
                    example=example,
                )
            )
        found.append(pays)
    if not found:
        raise Refusal(turn.t("What shall stop first? For example: {example}", example=example))
    return reckoning.order_of(",".join(found))[:-1]


def _put_first(row: Budget | None, pays: Pays) -> tuple[Pays, ...]:
    if pays not in FIRST_STOPPED:
        pays = FIRST_STOPPED[0]
    order = row.order if row is not None else reckoning.order_of("")
    return (pays, *(p for p in order if p not in (pays, Pays.PLANNED)))
