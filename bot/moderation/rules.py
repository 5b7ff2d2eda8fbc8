"""The rules in their order, each with its switch: `/rules`. Senders, hours and review have panels of their own."""

from typing import ClassVar

from bot.chat import doors, rule_words, switches
from bot.chat.handling import handles
from bot.chat.keyboards import Rows, dot, lamp
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import doing
from bot.moderation import breadth
from engine.moderation import KeywordRole, Outside, Policy, Review
from engine.moderation.filters import FILTERS_ON
from engine.moderation.hours import HOURS_ON
from engine.moderation.policy import NEAR_EXACT, NEAR_LEAST
from engine.moderation.repeats import REPEATS_ON
from engine.moderation.senders import SENDERS_ON
from engine.moderation.standing import Standing
from engine.moderation.triggers import TRIGGERS_ON
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.moderation import lists, review, senders

NEARS = (70, 80, 90, 100)


@button
class ShowTriggers:
    word: ClassVar[str] = "triggers"
    channel: int


@button
class ShowFilters:
    word: ClassVar[str] = "filters"
    channel: int


@button
class ShowRepeats:
    word: ClassVar[str] = "repeats"
    channel: int


@button
class SetNear:
    """How alike is nearly the same, a percentage."""

    word: ClassVar[str] = "near"
    channel: int
    near: int


async def rules(turn: Turn) -> None:
    """/rules"""
    await show(turn, turn.take_channel())


@handles(doors.Rules)
async def _opened(turn: Turn, channel: Channel, _button: doors.Rules) -> None:
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """All rules, in the order in which they decide."""
    policy = choices.choices(channel).policy
    blocked = len(senders.rows_of(channel.id, Standing.BLOCKED, now=turn.now))
    trusted = len(senders.rows_of(channel.id, Standing.TRUSTED))
    triggers = lists.count_of(channel.id, KeywordRole.TRIGGER)
    filters = lists.count_of(channel.id, KeywordRole.FILTER)
    held = review.count_held(channel.id)
    lines = [
        turn.t("🧭 <b>Rules of {channel}</b>\nIn this order; the first that decides, decides.", channel=channel),
        turn.t(
            "1. {lamp} Senders: {blocked} blocked, {trusted} trusted",
            lamp=lamp(policy.on(SENDERS_ON)), blocked=blocked, trusted=trusted,
        ),
        turn.t("2. {lamp} Triggers: {count}", lamp=lamp(policy.on(TRIGGERS_ON)), count=triggers),
        turn.t(
            "3. {lamp} Filters: {count}{more}",
            lamp=lamp(policy.on(FILTERS_ON)), count=filters, more=_also(turn, policy),
        ),
        turn.t("4. {lamp} Repeats: {how}", lamp=lamp(policy.on(REPEATS_ON)), how=_near(turn, policy.near)),
        turn.t("5. {lamp} Hours: {hours}", lamp=lamp(policy.on(HOURS_ON)), hours=_hours(turn, policy)),
        turn.t(
            "6. {lamp} Review: {mode}",
            lamp=lamp(policy.review is not Review.OFF), mode=review_name(turn, policy.review),
        ),
    ]  # fmt: skip
    if held:
        lines.append(turn.n("👀 {count} message waits for you: /held", "👀 {count} messages wait for you: /held", held))
    lines.append(turn.t("Try them: /test some text"))
    key = channel.id
    await turn.answer(
        "\n".join(lines),
        [
            [(turn.t("👤 Senders"), doors.Senders(key)), (turn.t("🎯 Triggers"), ShowTriggers(key))],
            [(turn.t("🚫 Filters"), ShowFilters(key)), (turn.t("♻️ Repeats"), ShowRepeats(key))],
            [(turn.t("🕒 Hours"), doors.Hours(key)), (turn.t("👀 Review"), doors.Review(key))],
            [(turn.t("✍️ Writing"), doors.Writing(key)), (turn.t("🗂 Files"), doors.Files(key))],
            [(turn.t("« Back"), doors.Panel(key))],
        ],
    )


# --- triggers, filters, repeats --------------------------------------------------------------------------------


@handles(ShowTriggers)
async def _triggers_opened(turn: Turn, channel: Channel, _button: ShowTriggers) -> None:
    await triggers(turn, channel)


