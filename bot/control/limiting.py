"""How much one person may have: for everybody, and for one; tapped or typed, by who runs the service."""

from typing import ClassVar

from bot.chat.door import ways
from bot.chat.handling import handles_for_all
from bot.chat.keyboards import Rows, dot, in_rows
from bot.chat.language import N_, Speaker
from bot.chat.spoken import Example
from bot.chat.targets import Target, button
from bot.chat.turn import Refusal, Turn, said_back
from bot.control.aside import must_run_it
from bot.control.known import meant
from engine.text import fold
from models.accounts import limits, people
from models.accounts.limits import EVERYBODY, NO_END, Limit, Limited
from models.control import budgets
from models.settings import MICRO_DOLLARS, MOST_OF_A_LIMIT

NAMES = {
    Limited.CHANNELS: N_("📡 Channels"),
    Limited.SCHEDULES: N_("🗓 Planned posts"),
    Limited.KEYWORDS: N_("🎯 Words in lists"),
    Limited.MONEY: N_("💵 Dollars a month"),
}
OFFERED = {
    Limited.CHANNELS: (1, 3, 5, 10, 25),
    Limited.SCHEDULES: (50, 200, 500, 2000),
    Limited.KEYWORDS: (500, 2000, 10_000),
    Limited.MONEY: (5, 20, 50, 100, 250),
}
TYPED = {
    "channels": Limited.CHANNELS, "channel": Limited.CHANNELS, "canales": Limited.CHANNELS, "canal": Limited.CHANNELS,
    "schedules": Limited.SCHEDULES, "schedule": Limited.SCHEDULES, "programaciones": Limited.SCHEDULES,
    "keywords": Limited.KEYWORDS, "words": Limited.KEYWORDS, "palabras": Limited.KEYWORDS,
    "money": Limited.MONEY, "dollars": Limited.MONEY, "dinero": Limited.MONEY, "dolares": Limited.MONEY,
}  # fmt: skip
ENDLESS = ("none", "no", "unlimited", "endless", "ninguno", "sin", "ilimitado")
AS_ALL = ("default", "all", "everybody", "todos", "normal")


@button
class OneLimit:
    """Offers numbers for one of it."""

    word: ClassVar[str] = "limit"
    person: int
    limited: Limited


@button
class SetLimit:
    """`most`: -1 without an end, -2 as it is for everybody."""

    word: ClassVar[str] = "setlimit"
    person: int
    limited: Limited
    most: int


LIKE_ALL = -2


@handles_for_all(ways.Limits)
async def _opened(turn: Turn, target: ways.Limits) -> None:
    must_run_it(turn)
    await show(turn, target.person)


async def show(turn: Turn, person_id: int) -> None:
    """What somebody may have, each to tap."""
    rows: Rows = [[(turn.t(name), OneLimit(person_id, limited))] for limited, name in NAMES.items()]
    if person_id == EVERYBODY:
        head = turn.t("📏 <b>What one person may have</b>\nUnless something else is set on their card under 👥 People.")
        back: Target = ways.Admin()
        example = Example(turn.t("/admin limits channels 5"))
    else:
        head = turn.t("📏 <b>What {name} may have</b>", name=people.called(person_id))
        back = ways.PersonCard(person_id)
        example = Example(turn.t("/admin limits {id} channels 5", id=person_id))
    typed = turn.t("You can also type: {examples}", examples=example)
    await turn.answer("\n".join([head, "", *lines(turn, person_id), "", typed]), [*rows, [(turn.t("« Back"), back)]])


def lines(say: Speaker, person_id: int) -> list[str]:
    """How much of each somebody may have."""
    found = limits.of(person_id)
    return [
        say.t("{name}: {most}", name=say.t(name), most=_most(say, limited, found[limited]))
        + (" " + say.t("(for them alone)") if found[limited].is_own else "")
        for limited, name in NAMES.items()
    ]


