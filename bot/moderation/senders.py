"""Who writes: the panel of senders, and whom one blocks or trusts by name. `/senders`, `/block`, `/trust`, `/burst`."""

import re
from datetime import timedelta
from typing import ClassVar

from bot.chat import doors, rule_words, switches, words
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows, dot
from bot.chat.language import N_
from bot.chat.moments import moment
from bot.chat.spoken import Example
from bot.chat.targets import button
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.undo import keep, undo_button
from bot.costs.money import exact
from bot.moderation import people
from bot.moderation.optouts import OptOuts
from bot.moderation.people import People
from engine.moderation import MAX_DAYS
from engine.moderation.standing import HANDLE, MAX_NOTE, Standed, Standing
from engine.recurrence import instant_of
from engine.roles import May
from engine.when import NotUnderstood
from engine.when.spans import Lasting, understand_span
from engine.x import prices
from engine.x.prices import Billed
from models import choosing, undoing
from models.accounts import choices, team
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import senders, standings
from models.moderation.senders import Source
from models.streaming import optouts

BURSTS = (3, 5, 10, 20)
MAX_BURST, MAX_MINUTES = 100, 1440


@button
class SetBurst:
    word: ClassVar[str] = "burst"
    channel: int
    most: int


# --- the panel -----------------------------------------------------------------------------------------------


async def panel(turn: Turn) -> None:
    """/senders"""
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    if verb.lower() in words.SEARCH:
        await people.show_list(turn, channel, Standing.BLOCKED, 0, rest)
        return
    await show(turn, channel)


@handles(doors.Senders, by=May.DECIDE)
async def opened(turn: Turn, channel: Channel, _: doors.Senders) -> None:
    await show(turn, channel)


@switches.stand_on(*rule_words.SENDERS)
async def show(turn: Turn, channel: Channel, undo: int = 0) -> None:
    policy = choices.choices(channel).policy
    blocked = len(senders.rows_of(channel.id, Standing.BLOCKED, now=turn.now))
    trusted = len(senders.rows_of(channel.id, Standing.TRUSTED))
    left_out = len(optouts.rows_of(channel.id))
    text = turn.t(
        "👤 <b>Senders of {channel}</b>\nThe blocked are never posted. The trusted skip the triggers and the review,"
        " never the filters. Who asked not to be reposted never is.\nBurst: more than {most} messages in {minutes}"
        " minutes block their sender for a day."
        "\nType: /block @name 7 days spam · /trust @name · /unblock @name · /burst 5 10",
        channel=channel,
        most=policy.burst_most or "∞",
        minutes=policy.burst_minutes,
    )
    text += "\n" + turn.t(
        "💵 For followers only X is asked about each sender whose message would pass: ${price} a day for each.",
        price=exact(prices.of(Billed.PERSON, turn.now)),
    )
    bursts: list[Button] = [(dot(policy.burst_most == n) + str(n), SetBurst(channel.id, n)) for n in BURSTS]
    rows: Rows = [
        *switches.rows(turn, channel, policy, rule_words.SENDERS),
        [
            (turn.t("🚫 Blocked ({count})", count=blocked), People(channel.id, Standing.BLOCKED)),
            (turn.t("🤝 Trusted ({count})", count=trusted), People(channel.id, Standing.TRUSTED)),
        ],
        [(turn.t("🙅 Asked not to be reposted ({count})", count=left_out), OptOuts(channel.id))],
        [*bursts, (dot(not policy.burst_most) + "∞", SetBurst(channel.id, 0))],
        [
            (turn.t("⬆️ Import"), doors.Import(channel.id, Standing.BLOCKED.value)),
            (turn.t("⬇️ Export"), doors.Export(channel.id, "senders")),
        ],
        [(turn.t("« Rules"), doors.Rules(channel.id))],
    ]
    if undo:
        rows.insert(-1, [undo_button(turn, channel, undo)])
    await turn.answer(text, rows)


# --- by name ------------------------------------------------------------------------------------------------


async def block(turn: Turn) -> None:
    """/block @name [2 weeks|24 hours|until friday|forever] [reason]"""
    channel, handle, rest = _whom(turn, N_("/block @pepe 7 days spam"))
    if not handle:
        await people.show_list(turn, channel, Standing.BLOCKED)
        return
    lasting, reason = _how_long(turn, channel, rest)
    until = None
    if lasting.days is not None:
        until = turn.now + timedelta(days=lasting.days)
    elif lasting.until is not None:
        until = instant_of(lasting.until, choices.zone_of(channel.id))
    undo = _stand(turn, channel, Standed(Standing.BLOCKED, handle, until, reason[:MAX_NOTE]))
    span = _span(turn, lasting)
    text = turn.t("🚫 @{handle} is blocked on {channel} {span}.", handle=handle, channel=channel, span=span)
    await turn.send(text, _after(turn, channel, undo))


async def trust(turn: Turn) -> None:
    """/trust @name"""
    channel, handle, rest = _whom(turn, N_("/trust @maria"))
    if not handle:
        await people.show_list(turn, channel, Standing.TRUSTED)
        return
    undo = _stand(turn, channel, Standed(Standing.TRUSTED, handle, None, rest[:MAX_NOTE]))
    text = turn.t(
        "🤝 @{handle} is trusted on {channel}: no trigger and no review, but the filters hold.",
        handle=handle,
        channel=channel,
    )
    await turn.send(text, _after(turn, channel, undo))