@switches.stand_on(*rule_words.TRIGGERS)
async def triggers(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    text = (
        turn.t("🎯 <b>Triggers of {channel}</b>\nOnly what has a trigger is posted.", channel=channel)
        if policy.on(TRIGGERS_ON)
        else turn.t(
            "🎯 <b>Triggers of {channel}</b>\nNo trigger is required: whatever passes the other rules is posted.",
            channel=channel,
        )
    )
    if policy.on(TRIGGERS_ON):
        text = "\n".join([text, *breadth.without_triggers(turn, channel)])
    key = channel.id
    rows: Rows = [
        *switches.rows(turn, channel, policy, rule_words.TRIGGERS),
        [(turn.t("🎯 The list"), doors.Words(key, KeywordRole.TRIGGER)), (turn.t("« Rules"), doors.Rules(key))],
    ]
    await turn.answer(text, rows)


@handles(ShowFilters)
async def _filters_opened(turn: Turn, channel: Channel, _button: ShowFilters) -> None:
    await filters(turn, channel)


@switches.stand_on(*rule_words.FILTERS)
async def filters(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    key = channel.id
    rows: Rows = [
        *switches.rows(turn, channel, policy, rule_words.FILTERS),
        [(turn.t("🚫 The list"), doors.Words(key, KeywordRole.FILTER)), (turn.t("« Rules"), doors.Rules(key))],
    ]
    text = turn.t(
        "🚫 <b>Filters of {channel}</b>\nWhat is never posted: the words of the list, and what is ticked here. With a"
        " review, a filtered photo is held for you instead.",
        channel=channel,
    )
    await turn.answer(text, rows)


async def repeats(turn: Turn) -> None:
    """/repeats [60-100]"""
    channel = turn.take_channel()
    if turn.arguments:
        await set_near(turn, channel, turn.arguments)
        return
    await show_repeats(turn, channel)


@handles(ShowRepeats)
async def _repeats_opened(turn: Turn, channel: Channel, _button: ShowRepeats) -> None:
    await show_repeats(turn, channel)


@switches.stand_on(*rule_words.REPEATS)
async def show_repeats(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    key = channel.id
    rows: Rows = [
        *switches.rows(turn, channel, policy, rule_words.REPEATS),
        [(dot(policy.near == n) + _near_label(turn, n), SetNear(key, n)) for n in NEARS],
        [(turn.t("« Rules"), doors.Rules(key))],
    ]
    text = turn.t(
        "♻️ <b>Repeats of {channel}</b>\nThe same text within 24 hours, from anyone, is posted once; so is one that is"
        " nearly the same: a typo, a greeting, another order of the words. A different street, number or direction is"
        " news.\nHow alike is nearly the same: {near} %. You can also type: /repeats 85",
        channel=channel,
        near=policy.near,
    )
    await turn.answer(text, rows)


@handles(SetNear)
async def _near_tapped(turn: Turn, channel: Channel, button: SetNear) -> None:
    await set_near(turn, channel, str(button.near))


async def set_near(turn: Turn, channel: Channel, typed: str) -> None:
    bare = typed.strip().rstrip("% ").strip()
    if not bare.isdecimal() or not NEAR_LEAST <= int(bare) <= NEAR_EXACT:
        raise Refusal(
            turn.t(
                "{typed} is not a percentage from {least} to 100 (100: only the very same text). For example:"
                " /repeats 85",
                typed=said_back(typed),
                least=NEAR_LEAST,
            )
        )
    with doing(turn, channel, Did.CHOICES, "repeats"):
        choosing.choose(channel.id, turn.now, near=int(bare))
    await show_repeats(turn, channel)


def review_name(turn: Turn, mode: Review) -> str:
    if mode is Review.ALL:
        return turn.t("everything")
    if mode is Review.UNSURE:
        return turn.t("what no rule is sure of")
    return turn.t("nothing")


def _also(turn: Turn, policy: Policy) -> str:
    more = [turn.t(tick.brief) for tick in rule_words.FILTERS if tick.brief and policy.on(tick.switch)]
    return " + " + ", ".join(more) if more else ""


def _near(turn: Turn, near: int) -> str:
    return turn.t("the very same text") if near == NEAR_EXACT else turn.t("{near} % alike", near=near)


def _near_label(turn: Turn, near: int) -> str:
    return turn.t("Same") if near == NEAR_EXACT else f"{near} %"


def _hours(turn: Turn, policy: Policy) -> str:
    if not policy.on(HOURS_ON):
        return turn.t("off")
    return turn.t("wait outside") if policy.outside is Outside.WAIT else turn.t("discard outside")
