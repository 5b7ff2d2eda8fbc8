"""The app's credits at X, for who runs the service: `/credits`."""

from typing import ClassVar

from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows
from bot.chat.moments import moment
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.costs import shown
from bot.costs.budgets import NO_LIMIT, ServiceBudget
from engine import budgets as reckoning
from engine.budgets import MICROS, NoMoney
from models.accounts import admins
from models.control import credits

AMOUNTS = (10 * MICROS, 25 * MICROS, 50 * MICROS, 100 * MICROS)


@button
class Credits:
    word: ClassVar[str] = "credits"


@button
class SetCredits:
    """So many micro-dollars are there now; 0: nobody knows."""

    word: ClassVar[str] = "creditsset"
    most: int


async def command(turn: Turn) -> None:
    """/credits [DOLLARS that there are|none]; alone, how many are left"""
    _for_admins(turn)
    typed = turn.arguments.strip()
    if typed:
        credits.there_are(_amount(turn, typed), turn.now)
    await show(turn)


@handles_for_all(Credits)
async def _opened(turn: Turn, _target: Credits) -> None:
    _for_admins(turn)
    await show(turn)


@handles_for_all(SetCredits)
async def _tapped(turn: Turn, target: SetCredits) -> None:
    _for_admins(turn)
    if not 0 <= target.most <= reckoning.MOST:
        raise _no_amount(turn, str(target.most))
    credits.there_are(target.most or None, turn.now)
    await show(turn)


async def show(turn: Turn) -> None:
    """What is left, and for how long."""
    found = credits.left(turn.now)
    lines = [turn.t("🔋 <b>Credits of the app at X</b>")]
    if found is None:
        lines.append(
            turn.t(
                "X does not say how many there are until there are none. Tell me what X's developer console shows now,"
                " and I reckon from there, and tell you before they are gone: /credits 50"
            )
        )
    else:
        lines.append(
            turn.t("About ${left} are left, by what was spent since you said so.", left=shown.left(found.left))
        )
        lines.append(_lasts(turn, found))
        lines.append(turn.t("Bought some? Type what the console shows then: /credits 50 · /credits none"))
    rows: Rows = [
        [(f"${shown.round_dollars(a)}", SetCredits(a)) for a in AMOUNTS],
        [(turn.t("I don't know"), SetCredits(0)), (turn.t("💰 Budget"), ServiceBudget())],
    ]
    await turn.answer("\n\n".join(lines), rows)


def _lasts(turn: Turn, found: credits.Left) -> str:
    if found.a_day <= 0:
        return turn.t("Nothing was spent in the last week.")
    until = moment(turn, turn.now + min(found.days, 3650) * credits.DAY)
    return turn.n(
        "A day costs ${day} lately, so they last {count} day, until about {until} (UTC).",
        "A day costs ${day} lately, so they last {count} days, until about {until} (UTC).",
        found.days,
        day=shown.dollars(found.a_day),
        until=until,
    )


def _amount(turn: Turn, typed: str) -> int | None:
    if NO_LIMIT.fullmatch(typed.lower()):
        return None
    try:
        return reckoning.money_of(typed)
    except NoMoney:
        raise _no_amount(turn, typed) from None


def _no_amount(turn: Turn, typed: str) -> Refusal:
    return Refusal(
        turn.t(
            "{typed} is no amount of dollars, from 0.01 to 100,000. For example: /credits 50", typed=said_back(typed)
        )
    )


def _for_admins(turn: Turn) -> None:
    if not admins.is_admin(turn.person.telegram_id):
        raise Refusal(turn.t("That is for who runs the service."))
