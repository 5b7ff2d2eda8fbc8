"""The blocked and the trusted, listed and searched; a tap on one blocks for so many days, trusts or clears."""

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Rows, page_of
from bot.chat.targets import SenderId, button, cut
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import keep, undo_button
from bot.moderation.optouts import OptOutCard
from engine.moderation.standing import Standing
from engine.roles import May
from models.accounts.channels import Channel
from models.database import transaction
from models.moderation import senders, standings
from models.moderation.senders import Source
from models.streaming import optouts

PAGE = 8
#: So much of what is searched fits into a button, beside a channel of ten digits and a page of three.
MOST_SOUGHT = 28


class Stands(StrEnum):
    """What a tap makes of a sender: blocked for so many days (0: for good), or trusted."""

    DAY = "1"
    WEEK = "7"
    MONTH = "30"
    FOR_GOOD = "0"
    TRUSTED = "trust"


@button
class People:
    """A page of the blocked or the trusted; `text` is what was searched."""

    word: ClassVar[str] = "people"
    channel: int
    standing: Standing
    page: int = 0
    text: str = ""


@button
class SearchPeople:
    word: ClassVar[str] = "peoplesearch"
    channel: int
    standing: Standing


@button
class Stand:
    """Block or trust whom one looks at."""

    word: ClassVar[str] = "stand"
    channel: int
    sender: SenderId
    stands: Stands


@button
class Clear:
    """Unblock, or no longer trust, whom one looks at."""

    word: ClassVar[str] = "unstand"
    channel: int
    sender: SenderId


@button
class Unblock:
    """From the notice that told of a block; `x_id` is the sender's at X."""

    word: ClassVar[str] = "unblock"
    channel: int
    x_id: int


@step
class SoughtPeople:
    """A part of the name of whom one looks for."""

    word: ClassVar[str] = "peoplesearch"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int
    standing: Standing


# --- lists ---------------------------------------------------------------------------------------------------


@handles(People, by=May.DECIDE)
async def list_opened(turn: Turn, channel: Channel, target: People) -> None:
    await show_list(turn, channel, target.standing, target.page, target.text)


async def show_list(turn: Turn, channel: Channel, standing: Standing, page: int = 0, found: str = "") -> None:
    """A page of the blocked or the trusted, or of those that were searched; tapping one opens it."""
    sought = cut(" ".join(found.split()), MOST_SOUGHT)
    people = senders.rows_of(channel.id, standing, sought, turn.now)
    shown, _, turning = page_of(people, page, PAGE, lambda to: People(channel.id, standing, to, sought))
    if standing is Standing.BLOCKED:
        head = turn.t("🚫 <b>Blocked by {channel}</b>: {count}", channel=channel, count=len(people))
        example = turn.t("Type: /block @name · /block @name 7 days spam")
    else:
        head = turn.t("🤝 <b>Trusted by {channel}</b>: {count}", channel=channel, count=len(people))
        example = turn.t("Type: /trust @name")
    if sought:
        example = turn.n("🔍 {count} name with “{text}”", "🔍 {count} names with “{text}”", len(people), text=sought)
    rows: Rows = [[(f"{p} {_left(turn, p)}".strip(), doors.SenderCard(channel.id, p.id))] for p in shown]
    rows += turning
    if sought:
        rows.append([(turn.t("All of them"), People(channel.id, standing))])
    rows.append(
        [
            (turn.t("🔍 Search"), SearchPeople(channel.id, standing)),
            (turn.t("« Senders"), doors.Senders(channel.id)),
        ]
    )
    await turn.answer(f"{head}\n{example}", rows)


@handles(SearchPeople, by=May.DECIDE)
async def ask_search(turn: Turn, channel: Channel, target: SearchPeople) -> None:
    await turn.ask(
        SoughtPeople(channel.id, target.standing),
        turn.t("Whom do you look for? Send me a part of the name. /cancel to leave."),
    )


@answers(SoughtPeople, by=May.DECIDE)
async def searched(turn: Turn, channel: Channel, sought: SoughtPeople) -> None:
    turn.end_step()
    await show_list(turn, channel, sought.standing, 0, turn.arguments)


# --- one of them ---------------------------------------------------------------------------------------------


@handles(doors.SenderCard, by=May.DECIDE)
async def card_opened(turn: Turn, channel: Channel, target: doors.SenderCard) -> None:
    await show_one(turn, channel, target.sender)


