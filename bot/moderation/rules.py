"""The rules in their order, each with its switch: `/rules`. Senders, hours and review have panels of their own."""

from bot.chat.turn import Refusal, Rows, Turn
from engine.moderation import KeywordRole, Outside, Policy, Review
from engine.moderation.policy import NEAR_EXACT, NEAR_LEAST
from engine.moderation.standing import Standing
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel
from models.moderation import lists, review, senders
from models.publishing import hours as stored_hours

NEARS = (70, 80, 90, 100)


async def rules(turn: Turn) -> None:
    """/rules"""
    await show(turn, turn.take_channel())


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
            lamp=lamp(policy.senders_on), blocked=blocked, trusted=trusted,
        ),
        turn.t("2. {lamp} Triggers: {count}", lamp=lamp(policy.triggers_on), count=triggers),
        turn.t(
            "3. {lamp} Filters: {count}{more}",
            lamp=lamp(policy.filters_on), count=filters, more=_also(turn, policy),
        ),
        turn.t("4. {lamp} Repeats: {how}", lamp=lamp(policy.repeats_on), how=_near(turn, policy.near)),
        turn.t("5. {lamp} Hours: {hours}", lamp=lamp(policy.hours_on), hours=_hours(turn, policy)),
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
            [(turn.t("👤 Senders"), f"senders:{key}"), (turn.t("🎯 Triggers"), f"triggers:{key}")],
            [(turn.t("🚫 Filters"), f"filters:{key}"), (turn.t("♻️ Repeats"), f"repeats:{key}")],
            [(turn.t("🕒 Hours"), f"hours:{key}"), (turn.t("👀 Review"), f"review:{key}")],
            [(turn.t("✍️ Writing"), f"writing:{key}"), (turn.t("🗂 Files"), f"files:{key}")],
            [(turn.t("« Back"), f"panel:{key}")],
        ],
    )


# --- triggers, filters, repeats --------------------------------------------------------------------------------


async def triggers(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    text = (
        turn.t("🎯 <b>Triggers of {channel}</b>\nOnly what has a trigger is posted.", channel=channel)
        if policy.triggers_on
        else turn.t(
            "🎯 <b>Triggers of {channel}</b>\nNo trigger is required: whatever passes the other rules is posted.",
            channel=channel,
        )
    )
    key = channel.id
    rows: Rows = [
        [switch(turn, channel, "triggers_on", policy.triggers_on, turn.t("A trigger is required"))],
        [(turn.t("🎯 The list"), f"kw:{key}:trigger:0"), (turn.t("« Rules"), f"rules:{key}")],
    ]
    await turn.answer(text, rows)


async def filters(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    key = channel.id
    rows: Rows = [
        [switch(turn, channel, "filters_on", policy.filters_on, turn.t("Filters"))],
        [switch(turn, channel, "no_links", policy.no_links, turn.t("No links"))],
        [switch(turn, channel, "no_media", policy.no_media, turn.t("No photos or videos"))],
        [switch(turn, channel, "no_sensitive", policy.no_sensitive, turn.t("Nothing that X marks as sensitive"))],
        [(turn.t("🚫 The list"), f"kw:{key}:filter:0"), (turn.t("« Rules"), f"rules:{key}")],
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


async def show_repeats(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    key = channel.id
    rows: Rows = [
        [switch(turn, channel, "repeats_on", policy.repeats_on, turn.t("Drop repeats"))],
        [((("● " if policy.near == n else "") + _near_label(turn, n)), f"near:{key}:{n}") for n in NEARS],
        [(turn.t("« Rules"), f"rules:{key}")],
    ]
    text = turn.t(
        "♻️ <b>Repeats of {channel}</b>\nThe same text within 24 hours, from anyone, is posted once; so is one that is"
        " nearly the same: a typo, a greeting, another order of the words. A different street, number or direction is"
        " news.\nHow alike is nearly the same: {near} %. You can also type: /repeats 85",
        channel=channel,
        near=policy.near,
    )
    await turn.answer(text, rows)


async def set_near(turn: Turn, channel: Channel, typed: str) -> None:
    bare = typed.strip().rstrip("% ").strip()
    if not bare.isdigit() or not NEAR_LEAST <= int(bare) <= NEAR_EXACT:
        raise Refusal(
            turn.t(
                "{typed} is not a percentage from {least} to 100 (100: only the very same text). For example:"
                " /repeats 85",
                typed=typed,
                least=NEAR_LEAST,
            )
        )
    choosing.choose(channel.id, turn.now, near=int(bare))
    await show_repeats(turn, channel)


# --- switches ------------------------------------------------------------------------------------------------


async def flip(turn: Turn, channel: Channel, name: str, value: str) -> None:
    """A tick was tapped; the panel that it stands on shows it."""
    from bot.moderation import hours
    from bot.moderation import senders as people
    from bot.publishing import hashtags, writing

    panels = {
        "senders_on": people.show,
        "followers_only": people.show,
        "triggers_on": triggers,
        "repeats_on": show_repeats,
        "hours_on": hours.show,
        "fallback": writing.show,
        "calm_capitals": writing.show,
        "hashtags_scheduled": hashtags.show,
    }
    choosing.flip(channel.id, name, turn.now, on=value == "on")
    if name == "hours_on":
        stored_hours.wake_waiting(channel.id, turn.now)
    await panels.get(name, filters)(turn, Channel.get_by_id(channel.id))


def switch(turn: Turn, channel: Channel, name: str, value: bool, label: str) -> tuple[str, str]:
    """A button that flips one of the rules' switches."""
    return lamp(value) + " " + label, f"sw:{channel.id}:{name}:{'off' if value else 'on'}"


def lamp(value: bool) -> str:
    return "✅" if value else "❌"


def review_name(turn: Turn, mode: Review) -> str:
    if mode is Review.ALL:
        return turn.t("everything")
    if mode is Review.UNSURE:
        return turn.t("what no rule is sure of")
    return turn.t("nothing")


def _also(turn: Turn, policy: Policy) -> str:
    more = [
        label
        for on, label in (
            (policy.no_links, turn.t("links")),
            (policy.no_media, turn.t("photos")),
            (policy.no_sensitive, turn.t("sensitive")),
        )
        if on
    ]
    return " + " + ", ".join(more) if more else ""


def _near(turn: Turn, near: int) -> str:
    return turn.t("the very same text") if near == NEAR_EXACT else turn.t("{near} % alike", near=near)


def _near_label(turn: Turn, near: int) -> str:
    return turn.t("Same") if near == NEAR_EXACT else f"{near} %"


def _hours(turn: Turn, policy: Policy) -> str:
    if not policy.hours_on:
        return turn.t("off")
    return turn.t("wait outside") if policy.outside is Outside.WAIT else turn.t("discard outside")
