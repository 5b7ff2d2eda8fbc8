"""What hearing costs a channel a month, as its last week went: said where it is switched on and off."""

from bot.chat.language import Sentence
from bot.chat.turn import Turn
from bot.costs.money import about, exact
from engine.x import prices
from engine.x.prices import Billed
from models.accounts.channels import Channel
from models.costs import months


def line(turn: Turn, channel: Channel) -> str:
    """Each kind with what it came to, or with the price of one, where the last week had none."""
    week = months.week(channel.id, channel.created_at, turn.now)
    kinds = {
        Billed.MENTION: turn.t("mentions"), Billed.REPLY: turn.t("replies"), Billed.DM: turn.t("DMs"),
        Billed.WATCHED: turn.t("watched"),
    }  # fmt: skip
    parts = []
    for kind, name in kinds.items():
        if cost := week.a_month(kind):
            parts.append(turn.t("{kind} ${cost} a month", kind=name, cost=about(cost)))
        elif kind is not Billed.WATCHED:
            parts.append(turn.t("{kind} ${cost} each", kind=name, cost=exact(prices.of(kind, turn.now))))
    return turn.t("💵 Hearing: {kinds}", kinds=Sentence(" · ".join(parts)))


def switched(turn: Turn, channel: Channel, kind: Billed, *, on: bool) -> str:
    """What a kind costs that was switched on, or saves that was switched off; empty where nobody can say."""
    cost = months.week(channel.id, channel.created_at, turn.now).a_month(kind)
    if not on:
        return turn.t("💵 As the last week went, that saves about ${cost} a month.", cost=about(cost)) if cost else ""
    each = exact(prices.of(kind, turn.now))
    if not cost:
        return turn.t("💵 X charges ${price} for each that is heard, posted or not.", price=each)
    return turn.t(
        "💵 X charges ${price} for each that is heard, posted or not: as the last week went, about ${cost} a month.",
        price=each,
        cost=about(cost),
    )


def a_month(turn: Turn, channel: Channel, kind: Billed) -> list[str]:
    """What a kind came to in the last week, a month; nothing where it had none."""
    cost = months.week(channel.id, channel.created_at, turn.now).a_month(kind)
    return [turn.t("💵 As the last week went: about ${cost} a month.", cost=about(cost))] if cost else []