async def show_one(turn: Turn, channel: Channel, row_id: int, undo: int = 0) -> None:
    """One sender: what they are to the channel and why; a tap blocks for so many days, or trusts."""
    person = senders.row(channel.id, row_id)
    if person is None:
        raise Refusal(turn.t("I no longer know that sender."))
    lines = [turn.t("<b>{who}</b> {name}", who=person, name=person.name)]
    rows: Rows = []
    if person.standing == Standing.BLOCKED:
        if person.blocked_until is None:
            lines.append(turn.t("🚫 Blocked for good."))
        else:
            span = turn.lasting(max(person.blocked_until - turn.now, timedelta(seconds=1)))
            lines.append(turn.t("🚫 Blocked for another {span}.", span=span))
        lines.append(_source(turn, person))
        rows.append([(turn.t("Unblock"), Clear(channel.id, person.id))])
    elif person.standing == Standing.TRUSTED:
        lines.append(turn.t("🤝 Trusted: skips the triggers and the review, never the filters."))
        rows.append([(turn.t("No longer trust"), Clear(channel.id, person.id))])
    else:
        lines.append(turn.t("Neither blocked nor trusted."))
    asked = optouts.of_sender(channel.id, person.sender_id) if person.sender_id is not None else None
    if asked is not None:
        lines.append(turn.t("🙅 Asked not to be reposted: nothing of theirs goes out."))
        rows.append([(turn.t("🙅 Not reposted…"), OptOutCard(channel.id, asked.id))])
    rows.append(
        [
            *(
                (turn.n("{count} day", "{count} days", int(s)), Stand(channel.id, person.id, s))
                for s in (Stands.DAY, Stands.WEEK, Stands.MONTH)
            ),
            (turn.t("For good"), Stand(channel.id, person.id, Stands.FOR_GOOD)),
        ]
    )
    if person.standing != Standing.TRUSTED:
        rows.append([(turn.t("🤝 Trust sender"), Stand(channel.id, person.id, Stands.TRUSTED))])
    lines.append(turn.t("Messages heard: {heard}, approved: {approved}", heard=person.heard, approved=person.approved))
    if undo:
        rows.append([undo_button(turn, channel, undo)])
    rows.append([(turn.t("« Senders"), doors.Senders(channel.id))])
    await turn.answer("\n".join(line for line in lines if line), rows)


@handles(Stand, by=May.DECIDE)
async def stand(turn: Turn, channel: Channel, target: Stand) -> None:
    """Block or trust, from the sender's own panel."""
    standing = Standing.TRUSTED if target.stands is Stands.TRUSTED else Standing.BLOCKED
    until = None
    if target.stands in (Stands.DAY, Stands.WEEK, Stands.MONTH):
        until = turn.now + timedelta(days=int(target.stands))
    with transaction():
        before = standings.of_row(channel.id, target.sender)
        if before is None:
            raise Refusal(turn.t("I no longer know that sender."))
        undo = keep(turn, channel, doors.SenderCard(channel.id, target.sender), before)
        senders.stand(channel.id, target.sender, standing, until)
    await show_one(turn, channel, target.sender, undo)


@handles(Clear, by=May.DECIDE)
async def clear(turn: Turn, channel: Channel, target: Clear) -> None:
    """Unblock, or no longer trust; with a way back."""

    def cleared() -> tuple[int, Standing | None]:
        before = standings.of_row(channel.id, target.sender)
        was = senders.clear(channel.id, target.sender, turn.now)
        if was is None:
            return 0, None
        return keep(turn, channel, People(channel.id, was.standing), before) if before else 0, was.standing

    undo, was = turn.once("cleared", tuple[int, Standing | None], cleared)
    who = senders.row(channel.id, target.sender)
    if was is None or who is None:
        await show_one(turn, channel, target.sender)
        return
    rows: Rows = [[undo_button(turn, channel, undo), (turn.t("« Senders"), doors.Senders(channel.id))]]
    if was is Standing.BLOCKED:
        await turn.answer(turn.t("{who} is no longer blocked.", who=who), rows)
    else:
        await turn.answer(turn.t("{who} is no longer trusted.", who=who), rows)


@handles(Unblock, by=May.DECIDE)
async def unblock(turn: Turn, channel: Channel, target: Unblock) -> None:
    """From the notice that told of a block."""

    def cleared() -> int:
        before = standings.of_sender(channel.id, target.x_id)
        if not senders.clear_sender(channel.id, target.x_id, turn.now):
            return 0
        return keep(turn, channel, People(channel.id, Standing.BLOCKED), before)

    undo = turn.once("cleared", int, cleared)
    row = senders.of_message(channel.id, target.x_id)
    rows: Rows = [[(turn.t("« Senders"), doors.Senders(channel.id))]]
    if undo:
        rows[0].insert(0, undo_button(turn, channel, undo))
    await turn.answer(turn.t("{who} is no longer blocked.", who=row or f"#{target.x_id}"), rows)


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
