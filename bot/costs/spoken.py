"""How budgets are said, and how amounts and orders are typed: of a channel's as of the service's."""

import re

from bot.chat.turn import Refusal, Turn, said_back
from bot.costs import shown
from bot.costs.money import dollars, round_dollars
from engine import budgets as reckoning
from engine.budgets import FIRST_STOPPED, NoMoney, Pays
from models.accounts import admins
from models.accounts.channels import Channel
from models.costs import budgets as stored
from models.costs.budgets import NOBODY, SERVICE, Budget

NO_LIMIT = re.compile(r"no(?:ne|ne at all| limit)?|off|sin(?: l[ií]mite)?|ningun[oa]?|nada|unlimited|ilimitado|quitar")
ORDER = re.compile(r"(?:order|orden)\b[:\s]*(.*)", re.DOTALL)
CALLED = {
    Pays.LINKS: re.compile(r"(?:🔗\s*)?(?:copies with )?links?|(?:copias con )?enlaces?"),
    Pays.REPOSTS: re.compile(r"(?:🔁\s*)?reposts?|copies|copias|republicar|republicaciones|retweets?|retuits?"),
    Pays.HEARING: re.compile(r"(?:👂\s*)?hearing|hear|o[ií]r|escuchar?|escucha|menciones|mentions"),
}


# --- what is said of both --------------------------------------------------------------------------------------


def used_of(turn: Turn, row: Budget, ends: str, *, under_others: bool = False) -> str:
    """Of what is `under_others` that have a limit it is not said that there is none."""
    used = stored.used(row, turn.now)
    spent = dollars(used.spent)
    if row.most is None and under_others:
        return turn.t("This month, until {ends}: ${spent}. It has no limit of its own.", ends=ends, spent=spent)
    if row.most is None:
        return turn.t("This month, until {ends}: ${spent}. There is no limit.", ends=ends, spent=spent)
    return turn.t(
        "This month, until {ends}: ${spent} of ${most}, {percent} %.",
        ends=ends,
        spent=spent,
        most=round_dollars(row.most),
        percent=used.spent * 100 // row.most,
    )


def stands(turn: Turn, row: Budget, ends: str, waits: int) -> list[str]:
    lines = []
    if row.most is not None and (kept := row.kept.get(Pays.PLANNED, 0)):
        lines.append(turn.t("Kept for what is planned until then: ${kept}.", kept=dollars(kept)))
    if row.gone:
        stopped = shown.listed(turn, (p for p in row.order if p in row.gone))
        lines.append(turn.t("⏸ Stopped until {ends}, or until you raise it: {stopped}.", ends=ends, stopped=stopped))
    if waits:
        lines.append(turn.n("{count} post waits for money.", "{count} posts wait for money.", waits))
    if row.waits:
        lines.append(turn.t("⏳ You wait for the next month."))
    return lines


def above(turn: Turn, channel: Channel) -> list[str]:
    """The budgets over the channel's own: its owner's, of all their channels, and the service's where it is used up."""
    return [*_of_person(turn, stored.of((NOBODY, channel.owner_id))), *_of_service(turn, stored.of(SERVICE))]


def _of_person(turn: Turn, row: Budget | None) -> list[str]:
    if row is None or row.most is None:
        return []
    spent, most = dollars(stored.used(row, turn.now).spent), round_dollars(row.most)
    if _used_up(turn, row):
        text = turn.t(
            "⏸ All your channels together: ${spent} of ${most}, used up. Who runs the service can change that.",
            spent=spent,
            most=most,
        )
        return [text]
    text = turn.t(
        "All your channels together: ${spent} of ${most}. Who runs the service can change that.", spent=spent, most=most
    )
    if not row.gone:
        return [text]
    stopped = shown.listed(turn, (p for p in row.order if p in row.gone))
    return [text, turn.t("⏸ Stopped by that: {stopped}.", stopped=stopped)]


def _of_service(turn: Turn, row: Budget | None) -> list[str]:
    """What the service spends is for who runs it; that it has no more is for everybody."""
    if row is None or row.most is None:
        return []
    gone = frozenset(Pays) if _used_up(turn, row) else row.gone
    if not gone:
        return []
    stopped = shown.listed(turn, (p for p in row.order if p in gone))
    if not admins.is_admin(turn.person.telegram_id):
        text = turn.t(
            "⏸ The service has used up its money for: {stopped}. Who runs it can change that.", stopped=stopped
        )
        return [text]
    text = turn.t(
        "⏸ The service has used up its money for: {stopped}. ${spent} of ${most}: /budget service",
        stopped=stopped,
        spent=dollars(stored.used(row, turn.now).spent),
        most=round_dollars(row.most),
    )
    return [text]


def _used_up(turn: Turn, row: Budget) -> bool:
    """Nothing is left of it for anything."""
    return row.most is not None and (Pays.PLANNED in row.gone or stored.used(row, turn.now).spent >= row.most)


def order_said(turn: Turn, row: Budget) -> str:
    return turn.t(
        "What stops first when it is nearly used up: {order}. Tap what shall stop before the others. Taking something"
        " back is never stopped.",
        order=shown.listed(turn, row.order),
    )


def told(turn: Turn) -> str:
    return turn.t("You are told at 50, 80 and 100 %, and of each thing that stops.")


def for_who_runs_it(turn: Turn) -> None:
    """Raises Refusal."""
    if not admins.is_admin(turn.person.telegram_id):
        raise Refusal(turn.t("That is for who runs the service."))


# --- what was typed ------------------------------------------------------------------------------------------


def amount(turn: Turn, typed: str, example: str) -> int | None:
    """Micro-dollars; None for no limit. Raises Refusal."""
    if NO_LIMIT.fullmatch(typed.strip().lower()):
        return None
    try:
        return reckoning.money_of(typed)
    except NoMoney:
        raise no_amount(turn, typed, example) from None


def no_amount(turn: Turn, typed: str, example: str) -> Refusal:
    return Refusal(
        turn.t(
            "{typed} is no amount of dollars a month, from 0.01 to 100,000. For example: {example}",
            typed=said_back(typed),
            example=example,
        )
    )


def order_of(turn: Turn, typed: str, example: str) -> tuple[Pays, ...]:
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


def put_first(row: Budget | None, pays: Pays) -> tuple[Pays, ...]:
    if pays not in FIRST_STOPPED:
        pays = FIRST_STOPPED[0]
    order = row.order if row is not None else reckoning.order_of("")
    return (pays, *(p for p in order if p not in (pays, Pays.PLANNED)))