@handles_for_all(OneLimit)
async def _one(turn: Turn, target: OneLimit) -> None:
    must_run_it(turn)
    now = limits.of(target.person)[target.limited]
    unit = MICRO_DOLLARS if target.limited is Limited.MONEY else 1
    offered = [
        (dot(now.most == number * unit) + f"{number:,}", SetLimit(target.person, target.limited, number))
        for number in OFFERED[target.limited]
    ]
    rows: Rows = in_rows([*offered], 3)
    rows.append([(dot(now.most is None) + turn.t("No end"), SetLimit(target.person, target.limited, NO_END))])
    if target.person != EVERYBODY:
        as_all = (turn.t("As for everybody"), SetLimit(target.person, target.limited, LIKE_ALL))
        rows.append([(dot(not now.is_own) + as_all[0], as_all[1])])
    rows.append([(turn.t("« Back"), ways.Limits(target.person))])
    await turn.answer(
        turn.t("{name}: {most}", name=turn.t(NAMES[target.limited]), most=_most(turn, target.limited, now)), rows
    )


@handles_for_all(SetLimit)
async def _set(turn: Turn, target: SetLimit) -> None:
    must_run_it(turn)
    if not LIKE_ALL <= target.most <= MOST_OF_A_LIMIT:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))
    unit = MICRO_DOLLARS if target.limited is Limited.MONEY and target.most >= 0 else 1
    _allow(turn, target.person, target.limited, None if target.most == LIKE_ALL else target.most * unit)
    await show(turn, target.person)


def _allow(turn: Turn, person_id: int, limited: Limited, value: int | None) -> None:
    limits.allow(person_id, limited, value)
    if limited is Limited.MONEY:
        budgets.limit_people(turn.now)
        budgets.hear(turn.now)


async def typed(turn: Turn, rest: str) -> None:
    """/admin limits [PERSON] [channels 5]"""
    words = rest.split()
    if not words:
        await show(turn, EVERYBODY)
        return
    at = next((n for n, w in enumerate(words) if fold(w) in TYPED), None)
    person_id = EVERYBODY if at == 0 else meant(turn, " ".join(words[:at]))
    if at is None:
        await show(turn, person_id)
        return
    limited = TYPED[fold(words[at])]
    if at == len(words) - 1:
        await _one(turn, OneLimit(person_id, limited))
        return
    _allow(turn, person_id, limited, _read(turn, limited, person_id, " ".join(words[at + 1 :])))
    await show(turn, person_id)


def _read(turn: Turn, limited: Limited, person_id: int, typed: str) -> int | None:
    """What was typed as a limit, as it is stored. Raises Refusal."""
    said = fold(typed).strip().lstrip("$").replace("_", "")
    if said.split(" ")[0] in ENDLESS:
        return NO_END
    if said in AS_ALL and person_id != EVERYBODY:
        return None
    whole, _, part = said.partition(".")
    cents = part.ljust(2, "0") if limited is Limited.MONEY else ""
    fits = whole.isdecimal() and len(whole) <= 7 and int(whole) <= MOST_OF_A_LIMIT
    if not fits or (part and not (cents.isdecimal() and len(cents) == 2)):
        raise Refusal(
            turn.t(
                "«{typed}» is no number of it. Say how many, or none for no end. For example: {example}",
                typed=said_back(typed),
                example=Example(turn.t("/admin limits channels 5")),
            )
        )
    if limited is Limited.MONEY:
        return int(whole) * MICRO_DOLLARS + (int(cents) * MICRO_DOLLARS // 100 if part else 0)
    return int(whole)


def _most(say: Speaker, limited: Limited, limit: Limit) -> str:
    if limit.most is None:
        return say.t("no end")
    if limited is Limited.MONEY:
        return say.t("${sum}", sum=f"{limit.most / MICRO_DOLLARS:,.2f}")
    return f"{limit.most:,}"
