"""Who writes: the blocked, the trusted, followers only, bursts. `/senders`, `/block`, `/unblock`, `/trust`."""

import re
from datetime import timedelta

from bot.chat.pages import page_of
from bot.chat.turn import Refusal, Rows, Turn
from bot.moderation.rules import switch
from engine.files.lists import BadLine, days_of
from engine.moderation import FOR_GOOD, MAX_DAYS
from engine.moderation.standing import HANDLE, MAX_NOTE, Standed, Standing
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel
from models.moderation import senders
from models.moderation.senders import Source

PAGE = 8
BURSTS = (3, 5, 10, 20)
LASTS = re.compile(r"^(\d+)\s*(?:days?|d[ií]as?|d)?\b|^(forever|for good|para siempre|siempre)\b", re.IGNORECASE)
MAX_BURST, MAX_MINUTES = 100, 1440


async def panel(turn: Turn) -> None:
    """/senders"""
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    if verb.lower() in ("search", "buscar", "find"):
        await show_list(turn, channel, Standing.BLOCKED, 0, rest)
        return
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    policy = choices.choices(channel).policy
    blocked = len(senders.rows_of(channel.id, Standing.BLOCKED, now=turn.now))
    trusted = len(senders.rows_of(channel.id, Standing.TRUSTED))
    text = turn.t(
        "👤 <b>Senders of {channel}</b>\nThe blocked are never posted. The trusted skip the triggers and the review,"
        " never the filters.\nBurst: more than {most} messages in {minutes} minutes block their sender for a day."
        "\nType: /block @name 7 days spam · /trust @name · /unblock @name · /burst 5 10",
        channel=channel,
        most=policy.burst_most or "∞",
        minutes=policy.burst_minutes,
    )
    key = channel.id
    bursts = [(("● " if policy.burst_most == n else "") + str(n), f"burst:{key}:{n}") for n in BURSTS]
    off = ("● " if not policy.burst_most else "") + "∞"
    rows: Rows = [
        [switch(turn, channel, "senders_on", policy.senders_on, turn.t("Look at senders"))],
        [switch(turn, channel, "followers_only", policy.followers_only, turn.t("Followers only"))],
        [
            (turn.t("🚫 Blocked ({count})", count=blocked), f"people:{key}:blocked:0"),
            (turn.t("🤝 Trusted ({count})", count=trusted), f"people:{key}:trusted:0"),
        ],
        [*bursts, (off, f"burst:{key}:0")],
        [(turn.t("⬆️ Import"), f"imp:{key}:blocked"), (turn.t("⬇️ Export"), f"exp:{key}:senders")],
        [(turn.t("« Rules"), f"rules:{key}")],
    ]
    await turn.answer(text, rows)


async def show_list(turn: Turn, channel: Channel, standing: Standing, page: int, found: str = "") -> None:
    """A page of the blocked or the trusted; tapping one opens it."""
    people = senders.rows_of(channel.id, standing, found, turn.now)
    key = f"{channel.id}:{standing.value}"
    shown, _, turning = page_of(people, page, PAGE, f"people:{key}")
    if standing is Standing.BLOCKED:
        head = turn.t("🚫 <b>Blocked by {channel}</b>: {count}", channel=channel, count=len(people))
        example = turn.t("Type: /block @name · /block @name 7 days spam")
    else:
        head = turn.t("🤝 <b>Trusted by {channel}</b>: {count}", channel=channel, count=len(people))
        example = turn.t("Type: /trust @name")
    rows: Rows = [[(f"{p} {_left(turn, p)}".strip(), f"sender:{channel.id}:{p.id}")] for p in shown]
    rows += turning
    rows.append([(turn.t("🔍 Search"), f"peoplesearch:{key}"), (turn.t("« Senders"), f"senders:{channel.id}")])
    await turn.answer(f"{head}\n{example}", rows)


async def ask_search(turn: Turn, channel: Channel, standing: Standing) -> None:
    turn.remember(step="peoplesearch", channel=channel.id, standing=standing.value)
    await turn.send(turn.t("Whom do you look for? Send me a part of the name. /cancel to leave."))


async def searched(turn: Turn) -> None:
    channel, standing = turn.own(int(turn.dialogue["channel"])), Standing(turn.dialogue["standing"])
    turn.remember()
    await show_list(turn, channel, standing, 0, turn.arguments)


