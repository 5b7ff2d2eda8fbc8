"""The app's credits at X, for who runs the service: `/credits`."""

from datetime import timedelta
from typing import ClassVar

from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows
from bot.chat.moments import moment
from bot.chat.targets import Target, button, pack, unpack
from bot.chat.turn import Refusal, Turn, said_back
from bot.costs.money import dollars, round_dollars, that_is_left
from bot.costs.service import ServiceBudget
from bot.costs.spoken import NO_LIMIT, for_who_runs_it
from engine import budgets as reckoning
from engine.budgets import MICROS, NoMoney
from models.control import credits
from models.database import EPOCH

AMOUNTS = (10 * MICROS, 25 * MICROS, 50 * MICROS, 100 * MICROS)


@button
class Credits:
    word: ClassVar[str] = "credits"


@button
class SetCredits:
    """So many micro-dollars are there now; 0: nobody knows."""

    word: ClassVar[str] = "creditsset"
    most: int


@button
class CreditsBefore:
    """What was said before: micro-dollars, seconds since 1970 (0: nobody knew), and whether few left were told of."""

    word: ClassVar[str] = "creditsback"
    most: int
    at: int
    told: bool


async def command(turn: Turn) -> None:
    """/credits [DOLLARS that there are|none]; alone, how many are left"""
    for_who_runs_it(turn)
    typed = turn.arguments.strip()
    if typed:
        await _set(turn, _amount(turn, typed))
    else:
        await show(turn)


@handles_for_all(Credits)
async def _opened(turn: Turn, _target: Credits) -> None:
    for_who_runs_it(turn)
    await show(turn)


@handles_for_all(SetCredits)
async def _tapped(turn: Turn, target: SetCredits) -> None:
    for_who_runs_it(turn)
    if not 0 <= target.most <= reckoning.MOST:
        raise _no_amount(turn, str(target.most))
    await _set(turn, target.most or None)


@handles_for_all(CreditsBefore)
async def _back(turn: Turn, target: CreditsBefore) -> None:
    for_who_runs_it(turn)
    if not (0 <= target.most <= 2 * reckoning.MOST and 0 <= target.at <= turn.now.timestamp()):
        raise _no_amount(turn, str(target.most))
    at = EPOCH + timedelta(seconds=target.at)
    credits.restore(credits.Before(target.most, at, target.told) if target.at else None, turn.now)
    turn.note = turn.t("↩️ It is as it was.")
    await show(turn)


async def _set(turn: Turn, micros: int | None) -> None:
    def store() -> str:
        was = credits.before()
        credits.there_are(micros, turn.now)
        seconds = int(was.looked_at.timestamp()) if was is not None else 0
        return pack(CreditsBefore(was.there_were if was else 0, seconds, was.told if was else False))

    await show(turn, unpack(turn.once("credits", str, store)))


async def show(turn: Turn, was: Target | None = None) -> None:
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
            turn.t("None are left, X says: nothing is posted and nothing is heard until some are bought.")
            if found.left <= 0 and credits.are_gone()
            else turn.t("About ${left} are left, by what was spent since you said so.", left=that_is_left(found.left))
        )
        lines.append(_lasts(turn, found))
        lines.append(turn.t("Bought some? Type what the console shows then: /credits 50 · /credits none"))
    rows: Rows = [
        [(turn.t("↩️ Undo"), was)] if was is not None else [],
        [(f"${round_dollars(a)}", SetCredits(a)) for a in AMOUNTS],
        [(turn.t("I don't know"), SetCredits(0)), (turn.t("💰 Budget"), ServiceBudget())],
    ]
    await turn.answer("\n\n".join(lines), rows)


def _lasts(turn: Turn, found: credits.Left) -> str:
    if found.a_day <= 0:
        return turn.t("Nothing was spent in the last week.")
    if found.days == 0:
        return turn.t("That is not enough for a day: one costs ${day} lately.", day=dollars(found.a_day))
    until = moment(turn, turn.now + min(found.days, 3650) * credits.DAY)
    return turn.n(
        "A day costs ${day} lately, so they last {count} day, until about {until} (UTC).",
        "A day costs ${day} lately, so they last {count} days, until about {until} (UTC).",
        found.days,
        day=dollars(found.a_day),
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
