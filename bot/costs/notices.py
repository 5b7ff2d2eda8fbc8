"""What is told of budgets and credits."""

from bot.chat import doors
from bot.chat.door import ways
from bot.chat.keyboards import Rows
from bot.chat.language import Speaker
from bot.chat.moments import moment
from bot.costs import shown
from bot.costs.budgets import SetBudget, WaitForMonth
from bot.costs.money import dollars, round_dollars, that_is_left
from bot.costs.service import ServiceBudget, ServiceWaits, SetServiceBudget
from bot.notifications.drawing import About, Drawn, draws
from engine import budgets as reckoning
from engine.budgets import CENTS, MICROS, Pays
from models.accounts import admins, choices
from models.costs import budgets as stored
from models.costs.budgets import NOBODY, SERVICE, Key
from models.notifications.kinds_of_budgets import BudgetGoesOn, BudgetUsed, CreditsLow, OfBudget

NEARLY = 5  # percent


@draws(BudgetUsed)
def budget_used(say: Speaker, notice: BudgetUsed, about: About) -> Drawn:
    """A step, and what has stopped with it, with the ways on: raise it, or wait."""
    ends = _ends(say, notice, about)
    lines = [_head(say, notice, about)]
    stopped = [Pays(name) for name in notice.stopped if name in set(Pays)]
    if stopped:
        lines.append(
            say.t(
                "⏸ Stopped for want of money, until it is raised or {ends}: {stopped}.",
                ends=ends,
                stopped=shown.listed(say, stopped),
            )
        )
        goes_on = [p for p in _order(notice, about) if p not in stopped and p not in _gone(notice, about)]
        if goes_on:
            lines.append(say.t("It goes on with: {goes_on}.", goes_on=shown.listed(say, goes_on)))
        if Pays.HEARING in stopped:
            lines.append(say.t("What is written meanwhile is not read later either: that would cost what is saved."))
    return "\n".join(lines), _ways_on(say, notice, about, ends)


@draws(BudgetGoesOn)
def budget_goes_on(say: Speaker, notice: BudgetGoesOn, about: About) -> Drawn:
    most = round_dollars(notice.most)
    if about.of is not None:
        if notice.kinds:
            kinds = shown.listed(say, [Pays(name) for name in notice.kinds if name in set(Pays)])
            text = say.t("▶️ There is money again at {channel} for: {kinds}.", channel=about.of, kinds=kinds)
            return text, [[(say.t("💰 Budget"), doors.Budget(about.of.id))]]
        text = say.t("▶️ A new month: {channel} goes on, with ${most} until {ends}.", channel=about.of, most=most,
                     ends=_ends(say, notice, about))  # fmt: skip
        return text, [[(say.t("💰 Budget"), doors.Budget(about.of.id))]]
    if notice.person and notice.person == about.person_id:
        return say.t("▶️ Your channels go on: they may cost ${most} a month.", most=most), []
    if not admins.is_admin(about.person_id) and not notice.person:
        return say.t("▶️ The service has money again, and what had stopped goes on."), []
    return say.t("▶️ There is money again, and what had stopped goes on: ${most} this month.", most=most), []


@draws(CreditsLow)
def credits_low(say: Speaker, notice: CreditsLow, about: About) -> Drawn:
    left = that_is_left(notice.left)
    if notice.days:
        text = say.n(
            "🔋 The app's credits at X are running low: about ${left} are left, enough for {count} day as it goes.",
            "🔋 The app's credits at X are running low: about ${left} are left, enough for {count} days as it goes.",
            notice.days,
            left=left,
        )
    else:
        text = say.t(
            "🔋 The app's credits at X are nearly gone: about ${left} are left, not enough for a day.", left=left
        )
    more = say.t(
        "Buy some in X's developer console before they are gone: at zero X takes nothing and brings nothing. Then tell"
        " me how many there are: /credits 50"
    )
    return f"{text}\n{more}", []


def _head(say: Speaker, notice: BudgetUsed, about: About) -> str:
    spent, most = dollars(notice.spent), round_dollars(notice.most)
    used = notice.spent * 100 // max(1, notice.most)
    percent = notice.percent if used >= notice.percent - NEARLY else used  # a cent that pays for nothing is not spent
    percent = percent or used
    if about.of is not None:
        return say.t("💰 <b>{channel}</b> has used {percent} % of its budget: ${spent} of ${most} this month.",
                     channel=about.of, percent=percent, spent=spent, most=most)  # fmt: skip
    if notice.person and notice.person == about.person_id:
        return say.t("💰 Your channels have used {percent} % of what they may cost: ${spent} of ${most} this month.",
                     percent=percent, spent=spent, most=most)  # fmt: skip
    if notice.person:
        return say.t("💰 Somebody's channels have used {percent} % of their money: ${spent} of ${most} this month.",
                     percent=percent, spent=spent, most=most)  # fmt: skip
    if admins.is_admin(about.person_id):
        return say.t("💰 The service has used {percent} % of its budget: ${spent} of ${most} this month.",
                     percent=percent, spent=spent, most=most)  # fmt: skip
    return say.t("💰 The service has spent what it may this month. Who runs it can raise that; you need do nothing.")


def _ways_on(say: Speaker, notice: BudgetUsed, about: About, ends: str) -> Rows:
    """To who may choose."""
    more = _raises(notice, about)
    if about.of is not None:
        of = about.of.id
        rows: Rows = [[(say.t("⬆️ Raise to ${most}", most=round_dollars(a)), SetBudget(of, a)) for a in more]]
        rows += [[(say.t("⏳ Wait until {ends}", ends=ends), WaitForMonth(of))]] if notice.stopped else []
        return [*rows, [(say.t("💰 Budget"), doors.Budget(of))]]
    if not admins.is_admin(about.person_id):
        return []
    if notice.person:
        return [[(say.t("💵 What they may have"), ways.Limits(notice.person))]]
    rows = [[(say.t("⬆️ Raise to ${most}", most=round_dollars(a)), SetServiceBudget(a)) for a in more]]
    rows += [[(say.t("⏳ Wait until {ends}", ends=ends), ServiceWaits())]] if notice.stopped else []
    return [*rows, [(say.t("💰 Budget"), ServiceBudget())]]


def _raises(notice: BudgetUsed, about: About) -> list[int]:
    """Budgets that free something: more than it is, and more than is spent by now."""
    row = stored.of(_key(notice, about))
    spent = max(notice.spent, stored.used(row, about.now).spent if row is not None else 0)
    base = max(notice.most, spent)
    return [a for a in (_round(base * 3 // 2), _round(base * 2)) if base < a <= reckoning.MOST]


def _round(micros: int) -> int:
    """To whole dollars where it is more than a few, else to cents."""
    unit = MICROS if micros >= 3 * MICROS else CENTS
    return micros // unit * unit


def _ends(say: Speaker, notice: OfBudget, about: About) -> str:
    at = notice.ends.astimezone(choices.zone_of(about.of.id)) if about.of is not None else notice.ends
    return moment(say, at)


def _key(notice: OfBudget, about: About) -> Key:
    if about.of is not None:
        return about.of.id, NOBODY
    return (NOBODY, notice.person) if notice.person else SERVICE


def _order(notice: OfBudget, about: About) -> tuple[Pays, ...]:
    row = stored.of(_key(notice, about))
    return row.order if row is not None else reckoning.order_of("")


def _gone(notice: OfBudget, about: About) -> frozenset[Pays]:
    row = stored.of(_key(notice, about))
    return row.gone if row is not None else frozenset()