async def show_one(turn: Turn, channel: Channel, row_id: int) -> None:
    """One sender: what they are to the channel and why; a tap blocks for so many days, or trusts."""
    person = senders.row(channel.id, row_id)
    if person is None:
        raise Refusal(turn.t("I no longer know that sender."))
    lines = [turn.t("<b>{who}</b> {name}", who=person, name=person.name)]
    key = f"{channel.id}:{person.id}"
    rows: Rows = []
    if person.standing == Standing.BLOCKED:
        if person.blocked_until is None:
            lines.append(turn.t("🚫 Blocked for good."))
        else:
            span = turn.lasting(max(person.blocked_until - turn.now, timedelta(seconds=1)))
            lines.append(turn.t("🚫 Blocked for another {span}.", span=span))
        lines.append(_source(turn, person))
        rows.append([(turn.t("Unblock"), f"unstand:{key}")])
    elif person.standing == Standing.TRUSTED:
        lines.append(turn.t("🤝 Trusted: skips the triggers and the review, never the filters."))
        rows.append([(turn.t("No longer trust"), f"unstand:{key}")])
    else:
        lines.append(turn.t("Neither blocked nor trusted."))
    blocks = [(turn.n("{count} day", "{count} days", d), f"stand:{key}:{d}") for d in (1, 7, 30)]
    rows.append([*blocks, (turn.t("For good"), f"stand:{key}:0")])
    if person.standing != Standing.TRUSTED:
        rows.append([(turn.t("🤝 Trust sender"), f"stand:{key}:trust")])
    lines.append(turn.t("{heard} messages heard, {approved} approved", heard=person.heard, approved=person.approved))
    rows.append([(turn.t("« Senders"), f"senders:{channel.id}")])
    await turn.answer("\n".join(line for line in lines if line), rows)


async def stand(turn: Turn, channel: Channel, row_id: int, how: str) -> None:
    """Block for so many days (0: for good), or trust; from the sender's own panel."""
    if how == "trust":
        senders.stand(channel.id, row_id, Standing.TRUSTED, None)
    else:
        until = None if int(how) == FOR_GOOD else turn.now + timedelta(days=min(int(how), MAX_DAYS))
        senders.stand(channel.id, row_id, Standing.BLOCKED, until)
    await show_one(turn, channel, row_id)


async def clear(turn: Turn, channel: Channel, row_id: int) -> None:
    """Unblock, or no longer trust; with a way back."""
    was = senders.clear(channel.id, row_id, turn.now)
    if was is None:
        await show_one(turn, channel, row_id)
        return
    until = was.until.timestamp() if was.until else None
    turn.remember(
        stood={"channel": channel.id, "handle": was.handle, "as": was.standing.value, "until": until, "note": was.note}
    )
    who = senders.row(channel.id, row_id)
    rows: Rows = [[(turn.t("↩️ Undo"), f"restand:{channel.id}"), (turn.t("« Senders"), f"senders:{channel.id}")]]
    if was.standing is Standing.BLOCKED:
        await turn.answer(turn.t("{who} is no longer blocked.", who=who), rows)
    else:
        await turn.answer(turn.t("{who} is no longer trusted.", who=who), rows)


async def put_back(turn: Turn, channel: Channel) -> None:
    """Undo the last unblocking."""
    from datetime import UTC, datetime

    stood = turn.dialogue.get("stood") or {}
    if stood.get("channel") != channel.id or not stood.get("handle"):
        raise Refusal(turn.t("There is nothing left to put back."))
    until = datetime.fromtimestamp(stood["until"], UTC) if stood["until"] else None
    entry = Standed(Standing(stood["as"]), stood["handle"], until, stood["note"])
    senders.set_standing_of_handle(channel.id, entry, source=Source.OWNER)
    turn.remember()
    await show_list(turn, channel, entry.standing, 0)


async def unblock_sender(turn: Turn, channel: Channel, sender_id: int) -> None:
    """From the notice that told of a block."""
    senders.clear_sender(channel.id, sender_id, turn.now)
    row = senders.of_message(channel.id, sender_id)
    await turn.answer(
        turn.t("{who} is no longer blocked.", who=row or f"#{sender_id}"),
        [[(turn.t("« Senders"), f"senders:{channel.id}")]],
    )


# --- typed ---------------------------------------------------------------------------------------------------


async def block(turn: Turn) -> None:
    """/block @name [N days|forever] [reason]"""
    channel, handle, rest = _whom(turn, "/block @pepe 7 days spam", Standing.BLOCKED)
    if not handle:
        await show_list(turn, channel, Standing.BLOCKED, 0)
        return
    lasts = LASTS.match(rest)
    days = FOR_GOOD
    if lasts:
        try:
            days = FOR_GOOD if lasts[2] else days_of(lasts[1])
        except BadLine:
            raise Refusal(
                turn.t(
                    "{typed} is not a number of days from 1 to {most}. For example: /block @pepe 7 days spam",
                    typed=lasts[1],
                    most=MAX_DAYS,
                )
            ) from None
        rest = rest[lasts.end() :].strip()
    until = None if days == FOR_GOOD else turn.now + timedelta(days=days)
    entry = Standed(Standing.BLOCKED, handle, until, rest[:MAX_NOTE])
    senders.set_standing_of_handle(channel.id, entry, source=Source.OWNER)
    span = turn.t("for good") if days == FOR_GOOD else turn.n("for {count} day", "for {count} days", days)
    text = turn.t("🚫 @{handle} is blocked on {channel} {span}.", handle=handle, channel=channel, span=span)
    await turn.send(text, _undo(turn, channel, handle))