async def unblock(turn: Turn) -> None:
    """/unblock @name"""
    channel, handle, _ = _whom(turn, N_("/unblock @pepe"))
    if not handle:
        await people.show_list(turn, channel, Standing.BLOCKED)
        return

    def clear() -> int:
        before = standings.of_handle(channel.id, handle)
        if not senders.clear_handle(channel.id, handle, turn.now):
            raise Refusal(turn.t("@{handle} is neither blocked nor trusted. Who is: /senders", handle=handle))
        return keep(turn, channel, _listed(channel, before, Standing.BLOCKED), before)

    undo = turn.once("cleared", int, clear)
    await turn.send(
        turn.t("@{handle} is neither blocked nor trusted any more.", handle=handle), _after(turn, channel, undo)
    )


def _stand(turn: Turn, channel: Channel, entry: Standed) -> int:
    """Block or trust by handle; the id of the way back."""
    with transaction():
        before = standings.of_handle(channel.id, entry.handle)
        undo = keep(turn, channel, _listed(channel, before, entry.standing), before)
        senders.set_standing_of_handle(channel.id, entry, source=Source.OWNER)
    return undo


def _listed(channel: Channel, before: standings.StandingBefore, otherwise: Standing) -> People:
    """The list in which they are seen after an undo, or else are missing."""
    were = {r.standing for r in before.rows if r.standing}
    return People(channel.id, Standing(were.pop()) if len(were) == 1 else otherwise)


def _how_long(turn: Turn, channel: Channel, typed: str) -> tuple[Lasting, str]:
    """For how long, and the rest of what was typed; for good where nothing of the kind was. Raises Refusal."""
    now = choices.wall_of(channel.id, turn.now)
    try:
        lasting, reason = understand_span(typed, now, zone=choices.zone_of(channel.id))
    except NotUnderstood as error:
        if error.reason == "nothing":
            return Lasting(), typed
        raise Refusal(_not_how_long(turn, error.words or typed)) from None
    if lasting.until is not None and not now < lasting.until <= now + timedelta(days=MAX_DAYS):
        raise Refusal(_not_how_long(turn, typed))
    return lasting, reason


def _span(turn: Turn, lasting: Lasting) -> str:
    if lasting.days is not None:
        return turn.n("for {count} day", "for {count} days", lasting.days)
    if lasting.until is not None:
        return turn.t("until {moment}", moment=moment(turn, lasting.until))
    return turn.t("for good")


def _not_how_long(turn: Turn, typed: str) -> str:
    return turn.t(
        "{typed} is no length of time from a minute to {most} days. For example: /block @pepe 2 weeks spam ·"
        " /block @pepe until friday",
        typed=said_back(typed),
        most=MAX_DAYS,
    )


def _is_a_span(turn: Turn, typed: str) -> bool:
    try:
        return not understand_span(typed, turn.now.replace(tzinfo=None))[1]
    except NotUnderstood as error:
        return error.reason != "nothing"


def _whom(turn: Turn, example: str) -> tuple[Channel, str, str]:
    """The channel, the handle (without @) and the rest. The first name is a channel only if it is one of ours."""
    typed_words = turn.arguments.split()
    own = {str(c).lower() for c in team.channels_where(turn.person.telegram_id, May.READ)}
    if typed_words and typed_words[0].lower() not in own:
        typed, turn.arguments = turn.arguments, ""
        channel = turn.take_channel()
    else:
        channel = turn.take_channel()
        typed = turn.arguments
    first, _, rest = typed.partition(" ")
    if not first:
        return channel, "", ""
    if first[0] != "@" and _is_a_span(turn, typed):  # of somebody called so one writes the @
        raise Refusal(turn.t("Whom? Their name comes first. For example: {example}", example=Example(turn.t(example))))
    handle = HANDLE.match(first)
    if handle is None:
        raise Refusal(
            turn.t(
                "{typed} is no name on X: up to 15 letters, digits and _. For example: {example}",
                typed=said_back(first),
                example=Example(turn.t(example)),
            )
        )
    return channel, handle[1], rest.strip()


def _after(turn: Turn, channel: Channel, undo: int) -> Rows:
    return [[undo_button(turn, channel, undo), (turn.t("« Senders"), doors.Senders(channel.id))]]


# --- bursts --------------------------------------------------------------------------------------------------


async def burst(turn: Turn) -> None:
    """/burst MESSAGES MINUTES"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    numbers = re.findall(r"\d+", turn.arguments)
    if turn.arguments.strip().lower() in words.OFF:
        await _set_burst(turn, channel, burst_most=0)
    elif len(numbers) == 2 and 0 < int(numbers[0]) <= MAX_BURST and 0 < int(numbers[1]) <= MAX_MINUTES:
        await _set_burst(turn, channel, burst_most=int(numbers[0]), burst_minutes=int(numbers[1]))
    else:
        raise _no_burst(turn)


@handles(SetBurst)
async def burst_tapped(turn: Turn, channel: Channel, target: SetBurst) -> None:
    if not 0 <= target.most <= MAX_BURST:
        raise _no_burst(turn)
    await _set_burst(turn, channel, burst_most=target.most)


async def _set_burst(turn: Turn, channel: Channel, **values: int) -> None:
    with transaction():
        before = undoing.choices_of(channel.id, "burst_most", "burst_minutes")
        undo = keep(turn, channel, doors.Senders(channel.id), before)
        choosing.choose(channel.id, turn.now, **values)
    await show(turn, channel, undo)


def _no_burst(turn: Turn) -> Refusal:
    return Refusal(
        turn.t(
            "How many messages in how many minutes? Up to {most} in {minutes}. For example: /burst 5 10 · /burst off",
            most=MAX_BURST,
            minutes=MAX_MINUTES,
        )
    )