async def trust(turn: Turn) -> None:
    """/trust @name"""
    channel, handle, rest = _whom(turn, "/trust @maria", Standing.TRUSTED)
    if not handle:
        await show_list(turn, channel, Standing.TRUSTED, 0)
        return
    senders.set_standing_of_handle(
        channel.id, Standed(Standing.TRUSTED, handle, None, rest[:MAX_NOTE]), source=Source.OWNER
    )
    text = turn.t(
        "🤝 @{handle} is trusted on {channel}: no trigger and no review, but the filters hold.",
        handle=handle,
        channel=channel,
    )
    await turn.send(text, _undo(turn, channel, handle))


async def unblock(turn: Turn) -> None:
    """/unblock @name"""
    channel, handle, _ = _whom(turn, "/unblock @pepe", Standing.BLOCKED)
    if not handle:
        await show_list(turn, channel, Standing.BLOCKED, 0)
        return
    if not senders.clear_handle(channel.id, handle, turn.now):
        raise Refusal(turn.t("@{handle} is neither blocked nor trusted. Who is: /senders", handle=handle))
    await turn.send(
        turn.t("@{handle} is neither blocked nor trusted any more.", handle=handle),
        [[(turn.t("« Senders"), f"senders:{channel.id}")]],
    )


async def clear_handle(turn: Turn, channel: Channel, handle: str) -> None:
    """Undo a block or a trust that was typed."""
    senders.clear_handle(channel.id, handle, turn.now)
    await turn.answer(
        turn.t("@{handle} is neither blocked nor trusted any more.", handle=handle),
        [[(turn.t("« Senders"), f"senders:{channel.id}")]],
    )


async def burst(turn: Turn) -> None:
    """/burst MESSAGES MINUTES"""
    channel = turn.take_channel()
    if not turn.arguments:
        await show(turn, channel)
        return
    numbers = re.findall(r"\d+", turn.arguments)
    off = turn.arguments.strip().lower() in ("off", "no")
    if not off and not (len(numbers) == 2 and 0 < int(numbers[0]) <= MAX_BURST and 0 < int(numbers[1]) <= MAX_MINUTES):
        raise Refusal(
            turn.t(
                "How many messages in how many minutes? Up to {most} in {minutes}. For example: /burst 5 10 ·"
                " /burst off",
                most=MAX_BURST,
                minutes=MAX_MINUTES,
            )
        )
    if off:
        choosing.choose(channel.id, turn.now, burst_most=0)
    else:
        choosing.choose(channel.id, turn.now, burst_most=int(numbers[0]), burst_minutes=int(numbers[1]))
    await show(turn, channel)


async def set_burst(turn: Turn, channel: Channel, most: int) -> None:
    if not 0 <= most <= MAX_BURST:
        raise ValueError(most)
    choosing.choose(channel.id, turn.now, burst_most=most)
    await show(turn, channel)


def _whom(turn: Turn, example: str, standing: Standing) -> tuple[Channel, str, str]:
    """The channel, the handle (without @) and the rest. The first name is a channel only if it is one of ours."""
    words = turn.arguments.split()
    own = {str(c).lower() for c in turn.mine()}
    if words and words[0].lower() not in own:
        typed, turn.arguments = turn.arguments, ""
        channel = turn.take_channel()
    else:
        channel = turn.take_channel()
        typed = turn.arguments
    first, _, rest = typed.partition(" ")
    if not first:
        return channel, "", ""
    handle = HANDLE.match(first)
    if handle is None:
        raise Refusal(
            turn.t(
                "{typed} is no name on X: up to 15 letters, digits and _. For example: {example}",
                typed=first,
                example=example,
            )
        )
    return channel, handle[1], rest.strip()


def _undo(turn: Turn, channel: Channel, handle: str) -> Rows:
    return [[(turn.t("↩️ Undo"), f"unhandle:{channel.id}:{handle}"), (turn.t("« Senders"), f"senders:{channel.id}")]]


def _left(turn: Turn, person: senders.Sender) -> str:
    if person.standing != Standing.BLOCKED:
        return ""
    if person.blocked_until is None:
        return "· ∞"
    return "· " + turn.lasting(max(person.blocked_until - turn.now, timedelta(seconds=1)))


def _source(turn: Turn, person: senders.Sender) -> str:
    if person.source == Source.BURST:
        return turn.t("Why: too many messages at once.")
    if person.source == Source.FILTER:
        return turn.t("Why: a filter that blocks its sender ({words}).", words=person.reason)
    return turn.t("Why: {reason}", reason=person.reason) if person.reason else ""
